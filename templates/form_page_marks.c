#include "templates/form_page_in.h"

#include "templates/form_rows.h"

#include <math.h>
#include <string.h>

/* The form's measures in points (form_page_in.h). */
#define Q_MARK      409.9 /* where the cell for the mark on disclosure begins */
#define GRADE_WIDTH 48.0
#define ROW_HEIGHT  17.25

#define EVEN          0.04 /* of a column's width, by which columns may differ */
#define IN_MIDDLE     0.4  /* of a column's width or a row's pitch, from its middle */
#define OVER_LINE     1.5  /* pt by which a mark may reach into the next cell */
#define HEADING_TRIES 20u  /* words below the heading, of the first row's name */
#define NAME_APART    1.5  /* columns, by which the names' heading is off the first grade's */
#define HEADING_MAX   (4 + FORM_GRADES) /* words apart from one another in the heading */
#define HEADING_TOP   90.0              /* how far above the first row its heading may begin */

/* --- the heading --- */

static int by_bottom(gconstpointer a, gconstpointer b)
{
	const struct form_word *one = *(const struct form_word *const *)a;
	const struct form_word *other = *(const struct form_word *const *)b;

	return by_number(other->bottom, one->bottom);
}

/* The middles of the cells of the row that is printed above the ratings: the last six are as wide
 * as one another, and the names' column is wider: else a column was added, or taken away. A name's
 * lines reach to `name_right`. */
static gboolean measure_columns(struct pages *all, const GPtrArray *heading, double name_right)
{
	double left[HEADING_MAX], right[HEADING_MAX], columns[FORM_GRADES], width;
	guint n = 0;

	for (guint i = 0; i < heading->len; i++) {
		const struct form_word *word = heading->pdata[i];

		if (n > 0 && word->left <= right[n - 1] + CONTIGUOUS * word_height(word) / 2) {
			right[n - 1] = MAX(right[n - 1], word->right);
			continue;
		}
		if (n == G_N_ELEMENTS(left))
			return FALSE;
		left[n] = word->left;
		right[n++] = word->right;
	}
	if (n <= FORM_GRADES)
		return FALSE;
	for (guint i = 0; i < FORM_GRADES; i++)
		columns[i] = (left[n - FORM_GRADES + i] + right[n - FORM_GRADES + i]) / 2;
	width = (columns[FORM_GRADES - 1] - columns[0]) / (FORM_GRADES - 1);
	for (guint i = 1; i < FORM_GRADES; i++)
		if (fabs(columns[i] - columns[i - 1] - width) > EVEN * width)
			return FALSE;
	n -= FORM_GRADES + 1;
	if (columns[0] - (left[n] + right[n]) / 2 < NAME_APART * width ||
	    name_right > columns[0] - width / 2)
		return FALSE;
	memcpy(all->columns, columns, sizeof columns);
	all->scale = width / GRADE_WIDTH;
	return TRUE;
}

/* The words from `start` on, sorted from the lowest, that touch one another, from left to right.
 * (transfer full) */
static GPtrArray *touching(const GPtrArray *above, guint start)
{
	GPtrArray *words = g_ptr_array_new();
	double top = 0;

	for (guint i = start; i < above->len; i++) {
		struct form_word *word = above->pdata[i];

		if (i > start && word->bottom < top - IN_CELL * word_height(word))
			break;
		top = i > start ? MIN(top, word->top) : word->top;
		g_ptr_array_add(words, word);
	}
	g_ptr_array_sort(words, words_by_left);
	return words;
}

/* The heading's words, of those `above` the first row, sorted from the lowest: as high as it can
 * be, for the lines of that row's name may touch it. (transfer full) */
static GPtrArray *find_heading(struct pages *all, const GPtrArray *above)
{
	GPtrArray *found = NULL;
	double middle = INFINITY,
	       right = -INFINITY; /* of what is left out, the highest, the last */

	for (guint start = 0; start < MIN(above->len, HEADING_TRIES); start++) {
		const struct form_word *lowest = above->pdata[start];
		GPtrArray *heading = touching(above, start);

		if (middle >= lowest->bottom && measure_columns(all, heading, right)) {
			GPtrArray *lower = found;

			found = heading;
			heading = lower;
		}
		if (heading)
			g_ptr_array_unref(heading);
		middle = MIN(middle, word_y(lowest));
		right = MAX(right, lowest->right);
	}
	return found;
}

/* The heading stands above the first row, lowest but perhaps for lines of that row's name. */
void page_heading(struct page *page)
{
	struct pages *all = page->all;
	const struct form_word *first = page_first_code(page, 'd');
	g_autoptr(GPtrArray) above = g_ptr_array_new();
	g_autoptr(GPtrArray) heading = NULL;

	if (!first)
		return;
	for (guint i = 0; i < page->words->len; i++) {
		struct form_word *word = page->words->pdata[i];

		if (word_y(word) < first->top && word->top > first->top - all->scale * HEADING_TOP)
			g_ptr_array_add(above, word);
	}
	g_ptr_array_sort(above, by_bottom);
	heading = find_heading(all, above);
	if (heading) {
		all->grid = TRUE;
		all->grid_middle = word_x(first);
		for (guint i = 0; i < heading->len; i++) {
			const struct form_word *word = heading->pdata[i];

			if (word->left < first->right) /* it is not printed there */
				all->doubt |= FORM_WORDS;
			if (form_ends_with_mark(word->text))
				all->doubt |= FORM_MARKS;
			g_ptr_array_remove(page->words, heading->pdata[i]);
		}
	} else if (!all->grid || fabs(all->grid_middle - word_x(first)) > ALIGNED) {
		all->grid = FALSE;
		all->doubt |= FORM_MARKS;
	}
}

/* --- rows of marks --- */

/* How far a row of marks goes from its code's middle: half way to its neighbours; at the table's
 * ends half a row, and as far as the lines of a longer name touch one another. */
static double reach(const struct page *page, guint at, int down)
{
	const struct form_word *code = page->codes->pdata[at];
	const struct form_word *next = NULL;
	double far = page->all->scale * ROW_HEIGHT / 2;
	double edge = word_height(code) / 2;

	if (down > 0 || at > 0)
		next = page_code(page, at + (guint)down, code->text[0]);
	if (next)
		return fabs(word_y(next) - word_y(code)) / 2;
	for (guint i = 0; i < page->words->len; i++) {
		guint from_code = down > 0 ? i : page->words->len - 1 - i;
		const struct form_word *word = page->words->pdata[from_code];
		double off = (word_y(word) - word_y(code)) * down;

		if (off < -word_height(word) / 2 || word->left < code->right)
			continue;
		if (off - word_height(word) / 2 > edge + IN_CELL * word_height(word) && off > far)
			break;
		edge = MAX(edge, off + word_height(word) / 2);
		far = MAX(far, off + ALIGNED);
	}
	return far;
}

/* The cells of a row: its code and name, then `columns` for marks. */
struct row {
	GPtrArray *cells[1 + FORM_GRADES]; /* the name's words, and each column's */
	guint columns;
};

/* The column in which a word stands; 0: among what is printed. Where it reaches into another, or
 * hangs between two rows, that is doubtful. */
static guint column_of(struct page *page, const struct form_word *code,
		       const struct form_word *word, double reach_y)
{
	struct pages *all = page->all;
	double width = all->scale * GRADE_WIDTH;
	double from =
	    code->text[0] == 'd' ? all->columns[0] - width / 2 : word_x(code) + all->scale * Q_MARK;
	double column;

	if (code->text[0] == 'd' && !all->grid)
		return 0;
	if (word_x(word) < from) {
		if (word->right > from + OVER_LINE)
			all->doubt |= FORM_MARKS;
		return 0;
	}
	column = floor((word_x(word) - from) / width);
	if (column >= (code->text[0] == 'd' ? FORM_GRADES : 1)) {
		all->doubt |= FORM_MARKS;
		return 0;
	}
	from += column * width;
	if (fabs(word_x(word) - from - width / 2) > IN_MIDDLE * width ||
	    word->left < from - OVER_LINE || word->right > from + width + OVER_LINE ||
	    fabs(word_y(word) - word_y(code)) >
		IN_MIDDLE * MIN(2 * reach_y, all->scale * ROW_HEIGHT))
		all->doubt |= FORM_MARKS;
	return 1 + (guint)column;
}

/* What is printed in a row's first cells stands around its code's middle, in one piece, and is no
 * mark. What somebody wrote there, or above or below the table, is not. */
static void check_name(struct page *page, const struct form_word *code, const GPtrArray *words)
{
	double top = INFINITY, bottom = -INFINITY, right = code->right, height = INFINITY;
	guint n = 0;

	for (guint i = 0; i < words->len; i++) {
		const struct form_word *word = words->pdata[i];

		if ((n++ > 0 && word->left > right + CONTIGUOUS * word_height(word)) ||
		    form_ends_with_mark(word->text))
			page->all->doubt |= FORM_MARKS;
		top = MIN(top, word->top);
		bottom = MAX(bottom, word->bottom);
		right = MAX(right, word->right);
		height = MIN(height, word_height(word));
	}
	if (n > 0 && fabs(top + bottom - 2 * word_y(code)) > BALANCED * height)
		page->all->doubt |= FORM_MARKS | FORM_WORDS;
}

static void row_clear(struct row *row)
{
	for (guint i = 0; i <= row->columns; i++)
		g_ptr_array_unref(row->cells[i]);
}

static void add_row(struct page *page, const struct form_word *code, const struct row *row)
{
	GString *out = page_item(page, word_y(code), TRUE, NULL);

	g_string_append(out, code->text);
	for (guint i = 0; i <= row->columns; i++) {
		gsize before;

		g_ptr_array_sort(row->cells[i], words_by_left);
		g_string_append_c(out, '\t');
		before = out->len;
		page_words(out, row->cells[i]);
		if (i > 0 && code->text[0] == 'd')
			page->all->marks |= form_mark_of(out->str + before) > 0;
	}
	page->all->ratings |= code->text[0] == 'd';
}

/* Takes the words of a row out of the others, which are sorted by their middles. */
static void take_row(struct page *page, guint at)
{
	const struct form_word *code = page->codes->pdata[at];
	struct row row = {.columns = code->text[0] == 'd' ? FORM_GRADES : 1};
	GPtrArray *others = g_ptr_array_new();
	double above = reach(page, at, -1), below = reach(page, at, 1);

	for (guint i = 0; i <= row.columns; i++)
		row.cells[i] = g_ptr_array_new();
	for (guint i = 0; i < page->words->len; i++) {
		struct form_word *word = page->words->pdata[i];
		double off = word_y(word) - word_y(code);

		if (off < -above || off >= below) {
			g_ptr_array_add(others, word);
			continue;
		}
		if (word->left < code->right) /* in the codes' column */
			page->all->doubt |= FORM_MARKS;
		g_ptr_array_add(row.cells[column_of(page, code, word, off < 0 ? above : below)],
				word);
	}
	add_row(page, code, &row);
	check_name(page, code, row.cells[0]);
	row_clear(&row);
	g_ptr_array_unref(page->words);
	page->words = others;
}

void page_marks(struct page *page)
{
	for (guint i = 0; i < page->codes->len; i++)
		if (!page_code(page, i, 'q'))
			take_row(page, i);
}
