#pragma once

/*
 * A table as read from a file (CSV, XLSX): rows of text, each with its line number. A row and its
 * text are one block of memory, so that a million rows stay cheap. Rows without any text are not
 * kept. What a file may make us hold is bounded.
 */
#include <glib.h>

#define TABLE_ROW_LIMIT    1048576u     /* rows: Excel's own limit */
#define TABLE_COLUMN_LIMIT 512u         /* columns that hold text */
#define TABLE_CELL_LIMIT   131068u      /* bytes of a cell: Excel's 32,767 characters in UTF-8 */
#define TABLE_BYTES_LIMIT  (512u << 20) /* bytes of all rows together, pointers counted */

struct table_row {
	guint line;    /* from 1: the line where the row begins, or the sheet's row */
	guint count;   /* of cells, up to the last one that holds text */
	char *cells[]; /* UTF-8, "" for an empty one; in the row's own block */
};

/* The text of a cell; "" beyond the last one. */
const char *table_cell(const struct table_row *row, guint column);

/* Collects the cells of one row after the other. */
struct table_builder;

/* `bytes_limit` is for all rows that this builder makes; at most TABLE_BYTES_LIMIT. */
struct table_builder *table_builder_new(gsize bytes_limit);
void table_builder_free(struct table_builder *builder);

/* Puts text into a cell of the present row (column from 0; cells come in rising order).
 * FALSE with PINGYI_ERROR_INPUT when the cell or the row is too large. */
gboolean table_builder_cell(struct table_builder *builder, guint column, const char *text,
			    gsize length, GError **error);

/*
 * Ends the present row. `row_out` gets it, or NULL when it holds no text; free with g_free().
 * FALSE with PINGYI_ERROR_INPUT when the table is too large.
 */
gboolean table_builder_row(struct table_builder *builder, guint line, struct table_row **row_out,
			   GError **error);

typedef struct table_builder table_builder;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(table_builder, table_builder_free)
