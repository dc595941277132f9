#include "templates/grid.h"

#include "base/charset.h"

#include <string.h>

#define GAP 2

static void column_clear(gpointer data)
{
	g_free(((struct grid_column *)data)->heading);
}

struct grid *grid_new(const char *title)
{
	struct grid *grid = g_new0(struct grid, 1);

	grid->title = g_strdup(title);
	grid->columns = g_array_new(FALSE, FALSE, sizeof(struct grid_column));
	g_array_set_clear_func(grid->columns, column_clear);
	grid->rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
	grid->feet = g_ptr_array_new_with_free_func(g_free);
	return grid;
}

void grid_free(struct grid *grid)
{
	if (!grid)
		return;
	g_free(grid->title);
	g_array_unref(grid->columns);
	g_ptr_array_unref(grid->rows);
	g_ptr_array_unref(grid->feet);
	g_free(grid);
}

void grid_column(struct grid *grid, const char *heading, enum grid_kind kind)
{
	struct grid_column column = {g_strdup(heading), kind};

	g_array_append_val(grid->columns, column);
}

void grid_row(struct grid *grid, const char *const *cells)
{
	char **row = g_new0(char *, grid->columns->len + 1);

	for (guint i = 0; i < grid->columns->len; i++)
		row[i] = g_strdup(cells[i] ? cells[i] : "");
	g_ptr_array_add(grid->rows, row);
}

void grid_foot(struct grid *grid, const char *text)
{
	g_ptr_array_add(grid->feet, g_strdup(text));
}

guint grid_width(const char *text)
{
	guint width = 0;

	for (const char *c = text; *c; c = g_utf8_next_char(c)) {
		gunichar point = g_utf8_get_char(c);

		if (g_unichar_iswide(point))
			width += 2;
		else if (!g_unichar_iszerowidth(point))
			width += 1;
	}
	return width;
}

/* A cell of `width`, cut with … where it is longer, one line. */
static void put(GString *out, const char *text, guint width, gboolean right, gboolean last)
{
	guint has = grid_width(text);
	guint used = 0;

	if (right && has < width)
		g_string_append_printf(out, "%*s", (int)(width - has), "");
	for (const char *c = text; *c; c = g_utf8_next_char(c)) {
		gunichar point = g_utf8_get_char(c);
		guint wide = g_unichar_iswide(point) ? 2 : g_unichar_iszerowidth(point) ? 0 : 1;

		if (has > width && used + wide + 1 > width) {
			g_string_append(out, "…");
			used++;
			break;
		}
		if (charset_is_control(point))
			point = ' ';
		g_string_append_unichar(out, point);
		used += wide;
	}
	if (!right && !last && used < width)
		g_string_append_printf(out, "%*s", (int)(width - used), "");
}

static guint *measure(const struct grid *grid, guint width)
{
	guint *widths = g_new0(guint, grid->columns->len + 1);
	guint total = 0;

	for (guint i = 0; i < grid->columns->len; i++) {
		widths[i] = grid_width(g_array_index(grid->columns, struct grid_column, i).heading);
		for (guint r = 0; r < grid->rows->len; r++)
			widths[i] = MAX(widths[i],
					grid_width(((char **)g_ptr_array_index(grid->rows, r))[i]));
		total += widths[i] + (i ? GAP : 0);
	}
	if (width && total > width && grid->columns->len) {
		guint *last = &widths[grid->columns->len - 1];
		guint others = total - *last;

		*last = width > others + 8 ? width - others : 8;
	}
	return widths;
}

static void line(GString *out, const struct grid *grid, const guint *widths, char *const *cells)
{
	for (guint i = 0; i < grid->columns->len; i++) {
		const struct grid_column *column =
		    &g_array_index(grid->columns, struct grid_column, i);

		if (i)
			g_string_append_printf(out, "%*s", GAP, "");
		put(out, cells ? cells[i] : column->heading, widths[i], column->kind == GRID_NUMBER,
		    i + 1 == grid->columns->len);
	}
}

char *grid_to_terminal(const struct grid *grid, guint width, gboolean bold)
{
	GString *out = g_string_new(NULL);
	g_autofree guint *widths = measure(grid, width);

	g_string_append(out, bold ? "\033[1m" : "");
	line(out, grid, widths, NULL);
	g_string_append(out, bold ? "\033[0m\n" : "\n");
	for (guint r = 0; r < grid->rows->len; r++) {
		line(out, grid, widths, g_ptr_array_index(grid->rows, r));
		g_string_append_c(out, '\n');
	}
	for (guint i = 0; i < grid->feet->len; i++)
		g_string_append_printf(out, "%s\n", (char *)g_ptr_array_index(grid->feet, i));
	return g_string_free(out, FALSE);
}

static void csv_cell(GString *out, const char *text, gboolean number)
{
	/* what a spreadsheet would run */
	gboolean formula = !number && *text && strchr("=+-@\t\r", *text);

	if (!formula && !strpbrk(text, ",\"\r\n")) {
		g_string_append(out, text);
		return;
	}
	g_string_append(out, formula ? "\"'" : "\"");
	for (; *text; text++) {
		if (*text == '"')
			g_string_append_c(out, '"');
		g_string_append_c(out, *text);
	}
	g_string_append_c(out, '"');
}

GBytes *grid_to_csv(const struct grid *grid)
{
	GString *out = g_string_new("\xef\xbb\xbf");

	for (guint i = 0; i < grid->columns->len; i++) {
		g_string_append(out, i ? "," : "");
		csv_cell(out, g_array_index(grid->columns, struct grid_column, i).heading, FALSE);
	}
	g_string_append(out, "\r\n");
	for (guint r = 0; r < grid->rows->len; r++) {
		char **cells = g_ptr_array_index(grid->rows, r);

		for (guint i = 0; i < grid->columns->len; i++) {
			g_string_append(out, i ? "," : "");
			csv_cell(out, cells[i],
				 g_array_index(grid->columns, struct grid_column, i).kind ==
				     GRID_NUMBER);
		}
		g_string_append(out, "\r\n");
	}
	return g_string_free_to_bytes(out);
}
