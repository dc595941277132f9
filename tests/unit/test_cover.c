#include "collector/cover.h"

#include <check.h>

/* What stands beside something attached: whether a person looks at that, where it is a document and
 * where it is a picture, which signatures have too. */
START_TEST(what_only_accompanies)
{
	static const struct {
		const char *own;
		gboolean document, picture;
	} cases[] = {
	    /* they speak of it */
	    {"见附件。", TRUE, TRUE},
	    {"尊敬的领导您好：\n我公司对各部门的意见和建议已经写在附件的文档里了，请您下载查收，谢"
	     "谢！",
	     TRUE, TRUE},
	    {"领导好，我公司反映的情况在附件里，感谢各部门的大力支持，服务很好。", TRUE, TRUE},
	    {"您好，我公司的意见如下图所示，请领导审阅并帮助解决，谢谢：", TRUE, TRUE},
	    {"停水不通知，具体情况详见附件图片。", TRUE, TRUE},
	    {"Dear Sir, our answer is attached.", TRUE, TRUE},
	    {"现将我公司的情况呈上，请审阅。", TRUE, FALSE},
	    {"一、检查太多；二、退税太慢。请领导审阅。", TRUE, FALSE},
	    /* they are but polite */
	    {"您好", TRUE, TRUE},
	    {"尊敬的各位领导，大家好！", TRUE, TRUE},
	    {"测试戊商贸有限公司\n吴经理", TRUE, TRUE},
	    {"您好 王经理", TRUE, TRUE},
	    {"Good morning all, thank you", TRUE, TRUE},
	    {"您好！谢谢。\n测试戊商贸有限公司\n2026年3月4日", TRUE, TRUE},
	    {"Hello,\nBest regards", TRUE, TRUE},
	    {"感谢各部门一直以来的支持与帮助！\n祝工作顺利！", TRUE, FALSE},
	    {"这是我公司的意见和建议。", TRUE, FALSE},
	    {"各部门服务很好，我们都很满意。", TRUE, FALSE},
	    {"没有意见。", TRUE, FALSE},
	    /* they say something */
	    {"自来水公司停水不通知。", FALSE, FALSE},
	    {"您好！城管局一个月来检查了五次，谢谢。", FALSE, FALSE},
	    {"供电所每周停电，损失很大。\n测试戊商贸有限公司\n吴经理", FALSE, FALSE},
	    {"税务局退税拖了三个月", FALSE, FALSE},
	    {"The water is cut every week.", FALSE, FALSE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		for (int document = 0; document <= 1; document++) {
			gboolean looked = cover_is_note(cases[i].own) ||
					  cover_points(cases[i].own, document) ||
					  cover_is_polite(cases[i].own, document);

			ck_assert_msg(looked == (document ? cases[i].document : cases[i].picture),
				      "%s beside a %s: %d", cases[i].own,
				      document ? "document" : "picture", looked);
		}
}
END_TEST

/* What replaces own words altogether is short. */
START_TEST(a_note_is_short)
{
	ck_assert(cover_is_note("已填好，见附件。"));
	ck_assert(cover_is_note("See attachment"));
	ck_assert(!cover_is_note("停水不通知。"));
	ck_assert(!cover_is_note("停水不通知，停电也不通知，修路也不通知，具体情况见附件。"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cover");
	TCase *tc = tcase_create("cover");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, what_only_accompanies);
	tcase_add_test(tc, a_note_is_short);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
