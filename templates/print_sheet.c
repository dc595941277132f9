#include "templates/print_inside.h"

#include "templates/grid.h"

#include <string.h>

/* All in mm. What is above the ratings, and how high a question is, is fixed and not measured, so
 * that the boxes stand at the same places whatever the fonts are. */
#define LEFT         15.0
#define WIDTH        180.0
#define TITLE_Y      12.0
#define GUIDANCE_Y   33.0
#define GUIDANCE_MAX 14.0
#define FIRST_Y      49.0 /* where the questions begin on the first page … */
#define NEXT_Y       33.0 /* … and on the others */
#define BOTTOM       279.0
#define FOOT_Y       285.0
#define FOOT_WIDTH   174.0 /* between the lower marks */
#define QUESTION     7.0   /* height of a question's line */
#define HINT         4.8
#define HEAD         19.5 /* of a table: the grades stand upright in it */
#define ROW_MAX      8.5
#define ROW_MIN      6.4
#define ONE_COLUMN   22 /* departments that are set in one column */
#define GUTTER       6.0
#define CODE_WIDTH   6.5
#define BOX_STEP     6.5
#define UNKNOWN_GAP  2.5 /* 不了解 is set apart */
#define RULE         9.0 /* between the lines to write on */
#define AFTER        4.0
#define CHOICE       15.0 /* height of the disclosure, at the bottom of the last page */
#define FIT_LEAST    0.6f
#define LINE_COLUMNS 88 /* terminal columns of a question's line */

struct place {
	guint page;
	double y;
};

struct table {
	guint *rows;                   /* departments: their places in the list */
	guint count, columns, fitting; /* rows of a column, on this page */
	double row, width;
	double boxes; /* x of the first box, from the column's left edge */
};

static gboolean is_rated(const struct form *form, const char *code)
{
	return !form->rating_departments ||
	       g_strv_contains((const char *const *)form->rating_departments, code);
}

static void table_init(struct table *table, const struct form *form,
		       const struct form_department *departments, gsize count)
{
	table->rows = g_new(guint, count + 1);
	for (gsize i = 0; i < count; i++) {
		if (is_rated(form, departments[i].code))
			table->rows[table->count++] = (guint)i;
	}
	table->columns = table->count > ONE_COLUMN ? 2 : 1;
	table->width = table->columns == 2 ? (WIDTH - GUTTER) / 2 : WIDTH;
	table->boxes = table->width - (FORM_GRADES * BOX_STEP + UNKNOWN_GAP) + 0.5;
}

/* How many of the `left` departments go into a column between `y` and the bottom, and how high. */
static void table_fit(struct table *table, guint left, double y)
{
	guint wanted = (left + table->columns - 1) / table->columns;
	double room = BOTTOM - y - HEAD;
	guint most = (guint)(room / ROW_MIN);

	table->fitting = MIN(wanted, MAX(most, 1));
	table->row = MIN(ROW_MAX, room / table->fitting);
}

static double column_x(const struct table *table, guint column)
{
	return LEFT + column * (table->width + GUTTER);
}

/* Left edge of a grade's box in a column: best first, "do not know" last and apart. */
static double box_x(const struct table *table, guint column, int grade)
{
	double x = column_x(table, column) + table->boxes;

	return grade == 0 ? x + 5 * BOX_STEP + UNKNOWN_GAP : x + (5 - grade) * BOX_STEP;
}

static guint text_lines(const char *text)
{
	return (grid_width(text) + LINE_COLUMNS - 1) / LINE_COLUMNS;
}

static double question_height(const struct form_question *question)
{
	return text_lines(question->question) * QUESTION +
	       (question->hint ? text_lines(question->hint) * HINT : 0);
}

static void add_box(GArray *boxes, guint page, double x, double y, const char *code, int grade)
{
	struct print_box box = {.page = page, .x = x, .y = y, .grade = grade};

	g_strlcpy(box.code, code, sizeof box.code);
	g_array_append_val(boxes, box);
}

/* --- where things are --- */

/* Places the ratings' boxes from *place on, which moves below them. */
static void place_ratings(const struct form *form, const struct form_department *departments,
			  gsize count, struct place *place, GArray *boxes)
{
	struct table table = {0};
	guint done = 0;

	table_init(&table, form, departments, count);
	place->y += QUESTION * text_lines(form->rating_question);
	while (done < table.count) {
		table_fit(&table, table.count - done, place->y);
		for (guint i = 0; i < table.fitting * table.columns && done < table.count; i++) {
			guint column = i / table.fitting, row = i % table.fitting;
			double y = place->y + HEAD + row * table.row + (table.row - PRINT_BOX) / 2;

			for (int grade = 5; grade >= 0; grade--)
				add_box(boxes, place->page, box_x(&table, column, grade), y,
					departments[table.rows[done]].code, grade);
			done++;
		}
		place->y += HEAD + table.fitting * table.row + AFTER;
		if (done < table.count)
			*place = (struct place){place->page + 1, NEXT_Y};
	}
	g_free(table.rows);
}

/* The first question that does not go on the page below `y`; *rest_out is what is left then. */
static guint open_end(const struct form *form, guint first, double choice, double y,
		      double *rest_out)
{
	double start = y;
	guint end = first;

	for (; end < form->open->len; end++) {
		const struct form_question *q = g_ptr_array_index(form->open, end);
		double height = question_height(q) + q->lines * RULE + AFTER;
		double bottom = end + 1 == form->open->len ? BOTTOM - choice : BOTTOM;

		if (y + height > bottom && (y > start || y > NEXT_Y))
			break;
		y += height;
	}
	*rest_out = MAX((end == form->open->len ? BOTTOM - choice : BOTTOM) - y, 0);
	return end;
}

/* Places the open questions. A page that they do not fill gives them more lines, each by what it
 * asked for, and what then is left to the first. */
static void place_open(const struct form *form, double choice, struct place *place, GArray *rooms)
{
	guint first = 0;

	while (first < form->open->len) {
		double rest;
		guint end = open_end(form, first, choice, place->y, &rest);
		guint more = (guint)(rest / RULE), asked = 0, given = 0;

		for (guint i = first; i < end; i++)
			asked += (guint)((struct form_question *)form->open->pdata[i])->lines;
		for (guint i = first; i < end; i++)
			given += more *
				 (guint)((struct form_question *)form->open->pdata[i])->lines /
				 MAX(asked, 1);
		for (guint i = first; i < end; i++) {
			const struct form_question *q = g_ptr_array_index(form->open, i);
			guint lines = (guint)q->lines + more * (guint)q->lines / MAX(asked, 1) +
				      (i == first ? more - given : 0);
			double most = BOTTOM - NEXT_Y - question_height(q);
			struct print_room room = {.page = place->page,
						  .y = place->y + question_height(q),
						  .height = MIN(lines * RULE, most),
						  .question = q->id};

			g_array_append_val(rooms, room);
			place->y = room.y + room.height + AFTER;
		}
		first = end;
		if (first < form->open->len)
			*place = (struct place){place->page + 1, NEXT_Y};
	}
}

guint print_sheet_boxes(const struct form *form, const struct form_department *departments,
			gsize count, GArray **boxes_out, GArray **rooms_out)
{
	struct place place = {1, FIRST_Y};
	double choice = form->disclosure_question ? CHOICE : 0;

	*boxes_out = g_array_new(FALSE, TRUE, sizeof(struct print_box));
	*rooms_out = g_array_new(FALSE, TRUE, sizeof(struct print_room));
	if (form->rating_question)
		place_ratings(form, departments, count, &place, *boxes_out);
	place_open(form, choice, &place, *rooms_out);
	if (!form->disclosure_question)
		return place.page;
	if (place.y > BOTTOM - choice + AFTER)
		place.page++;
	add_box(*boxes_out, place.page, LEFT + 2, BOTTOM - 6.5, "hidden", 0);
	add_box(*boxes_out, place.page, LEFT + WIDTH / 2, BOTTOM - 6.5, "named", 1);
	return place.page;
}

/* --- what is drawn --- */

struct sheet {
	struct print_set *set;
	const struct form *form;
	const struct form_department *departments;
	gsize count;
	const char *title; /* of the round */
	struct print_pages *pages;
	GArray *boxes, *rooms;
};

/* One paragraph of `role` at (x, y) mm; returns the y below, in mm. */
static double put(struct sheet *sheet, struct print_page *page, enum print_role role, double size,
		  double x, double y, double width, double pitch, double align,
		  enum print_colour colour, const char *words)
{
	struct print_look look;
	struct print_para *para;

	memset(&look, 0, sizeof look);
	look.role = role;
	look.size = (float)size;
	look.width = (float)MM(width);
	look.justify = !sheet->set->english;
	para = print_text_set(sheet->set->text, &look, words, strlen(words));
	return print_pages_para(sheet->pages, page, para, MM(x), MM(y), MM(width), MM(pitch), align,
				colour) *
	       25.4 / 72;
}

/* The same, made smaller until it is one line; then lines in the middle of `height`. */
static void put_fit(struct sheet *sheet, struct print_page *page, enum print_role role, double size,
		    double x, double y, double width, double height, double align,
		    const char *words)
{
	struct print_look look;
	struct print_para *para;
	double pitch;

	memset(&look, 0, sizeof look);
	look.role = role;
	look.size = (float)size;
	look.width = (float)MM(width);
	para = print_text_fit(sheet->set->text, &look, (float)size * FIT_LEAST, words);
	pitch = MM(height) / para->lines->len;
	print_pages_para(sheet->pages, page, para, MM(x), MM(y), MM(width), pitch, align,
			 PRINT_BLACK);
}

static void put_marks(struct print_page *page)
{
	const double far_x = PRINT_PAGE_WIDTH - PRINT_MARK_EDGE - PRINT_MARK;
	const double far_y = PRINT_PAGE_HEIGHT - PRINT_MARK_EDGE - PRINT_MARK;

	for (guint i = 0; i < 4; i++)
		print_page_fill(page, PRINT_BLACK, MM(i % 2 ? far_x : PRINT_MARK_EDGE),
				MM(i / 2 ? far_y : PRINT_MARK_EDGE), MM(PRINT_MARK),
				MM(PRINT_MARK));
}

static void put_foot(struct sheet *sheet, struct print_page *page)
{
	const struct print_set *set = sheet->set;
	g_autoptr(GString) words = g_string_new(set->english ? "Return to: " : "寄回：");

	g_string_append(words, set->office);
	if (set->address && *set->address)
		g_string_append_printf(words, set->english ? ", %s" : "　%s", set->address);
	if (set->phone && *set->phone)
		g_string_append_printf(words, set->english ? " · Phone: %s" : "　电话：%s",
				       set->phone);
	put_fit(sheet, page, PRINT_SONG, 8.5, (PRINT_PAGE_WIDTH - FOOT_WIDTH) / 2, FOOT_Y,
		FOOT_WIDTH, 4, 0.5, words->str);
}

static void put_guidance(struct sheet *sheet, struct print_page *page)
{
	g_autofree char *words =
	    g_strjoinv(sheet->set->english ? " " : "", sheet->form->paper_guidance);
	double size = 9.5;
	struct print_look look;

	/* smaller where it would reach into what is below */
	memset(&look, 0, sizeof look);
	look.role = PRINT_SONG;
	look.width = (float)MM(WIDTH);
	for (;;) {
		struct print_para *para;
		guint lines;

		look.size = (float)size;
		para = print_text_set(sheet->set->text, &look, words, strlen(words));
		lines = para->lines->len;
		print_para_unref(para);
		if (lines * size * 1.5 <= MM(GUIDANCE_MAX) || size < 6)
			break;
		size -= 0.5;
	}
	put(sheet, page, PRINT_SONG, size, LEFT, GUIDANCE_Y, WIDTH, size * 1.5 * 25.4 / 72, 0,
	    PRINT_BLACK, words);
}

static struct print_page *begin_page(struct sheet *sheet, guint number, guint of)
{
	struct print_page *page = print_pages_add(sheet->pages);
	struct print_set *set = sheet->set;
	g_autofree char *note = set->english
				    ? g_strdup_printf("return sheet, page %u of %u", number, of)
				    : g_strdup_printf("征求意见表　第 %u 页，共 %u 页", number, of);

	page->sheet = number;
	page->shared = TRUE;
	put_marks(page);
	print_set_number(set, sheet->pages, page, NULL, note);
	put_fit(sheet, page, PRINT_BIAOSONG, number == 1 ? 19 : 13, LEFT + 1, TITLE_Y, 116,
		number == 1 ? 9 : 7, 0, sheet->form->title);
	put(sheet, page, PRINT_SONG, 9.5, LEFT + 1, number == 1 ? TITLE_Y + 10.5 : TITLE_Y + 8, 112,
	    4.6, 0, PRINT_GREY, sheet->title);
	if (number == 1)
		put_guidance(sheet, page);
	put_foot(sheet, page);
	return page;
}

/* A name above its column, in English a line that reads upwards, of the size that all fit in … */
static void put_turned(struct sheet *sheet, struct print_page *page, double x, double y,
		       double size, const char *words)
{
	struct print_item item = {.kind = ITEM_TURNED, .colour = PRINT_BLACK};
	struct print_look look;
	struct print_para *para;

	memset(&look, 0, sizeof look);
	look.role = PRINT_SONG;
	look.size = (float)size;
	para = print_text_set(sheet->set->text, &look, words, strlen(words));
	g_ptr_array_add(sheet->pages->paras, para);
	item.para = para;
	item.x = (float)(MM(x + PRINT_BOX / 2) + 0.33 * size);
	item.y = (float)MM(y + HEAD - 1);
	g_array_append_val(page->items, item);
}

/* … in Chinese upright characters. */
static void put_upright(struct sheet *sheet, struct print_page *page, double x, double y,
			double size, const char *words)
{
	double step = size * 1.05 * 25.4 / 72;

	y += HEAD - 1 - (double)g_utf8_strlen(words, -1) * step;
	for (const char *p = words; *p; p = g_utf8_next_char(p)) {
		char character[7] = "";

		g_unichar_to_utf8(g_utf8_get_char(p), character);
		y = put(sheet, page, PRINT_SONG, size, x - 2, y, PRINT_BOX + 4, step, 0.5,
			PRINT_BLACK, character);
	}
}

static void put_grades(struct sheet *sheet, struct print_page *page, const struct table *table,
		       guint column, double y)
{
	const struct form *form = sheet->form;
	guint longest = 1;
	double size;

	for (int grade = 0; grade < FORM_GRADES; grade++)
		longest = MAX(longest, sheet->set->english
					   ? grid_width(form->grades[grade])
					   : (guint)g_utf8_strlen(form->grades[grade], -1));
	size = MM(HEAD - 1.5) / longest / (sheet->set->english ? 0.52 : 1.05);
	size = MIN(size, 8);
	for (int grade = 5; grade >= 0; grade--) {
		double x = box_x(table, column, grade);

		if (sheet->set->english)
			put_turned(sheet, page, x, y, size, form->grades[grade]);
		else
			put_upright(sheet, page, x, y, size, form->grades[grade]);
	}
}

static void put_rule(struct print_page *page, double x, double y, double width, gboolean strong)
{
	print_page_fill(page, strong ? PRINT_GREY : PRINT_PALE, MM(x), MM(y), MM(width),
			strong ? 0.6 : 0.35);
}

/* One department: its number, its name, a line below; its boxes are drawn with all others. */
static void put_department(struct sheet *sheet, struct print_page *page, const struct table *table,
			   guint column, guint row, double y, guint which)
{
	const struct form_department *department = &sheet->departments[which];
	double x = column_x(table, column);

	put(sheet, page, PRINT_SONG, 7, x, y, CODE_WIDTH, table->row, 0, PRINT_GREY,
	    department->code);
	put_fit(sheet, page, PRINT_SONG, 10.5, x + CODE_WIDTH, y, table->boxes - CODE_WIDTH - 1.5,
		table->row, 0, department->name);
	put_rule(page, x, y + table->row, table->width, (row + 1) % 5 == 0);
}

static void put_ratings(struct sheet *sheet)
{
	struct table table = {0};
	struct print_page *page = g_ptr_array_index(sheet->pages->pages, 0);
	struct place place = {1, FIRST_Y};
	guint done = 0;

	table_init(&table, sheet->form, sheet->departments, sheet->count);
	put(sheet, page, PRINT_HEITI, 11, LEFT, place.y, WIDTH, QUESTION, 0, PRINT_BLACK,
	    sheet->form->rating_question);
	place.y += QUESTION * text_lines(sheet->form->rating_question);
	while (done < table.count) {
		table_fit(&table, table.count - done, place.y);
		for (guint i = 0; i < table.fitting * table.columns && done < table.count; i++) {
			guint column = i / table.fitting, row = i % table.fitting;
			double x = column_x(&table, column);

			if (row == 0) {
				put(sheet, page, PRINT_HEITI, 9, x, place.y + HEAD - 6, 60, 5, 0,
				    PRINT_BLACK, sheet->form->rating_department);
				put_grades(sheet, page, &table, column, place.y);
				put_rule(page, x, place.y + HEAD, table.width, TRUE);
			}
			put_department(sheet, page, &table, column, row,
				       place.y + HEAD + row * table.row, table.rows[done++]);
		}
		if (done < table.count) {
			place = (struct place){place.page + 1, NEXT_Y};
			page = g_ptr_array_index(sheet->pages->pages, place.page - 1);
		}
	}
	g_free(table.rows);
}

static void put_open(struct sheet *sheet)
{
	for (guint i = 0; i < sheet->rooms->len; i++) {
		const struct print_room *room = &g_array_index(sheet->rooms, struct print_room, i);
		const struct form_question *question = g_ptr_array_index(sheet->form->open, i);
		struct print_page *page = g_ptr_array_index(sheet->pages->pages, room->page - 1);
		double y = room->y - question_height(question);
		guint lines = (guint)(room->height / RULE + 0.01);

		y = put(sheet, page, PRINT_HEITI, 11, LEFT, y, WIDTH, QUESTION, 0, PRINT_BLACK,
			question->question);
		if (question->hint)
			put(sheet, page, PRINT_SONG, 9, LEFT, y, WIDTH, HINT, 0, PRINT_GREY,
			    question->hint);
		for (guint k = 1; k <= lines; k++)
			put_rule(page, LEFT, room->y + k * RULE, WIDTH, FALSE);
	}
}

/* The boxes, and beside those of the disclosure what they mean. */
static void put_boxes(struct sheet *sheet)
{
	const struct form *form = sheet->form;

	for (guint i = 0; i < sheet->boxes->len; i++) {
		const struct print_box *box = &g_array_index(sheet->boxes, struct print_box, i);
		struct print_page *page = g_ptr_array_index(sheet->pages->pages, box->page - 1);
		gboolean hidden = strcmp(box->code, "hidden") == 0;

		print_page_frame(page, PRINT_BLACK, MM(box->x), MM(box->y), MM(PRINT_BOX),
				 MM(PRINT_BOX), 0.6);
		if (hidden)
			put(sheet, page, PRINT_HEITI, 11, LEFT, BOTTOM - CHOICE + 1, WIDTH,
			    QUESTION, 0, PRINT_BLACK, form->disclosure_question);
		if (hidden || strcmp(box->code, "named") == 0)
			put_fit(sheet, page, PRINT_SONG, 10.5, box->x + PRINT_BOX + 2, box->y,
				WIDTH / 2 - PRINT_BOX - 5, PRINT_BOX, 0,
				hidden ? form->disclosure_hidden : form->disclosure_named);
	}
}

struct print_pages *print_set_sheet(struct print_set *set, const struct form *form,
				    const struct form_department *departments, gsize count,
				    const char *title)
{
	struct sheet sheet = {.set = set,
			      .form = form,
			      .departments = departments,
			      .count = count,
			      .title = title,
			      .pages = print_pages_new()};
	guint pages = print_sheet_boxes(form, departments, count, &sheet.boxes, &sheet.rooms);

	for (guint i = 1; i <= pages; i++)
		begin_page(&sheet, i, pages);
	if (form->rating_question)
		put_ratings(&sheet);
	put_open(&sheet);
	put_boxes(&sheet);
	g_array_unref(sheet.boxes);
	g_array_unref(sheet.rooms);
	return sheet.pages;
}
