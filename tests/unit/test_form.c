#include "templates/form.h"

#include "base/asset.h"
#include "base/error.h"
#include "base/ooxml.h"
#include "templates/package.h"

#include <check.h>
#include <string.h>

static const struct form_department departments[] = {
    {"d01", "发展和改革局"}, {"d02", "税务局 <一分局>"}, {"d27", "消防救援大队"}};

static struct form *default_form(const char *path)
{
	const struct asset *asset = asset_find(path);
	g_autoptr(GError) error = NULL;
	struct form *form;

	ck_assert_ptr_nonnull(asset);
	form = form_parse(asset->text, asset->size, path, &error);
	ck_assert_msg(form != NULL, "%s", error ? error->message : "");
	return form;
}

static GBytes *blank(const char *number)
{
	g_autoptr(form_handle) form = default_form("templates/zh/questionnaire.xml");
	g_autoptr(GBytes) docx = form_docx(form, departments, G_N_ELEMENTS(departments),
					   "某区营商环境办公室 & 软环境办", "2026 年第一轮", "zh");

	return number ? form_docx_stamp(docx, number, NULL) : g_steal_pointer(&docx);
}

/* Puts `run` into the n-th empty paragraph behind `code` in the document's XML. */
static void fill(GString *xml, const char *code, int n, const char *run)
{
	g_autofree char *what = g_strdup_printf(">%s<", code);
	char *at = strstr(xml->str, what);

	ck_assert_ptr_nonnull(at);
	for (int i = 0; i < n; i++) {
		at = strstr(at + 1, "</w:pPr></w:p>");
		ck_assert_ptr_nonnull(at);
	}
	g_string_insert(xml, at - xml->str + (gssize)strlen("</w:pPr>"), run);
}

static GString *document_of(GBytes *docx)
{
	g_autoptr(GBytes) part = ooxml_part(docx, "word/document.xml", FORM_PART_MAX, NULL);
	gsize size;
	const char *text = g_bytes_get_data(part, &size);

	return g_string_new_len(text, (gssize)size);
}

/* The package again with another document, every part compressed, as Word writes it. */
static GBytes *with_document(GBytes *docx, const GString *xml)
{
	g_autoptr(package_handle) package = package_new();
	g_autoptr(GBytes) header = ooxml_part(docx, "word/header1.xml", FORM_PART_MAX, NULL);
	gsize size;
	const char *text = g_bytes_get_data(header, &size);

	package_add(package, "word/document.xml", xml->str, xml->len, FALSE);
	package_add(package, "word/header1.xml", text, size, FALSE);
	return package_finish(package);
}

static int grade_of(const struct form_answers *answers, const char *department)
{
	for (guint i = 0; i < answers->ratings->len; i++) {
		const struct form_rating *rating =
		    &g_array_index(answers->ratings, struct form_rating, i);

		if (strcmp(rating->department, department) == 0)
			return rating->grade;
	}
	return -1;
}

static const char *said(const struct form_answers *answers, const char *question)
{
	for (guint i = 0; i < answers->open->len; i++) {
		const struct form_open *open = g_ptr_array_index(answers->open, i);

		if (strcmp(open->question, question) == 0)
			return open->text;
	}
	return NULL;
}

#define RUN(text) "<w:r><w:t>" text "</w:t></w:r>"

START_TEST(parses_the_defaults)
{
	g_autoptr(form_handle) zh = default_form("templates/zh/questionnaire.xml");
	g_autoptr(form_handle) en = default_form("templates/en/questionnaire.xml");

	ck_assert_str_eq(zh->grades[5], "非常满意");
	ck_assert_str_eq(zh->grades[0], "不了解");
	ck_assert_uint_eq(zh->open->len, en->open->len);
	for (guint i = 0; i < zh->open->len; i++) {
		const struct form_question *a = g_ptr_array_index(zh->open, i);
		const struct form_question *b = g_ptr_array_index(en->open, i);

		ck_assert_str_eq(a->id, b->id);
	}
}
END_TEST

START_TEST(says_where_it_is_wrong)
{
	static const struct {
		const char *xml;
		const char *where;
	} cases[] = {
	    {"<questionnaire xmlns='urn:pingyi:questionnaire'>\n<title>a</title>\n<foo/>",
	     "q.xml:3"},
	    {"<questionnaire xmlns='urn:pingyi:questionnaire'>\n<title>a</title>\n<foo/>"
	     "</questionnaire>",
	     "q.xml:"},
	    {"<questionnaire xmlns='urn:pingyi:questionnaire'><title>a</title><number>n</number>"
	     "<guidance>g</guidance>\n<open id='a'><question>x</question></open>\n"
	     "<open id='a'><question>x</question></open></questionnaire>",
	     "q.xml:3"},
	    {"<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "q.xml"},
	    {"", "q.xml"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		struct form *form = form_parse(cases[i].xml, strlen(cases[i].xml), "q.xml", &error);

		ck_assert_ptr_null(form);
		ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
		ck_assert_msg(g_str_has_prefix(error->message, cases[i].where), "%s",
			      error->message);
	}
}
END_TEST

START_TEST(stamps_and_recognises_blank)
{
	char number[NUMBER_LENGTH + 1];
	g_autoptr(GBytes) docx = NULL;
	g_autoptr(GBytes) unstamped = blank(NULL);
	g_autoptr(form_answers_handle) answers = NULL;
	g_autoptr(form_answers_handle) without = NULL;

	number_make(77, number);
	docx = blank(number);
	ck_assert_uint_eq(g_bytes_get_size(docx), g_bytes_get_size(unstamped));
	ck_assert(form_recognise("form.docx", NULL, docx, &answers, NULL));
	ck_assert_ptr_nonnull(answers);
	ck_assert_str_eq(answers->number, number);
	ck_assert_ptr_null(answers->disclosure);
	ck_assert_uint_eq(answers->ratings->len, 0);
	ck_assert_uint_eq(answers->open->len, 4);
	ck_assert_str_eq(said(answers, "problems"), "");
	ck_assert(form_recognise(NULL, NULL, unstamped, &without, NULL));
	ck_assert_ptr_nonnull(without);
	ck_assert_str_eq(without->number, "");
	ck_assert_ptr_null(form_docx_stamp(docx, number, NULL)); /* has a number already */
}
END_TEST

START_TEST(reads_what_was_filled_in)
{
	char number[NUMBER_LENGTH + 1];
	g_autoptr(GBytes) docx = NULL;
	g_autoptr(GBytes) filled = NULL;
	g_autoptr(GString) xml = NULL;
	g_autoptr(form_answers_handle) answers = NULL;
	g_autofree char *text = NULL;
	char *end;

	number_make(78, number);
	docx = blank(number);
	xml = document_of(docx);
	fill(xml, "d01", 1, RUN("√"));
	fill(xml, "d02", 2, RUN("×"));
	fill(xml, "d02", 4, "<w:r><w:sym w:font=\"Wingdings\" w:char=\"F0FC\"/></w:r>");
	fill(xml, "d27", 6, RUN(" x "));
	fill(xml, "q-problems", 1,
	     RUN("消防检查 &lt;太多&gt;") "<w:del><w:r><w:delText>删去</w:delText></w:r></w:del>"
					  "<w:ins><w:r><w:br/><w:t>第二件</w:t></w:r></w:ins>");
	fill(xml, "q-suggestions", 1, RUN("无"));
	fill(xml, "c-named", 1, RUN("☑"));
	end = strstr(xml->str, "值得表扬？ ▼");
	g_string_insert(xml, end - xml->str + (gssize)strlen("值得表扬？ ▼"), "税务局小李");
	filled = with_document(docx, xml);
	ck_assert(form_recognise("答复.docx", FORM_DOCX_TYPE, filled, &answers, NULL));
	ck_assert_ptr_nonnull(answers);
	ck_assert_str_eq(answers->number, number);
	ck_assert_str_eq(answers->disclosure, "named");
	ck_assert_int_eq(grade_of(answers, "d01"), 5);
	ck_assert_int_eq(grade_of(answers, "d02"), 1);
	ck_assert_int_eq(grade_of(answers, "d27"), 0);
	ck_assert_str_eq(said(answers, "problems"), "消防检查 <太多>\n第二件");
	ck_assert_str_eq(said(answers, "suggestions"), "无");
	ck_assert_str_eq(said(answers, "praise"), "税务局小李");
	text = form_answers_text(answers);
	ck_assert_str_eq(text, "消防检查 <太多>\n第二件\n\n无\n\n税务局小李");
}
END_TEST

/* Nothing is printed behind the form: what stands there was written. */
START_TEST(reads_what_stands_behind)
{
	static const char more[] =
	    "<w:p>" RUN("另：消防验收三个月没有结果") "<w:r><w:pict><w:txbxContent><w:p>" RUN(
		"在框里") "</w:p></w:txbxContent></w:pict></w:r></"
			  "w:p><w:tbl><w:tr><w:tc><w:p>" RUN("自己的表") "</w:p></w:tc></"
									 "w:tr></w:tbl>";
	g_autoptr(GBytes) docx = blank(NULL);
	g_autoptr(GBytes) filled = NULL;
	g_autoptr(GString) xml = document_of(docx);
	g_autoptr(form_answers_handle) before = NULL;
	g_autoptr(form_answers_handle) answers = NULL;

	ck_assert(form_recognise(NULL, NULL, docx, &before, NULL));
	ck_assert_ptr_null(said(before, FORM_BEHIND));
	g_string_insert(xml, strstr(xml->str, "<w:sectPr") - xml->str, more);
	filled = with_document(docx, xml);
	ck_assert(form_recognise(NULL, NULL, filled, &answers, NULL));
	ck_assert_ptr_nonnull(answers);
	ck_assert_str_eq(said(answers, FORM_BEHIND), "另：消防验收三个月没有结果在框里\n自己的表");
}
END_TEST

/* Only what nobody writes for "no" lets an enterprise be named. */
START_TEST(names_nobody_by_mistake)
{
	static const struct {
		const char *mark;
		const char *disclosure;
	} cases[] = {{"√", "named"}, {"可以", "named"}, {"Y", "named"},          {"不同意", NULL},
		     {"No", NULL},   {"×", NULL},       {"只能告诉税务局", NULL}};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *run = g_strdup_printf("<w:r><w:t>%s</w:t></w:r>", cases[i].mark);
		g_autoptr(GBytes) docx = blank(NULL);
		g_autoptr(GString) xml = document_of(docx);
		g_autoptr(GBytes) filled = NULL;
		g_autoptr(form_answers_handle) answers = NULL;

		fill(xml, "c-named", 1, run);
		filled = with_document(docx, xml);
		ck_assert(form_recognise(NULL, NULL, filled, &answers, NULL));
		ck_assert_ptr_nonnull(answers);
		ck_assert_pstr_eq(answers->disclosure, cases[i].disclosure);
	}
}
END_TEST

START_TEST(takes_no_doubtful_mark)
{
	g_autoptr(GBytes) docx = blank(NULL);
	g_autoptr(GBytes) filled = NULL;
	g_autoptr(GString) xml = document_of(docx);
	g_autoptr(form_answers_handle) answers = NULL;

	fill(xml, "d01", 1, RUN("√"));
	fill(xml, "d01", 1, RUN("√")); /* the next empty one */
	fill(xml, "d02", 3, RUN("□"));
	fill(xml, "c-named", 1, RUN("√"));
	fill(xml, "c-hidden", 1, RUN("√"));
	filled = with_document(docx, xml);
	ck_assert(form_recognise("PY.docx", NULL, filled, &answers, NULL));
	ck_assert_int_eq(grade_of(answers, "d01"), -1);
	ck_assert_int_eq(grade_of(answers, "d02"), -1);
	ck_assert_str_eq(answers->disclosure, "hidden");
}
END_TEST

START_TEST(xml_round_trip)
{
	g_autoptr(form_answers_handle) answers = form_answers_new();
	g_autoptr(form_answers_handle) again = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *xml = NULL;
	g_autofree char *twice = NULL;
	g_autoptr(GBytes) bytes = NULL;

	number_make(5, answers->number);
	answers->disclosure = g_strdup("hidden");
	form_answers_rate(answers, "d12", 3);
	form_answers_rate(answers, "d12", 5);
	form_answers_rate(answers, "x12", 5);
	form_answers_rate(answers, "d13", 9);
	form_answers_say(answers, "problems", " a < b & \"c\"\x01\n第二行\xff ");
	xml = form_answers_to_xml(answers);
	bytes = g_bytes_new(xml, strlen(xml));
	ck_assert_msg(form_recognise(NULL, "application/xml", bytes, &again, &error), "%s",
		      error ? error->message : "");
	ck_assert_ptr_nonnull(again);
	ck_assert_uint_eq(again->ratings->len, 1);
	ck_assert_int_eq(grade_of(again, "d12"), 5);
	ck_assert_str_eq(said(again, "problems"), "a < b & \"c\"\n第二行\xef\xbf\xbd");
	twice = form_answers_to_xml(again);
	ck_assert_str_eq(xml, twice);
}
END_TEST

START_TEST(refuses_and_ignores)
{
	static const char *const bad[] = {
	    "<answers xmlns='urn:pingyi:answers' number='PY-22222223'/>",
	    "<answers xmlns='urn:pingyi:answers'><rating department='d1' grade='5'/></answers>",
	    "<answers xmlns='urn:pingyi:answers'><rating department='d01' grade='7'/></answers>",
	    "<answers xmlns='urn:pingyi:answers'>",
	};
	static const char *const others[] = {"", "PK", "PK\3\4 garbage", "hello", "<html/>"};

	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GBytes) bytes = g_bytes_new_static(bad[i], strlen(bad[i]));
		g_autoptr(GError) error = NULL;
		struct form_answers *answers = NULL;

		ck_assert(!form_recognise("a.xml", NULL, bytes, &answers, &error));
		ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
		ck_assert_ptr_null(answers);
	}
	for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
		g_autoptr(GBytes) bytes = g_bytes_new_static(others[i], strlen(others[i]));
		struct form_answers *answers = NULL;

		ck_assert(form_recognise(NULL, NULL, bytes, &answers, NULL));
		ck_assert_ptr_null(answers);
	}
}
END_TEST

/* No cut or changed file may break the reader, or be written behind its end by stamping. */
START_TEST(survives_damage)
{
	char number[NUMBER_LENGTH + 1];
	g_autoptr(GBytes) docx = blank(NULL);
	gsize size;
	const guint8 *bytes = g_bytes_get_data(docx, &size);

	number_make(9, number);
	for (gsize i = 0; i < size; i += 37) {
		g_autofree guint8 *copy = g_memdup2(bytes, size);
		g_autoptr(GBytes) cut = g_bytes_new(bytes, i);
		g_autoptr(GBytes) changed = NULL;
		g_autoptr(GBytes) stamped = form_docx_stamp(cut, number, NULL);
		g_autoptr(form_answers_handle) a = NULL;
		g_autoptr(form_answers_handle) b = NULL;

		copy[i] ^= 0xff;
		copy[size - 1 - i % 200] ^= 0xff;
		changed = g_bytes_new(copy, size);
		g_clear_pointer(&stamped, g_bytes_unref);
		stamped = form_docx_stamp(changed, number, NULL);
		form_recognise(NULL, NULL, cut, &a, NULL);
		form_recognise(NULL, NULL, changed, &b, NULL);
	}
}
END_TEST

START_TEST(bounds_a_bomb)
{
	g_autoptr(package_handle) package = package_new();
	g_autofree char *zeros = g_malloc0(64u << 20);
	g_autoptr(GBytes) bomb = NULL;
	struct form_answers *answers = NULL;

	memset(zeros, ' ', 64u << 20);
	package_add(package, "word/document.xml", zeros, 64u << 20, FALSE);
	bomb = package_finish(package);
	ck_assert(form_recognise("bomb.docx", NULL, bomb, &answers, NULL));
	ck_assert_ptr_null(answers);
}
END_TEST

START_TEST(shows_on_a_page)
{
	g_autoptr(form_handle) form = default_form("templates/zh/questionnaire.xml");
	g_autoptr(JsonNode) node = form_fields_json(form, departments, G_N_ELEMENTS(departments));
	JsonObject *ratings = json_object_get_object_member(json_node_get_object(node), "ratings");
	JsonArray *rows = json_object_get_array_member(ratings, "rows");
	JsonArray *grades = json_object_get_array_member(ratings, "grades");

	ck_assert_uint_eq(json_array_get_length(rows), 3);
	ck_assert_str_eq(
	    json_object_get_string_member(json_array_get_object_element(rows, 2), "code"), "d27");
	ck_assert_str_eq(
	    json_object_get_string_member(json_array_get_object_element(grades, 5), "value"), "0");
}
END_TEST

/* --- forms that came as text --- */

/* The answers as XML (transfer full); "" when it is no form. */
static char *text_answers(const char *text, char **rest_out, guint *doubt_out)
{
	struct form_answers *answers = form_text_read(NULL, text, rest_out, doubt_out);
	char *xml = answers ? form_answers_to_xml(answers) : g_strdup("");

	form_answers_free(answers);
	return xml;
}

/* What Word shows of a form gives the answers that the file itself does. */
START_TEST(text_of_a_document_says_the_same)
{
	char number[NUMBER_LENGTH + 1];
	g_autoptr(GBytes) docx = NULL;
	g_autoptr(GBytes) filled = NULL;
	g_autoptr(GString) xml = NULL;
	g_autoptr(form_answers_handle) answers = NULL;
	g_autofree char *text = NULL;
	g_autofree char *body = NULL;
	g_autofree char *expected = NULL;
	g_autofree char *got = NULL;
	g_autofree char *rest = NULL;
	guint doubt;

	number_make(78, number);
	docx = blank(number);
	xml = document_of(docx);
	fill(xml, "d01", 1, RUN("√"));
	fill(xml, "d02", 4, RUN("√"));
	fill(xml, "d27", 6, RUN(" x "));
	fill(xml, "q-problems", 1, RUN("消防检查太多") "<w:r><w:br/></w:r>" RUN("第二件"));
	fill(xml, "q-other", 1, RUN("没有了"));
	fill(xml, "c-named", 1, RUN("☑"));
	filled = with_document(docx, xml);
	ck_assert(form_recognise(NULL, NULL, filled, &answers, NULL));
	expected = form_answers_to_xml(answers);
	text = ooxml_docx_text(filled, NULL, NULL);
	/* the page's header is not pasted; somebody writes above and below */
	body =
	    g_strconcat("您好，见下表。\n编号：", number, strchr(text, '\n'), "\n谢谢！\n", NULL);
	got = text_answers(body, &rest, &doubt);
	ck_assert_str_eq(got, expected);
	ck_assert_uint_eq(doubt, FORM_SURE);
	ck_assert_str_eq(rest, "您好，见下表。\n\n谢谢！");
}
END_TEST

#define QUESTION "q-problems | 问题？ ▼ 太慢\n"
#define TWO      "d01 | 甲 | √ |  |  |  |  | \nd02 | 乙 |  |  |  |  |  | x\n"

/* As Word saves it as .xml: the parts within one another. */
START_TEST(word_xml_says_the_same)
{
	g_autoptr(GBytes) docx = blank(NULL);
	g_autoptr(GString) xml = document_of(docx);
	g_autoptr(form_answers_handle) answers = NULL;
	g_autofree char *all = NULL;
	g_autoptr(GBytes) content = NULL;

	fill(xml, "d02", 4, RUN("√"));
	fill(xml, "q-problems", 1, RUN("慢"));
	all = g_strconcat(
	    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
	    "<?mso-application progid=\"Word.Document\"?>\n<pkg:package "
	    "xmlns:pkg=\"http://schemas.microsoft.com/office/2006/xmlPackage\"><pkg:part "
	    "pkg:name=\"/word/document.xml\"><pkg:xmlData>",
	    strchr(xml->str, '\n') + 1, "</pkg:xmlData></pkg:part></pkg:package>", NULL);
	content = g_bytes_new(all, strlen(all));
	ck_assert(form_recognise("表.xml", NULL, content, &answers, NULL));
	ck_assert_ptr_nonnull(answers);
	ck_assert_int_eq(grade_of(answers, "d02"), 2);
	ck_assert_str_eq(said(answers, "problems"), "慢");
}
END_TEST

START_TEST(text_rows)
{
	static const struct {
		const char *text;
		guint doubt;
		int first, second; /* the grades of d01 and d02 */
		const char *said;
	} cases[] = {
	    {TWO QUESTION, FORM_SURE, 5, 0, "太慢"},
	    {"| 部门 | a1 | b1 | c1 | d1 | e1 | f1\n" TWO QUESTION, FORM_SURE, 5, 0, "太慢"},
	    {"| | 部门 | a1 | b1 | c1 | d1 | e1 | f1 |\n|---|---|\n| d01 | 甲 | | √ | | | | |\n"
	     "| d02 | 乙 | | | | | | |\n| q-problems | 问题？▼ |\n| | 太慢 |\n",
	     FORM_SURE, 4, -1, "太慢"},
	    /* behind the mark nothing is left: an empty cell elsewhere shows that they count */
	    {"d01\t甲\t√\nd02\t乙\t\t√\n" QUESTION, FORM_SURE, 5, 4, "太慢"},
	    {"\td01\t甲\t√\t\t\t\t\t\n\td02\t乙\n" QUESTION, FORM_SURE, 5, -1, "太慢"},
	    {"d01\t甲\t√\nd02\t乙\t√\n" QUESTION, FORM_MARKS, -1, -1, "太慢"},
	    {"d01 甲 √\nd02 乙\n" QUESTION, FORM_MARKS, -1, -1, "太慢"},
	    {"d01 | 甲 |\n√ |\nd02 | 乙 |\n" QUESTION, FORM_MARKS, -1, -1, "太慢"},
	    {"| 部门 | | a1 | b1 | c1 | d1 | e1 | f1\n" TWO QUESTION, FORM_MARKS, -1, -1, "太慢"},
	    {"d03 | 丙 |  |  |  |  |  |  | √\n" TWO QUESTION, FORM_MARKS, -1, -1, "太慢"},
	    {"d03 | 丙 | √ | √ |  |  |  | \n" TWO QUESTION, FORM_SURE, 5, 0, "太慢"},
	    {"d01 | 甲 | √ |  |  |  |  | \nd01 | 甲 |  |  |  | √ |  | \n" QUESTION, FORM_MARKS, -1,
	     -1, "太慢"},
	    /* the words above the last table are known, or may be the answer's */
	    {TWO QUESTION "转办时可以把贵单位的名称告诉有关部门吗？\nc-hidden | 不 |\n", FORM_SURE,
	     5, 0, "太慢"},
	    {TWO QUESTION "可以说出名称吗？\nc-hidden | 不 |\n", FORM_WORDS, 5, 0,
	     "太慢\n可以说出名称吗？"},
	    {TWO "q-problems | 问题？\n太慢\n", FORM_WORDS, 5, 0, "太慢"},
	    {TWO QUESTION "qother 别的？ ▼\n", FORM_WORDS, 5, 0, "太慢\nqother 别的？ ▼"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(form_answers_handle) answers = NULL;
		guint doubt = 77;

		answers = form_text_read(NULL, cases[i].text, NULL, &doubt);
		ck_assert_msg(answers != NULL, "%u", i);
		ck_assert_msg(doubt == cases[i].doubt, "%u: %u", i, doubt);
		ck_assert_msg(grade_of(answers, "d01") == cases[i].first, "%u", i);
		ck_assert_msg(grade_of(answers, "d02") == cases[i].second, "%u", i);
		ck_assert_msg(strcmp(said(answers, "problems"), cases[i].said) == 0, "%u: %s", i,
			      said(answers, "problems"));
	}
}
END_TEST

START_TEST(text_on_disclosure)
{
	static const struct {
		const char *rows;
		guint doubt;
		const char *disclosure;
	} cases[] = {
	    {"c-hidden | 不 | \nc-named | 可以 | √\n", FORM_SURE, "named"},
	    {"c-hidden | 不 | √\nc-named | 可以 | √\n", FORM_SURE, "hidden"},
	    {"c-hidden | 不 | \nc-named | 可以 | \n", FORM_SURE, NULL},
	    {"c-hidden | 不\nc-named | 可以\n√\n", FORM_MARKS, NULL},
	    {"c-hidden | 不\nc-named | 可以\n张三\n", FORM_SURE, NULL},
	    {"c-hidden 不\nc-named 可以 √\n", FORM_MARKS, NULL}, /* nobody is named by mistake */
	    {"c-hidden 不 √\nc-named 可以\n", FORM_MARKS, "hidden"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = g_strconcat(TWO QUESTION, cases[i].rows, NULL);
		g_autoptr(form_answers_handle) answers = NULL;
		guint doubt;

		answers = form_text_read(NULL, text, NULL, &doubt);
		ck_assert_msg(doubt == cases[i].doubt, "%u: %u", i, doubt);
		ck_assert_msg(g_strcmp0(answers->disclosure, cases[i].disclosure) == 0, "%u", i);
	}
}
END_TEST

START_TEST(text_of_others)
{
	static const char *const others[] = {
	    "", "您好，d01 很好。", "d01 | 甲 | √\nd02 | 乙 | √\n" /* two rows */,
	    "d01 | 图纸\nd02 | 图纸\nd03 | 图纸\n", /* no question, no number */
	    "d001x a\nq-A b\nc-other c\n"};
	g_autoptr(form_answers_handle) named = NULL;
	g_autofree char *name = NULL;
	char number[NUMBER_LENGTH + 1];
	guint doubt;

	for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
		g_autofree char *got = text_answers(others[i], NULL, &doubt);

		ck_assert_msg(*got == '\0', "%u: %s", i, got);
	}
	number_make(7, number);
	name = g_strconcat("表", number, ".txt", NULL);
	named = form_text_read(name, others[3], NULL, &doubt);
	ck_assert_ptr_nonnull(named);
	ck_assert_str_eq(named->number, number);
}
END_TEST

START_TEST(text_without_end)
{
	g_autoptr(GString) text = g_string_new("q-problems | 问题？ ▼\n");
	g_autoptr(form_answers_handle) answers = NULL;
	guint doubt = 0;

	for (guint i = 0; i < FORM_LINES_MAX; i++)
		g_string_append_printf(text, "d%04u|a||√||||\n", i % 9999);
	answers = form_text_read(NULL, text->str, NULL, &doubt);
	ck_assert_ptr_nonnull(answers);
	ck_assert_uint_eq(doubt, FORM_MARKS | FORM_WORDS);
	ck_assert_uint_eq(answers->ratings->len, 0);
}
END_TEST

/* --- several forms --- */

static struct form_answers *filled_form(guint64 number, int grade, const char *text)
{
	struct form_answers *answers = form_answers_new();

	if (number)
		number_make(number, answers->number);
	if (grade >= 0)
		form_answers_rate(answers, "d01", grade);
	form_answers_say(answers, "problems", text);
	form_answers_say(answers, "other", "");
	return answers;
}

START_TEST(merges_what_came_together)
{
	struct form_answers *all = NULL;

	ck_assert(form_answers_merge(&all, filled_form(1, -1, "")));
	ck_assert(form_answers_empty(all));
	ck_assert(form_answers_merge(&all, filled_form(2, 5, "慢"))); /* another's, empty */
	ck_assert(form_answers_merge(&all, filled_form(1, -1, "")));
	ck_assert(!form_answers_empty(all));
	ck_assert(form_answers_merge(&all, filled_form(2, 3, "慢")));
	ck_assert(form_answers_merge(&all, filled_form(0, -1, "贵")));
	ck_assert_int_eq(grade_of(all, "d01"), 3);
	ck_assert_uint_eq(all->open->len, 3);
	ck_assert_str_eq(((struct form_open *)g_ptr_array_index(all->open, 0))->text, "慢");
	ck_assert_str_eq(((struct form_open *)g_ptr_array_index(all->open, 2))->text, "贵");
	all->disclosure = g_strdup("named");
	for (guint i = 0; i < 2; i++) {
		struct form_answers *other = filled_form(2, -1, "");

		other->disclosure = g_strdup(i == 0 ? "hidden" : "named");
		ck_assert(form_answers_merge(&all, other));
		ck_assert_str_eq(all->disclosure, "hidden");
	}
	for (guint i = 0; i < FORM_OPEN_FOUND_MAX + 9; i++) {
		g_autofree char *text = g_strdup_printf("%u", i);

		form_answers_merge(&all, filled_form(2, -1, text));
	}
	ck_assert_uint_eq(all->open->len, FORM_OPEN_FOUND_MAX);
	ck_assert(strstr(
	    ((struct form_open *)g_ptr_array_index(all->open, all->open->len - 1))->text, "\n58"));
	ck_assert(!form_answers_merge(&all, filled_form(3, 1, "")));
	form_answers_free(all);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("form");
	TCase *tc = tcase_create("form");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, parses_the_defaults);
	tcase_add_test(tc, says_where_it_is_wrong);
	tcase_add_test(tc, stamps_and_recognises_blank);
	tcase_add_test(tc, reads_what_was_filled_in);
	tcase_add_test(tc, reads_what_stands_behind);
	tcase_add_test(tc, names_nobody_by_mistake);
	tcase_add_test(tc, takes_no_doubtful_mark);
	tcase_add_test(tc, xml_round_trip);
	tcase_add_test(tc, refuses_and_ignores);
	tcase_add_test(tc, survives_damage);
	tcase_add_test(tc, bounds_a_bomb);
	tcase_add_test(tc, shows_on_a_page);
	tcase_add_test(tc, text_of_a_document_says_the_same);
	tcase_add_test(tc, word_xml_says_the_same);
	tcase_add_test(tc, text_rows);
	tcase_add_test(tc, text_on_disclosure);
	tcase_add_test(tc, text_of_others);
	tcase_add_test(tc, text_without_end);
	tcase_add_test(tc, merges_what_came_together);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
