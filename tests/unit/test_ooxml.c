#include "base/error.h"
#include "base/ooxml.h"
#include "base/table.h"
#include "tests/unit/zip_writer.h"

#include <check.h>
#include <string.h>

#define W                                                                                          \
	"<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" "    \
	"xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\"><w:body>"
#define W_END "</w:body></w:document>"
#define RELATIONS                                                                                  \
	"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
#define TYPE "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

static char *docx_text(const char *document)
{
	struct zip_file parts[] = {{"word/document.xml", document, 0}};
	g_autoptr(GBytes) zip = zip_of_files(parts, 1, NULL);
	g_autoptr(GError) error = NULL;
	char *text = ooxml_docx_text(zip, NULL, &error);

	ck_assert_msg(text != NULL, "%s", error ? error->message : "?");
	return text;
}

static void docx_fails(const char *document)
{
	struct zip_file parts[] = {{"word/document.xml", document, 0}};
	g_autoptr(GBytes) zip = zip_of_files(parts, 1, NULL);
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(ooxml_docx_text(zip, NULL, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	ck_assert_ptr_null(strchr(error->message, '\n'));
}

START_TEST(part_is_found_or_absent)
{
	struct zip_file parts[] = {{"[Content_Types].xml", "<x/>", 0},
				   {"word\\Custom.XML", "hallo", 0}};
	g_autoptr(GBytes) zip = zip_of_files(parts, 2, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) part = ooxml_part(zip, "word/custom.xml", 5, &error);

	ck_assert_ptr_nonnull(part);
	ck_assert_mem_eq(g_bytes_get_data(part, NULL), "hallo", 5);
	ck_assert_ptr_null(ooxml_part(zip, "word/other.xml", 5, &error));
	ck_assert_ptr_null(error);
	ck_assert_ptr_null(ooxml_part(zip, "word/custom.xml", 4, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
}
END_TEST

START_TEST(docx_paragraphs_and_tables)
{
	g_autofree char *text = docx_text(
	    W "<w:p><w:pPr><w:tabs><w:tab w:val=\"left\"/></w:tabs></w:pPr>"
	      "<w:r><w:t>一、</w:t><w:tab/><w:t xml:space=\"preserve\"> 建议 </w:t></w:r></w:p>"
	      "<w:p/><w:tbl><w:tr><w:tc><w:p><w:r><w:t>甲</w:t></w:r></w:p></w:tc>"
	      "<w:tc><w:p/></w:tc><w:tc><w:p><w:r><w:t>丙1</w:t></w:r></w:p>"
	      "<w:p><w:r><w:t>丙2</w:t></w:r></w:p><w:p/></w:tc></w:tr>"
	      "<w:tr><w:tc><w:p><w:r><w:t>丁</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
	      "<w:p><w:del><w:r><w:delText>旧</w:delText></w:r></w:del><w:ins><w:r><w:t>新</w:t>"
	      "<w:br/><w:t>行</w:t></w:r></w:ins></w:p>" W_END);

	ck_assert_str_eq(text, "一、\t 建议 \n\n甲\t\t丙1\n丙2\n丁\n新\n行\n");
}
END_TEST

START_TEST(docx_boxes_and_second_faces)
{
	g_autofree char *text = docx_text(
	    W
	    "<w:p><w:r><w:sym w:font=\"Wingdings 2\" w:char=\"F052\"/><w:t>满意</w:t>"
	    "<w:sym w:font=\"Wingdings\" w:char=\"F0A8\"/><w:t>不满意</w:t></w:r></w:p>"
	    "<w:p><w:r><w:fldChar><w:ffData><w:checkBox><w:sizeAuto/><w:default w:val=\"0\"/>"
	    "<w:checked/></w:checkBox></w:ffData></w:fldChar><w:instrText>FORMCHECKBOX</"
	    "w:instrText>"
	    "<w:t>基本满意</w:t></w:r></w:p>"
	    "<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>框</w:t></w:r>"
	    "</w:p></w:txbxContent></mc:Choice><mc:Fallback><w:t>框</w:t></mc:Fallback>"
	    "</mc:AlternateContent></w:r></w:p>" W_END);

	ck_assert_str_eq(text, "☑满意☐不满意\n☑基本满意\n框\n\n");
}
END_TEST

START_TEST(docx_headers_and_footers)
{
	struct zip_file parts[] = {
	    {"_rels/.rels",
	     RELATIONS "<Relationship Id=\"rId1\" Type=\"" TYPE
		       "officeDocument\" Target=\"/word/document2.xml\"/></Relationships>",
	     0},
	    {"word/_rels/document2.xml.rels",
	     RELATIONS "<Relationship Id=\"a\" Type=\"" TYPE "footer\" Target=\"footer1.xml\"/>"
		       "<Relationship Id=\"b\" Type=\"" TYPE
		       "header\" Target=\"../word/header1.xml\"/>"
		       "<Relationship Id=\"c\" Type=\"" TYPE
		       "header\" Target=\"http://x.example/h.xml\" TargetMode=\"External\"/>"
		       "</Relationships>",
	     0},
	    {"word/document2.xml", W "<w:p><w:r><w:t>正文</w:t></w:r></w:p>" W_END, 0},
	    {"word/header1.xml", W "<w:p><w:r><w:t>PY-23456789</w:t></w:r></w:p>" W_END, 0},
	    {"word/footer1.xml", W "<w:p><w:r><w:t>脚</w:t></w:r></w:p>" W_END, 0},
	};
	g_autoptr(GBytes) zip = zip_of_files(parts, G_N_ELEMENTS(parts), NULL);
	g_autoptr(GError) error = NULL;
	g_autofree char *text = ooxml_docx_text(zip, NULL, &error);

	ck_assert_str_eq(text, "PY-23456789\n正文\n脚\n");
}
END_TEST

START_TEST(hostile_docx_is_refused)
{
	g_autofree char *deep = g_malloc0(40000);
	g_autofree char *many = NULL;
	GString *attributes = g_string_new("<w:p");

	docx_fails("<!DOCTYPE a [<!ENTITY b \"bbbbbbbb\">]><a>&b;</a>");
	docx_fails("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>");
	docx_fails(W "<w:p>");
	docx_fails("not xml");
	for (guint i = 0; i < 10000; i++)
		memcpy(deep + 3 * (gsize)i, "<a>", 3);
	docx_fails(deep);
	for (guint i = 0; i < 1000; i++)
		g_string_append_printf(attributes, " a%u = '>\"'", i);
	many = g_strconcat(W, attributes->str, "/>" W_END, NULL);
	g_string_free(attributes, TRUE);
	docx_fails(many);
}
END_TEST

START_TEST(bomb_is_refused)
{
	gsize size = 64u << 20;
	g_autofree char *big = g_malloc(size);
	struct zip_file parts[] = {{"word/document.xml", big, size}};
	g_autoptr(GBytes) zip = NULL;
	g_autoptr(GError) error = NULL;
	gint64 start;

	memset(big, ' ', size);
	zip = zip_of_files(parts, 1, NULL);
	ck_assert_uint_lt(g_bytes_get_size(zip), 1u << 20);
	start = g_get_monotonic_time();
	ck_assert_ptr_null(ooxml_docx_text(zip, NULL, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	g_clear_error(&error);
	ck_assert_ptr_null(ooxml_part(zip, "word/document.xml", G_MAXSIZE, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	ck_assert_int_lt(g_get_monotonic_time() - start, 5 * G_USEC_PER_SEC);
}
END_TEST

START_TEST(broken_files_are_named)
{
	struct zip_file parts[] = {{"word/document.xml", W "<w:p/>" W_END, 0}};
	g_autoptr(GBytes) zip = zip_of_files(parts, 1, NULL);
	g_autoptr(GBytes) old = g_bytes_new_static("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8);
	g_autoptr(GBytes) text = g_bytes_new_static("hallo", 5);
	g_autoptr(GBytes) nothing = g_bytes_new_static("", 0);
	GBytes *const bad[] = {old, text, nothing};

	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;

		ck_assert_ptr_null(ooxml_docx_text(bad[i], NULL, &error));
		ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
		if (i == 0)
			ck_assert_ptr_nonnull(strstr(error->message, ".docx"));
		g_clear_error(&error);
		ck_assert_ptr_null(ooxml_xlsx_rows("a.xlsx", bad[i], &error));
		ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	}
	for (gsize n = 0; n < g_bytes_get_size(zip); n++) { /* cut anywhere: no crash */
		g_autoptr(GBytes) cut = g_bytes_new_from_bytes(zip, 0, n);
		g_autofree char *got = ooxml_docx_text(cut, NULL, NULL);
		g_autofree char *other = ooxml_xlsx_text(cut, NULL, NULL);

		ck_assert_ptr_null(other);
	}
}
END_TEST

#define BOOK                                                                                       \
	"<workbook xmlns:r=\"" TYPE "\"><workbookPr/><sheets>"                                     \
	"<sheet name=\"H\" sheetId=\"9\" state=\"hidden\" r:id=\"r9\"/>"                           \
	"<sheet name=\"A\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
#define BOOK_RELATIONS                                                                             \
	RELATIONS                                                                                  \
	"<Relationship Id=\"r1\" Type=\"" TYPE                                                     \
	"worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"" TYPE       \
	"sharedStrings\" Target=\"/xl/sharedStrings.xml\"/><Relationship "                         \
	"Id=\"r3\" Type=\"" TYPE "styles\" Target=\"styles.xml\"/></Relationships>"
#define SHARED                                                                                     \
	"<sst><si><t>企业名称</t></si><si><r><t>甲</t></r><r><t xml:space=\"preserve\"> 乙"  \
	"</t></r><rPh><t>yi</t></rPh></si><si/><si><t>a_x000D_b_x_c</t></si></sst>"
#define STYLES                                                                                     \
	"<styleSheet><numFmts><numFmt numFmtId=\"176\" formatCode=\"000000\"/><numFmt "            \
	"numFmtId=\"177\" formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;\"/></numFmts>"          \
	"<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/>"          \
	"<xf numFmtId=\"176\"/><xf numFmtId=\"14\"/><xf numFmtId=\"177\"/><xf numFmtId=\"10\"/>"   \
	"<xf numFmtId=\"22\"/></cellXfs></styleSheet>"

static GBytes *make_xlsx(const char *sheet)
{
	struct zip_file parts[] = {
	    {"xl/workbook.xml", BOOK, 0},
	    {"xl/_rels/workbook.xml.rels", BOOK_RELATIONS, 0},
	    {"xl/worksheets/sheet1.xml", sheet, 0},
	    {"xl/sharedStrings.xml", SHARED, 0},
	    {"xl/styles.xml", STYLES, 0},
	};

	return zip_of_files(parts, G_N_ELEMENTS(parts), NULL);
}

static const char *cell(GPtrArray *rows, guint row, guint column)
{
	return table_cell(g_ptr_array_index(rows, row), column);
}

START_TEST(xlsx_cells)
{
	g_autoptr(GBytes) xlsx = make_xlsx(
	    "<worksheet><sheetData><row r=\"2\"><c r=\"A2\" t=\"s\"><v>0</v></c>"
	    "<c r=\"C2\" t=\"s\"><v>1</v></c><c t=\"inlineStr\"><is><t>内</t></is></c>"
	    "<c t=\"s\"><v>3</v></c><c t=\"s\"><v>77</v></c></row><row r=\"3\"><c r=\"A3\"/></row>"
	    "<row r=\"5\"><c r=\"A5\"><v>13800001111</v></c><c><v>1.3800001111E10</v></c>"
	    "<c s=\"1\"><v>50000</v></c><c><v>257000</v></c><c s=\"2\"><v>46083</v></c>"
	    "<c s=\"3\"><v>46083</v></c><c s=\"4\"><v>0.955</v></c><c s=\"5\"><v>46083.5</v></c>"
	    "<c><v>0.30000000000000004</v></c><c><v>1.23456789012345E+17</v></c>"
	    "<c t=\"b\"><v>1</v></c><c t=\"str\"><f>A1</f><v>文</v></c><c t=\"e\"><v>#N/A</v></c>"
	    "<c><v>46083.0</v></c></row></sheetData></worksheet>");
	static const char *const wanted[] = {"13800001111", "13800001111",
					     "050000",      "257000",
					     "2026-03-02",  "2026-03-02",
					     "95.5%",       "2026-03-02 12:00",
					     "0.3",         "1.23456789012345E+17",
					     "TRUE",        "文",
					     "#N/A",        "46083"};
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) rows = ooxml_xlsx_rows("a.xlsx", xlsx, &error);
	g_autofree char *text = NULL;

	ck_assert_msg(rows != NULL, "%s", error ? error->message : "?");
	ck_assert_uint_eq(rows->len, 2);
	ck_assert_uint_eq(((struct table_row *)g_ptr_array_index(rows, 0))->line, 2);
	ck_assert_uint_eq(((struct table_row *)g_ptr_array_index(rows, 1))->line, 5);
	ck_assert_str_eq(cell(rows, 0, 0), "企业名称");
	ck_assert_str_eq(cell(rows, 0, 1), "");
	ck_assert_str_eq(cell(rows, 0, 2), "甲 乙");
	ck_assert_str_eq(cell(rows, 0, 3), "内");
	ck_assert_str_eq(cell(rows, 0, 4), "a b_x_c");
	ck_assert_str_eq(cell(rows, 0, 99), "");
	for (guint i = 0; i < G_N_ELEMENTS(wanted); i++)
		ck_assert_str_eq(cell(rows, 1, i), wanted[i]);
	text = ooxml_xlsx_text(xlsx, NULL, &error);
	ck_assert(g_str_has_prefix(text, "企业名称\t\t甲 乙\t内\ta b_x_c\n13800001111\t"));
}
END_TEST

START_TEST(hostile_xlsx_is_refused)
{
	g_autofree char *wide =
	    g_strdup("<worksheet><sheetData><row><c r=\"XFD1\"><v>1</v></c></row>"
		     "</sheetData></worksheet>");
	g_autofree char *long_text = g_strnfill(TABLE_CELL_LIMIT + 1, 'x');
	g_autofree char *fat =
	    g_strconcat("<worksheet><sheetData><row><c t=\"inlineStr\"><is><t>", long_text,
			"</t></is></c></row></sheetData></worksheet>", NULL);
	GString *many = g_string_new("<worksheet><sheetData>");
	const char *bad[3];

	for (guint i = 0; i < 30000; i++) /* 30,000 rows of 511 empty cells and one */
		g_string_append(many, "<row><c r=\"SR1\" t=\"s\"><v>1</v></c></row>");
	g_string_append(many, "</sheetData></worksheet>");
	bad[0] = wide;
	bad[1] = fat;
	bad[2] = many->str;
	for (guint i = 0; i < 3; i++) {
		g_autoptr(GBytes) xlsx = make_xlsx(bad[i]);
		g_autoptr(GError) error = NULL;

		ck_assert_ptr_null(ooxml_xlsx_text(xlsx, NULL, &error));
		ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	}
	g_string_free(many, TRUE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ooxml");
	TCase *tc = tcase_create("ooxml");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, part_is_found_or_absent);
	tcase_add_test(tc, docx_paragraphs_and_tables);
	tcase_add_test(tc, docx_boxes_and_second_faces);
	tcase_add_test(tc, docx_headers_and_footers);
	tcase_add_test(tc, hostile_docx_is_refused);
	tcase_add_test(tc, bomb_is_refused);
	tcase_add_test(tc, broken_files_are_named);
	tcase_add_test(tc, xlsx_cells);
	tcase_add_test(tc, hostile_xlsx_is_refused);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
