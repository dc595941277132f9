/*
 * Office files. The first byte tells what the others are: a letter names a part of a file that is
 * otherwise usual (d: a document, s: a sheet, t: shared strings, y: styles, w: a workbook); with
 * any other the input is the whole file.
 */
#include "base/ooxml.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void read_docx(GBytes *file)
{
	g_autofree char *text = ooxml_docx_text(file, NULL, NULL);

	fuzz_require_utf8(text, "a document's text is UTF-8");
	fuzz_require(!text || strlen(text) <= OOXML_TEXT_LIMIT + 8, "text has its bound");
}

static void read_xlsx(GBytes *file)
{
	g_autofree char *text = ooxml_xlsx_text(file, NULL, NULL);
	g_autoptr(GPtrArray) rows = ooxml_xlsx_rows("x.xlsx", file, NULL);

	fuzz_require_utf8(text, "a sheet's text is UTF-8");
	fuzz_require(!text || strlen(text) <= OOXML_TEXT_LIMIT + 8, "text has its bound");
	(void)rows;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char parts[] = "styw";
	static const enum fuzz_sheet whats[] = {FUZZ_SHEET, FUZZ_STRINGS, FUZZ_STYLES,
						FUZZ_WORKBOOK};
	const char *part = size && data[0] ? strchr(parts, data[0]) : NULL;
	g_autoptr(GBytes) file = NULL;

	if (size && data[0] == 'd')
		file = fuzz_docx(data + 1, size - 1);
	else if (part)
		file = fuzz_xlsx(whats[part - parts], data + 1, size - 1);
	else
		file = g_bytes_new(data, size);
	if (!part)
		read_docx(file);
	if (!size || data[0] != 'd')
		read_xlsx(file);
	return 0;
}
