/* Documents that strangers may attach to exhaust or confuse the reader (test_limits_message.c). */
#include "templates/form.h"
#include "tests/unit/bounded_read.h"
#include "tests/unit/zip_writer.h"

#include <check.h>
#include <string.h>

/* Ten entities, each of ten of the one before. */
static char *laughs(const char *root)
{
	GString *text = g_string_new("<!DOCTYPE l [<!ENTITY a \"aaaaaaaaaa\">");

	for (int c = 'b'; c < 'l'; c++) {
		g_string_append_printf(text, "<!ENTITY %c \"", c);
		for (guint i = 0; i < 10; i++)
			g_string_append_printf(text, "&%c;", c - 1);
		g_string_append(text, "\">");
	}
	g_string_append_printf(text, "]>%s", root);
	return g_string_free(text, FALSE);
}

/* As the answers of a form, and as the words of a .docx: refused, and nothing is fetched. */
static void xml_is_refused(const char *answers, const char *document)
{
	g_autoptr(GBytes) form = g_bytes_new(answers, strlen(answers));
	g_autoptr(GBytes) docx = zip_of("word/document.xml", document, strlen(document), 1);
	struct reading *reading = bounded_read_attached("a.xml", form);

	ck_assert_ptr_null(reading->form);
	ck_assert(has_problem(reading, "form-unread: "));
	ck_assert_ptr_null(strstr(first_attachment(reading->attachments)->text, "root:"));
	reading_free(reading);
	reading = bounded_read_attached("a.docx", docx);
	ck_assert_ptr_null(first_attachment(reading->attachments)->text);
	ck_assert_ptr_nonnull(first_attachment(reading->attachments)->unread);
	reading_free(reading);
}

START_TEST(xml_bombs_and_external_entities)
{
	static const char external[] = "<!DOCTYPE l [<!ENTITY k SYSTEM \"file:///etc/passwd\">]>";
	static const char answers[] = "<answers xmlns=\"" FORM_ANSWERS_NS "\">"
				      "<open question=\"problems\">&k;</open></answers>";
	static const char in_attribute[] =
	    "<answers xmlns=\"" FORM_ANSWERS_NS "\" number=\"&k;\"/>";
	static const char document[] = "<w:document xmlns:w=\"" W_NS "\"><w:body><w:p><w:r>"
				       "<w:t>&k;</w:t></w:r></w:p></w:body></w:document>";
	g_autofree char *laugh_answers = laughs(answers);
	g_autofree char *laugh_attribute = laughs(in_attribute);
	g_autofree char *laugh_document = laughs(document);
	g_autofree char *external_answers = g_strconcat(external, answers, NULL);
	g_autofree char *external_document = g_strconcat(external, document, NULL);

	xml_is_refused(laugh_answers, laugh_document);
	xml_is_refused(laugh_attribute, laugh_document);
	xml_is_refused(external_answers, external_document);
}
END_TEST

START_TEST(a_deep_document)
{
	GString *text = g_string_new("<w:document xmlns:w=\"" W_NS "\"><w:body>");
	g_autoptr(GBytes) docx = NULL;
	struct reading *reading;

	add_times(text, "<w:tbl><w:tr><w:tc>", 100000);
	docx = zip_of("word/document.xml", text->str, text->len, 1);
	reading = bounded_read_attached("a.docx", docx);
	ck_assert_ptr_nonnull(first_attachment(reading->attachments)->unread);
	reading_free(reading);
	g_string_free(text, TRUE);
}
END_TEST

START_TEST(rich_text_and_winmail)
{
	GString *text = g_string_new("{\\rtf1\\ansi ");
	g_autoptr(GBytes) rtf = NULL;
	g_autoptr(GBytes) winmail = NULL;
	struct reading *reading;

	add_times(text, "{", 5000000);
	rtf = g_bytes_new(text->str, text->len);
	reading_free(bounded_read_attached("a.rtf", rtf));
	g_string_truncate(text, 0);
	g_string_append_len(text, "\x78\x9f\x3e\x22\1\0", 6);
	for (guint i = 0; i < 500000; i++) /* attachments that begin and have nothing */
		g_string_append_len(text, "\2\2\x90\6\0\0\0\0\0\0\0", 11);
	winmail = g_bytes_new(text->str, text->len);
	reading = bounded_read_attached("winmail.dat", winmail);
	ck_assert_ptr_nonnull(first_attachment(reading->attachments)->unread);
	reading_free(reading);
	g_string_free(text, TRUE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("limits_document");
	TCase *tc = tcase_create("limits");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 10 * LIMIT_S);
	tcase_add_test(tc, xml_bombs_and_external_entities);
	tcase_add_test(tc, a_deep_document);
	tcase_add_test(tc, rich_text_and_winmail);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
