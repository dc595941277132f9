#include "mailer/mime.h"

#include "collector/mime.h"
#include "collector/read.h"
#include "mailer/base64.h"

#include <check.h>
#include <string.h>

/* Every line of a header within RFC 5322's 78, 7-bit, ends with CR LF, and folded lines begin with
 * a space and hold more than that. */
static void check_lines(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\r\n", -1);
	guint count = g_strv_length(lines);

	for (guint i = 0; i < count; i++) {
		ck_assert_uint_le(strlen(lines[i]), 78);
		ck_assert(g_str_is_ascii(lines[i]));
		ck_assert_ptr_null(strpbrk(lines[i], "\r\n\t"));
		ck_assert(i == 0 || i == count - 1 || lines[i][0] == ' ');
		ck_assert(i == count - 1 || lines[i][strspn(lines[i], " ")]);
	}
	ck_assert_str_eq(lines[count - 1], "");
	ck_assert_uint_ge(count, 2);
}

/* What our own reader makes of a message with this subject. */
static void subject_comes_back(const char *subject)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GBytes) raw = NULL;
	struct reading *reading;

	mime_header(out, "Subject", subject);
	check_lines(out->str);
	g_string_append(out, "From: a@b.example\r\n\r\nx\r\n");
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
	static const char *const nasty[] = {
	    "a\r\nBcc: x@y.example",
	    "a\nX: y",
	    "a\rX: y",
	    "评\r\nBcc: x@y.example",
	    "a\r\n\r\nbody",
	    "\r\n\r\n",
	    " \t \v \f ",
	    "a\x01\x1f\x7f b",
	    "评\xc2\x85X: y",                 /* U+0085, next line */
	    "评\xe2\x80\xa8X: y\xe2\x80\xa9", /* U+2028, U+2029 */
	    "评\xed\xa0\x80议",               /* a lone surrogate */
	    "\xff\xfe\x80",
	    "\xe8\xaf",               /* a character cut */
	    "评\xe2\x80\xae cod.exe", /* right to left from here on */
	    "=?UTF-8?B?DQpCY2M6IHhAeS5leGFtcGxl?=",
	};

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
		g_string_truncate(out, 0);
		mime_tokens(out, "References", nasty[i]);
		check_lines(out->str);
	}
}
END_TEST

START_TEST(nothing_unseen_is_left)
{
	static const char nasty[] = "评\xc2\x85 \xe2\x80\xa8议\xe2\x80\xae\xed\xa0\x80"
				    "\t\r\n\x7f完";
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GBytes) raw = NULL;
	struct reading *reading;

	mime_header(out, "Subject", nasty);
	g_string_append(out, "From: a@b.example\r\n\r\nx\r\n");
	raw = g_bytes_new(out->str, out->len);
	reading = read_message(raw, NULL, NULL);
	ck_assert_str_eq(reading->subject, "评 议\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd 完");
	reading_free(reading);
}
END_TEST

START_TEST(long_headers_fold)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GString) words = g_string_new("word");
	g_autofree char *long_word = g_strnfill(3000, 'x');
	g_autofree char *spaces = g_strnfill(3000, ' ');
	g_autofree char *apart = g_strconcat("a", spaces, "b", spaces, NULL);

	for (guint i = 0; i < 60; i++)
		g_string_append_printf(words, " word%u", i);
	mime_header(out, "X-Words", words->str);
	check_lines(out->str);
	g_string_replace(out, "\r\n ", " ", 0);
	ck_assert(strstr(out->str, words->str));
	subject_comes_back(words->str);
	subject_comes_back(long_word);
	g_string_truncate(out, 0);
	mime_header(out, "X-Apart", apart);
	ck_assert_str_eq(out->str, "X-Apart: a b\r\n");
	g_string_truncate(out, 0);
	mime_tokens(out, "References", long_word);
	ck_assert_uint_lt(out->len, 998);
	g_string_truncate(out, 0);
	mime_address(out, "To", NULL, long_word);
	ck_assert_uint_lt(out->len, 998);
}
END_TEST

START_TEST(names_are_quoted)
{
	g_autoptr(GString) out = g_string_new(NULL);

	mime_address(out, "From", "O\"Neil, \\ Ltd", "a@b.example");
	ck_assert_str_eq(out->str, "From: \"O\\\"Neil, \\\\ Ltd\"\r\n <a@b.example>\r\n");
	g_string_truncate(out, 0);
	mime_address(out, "To", NULL, "a@b.example>, <evil@x.example");
	ck_assert_str_eq(out->str, "To: <a@b.exampleevil@x.example>\r\n");
}
END_TEST

START_TEST(dates_are_the_offices)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Asia/Shanghai");
	g_autoptr(GDateTime) time = g_date_time_new(zone, 2026, 3, 2, 9, 5, 7);
	g_autoptr(GString) out = g_string_new(NULL);

	mime_date(out, time);
	ck_assert_str_eq(out->str, "Date: Mon, 2 Mar 2026 09:05:07 +0800\r\n");
}
END_TEST

START_TEST(base64_as_glib_has_it)
{
	guchar bytes[400];

	for (guint i = 0; i < sizeof bytes; i++)
		bytes[i] = (guchar)(i * 167 + (i >> 3) * 29);
	for (gsize size = 0; size <= sizeof bytes; size++) {
		g_autofree char *expected = g_base64_encode(bytes, size);
		/* what is read beyond the end would be found here, with SAN=1 */
		g_autofree guchar *exact = g_memdup2(bytes, size);
		g_autoptr(GString) run = g_string_new("x");
		g_autoptr(GString) lines = g_string_new(NULL);
		g_auto(GStrv) list = NULL;
		g_autofree char *joined = NULL;

		base64_run(run, exact, size);
		ck_assert_str_eq(run->str + 1, expected);
		ck_assert_uint_eq(run->len, strlen(expected) + 1);
		base64_lines(lines, exact, size);
		ck_assert(size == 0 || g_str_has_suffix(lines->str, "\r\n"));
		list = g_strsplit(lines->str, "\r\n", -1);
		for (guint i = 0; list[i] && list[i + 1]; i++)
			ck_assert(list[i + 2] == NULL || !list[i + 2][0]
				      ? strlen(list[i]) <= 76 && list[i][0]
				      : strlen(list[i]) == 76);
		joined = g_strjoinv("", list);
		ck_assert_str_eq(joined, expected);
	}
}
END_TEST

START_TEST(file_names_are_safe)
{
	static const struct {
		const char *name;
		const char *safe;
	} cases[] = {
	    {"附件1：评议表.docx", "附件1：评议表.docx"},
	    {"a.pdf", "a.pdf"},
	    {"../../etc/passwd", "_.._etc_passwd"},
	    {"C:\\Windows\\a.exe", "C__Windows_a.exe"},
	    {"a\r\nX-Evil: 1.pdf", "a X-Evil_ 1.pdf"},
	    {"a\"b<c>d|e?f*g.pdf", "a_b_c_d_e_f_g.pdf"},
	    {"  .hidden. ", "hidden"},
	    {"...", "附件"},
	    {"", "附件"},
	    {"\x01\x02", "附件"},
	    {"清单\xe2\x80\xae"
	     "fdp.exe",
	     "清单fdp.exe"},
	    {"清\xff单.xlsx", "清\xef\xbf\xbd单.xlsx"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *safe = mime_file_name(cases[i].name, "附件");

		ck_assert_str_eq(safe, cases[i].safe);
	}
}
END_TEST

START_TEST(long_file_names_keep_their_extension)
{
	for (guint pad = 0; pad < 4; pad++) {
		GString *name = g_string_new("abcd" + pad);
		g_autofree char *safe = NULL;

		for (guint i = 0; i < 100; i++)
			g_string_append(name, "评");
		g_string_append(name, ".docx");
		safe = mime_file_name(name->str, "附件");
		ck_assert_uint_le(strlen(safe), MIME_FILE_NAME_MAX);
		ck_assert_uint_gt(strlen(safe), MIME_FILE_NAME_MAX - 4);
		ck_assert(g_utf8_validate(safe, -1, NULL));
		ck_assert(g_str_has_suffix(safe, "评.docx"));
		g_string_assign(name, "a.");
		for (guint i = 0; i < 100; i++)
			g_string_append(name, "评");
		g_free(safe);
		safe = mime_file_name(name->str, "附件");
		ck_assert_uint_le(strlen(safe), MIME_FILE_NAME_MAX);
		ck_assert(g_utf8_validate(safe, -1, NULL));
		g_string_free(name, TRUE);
	}
}
END_TEST

/* A file by this name as GMime reads it: in a message of its own. */
static void file_comes_back(const char *name)
{
	g_autoptr(GString) out = g_string_new("From: a@b.example\r\nMIME-Version: 1.0\r\n");
	g_autoptr(GBytes) content = g_bytes_new("PDF\0\n.\r", 7);
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GBytes) raw = NULL;
	g_auto(GStrv) lines = NULL;
	struct mime_message *message;

	mime_file(out, "application/pdf", name, NULL, content);
	lines = g_strsplit(out->str, "\r\n", -1);
	for (guint i = 0; lines[i]; i++) {
		ck_assert_uint_le(strlen(lines[i]), 78);
		ck_assert(g_str_is_ascii(lines[i]));
	}
	raw = g_bytes_new(out->str, out->len);
	message = mime_parse(raw, problems);
	ck_assert_uint_eq(problems->len, 0);
	ck_assert_str_eq(message->root->type, "application/pdf");
	ck_assert_str_eq(message->root->name, name);
	ck_assert(message->root->attached);
	ck_assert(g_bytes_equal(message->root->content, content));
	mime_message_free(message);
}

START_TEST(file_names_come_back)
{
	GString *name = g_string_new(NULL);

	file_comes_back("a.pdf");
	file_comes_back("two words; and = more.pdf");
	file_comes_back("附件.pdf");
	file_comes_back("关于开展2026年第一轮营商环境征求意见的通知（附件一）%20'引号' ‘’.pdf");
	for (guint i = 0; i < 65; i++) {
		g_string_append(name, i % 7 == 3 ? "𠮷" : i % 3 ? "评" : "a");
		file_comes_back(name->str);
	}
	g_string_free(name, TRUE);
}
END_TEST

/* Both ways are there, and no plain filename beside the extended one (see mime.h). */
START_TEST(file_names_are_written_twice)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GBytes) content = g_bytes_new("x", 1);

	mime_file(out, "image/png", "标.png", "logo.png@pingyi", content);
	ck_assert_str_eq(out->str, "Content-Type: image/png;\r\n"
				   " name=\"=?UTF-8?B?5qCHLnBuZw==?=\"\r\n"
				   "Content-Transfer-Encoding: base64\r\n"
				   "Content-Disposition: inline;\r\n"
				   " filename*0*=UTF-8''%E6%A0%87.png\r\n"
				   "Content-ID: <logo.png@pingyi>\r\n\r\n"
				   "eA==\r\n");
}
END_TEST

START_TEST(types_are_checked)
{
	static const char *const good[] = {
	    "application/pdf", "image/svg+xml", "text/plain",
	    "application/vnd.openxmlformats-officedocument.wordprocessingml.document"};
	static const char *const bad[] = {"",
					  "pdf",
					  "/",
					  "a/",
					  "/b",
					  "a/b/c",
					  "a/b; charset=x",
					  "a/b\r\nX: y",
					  "multipart/mixed",
					  "Message/RFC822",
					  "图/片"};

	for (guint i = 0; i < G_N_ELEMENTS(good); i++)
		ck_assert(mime_is_type(good[i]));
	for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
		ck_assert_msg(!mime_is_type(bad[i]), "%s", bad[i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mime_write");
	TCase *tc = tcase_create("mime_write");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, subjects_come_back);
	tcase_add_test(tc, a_value_adds_no_header);
	tcase_add_test(tc, long_headers_fold);
	tcase_add_test(tc, names_are_quoted);
	tcase_add_test(tc, dates_are_the_offices);
	tcase_add_test(tc, nothing_unseen_is_left);
	tcase_add_test(tc, base64_as_glib_has_it);
	tcase_add_test(tc, file_names_are_safe);
	tcase_add_test(tc, long_file_names_keep_their_extension);
	tcase_add_test(tc, file_names_come_back);
	tcase_add_test(tc, file_names_are_written_twice);
	tcase_add_test(tc, types_are_checked);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
