#include "classifier/suggest.h"

#include "base/matcher.h"

#include <string.h>

struct suggest_names {
	GPtrArray *words;
	struct matcher *matcher;
	GHashTable *parts; /* text → GArray of guint: the words that hold or are it */
	guint *last;       /* word → enterprise that counted last */
	guint enterprises;
};

/* Every piece of a word of two characters or more, the whole too. */
static void add_parts(struct suggest_names *names, guint index)
{
	const char *word = ((struct suggestion *)names->words->pdata[index])->word;

	for (const char *from = word; *from; from = g_utf8_next_char(from)) {
		const char *to = g_utf8_next_char(from);

		while (*to) {
			g_autofree char *part = NULL;
			GArray *holders;

			to = g_utf8_next_char(to);
			part = g_strndup(from, (gsize)(to - from));
			holders = g_hash_table_lookup(names->parts, part);
			if (!holders) {
				holders = g_array_new(FALSE, FALSE, sizeof(guint));
				g_hash_table_insert(names->parts, g_steal_pointer(&part), holders);
			}
			g_array_append_val(holders, index);
		}
	}
}

struct suggest_names *suggest_names_new(GPtrArray *words)
{
	struct suggest_names *names = g_new0(struct suggest_names, 1);

	names->words = words;
	names->matcher = suggest_matcher(words);
	names->last = g_new0(guint, words->len + 1);
	names->parts =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
	for (guint i = 0; i < words->len; i++)
		add_parts(names, i);
	return names;
}

void suggest_names_add(struct suggest_names *names, const char *const *enterprise)
{
	names->enterprises++;
	for (; *enterprise; enterprise++) {
		g_autoptr(GArray) found =
		    matcher_find(names->matcher, *enterprise, strlen(*enterprise));
		const GArray *holders = g_hash_table_lookup(names->parts, *enterprise);

		for (guint i = 0; i < found->len; i++) {
			guint word = g_array_index(found, struct match, i).word;

			if (names->last[word] != names->enterprises)
				((struct suggestion *)names->words->pdata[word])->named_by++;
			names->last[word] = names->enterprises;
		}
		for (guint i = 0; holders && i < holders->len; i++)
			((struct suggestion *)names->words->pdata[g_array_index(holders, guint, i)])
			    ->is_named = TRUE;
	}
}

void suggest_names_free(struct suggest_names *names)
{
	if (!names)
		return;
	matcher_free(names->matcher);
	g_hash_table_unref(names->parts);
	g_free(names->last);
	g_free(names);
}

static gboolean overlaps(const struct suggestion *one, const GPtrArray *chosen)
{
	for (guint i = 0; i < chosen->len; i++) {
		const struct suggestion *other = g_ptr_array_index(chosen, i);

		if (strcmp(other->code, one->code) == 0 &&
		    (strstr(other->word, one->word) || strstr(one->word, other->word)))
			return TRUE;
	}
	return FALSE;
}

void suggest_choose(GPtrArray *words, guint limit)
{
	g_autoptr(GPtrArray) chosen = g_ptr_array_new();

	for (guint i = 0; i < words->len && chosen->len < limit; i++) {
		struct suggestion *one = g_ptr_array_index(words, i);

		if (!one->is_named && (one->named_by == 0 || one->named_by > SUGGEST_NAMED_MAX) &&
		    !overlaps(one, chosen))
			g_ptr_array_add(chosen, one);
	}
	for (guint i = 0; i < chosen->len; i++) {
		guint at = 0;

		g_ptr_array_find(words, chosen->pdata[i], &at);
		words->pdata[at] = words->pdata[i];
		words->pdata[i] = chosen->pdata[i];
	}
	g_ptr_array_set_size(words, (gint)chosen->len);
}
