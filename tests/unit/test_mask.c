#include "followup/mask.h"

#include <check.h>
#include <string.h>

static const struct mask_facts facts = {
    .name = "东河区蓝海石化设备有限公司",
    .short_name = "蓝海石化",
    .credit_code = "91370502MA3C0AB123",
    .address = "东河区黄河路128号蓝海大厦",
    .contacts = (const char *const[]){"张建国", "李梅", NULL},
    .phones = (const char *const[]){"0546-0000123", "13800001234", NULL},
    .emails = (const char *const[]){"zhang@lanhai.example", NULL},
};

static const char *const texts[][2] = {
    {"东河区蓝海石化设备有限公司反映发票太少", "〔企业〕反映发票太少"},
    {"我们蓝 海 石 化的厂房", "我们〔企业〕的厂房"},
    {"蓝海设备停产", "〔企业〕设备停产"},
    {"联系张建国或张经理", "联系〔联系人〕或〔联系人〕"},
    {"电话０５４６－００００１２３，手机138 0000 1234", "电话〔电话〕，手机〔电话〕"},
    {"另有同行15900005678也可作证", "另有同行〔电话〕也可作证"},
    {"+86-13800001234转", "〔电话〕转"},
    {"发zhang@lanhai.example或 other@firm.example", "发〔邮箱〕或 〔邮箱〕"},
    {"我司代码91370502ma3c0ab123。", "我司代码〔代码〕。"},
    {"黄河路128号门口坑洼", "〔地址〕门口坑洼"},
    {"见https://donghe.example/l/abc，编号PY-22222222。", "见〔链接〕，编号〔编号〕。"},
    {"办税厅排队两小时", "办税厅排队两小时"},
};

START_TEST(masks)
{
	g_autofree char *masked = mask_text(texts[_i][0], &facts, NULL);

	ck_assert_str_eq(masked, texts[_i][1]);
}
END_TEST

START_TEST(is_idempotent_and_tells)
{
	g_autoptr(JsonNode) replaced = NULL;
	g_autofree char *once = mask_text("张总(13800001234)的蓝海石化", &facts, &replaced);
	g_autofree char *twice = mask_text(once, &facts, NULL);

	ck_assert_str_eq(once, twice);
	ck_assert_uint_eq(json_array_get_length(json_node_get_array(replaced)), 3);
}
END_TEST

/* Whatever stands around and between, no fact survives. */
START_TEST(nothing_survives)
{
	const char *const all[] = {facts.name,      facts.short_name,  facts.credit_code,
				   facts.address,   facts.contacts[0], facts.contacts[1],
				   facts.phones[0], facts.phones[1],   facts.emails[0]};
	GRand *random = g_rand_new_with_seed(7);

	for (guint turn = 0; turn < 2000; turn++) {
		GString *text = g_string_new(NULL);
		g_autofree char *masked = NULL;

		for (guint i = 0; i < 4; i++) {
			const char *fact = all[g_rand_int_range(random, 0, G_N_ELEMENTS(all))];

			g_string_append(text, g_rand_boolean(random) ? "我司" : "、");
			g_string_append(text, fact);
			g_string_append(text, g_rand_boolean(random) ? "," : "的");
		}
		masked = mask_text(text->str, &facts, NULL);
		for (guint i = 0; i < G_N_ELEMENTS(all); i++)
			ck_assert_msg(!strstr(masked, all[i]), "%s in %s of %s", all[i], masked,
				      text->str);
		g_string_free(text, TRUE);
	}
	g_rand_free(random);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mask");
	TCase *tc = tcase_create("mask");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tc, masks, 0, G_N_ELEMENTS(texts));
	tcase_add_test(tc, is_idempotent_and_tells);
	tcase_add_test(tc, nothing_survives);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
