/* What is kept in English is said in the language of who looks: base/language.h. */
#include "base/language.h"

#include "base/error.h"

#include <check.h>
#include <stdlib.h>

/* The catalogue stands beside the folder of the unit tests. */
static void open_catalogue(void)
{
	g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *folder = g_path_get_dirname(program);
	g_autofree char *locale = g_build_filename(folder, "..", "locale", NULL);

	bindtextdomain("pingyi", locale);
	bind_textdomain_codeset("pingyi", "UTF-8");
	textdomain("pingyi");
}

static void says(const char *kept, const char *wanted)
{
	g_autofree char *said = language_kept(kept);

	ck_assert_str_eq(said, wanted);
}

START_TEST(kept_in_chinese)
{
	language_begin(FALSE);
	open_catalogue();
	says("a picture", "图片");
	says("signal 11", "信号 11");
	/* parts are looked up as well */
	says("the message broke the process that read it (signal 11)",
	     "邮件使读取进程中断（信号 11）");
	says("message 7 cannot be filed: it is set aside", "第 7 号来信不能归入：它已搁置");
	says("message 7 cannot become noted: it is filed",
	     "第 7 号来信不能再办（已记录）：它已归入");
	/* what is none of ours, or almost one */
	says("", "");
	says("message 7 cannot be", "message 7 cannot be");
	says("signal", "signal");
	says("100 % of it", "100 % of it");
	says("没有编号", "没有编号");
}
END_TEST

START_TEST(a_thread_has_its_own)
{
	language_begin(FALSE);
	open_catalogue();
	language_use("en");
	says("a picture", "a picture");
	ck_assert_str_eq(_("a picture"), "a picture");
	language_use("zh");
	says("a picture", "图片");
	ck_assert_str_eq(_("a picture"), "图片");
}
END_TEST

START_TEST(in_an_english_process)
{
	language_begin(TRUE);
	open_catalogue();
	says("signal 11", "signal 11");
	language_use("zh");
	says("signal 11", "信号 11");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("language");
	TCase *cases = tcase_create("language");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(cases, kept_in_chinese);
	tcase_add_test(cases, a_thread_has_its_own);
	tcase_add_test(cases, in_an_english_process);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
