#pragma once

/*
 * Tables as text (RFC 4180, and what Excel really writes): GB18030, UTF-8 with or without BOM,
 * UTF-16 ("Unicode text"); separated by comma, semicolon or tab, whichever the first line that
 * holds any has most of outside of quotes (a line "sep=;" before it decides); quoted cells with
 * line breaks; lines that end with CR LF, LF or CR. ="0546" and a leading apostrophe mean the text
 * itself. White space around a cell is removed.
 */
#include "base/table.h"

#define CSV_SIZE_LIMIT (256u << 20) /* bytes of a file */

/* Reads a table. PINGYI_ERROR_INPUT names `name` and the line.
 * Returns: (transfer full) an array of struct table_row */
GPtrArray *csv_parse(const char *name, GBytes *bytes, GError **error);
