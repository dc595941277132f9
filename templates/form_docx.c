#include "templates/form.h"

#include "base/error.h"
#include "templates/escape.h"
#include "templates/package.h"

#include <string.h>

/* Stands in the header until a letter's number takes its place. 0 is not in the number's alphabet,
 * so a form that was never stamped is not taken for a letter's. */
#define PLACEHOLDER "PY-00000000"
#define HEADER_PART "word/header1.xml"

/* Twentieths of a point; A4 with margins of 2 cm leaves 9638 for the tables. */
#define WIDTH       9638
#define CODE_WIDTH  560
#define GRADE_WIDTH 960
#define NAME_WIDTH  (WIDTH - CODE_WIDTH - FORM_GRADES * GRADE_WIDTH)
#define QCODE_WIDTH 960
#define MARK_WIDTH  960
#define ROW_HEIGHT  345
#define LINE_HEIGHT 340

/* Half points. */
#define SIZE_CODE  12
#define SIZE_SMALL 18
#define SIZE_GRADE 16
#define SIZE_TEXT  21
#define SIZE_HEAD  24
#define SIZE_TITLE 32

#define XML_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define W_NS     "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\""
#define OFFICE   "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PACKAGE  "http://schemas.openxmlformats.org/package/2006"
#define WORDML   "application/vnd.openxmlformats-officedocument.wordprocessingml"

static const char content_types[] = XML_HEAD
    "<Types xmlns=\"" PACKAGE "/content-types\">"
    "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package."
    "relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>"
    "<Override PartName=\"/word/document.xml\" ContentType=\"" WORDML ".document.main+xml\"/>"
    "<Override PartName=\"/word/styles.xml\" ContentType=\"" WORDML ".styles+xml\"/>"
    "<Override PartName=\"/word/settings.xml\" ContentType=\"" WORDML ".settings+xml\"/>"
    "<Override PartName=\"/word/header1.xml\" ContentType=\"" WORDML ".header+xml\"/>"
    "<Override PartName=\"/word/footer1.xml\" ContentType=\"" WORDML ".footer+xml\"/>"
    "</Types>";

static const char package_rels[] = XML_HEAD
    "<Relationships xmlns=\"" PACKAGE "/relationships\"><Relationship Id=\"rId1\" Type=\"" OFFICE
    "/officeDocument\" Target=\"word/document.xml\"/></Relationships>";

static const char document_rels[] =
    XML_HEAD "<Relationships xmlns=\"" PACKAGE "/relationships\">"
	     "<Relationship Id=\"rId1\" Type=\"" OFFICE "/styles\" Target=\"styles.xml\"/>"
	     "<Relationship Id=\"rId2\" Type=\"" OFFICE "/settings\" Target=\"settings.xml\"/>"
	     "<Relationship Id=\"rId3\" Type=\"" OFFICE "/header\" Target=\"header1.xml\"/>"
	     "<Relationship Id=\"rId4\" Type=\"" OFFICE "/footer\" Target=\"footer1.xml\"/>"
	     "</Relationships>";

static const char settings[] = XML_HEAD
    "<w:settings " W_NS "><w:defaultTabStop w:val=\"420\"/><w:characterSpacingControl "
    "w:val=\"compressPunctuation\"/><w:compat><w:compatSetting w:name=\"compatibilityMode\" "
    "w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/></w:compat></w:settings>";

static const char footer[] = XML_HEAD
    "<w:ftr " W_NS "><w:p><w:pPr><w:jc w:val=\"center\"/></w:pPr><w:r><w:rPr><w:sz w:val=\"18\"/>"
    "</w:rPr><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>"
    "<w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:rPr><w:sz w:val=\"18\"/></w:rPr>"
    "<w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p></w:ftr>";

enum look {
	PLAIN = 0,
	BOLD = 1,
	GREY = 2,
	CENTRE = 4,
	AFTER = 8,      /* room below */
	KEEP_NEXT = 16, /* on one page with what follows */
};

/* One paragraph of one run. */
static void paragraph(GString *out, const char *text, int size, enum look look)
{
	g_string_append(out, "<w:p><w:pPr>");
	if (look & KEEP_NEXT)
		g_string_append(out, "<w:keepNext/>");
	if (look & AFTER)
		g_string_append(out, "<w:spacing w:before=\"60\" w:after=\"120\"/>");
	if (look & CENTRE)
		g_string_append(out, "<w:jc w:val=\"center\"/>");
	g_string_append(out, "</w:pPr>");
	if (text) {
		g_string_append(out, "<w:r><w:rPr>");
		if (look & BOLD)
			g_string_append(out, "<w:b/>");
		if (look & GREY)
			g_string_append(out, "<w:noProof/><w:color w:val=\"8C8C8C\"/>");
		g_string_append_printf(out,
				       "<w:sz w:val=\"%d\"/><w:szCs w:val=\"%d\"/></w:rPr>"
				       "<w:t xml:space=\"preserve\">",
				       size, size);
		escape_text(out, text);
		g_string_append(out, "</w:t></w:r>");
	}
	g_string_append(out, "</w:p>");
}

static void cell_begin(GString *out, int width, int span)
{
	g_string_append_printf(out, "<w:tc><w:tcPr><w:tcW w:w=\"%d\" w:type=\"dxa\"/>", width);
	if (span > 1)
		g_string_append_printf(out, "<w:gridSpan w:val=\"%d\"/>", span);
	g_string_append(out, "<w:vAlign w:val=\"center\"/></w:tcPr>");
}

static void cell(GString *out, int width, const char *text, int size, enum look look)
{
	cell_begin(out, width, 1);
	paragraph(out, text, size, look);
	g_string_append(out, "</w:tc>");
}

static void row_begin(GString *out, int height, gboolean head)
{
	g_string_append_printf(out,
			       "<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val=\"%d\" "
			       "w:hRule=\"atLeast\"/>%s</w:trPr>",
			       height, head ? "<w:tblHeader/>" : "");
}

static void table_begin(GString *out, const int *widths, int columns)
{
	static const char *const sides[] = {"top", "left", "bottom", "right", "insideH", "insideV"};

	g_string_append_printf(
	    out, "<w:tbl><w:tblPr><w:tblW w:w=\"%d\" w:type=\"dxa\"/><w:tblBorders>", WIDTH);
	for (guint i = 0; i < G_N_ELEMENTS(sides); i++)
		g_string_append_printf(
		    out, "<w:%s w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"7F7F7F\"/>",
		    sides[i]);
	g_string_append(out,
			"</w:tblBorders><w:tblLayout w:type=\"fixed\"/><w:tblCellMar>"
			"<w:left w:w=\"60\" w:type=\"dxa\"/><w:right w:w=\"60\" w:type=\"dxa\"/>"
			"</w:tblCellMar></w:tblPr><w:tblGrid>");
	for (int i = 0; i < columns; i++)
		g_string_append_printf(out, "<w:gridCol w:w=\"%d\"/>", widths[i]);
	g_string_append(out, "</w:tblGrid>");
}

static void ratings(GString *out, const struct form *form,
		    const struct form_department *departments, gsize count)
{
	int widths[2 + FORM_GRADES] = {CODE_WIDTH, NAME_WIDTH};

	for (int i = 0; i < FORM_GRADES; i++)
		widths[2 + i] = GRADE_WIDTH;
	paragraph(out, form->rating_question, SIZE_HEAD, BOLD | AFTER | KEEP_NEXT);
	table_begin(out, widths, 2 + FORM_GRADES);
	row_begin(out, ROW_HEIGHT, TRUE);
	cell(out, CODE_WIDTH, NULL, 0, PLAIN);
	cell(out, NAME_WIDTH, form->rating_department, SIZE_SMALL, BOLD | CENTRE);
	for (int grade = FORM_GRADES - 1; grade >= 0; grade--)
		/* 5 … 1, then 0: the order of the columns is what form_recognise() goes by */
		cell(out, GRADE_WIDTH, form->grades[grade], SIZE_GRADE, CENTRE);
	g_string_append(out, "</w:tr>");
	for (gsize i = 0; i < count; i++) {
		if (form->rating_departments &&
		    !g_strv_contains((const char *const *)form->rating_departments,
				     departments[i].code))
			continue;
		row_begin(out, ROW_HEIGHT, FALSE);
		cell(out, CODE_WIDTH, departments[i].code, SIZE_CODE, GREY | CENTRE);
		cell(out, NAME_WIDTH, departments[i].name, SIZE_TEXT, PLAIN);
		for (int grade = 0; grade < FORM_GRADES; grade++)
			cell(out, GRADE_WIDTH, NULL, 0, CENTRE);
		g_string_append(out, "</w:tr>");
	}
	g_string_append(out, "</w:tbl>");
}

/* A row with code and question, then a row of room. The hint stands in the question's cell, so
 * that the answer's cell holds nothing but the answer; FORM_PRINTED ends what we printed, so that
 * an answer typed behind the question is found as well. */
static void open_questions(GString *out, const struct form *form)
{
	const int widths[] = {QCODE_WIDTH, WIDTH - QCODE_WIDTH};

	paragraph(out, NULL, 0, AFTER);
	table_begin(out, widths, 2);
	for (guint i = 0; i < form->open->len; i++) {
		const struct form_question *question = g_ptr_array_index(form->open, i);
		g_autofree char *code = g_strconcat("q-", question->id, NULL);

		row_begin(out, ROW_HEIGHT, FALSE);
		cell(out, QCODE_WIDTH, code, SIZE_CODE, GREY | CENTRE | KEEP_NEXT);
		cell_begin(out, WIDTH - QCODE_WIDTH, 1);
		if (question->hint) {
			g_autofree char *hint = g_strconcat(question->hint, " " FORM_PRINTED, NULL);

			paragraph(out, question->question, SIZE_TEXT, BOLD | KEEP_NEXT);
			paragraph(out, hint, SIZE_SMALL, GREY | KEEP_NEXT);
		} else {
			g_autofree char *words =
			    g_strconcat(question->question, " " FORM_PRINTED, NULL);

			paragraph(out, words, SIZE_TEXT, BOLD | KEEP_NEXT);
		}
		g_string_append(out, "</w:tc></w:tr>");
		row_begin(out, question->lines * LINE_HEIGHT, FALSE);
		cell_begin(out, WIDTH, 2);
		paragraph(out, NULL, 0, PLAIN);
		g_string_append(out, "</w:tc></w:tr>");
	}
	g_string_append(out, "</w:tbl>");
}

static void disclosure(GString *out, const struct form *form)
{
	const int widths[] = {QCODE_WIDTH, WIDTH - QCODE_WIDTH - MARK_WIDTH, MARK_WIDTH};
	const char *const codes[] = {"c-hidden", "c-named"};
	const char *const texts[] = {form->disclosure_hidden, form->disclosure_named};

	paragraph(out, form->disclosure_question, SIZE_HEAD, BOLD | AFTER | KEEP_NEXT);
	table_begin(out, widths, 3);
	for (guint i = 0; i < G_N_ELEMENTS(codes); i++) {
		row_begin(out, ROW_HEIGHT, FALSE);
		cell(out, widths[0], codes[i], SIZE_CODE, GREY | CENTRE | KEEP_NEXT);
		cell(out, widths[1], texts[i], SIZE_TEXT, PLAIN);
		cell(out, widths[2], NULL, 0, CENTRE);
		g_string_append(out, "</w:tr>");
	}
	g_string_append(out, "</w:tbl>");
}

static void add_document(struct package *package, const struct form *form,
			 const struct form_department *departments, gsize count,
			 const char *round_title)
{
	g_autoptr(GString) out =
	    g_string_new(XML_HEAD "<w:document " W_NS " xmlns:r=\"" OFFICE "\"><w:body>");

	paragraph(out, form->title, SIZE_TITLE, BOLD | CENTRE);
	paragraph(out, round_title, SIZE_TEXT, CENTRE | AFTER);
	for (char **p = form->guidance; *p; p++)
		paragraph(out, *p, SIZE_TEXT, PLAIN);
	if (form->rating_question)
		ratings(out, form, departments, count);
	open_questions(out, form);
	if (form->disclosure_question)
		disclosure(out, form);
	paragraph(out, NULL, 0, PLAIN);
	g_string_append(out, "<w:sectPr><w:headerReference w:type=\"default\" r:id=\"rId3\"/>"
			     "<w:footerReference w:type=\"default\" r:id=\"rId4\"/>"
			     "<w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:pgMar w:top=\"1304\" "
			     "w:right=\"1134\" w:bottom=\"1134\" w:left=\"1134\" w:header=\"680\" "
			     "w:footer=\"567\" w:gutter=\"0\"/></w:sectPr></w:body></w:document>");
	package_add(package, "word/document.xml", out->str, out->len, FALSE);
}

static void add_styles(struct package *package, const char *language)
{
	gboolean chinese = strcmp(language, "en") != 0;
	g_autofree char *styles = g_strdup_printf(
	    XML_HEAD
	    "<w:styles " W_NS "><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"Times New "
	    "Roman\" w:hAnsi=\"Times New Roman\" w:eastAsia=\"宋体\" w:cs=\"Times New Roman\"/>"
	    "<w:sz w:val=\"21\"/><w:szCs w:val=\"21\"/><w:lang w:val=\"%s\" w:eastAsia=\"zh-CN\"/>"
	    "</w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults><w:style w:type=\"paragraph\" "
	    "w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/></w:style></w:styles>",
	    chinese ? "zh-CN" : "en-GB");

	package_add(package, "word/styles.xml", styles, strlen(styles), FALSE);
}

static void add_header(struct package *package, const struct form *form, const char *office,
		       const char *language)
{
	g_autoptr(GString) out = g_string_new(
	    XML_HEAD "<w:hdr " W_NS "><w:p><w:pPr><w:pBdr><w:bottom w:val=\"single\" w:sz=\"4\" "
		     "w:space=\"4\" w:color=\"7F7F7F\"/></w:pBdr><w:tabs><w:tab w:val=\"right\" ");

	g_string_append_printf(out,
			       "w:pos=\"%d\"/></w:tabs></w:pPr><w:r><w:rPr><w:sz w:val=\"18\"/>"
			       "</w:rPr><w:t>",
			       WIDTH);
	escape_text(out, office);
	g_string_append(out, "</w:t></w:r><w:r><w:tab/></w:r><w:r><w:rPr><w:sz w:val=\"18\"/>"
			     "</w:rPr><w:t xml:space=\"preserve\">");
	escape_text(out, form->number);
	g_string_append(out, strcmp(language, "en") == 0 ? ": " : "：");
	g_string_append(out, "</w:t></w:r><w:r><w:rPr><w:b/><w:noProof/><w:sz w:val=\"18\"/>"
			     "</w:rPr><w:t>" PLACEHOLDER "</w:t></w:r></w:p></w:hdr>");
	package_add(package, HEADER_PART, out->str, out->len, TRUE);
}

GBytes *form_docx(const struct form *form, const struct form_department *departments, gsize count,
		  const char *office, const char *round_title, const char *language)
{
	g_autoptr(package_handle) package = package_new();

	package_add(package, "[Content_Types].xml", content_types, sizeof content_types - 1, FALSE);
	package_add(package, "_rels/.rels", package_rels, sizeof package_rels - 1, FALSE);
	add_document(package, form, departments, count, round_title);
	package_add(package, "word/_rels/document.xml.rels", document_rels,
		    sizeof document_rels - 1, FALSE);
	add_styles(package, language);
	package_add(package, "word/settings.xml", settings, sizeof settings - 1, FALSE);
	package_add(package, "word/footer1.xml", footer, sizeof footer - 1, FALSE);
	add_header(package, form, office, language);
	return package_finish(package);
}

GBytes *form_docx_stamp(GBytes *docx, const char *number, GError **error)
{
	GBytes *stamped = NULL;

	if (strlen(number) == NUMBER_LENGTH)
		stamped = package_patch(docx, HEADER_PART, PLACEHOLDER, number);
	if (!stamped)
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("the form has no place for a letter number"));
	return stamped;
}
