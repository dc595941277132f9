#include "templates/print_boxes.h"

#include "templates/grid.h"

#include <string.h>

#define ROW_MAX      8.5
#define ROW_MID      7.5
#define ROW_MIN      6.4
#define ONE_COLUMN   22 /* departments that are set in one column */
#define GUTTER       6.0
#define BOX_STEP     6.5
#define BOX_WIDE     11.0 /* where there is one column */
#define UNKNOWN_GAP  2.5  /* 不了解 is set apart */
#define AFTER        4.0
#define LINE_COLUMNS 88 /* terminal columns of a question's line */

struct place {
	guint page;
	double y;
};

static gboolean is_rated(const struct form *form, const char *code)
{
	return !form->rating_departments ||
	       g_strv_contains((const char *const *)form->rating_departments, code);
}

void print_table_init(struct print_table *table, const struct form *form,
		      const struct form_department *departments, gsize count)
{
	table->rows = g_new(guint, count + 1);
	for (gsize i = 0; i < count; i++) {
		if (is_rated(form, departments[i].code))
			table->rows[table->count++] = (guint)i;
	}
	table->columns = table->count > ONE_COLUMN ? 2 : 1;
	table->width = table->columns == 2 ? (SHEET_WIDTH - GUTTER) / 2 : SHEET_WIDTH;
	table->step = table->columns == 2 ? BOX_STEP : BOX_WIDE;
	table->boxes = table->width - (5 * table->step + UNKNOWN_GAP + PRINT_BOX + 2);
}

void print_table_fit(struct print_table *table, guint left, double row, double y)
{
	guint wanted = (left + table->columns - 1) / table->columns;
	double room = SHEET_BOTTOM - y - SHEET_HEAD;
	guint most = (guint)(room / ROW_MIN);

	table->fitting = MIN(wanted, MAX(most, 1));
	table->row = MIN(row, room / table->fitting);
}

double print_column_x(const struct print_table *table, guint column)
{
	return SHEET_LEFT + column * (table->width + GUTTER);
}

double print_box_x(const struct print_table *table, guint column, int grade)
{
	double x = print_column_x(table, column) + table->boxes;

	return grade == 0 ? x + 5 * table->step + UNKNOWN_GAP : x + (5 - grade) * table->step;
}

guint print_text_lines(const char *text)
{
	return (grid_width(text) + LINE_COLUMNS - 1) / LINE_COLUMNS;
}

double print_question_height(const struct form_question *question)
{
	return print_text_lines(question->question) * SHEET_QUESTION +
	       (question->hint ? print_text_lines(question->hint) * SHEET_HINT : 0);
}

static void add_box(GArray *boxes, guint page, double x, double y, const char *code, int grade)
{
	struct print_box box = {.page = page, .x = x, .y = y, .grade = grade};

	g_strlcpy(box.code, code, sizeof box.code);
	g_array_append_val(boxes, box);
}

/* Places the ratings' boxes from *place on, which moves below them. */
static void place_ratings(const struct form *form, const struct form_department *departments,
			  gsize count, double row_max, struct place *place, GArray *boxes)
{
	struct print_table table = {0};
	guint done = 0;

	print_table_init(&table, form, departments, count);
	place->y += SHEET_QUESTION * print_text_lines(form->rating_question);
	while (done < table.count) {
		print_table_fit(&table, table.count - done, row_max, place->y);
		for (guint i = 0; i < table.fitting * table.columns && done < table.count; i++) {
			guint column = i / table.fitting, row = i % table.fitting;
			double y =
			    place->y + SHEET_HEAD + row * table.row + (table.row - PRINT_BOX) / 2;

			for (int grade = 5; grade >= 0; grade--)
				add_box(boxes, place->page, print_box_x(&table, column, grade), y,
					departments[table.rows[done]].code, grade);
			done++;
		}
		place->y += SHEET_HEAD + table.fitting * table.row + AFTER;
		if (done < table.count)
			*place = (struct place){place->page + 1, SHEET_NEXT_Y};
	}
	g_free(table.rows);
}

/* Lines of a question of which `tenths` are given, at least two. */
static guint lines_of(const struct form_question *question, guint tenths)
{
	guint lines = (guint)question->lines;

	return MAX(MIN(lines, 2), lines * tenths / 10);
}

static double open_height(const struct form *form, guint question, guint tenths)
{
	const struct form_question *q = g_ptr_array_index(form->open, question);

	return print_question_height(q) + lines_of(q, tenths) * SHEET_RULE + AFTER;
}

/* How many tenths of their lines let all questions go below `y`, 10 where not even half does: a
 * sheet of one page goes on the back of a letter of one page. */
static guint open_tenths(const struct form *form, double choice, double y)
{
	for (guint tenths = 10; tenths >= 5; tenths--) {
		double height = 0;

		for (guint i = 0; i < form->open->len; i++)
			height += open_height(form, i, tenths);
		if (y + height <= SHEET_BOTTOM - choice)
			return tenths;
	}
	return 10;
}

/* The first question that does not go on the page below `y`; *rest_out is what is left then. */
static guint open_end(const struct form *form, guint first, guint tenths, double choice, double y,
		      double *rest_out)
{
	double start = y;
	guint end = first;

	for (; end < form->open->len; end++) {
		double height = open_height(form, end, tenths);
		double bottom = end + 1 == form->open->len ? SHEET_BOTTOM - choice : SHEET_BOTTOM;

		if (y + height > bottom && (y > start || y > SHEET_NEXT_Y))
			break;
		y += height;
	}
	*rest_out = MAX((end == form->open->len ? SHEET_BOTTOM - choice : SHEET_BOTTOM) - y, 0);
	return end;
}

/* Places the open questions. A page that they do not fill gives them more lines, each by what it
 * asked for, and what then is left to the first. */
static void place_open(const struct form *form, double choice, struct place *place, GArray *rooms)
{
	guint tenths = open_tenths(form, choice, place->y);
	guint first = 0;

	while (first < form->open->len) {
		double rest;
		guint end = open_end(form, first, tenths, choice, place->y, &rest);
		guint more = (guint)(rest / SHEET_RULE), asked = 0, given = 0;

		for (guint i = first; i < end; i++)
			asked += lines_of(g_ptr_array_index(form->open, i), tenths);
		for (guint i = first; i < end; i++)
			given += more * lines_of(g_ptr_array_index(form->open, i), tenths) /
				 MAX(asked, 1);
		for (guint i = first; i < end; i++) {
			const struct form_question *q = g_ptr_array_index(form->open, i);
			guint own = lines_of(q, tenths);
			guint lines =
			    own + more * own / MAX(asked, 1) + (i == first ? more - given : 0);
			double most = SHEET_BOTTOM - SHEET_NEXT_Y - print_question_height(q);
			struct print_room room = {.page = place->page,
						  .y = place->y + print_question_height(q),
						  .height = MIN(lines * SHEET_RULE, most),
						  .question = q->id};

			g_array_append_val(rooms, room);
			place->y = room.y + room.height + AFTER;
		}
		first = end;
		if (first < form->open->len)
			*place = (struct place){place->page + 1, SHEET_NEXT_Y};
	}
}

static guint place_all(const struct form *form, const struct form_department *departments,
		       gsize count, double row, GArray *boxes, GArray *rooms)
{
	struct place place = {1, SHEET_FIRST_Y};
	double choice = form->disclosure_question ? SHEET_CHOICE : 0;

	g_array_set_size(boxes, 0);
	g_array_set_size(rooms, 0);
	if (form->rating_question)
		place_ratings(form, departments, count, row, &place, boxes);
	place_open(form, choice, &place, rooms);
	if (!form->disclosure_question)
		return place.page;
	if (place.y > SHEET_BOTTOM - choice + AFTER)
		place.page++;
	add_box(boxes, place.page, SHEET_LEFT + 2, SHEET_BOTTOM - 6.5, "hidden", 0);
	add_box(boxes, place.page, SHEET_LEFT + SHEET_WIDTH / 2, SHEET_BOTTOM - 6.5, "named", 1);
	return place.page;
}

double print_sheet_row(const struct form *form, const struct form_department *departments,
		       gsize count)
{
	static const double heights[] = {ROW_MAX, ROW_MID, ROW_MIN};
	g_autoptr(GArray) boxes = g_array_new(FALSE, TRUE, sizeof(struct print_box));
	g_autoptr(GArray) rooms = g_array_new(FALSE, TRUE, sizeof(struct print_room));

	for (guint i = 0; i < G_N_ELEMENTS(heights); i++) {
		if (place_all(form, departments, count, heights[i], boxes, rooms) == 1)
			return heights[i];
	}
	return ROW_MAX;
}

guint print_sheet_boxes(const struct form *form, const struct form_department *departments,
			gsize count, GArray **boxes_out, GArray **rooms_out)
{
	*boxes_out = g_array_new(FALSE, TRUE, sizeof(struct print_box));
	*rooms_out = g_array_new(FALSE, TRUE, sizeof(struct print_room));
	return place_all(form, departments, count, print_sheet_row(form, departments, count),
			 *boxes_out, *rooms_out);
}
