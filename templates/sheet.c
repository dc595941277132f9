#include "base/error.h"
#include "templates/grid.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>

#define HEAD_ROW   1 /* below the title */
#define WIDE       44
#define WIDTH_MAX  28
#define CELL_CHARS 32767 /* Excel's own limit */

struct formats {
	lxw_format *title, *head, *text, *number, *date, *running;
};

static struct formats make_formats(lxw_workbook *book)
{
	struct formats f = {
	    .title = workbook_add_format(book),
	    .head = workbook_add_format(book),
	    .text = workbook_add_format(book),
	    .number = workbook_add_format(book),
	    .date = workbook_add_format(book),
	    .running = workbook_add_format(book),
	};
	lxw_format *const bordered[] = {f.head, f.text, f.number, f.date, f.running};

	format_set_bold(f.title);
	format_set_font_size(f.title, 14);
	for (guint i = 0; i < G_N_ELEMENTS(bordered); i++) {
		format_set_border(bordered[i], LXW_BORDER_THIN);
		format_set_border_color(bordered[i], 0xC8CED5);
		format_set_align(bordered[i], LXW_ALIGN_VERTICAL_TOP);
	}
	format_set_bold(f.head);
	format_set_bg_color(f.head, 0xEEF1F4);
	format_set_text_wrap(f.head);
	format_set_num_format(f.text, "@");
	format_set_num_format(f.date, "yyyy-mm-dd");
	format_set_align(f.date, LXW_ALIGN_LEFT);
	format_set_text_wrap(f.running);
	return f;
}

static void write_text(lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column, const char *text,
		       lxw_format *format)
{
	g_autofree char *cut =
	    g_utf8_strlen(text, -1) > CELL_CHARS ? g_utf8_substring(text, 0, CELL_CHARS) : NULL;

	worksheet_write_string(sheet, row, column, cut ? cut : text, format);
}

static void write_cell(lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column, const char *text,
		       enum grid_kind kind, const struct formats *f)
{
	lxw_datetime date = {0};

	if (kind == GRID_NUMBER && *text)
		worksheet_write_number(sheet, row, column, g_ascii_strtod(text, NULL), f->number);
	else if (kind == GRID_DATE && strlen(text) == 10 &&
		 sscanf(text, "%4d-%2d-%2d", &date.year, &date.month, &date.day) == 3)
		worksheet_write_datetime(sheet, row, column, &date, f->date);
	else
		write_text(sheet, row, column, text, kind == GRID_LONG ? f->running : f->text);
}

/* Wide enough for what stands in it, up to a limit. */
static double width_of(const struct grid *grid, guint i)
{
	const struct grid_column *column = &g_array_index(grid->columns, struct grid_column, i);
	guint width = grid_width(column->heading);

	if (column->kind == GRID_LONG)
		return WIDE;
	for (guint r = 0; r < grid->rows->len; r++)
		width = MAX(width, grid_width(((char **)g_ptr_array_index(grid->rows, r))[i]));
	return MIN(width, WIDTH_MAX) + 2.0;
}

static void fill(lxw_worksheet *sheet, const struct grid *grid, const struct formats *f)
{
	lxw_row_t row = HEAD_ROW;

	worksheet_write_string(sheet, 0, 0, grid->title, f->title);
	for (guint i = 0; i < grid->columns->len; i++) {
		const struct grid_column *column =
		    &g_array_index(grid->columns, struct grid_column, i);

		worksheet_set_column(sheet, (lxw_col_t)i, (lxw_col_t)i, width_of(grid, i), NULL);
		worksheet_write_string(sheet, HEAD_ROW, (lxw_col_t)i, column->heading, f->head);
	}
	for (guint r = 0; r < grid->rows->len; r++) {
		char **cells = g_ptr_array_index(grid->rows, r);

		row++;
		for (guint i = 0; i < grid->columns->len; i++)
			write_cell(sheet, row, (lxw_col_t)i, cells[i],
				   g_array_index(grid->columns, struct grid_column, i).kind, f);
	}
	for (guint i = 0; i < grid->feet->len; i++)
		worksheet_write_string(sheet, row + 2 + i, 0, g_ptr_array_index(grid->feet, i),
				       NULL);
	worksheet_freeze_panes(sheet, HEAD_ROW + 1, 0);
	worksheet_repeat_rows(sheet, HEAD_ROW, HEAD_ROW);
	worksheet_set_landscape(sheet);
	worksheet_set_paper(sheet, 9); /* A4 */
	worksheet_fit_to_pages(sheet, 1, 0);
	worksheet_set_footer(sheet, "&C&P / &N");
}

GBytes *grid_to_xlsx(const struct grid *grid, GError **error)
{
	g_autofree char *path = NULL;
	int fd = g_file_open_tmp("pingyi-XXXXXX.xlsx", &path, error);
	lxw_workbook *book;
	lxw_error problem;
	char *bytes = NULL;
	gsize size = 0;
	gboolean good;
	struct formats f;

	if (fd < 0)
		return NULL;
	close(fd);
	book = workbook_new(path);
	f = make_formats(book);
	fill(workbook_add_worksheet(book, NULL), grid, &f);
	problem = workbook_close(book);
	good = problem == LXW_NO_ERROR && g_file_get_contents(path, &bytes, &size, error);
	if (problem != LXW_NO_ERROR)
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY, "%s: %s", path,
			    lxw_strerror(problem));
	g_unlink(path);
	return good ? g_bytes_new_take(bytes, size) : NULL;
}
