/*
 * Messages that strangers may send to exhaust or confuse the reader: each is read within bounds,
 * says what was left out, and loses nothing that can be kept.
 */
#include "tests/unit/bounded_read.h"

#include <check.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#define HEAD_BYTES (1u << 20) /* growing a long header is slow there */
#else
#define HEAD_BYTES (6u << 20)
#endif

/* --- structure ------------------------------------------------------------------------------ */

START_TEST(multiparts_within_multiparts)
{
	GString *text = g_string_new(NULL);
	struct reading *reading;

	for (int i = 0; i < 200000; i++)
		g_string_append_printf(
		    text, "Content-Type: multipart/mixed; boundary=\"b%d\"\n\n--b%d\n", i, i);
	reading = bounded_read(text->str, text->len);
	ck_assert(has_problem(reading, "too-many-parts"));
	ck_assert(has_problem(reading, "too-deep"));
	reading_free(reading);
	g_string_free(text, TRUE);
	reading = bounded_read_times("", "Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\n",
				     200000, "");
	ck_assert(has_problem(reading, "too-deep"));
	reading_free(reading);
}
END_TEST

START_TEST(messages_within_messages)
{
	struct reading *reading = bounded_read_times(HEAD, "Content-Type: message/rfc822\n\n",
						     200000, "Subject: y\n\nbody\n");

	ck_assert(has_problem(reading, "too-deep"));
	reading_free(reading);
}
END_TEST

START_TEST(many_parts)
{
	struct reading *reading = bounded_read_times(
	    HEAD "Content-Type: multipart/mixed; boundary=b\n\n", "--b\n\nx\n", 1000000, "--b--\n");

	ck_assert(has_problem(reading, "too-many-parts"));
	reading_free(reading);
}
END_TEST

START_TEST(much_text_in_many_parts)
{
	g_autofree char *words = g_strnfill(500000, 'x');
	g_autofree char *plain = g_strconcat("--b\n\n", words, "\n", NULL);
	g_autofree char *attached = g_strconcat("--b\nContent-Type: text/plain; name=a.txt\n"
						"Content-Disposition: attachment\n\n",
						words, "\n", NULL);
	struct reading *reading = bounded_read_times(
	    HEAD "Content-Type: multipart/mixed; boundary=b\n\n", plain, 60, "--b--\n");

	ck_assert_uint_eq(reading->bodies->len, 60);
	reading_free(reading);
	reading = bounded_read_times(HEAD "Content-Type: multipart/mixed; boundary=b\n\n", attached,
				     60, "--b--\n");
	ck_assert_uint_eq(reading->attachments->len, 60);
	ck_assert_ptr_nonnull(
	    ((struct reading_attachment *)g_ptr_array_index(reading->attachments, 59))->unread);
	reading_free(reading);
}
END_TEST

START_TEST(a_message_of_the_largest_size)
{
	gsize size = MIME_MESSAGE_MAX;
	char *bytes = g_malloc(size + 1);
	struct reading *reading;

	memset(bytes, '\n', size);
	memcpy(bytes, HEAD "\nwords", sizeof HEAD "\nwords" - 1);
	reading = bounded_read(bytes, size);
	ck_assert_str_eq(g_strchomp(reading->own.own), "words");
	reading_free(reading);
	g_free(bytes);
}
END_TEST

/* --- headers -------------------------------------------------------------------------------- */

START_TEST(headers_of_megabytes)
{
	static const struct {
		const char *head, *piece, *problem;
	} cases[] = {
	    {"Subject: ", "aaaaaaaa", "header-cut"},
	    {"Subject: ", "a\n ", "header-cut"},
	    {"Subject: ", "=?utf-8?B?5Zue?= ", "header-cut"},
	    {"References: ", "<a@b> ", "header-cut"},
	    {"From: ", "a@b.invalid, ", "header-cut"},
	    {"From: ", "(", "header-cut"},
	    {"From: ", "\"\\", "header-cut"},
	    {"X-From: a@b", ":", "header-cut"},
	    {"From: ", "g:", "too-many-headers"},
	    {"Subject: ", "=?utf-8?Q?a", "header-cut"},
	    {"From: ", "Mon, 2 Mar 2026 ", "too-many-headers"},
	    {"Subject: x\n", "X: y\n", "too-many-headers"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		guint n = HEAD_BYTES / (guint)strlen(cases[i].piece);
		struct reading *reading =
		    bounded_read_times(cases[i].head, cases[i].piece, n, "\n\nbody\n");

		ck_assert_msg(has_problem(reading, cases[i].problem), "case %u", i);
		reading_free(reading);
	}
}
END_TEST

START_TEST(parameters_without_end)
{
	struct reading *reading =
	    bounded_read_times(HEAD "Content-Type: text/plain; ", "a*0=b; ", 500000, "\n\nbody\n");

	ck_assert_str_eq(g_strchomp(reading->own.own), "body");
	reading_free(reading);
}
END_TEST

START_TEST(headers_of_parts)
{
	static const char *const heads[] = {HEAD
					    "Content-Type: multipart/mixed; boundary=b\n\n--b\n",
					    HEAD "Content-Type: message/rfc822\n\n"};

	for (guint i = 0; i < G_N_ELEMENTS(heads); i++) {
		struct reading *reading =
		    bounded_read_times(heads[i], "X: y\n", 4000000, "\nbody\n");

		ck_assert(has_problem(reading, "too-many-headers"));
		reading_free(reading);
	}
}
END_TEST

START_TEST(dates_that_cannot_be)
{
	static const char *const dates[] = {
	    "Mon, 1 Jan 0000 00:00:00 +0000",    "Mon, 1 Jan -1 00:00:00 +0000",
	    "Mon, 1 Jan 99999 00:00:00 +0000",   "Mon, 1 Jan 99999999999999999999 00:00:00 +0000",
	    "Mon, 99 Jan 2026 00:00:00 +0000",   "Mon, 1 Jan 2026 99:99:99 +0000",
	    "Mon, 0 Jan 2026 00:00:00 +0000",    "9999999999",
	    "Mon, 1 Foo 2026 00:00:00 +0000",    "",
	    "Mon, 31 Feb 2026 00:00:00 +999999",
	};

	for (guint i = 0; i < G_N_ELEMENTS(dates); i++) {
		g_autofree char *text =
		    g_strdup_printf("From: a@b.invalid\nDate: %s\n\nbody\n", dates[i]);
		struct reading *reading = bounded_read(text, strlen(text));

		ck_assert_msg(!reading->date, "%s", dates[i]);
		ck_assert(has_problem(reading, "no-date"));
		reading_free(reading);
	}
}
END_TEST

/* --- bytes ---------------------------------------------------------------------------------- */

START_TEST(nul_bytes)
{
	static const char nul[] = "From: a@b.invalid\nSubject: a\0b\nX: y\n\nc\0d\n";
	g_autofree char *many = g_malloc0(20 * MEGABYTE);
	struct reading *reading = bounded_read(nul, sizeof nul - 1);

	ck_assert_ptr_nonnull(strstr(reading->text, "d"));
	reading_free(reading);
	reading = bounded_read(many, 20 * MEGABYTE);
	ck_assert(has_problem(reading, "no-headers"));
	reading_free(reading);
}
END_TEST

START_TEST(bare_carriage_returns)
{
	struct reading *reading =
	    bounded_read_times("Subject: x\rFrom: a@b.invalid\r\r", "line\r", 2000000, "");

	ck_assert_str_eq(reading->subject, "x");
	ck_assert(g_str_has_prefix(reading->own.own, "line\nline\n"));
	reading_free(reading);
	reading =
	    bounded_read_times("Subject: x\r\nFrom: a@b.invalid\r\n\r\n", "line\r", 2000000, "");
	ck_assert(g_str_has_prefix(reading->own.own, "line\nline\n"));
	reading_free(reading);
}
END_TEST

START_TEST(html_of_all_sorts)
{
	static const char *const pieces[] = {
	    "<div>", "<table><tr><td>", "<a<b", "<!--", "&amp;&#x4e00;", "<p a=1 b=2 c=3 ",
	};
	GString *text = g_string_new(HEAD "Content-Type: text/html\n\n<p>words</p><p ");
	struct reading *reading;

	for (guint i = 0; i < 300000; i++)
		g_string_append_printf(text, i % 2 ? "a%u=1 " : "a%u=\"1\"", i);
	reading = bounded_read(text->str, text->len);
	ck_assert(g_str_has_prefix(reading->text, "words"));
	reading_free(reading);
	g_string_free(text, TRUE);
	for (guint i = 0; i < G_N_ELEMENTS(pieces); i++)
		reading_free(
		    bounded_read_times(HEAD "Content-Type: text/html\n\n", pieces[i], 500000, ""));
}
END_TEST

/* A character half of which is beyond what is read, in either encoding. */
START_TEST(text_that_is_cut)
{
	static const struct {
		const char *head, *piece;
	} cases[] = {
	    {HEAD "Content-Type: text/plain; charset=utf-8\n\n", "甲"},
	    {HEAD "Content-Type: text/plain\n\n", "甲"},
	    {HEAD "Content-Type: text/plain; charset=utf-8\n\nx", "甲"},
	    {HEAD "Content-Type: text/html; charset=utf-8\n\n<p>", "甲"},
	    {HEAD "Content-Type: text/html; charset=utf-8\n\n<br>", "甲"},
	    {HEAD "Content-Type: text/plain; charset=gb2312\n\n", "\xbc\xd7"},
	    {HEAD "Content-Type: text/plain; charset=gb2312\n\nx", "\xbc\xd7"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct reading *reading =
		    bounded_read_times(cases[i].head, cases[i].piece, MEGABYTE, "\nend\n");
		char *own = g_strdup(reading->own.own);

		ck_assert(has_problem(reading, "text-cut"));
		ck_assert(reading->own.doubtful);
		ck_assert_ptr_null(strstr(own, "\xef\xbf\xbd"));
		ck_assert(g_str_has_suffix(own, "甲"));
		g_free(own);
		reading_free(reading);
		reading = bounded_read_times(cases[i].head, cases[i].piece, MEGABYTE / 4, "");
		ck_assert(!has_problem(reading, "text-cut"));
		ck_assert(!reading->own.doubtful);
		reading_free(reading);
	}
}
END_TEST

START_TEST(elements_within_elements)
{
	struct reading *reading =
	    bounded_read_times(HEAD "Content-Type: text/html; charset=utf-8\n\n<p>头部。</p>",
			       "<div>", 100000, "<p>尾部意见。</p>");

	ck_assert_str_eq(reading->own.own, "头部。\n\n尾部意见。");
	ck_assert(has_problem(reading, "html-too-deep"));
	ck_assert(reading->own.doubtful);
	reading_free(reading);
	/* another alternative is shown: what is lost here is not missed */
	reading = bounded_read_times(
	    HEAD "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nwords\n--b\n"
		 "Content-Type: text/html\n\n",
	    "<div>", 300000, "words\n--b--\n");
	ck_assert_uint_eq(reading->problems->len, 0);
	ck_assert(!reading->own.doubtful);
	reading_free(reading);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("limits_message");
	TCase *tc = tcase_create("limits");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 10 * LIMIT_S);
	tcase_add_test(tc, multiparts_within_multiparts);
	tcase_add_test(tc, messages_within_messages);
	tcase_add_test(tc, many_parts);
	tcase_add_test(tc, much_text_in_many_parts);
	tcase_add_test(tc, a_message_of_the_largest_size);
	tcase_add_test(tc, headers_of_megabytes);
	tcase_add_test(tc, parameters_without_end);
	tcase_add_test(tc, headers_of_parts);
	tcase_add_test(tc, dates_that_cannot_be);
	tcase_add_test(tc, nul_bytes);
	tcase_add_test(tc, bare_carriage_returns);
	tcase_add_test(tc, html_of_all_sorts);
	tcase_add_test(tc, text_that_is_cut);
	tcase_add_test(tc, elements_within_elements);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
