#pragma once

/* How a spreadsheet's cells show their numbers, as far as it matters for reading them as text. */
#include <glib.h>

enum xlsx_format {
	XLSX_GENERAL, /* the digits */
	XLSX_ZEROS,   /* filled up with zeros on the left */
	XLSX_PERCENT,
	XLSX_DATE,
	XLSX_TIME,
	XLSX_DATE_TIME,
};

struct xlsx_style {
	enum xlsx_format format;
	guint zeros; /* least number of digits of XLSX_ZEROS */
};

/* What a number format code means (ECMA-376 part 1, 18.8.31); `id` is its number, whose meaning
 * stands without a code below 164 (18.8.30, with those of Chinese Excel). */
struct xlsx_style xlsx_style_of(guint id, const char *code);

/* A number as it is written in a cell ("13800001111", "1.3800001111E10"), as text.
 * Returns: (transfer full) */
char *xlsx_number_text(const char *value, struct xlsx_style style, gboolean from_1904);
