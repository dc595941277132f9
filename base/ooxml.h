#pragma once

/*
 * Reading .docx and .xlsx (ECMA-376) with limits, from memory: parts of the package, the text of a
 * document, the rows of a sheet. Nothing is written, no macro or link is followed.
 */
#include "base/csv.h"

#define OOXML_PART_LIMIT  (16u << 20) /* bytes of an unpacked part */
#define OOXML_ENTRY_LIMIT 2000	      /* entries of a package that are looked at */

/* A part of the package, or NULL without an error when it has none of that name; a file that is no
 * package, or a part over `max_bytes`, is PINGYI_ERROR_INPUT. Returns: (transfer full) */
GBytes *ooxml_part(GBytes *file, const char *part, gsize max_bytes, GError **error);

/* The text of a document: a line a paragraph, cells separated by tabs, headers first.
 * PINGYI_ERROR_INPUT. Returns: (transfer full) */
char *ooxml_docx_text(GBytes *docx, GError **error);

/* The rows of a workbook's first sheet (see csv.h); numbers as they were typed, without exponent or
 * ".0". PINGYI_ERROR_INPUT. Returns: (transfer full) */
GPtrArray *ooxml_xlsx_rows(const char *name, GBytes *xlsx, GError **error);

/* The same as text, cells separated by tabs. Returns: (transfer full) */
char *ooxml_xlsx_text(GBytes *xlsx, GError **error);
