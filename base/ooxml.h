#pragma once

/*
 * Reading Office files (.docx, .xlsx; ECMA-376) that anybody may have sent: a zip archive over
 * memory, XML without network, entities or document types. Nothing is written to disk. Sizes are
 * bounded before memory is taken; an archive that unpacks to far more than it holds is refused.
 *
 * PINGYI_ERROR_INPUT everywhere: the file is broken, too large, locked by a password, or not one
 * of its kind (an old .doc or .xls is named as such).
 */
#include "base/table.h"

#define OOXML_FILE_LIMIT  (64u << 20)   /* bytes of the file itself */
#define OOXML_ENTRY_LIMIT 4096u         /* entries of the archive */
#define OOXML_RATIO_LIMIT 250u          /* unpacked bytes for one packed byte … */
#define OOXML_RATIO_FREE  (4u << 20)    /* … of a part, and of all of them, beyond this size */
#define OOXML_PART_LIMIT  (512u << 20)  /* unpacked bytes of a part that is read in passing */
#define OOXML_ALL_LIMIT   (1024u << 20) /* the same of all parts, one read twice counting twice */
#define OOXML_TEXT_LIMIT  (16u << 20)   /* bytes of text that _text() gives */

/*
 * One part of the archive, such as "word/document.xml" (names are equal whatever their case).
 * Returns: (transfer full) NULL without an error when there is no such part; NULL with one when
 * the file is broken or the part is longer than `max_bytes`.
 */
GBytes *ooxml_part(GBytes *file, const char *part, gsize max_bytes, GError **error);

/*
 * What a reader sees: headers, body, notes, footers, in this order; a paragraph a line, a table's
 * row a line with its cells separated by tabs (a paragraph within a cell but the first begins a
 * line of its own). Ticked boxes are ☑, others ☐, whether signs, content controls or old form
 * fields. Deleted text, field codes and phonetic guides are left out.
 * `left_inout` are the bytes that may still be unpacked, of this file and of others that share them
 * (NULL: OOXML_ALL_LIMIT); what was unpacked is taken off, also when there is an error.
 * Returns: (transfer full) UTF-8; NULL with an error.
 */
char *ooxml_docx_text(GBytes *docx, guint64 *left_inout, GError **error);

/* All visible sheets: a row a line, cells separated by tabs; line breaks within a cell become
 * spaces. `left_inout` as above. Returns: (transfer full) UTF-8; NULL with an error. */
char *ooxml_xlsx_text(GBytes *xlsx, guint64 *left_inout, GError **error);

/*
 * The first visible sheet, as text: a number as its digits (13800001111, never 1.38E+10 or ".0";
 * from 10^15 on, where Excel itself has lost digits, with an exponent), leading zeros where the
 * cell's format shows them, dates as 2026-03-02. `name` is what errors call the file.
 * Returns: (transfer full) an array of struct table_row; NULL with an error.
 */
GPtrArray *ooxml_xlsx_rows(const char *name, GBytes *xlsx, GError **error);
