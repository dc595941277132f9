#include "base/error.h"
#include "collector/unpack.h"
#include "tests/unit/built_program.h"
#include "tests/unit/zip_writer.h"

#include <check.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define MEGABYTE (1u << 20)

static char *program; /* build/pingyi */
static char *folder;

/* (transfer full) the path of a file of these bytes. */
static char *file_of(const char *name, const char *bytes, gsize size)
{
	char *path = g_build_filename(folder, name, NULL);

	ck_assert(g_file_set_contents(path, bytes, (gssize)size, NULL));
	return path;
}

static gboolean take(void *user, guint number, GBytes *message, GError **error)
{
	gsize size;
	const char *bytes = g_bytes_get_data(message, &size);

	(void)error;
	g_string_append_printf(user, "%u %.*s|", number, (int)size, bytes);
	return TRUE;
}

static void skip(void *user, guint number, const char *why)
{
	g_string_append_printf(user, "%u not: %s|", number, why);
}

/* What the archive at `path` gives, with `error_out`. (transfer full) */
static char *unpacked(const char *path, GError **error_out)
{
	GString *got = g_string_new(NULL);
	const struct unpack_taker taker = {take, skip, got};

	ck_assert(unpack_messages(program, path, &taker, error_out) == (*error_out == NULL));
	return g_string_free(got, FALSE);
}

START_TEST(messages_of_an_archive)
{
	g_autofree char *zeros = g_malloc0(MEGABYTE);
	g_autoptr(GBytes) bytes = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *path = NULL;
	g_autofree char *got = NULL;
	struct zip_writer zip;

	zip_writer_begin(&zip);
	zip_writer_add(&zip, "a/1.eml", "one", 3, 1);
	zip_writer_add(&zip, "readme.txt", "none", 4, 1);
	zip_writer_add(&zip, "\xd2\xe2\xbc\xfb.EML", "two", 3, 1);
	zip_writer_add(&zip, "3.eml", zeros, MEGABYTE, 101);
	bytes = zip_writer_end(&zip);
	path = file_of("a.zip", g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
	got = unpacked(path, &error);
	ck_assert_msg(!error, "%s", error ? error->message : "");
	ck_assert_str_eq(got, "1 one|3 two|4 not: larger than 100 MB|");
}
END_TEST

START_TEST(what_is_refused)
{
	g_autofree char *zeros = g_malloc0(MEGABYTE);
	g_autoptr(GBytes) zip_bytes = NULL;
	g_autofree char *bomb = NULL;
	g_autofree char *cut = NULL;
	g_autofree char *no_zip = file_of("b.zip", "words", 5);
	struct zip_writer zip;
	const char *paths[5];
	const char *bytes;
	gsize size;

	zip_writer_begin(&zip);
	for (guint i = 0; i < 3; i++)
		zip_writer_add(&zip, "a.eml", zeros, MEGABYTE, 60);
	zip_bytes = zip_writer_end(&zip);
	bytes = g_bytes_get_data(zip_bytes, &size);
	bomb = file_of("a.zip", bytes, size);
	cut = file_of("c.zip", bytes, size / 2);
	paths[0] = bomb;
	paths[1] = cut;
	paths[2] = no_zip;
	paths[3] = folder;
	paths[4] = "/nothing/there.zip";
	for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *got = unpacked(paths[i], &error);

		ck_assert_msg(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT), "%s",
			      paths[i]);
		ck_assert(g_str_has_prefix(error->message, paths[i]));
		if (i == 0)
			ck_assert_ptr_nonnull(strstr(error->message, "far more than it holds"));
	}
}
END_TEST

START_TEST(a_process_that_ends)
{
	g_autofree char *path = file_of("d.zip", "words", 5);
	g_autoptr(GError) error = NULL;
	GString *got = g_string_new(NULL);
	const struct unpack_taker taker = {take, skip, got};

	ck_assert(!unpack_messages("/bin/true", path, &taker, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	g_string_free(got, TRUE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unpack");
	TCase *tc = tcase_create("unpack");
	SRunner *runner = srunner_create(suite);
	int failed;

	g_setenv("PINGYI_LANG", "en", TRUE);
	program = built_program();
	folder = g_dir_make_tmp("unpack-XXXXXX", NULL);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, messages_of_an_archive);
	tcase_add_test(tc, what_is_refused);
	tcase_add_test(tc, a_process_that_ends);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	for (const char *name = "abcd"; *name; name++) {
		g_autofree char *path = g_strdup_printf("%s/%c.zip", folder, *name);

		g_unlink(path);
	}
	g_rmdir(folder);
	g_free(folder);
	g_free(program);
	return failed == 0 ? 0 : 1;
}
