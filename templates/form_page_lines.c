#include "templates/form_page_in.h"

#include "templates/form_rows.h"

#include <math.h>
#include <string.h>

#define Q_TEXT        23.0 /* where a question's cell begins */
#define COLUMNS_APART 0.75 /* heights of a line: more room, and a column may end there … */
#define LIST_MARK     2.5  /* … unless only as much stands before it */
#define BESIDE        1.5  /* heights of a line, by which text may reach out of the tables */
#define LEFT_OFF      1.0  /* pt by which the beginnings of printed lines may differ */
#define LINES_MAX     40u  /* lines that a question may have above its code's middle, or below */
#define INDENT        3    /* heights of a line, by which a paragraph's first may be indented */

/* --- lines --- */

static void add_to_line(struct line *line, struct form_word *word)
{
	gboolean first = line->words->len == 0;

	line->left = first ? word->left : MIN(line->left, word->left);
	line->top = first ? word->top : MIN(line->top, word->top);
	line->right = first ? word->right : MAX(line->right, word->right);
	line->bottom = first ? word->bottom : MAX(line->bottom, word->bottom);
	g_ptr_array_add(line->words, word);
}

/* What is left of the words, as lines. */
static void make_lines(struct page *page)
{
	struct line *line = NULL;
	double middle = 0;

	for (guint i = 0; i < page->words->len; i++) {
		struct form_word *word = page->words->pdata[i];

		if (!line || word_y(word) - middle > word_height(word) / 2) {
			line = g_new0(struct line, 1);
			line->words = g_ptr_array_new();
			middle = word_y(word);
			g_ptr_array_add(page->lines, line);
		}
		add_to_line(line, word);
	}
	for (guint i = 0; i < page->lines->len; i++)
		g_ptr_array_sort(((struct line *)page->lines->pdata[i])->words, words_by_left);
}

/* Where the widest room in a line begins and ends; nowhere when there is none but for spaces and
 * behind a list's mark. */
static void find_room(const struct line *line, double *from_out, double *to_out)
{
	double height = line->bottom - line->top;
	double right = line->left, room = COLUMNS_APART * height;

	*from_out = INFINITY;
	*to_out = -INFINITY;
	for (guint i = 0; i < line->words->len; i++) {
		const struct form_word *word = line->words->pdata[i];

		if (word->left - right > room && right - line->left > LIST_MARK * height) {
			*from_out = right;
			*to_out = word->left;
			room = word->left - right;
		}
		right = MAX(right, word->right);
	}
}

static gboolean overlaps(const struct line *line)
{
	double right = -INFINITY;

	for (guint i = 0; i < line->words->len; i++) {
		const struct form_word *word = line->words->pdata[i];

		if (word->left < right - word_height(word) / 2)
			return TRUE;
		right = MAX(right, word->right);
	}
	return FALSE;
}

static gboolean is_next(const struct line *line, const struct line *next)
{
	return next->top - line->bottom <= CONTIGUOUS * (next->bottom - next->top);
}

static struct line *line_at(const struct page *page, guint i)
{
	return page->lines->pdata[i];
}

/* Whether a question whose first line is `top` stands around its code's middle: it ends with one of
 * the lines that begin in its cell, from `below` on. */
static gboolean is_balanced(const struct page *page, const struct line *top, guint below,
			    double from, double middle)
{
	guint n = MIN(page->lines->len, below + LINES_MAX);

	for (guint i = below; i < n && line_at(page, i)->left >= from; i++) {
		if (i > below && !is_next(line_at(page, i - 1), line_at(page, i)))
			break;
		if (fabs(2 * middle - line_at(page, i)->bottom - top->top) <=
		    BALANCED * (top->bottom - top->top))
			return TRUE;
	}
	return FALSE;
}

/* Whether a line between the departments' rows and the questions ends with a mark: that of a row
 * without a code. */
static gboolean is_lost_row(const struct page *page, const struct line *line)
{
	const struct form_word *department = page_first_code(page, 'd');
	const struct form_word *question = page_first_code(page, 'q');
	const struct form_word *last = line->words->pdata[line->words->len - 1];

	return department && line->top > department->top &&
	       (!question || line->bottom < question->top) && form_ends_with_mark(last->text);
}

/* Lines of several columns, on top of one another or beside the tables were not written one after
 * the other: their words would be mixed up. */
static void check_lines(struct page *page)
{
	struct pages *all = page->all;
	const struct form_word *code = page->codes->len ? page->codes->pdata[0] : NULL;
	double from_before = INFINITY, to_before = -INFINITY;

	for (guint i = 0; i < page->lines->len; i++) {
		const struct line *line = line_at(page, i);
		double from, to;

		find_room(line, &from, &to);
		if (all->rows == 0 && (!code || line->top < code->top))
			continue;
		if (overlaps(line) ||
		    (all->right > 0 &&
		     line->right > all->right + BESIDE * (line->bottom - line->top)) ||
		    (i > 0 && is_next(line_at(page, i - 1), line) &&
		     MIN(to, to_before) > MAX(from, from_before)))
			all->doubt |= FORM_WORDS;
		if (is_lost_row(page, line))
			all->doubt |= FORM_MARKS;
		from_before = from;
		to_before = to;
	}
}

static gboolean has_printed(const struct line *line)
{
	for (guint i = 0; i < line->words->len; i++)
		if (strstr(((const struct form_word *)line->words->pdata[i])->text, FORM_PRINTED))
			return TRUE;
	return FALSE;
}

/* Whether the lines from `first` on, as far as they are printed, begin below one another. */
static gboolean is_printed_whole(const struct page *page, guint first)
{
	guint n = MIN(page->lines->len, first + LINES_MAX);

	for (guint i = first; i < n; i++) {
		if (fabs(line_at(page, i)->left - line_at(page, first)->left) > LEFT_OFF)
			return FALSE;
		if (has_printed(line_at(page, i)))
			return TRUE;
	}
	return FALSE;
}

/*
 * The first line of an open question: above its code's middle, of those that begin where its cell
 * does and touch one another. The last line of the answer before may be such a one as well: then
 * the question begins further down, where it is as high above the middle as it is low below, and
 * its lines begin below one another.
 */
static guint first_line(struct page *page, guint below, double from, double middle)
{
	guint first = below;

	while (first > 0 && below - first < LINES_MAX && line_at(page, first - 1)->left >= from &&
	       !line_at(page, first - 1)->taken &&
	       is_next(line_at(page, first - 1), line_at(page, first)))
		first--;
	for (guint i = first; i <= below; i++)
		if (is_printed_whole(page, i) &&
		    is_balanced(page, line_at(page, i), below, from, middle))
			return i;
	page->all->doubt |= FORM_WORDS;
	return first;
}

/* Takes what is printed of an open question, up to FORM_PRINTED, or as far as its code's middle. */
static void take_question(struct page *page, const struct form_word *code)
{
	double from = word_x(code) + page->all->scale * Q_TEXT, middle = word_y(code);
	guint below = 0, n = page->lines->len, first;
	const struct line *last = NULL;
	g_autoptr(GString) words = g_string_new(NULL);
	double y = code->top;

	while (below < n && line_at(page, below)->bottom < middle)
		below++;
	if (below == n || line_at(page, below)->left < from) {
		page->all->doubt |= FORM_WORDS;
		below = 0;
		first = 1;
	} else {
		first = first_line(page, below, from, middle);
		y = MIN(y, line_at(page, first)->top);
	}
	for (guint i = first; i <= below && !strstr(words->str, FORM_PRINTED); i++) {
		struct line *line = line_at(page, i);

		g_string_append(words, last ? " " : "");
		page_words(words, line->words);
		line->taken = TRUE;
		last = line;
	}
	g_string_append_printf(page_item(page, y, TRUE, last), "%s\t%s", code->text, words->str);
}

void page_lines(struct page *page)
{
	make_lines(page);
	check_lines(page);
	for (guint i = 0; i < page->codes->len; i++)
		if (page_code(page, i, 'q'))
			take_question(page, page->codes->pdata[i]);
}

/* --- the result --- */

static int by_item(gconstpointer a, gconstpointer b)
{
	return by_number(((const struct item *)a)->y, ((const struct item *)b)->y);
}

/* How much room the beginning of a line would have taken: a Latin word, or a Chinese character,
 * with the signs that must not begin a line. */
static double room_for(const struct line *line)
{
	const struct form_word *word = line->words->pdata[0];
	const char *next = g_utf8_next_char(word->text);
	double room = word->right - word->left + word_height(word) / 4;
	guint signs = 0;

	if (begins_latin(word->text))
		return line->words->len > 1 ? room + word_height(word) / 2 : room;
	for (; *next && g_unichar_ispunct(g_utf8_get_char(next)); signs++)
		next = g_utf8_next_char(next);
	return (1.6 + signs) * word_height(word);
}

static gboolean ends_sentence(const GString *lines)
{
	static const char *const ends[] = {"。", "！", "？", "；", "：", "”",
					   ".",  "!",  "?",  ";",  ":"};

	for (guint i = 0; i < G_N_ELEMENTS(ends); i++) {
		gsize size = strlen(ends[i]) + 1; /* with the line's end */

		if (lines->len >= size &&
		    memcmp(lines->str + lines->len - size, ends[i], size - 1) == 0)
			return TRUE;
	}
	return FALSE;
}

/* Whether a line goes on where the one before was full: begins below its beginning, or is centred
 * below it. */
static gboolean goes_on(const struct pages *all, const struct line *line)
{
	const struct form_word *word = line->words->pdata[0];
	double off_middle = (line->left + line->right - all->last_left - all->last_right) / 2;
	double end = all->last_right + room_for(line);

	if (all->last_page == 0 || all->right <= 0 || ends_sentence(all->out) ||
	    fabs(word_height(word) - all->last_height) > ALIGNED)
		return FALSE;
	if (fabs(off_middle) <= ALIGNED)
		end += all->right - all->scale * TABLE_RIGHT - all->last_left;
	else if (line->left > all->last_left + word_height(word) ||
		 line->left < all->last_left - INDENT * word_height(word))
		return FALSE;
	if (end <= all->right)
		return FALSE;
	return all->last_page != word->page ||
	       line->top - all->last_bottom <= CONTIGUOUS * word_height(word);
}

/* Joins `line` to the one before. */
static void join(GString *lines, const struct line *line)
{
	const struct form_word *word = line->words->pdata[0];

	g_string_truncate(lines, lines->len - 1);
	if (ends_latin(lines->str, lines->len) && begins_latin(word->text))
		g_string_append_c(lines, ' ');
}

static void put_item(struct pages *all, const struct item *item)
{
	const struct line *line = item->line;
	const struct form_word *word;

	if (line && !item->row && goes_on(all, line))
		join(all->out, line);
	g_string_append_printf(all->out, "%s\n", item->text->str);
	all->last_page = 0;
	if (!line)
		return;
	word = line->words->pdata[line->words->len - 1];
	all->last_page = word->page;
	all->last_left = line->left;
	all->last_right = line->right;
	all->last_bottom = line->bottom;
	all->last_height = word_height(word);
}

void page_put(struct page *page)
{
	for (guint i = 0; i < page->lines->len; i++) {
		const struct line *line = page->lines->pdata[i];

		if (!line->taken)
			page_words(page_item(page, line->top, FALSE, line), line->words);
	}
	g_array_sort(page->items, by_item);
	for (guint i = 0; i < page->items->len; i++)
		put_item(page->all, &g_array_index(page->items, struct item, i));
}
