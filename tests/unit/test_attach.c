#include "mailer/attach.h"

#include "base/error.h"

#include <check.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

START_TEST(types_by_the_end_of_the_name)
{
	ck_assert_str_eq(attach_type("a.pdf"), "application/pdf");
	ck_assert_str_eq(attach_type("表.v2.DOCX"),
			 "application/vnd.openxmlformats-officedocument.wordprocessingml.document");
	ck_assert_str_eq(attach_type("a.exe"), "application/octet-stream");
	ck_assert_str_eq(attach_type("pdf"), "application/octet-stream");
	ck_assert_str_eq(attach_type("a."), "application/octet-stream");
}
END_TEST

START_TEST(names_that_cannot_be)
{
	g_autofree char *longest = g_strnfill(ATTACH_NAME_MAX, 'x');
	g_autofree char *longer = g_strnfill(ATTACH_NAME_MAX + 1, 'x');
	const char *bad[] = {"\303\050.pdf", "a\nb.pdf", "a\177.pdf", "\302\205.pdf", longer};

	ck_assert(attach_name_ok("填表说明.pdf", NULL));
	ck_assert(attach_name_ok(longest, NULL));
	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;

		ck_assert(!attach_name_ok(bad[i], &error));
		ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	}
}
END_TEST

START_TEST(files_up_to_the_limit)
{
	g_autofree char *folder = g_dir_make_tmp("pingyi-test-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(folder, "a.bin", NULL);
	g_autofree char *content = g_malloc0(ATTACH_FILE_MAX + 1);
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes = NULL;

	ck_assert(g_file_set_contents(path, content, ATTACH_FILE_MAX, NULL));
	bytes = attach_read(path, TRUE, &error);
	ck_assert_ptr_nonnull(bytes);
	ck_assert_uint_eq(g_bytes_get_size(bytes), ATTACH_FILE_MAX);
	ck_assert(g_file_set_contents(path, content, ATTACH_FILE_MAX + 1, NULL));
	ck_assert_ptr_null(attach_read(path, TRUE, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	g_clear_error(&error);
	ck_assert(g_file_set_contents(path, content, 0, NULL));
	ck_assert_ptr_null(attach_read(path, TRUE, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	g_unlink(path);
	g_clear_error(&error);
	/* a link is followed only where a person named it */
	ck_assert_int_eq(symlink("/etc/hostname", path), 0);
	ck_assert_ptr_null(attach_read(path, FALSE, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	g_unlink(path);
	g_rmdir(folder);
}
END_TEST

static const struct {
	gint64 id;
	const char *name, *short_name, *code;
} enterprises[] = {
    {1, "东澄甲有限公司", "东甲", "91110000600037341L"},
    {2, "东澄甲有限公司第二分公司", "东甲", NULL},
    {3, "华润", NULL, NULL},
    {4, "Blue（Bay）Ltd", "Bay", NULL},
};

/* The enterprise that the file is for; 0: nobody, -1: two. */
static gint64 whose(const char *file)
{
	const char *names[] = {"aaa.pdf", file, "龘.pdf", NULL};
	g_autoptr(attach_match_handle) match = attach_match_new(names);
	const GPtrArray *files = attach_match_files(match);

	for (guint i = 0; i < G_N_ELEMENTS(enterprises); i++)
		attach_match_try(match, enterprises[i].id, enterprises[i].name,
				 enterprises[i].short_name, enterprises[i].code);
	for (guint i = 0; i < files->len; i++) {
		const struct attach_file *found = g_ptr_array_index(files, i);

		if (strcmp(found->name, file) == 0)
			return found->other ? -1 : found->enterprise;
	}
	ck_abort_msg("%s is lost", file);
}

START_TEST(whose_a_file_is)
{
	ck_assert_int_eq(whose("东澄甲有限公司.pdf"), 1);
	ck_assert_int_eq(whose("东澄甲有限公司办理情况.pdf"), 1);
	ck_assert_int_eq(whose("东澄甲有限公司第二分公司.pdf"), 2);
	ck_assert_int_eq(whose("91110000600037341l-1.pdf"), 1);
	ck_assert_int_eq(whose("91110000600037341L1.pdf"), 0);
	ck_assert_int_eq(whose("东甲.pdf"), -1);
	ck_assert_int_eq(whose("blue(bay)ltd.pdf"), 4);
	ck_assert_int_eq(whose("BAY 2.pdf"), 4);
	ck_assert_int_eq(whose("Bayern.pdf"), 0);
	ck_assert_int_eq(whose("东澄甲.pdf"), 0);
	ck_assert_int_eq(whose(".pdf"), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("attach");
	TCase *tc = tcase_create("attach");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, types_by_the_end_of_the_name);
	tcase_add_test(tc, names_that_cannot_be);
	tcase_add_test(tc, files_up_to_the_limit);
	tcase_add_test(tc, whose_a_file_is);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
