#include "templates/print_inside.h"

#include "base/error.h"

#include <string.h>

/* GB/T 9704-2012: 5.2 (page), 7.3 (what is set how), 10.1 (信函格式). In pt unless MM. */
#define LEFT          MM(28)
#define WIDTH         MM(156)
#define TOP           MM(37)
#define BOTTOM        (MM(262) + 0.5) /* the 22nd line ends just above */
#define SPACING_ROUND 0.01f           /* so that Pango's rounding does not make a line too long */
#define CHARACTERS    28              /* of a line of text */
#define SIZE_TEXT     16.0f           /* 3号 */
#define SIZE_TITLE    22.0f           /* 2号 */
#define SIZE_SMALL    12.0f           /* 小4号 */
#define SIZE_PAGE     14.0f           /* 4号 */
#define PITCH_SMALL   (PRINT_PITCH * 2 / 3)
#define PITCH_TITLE   36.0
#define SIZE_ENGLISH  12.0f /* Latin text of 16 pt would shout */
#define SIZE_FINE     10.0f
#define PITCH_ENGLISH (PRINT_PITCH * 2 / 3)
#define PITCH_FINE    14.475 /* half a line */
#define MARK_TOP      MM(30)
#define MARK_SIZE     38.0f
#define MARK_LEAST    14.0f
#define MARK_WIDTH    MM(160)
#define RULE_X        MM(20)
#define RULE_WIDTH    MM(170)
#define RULE_THICK    2.4
#define RULE_THIN     0.8
#define RULE_GAP      1.8
#define RULE_BOTTOM   MM(277)
#define FOLD          MM(99)
#define WINDOW_SIZE   12.0
#define CELL_PAD      5.0

/* A line of the flow. */
struct row {
	const struct print_para *para; /* NULL: a row of a table */
	guint line;
	double x, pitch, before;       /* `before` is left out at the top of a page */
	gboolean glued;                /* not parted from the row before */
	const struct print_para *mark; /* a list item's, at mark_x */
	double mark_x;
	GPtrArray *cells; /* of a table: struct print_para, borrowed */
};

struct flow {
	struct print_set *set;
	struct print_pages *pages;
	GArray *rows; /* of struct row */
	gboolean small_before;
};

static void row_clear(struct row *row)
{
	if (row->cells)
		g_ptr_array_unref(row->cells);
}

/* --- from blocks to rows --- */

/* What the text of a letter looks like, in Chinese and in English. */
static void look_of(const struct print_set *set, enum print_kind kind, struct print_look *look,
		    double *pitch_out)
{
	gboolean small = kind == PRINT_SMALL;

	memset(look, 0, sizeof *look);
	look->role = kind == PRINT_HEADING      ? PRINT_HEITI
		     : kind == PRINT_SUBHEADING ? PRINT_KAITI
		     : kind == PRINT_QUOTE      ? PRINT_KAITI
		     : kind == PRINT_TITLE      ? PRINT_BIAOSONG
						: PRINT_FANGSONG;
	look->width = (float)WIDTH;
	if (kind == PRINT_TITLE) {
		look->size = set->english ? SIZE_TITLE - 3 : SIZE_TITLE;
		*pitch_out = PITCH_TITLE;
		return;
	}
	if (set->english) {
		look->size = small ? SIZE_FINE : SIZE_ENGLISH;
		*pitch_out = small ? PITCH_FINE : PITCH_ENGLISH;
		return;
	}
	look->size = small ? SIZE_SMALL : SIZE_TEXT;
	look->justify = TRUE;
	*pitch_out = small ? PITCH_SMALL : PRINT_PITCH;
	if (!small)
		look->spacing = (float)(WIDTH / CHARACTERS) - SIZE_TEXT - SPACING_ROUND;
	if (kind != PRINT_OPENING && kind != PRINT_SIGN)
		look->indent = 2 * (look->size + look->spacing);
}

static struct print_para *set_words(struct flow *flow, const struct print_look *look,
				    const char *words, gsize size)
{
	struct print_para *para = print_text_set(flow->set->text, look, words, size);

	g_ptr_array_add(flow->pages->paras, para);
	return para;
}

static struct row *add_row(struct flow *flow, const struct print_para *para, guint line, double x,
			   double pitch)
{
	struct row row = {.para = para, .line = line, .x = x, .pitch = pitch};

	g_array_append_val(flow->rows, row);
	return &g_array_index(flow->rows, struct row, flow->rows->len - 1);
}

/* The lines of a paragraph: no page begins with its last, none ends with its first. */
static void add_para(struct flow *flow, const struct print_para *para, double x, double pitch,
		     double before, double align)
{
	guint count = para->lines->len;

	for (guint i = 0; i < count; i++) {
		const struct print_line *line = &g_array_index(para->lines, struct print_line, i);
		double room = WIDTH - (x - LEFT) - (double)line->width;
		struct row *row =
		    add_row(flow, para, i, x + (double)line->x + align * MAX(room, 0), pitch);

		row->before = i == 0 ? before : 0;
		row->glued = i == 1 || (i > 0 && i + 1 == count);
	}
}

static void add_title(struct flow *flow, const struct print_block *block)
{
	g_autofree char *words = NULL;
	struct print_para *para;
	struct print_look look;
	double pitch;

	look_of(flow->set, PRINT_TITLE, &look, &pitch);
	words = g_strndup(block->text, block->size);
	para = print_text_fit(flow->set->text, &look, look.size * 0.8f, words);
	g_ptr_array_add(flow->pages->paras, para);
	add_para(flow, para, LEFT, pitch, 0, 0.5);
}

static void add_item(struct flow *flow, const struct print_block *block)
{
	struct print_look look;
	double pitch, step;
	g_autoptr(GString) number = g_string_new_len(block->number, (gssize)block->number_size);
	guint first = flow->rows->len;

	look_of(flow->set, PRINT_ITEM, &look, &pitch);
	if (!flow->set->english) { /* as any paragraph, the number in its text */
		if (number->len == 0)
			g_string_append(number, "· ");
		look.indent *= (float)block->depth;
		g_string_append_len(number, block->text, (gssize)block->size);
		add_para(flow, set_words(flow, &look, number->str, number->len), LEFT, pitch, 0, 0);
		return;
	}
	step = 1.6 * (double)look.size;
	if (number->len == 0)
		g_string_append(number, "•");
	look.width -= (float)(step * block->depth);
	add_para(flow, set_words(flow, &look, block->text, block->size), LEFT + step * block->depth,
		 pitch, 4, 0);
	if (first == flow->rows->len)
		return;
	look.width = 0;
	g_array_index(flow->rows, struct row, first).mark =
	    set_words(flow, &look, number->str, number->len);
	g_array_index(flow->rows, struct row, first).mark_x = LEFT + step * (block->depth - 1);
}

static void add_table_row(struct flow *flow, const struct print_block *block)
{
	g_autoptr(GPtrArray) cells = g_ptr_array_new();
	const char *end = block->text + block->size;
	guint columns = 0, lines = 1;
	struct print_look look;
	struct row *row;
	double pitch;

	for (const char *p = block->text; p < end; p++)
		columns += *p == PRINT_CELL;
	look_of(flow->set, PRINT_SMALL, &look, &pitch);
	look.indent = 0;
	look.width = (float)(WIDTH / MAX(columns, 1) - 2 * CELL_PAD);
	for (const char *p = block->text; p + 1 < end && *p == PRINT_CELL;) {
		const char *next = memchr(p + 2, PRINT_CELL, (gsize)(end - p - 2));
		struct print_para *para;

		next = next ? next : end;
		look.role = p[1] == 'h' ? PRINT_HEITI : PRINT_FANGSONG;
		para = set_words(flow, &look, p + 2, (gsize)(next - p - 2));
		lines = MAX(lines, para->lines->len);
		g_ptr_array_add(cells, para);
		p = next;
	}
	row = add_row(flow, NULL, 0, LEFT, pitch * lines + 2 * CELL_PAD);
	row->cells = g_steal_pointer(&cells);
}

static double para_width(const struct print_para *para)
{
	double width = 0;

	for (guint i = 0; i < para->lines->len; i++)
		width = MAX(width, (double)g_array_index(para->lines, struct print_line, i).width);
	return width;
}

/* GB/T 9704, 7.3.5: under the text after one empty line, the date four characters from the right
 * edge, who signs above the middle of it (the seal goes there); never alone on a page. In English
 * they begin below one another. */
static void add_signs(struct flow *flow, GPtrArray *paras)
{
	struct print_look look;
	double pitch, middle, left = LEFT + WIDTH / 2;
	guint first = flow->rows->len;

	look_of(flow->set, PRINT_SIGN, &look, &pitch);
	middle = LEFT + WIDTH - 4 * (double)look.size -
		 para_width(g_ptr_array_index(paras, paras->len - 1)) / 2;
	for (guint p = 0; p < paras->len; p++)
		left = MIN(left, LEFT + WIDTH - para_width(g_ptr_array_index(paras, p)));
	for (guint p = 0; p < paras->len; p++) {
		const struct print_para *para = g_ptr_array_index(paras, p);

		for (guint i = 0; i < para->lines->len; i++) {
			double width =
			    (double)g_array_index(para->lines, struct print_line, i).width;
			double x = flow->set->english ? left : middle - width / 2;
			struct row *row =
			    add_row(flow, para, i, MAX(LEFT, MIN(x, LEFT + WIDTH - width)), pitch);

			row->glued = TRUE;
		}
	}
	g_array_index(flow->rows, struct row, first).before = pitch;
	if (first > 0)
		g_array_index(flow->rows, struct row, first - 1).glued = TRUE;
	g_ptr_array_set_size(paras, 0);
	flow->small_before = FALSE;
}

static void add_block(struct flow *flow, const struct print_block *block)
{
	gboolean small = block->kind == PRINT_SMALL;
	struct print_look look;
	double pitch, before = 0, x = LEFT;

	look_of(flow->set, block->kind, &look, &pitch);
	if (small && !flow->small_before)
		before = pitch / 2;
	else if (flow->set->english)
		before = small ? 3 : 7;
	flow->small_before = small;
	if (block->kind == PRINT_QUOTE) {
		x += 2 * (double)look.size;
		look.width -= 4 * look.size;
	}
	add_para(flow, set_words(flow, &look, block->text, block->size), x, pitch, before, 0);
}

/* Glues the first row of a block to the heading that ends above it. */
static void glue_heading(struct flow *flow, guint first, gboolean heading)
{
	if (heading && first > 0 && first < flow->rows->len)
		g_array_index(flow->rows, struct row, first).glued = TRUE;
}

static void add_rows(struct flow *flow, const GString *stream)
{
	g_autoptr(GPtrArray) signs = g_ptr_array_new();
	struct print_block block;
	gboolean heading = FALSE, title = FALSE;
	gsize at = 0;

	while (letter_print_next(stream, &at, &block)) {
		guint first = flow->rows->len;

		if (block.kind == PRINT_SIGN) {
			struct print_look look;
			double pitch;

			look_of(flow->set, PRINT_SIGN, &look, &pitch);
			g_ptr_array_add(signs, set_words(flow, &look, block.text, block.size));
			continue;
		}
		if (signs->len > 0) {
			add_signs(flow, signs);
			first = flow->rows->len;
		}
		if (block.kind == PRINT_TITLE)
			add_title(flow, &block);
		else if (block.kind == PRINT_ITEM)
			add_item(flow, &block);
		else if (block.kind == PRINT_ROW)
			add_table_row(flow, &block);
		else if (block.kind != PRINT_TABLE)
			add_block(flow, &block);
		glue_heading(flow, first, heading);
		if (title && first < flow->rows->len)
			g_array_index(flow->rows, struct row, first).before +=
			    PRINT_PITCH * (flow->set->english ? 0.5 : 1);
		title = block.kind == PRINT_TITLE;
		heading = block.kind <= PRINT_SUBHEADING;
	}
	if (signs->len > 0)
		add_signs(flow, signs);
}

/* --- what stands on every letter --- */

static void put_line_at(struct print_set *set, struct print_pages *pages, struct print_page *page,
			const struct print_look *look, const char *words, double right, double y,
			double pitch, enum print_colour colour)
{
	print_pages_para(pages, page, print_text_set(set->text, look, words, strlen(words)), 0, y,
			 right, pitch, 1, colour);
}

void print_set_number(struct print_set *set, struct print_pages *pages, struct print_page *page,
		      const char *number, const char *note)
{
	struct print_look look;
	double right = MM(PRINT_CODE_X - 2.5), bottom = MM(PRINT_CODE_Y + PRINT_CODE);

	memset(&look, 0, sizeof look);
	look.role = PRINT_SONG;
	look.size = 8;
	put_line_at(set, pages, page, &look, note, right, bottom - 10, 10, PRINT_GREY);
	if (!number)
		return;
	look.size = 10;
	put_line_at(set, pages, page, &look, number, right, bottom - 23, 12, PRINT_BLACK);
}

/* Thick and thin, in this order from above where `thick_first`. */
static void put_rules(struct print_page *page, double y, gboolean thick_first)
{
	double first = thick_first ? RULE_THICK : RULE_THIN;
	double second = thick_first ? RULE_THIN : RULE_THICK;

	print_page_fill(page, PRINT_RED, RULE_X, y, RULE_WIDTH, first);
	print_page_fill(page, PRINT_RED, RULE_X, y + first + RULE_GAP, RULE_WIDTH, second);
}

/* The office's name, the rules, the number; returns where the letter begins. */
static double put_head(struct print_set *set, struct print_pages *pages, struct print_page *page,
		       const struct print_letter *letter)
{
	struct print_look look;
	struct print_para *mark;
	g_autofree char *number =
	    g_strdup_printf(set->english ? "No. %s" : "编号：%s", letter->values[LETTER_NUMBER]);
	double y = MARK_TOP;

	memset(&look, 0, sizeof look);
	look.role = PRINT_BIAOSONG;
	look.size = set->english ? MARK_SIZE - 12 : MARK_SIZE;
	look.width = (float)MARK_WIDTH;
	mark = print_text_fit(set->text, &look, MARK_LEAST, set->office);
	/* the upper edge that 30 mm are measured to is the characters', not the em box's */
	y -= 0.04 * (double)mark->size;
	y = print_pages_para(pages, page, mark, (MM(PRINT_PAGE_WIDTH) - MARK_WIDTH) / 2, y,
			     MARK_WIDTH, (double)mark->size, 0.5, PRINT_RED);
	y += MM(4) - 0.04 * (double)mark->size;
	put_rules(page, y, TRUE);
	put_rules(page, RULE_BOTTOM, FALSE);
	y += RULE_THICK + RULE_GAP + RULE_THIN + 14; /* 7/8 of a character */
	look.role = PRINT_FANGSONG;
	look.size = set->english ? SIZE_ENGLISH : SIZE_TEXT;
	look.width = 0;
	put_line_at(set, pages, page, &look, number, LEFT + WIDTH, y, (double)SIZE_TEXT,
		    PRINT_BLACK);
	if (!set->window)
		return y + (double)SIZE_TEXT + (set->english ? 1 : 2) * PRINT_PITCH;
	print_set_address(set, pages, page, letter, MM(PRINT_WINDOW_X), MM(PRINT_WINDOW_Y),
			  MM(PRINT_WINDOW_WIDTH), MM(PRINT_WINDOW_HEIGHT), WINDOW_SIZE);
	for (guint i = 1; i <= 2; i++)
		print_page_fill(page, PRINT_PALE, MM(4), i * FOLD, MM(4), 0.4);
	return FOLD + MM(4);
}

static void put_page_number(struct print_set *set, struct print_pages *pages,
			    struct print_page *page, guint number)
{
	struct print_look look;
	g_autofree char *words = g_strdup_printf("— %u —", number);

	memset(&look, 0, sizeof look);
	look.role = PRINT_SONG;
	look.size = SIZE_PAGE;
	put_line_at(set, pages, page, &look, words, LEFT + WIDTH - (double)SIZE_PAGE,
		    MM(262) + MM(7) - (double)SIZE_PAGE / 2, (double)SIZE_PAGE, PRINT_BLACK);
}

/* --- from rows to pages --- */

static void put_cells(struct print_page *page, const struct row *row, double y)
{
	double width = WIDTH / MAX(row->cells->len, 1), pitch = PITCH_SMALL;

	for (guint i = 0; i < row->cells->len; i++) {
		const struct print_para *para = g_ptr_array_index(row->cells, i);

		print_page_frame(page, PRINT_GREY, LEFT + i * width, y, width + 0.5,
				 row->pitch + 0.5, 0.5);
		for (guint k = 0; k < para->lines->len; k++)
			print_page_line(page, para, k, LEFT + i * width + CELL_PAD,
					y + CELL_PAD + k * pitch, pitch, PRINT_BLACK);
	}
}

static void put_row(struct print_page *page, const struct row *row, double y)
{
	if (row->cells) {
		put_cells(page, row, y);
		return;
	}
	if (row->mark)
		print_page_line(page, row->mark, 0, row->mark_x, y, row->pitch, PRINT_BLACK);
	print_page_line(page, row->para, row->line, row->x, y, row->pitch, PRINT_BLACK);
}

/* The row that begins the page after the one that begins with row `start` at `y`. */
static guint page_end(const GArray *rows, guint start, double y)
{
	guint end = start;

	for (; end < rows->len; end++) {
		const struct row *row = &g_array_index(rows, struct row, end);

		y += (end > start ? row->before : 0) + row->pitch;
		if (y > BOTTOM && end > start)
			break;
	}
	if (end == rows->len)
		return end;
	for (guint at = end; at > start; at--) {
		if (!g_array_index(rows, struct row, at).glued)
			return at;
	}
	return end;
}

static gboolean fill_pages(struct flow *flow, const struct print_letter *letter, GError **error)
{
	struct print_set *set = flow->set;
	guint start = 0;

	do {
		struct print_page *page;
		double y = TOP;
		guint number = flow->pages->pages->len + 1, end;

		if (number > PRINT_PAGES_MAX) {
			g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
				    _("letter %s: longer than %d pages"),
				    letter->values[LETTER_NUMBER], PRINT_PAGES_MAX);
			return FALSE;
		}
		page = print_pages_add(flow->pages);
		if (number == 1) {
			y = put_head(set, flow->pages, page, letter);
			print_set_number(set, flow->pages, page, NULL,
					 set->english ? "scan to answer" : "扫码填写意见");
		} else {
			put_page_number(set, flow->pages, page, number);
			print_set_number(set, flow->pages, page, letter->values[LETTER_NUMBER],
					 set->english ? "scan to answer" : "扫码填写意见");
		}
		end = page_end(flow->rows, start, y);
		for (guint i = start; i < end; i++) {
			const struct row *row = &g_array_index(flow->rows, struct row, i);

			y += i > start ? row->before : 0;
			put_row(page, row, y);
			y += row->pitch;
		}
		start = end;
	} while (start < flow->rows->len);
	return TRUE;
}

struct print_pages *print_set_letter(struct print_set *set, const struct print_letter *letter,
				     GError **error)
{
	g_autoptr(print_pages_handle) pages = print_pages_new();
	struct flow flow = {.set = set, .pages = pages};
	gboolean good;

	g_string_truncate(set->stream, 0);
	if (!letter_view_fill_print(set->view, letter->values, set->stream)) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("letter %s: longer than %d pages"), letter->values[LETTER_NUMBER],
			    PRINT_PAGES_MAX);
		return NULL;
	}
	flow.rows = g_array_new(FALSE, TRUE, sizeof(struct row));
	g_array_set_clear_func(flow.rows, (GDestroyNotify)row_clear);
	add_rows(&flow, set->stream);
	good = fill_pages(&flow, letter, error);
	g_array_unref(flow.rows);
	return good ? g_steal_pointer(&pages) : NULL;
}
