#include "tests/fuzz/fuzz.h"

#include "templates/package.h"

#include <stdlib.h>
#include <string.h>

#define MAIN_NS    "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define OFFICE_NS  "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PACKAGE_NS "http://schemas.openxmlformats.org/package/2006/relationships"

static const char docx_links[] =
    "<Relationships xmlns=\"" PACKAGE_NS "\"><Relationship Id=\"r1\" Type=\"" OFFICE_NS
    "/officeDocument\" Target=\"word/document.xml\"/></Relationships>";
static const char xlsx_links[] =
    "<Relationships xmlns=\"" PACKAGE_NS "\"><Relationship Id=\"r1\" Type=\"" OFFICE_NS
    "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>";
static const char workbook_links[] =
    "<Relationships xmlns=\"" PACKAGE_NS "\"><Relationship Id=\"r1\" Type=\"" OFFICE_NS
    "/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"" OFFICE_NS
    "/sharedStrings\" Target=\"sharedStrings.xml\"/><Relationship Id=\"r3\" Type=\"" OFFICE_NS
    "/styles\" Target=\"styles.xml\"/></Relationships>";
static const char types[] =
    "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>";

/* The parts of a sheet file by enum fuzz_sheet. */
static const struct {
	const char *name;
	const char *usual;
} sheet_parts[] = {
    [FUZZ_SHEET] = {"xl/worksheets/sheet1.xml",
		    "<worksheet xmlns=\"" MAIN_NS "\"><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\">"
		    "<v>0</v></c><c r=\"C1\" s=\"1\"><v>46083.5</v></c></row></sheetData>"
		    "</worksheet>"},
    [FUZZ_STRINGS] = {"xl/sharedStrings.xml",
		      "<sst xmlns=\"" MAIN_NS "\"><si><t>one</t></si><si><r><t>t</t></r><r><t>wo"
		      "</t></r></si></sst>"},
    [FUZZ_STYLES] = {"xl/styles.xml",
		     "<styleSheet xmlns=\"" MAIN_NS "\"><numFmts><numFmt numFmtId=\"164\" "
		     "formatCode=\"yyyy/m/d\"/></numFmts><cellXfs><xf numFmtId=\"0\"/><xf "
		     "numFmtId=\"164\"/></cellXfs></styleSheet>"},
    [FUZZ_WORKBOOK] = {"xl/workbook.xml",
		       "<workbook xmlns=\"" MAIN_NS "\" xmlns:r=\"" OFFICE_NS "\"><sheets><sheet "
		       "name=\"a\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"},
};

void fuzz_require(gboolean good, const char *what)
{
	if (good)
		return;
	g_printerr("broken: %s\n", what);
	abort();
}

void fuzz_require_utf8(const char *text, const char *what)
{
	fuzz_require(!text || g_utf8_validate(text, -1, NULL), what);
}

GBytes *fuzz_docx(const void *part, gsize size)
{
	g_autoptr(package_handle) package = package_new();

	package_add(package, "[Content_Types].xml", types, strlen(types), TRUE);
	package_add(package, "_rels/.rels", docx_links, strlen(docx_links), TRUE);
	package_add(package, "word/document.xml", part, size, TRUE);
	return package_finish(package);
}

GBytes *fuzz_xlsx(enum fuzz_sheet which, const void *part, gsize size)
{
	g_autoptr(package_handle) package = package_new();

	package_add(package, "[Content_Types].xml", types, strlen(types), TRUE);
	package_add(package, "_rels/.rels", xlsx_links, strlen(xlsx_links), TRUE);
	package_add(package, "xl/_rels/workbook.xml.rels", workbook_links, strlen(workbook_links),
		    TRUE);
	for (guint i = 0; i < G_N_ELEMENTS(sheet_parts); i++) {
		gboolean given = i == which;

		package_add(package, sheet_parts[i].name, given ? part : sheet_parts[i].usual,
			    given ? size : strlen(sheet_parts[i].usual), TRUE);
	}
	return package_finish(package);
}
