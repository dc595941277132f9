#include "mailer/mime.h"

#include "collector/read.h"

#include <check.h>
#include <string.h>

/* Every line of a header within RFC 5322's 78, 7-bit, and folded lines begin with a space. */
static void check_lines(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (guint i = 0; lines[i]; i++) {
		ck_assert_uint_le(strlen(lines[i]), 78);
		ck_assert(g_str_is_ascii(lines[i]));
		ck_assert(i == 0 || !*lines[i] || lines[i][0] == ' ');
	}
	ck_assert(g_str_has_suffix(text, "\n"));
}

/* What our own reader makes of a message with this subject. */
static void subject_comes_back(const char *subject)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GBytes) raw = NULL;
	struct reading *reading;

	mime_header(out, "Subject", subject);
	check_lines(out->str);
	g_string_append(out, "From: a@b.example\n\nx\n");
	raw = g_bytes_new(out->str, out->len);
	reading = read_message(raw, NULL, NULL);
	ck_assert_ptr_nonnull(reading);
	ck_assert_str_eq(reading->subject, subject);
	reading_free(reading);
}

START_TEST(subjects_come_back)
{
	GString *text = g_string_new(NULL);

	subject_comes_back("plain words");
	subject_comes_back("【PY-22222222】2026年第一轮营商环境征求意见");
	subject_comes_back("already =?UTF-8?B?YQ==?= looking encoded");
	for (guint i = 0; i < 60; i++) {
		subject_comes_back(i ? text->str : "x");
		g_string_append(text, i % 3 ? "评" : i % 2 ? "𠮷" : "a");
	}
	g_string_free(text, TRUE);
}
END_TEST

START_TEST(a_value_adds_no_header)
{
	static const char *const nasty[] = {"a\r\nBcc: x@y.example", "a\nX: y",
					    "评\r\nBcc: x@y.example", "a\r\n\r\nbody"};

	for (guint i = 0; i < G_N_ELEMENTS(nasty); i++) {
		g_autoptr(GString) out = g_string_new(NULL);

		mime_header(out, "Subject", nasty[i]);
		check_lines(out->str);
		g_string_truncate(out, 0);
		mime_address(out, "To", nasty[i], "a@b.example");
		check_lines(out->str);
		/* an address beyond ASCII is for SMTPUTF8 and stays as it is */
		if (!g_str_is_ascii(nasty[i]))
			continue;
		g_string_truncate(out, 0);
		mime_address(out, "To", "a", nasty[i]);
		check_lines(out->str);
	}
}
END_TEST

START_TEST(long_headers_fold)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GString) words = g_string_new("word");

	for (guint i = 0; i < 60; i++)
		g_string_append_printf(words, " word%u", i);
	mime_header(out, "X-Words", words->str);
	check_lines(out->str);
	g_string_replace(out, "\n ", " ", 0);
	ck_assert(strstr(out->str, words->str));
}
END_TEST

START_TEST(names_are_quoted)
{
	g_autoptr(GString) out = g_string_new(NULL);

	mime_address(out, "From", "O\"Neil, \\ Ltd", "a@b.example");
	ck_assert_str_eq(out->str, "From: \"O\\\"Neil, \\\\ Ltd\"\n <a@b.example>\n");
}
END_TEST

START_TEST(dates_are_the_offices)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Asia/Shanghai");
	g_autoptr(GDateTime) time = g_date_time_new(zone, 2026, 3, 2, 9, 5, 7);
	g_autoptr(GString) out = g_string_new(NULL);

	mime_date(out, time);
	ck_assert_str_eq(out->str, "Date: Mon, 2 Mar 2026 09:05:07 +0800\n");
}
END_TEST

START_TEST(text_is_canonical)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autofree guchar *decoded = NULL;
	gsize size = 0;

	mime_text(out, "text/plain", "一\n二\r\n", strlen("一\n二\r\n"));
	decoded = g_base64_decode(strstr(out->str, "\n\n") + 2, &size);
	ck_assert_uint_eq(size, strlen("一\r\n二\r\n"));
	ck_assert_int_eq(memcmp(decoded, "一\r\n二\r\n", size), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("compose");
	TCase *tc = tcase_create("compose");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, subjects_come_back);
	tcase_add_test(tc, a_value_adds_no_header);
	tcase_add_test(tc, long_headers_fold);
	tcase_add_test(tc, names_are_quoted);
	tcase_add_test(tc, dates_are_the_offices);
	tcase_add_test(tc, text_is_canonical);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
