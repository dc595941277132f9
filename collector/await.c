#include "collector/await.h"

#include "base/error.h"
#include "collector/source_setting.h"

#include <string.h>

#define POLL_MS     2000
#define FETCH_BYTES (64u << 20) /* of one turn */

struct await {
	char *name;
	struct imap *imap; /* or … */
	char *maildir;     /* … its path */
	GHashTable *seen;  /* UIDs as pointers, or names of files */
};

/* What a turn is about. */
struct turn {
	struct await *await;
	const char *from;
	struct await_letter *letters;
	guint n;
};

void await_free(struct await *await)
{
	if (!await)
		return;
	imap_close(await->imap);
	g_free(await->name);
	g_free(await->maildir);
	g_clear_pointer(&await->seen, g_hash_table_unref);
	g_free(await);
}

const char *await_name(const struct await *await)
{
	return await->name;
}

static void look_at(struct turn *turn, GBytes *raw)
{
	for (guint i = 0; i < turn->n; i++) {
		struct await_letter *letter = &turn->letters[i];

		struct arrival *arrival;

		/* a notice may come first, the letter all the same */
		if (!letter->token || (letter->arrival && !letter->arrival->bounced))
			continue;
		arrival = arrival_read(raw, turn->from, letter->token);
		if (!arrival)
			continue;
		arrival_free(letter->arrival);
		letter->arrival = arrival;
		letter->came = g_get_monotonic_time();
	}
}

static gboolean take(void *user, guint32 uid, GBytes *raw, GError **error)
{
	(void)uid;
	(void)error;
	if (raw)
		look_at(user, raw);
	return TRUE;
}

/* Those that were not there in the last turn; without a turn they are only noted. */
static gboolean turn_imap(struct await *await, struct turn *turn, GError **error)
{
	g_autoptr(GArray) fresh = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_autoptr(GArray) uids = NULL;
	gboolean read_only = FALSE;
	gint64 validity = 0;
	guint first;

	if (!imap_select(await->imap, &validity, &read_only, error))
		return FALSE;
	uids = imap_uids(await->imap, FALSE, error);
	for (guint i = 0; uids && i < uids->len; i++) {
		guint32 uid = g_array_index(uids, guint32, i);

		if (g_hash_table_add(await->seen, GUINT_TO_POINTER(uid)))
			g_array_append_val(fresh, uid);
	}
	if (!uids || !turn || fresh->len == 0)
		return uids != NULL;
	first = fresh->len > AWAIT_NEW_MAX ? fresh->len - AWAIT_NEW_MAX : 0;
	return imap_fetch(await->imap, &g_array_index(fresh, guint32, first), fresh->len - first,
			  AWAIT_MESSAGE_MAX, FETCH_BYTES, take, turn, error);
}

static void look_at_file(struct turn *turn, const char *path)
{
	g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, NULL);
	g_autoptr(GBytes) raw = NULL;

	/* it may have moved on meanwhile */
	if (!file || g_mapped_file_get_length(file) > AWAIT_MESSAGE_MAX)
		return;
	raw = g_mapped_file_get_bytes(file);
	look_at(turn, raw);
}

static gboolean turn_maildir(struct await *await, struct turn *turn, GError **error)
{
	static const char *const folders[] = {"new", "cur"};
	guint looked = 0;

	for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
		g_autofree char *folder = g_build_filename(await->maildir, folders[i], NULL);
		g_autoptr(GError) problem = NULL;
		g_autoptr(GDir) dir = g_dir_open(folder, 0, &problem);
		const char *name;

		if (!dir) {
			g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
					    problem->message);
			return FALSE;
		}
		while ((name = g_dir_read_name(dir)) != NULL) {
			/* what stands behind the colon changes when it is read */
			char *own = g_strndup(name, strcspn(name, ":"));

			if (g_hash_table_add(await->seen, own) && turn &&
			    looked++ < AWAIT_NEW_MAX) {
				g_autofree char *path = g_build_filename(folder, name, NULL);

				look_at_file(turn, path);
			}
		}
	}
	return TRUE;
}

static gboolean take_turn(struct await *await, struct turn *turn, GError **error)
{
	gboolean good =
	    await->imap ? turn_imap(await, turn, error) : turn_maildir(await, turn, error);

	if (!good)
		g_prefix_error(error, "%s ", await->name);
	return good;
}

static struct imap *open_imap(struct office *office, const char *group, GError **error)
{
	struct source_setting setting;
	struct imap *imap = NULL;

	if (source_setting_read(office, group, &setting, error)) {
		struct imap_options options = source_setting_imap(&setting);

		options.read_only = TRUE;
		imap = imap_open(&options, error);
	}
	source_setting_clear(&setting);
	return imap;
}

gboolean await_new(struct office *office, struct await **await_out, GError **error)
{
	g_auto(GStrv) groups = office_groups(office, "source ");
	g_autoptr(await_handle) await = g_new0(struct await, 1);

	*await_out = NULL;
	for (char **group = groups; *group && !await->name; group++) {
		const char *url = office_setting(office, *group, "url", "");

		if (g_str_has_prefix(url, "maildir:"))
			await->maildir = office_path(office, url + strlen("maildir:"));
		else if (!source_setting_is_imap(url))
			continue;
		await->name = g_strdup_printf("[%s]", *group);
		await->imap = await->maildir ? NULL : open_imap(office, *group, error);
		if (!await->maildir && !await->imap) {
			g_prefix_error(error, "%s ", await->name);
			return FALSE;
		}
	}
	if (!await->name)
		return TRUE;
	await->seen = await->imap ? g_hash_table_new(NULL, NULL)
				  : g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (!take_turn(await, NULL, error))
		return FALSE;
	*await_out = g_steal_pointer(&await);
	return TRUE;
}

/* How many are still missing; a notice about a letter ends its waiting too. */
static guint missing(const struct turn *turn)
{
	guint count = 0;

	for (guint i = 0; i < turn->n; i++)
		count += turn->letters[i].token && !turn->letters[i].arrival;
	return count;
}

gboolean await_letters(struct await *await, const char *from, struct await_letter *letters, guint n,
		       guint wait_s, guint more_s, GError **error)
{
	struct turn turn = {.await = await, .from = from, .letters = letters, .n = n};
	gint64 end = g_get_monotonic_time() + (gint64)wait_s * G_USEC_PER_SEC;
	guint left = missing(&turn);

	while (left > 0) {
		gint64 now;
		guint before = left;

		if (!take_turn(await, &turn, error))
			return FALSE;
		left = missing(&turn);
		now = g_get_monotonic_time();
		if (left < before)
			end = MIN(end, now + (gint64)more_s * G_USEC_PER_SEC);
		if (left == 0 || now >= end)
			break;
		g_usleep((gulong)MIN(POLL_MS * 1000, end - now));
	}
	return TRUE;
}
