#pragma once

/*
 * Tables as text (RFC 4180, and what Excel really writes): GB18030, UTF-8 with or without BOM,
 * UTF-16 ("Unicode text"); separated by comma, semicolon or tab, whichever the first line has most
 * of; quoted cells with line breaks; ="0546" and a leading apostrophe mean the text itself.
 */
#include <glib.h>

#define CSV_SIZE_LIMIT	(64u << 20) /* bytes of a file */
#define CSV_ROW_LIMIT	200000	    /* rows of a table */
#define CSV_COLUMN_LIMIT 500	    /* cells of a row */
#define CSV_CELL_LIMIT	32767	    /* bytes of a cell, Excel's own limit in characters */

struct table_row {
	guint line;	  /* of the file where it begins, from 1 */
	GPtrArray *cells; /* char *, white space around them removed */
};

/* Reads a table; empty lines are left out. PINGYI_ERROR_INPUT names `name` and the line.
 * Returns: (transfer full) an array of struct table_row * */
GPtrArray *csv_parse(const char *name, GBytes *bytes, GError **error);

/* An empty table, which frees its rows; and a row added to it. */
GPtrArray *table_new(void);
struct table_row *table_add(GPtrArray *table, guint line);
