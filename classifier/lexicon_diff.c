#include "classifier/lexicon.h"

#include <string.h>

/* One side: what stands in a lexicon, by "code\tkind\ttext". */
struct entry {
	const char *code;
	const char *what;
	const char *text;
	char *value;
};

static void entry_free(gpointer data)
{
	struct entry *entry = data;

	g_free(entry->value);
	g_free(entry);
}

static void change_clear(gpointer data)
{
	struct lexicon_change *change = data;

	g_free(change->from);
	g_free(change->to);
}

static void put(GHashTable *entries, const struct target *target, const char *what,
		const char *text, char *value)
{
	struct entry *entry = g_new0(struct entry, 1);

	*entry = (struct entry){target->code, what, text, value};
	g_hash_table_insert(entries, g_strdup_printf("%s\t%s\t%s", target->code, what, text),
			    entry);
}

/* "3", "6 2004-01-01…2019-01-01" */
static char *value_of(const struct term *term)
{
	char weight[G_ASCII_DTOSTR_BUF_SIZE];

	g_ascii_formatd(weight, sizeof weight, "%g", term->weight);
	if (!term->from && !term->until)
		return g_strdup(weight);
	return g_strdup_printf("%s %s…%s", weight, term->from ? term->from : "",
			       term->until ? term->until : "");
}

static GHashTable *entries_of(const struct lexicon *lexicon)
{
	GHashTable *entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, entry_free);

	for (guint i = 0; i < lexicon->targets->len; i++) {
		const struct target *target = &g_array_index(lexicon->targets, struct target, i);

		put(entries, target, "target", target->code,
		    g_strdup_printf("%d %s%s%s%s", target->no, target->name,
				    target->label ? "*" : "", target->category ? ", " : "",
				    target->category ? target->category : ""));
	}
	for (guint i = 0; i < lexicon->terms->len; i++) {
		const struct term *term = &g_array_index(lexicon->terms, struct term, i);

		if (!term->repeated)
			put(entries, &g_array_index(lexicon->targets, struct target, term->target),
			    term_kind_name(term->kind), term->text, value_of(term));
	}
	return entries;
}

/* What is in `one` and not, or otherwise, in `two`. */
static void compare(GHashTable *one, GHashTable *two, gboolean forth, GArray *changes)
{
	GHashTableIter iter;
	gpointer key;
	gpointer data;

	g_hash_table_iter_init(&iter, one);
	while (g_hash_table_iter_next(&iter, &key, &data)) {
		const struct entry *entry = data;
		const struct entry *other = g_hash_table_lookup(two, key);
		struct lexicon_change change = {.sign = forth ? '-' : '+',
						.code = entry->code,
						.what = entry->what,
						.text = entry->text};

		if (other && (!forth || strcmp(entry->value, other->value) == 0))
			continue;
		if (other)
			change.sign = '~';
		change.from = forth ? g_strdup(entry->value) : NULL;
		change.to = forth ? g_strdup(other ? other->value : NULL) : g_strdup(entry->value);
		g_array_append_val(changes, change);
	}
}

static gint order(gconstpointer a, gconstpointer b)
{
	const struct lexicon_change *one = a;
	const struct lexicon_change *two = b;
	gint by_target = (strcmp(one->what, "target") != 0) - (strcmp(two->what, "target") != 0);
	gint by_code = strcmp(one->code, two->code);
	gint by_kind = strcmp(one->what, two->what);
	gint by_text = strcmp(one->text, two->text);

	return by_target ? by_target : (by_code ? by_code : (by_kind ? by_kind : by_text));
}

GArray *lexicon_diff(const struct lexicon *a, const struct lexicon *b)
{
	GArray *changes = g_array_new(FALSE, FALSE, sizeof(struct lexicon_change));
	g_autoptr(GHashTable) left = entries_of(a);
	g_autoptr(GHashTable) right = entries_of(b);

	g_array_set_clear_func(changes, change_clear);
	compare(left, right, TRUE, changes);
	compare(right, left, FALSE, changes);
	g_array_sort(changes, order);
	return changes;
}
