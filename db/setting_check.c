#include "db/setting_check.h"

#include "base/asset.h"
#include "base/error.h"

#include <string.h>

#define NAME_MAX_LENGTH 40 /* characters; longer names are like none */
#define TYPOS           2  /* letters by which a name may differ from the one that is meant */

/* What the shipped file does not show. */
static const char *const domain_names[] = {"at_once", "per_hour", NULL};

/* How many letters are to be put in, taken out or changed to make one of the other. */
static guint distance(const char *a, const char *b)
{
	gsize length = strlen(b);
	guint row[NAME_MAX_LENGTH + 1];

	if (strlen(a) > NAME_MAX_LENGTH || length > NAME_MAX_LENGTH)
		return G_MAXUINT;
	for (guint j = 0; j <= length; j++)
		row[j] = j;
	for (guint i = 1; a[i - 1]; i++) {
		guint corner = row[0];

		row[0] = i;
		for (guint j = 1; j <= length; j++) {
			guint changed = corner + (a[i - 1] == b[j - 1] ? 0 : 1);

			corner = row[j];
			row[j] = MIN(changed, MIN(row[j], row[j - 1]) + 1);
		}
	}
	return row[length];
}

static void look_at(const char *name, const char *known, guint *best, const char **closest)
{
	guint far = distance(name, known);

	if (far < *best) {
		*best = far;
		*closest = known;
	}
}

/* The known name that `name` is most like, NULL where it is like none. */
static const char *closest_of(const char *name, char **known)
{
	guint best = TYPOS + 1;
	const char *closest = NULL;

	for (; *known; known++)
		look_at(name, *known, &best, &closest);
	return closest;
}

/* "[source 邮箱]" of the file → "source inbox" of the shipped one, "[domain qq.com]" → "domain ",
 * NULL where it is unknown. */
static const char *kind_of(const char *group, GKeyFile *shipped)
{
	if (g_str_has_prefix(group, "domain "))
		return "domain ";
	if (g_str_has_prefix(group, "source "))
		return "source inbox";
	if (strcmp(group, "mail second") == 0)
		return "mail";
	return g_key_file_has_group(shipped, group) ? group : NULL;
}

static void say_group(GPtrArray *out, const char *group, GKeyFile *shipped)
{
	g_auto(GStrv) known = g_key_file_get_groups(shipped, NULL);
	const char *closest = closest_of(group, known);
	const char *space = strchr(group, ' ');

	/* "[domian qq.com]": the first word alone */
	if (!closest && space) {
		const char *const first[] = {"domain", "source"};
		g_autofree char *word = g_strndup(group, (gsize)(space - group));
		guint best = TYPOS + 1;

		for (guint i = 0; i < G_N_ELEMENTS(first); i++)
			look_at(word, first[i], &best, &closest);
		if (closest) {
			g_ptr_array_add(out, g_strdup_printf(_("pingyi.conf: there is no section "
							       "[%s] (%s%s?); it is not used"),
							     group, closest, space));
			return;
		}
	}
	if (closest)
		g_ptr_array_add(out, g_strdup_printf(_("pingyi.conf: there is no section [%s] "
						       "(%s?); it is not used"),
						     group, closest));
	else
		g_ptr_array_add(
		    out, g_strdup_printf(_("pingyi.conf: there is no section [%s]; it is not used"),
					 group));
}

static void say_name(GPtrArray *out, const char *group, const char *name, char **known)
{
	const char *closest = closest_of(name, known);

	if (closest)
		g_ptr_array_add(out, g_strdup_printf(_("pingyi.conf: [%s] has no setting “%s” "
						       "(%s?); it is not used"),
						     group, name, closest));
	else
		g_ptr_array_add(out, g_strdup_printf(_("pingyi.conf: [%s] has no setting “%s”; it "
						       "is not used"),
						     group, name));
}

static void check_group(GPtrArray *out, GKeyFile *config, const char *group, GKeyFile *shipped)
{
	const char *kind = kind_of(group, shipped);
	g_auto(GStrv) names = g_key_file_get_keys(config, group, NULL, NULL);
	g_auto(GStrv) known = NULL;

	if (!kind) {
		say_group(out, group, shipped);
		return;
	}
	known = strcmp(kind, "domain ") == 0 ? g_strdupv((char **)(guintptr)domain_names)
					     : g_key_file_get_keys(shipped, kind, NULL, NULL);
	for (char **name = names; name && *name; name++)
		if (!g_strv_contains((const char *const *)known, *name))
			say_name(out, group, *name, known);
}

GPtrArray *setting_check(GKeyFile *config)
{
	const struct asset *asset = asset_find("db/data/pingyi.conf");
	g_autoptr(GKeyFile) shipped = g_key_file_new();
	g_auto(GStrv) groups = g_key_file_get_groups(config, NULL);
	GPtrArray *out = g_ptr_array_new_with_free_func(g_free);

	if (g_key_file_load_from_data(shipped, asset->text, asset->size, G_KEY_FILE_NONE, NULL))
		for (char **group = groups; *group; group++)
			check_group(out, config, *group, shipped);
	return out;
}
