/*
 * What kind of sentence it is, who is meant, and where one opinion ends: cues beyond the trap
 * sentences. "kind departments" of each opinion, "?" when a person is asked.
 */
#include "classifier/cue.h"
#include "tests/unit/carried_classifier.h"

#include <check.h>
#include <string.h>

static const struct sentence {
	const char *text;
	const char *expected;
} sentences[] = {
    /* a lead, whoever is named beside it */
    {"税务所有人张口要钱。", "discipline d46 ?"},
    {"水利局的人拿走了我们三箱白酒。", "discipline d46 ?"},
    {"水利局的人拿走了我们三箱白酒去化验。", "opinion d15"},
    {"镇长的侄子来包工程，不包就停工。", "discipline d46 ?"},
    {"城管局的人从来不收红包。", "opinion d13"},
    /* a dispute needs a firm and what it quarrels about, and no department */
    {"房东不退押金。", "dispute ?"},
    {"青禾咨询服务公司收了尾款不干活。", "dispute ?"},
    {"保险公司一直不赔。", "opinion d31"},
    {"合同的事已经提交仲裁委员会。", "court ?"},
    /* who is not meant takes his words with him */
    {"不是税务局的问题，发票早开了，卡在住建局的图审。", "opinion d12"},
    {"跟税务局没关系。但税务局的发票太少。", "opinion d28"},
    {"住建局拖了半年，城管局没问题。", "opinion d12"},
    /* addresses and firms name nobody */
    {"地址：开发区纬二路。门口经常停水。", "opinion d36"},
    {"天河水务设备公司的变压器坏了。", "opinion d35"},
    /* praise, and what turns on the same */
    {"虽说应急局要求严，但很耐心。", "praise d21"},
    {"应急局要求反复变，但很耐心。", "opinion d21"},
    {"法院很耐心，可电信的宽带太慢。", "praise d40 | opinion d39"},
    {"可以请供水公司提前通知停水吗？", "opinion d36"},
    /* what belongs to nobody's neighbour; greetings and ends */
    {"宽带太慢。有人来查车间，不知道是哪个单位的。", "opinion d39 | opinion ?"},
    {"各位领导：\n停水太多。\n以上意见，请予协调为盼。\n天河设备公司", "opinion d36"},
    {"停水太多。其他没有。", "opinion d36"},
    {"我公司对各部门没有任何意见。", "blank"},
    {"今年没打过交道，不作评价。", "blank"},
    {"没什么意见，祝工作顺利。", "blank"},
    /* who says who they are does not speak of it */
    {"我们是做消防器材的，商标续展材料被退两次。", "opinion d23"},
    /* something else begins in the middle of a sentence */
    {"停电没有通知，另外宽带太慢。", "opinion d35 | opinion d39"},
    {"一是停电多，二是宽带太慢。", "opinion d35 | opinion d39"},
    /* behind a turn, where little is said, the one named before is meant */
    {"环保局执法文明，但检查次数没减。", "opinion d11"},
    {"环保局执法文明，但宽带太慢。", "praise d11 | opinion d39"},
};

static char *outcome(const char *text)
{
	g_autoptr(GPtrArray) opinions = classifier_opinions(carried_classifier, text, NULL);
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < opinions->len; i++) {
		const struct classified *one = g_ptr_array_index(opinions, i);

		g_string_append_printf(out, "%s%s", i ? " | " : "", opinion_kind_name(one->kind));
		append_departments(out, one);
		g_string_append(out, one->needs_person ? " ?" : "");
	}
	return g_string_free(out, FALSE);
}

START_TEST(test_sentence)
{
	g_autofree char *found = outcome(sentences[_i].text);

	ck_assert_msg(strcmp(found, sentences[_i].expected) == 0, "%s: expected %s, got %s",
		      sentences[_i].text, sentences[_i].expected, found);
}
END_TEST

START_TEST(test_blank)
{
	static const char *const blank[] = {"",
					    "（空）",
					    "————",
					    "无意见、无建议",
					    "都挺好的，没啥可提。",
					    "N/A",
					    "No comments.",
					    "暂无，填表人：李"};
	static const char *const said[] = {"有意见", "我公司意见", "都不好", "没有人管",
					   "no water"};

	for (guint i = 0; i < G_N_ELEMENTS(blank); i++)
		ck_assert_msg(cue_is_blank(blank[i]), "not blank: %s", blank[i]);
	for (guint i = 0; i < G_N_ELEMENTS(said); i++)
		ck_assert_msg(!cue_is_blank(said[i]), "blank: %s", said[i]);
}
END_TEST

int main(void)
{
	TCase *cases = tcase_create("cues");
	Suite *suite = suite_create("cues");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_unchecked_fixture(cases, carried_classifier_setup, carried_classifier_teardown);
	tcase_add_loop_test(cases, test_sentence, 0, G_N_ELEMENTS(sentences));
	tcase_add_test(cases, test_blank);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
