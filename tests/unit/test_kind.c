#include "collector/read.h"

#include <check.h>
#include <string.h>

#define FROM "From: =?utf-8?B?5byg5LiJ?= <zhang@firm.invalid>\n"
#define TEXT "Content-Type: text/plain; charset=utf-8\n\n"

/* Whether a kind was only guessed, where words alone speak for it. */
START_TEST(words_alone_are_a_guess)
{
	static const struct {
		const char *text;
		const char *kind;
		gboolean guessed;
	} cases[] = {
	    {FROM "Subject: x\n" TEXT "检查太多。\n", "reply", FALSE},
	    /* people write so too */
	    {FROM "Subject: 办证延迟了三个月\n" TEXT "材料无法投递，一直没人管。\n", "delay", TRUE},
	    {FROM "Subject: 休假没人办\n" TEXT "经办人休假没人办。\n", "auto-reply", TRUE},
	    {FROM "Subject: x\n" TEXT "窗口说这是一封自动回复，再没人理。\n", "auto-reply", TRUE},
	    {FROM "Subject: 退信\n" TEXT "来信说邮件被退回，请核对。\n", "bounce", TRUE},
	    {FROM "Subject: Read: x\n" TEXT "检查太多。\n", "receipt", TRUE},
	    {FROM "Subject: 退订\n" TEXT "报纸退订难，希望改进。\n", "unsubscribe", TRUE},
	    {"From: =?utf-8?B?57O757uf566h55CG5ZGY?= <admin@firm.invalid>\nSubject: 系统延迟\n" TEXT
	     "办证系统延迟。\n",
	     "delay", TRUE},
	    {FROM "Subject: Re: x\n" TEXT "您的邮件已收到。\n\n[自动回复]\n", "auto-reply", TRUE},
	    {FROM "Subject: Re: x\n" TEXT "【自动回复】您的邮件已收到。\n", "auto-reply", TRUE},
	    {FROM "Subject: x\n" TEXT "热线只有[自动回复]，没人管。\n", "reply", FALSE},
	    {FROM "Subject: x\n" TEXT "请点击以下链接确认您不是机器人后，邮件才会投递。\n",
	     "auto-reply", TRUE},
	    {FROM "Subject: x\n" TEXT "办事大厅的服务员不是机器人，说话和气。\n", "reply", FALSE},
	    {FROM "Subject: 撤回: x\n" TEXT "wu 想撤回邮件“x”。\n", "other", TRUE},
	    {FROM "Subject: Recall: x\n" TEXT "wu would like to recall the message, \"x\".\n",
	     "other", TRUE},
	    {FROM "Subject: 撤回：上次的意见\n" TEXT "检查并不多。\n", "reply", FALSE},
	    {FROM "Subject: 未送达: x\n" TEXT "传递到以下收件人或组时失败:\n\na@b.invalid\n",
	     "bounce", TRUE},
	    /* a machine did */
	    {"From: Outlook <MicrosoftExchange329e71ec88ae@firm.invalid>\n"
	     "Subject: 未送达: x\n" TEXT "传递到以下收件人或组时失败:\n\na@b.invalid\n",
	     "bounce", FALSE},
	    {FROM "Subject: 休假\nAuto-Submitted: auto-generated\n" TEXT "x\n", "auto-reply",
	     FALSE},
	    {FROM "Subject: 休假\nX-Autoreply: yes\n" TEXT "x\n", "auto-reply", FALSE},
	    {FROM "Subject: 自动回复\nPrecedence: bulk\n" TEXT "x\n", "auto-reply", FALSE},
	    {"Return-Path: <>\n" FROM "Subject: 退信\n" TEXT "无法投递\n", "bounce", FALSE},
	    {"From: <postmaster@firm.invalid>\nSubject: 延迟\n" TEXT "将继续尝试\n", "delay",
	     FALSE},
	    {FROM "Subject: x\nX-Failed-Recipients: a@b.invalid\n" TEXT "x\n", "bounce", FALSE},
	    {FROM "Subject: x\nList-Id: <x.invalid>\n" TEXT "x\n", "other", FALSE},
	    /* who says nothing else means it */
	    {FROM "Subject: x\n" TEXT "退订\n", "unsubscribe", FALSE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GBytes) raw = g_bytes_new(cases[i].text, strlen(cases[i].text));
		struct reading *reading = read_message(raw, NULL, NULL);

		ck_assert_msg(strcmp(kind_name(reading->kind), cases[i].kind) == 0,
			      "%s is %s, not %s", cases[i].text, kind_name(reading->kind),
			      cases[i].kind);
		ck_assert_msg(reading->guessed == cases[i].guessed, "%s: guessed is %d",
			      cases[i].text, reading->guessed);
		/* nobody's words, unless that is but a guess */
		if (reading->kind == KIND_OTHER)
			ck_assert_int_eq(*reading->own.own != '\0', reading->guessed);
		reading_free(reading);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kind");
	TCase *tc = tcase_create("kind");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, words_alone_are_a_guess);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
