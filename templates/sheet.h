#pragma once

/*
 * Tables for people: on a terminal, as CSV, as a sheet (.xlsx). The only file that knows
 * libxlsxwriter is sheet.c. A grid is filled row by row, all cells are text in UTF-8; how a column
 * is shown follows from its kind.
 */
#include <glib.h>

enum grid_kind {
	GRID_TEXT,
	GRID_NUMBER, /* right-aligned; a number in a sheet, empty stays empty */
	GRID_DATE,   /* YYYY-MM-DD; a date in a sheet */
	GRID_LONG,   /* running text: wraps in a sheet */
};

struct grid;

struct grid *grid_new(const char *title);
void grid_free(struct grid *grid);
void grid_column(struct grid *grid, const char *heading, enum grid_kind kind);
/* A row: NULL-ended cells, as many as there are columns. */
void grid_row(struct grid *grid, const char *const *cells);
void grid_foot(struct grid *grid, const char *text); /* a line below */

/* For a terminal: aligned by display width, the last column cut so that a line fits into `width`
 * (0: not cut). `bold` makes the heading bold. Returns: (transfer full) */
char *grid_to_terminal(const struct grid *grid, guint width, gboolean bold);

/* As Chinese Excel opens it: UTF-8 with BOM, CRLF, RFC 4180. A cell that Excel would take for a
 * formula begins with an apostrophe. Returns: (transfer full) */
GBytes *grid_to_csv(const struct grid *grid);

/* A sheet on A4 across, its heading frozen and repeated in print. PINGYI_ERROR_TEMPORARY when the
 * temporary file cannot be written. Returns: (transfer full) */
GBytes *grid_to_xlsx(const struct grid *grid, GError **error);

typedef struct grid grid_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(grid_handle, grid_free)
