#include "base/error.h"
#include "collector/reader.h"
#include "tests/unit/built_program.h"
#include "web/download.h"

#include <check.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

static char *program; /* build/pingyi */

START_TEST(names_are_written_for_every_browser)
{
	static const struct {
		const char *name, *ascii, *utf8;
	} cases[] = {
	    {"a b.pdf", "a b.pdf", "a%20b.pdf"},
	    {"意见.pdf", "__.pdf", "%E6%84%8F%E8%A7%81.pdf"},
	    /* what breaks out of a header, or out of a folder */
	    {"a\"b\r\nX: y.txt", "a_bX_ y.txt", "a_bX_%20y.txt"},
	    {"../../etc/passwd", "passwd", "passwd"},
	    {"C:\\a\\b.doc", "b.doc", "b.doc"},
	    {"..", "1-2", "1-2"},
	    {" . .hidden. ", "hidden", "hidden"},
	    {"", "1-2", "1-2"},
	    {NULL, "1-2", "1-2"},
	    {"a/", "1-2", "1-2"},
	    /* an ending turned around, and what is not seen */
	    {"意见\u202egpj.exe", "__gpj.exe", "%E6%84%8F%E8%A7%81gpj.exe"},
	    {"a\u200b\u2066b\u2028c\xc2\x85\x7f.txt", "abc.txt", "abc.txt"},
	    {"100%25.txt;'*", "100_25.txt;'_", "100%2525.txt%3B%27_"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *wanted =
		    g_strdup_printf("attachment; filename=\"%s\"; filename*=UTF-8''%s",
				    cases[i].ascii, cases[i].utf8);
		g_autofree char *got = download_disposition(cases[i].name, "1-2");

		ck_assert_str_eq(got, wanted);
	}
}
END_TEST

START_TEST(long_names_keep_their_ending)
{
	g_autoptr(GString) name = g_string_new(NULL);
	g_autofree char *got = NULL;
	const char *ascii;

	for (guint i = 0; i < 1000; i++)
		g_string_append(name, "长");
	g_string_append(name, ".docx");
	got = download_disposition(name->str, "x");
	ascii = strstr(got, "filename=\"") + strlen("filename=\"");
	ck_assert_uint_eq(strcspn(ascii, "\""), 200);
	ck_assert_ptr_nonnull(strstr(got, "__.docx\"; "));
	ck_assert(g_str_has_suffix(got, "%E9%95%BF.docx"));
	/* one long ending is none */
	g_string_assign(name, "a.");
	for (guint i = 0; i < 1000; i++)
		g_string_append_c(name, 'b');
	g_free(got);
	got = download_disposition(name->str, "x");
	ascii = strstr(got, "filename=\"") + strlen("filename=\"");
	ck_assert_uint_eq(strcspn(ascii, "\""), 200);
}
END_TEST

static const char *const message =
    "From: a@b.invalid\nSubject: x\nContent-Type: multipart/mixed; boundary=b\n\n"
    "--b\n\nhello\n--b\nContent-Disposition: attachment; filename=a.bin\n"
    "Content-Transfer-Encoding: base64\n\nAAEC/w==\n"
    "--b\nContent-Type: message/rfc822\n\nSubject: y\nContent-Type: multipart/mixed; "
    "boundary=c\n\n--c\nContent-Disposition: attachment; filename=b.txt\n\ninner\n--c--\n--b--\n";

static void gives(struct reader *reader, const void *bytes, gsize size)
{
	g_autoptr(GBytes) raw = g_bytes_new_static(message, strlen(message));
	g_autofree char *sha256 = g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes, size);
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) got = reader_take(reader, raw, sha256, &error);

	ck_assert_msg(got != NULL, "%s", error ? error->message : "");
	ck_assert_uint_eq(g_bytes_get_size(got), size);
	ck_assert_mem_eq(g_bytes_get_data(got, NULL), bytes, size);
}

START_TEST(attachments_come_out_of_the_cage)
{
	struct reader *reader = reader_start(program, 0);
	g_autoptr(GBytes) raw = g_bytes_new_static(message, strlen(message));
	g_autofree char *absent = g_compute_checksum_for_string(G_CHECKSUM_SHA256, "absent", -1);
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonNode) record = NULL;
	g_autofree char *json = NULL;

	gives(reader, "\0\1\2\377", 4);
	gives(reader, "inner", 5);
	ck_assert_ptr_null(reader_take(reader, raw, absent, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	/* the same process reads on */
	record = reader_read(reader, raw, NULL);
	ck_assert_ptr_nonnull(record);
	json = json_to_string(record, FALSE);
	ck_assert_ptr_nonnull(strstr(json, "\"a.bin\""));
	gives(reader, "inner", 5);
	reader_free(reader);
}
END_TEST

/* A reading process that somebody took over gives other bytes. */
START_TEST(other_bytes_are_refused)
{
	static const char script[] = "#!/bin/sh\n"
				     "printf '\\001\\000\\000\\000C'\n"
				     "while read -r line; do [ \"$line\" = --b-- ] && break; done\n"
				     "printf '\\006\\000\\000\\000Bother'\n"
				     "while read -r line; do :; done\n";
	g_autoptr(GBytes) raw = g_bytes_new_static(message, strlen(message));
	g_autofree char *sha256 = g_compute_checksum_for_string(G_CHECKSUM_SHA256, "inner", -1);
	g_autofree char *folder = g_dir_make_tmp("pingyi-test-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(folder, "liar", NULL);
	g_autoptr(GError) error = NULL;
	struct reader *reader = reader_start(path, 0);

	ck_assert(g_file_set_contents(path, script, -1, NULL));
	ck_assert_int_eq(chmod(path, 0700), 0);
	ck_assert_ptr_null(reader_take(reader, raw, sha256, &error));
	ck_assert_msg(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT), "%s",
		      error->message);
	ck_assert_ptr_nonnull(strstr(error->message, _("the process that reads messages gave back "
						       "other bytes")));
	reader_free(reader);
	g_unlink(path);
	g_rmdir(folder);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("download");
	TCase *tc = tcase_create("download");
	SRunner *runner = srunner_create(suite);
	int failed;

	signal(SIGPIPE, SIG_IGN);
	program = built_program();
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, names_are_written_for_every_browser);
	tcase_add_test(tc, long_names_keep_their_ending);
	tcase_add_test(tc, attachments_come_out_of_the_cage);
	tcase_add_test(tc, other_bytes_are_refused);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	g_free(program);
	return failed ? 1 : 0;
}
