#include "templates/form_rows.h"

#include <string.h>

gboolean form_row_is_department(const char *text)
{
	gsize length = strlen(text);

	return text[0] == 'd' && length >= 3 && length <= 5 &&
	       strspn(text + 1, "0123456789") == length - 1;
}

struct form_cell *form_cell_new(int column, const char *text, gsize size)
{
	struct form_cell *cell = g_new0(struct form_cell, 1);

	cell->column = column;
	cell->text = g_string_new_len(text, (gssize)size);
	g_strstrip(cell->text->str);
	cell->text->len = strlen(cell->text->str);
	return cell;
}

void form_cell_free(struct form_cell *cell)
{
	g_string_free(cell->text, TRUE);
	g_free(cell);
}

int form_mark_of(const char *text)
{
	static const char *const none[] = {"□", "☐", "◻",  "▢",  "-", "—", "——",
					   "_", "/", "无", "否", "0", "."};
	static const char *const weak[] = {"x", "X", "×",  "✗", "✘", "✕",
					   "╳", "○", "〇", "◯", "o", "O"};

	if (text[0] == '\0')
		return 0;
	for (guint i = 0; i < G_N_ELEMENTS(none); i++) {
		if (strcmp(text, none[i]) == 0)
			return 0;
	}
	for (guint i = 0; i < G_N_ELEMENTS(weak); i++) {
		if (strcmp(text, weak[i]) == 0)
			return 1;
	}
	return 2;
}

gboolean form_ends_with_mark(const char *text)
{
	static const char *const signs[] = {"√", "✓", "✔", "☑", "☒", "■", "●",
					    "✗", "✘", "×", "╳", "○", "◯"};

	for (guint i = 0; i < G_N_ELEMENTS(signs); i++)
		if (g_str_has_suffix(text, signs[i]))
			return TRUE;
	return FALSE;
}

gboolean form_consents(const char *text)
{
	static const char *const yes[] = {"√",  "✓",  "✔",    "☑",    "☒",   "■",   "●",
					  "v",  "V",  "Y",    "y",    "1",   "是",  "对",
					  "可", "选", "可以", "同意", "Yes", "yes", "YES"};

	for (guint i = 0; i < G_N_ELEMENTS(yes); i++)
		if (strcmp(text, yes[i]) == 0)
			return TRUE;
	return FALSE;
}

static gboolean is_rated(const struct form_answers *answers, const char *department)
{
	for (guint i = 0; i < answers->ratings->len; i++)
		if (strcmp(g_array_index(answers->ratings, struct form_rating, i).department,
			   department) == 0)
			return TRUE;
	return FALSE;
}

void form_row_rate(struct form_scan *scan, const char *department, GPtrArray *cells)
{
	int count[3] = {0};
	int column[3] = {0};

	scan->ratings_seen = TRUE;
	if (is_rated(scan->answers, department)) /* which row holds is for a person to say */
		scan->answers->doubt |= FORM_MARKS;
	for (guint i = 1; i < cells->len; i++) {
		const struct form_cell *cell = g_ptr_array_index(cells, i);
		int mark = form_mark_of(cell->text->str);

		if (cell->column == 1 && form_ends_with_mark(cell->text->str))
			scan->answers->doubt |= FORM_MARKS;
		if (cell->column < 2 || cell->column >= 2 + FORM_GRADES)
			continue;
		count[mark]++;
		column[mark] = cell->column;
	}
	if (count[2] == 1)
		form_answers_rate(scan->answers, department, FORM_GRADES + 1 - column[2]);
	else if (count[2] == 0 && count[1] == 1)
		form_answers_rate(scan->answers, department, FORM_GRADES + 1 - column[1]);
}

void form_scan_end_question(struct form_scan *scan)
{
	if (scan->question)
		form_answers_say(scan->answers, scan->question, scan->said->str);
	g_clear_pointer(&scan->question, g_free);
	g_string_truncate(scan->said, 0);
}

void form_scan_say(struct form_scan *scan, const char *text)
{
	if (text[0] == '\0')
		return;
	if (scan->said->len > 0)
		g_string_append_c(scan->said, '\n');
	g_string_append(scan->said, text);
}

void form_scan_question(struct form_scan *scan, const char *id)
{
	form_scan_end_question(scan);
	scan->questions_seen = TRUE;
	scan->question = g_strdup(id);
}

gboolean form_row_is_question(const char *text)
{
	gsize length = strlen(text);

	return g_str_has_prefix(text, "q-") && length <= 32 && g_ascii_islower(text[2]) &&
	       strspn(text + 2, "abcdefghijklmnopqrstuvwxyz0123456789") == length - 2;
}

gboolean form_row_is_code(const char *text)
{
	return form_row_is_department(text) || form_row_is_question(text) ||
	       strcmp(text, "c-hidden") == 0 || strcmp(text, "c-named") == 0;
}

void form_scan_disclose(struct form_scan *scan)
{
	if (scan->marked_hidden > 0)
		scan->answers->disclosure = g_strdup("hidden");
	else if (scan->marked_named > 0)
		scan->answers->disclosure = g_strdup("named");
}
