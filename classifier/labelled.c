#include "classifier/labelled.h"

#include "base/error.h"

#include <string.h>

#define LABEL_SHOWN 40 /* characters of a label that an error quotes */

static void labelled_clear(gpointer labelled)
{
	g_free(((struct labelled *)labelled)->text);
}

GArray *labelled_new(void)
{
	GArray *all = g_array_new(FALSE, FALSE, sizeof(struct labelled));

	g_array_set_clear_func(all, labelled_clear);
	return all;
}

/* Codes and names → index + 1 of the target; a name that two have is the first one's. */
static GHashTable *labels_of(const struct lexicon *lexicon)
{
	GHashTable *labels = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < lexicon->targets->len; i++) {
		const struct target *target = &g_array_index(lexicon->targets, struct target, i);

		g_hash_table_insert(labels, target->code, GUINT_TO_POINTER(i + 1));
		if (!g_hash_table_contains(labels, target->name))
			g_hash_table_insert(labels, target->name, GUINT_TO_POINTER(i + 1));
	}
	for (guint i = 0; i < lexicon->terms->len; i++) {
		const struct term *term = &g_array_index(lexicon->terms, struct term, i);

		if (term->kind != TERM_WORD && term->kind != TERM_NOT &&
		    !g_hash_table_contains(labels, term->text))
			g_hash_table_insert(labels, term->text, GUINT_TO_POINTER(term->target + 1));
	}
	return labels;
}

static gboolean fail(GError **error, const char *name, guint line, const char *why)
{
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s, line %u: %s"), name, line, why);
	return FALSE;
}

static gboolean add_line(GArray *all, const char *name, guint line, const char *from, gsize length,
			 GHashTable *labels, GError **error)
{
	const char *tab = memchr(from, '\t', length);
	g_autofree char *label = NULL;
	struct labelled labelled;
	gpointer target;

	if (!g_utf8_validate_len(from, length, NULL))
		return fail(error, name, line, _("this is not UTF-8"));
	if (!tab)
		return fail(error, name, line, _("a label, a tab and a text are expected"));
	label = g_strndup(from, (gsize)(tab - from));
	target = g_hash_table_lookup(labels, label);
	if (!target) {
		g_autofree char *shown = g_utf8_strlen(label, -1) > LABEL_SHOWN
					     ? g_utf8_substring(label, 0, LABEL_SHOWN)
					     : g_strdup(label);
		g_autofree char *why = g_strdup_printf(_("the lexicon has no target “%s”"), shown);

		return fail(error, name, line, why);
	}
	labelled.target = GPOINTER_TO_UINT(target) - 1;
	labelled.text = g_strndup(tab + 1, length - (gsize)(tab + 1 - from));
	g_array_append_val(all, labelled);
	return TRUE;
}

GArray *labelled_parse(const char *name, const char *bytes, gsize size,
		       const struct lexicon *lexicon, GError **error)
{
	g_autoptr(GHashTable) labels = labels_of(lexicon);
	g_autoptr(GArray) all = labelled_new();
	guint line = 0;

	for (gsize at = 0; at < size;) {
		const char *end = memchr(bytes + at, '\n', size - at);
		gsize length = end ? (gsize)(end - bytes) - at : size - at;
		gsize text = length > 0 && bytes[at + length - 1] == '\r' ? length - 1 : length;

		line++;
		if (line == 1 && text >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
			at += 3;
			length -= 3;
			text -= 3;
		}
		if (all->len == LABELLED_MAX) {
			fail(error, name, line, _("more lines than one file may have"));
			return NULL;
		}
		if (text > 0 && !add_line(all, name, line, bytes + at, text, labels, error))
			return NULL;
		at += length + 1;
	}
	if (all->len == 0) {
		fail(error, name, line, _("there is no line with a label and a text"));
		return NULL;
	}
	return g_steal_pointer(&all);
}
