/*
 * The 20 trap sentences and some others: what a naive keyword search gets wrong. Each names the
 * departments that its opinions (not its praise) must go to, "-" for none, "?" for a person.
 */
#include "tests/unit/carried_classifier.h"

#include <check.h>
#include <string.h>

static const struct trap {
	const char *text;
	const char *expected;
} traps[] = {
    {"税务局上门辅导退税,非常满意。", "praise"},
    {"公安器材公司拖欠我司货款。", "dispute"},
    {"我厂生产环保袋,环保局检查没有问题。", "praise"},
    {"消防验收拖了三个月。", "d12"},
    {"开业前消防检查反复整改。", "d29"},
    {"不是税务局的问题,是银行系统卡。", "d31"},
    {"国土局说等规划局,规划局说等国土局。", "d10"},
    {"住建局和城管局一周内分别来查扬尘,要求不一样。", "d12 d13"},
    {"招商银行抽贷。", "d31"},
    {"招商时承诺的税收返还至今没有。", "d18 d08"},
    {"社保缴费基数核定太高。", "d28"},
    {"工伤认定慢。", "d09"},
    {"希望不要再像去年那样频繁检查。", "?"},
    {"派出所出警快,但交警罚单太多。", "d06"},
    {"停电损失,供电所说是限电名单。", "d35 d02"},
    {"窗口人员态度好,就是材料来回跑三趟。", "d26"},
    {"暂无意见", "blank"},
    {"一切都好。", "blank"},
    {"张某索要两条烟。", "discipline"},
    {"司法拍卖的厂房过不了户。", "d40 d10"},
    {"厂区门口道路坑洼(地址:××街道)。", "?"},
    {"建议取消年检。", "?"},
    {"政府部门服务很好,除了环保。", "d11"},
    {"稅務局發票太少。", "d28"},
    {"税 务 局发票太少。", "d28"},
    {"招商銀行抽貸。", "d31"},
    {"暫無意見", "blank"},
    {"ＮＯＮＥ", "blank"},
    {"退税太慢。没有意见。", "d28"},
    {"联系人：王", "blank"},
    {"填表人：王", "blank"},
    {"我们卖白酒，办证要一个月。", "?"},
    {"海鲜市场消防检查要五次。", "d29"},
    {"公交司机对孩子态度差。", "d14"},
    {"已诉求多次，住建局没有回应。", "d12"},
    {"工作人员态度很好。环保局执法文明，但检查次数没减。", "d11"},
    {"出口退税拖了半年没到账，供电所三天两头停电。", "d35 d28"},
    {"发票额度不够用，环评批复拖了三个月。", "d11 d28"},
    {"住建局指定某某检测公司，不用就不给过。", "d12"},
    {"应急局指定安评公司，报告收费五万。", "d21"},
    {"城管局下属保洁公司收费没有标准。", "d13"},
    {"应急局器材公司拖欠我司货款。", "dispute"},
    {"一、退税太慢。二、城管罚款太多。三、没有意见。", "d28 d13"},
};

/* What becomes of a text in one line: the departments of its opinions, or its kind. */
static char *outcome(const char *text)
{
	g_autoptr(GPtrArray) opinions = classifier_opinions(carried_classifier, text, NULL);
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < opinions->len; i++) {
		const struct classified *one = g_ptr_array_index(opinions, i);
		gboolean work = one->kind == OPINION_OPINION || one->kind == OPINION_SUGGESTION;

		if (!work && (one->kind != OPINION_PRAISE || opinions->len == 1))
			g_string_append_printf(out, " %s", opinion_kind_name(one->kind));
		else if (work && one->needs_person)
			g_string_append(out, " ?");
		else if (work)
			append_departments(out, one);
	}
	return g_strchug(g_string_free(out, FALSE));
}

START_TEST(trap)
{
	g_autofree char *got = outcome(traps[_i].text);

	ck_assert_msg(strcmp(got, traps[_i].expected) == 0, "%s: expected %s, got %s",
		      traps[_i].text, traps[_i].expected, got);
}
END_TEST

START_TEST(own_name_says_nothing)
{
	const char *const names[] = {"东河区环保局幼儿园", NULL};
	g_autoptr(GPtrArray) opinions = classifier_opinions(
	    carried_classifier, "东河区环保局幼儿园反映:税务局发票太少。", names);
	const struct classified *one = g_ptr_array_index(opinions, 0);

	ck_assert_uint_eq(opinions->len, 1);
	ck_assert_str_eq(((struct sorted *)g_ptr_array_index(one->departments, 0))->code, "d28");
}
END_TEST

/* Words stand in the answer as it was written, whatever it was compared as. */
START_TEST(reasons_point_into_the_original)
{
	static const char text[] = "Ａ類：東河區 稅　務 局 的發票太少。";
	const char *const names[] = {"东河区", NULL};
	g_autoptr(GPtrArray) opinions = classifier_opinions(carried_classifier, text, names);
	const struct classified *one = g_ptr_array_index(opinions, 0);
	const struct sorted *sorted;
	const struct reason *reason;

	ck_assert_uint_eq(opinions->len, 1);
	ck_assert_uint_gt(one->departments->len, 0);
	sorted = g_ptr_array_index(one->departments, 0);
	ck_assert_str_eq(sorted->code, "d28");
	reason = &g_array_index(sorted->reasons, struct reason, 0);
	ck_assert_uint_eq(reason->end - reason->start, strlen("稅　務 局"));
	ck_assert(strncmp(one->text + reason->start, "稅　務 局", strlen("稅　務 局")) == 0);
}
END_TEST

START_TEST(splits_a_list)
{
	g_autofree char *got = outcome("您好,我司意见如下:\n1、停水不通知,自来水公司热线打不通。\n"
				       "2、办税厅排队时间太长。\n谢谢!");

	ck_assert_str_eq(got, "d36 d28");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("traps");
	TCase *tc = tcase_create("traps");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_unchecked_fixture(tc, carried_classifier_setup, carried_classifier_teardown);
	tcase_add_loop_test(tc, trap, 0, G_N_ELEMENTS(traps));
	tcase_add_test(tc, own_name_says_nothing);
	tcase_add_test(tc, reasons_point_into_the_original);
	tcase_add_test(tc, splits_a_list);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
