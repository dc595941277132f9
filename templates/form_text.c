#include "templates/form_rows.h"

#include "base/asset.h"

#include <string.h>

#define CODE_MAX    32 /* bytes */
#define MARK_MAX    2  /* characters of what may be a mark that stands alone */
#define PRINTED_MIN 6  /* characters of a line that is looked for in our questionnaires */
#define BESIDE_MAX  15 /* characters beside a letter number in the line that only gives it */
#define COLUMNS     (2 + FORM_GRADES)

/* --- lines and cells --- */

/* A line of its own, with a space for each space of another kind. (transfer full) NULL at the end.
 */
static char *next_line(const char **at)
{
	gsize size = strcspn(*at, "\n");
	GString *line;

	if (**at == '\0')
		return NULL;
	line = g_string_new_len(*at, (gssize)size);
	*at += size + ((*at)[size] == '\n' ? 1 : 0);
	g_string_replace(line, "\r", "", 0);
	g_strdelimit(line->str, "\v\f", ' ');
	g_string_replace(line, "\xc2\xa0", " ", 0);
	g_string_replace(line, "\xe3\x80\x80", " ", 0);
	return g_string_free(line, FALSE);
}

/* The code that a line begins with, perhaps behind empty cells. Returns: what stands behind it;
 * NULL when there is none. */
static const char *line_code(const char *line, char code[CODE_MAX + 1])
{
	const char *p = line + strspn(line, " \t|");
	gsize length = strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789-");

	if (length == 0 || length > CODE_MAX || (p[length] && !strchr(" \t|", p[length])))
		return NULL;
	memcpy(code, p, length);
	code[length] = '\0';
	return form_row_is_code(code) ? p + length : NULL;
}

static gboolean is_apart(const char *behind)
{
	behind += strspn(behind, " ");
	return *behind == '\t' || *behind == '|';
}

/* The cells of a line, divided by what comes first, a tab or "|"; `whole_out` is FALSE where those
 * behind FORM_CELLS_MAX are left out. (transfer full) */
static GPtrArray *split_whole(const char *line, gboolean *whole_out)
{
	GPtrArray *cells = g_ptr_array_new_with_free_func((GDestroyNotify)form_cell_free);
	char separator = line[strcspn(line, "\t|")];
	const char *p = line;

	*whole_out = FALSE;
	while (cells->len < FORM_CELLS_MAX && !*whole_out) {
		const char *stop = separator ? strchr(p, separator) : NULL;
		gsize size = stop ? (gsize)(stop - p) : strlen(p);

		g_ptr_array_add(cells, form_cell_new((int)cells->len, p, size));
		*whole_out = !stop;
		p = stop ? stop + 1 : p;
	}
	return cells;
}

static GPtrArray *split(const char *line)
{
	gboolean whole;

	return split_whole(line, &whole);
}

static const char *text_of(const GPtrArray *cells, guint i)
{
	return ((const struct form_cell *)g_ptr_array_index(cells, i))->text->str;
}

/* A line without the separators around it: the answer that fills a row. (transfer full) */
static char *bare(const char *line)
{
	const char *start = line + strspn(line, " \t|");
	gsize size = strlen(start);

	while (size > 0 && strchr(" \t|", start[size - 1]))
		size--;
	return g_strndup(start, size);
}

guint form_text_rows(const char *text)
{
	char code[CODE_MAX + 1];
	guint rows = 0;

	for (guint lines = 0; *text && rows < FORM_ROWS_MIN && lines < FORM_LINES_MAX; lines++) {
		const char *p = text + strspn(text, " \t\v\f\r|");

		if (*p && strchr("dqc\xc2\xe3", *p)) { /* a code, or a space of another kind */
			g_autofree char *line = next_line(&text);

			rows += line_code(line, code) ? 1 : 0;
		} else {
			text += strcspn(text, "\n");
			text += *text ? 1 : 0;
		}
	}
	return rows;
}

/* --- what is printed beside the rows --- */

static gboolean in_questionnaires(const char *words)
{
	static const char *const paths[] = {"templates/zh/questionnaire.xml",
					    "templates/en/questionnaire.xml"};

	if (g_utf8_strlen(words, -1) >= PRINTED_MIN)
		for (guint i = 0; i < G_N_ELEMENTS(paths); i++)
			if (strstr(asset_find(paths[i])->text, words))
				return TRUE;
	return FALSE;
}

/* Whether all that stands beside the number of a line is what we print beside it. */
static gboolean only_labels(const char *words)
{
	static const char *const labels[] = {"编号",   "信件编号", "函件编号", "no",
					     "number", "letter",   NULL};
	g_autofree char *low = g_ascii_strdown(words, -1);
	g_auto(GStrv) pieces = NULL;

	g_strdelimit(low, "|\t:.#()[]_", ' ');
	for (char *p; (p = strstr(low, "："));)
		memset(p, ' ', strlen("："));
	pieces = g_strsplit(low, " ", -1);
	for (guint i = 0; pieces[i]; i++)
		if (*pieces[i] && !number_parse(pieces[i], (char[NUMBER_LENGTH + 1]){0}, NULL) &&
		    !g_strv_contains(labels, pieces[i]) && !in_questionnaires(pieces[i]))
			return FALSE;
	return TRUE;
}

/* Whether a line is one that our questionnaires print, or a piece of one. */
static gboolean is_printed(const char *line)
{
	g_autofree char *words = bare(line);
	g_autoptr(GPtrArray) numbers = NULL;

	if (strspn(words, "-:+=_|\t ") == strlen(words))
		return *words != '\0'; /* a ruled line */
	if (in_questionnaires(words))
		return TRUE;
	numbers = number_find_all(words, strlen(words));
	return numbers->len == 1 && g_utf8_strlen(words, -1) <= NUMBER_LENGTH + BESIDE_MAX &&
	       only_labels(words);
}

/* --- the walk --- */

enum place { OUTSIDE, RATINGS, QUESTION, DISCLOSURE };

/* A line that stands outside of the rows. */
struct outside {
	char *line;
	gboolean before; /* the first row */
	gboolean printed;
};

struct walk {
	struct form_scan scan;
	enum place place;
	guint rows;
	GArray *outside;    /* of struct outside */
	GPtrArray *block;   /* of char *: the lines of an open question, from its row on */
	gboolean last_line; /* the last of `outside` stands directly before */
	gboolean strange;   /* … and would be a broken row, if it is no heading */
	gboolean open;      /* the last row had fewer cells than columns */
	gboolean narrow;    /* so had one with a mark */
	gboolean keeps;     /* empty cells are kept: one stands before another cell */
};

static void outside_clear(gpointer data)
{
	g_free(((struct outside *)data)->line);
}

/* Whether the line holds nothing but what may be marks. Below the last table a name may stand, so
 * that only signs are marks there. */
static gboolean is_marks(const char *line, gboolean signs)
{
	g_autoptr(GPtrArray) cells = split(line);
	gboolean any = FALSE;

	for (guint i = 0; i < cells->len; i++) {
		const char *text = text_of(cells, i);

		if (g_utf8_strlen(text, -1) > MARK_MAX ||
		    (signs && g_unichar_isalnum(g_utf8_get_char(text)) && !strchr("xXvVoO", *text)))
			return FALSE;
		any |= form_mark_of(text) > 0;
	}
	return any;
}

/* The row above the marks tells which columns there are: the name's and the grades', in a row. */
static gboolean is_heading(const char *line, gboolean *whole_out)
{
	g_autoptr(GPtrArray) cells = split(line);
	guint words = 0, first = 0, last = 0;

	for (guint i = 0; i < cells->len; i++) {
		if (*text_of(cells, i) == '\0')
			continue;
		first = words++ == 0 ? i : first;
		last = i;
	}
	*whole_out = words == 1 + FORM_GRADES && last - first == FORM_GRADES;
	return words >= FORM_GRADES;
}

/* A line that is not within an answer. */
static void add_outside(struct walk *walk, char *line)
{
	struct outside outside = {line, walk->rows == 0, is_printed(line)};
	gboolean blank = line[strspn(line, " \t|")] == '\0';

	if (!blank && walk->strange)
		walk->scan.answers->doubt |= FORM_MARKS;
	if (!blank) {
		gboolean in_rows = walk->place == RATINGS || walk->place == DISCLOSURE;

		walk->strange = in_rows && walk->open && !outside.printed &&
				(is_marks(line, walk->place == DISCLOSURE) ||
				 (walk->place == RATINGS && line[strcspn(line, "\t|")] != '\0'));
		walk->last_line = TRUE;
		if (walk->place == DISCLOSURE && !walk->strange)
			walk->place = OUTSIDE;
	}
	g_array_append_val(walk->outside, outside);
}

/* What stands directly before a department's row is its heading, or is strange. */
static void see_heading(struct walk *walk)
{
	for (guint i = walk->outside->len; walk->last_line && i-- > 0;) {
		struct outside *outside = &g_array_index(walk->outside, struct outside, i);
		gboolean whole;

		if (outside->line[strspn(outside->line, " \t|-:")] == '\0')
			continue;
		if (is_heading(outside->line, &whole)) {
			outside->printed = TRUE;
			walk->strange = FALSE;
			walk->scan.answers->doubt |= whole ? 0 : FORM_MARKS;
		}
		break;
	}
}

static void leave_outside(struct walk *walk)
{
	if (walk->strange)
		walk->scan.answers->doubt |= FORM_MARKS;
	walk->strange = FALSE;
	walk->last_line = FALSE;
}

/*
 * Ends an open question. Its answer is what stands behind the printed words. Where a row of another
 * kind comes next, the line before is what is printed above that; one that is not known to be
 * printed may be the answer's last.
 */
static void end_block(struct walk *walk, gboolean other_next)
{
	g_autoptr(GString) all = g_string_new(NULL);
	const char *first = walk->block->len ? g_ptr_array_index(walk->block, 0) : "";
	const char *answer;

	if (walk->place != QUESTION)
		return;
	if (other_next && walk->block->len > 1) {
		const char *last = g_ptr_array_index(walk->block, walk->block->len - 1);

		if (is_printed(last))
			g_ptr_array_set_size(walk->block, (int)walk->block->len - 1);
		else if (!strstr(last, FORM_PRINTED))
			walk->scan.answers->doubt |= FORM_WORDS;
	}
	for (guint i = 0; i < walk->block->len; i++)
		g_string_append_printf(all, "%s%s", i ? "\n" : "",
				       (const char *)g_ptr_array_index(walk->block, i));
	answer = strstr(all->str, FORM_PRINTED);
	if (answer) {
		answer += strlen(FORM_PRINTED);
		walk->scan.answers->doubt |=
		    strstr(answer, FORM_PRINTED) ? FORM_WORDS : 0; /* another question's */
	} else {
		walk->scan.answers->doubt |= all->len ? FORM_WORDS : 0;
		answer = walk->block->len > 1 ? all->str + strlen(first) + 1 : "";
	}
	answer += strspn(answer, " \t|\n");
	form_scan_say(&walk->scan, answer);
	form_scan_end_question(&walk->scan);
	g_ptr_array_set_size(walk->block, 0);
}

static void department_row(struct walk *walk, const char *code, const char *behind)
{
	gboolean whole;
	g_autoptr(GPtrArray) cells = split_whole(behind, &whole);

	walk->scan.ratings_seen = TRUE;
	walk->scan.answers->doubt |= whole ? 0 : FORM_MARKS;
	if (!is_apart(behind)) { /* columns by spaces: nobody can count those that are empty */
		walk->scan.answers->doubt |= FORM_MARKS;
		walk->open = TRUE;
		return;
	}
	walk->open = cells->len < COLUMNS;
	for (guint i = 2; i < cells->len; i++) {
		const char *text = text_of(cells, i);

		if (*text == '\0')
			walk->keeps |= i + 1 < cells->len;
		else if (i >= COLUMNS)
			walk->scan.answers->doubt |= FORM_MARKS;
		else if (form_mark_of(text) > 0)
			walk->narrow |= walk->open;
	}
	form_row_rate(&walk->scan, code, cells);
}

static void disclosure_row(struct walk *walk, const char *code, const char *behind)
{
	g_autoptr(GPtrArray) cells = split(behind);
	int mark = 0;

	walk->open = cells->len < 3;
	if (!is_apart(behind)) {
		g_autofree char *words = bare(behind);
		const char *last = strrchr(words, ' ');

		walk->open = TRUE;
		walk->scan.answers->doubt |= FORM_MARKS;
		mark = last && g_utf8_strlen(last + 1, -1) <= MARK_MAX ? form_mark_of(last + 1) : 0;
		mark = code[2] == 'h' || (mark && form_consents(last + 1)) ? mark : 0;
	}
	if (is_apart(behind) && cells->len > 1 && form_ends_with_mark(text_of(cells, 1)))
		walk->scan.answers->doubt |= FORM_MARKS;
	for (guint i = 2; i < cells->len; i++) {
		const char *text = text_of(cells, i);

		if (code[2] != 'h' && form_mark_of(text) > 0 && !form_consents(text))
			walk->scan.answers->doubt |= FORM_WORDS;
		else
			mark = MAX(mark, form_mark_of(text));
	}
	if (code[2] == 'h')
		walk->scan.marked_hidden = MAX(mark, walk->scan.marked_hidden);
	else
		walk->scan.marked_named = MAX(mark, walk->scan.marked_named);
}

static void question_row(struct walk *walk, const char *code, const char *behind)
{
	form_scan_question(&walk->scan, code + 2);
	g_ptr_array_add(walk->block, bare(behind));
}

static void coded_row(struct walk *walk, const char *code, const char *behind)
{
	gboolean question = code[0] == 'q';

	end_block(walk, !question);
	if (code[0] == 'd')
		see_heading(walk);
	leave_outside(walk);
	walk->rows++;
	if (question) {
		question_row(walk, code, behind);
		walk->place = QUESTION;
	} else if (code[0] == 'd') {
		department_row(walk, code, behind);
		walk->place = RATINGS;
	} else {
		disclosure_row(walk, code, behind);
		walk->place = DISCLOSURE;
	}
}

static void walk_lines(struct walk *walk, const char *text)
{
	guint lines = 0;

	for (char *line; (line = next_line(&text));) {
		char code[CODE_MAX + 1];
		const char *behind = line_code(line, code);

		if (++lines > FORM_LINES_MAX) {
			walk->scan.answers->doubt |= FORM_MARKS | FORM_WORDS;
			g_free(line);
			break;
		}
		if (behind) {
			coded_row(walk, code, behind);
		} else if (walk->place == QUESTION && line[0] != '>') {
			char *words = bare(line);

			if (*words)
				g_ptr_array_add(walk->block, words);
			else
				g_free(words);
		} else {
			add_outside(walk, line);
			continue;
		}
		g_free(line);
	}
	end_block(walk, FALSE);
	leave_outside(walk);
}

/* --- all --- */

/* The round's title is one line, and no sentence. */
static gboolean is_title(const char *line)
{
	static const char *const marks[] = {"，", "。", "；", "！", "？", ",", ";", "!", "?"};

	for (guint i = 0; i < G_N_ELEMENTS(marks); i++)
		if (strstr(line, marks[i]))
			return FALSE;
	return TRUE;
}

static gboolean has_number(const char *line)
{
	g_autoptr(GPtrArray) numbers = number_find_all(line, strlen(line));

	return numbers->len > 0;
}

/* The line behind the first printed one, or behind the one that follows a letter number there, is
 * the round's title, where more that is printed follows before the first row; what else stands
 * between them somebody wrote. Of empty lines one is left. */
static char *rest_of(const struct walk *walk)
{
	GString *rest = g_string_new(NULL);
	gboolean blank = TRUE;
	guint first = G_MAXUINT, last = 0, title = G_MAXUINT, printed = 0;

	for (guint i = 0; i < walk->outside->len; i++) {
		const struct outside *outside = &g_array_index(walk->outside, struct outside, i);

		if (outside->before && outside->printed) {
			first = MIN(first, i);
			last = i;
		}
	}
	for (guint i = first; i < last && title == G_MAXUINT && printed < 2; i++) {
		const struct outside *outside = &g_array_index(walk->outside, struct outside, i);

		if (outside->printed)
			printed += has_number(outside->line) ? 0 : 1;
		else if (outside->line[strspn(outside->line, " \t|")])
			title = is_title(outside->line) ? i : last;
	}
	for (guint i = 0; i < walk->outside->len; i++) {
		const struct outside *outside = &g_array_index(walk->outside, struct outside, i);

		if (outside->printed || i == title ||
		    (blank && outside->line[strspn(outside->line, " \t")] == '\0'))
			continue;
		blank = outside->line[strspn(outside->line, " \t")] == '\0';
		g_string_append_printf(rest, "%s\n", outside->line);
	}
	g_strstrip(rest->str);
	return g_string_free(rest, FALSE);
}

/* The number above the rows, else that of the file's name, else another in the text. */
static void find_number(struct form_answers *answers, const struct walk *walk, const char *name,
			const char *text)
{
	g_autoptr(GString) above = g_string_new(NULL);
	const char *places[3];

	for (guint i = 0; i < walk->outside->len; i++) {
		const struct outside *outside = &g_array_index(walk->outside, struct outside, i);

		if (outside->before)
			g_string_append_printf(above, "%s\n", outside->line);
	}
	places[0] = above->str;
	places[1] = name ? name : "";
	places[2] = text;
	for (guint i = 0; i < G_N_ELEMENTS(places) && answers->number[0] == '\0'; i++) {
		g_autoptr(GPtrArray) found = number_find_all(places[i], strlen(places[i]));

		if (found->len > 0)
			g_strlcpy(answers->number, g_ptr_array_index(found, 0),
				  sizeof answers->number);
	}
}

struct form_answers *form_text_read(const char *name, const char *text, char **rest_out)
{
	g_autoptr(form_answers_handle) answers = NULL;
	struct walk walk = {.place = OUTSIDE};

	if (form_text_rows(text) < FORM_ROWS_MIN)
		return NULL;
	answers = form_answers_new();
	walk.scan.answers = answers;
	walk.scan.said = g_string_new(NULL);
	walk.outside = g_array_new(FALSE, FALSE, sizeof(struct outside));
	g_array_set_clear_func(walk.outside, outside_clear);
	walk.block = g_ptr_array_new_with_free_func(g_free);
	walk_lines(&walk, text);
	if (walk.narrow && !walk.keeps)
		answers->doubt |= FORM_MARKS;
	if (answers->doubt & FORM_MARKS) {
		g_array_set_size(answers->ratings, 0);
		walk.scan.marked_named = 0;
	}
	form_scan_disclose(&walk.scan);
	find_number(answers, &walk, name, text);
	/* a stranger's table may have cells "d01" */
	if (!walk.scan.questions_seen && answers->number[0] == '\0') {
		g_clear_pointer(&answers, form_answers_free);
	} else if (rest_out) {
		*rest_out = rest_of(&walk);
	}
	g_string_free(walk.scan.said, TRUE);
	g_array_unref(walk.outside);
	g_ptr_array_unref(walk.block);
	return g_steal_pointer(&answers);
}
