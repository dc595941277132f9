/* Forms that came as text, or as what Word saves as XML. */
#include "base/ooxml.h"
#include "tests/unit/form_file.h"

#include <check.h>
#include <string.h>

/* The answers as XML (transfer full); "" when it is no form. */
static char *text_answers(const char *text, char **rest_out, guint *doubt_out)
{
	struct form_answers *answers = form_text_read(NULL, text, rest_out);
	char *xml = answers ? form_answers_to_xml(answers) : g_strdup("");

	*doubt_out = answers ? answers->doubt : FORM_SURE;
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
	docx = form_file_blank(number);
	xml = form_file_document(docx);
	form_file_fill(xml, "d01", 1, RUN("√"));
	form_file_fill(xml, "d02", 4, RUN("√"));
	form_file_fill(xml, "d27", 6, RUN(" x "));
	form_file_fill(xml, "q-problems", 1,
		       RUN("消防检查太多") "<w:r><w:br/></w:r>" RUN("第二件"));
	form_file_fill(xml, "q-other", 1, RUN("没有了"));
	form_file_fill(xml, "c-named", 1, RUN("☑"));
	filled = form_file_with(docx, xml);
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
	g_autoptr(GBytes) docx = form_file_blank(NULL);
	g_autoptr(GString) xml = form_file_document(docx);
	g_autoptr(form_answers_handle) answers = NULL;
	g_autofree char *all = NULL;
	g_autoptr(GBytes) content = NULL;

	form_file_fill(xml, "d02", 4, RUN("√"));
	form_file_fill(xml, "q-problems", 1, RUN("慢"));
	all = g_strconcat(
	    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
	    "<?mso-application progid=\"Word.Document\"?>\n<pkg:package "
	    "xmlns:pkg=\"http://schemas.microsoft.com/office/2006/xmlPackage\"><pkg:part "
	    "pkg:name=\"/word/document.xml\"><pkg:xmlData>",
	    strchr(xml->str, '\n') + 1, "</pkg:xmlData></pkg:part></pkg:package>", NULL);
	content = g_bytes_new(all, strlen(all));
	ck_assert(form_recognise("表.xml", NULL, content, &answers, NULL));
	ck_assert_ptr_nonnull(answers);
	ck_assert_int_eq(form_file_grade(answers, "d02"), 2);
	ck_assert_str_eq(form_file_said(answers, "problems"), "慢");
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
	    {"d01 | 甲 √ |  |  |  |  |  | \nd02 | 乙 |  |  |  |  |  | x\n" QUESTION, FORM_MARKS, -1,
	     -1, "太慢"},
	    {TWO QUESTION "qother 别的？ ▼\n", FORM_WORDS, 5, 0, "太慢\nqother 别的？ ▼"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(form_answers_handle) answers = form_text_read(NULL, cases[i].text, NULL);

		ck_assert_msg(answers != NULL, "%u", i);
		ck_assert_msg(answers->doubt == cases[i].doubt, "%u: %u", i, answers->doubt);
		ck_assert_msg(form_file_grade(answers, "d01") == cases[i].first, "%u", i);
		ck_assert_msg(form_file_grade(answers, "d02") == cases[i].second, "%u", i);
		ck_assert_msg(strcmp(form_file_said(answers, "problems"), cases[i].said) == 0,
			      "%u: %s", i, form_file_said(answers, "problems"));
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
		g_autoptr(form_answers_handle) answers = form_text_read(NULL, text, NULL);

		ck_assert_msg(answers->doubt == cases[i].doubt, "%u: %u", i, answers->doubt);
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
	named = form_text_read(name, others[3], NULL);
	ck_assert_ptr_nonnull(named);
	ck_assert_str_eq(named->number, number);
}
END_TEST

START_TEST(text_without_end)
{
	g_autoptr(GString) text = g_string_new("q-problems | 问题？ ▼\n");
	g_autoptr(form_answers_handle) answers = NULL;

	for (guint i = 0; i < FORM_LINES_MAX; i++)
		g_string_append_printf(text, "d%04u|a||√||||\n", i % 9999);
	answers = form_text_read(NULL, text->str, NULL);
	ck_assert_ptr_nonnull(answers);
	ck_assert_uint_eq(answers->doubt, FORM_MARKS | FORM_WORDS);
	ck_assert_uint_eq(answers->ratings->len, 0);
}
END_TEST

/* --- several forms --- */

int main(void)
{
	Suite *suite = suite_create("form_text");
	TCase *tc = tcase_create("form_text");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, text_of_a_document_says_the_same);
	tcase_add_test(tc, word_xml_says_the_same);
	tcase_add_test(tc, text_rows);
	tcase_add_test(tc, text_on_disclosure);
	tcase_add_test(tc, text_of_others);
	tcase_add_test(tc, text_without_end);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
