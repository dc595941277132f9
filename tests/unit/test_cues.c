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
    /* words that elsewhere make praise, a dispute or a lead */
    {"检查合格还收费，供电公司也这样。", "opinion d35"},
    {"供水公司停水太频繁，供水公司说没问题。", "opinion d36"},
    {"啤酒厂反映环保局找我们要数据太多。", "opinion d11"},
    {"窗口工作人员让我爱人再跑一趟，医保转移太慢。", "opinion d25"},
    {"发票印错不给换，事务所说没办法。", "opinion d28"},
    {"大家都说领导办公公开栏好，可税务局退税太慢。", "opinion d28"},
    {"我们做海参和羊肉，市场监管局要了三次台账，要我们送材料。", "opinion d23"},
    {"客户在门口摔了，打八折也不来，停电太多。", "opinion d35"},
    {"法院的判决已生效，货款没人执行。", "court ?"},
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
					    "暂无，填表人：李",
					    "良好",
					    "情况良好",
					    "没有业务往来",
					    "来信收悉，已阅。",
					    "暂时想不起来，以后有了再说。"};
	static const char *const said[] = {"有意见",
					   "我公司意见",
					   "都不好",
					   "没有人管",
					   "你们没有服务",
					   "你们没有来过",
					   "你们对企业没有关心",
					   "贵处没有服务",
					   "你们说的服务都没有",
					   "填表好麻烦",
					   "要填的表好麻烦",
					   "一直要填表，好麻烦",
					   "没有征求过企业意见",
					   "征求意见以后，都没有了",
					   "反映的事情都没有再联系",
					   "反映的问题以后没有再说",
					   "来信反映问题，没有再联系",
					   "事情反映了，说以后再说，没有了",
					   "反映的问题，一直未见",
					   "未见相关部门来过",
					   "未见领导关心企业困难",
					   "相关部门都说不上来",
					   "贵局的领导说不上来",
					   "没感觉到贵局的工作",
					   "对企业的关心没感觉到",
					   "以前没问题，现在麻烦了",
					   "以前好，现在困难",
					   "以前正常，现在停工了",
					   "很好，你们要停业",
					   "已停业，各部门没有关心",
					   "各部门没有关心过我们",
					   "领导都没有来过",
					   "意见没有反映到领导",
					   "没有服务",
					   "好麻烦",
					   "企业好困难",
					   "注册公司好麻烦",
					   "没问题要我们停产",
					   "企业经营困难，没有业务",
					   "至今没有答复",
					   "没有盖章",
					   "没有转让",
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
