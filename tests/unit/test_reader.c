#include "base/asset.h"
#include "base/error.h"
#include "collector/mime.h"
#include "collector/read.h"
#include "collector/reader.h"
#include "templates/form.h"
#include "tests/unit/built_program.h"

#include <check.h>
#include <sys/stat.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static char *program; /* build/pingyi */

/* The record of a message, as JSON. */
static gboolean read_raw(struct reader *reader, GBytes *raw, char **json_out, GError **error)
{
	g_autoptr(JsonNode) record = reader_read(reader, raw, error);

	*json_out = record ? json_to_string(record, FALSE) : NULL;
	return record != NULL;
}

static gboolean read_one(struct reader *reader, const char *text, char **json_out, GError **error)
{
	g_autoptr(GBytes) raw = g_bytes_new(text, strlen(text));

	return read_raw(reader, raw, json_out, error);
}

static const char *const hello = "From: a@b.invalid\nSubject: x\n\n税务局很好\n";

START_TEST(reads_many)
{
	struct reader *reader = reader_start(program, 0);
	int pid = 0;

	for (int i = 0; i < 20; i++) {
		g_autofree char *json = NULL;

		ck_assert(read_one(reader, hello, &json, NULL));
		ck_assert_ptr_nonnull(strstr(json, "\"own\":\"税务局很好\""));
		ck_assert(pid == 0 || pid == reader_pid(reader));
		pid = reader_pid(reader);
	}
	reader_free(reader);
}
END_TEST

/* A process that somebody took over does not stay. */
START_TEST(is_replaced_now_and_then)
{
	struct reader *reader = reader_start(program, 0);
	int pid = 0, processes = 0;

	for (int i = 0; i < 1500; i++) {
		g_autofree char *json = NULL;

		ck_assert(read_one(reader, hello, &json, NULL));
		processes += pid != reader_pid(reader);
		pid = reader_pid(reader);
	}
	ck_assert_int_eq(processes, 2);
	reader_free(reader);
}
END_TEST

START_TEST(survives_a_killed_process)
{
	struct reader *reader = reader_start(program, 0);
	g_autofree char *first = NULL;
	g_autofree char *second = NULL;
	int pid;

	ck_assert(read_one(reader, hello, &first, NULL));
	pid = reader_pid(reader);
	ck_assert_int_gt(pid, 0);
	kill(pid, SIGKILL);
	ck_assert(read_one(reader, hello, &second, NULL));
	ck_assert_int_ne(pid, reader_pid(reader));
	ck_assert_str_eq(first, second);
	reader_free(reader);
}
END_TEST

START_TEST(a_reader_that_does_not_start)
{
	struct reader *reader = reader_start("/bin/false", 0);
	g_autoptr(GError) error = NULL;
	char *json = NULL;

	ck_assert(!read_one(reader, hello, &json, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY));
	ck_assert_ptr_null(json);
	reader_free(reader);
}
END_TEST

/* A program that says that its cage is closed, and does `rest`. */
static char *impostor(const char *rest)
{
	char *path = g_strdup_printf("%s/pingyi-impostor.%d", g_get_tmp_dir(), getpid());
	g_autofree char *script = g_strdup_printf("#!/bin/sh\nprintf '\\1\\0\\0\\0C'\n%s\n", rest);

	ck_assert(g_file_set_contents(path, script, -1, NULL));
	ck_assert_int_eq(chmod(path, 0700), 0);
	return path;
}

START_TEST(a_message_that_breaks_its_reader)
{
	static const struct {
		const char *rest;
		const char *why;
	} deaths[] = {{"exit 3", "exit code 3"},
		      {"kill -SEGV $$", "signal 11"},
		      {"kill -SYS $$", "forbids"},
		      {"kill -XCPU $$", "computing"},
		      {"kill -ABRT $$", "memory"}};

	for (gsize i = 0; i < G_N_ELEMENTS(deaths); i++) {
		g_autofree char *path = impostor(deaths[i].rest);
		struct reader *reader = reader_start(path, 0);
		g_autoptr(GError) error = NULL;
		char *json = NULL;

		ck_assert(!read_one(reader, hello, &json, &error));
		ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT));
		ck_assert_msg(strstr(error->message, deaths[i].why), "%s", error->message);
		unlink(path);
		reader_free(reader);
	}
}
END_TEST

START_TEST(a_reader_that_never_answers)
{
	g_autofree char *path = impostor("exec sleep 60");
	struct reader *reader = reader_start(path, 300);
	g_autoptr(GError) error = NULL;
	char *json = NULL;

	ck_assert(!read_one(reader, hello, &json, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT));
	ck_assert_int_eq(reader_pid(reader), 0);
	unlink(path);
	reader_free(reader);
}
END_TEST

START_TEST(a_reader_that_talks_nonsense)
{
	static const char *const lies[] = {
	    "printf '\\377\\377\\377\\377x'; sleep 1",
	    "printf '\\3\\0\\0\\0R[]'; sleep 1",
	    "printf '\\3\\0\\0\\0R\\377\\377'; sleep 1",
	    "printf '\\3\\0\\0\\0?{}'; sleep 1",
	    "printf '\\0\\0\\0\\0'; sleep 1",
	    "printf '\\3\\0\\0\\0R{}'; sleep 1",
	    /* asks for the text of PDFs without end */
	    "while printf '\\4\\0\\0\\0Pabc' 2>/dev/null; do :; done",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(lies); i++) {
		g_autofree char *path = impostor(lies[i]);
		struct reader *reader = reader_start(path, 5000);
		g_autoptr(GError) error = NULL;
		char *json = NULL;

		ck_assert(!read_one(reader, hello, &json, &error));
		ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT));
		unlink(path);
		reader_free(reader);
	}
}
END_TEST

START_TEST(too_large_and_after_it)
{
	struct reader *reader = reader_start(program, 0);
	gsize size = MIME_MESSAGE_MAX + 1u;
	g_autoptr(GBytes) raw = g_bytes_new_take(g_malloc0(size), size);
	g_autoptr(GError) error = NULL;
	g_autofree char *json = NULL;

	ck_assert(!read_raw(reader, raw, &json, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	ck_assert(read_one(reader, hello, &json, NULL));
	reader_free(reader);
}
END_TEST

/* Inside the cage nothing can be opened any more: what comes out must be what comes out without. */
static void same_inside(struct reader *reader, GBytes *raw, const char *what)
{
	struct reading *reading = read_message(raw, NULL, NULL);
	g_autofree char *outside = reading_to_line(reading);
	g_autofree char *inside = NULL;
	g_autoptr(GError) error = NULL;

	reading_free(reading);
	ck_assert_msg(read_raw(reader, raw, &inside, &error), "%s: %s", what,
		      error ? error->message : "");
	ck_assert_msg(strcmp(inside, outside) == 0, "%s:\n%s\n%s", what, inside, outside);
}

#ifndef __SANITIZE_ADDRESS__
/* The real reader with less memory: the message that needs more is set aside with the
 * reason, and the next one is read. */
START_TEST(exhaustion_is_named)
{
	gsize size = 90u << 20;
	g_autoptr(GString) large = g_string_new("Subject: x\n\n");
	g_autofree char *path = g_strdup_printf("%s/pingyi-poor.%d", g_get_tmp_dir(), getpid());
	g_autofree char *script =
	    g_strdup_printf("#!/bin/sh\nulimit -v 250000\nexec '%s' \"$@\"\n", program);
	struct reader *reader = reader_start(path, 0);
	g_autoptr(GError) error = NULL;
	g_autofree char *json = NULL;

	while (large->len < size)
		g_string_append(large, "一行字一行字一行字一行字一行字一行字一行字一行字\n");
	ck_assert(g_file_set_contents(path, script, -1, NULL));
	ck_assert_int_eq(chmod(path, 0700), 0);
	ck_assert(!read_one(reader, large->str, &json, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT));
	ck_assert_msg(strstr(error->message, "memory"), "%s", error->message);
	ck_assert(read_one(reader, hello, &json, NULL));
	unlink(path);
	reader_free(reader);
}
END_TEST
#endif

START_TEST(every_charset_is_open)
{
	static const char *const labels[] = {
	    "utf-8",        "gb2312",       "gb18030",      "hz-gb-2312",   "big5",
	    "shift_jis",    "euc-jp",       "iso-2022-jp",  "iso-2022-cn",  "iso-2022-kr",
	    "euc-kr",       "utf-7",        "utf-16",       "utf-16le",     "utf-16be",
	    "utf-32",       "iso-8859-1",   "iso-8859-2",   "iso-8859-3",   "iso-8859-4",
	    "iso-8859-5",   "iso-8859-6",   "iso-8859-7",   "iso-8859-8",   "iso-8859-9",
	    "iso-8859-10",  "iso-8859-13",  "iso-8859-14",  "iso-8859-15",  "iso-8859-16",
	    "windows-1250", "windows-1251", "windows-1253", "windows-1254", "windows-1255",
	    "windows-1256", "windows-1257", "windows-1258", "koi8-r",       "koi8-u",
	    "tis-620",      "ibm850",       "ibm437",       "macintosh",    "nonsense"};
	struct reader *reader = reader_start(program, 0);

	for (gsize i = 0; i < G_N_ELEMENTS(labels); i++) {
		g_autoptr(GByteArray) bytes = g_byte_array_new();
		g_autoptr(GBytes) raw = NULL;
		g_autofree char *head = g_strdup_printf(
		    "From: =?%s?B?xOO6ww==?= <a@b.invalid>\nSubject: =?%s?Q?=C4=E3=BA=C3?=\n"
		    "Content-Type: text/plain; charset=%s\n\n~{<:Ky~} \x1b$B$3\x1b(B +ZeVnLIqe- ",
		    labels[i], labels[i], labels[i]);

		g_byte_array_append(bytes, (const guint8 *)head, (guint)strlen(head));
		for (guint c = 0x80; c <= 0xff; c++) {
			const guint8 pair[] = {(guint8)c, (guint8)(0xa1 + c % 0x50), ' '};

			g_byte_array_append(bytes, pair, sizeof pair);
		}
		raw = g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
		same_inside(reader, raw, labels[i]);
	}
	reader_free(reader);
}
END_TEST

/* Our own form, in an attachment and in one of an attached message. */
START_TEST(office_files_are_read_inside)
{
	static const struct form_department departments[] = {{"d01", "发展和改革局"}};
	const struct asset *asset = asset_find("templates/zh/questionnaire.xml");
	g_autoptr(form_handle) form = form_parse(asset->text, asset->size, "questionnaire", NULL);
	g_autoptr(GBytes) docx = form_docx(form, departments, 1, "某办公室", "第一轮", "zh");
	gsize size;
	const guchar *bytes = g_bytes_get_data(docx, &size);
	g_autofree char *base64 = g_base64_encode(bytes, size);
	g_autofree char *text =
	    g_strdup_printf("From: a@b.invalid\nSubject: x\nDate: Mon, 2 Mar 2026 09:30:00 +0800\n"
			    "Content-Type: multipart/mixed; boundary=o\n\n--o\n"
			    "Content-Type: text/html; "
			    "charset=gbk\n\n<table><tr><td>\xc4\xe3&nbsp;&hearts;</table>\n--o\n"
			    "Content-Type: application/octet-stream; name=\"yj.docx\"\n"
			    "Content-Transfer-Encoding: base64\n\n%s\n--o--\n",
			    base64);
	g_autoptr(GBytes) raw = g_bytes_new(text, strlen(text));
	g_autofree char *json = NULL;
	struct reader *reader = reader_start(program, 0);

	same_inside(reader, raw, "docx");
	ck_assert(read_raw(reader, raw, &json, NULL));
	ck_assert_ptr_nonnull(strstr(json, "发展和改革局"));
	reader_free(reader);
}
END_TEST

START_TEST(large_but_allowed)
{
	struct reader *reader = reader_start(program, 0);
	GString *text = g_string_new("Subject: x\n\n");
	g_autofree char *json = NULL;

	for (int i = 0; i < 200000; i++)
		g_string_append(text, "一行字一行字一行字\n");
	ck_assert(read_one(reader, text->str, &json, NULL));
	ck_assert_uint_lt(strlen(json), 8u * 1024 * 1024);
	g_string_free(text, TRUE);
	reader_free(reader);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("reader");
	TCase *tc = tcase_create("reader");
	SRunner *runner = srunner_create(suite);
	int failed;

	(void)argc;
	(void)argv;
	signal(SIGPIPE, SIG_IGN);
	g_setenv("PINGYI_LANG", "en", TRUE);
	program = built_program();
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, reads_many);
	tcase_add_test(tc, is_replaced_now_and_then);
	tcase_add_test(tc, survives_a_killed_process);
	tcase_add_test(tc, a_reader_that_does_not_start);
	tcase_add_test(tc, a_message_that_breaks_its_reader);
	tcase_add_test(tc, a_reader_that_never_answers);
	tcase_add_test(tc, a_reader_that_talks_nonsense);
	tcase_add_test(tc, too_large_and_after_it);
	tcase_add_test(tc, large_but_allowed);
#ifndef __SANITIZE_ADDRESS__
	tcase_add_test(tc, exhaustion_is_named);
#endif
	tcase_add_test(tc, every_charset_is_open);
	tcase_add_test(tc, office_files_are_read_inside);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	g_free(program);
	return failed == 0 ? 0 : 1;
}
