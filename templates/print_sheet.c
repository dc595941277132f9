#include "templates/print_boxes.h"

#include "templates/grid.h"
#include "templates/print_inside.h"

#include <string.h>

/* All in mm. */
#define TITLE_Y      12.0
#define GUIDANCE_Y   33.0
#define GUIDANCE_MAX 14.0
#define FOOT_Y       285.0
#define FOOT_WIDTH   174.0 /* between the lower marks */
#define CODE_WIDTH   6.5
#define FIT_LEAST    0.6f

struct sheet {
	struct print_set *set;
	const struct form *form;
	const struct form_department *departments;
	gsize count;
	const char *title; /* of the round */
	struct print_pages *pages;
	GArray *boxes, *rooms;
	double row;
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
	look.width = (float)MM(SHEET_WIDTH);
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
	put(sheet, page, PRINT_SONG, size, SHEET_LEFT, GUIDANCE_Y, SHEET_WIDTH,
	    size * 1.5 * 25.4 / 72, 0, PRINT_BLACK, words);
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
	put_fit(sheet, page, PRINT_BIAOSONG, number == 1 ? 19 : 13, SHEET_LEFT + 1, TITLE_Y, 116,
		number == 1 ? 9 : 7, 0, sheet->form->title);
	put(sheet, page, PRINT_SONG, 9.5, SHEET_LEFT + 1,
	    number == 1 ? TITLE_Y + 10.5 : TITLE_Y + 8, 112, 4.6, 0, PRINT_GREY, sheet->title);
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
	item.y = (float)MM(y + SHEET_HEAD - 1);
	g_array_append_val(page->items, item);
}

/* … in Chinese upright characters. */
static void put_upright(struct sheet *sheet, struct print_page *page, double x, double y,
			double size, const char *words)
{
	double step = size * 1.05 * 25.4 / 72;

	y += SHEET_HEAD - 1 - (double)g_utf8_strlen(words, -1) * step;
	for (const char *p = words; *p; p = g_utf8_next_char(p)) {
		char character[7] = "";

		g_unichar_to_utf8(g_utf8_get_char(p), character);
		y = put(sheet, page, PRINT_SONG, size, x - 2, y, PRINT_BOX + 4, step, 0.5,
			PRINT_BLACK, character);
	}
}

static void put_grades(struct sheet *sheet, struct print_page *page,
		       const struct print_table *table, guint column, double y)
{
	const struct form *form = sheet->form;
	guint longest = 1;
	double size;

	for (int grade = 0; grade < FORM_GRADES; grade++)
		longest = MAX(longest, sheet->set->english
					   ? grid_width(form->grades[grade])
					   : (guint)g_utf8_strlen(form->grades[grade], -1));
	size = MM(SHEET_HEAD - 1.5) / longest / (sheet->set->english ? 0.52 : 1.05);
	size = MIN(size, 8);
	for (int grade = 5; grade >= 0; grade--) {
		double x = print_box_x(table, column, grade);

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
static void put_department(struct sheet *sheet, struct print_page *page,
			   const struct print_table *table, guint column, guint row, double y,
			   guint which)
{
	const struct form_department *department = &sheet->departments[which];
	double x = print_column_x(table, column);

	put(sheet, page, PRINT_SONG, 7, x, y, CODE_WIDTH, table->row, 0, PRINT_GREY,
	    department->code);
	put_fit(sheet, page, PRINT_SONG, 10.5, x + CODE_WIDTH, y, table->boxes - CODE_WIDTH - 1.5,
		table->row, 0, department->name);
	put_rule(page, x, y + table->row, table->width, (row + 1) % 5 == 0);
}

static void put_ratings(struct sheet *sheet)
{
	struct print_table table = {0};
	struct print_page *page = g_ptr_array_index(sheet->pages->pages, 0);
	double top = SHEET_FIRST_Y;
	guint number = 1;
	guint done = 0;

	print_table_init(&table, sheet->form, sheet->departments, sheet->count);
	put(sheet, page, PRINT_HEITI, 11, SHEET_LEFT, top, SHEET_WIDTH, SHEET_QUESTION, 0,
	    PRINT_BLACK, sheet->form->rating_question);
	top += SHEET_QUESTION * print_text_lines(sheet->form->rating_question);
	while (done < table.count) {
		print_table_fit(&table, table.count - done, sheet->row, top);
		for (guint i = 0; i < table.fitting * table.columns && done < table.count; i++) {
			guint column = i / table.fitting, row = i % table.fitting;
			double x = print_column_x(&table, column);

			if (row == 0) {
				put(sheet, page, PRINT_HEITI, 9, x, top + SHEET_HEAD - 6, 60, 5, 0,
				    PRINT_BLACK, sheet->form->rating_department);
				put_grades(sheet, page, &table, column, top);
				put_rule(page, x, top + SHEET_HEAD, table.width, TRUE);
			}
			put_department(sheet, page, &table, column, row,
				       top + SHEET_HEAD + row * table.row, table.rows[done++]);
		}
		if (done < table.count) {
			top = SHEET_NEXT_Y;
			page = g_ptr_array_index(sheet->pages->pages, number++);
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
		double y = room->y - print_question_height(question);
		guint lines = (guint)(room->height / SHEET_RULE + 0.01);

		y = put(sheet, page, PRINT_HEITI, 11, SHEET_LEFT, y, SHEET_WIDTH, SHEET_QUESTION, 0,
			PRINT_BLACK, question->question);
		if (question->hint)
			put(sheet, page, PRINT_SONG, 9, SHEET_LEFT, y, SHEET_WIDTH, SHEET_HINT, 0,
			    PRINT_GREY, question->hint);
		for (guint k = 1; k <= lines; k++)
			put_rule(page, SHEET_LEFT, room->y + k * SHEET_RULE, SHEET_WIDTH, FALSE);
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
			put(sheet, page, PRINT_HEITI, 11, SHEET_LEFT,
			    SHEET_BOTTOM - SHEET_CHOICE + 1, SHEET_WIDTH, SHEET_QUESTION, 0,
			    PRINT_BLACK, form->disclosure_question);
		if (hidden || strcmp(box->code, "named") == 0)
			put_fit(sheet, page, PRINT_SONG, 10.5, box->x + PRINT_BOX + 2, box->y,
				SHEET_WIDTH / 2 - PRINT_BOX - 5, PRINT_BOX, 0,
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

	sheet.row = print_sheet_row(form, departments, count);

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
