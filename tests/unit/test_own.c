#include "collector/html.h"
#include "collector/own.h"
#include "collector/words.h"

#include <check.h>
#include <string.h>
#include <time.h>

static void own_is(const char *text, gboolean is_reply, const char *wanted)
{
	struct own own;

	own_split(text, is_reply, &own);
	if (strcmp(own.own, wanted) != 0)
		ck_abort_msg("own words of:\n%s\nare:\n%s\nnot:\n%s", text, own.own, wanted);
	own_clear(&own);
}

static void own_of_html(const char *html, const char *wanted)
{
	g_autofree char *marked = html_to_text(html, strlen(html));

	own_is(marked, TRUE, wanted);
}

/* What each client writes below a reply, with the letter after it. */
static const char *const below[] = {
    /* QQ Mail, whose plain text holds HTML's spaces */
    "------------------&nbsp;原始邮件&nbsp;------------------\n"
    "发件人:      \"评议办\"   <py@office.invalid>;\n发送时间:&nbsp;2026年3月2日(星期一) 上午9:00\n"
    "收件人:&nbsp;\"张三\"<zhang@qq.invalid>;\n\n主题:&nbsp;【PY-X】征求意见\n\n",
    "------------------ 原始邮件 ------------------\n发件人: \"评议办\"<py@office.invalid>;\n\n",
    "---原始邮件---\n发件人: \"评议办\"<py@office.invalid>\n\n",
    "------------------ Original ------------------\nFrom: 评议办 <py@office.invalid>\n"
    "Date: 周一,3月 2,2026 9:00 上午\nTo: 张三 <zhang@qq.invalid>\nSubject: Re: x\n\n",
    /* 163 */
    "At 2026-03-02 09:00:00, \"评议办\" <py@office.invalid> wrote:\n>",
    "在 2026-03-02 09:00:00，\"评议办\" <py@office.invalid> 写道：\n>",
    "---- 回复的原邮件 ----\n| 发件人 | 评议办<py@office.invalid> |\n| 日期 | 2026年03月02日 09:00 "
    "|\n| 主题 | x |\n",
    /* Foxmail */
    " \n发件人： 评议办\n发送时间： 2026-03-02 09:00\n收件人： 张三\n主题： 征求意见\n\n",
    /* Outlook */
    "-----邮件原件-----\n发件人: 评议办 <py@office.invalid> \n发送时间: 2026年3月2日 9:00\n"
    "收件人: 张三\n主题: x\n\n",
    "________________________________\n发件人: 评议办 <py@office.invalid>\n"
    "发送时间: 2026年3月2日 9:00\n收件人: 张三\n主题: x\n\n",
    "-----Original Message-----\nFrom: Office <py@office.invalid>\nSent: Monday, March 2, 2026\n"
    "To: Zhang\nSubject: x\n\n",
    "From: Office <py@office.invalid>\nSent: Monday, March 2, 2026 9:00 AM\nTo: Zhang\n"
    "Subject: x\n\n",
    /* Gmail */
    "评议办 <py@office.invalid> 于2026年3月2日周一 09:00写道：\n\n> ",
    "评议办 <a-rather-long-address@office-of-the-environment.invalid>\n"
    "于2026年3月2日周一 09:00写道：\n\n> ",
    "On Mon, Mar 2, 2026 at 9:00 AM Office <py@office.invalid> wrote:\n\n> ",
    "On Mon, Mar 2, 2026 at 9:00 AM A Very Long Name Of An Office\n"
    "<py@office.invalid> wrote:\n\n> ",
    /* Thunderbird */
    "在 2026/3/2 9:00, 评议办 写道:\n> ",
    "On 3/2/26 09:00, Office wrote:\n> ",
    /* iPhone */
    "> 在 2026年3月2日，09:00，评议办 <py@office.invalid> 写道：\n> \n> ",
    /* Aliyun, Sina, 139 */
    "------------------------------------------------------------------\n"
    "发件人：评议办 <py@office.invalid>\n发送时间：2026年3月2日(星期一) 09:00\n"
    "收件人：张三\n主　题：x\n\n",
    "----- 原始邮件 -----\n发件人：评议办 <py@office.invalid>\n收件人：x\n",
    "----邮件原文----\n发件人：评议办 <py@office.invalid>\n收件人：x\n",
    /* mail master */
    "在2026年3月2日 09:00，评议办<py@office.invalid> 写道：\n",
};

START_TEST(each_client)
{
	for (gsize i = 0; i < G_N_ELEMENTS(below); i++) {
		g_autofree char *text = g_strdup_printf(
		    "您好：\n\n税务局服务很好。\n希望减少检查。\n\n\n%s正文一行\n正文二行\n",
		    below[i]);

		/* Where quoted lines are marked, the letter's other lines would be too. */
		if (g_str_has_suffix(below[i], ">") || g_str_has_suffix(below[i], "> "))
			strstr(text, "\n正文二行")[1] = '\0';
		own_is(text, TRUE, "您好：\n\n税务局服务很好。\n希望减少检查。");
		own_is(text, FALSE, "您好：\n\n税务局服务很好。\n希望减少检查。");
	}
}
END_TEST

START_TEST(nothing_but_the_letter)
{
	for (gsize i = 0; i < G_N_ELEMENTS(below); i++) {
		g_autofree char *text = g_strdup_printf("\n\n%s正文一行\n", below[i]);

		own_is(text, TRUE, "");
	}
}
END_TEST

START_TEST(signatures)
{
	own_is("没有意见。\n\n发自我的iPhone\n", FALSE, "没有意见。");
	own_is("没有意见。\n\n发自我的华为手机\n\n---原始邮件---\n发件人: x\n", TRUE, "没有意见。");
	own_is("没有意见。\n\n------------------\n张三\n某某机械公司\n\n\n"
	       "------------------ 原始邮件 ------------------\n正文",
	       TRUE, "没有意见。");
	own_is("没有意见。\n\n-- \n张三\n电话 0546-8300000\n", FALSE, "没有意见。");
	own_is("没有意见。\n\n张三\n某某机械公司\n电话：0546-8300000\n", FALSE, "没有意见。");
	own_is("没有意见。\n\n| |\n张三\n|\n|\nzhang@163.invalid\n|\n签名由 网易邮箱大师 定制\n"
	       "在2026年3月2日 09:00，评议办<py@office.invalid> 写道：\n正文\n",
	       TRUE, "没有意见。");
	own_is("没有意见。\n\n本邮件及其附件含有保密信息，仅限于发送给上面地址中列出的个人。\n",
	       FALSE, "没有意见。");
	own_is("没有意见。\n\nSent from my iPhone\n", FALSE, "没有意见。");
	/* A telephone in the text is no signature. */
	own_is("窗口电话 0546-8300000 打不通。\n", FALSE, "窗口电话 0546-8300000 打不通。");
	/* A rule between paragraphs is none either. */
	own_is("一、税务局\n---------\n希望减少检查，谢谢。\n", FALSE,
	       "一、税务局\n---------\n希望减少检查，谢谢。");
}
END_TEST

/* What people write that only looks like what mail clients do. */
START_TEST(no_signatures_and_no_headers)
{
	own_is("一、税务局\n希望减少检查。\n——\n二、环保局\n检查太多。\n", FALSE,
	       "一、税务局\n希望减少检查。\n——\n二、环保局\n检查太多。");
	own_is("--\n税务局办事快。希望减少检查。\n", FALSE, "--\n税务局办事快。希望减少检查。");
	own_is("重要提示：本邮件来自外部，请小心打开附件。\n\n税务局办事快。\n", FALSE,
	       "税务局办事快。");
	own_is("标题：关于环保检查的意见\n日期：2026年3月2日\n附件：无\n\n检查太多。\n", TRUE,
	       "标题：关于环保检查的意见\n日期：2026年3月2日\n附件：无\n\n检查太多。");
	own_is("没有意见。\n\n--\n张三。\n", FALSE, "没有意见。");
	own_is("您好：\n在2026年3月2日的通知里，贵办写道：\n须交原件。\n我们认为不必。\n", TRUE,
	       "您好：\n在2026年3月2日的通知里，贵办写道：\n须交原件。\n我们认为不必。");
	own_is("税务局办事快\n\n窗口电话 0546-8300000 打不通\n", FALSE,
	       "税务局办事快\n\n窗口电话 0546-8300000 打不通");
	own_is("一、税务局\n办事快\n---------\n二、环保局\n检查太多\n", FALSE,
	       "一、税务局\n办事快\n---------\n二、环保局\n检查太多");
	own_is("发自我的内心感谢税务局\n从我的手机上办不了业务\n", FALSE,
	       "发自我的内心感谢税务局\n从我的手机上办不了业务");
	own_is("没有意见\n\n从我的手机发送\n", FALSE, "没有意见");
	own_is("没有意见\n\n张三\n联系电话 0546-8300000\n手机号：13900000000\n", FALSE, "没有意见");
}
END_TEST

static void doubt_is(gboolean wanted, gboolean is_reply, const char *text)
{
	struct own own;

	own_split(text, is_reply, &own);
	if (own.doubtful != wanted)
		ck_abort_msg("doubtful is %d: %s\nown: %s", own.doubtful, text, own.own);
	own_clear(&own);
}

START_TEST(doubts)
{
	GString *long_text = g_string_new(NULL);

	doubt_is(TRUE, TRUE, "在2026年3月2日 09:00，评议办写道：\n我单位认为检查太多。\n");
	doubt_is(TRUE, TRUE, "在2026年3月2日 09:00，评议办写道：");
	doubt_is(TRUE, TRUE, "发件人：某某公司\n收件人：评议办\n\n检查太多。\n");
	doubt_is(TRUE, FALSE, "免责声明：检查太多。\n窗口没人。\n");
	/* they say something, or nothing at all */
	doubt_is(FALSE, TRUE, "检查太多。\n在 2026/3/2 9:00, 评议办 写道:\n正文\n");
	doubt_is(FALSE, TRUE, "在 2026/3/2 9:00, 评议办 写道:\n> 正文一行\n> 正文二行\n");
	doubt_is(FALSE, FALSE, "发自我的iPhone\n");
	doubt_is(FALSE, FALSE, "-- \n张三\n电话：0546-8300000\n");
	doubt_is(FALSE, FALSE, "");
	/* beyond the lines that are looked at */
	for (guint i = 0; i < OWN_LINES_MAX; i++)
		g_string_append_c(long_text, '\n');
	g_string_append(long_text, "检查太多。\n窗口没人。\n");
	doubt_is(TRUE, FALSE, long_text->str);
	own_is(long_text->str, FALSE, "");
	g_string_free(long_text, TRUE);
}
END_TEST

/* Own words that only lead to what was cut. */
START_TEST(leads)
{
	static const char letter[] = "发件人: 评议办 <py@office.invalid>\n"
				     "发送时间: 2026年3月2日 9:00\n收件人: 张三\n主题: x\n\n"
				     "对税务局有何意见？\n退税太慢。\n";
	static const char *const leading[] = {
	    "您好：",
	    "领导好！\n谢谢。",
	    "吴经理",
	    "张总您好：",
	    "张三\n某某机械有限公司\n2026年3月3日",
	    "领导好，意见写在下面红字。",
	    "您好，见下文批注。",
	    "已在原文中答复",
	    "见领导意见。",
	    "我们的意见：",
	    "意见如下：",
	    "Hello,",
	    "Please see my answers below in red.",
	};
	static const char *const saying[] = {
	    "无",
	    "好",
	    "满意",
	    "没有意见。",
	    "没有意见，谢谢！\n张三",
	    "收到。",
	    "停电太多",
	    "周到",
	    "您好：\n意见如下：退税太慢。",
	    "下面的窗口没人。",
	    "同意领导意见。",
	    "No comments.",
	    "您好，请看附件。",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(leading); i++) {
		g_autofree char *text = g_strdup_printf("%s\n\n%s", leading[i], letter);
		g_autofree char *alone = g_strdup_printf("%s\n", leading[i]);

		doubt_is(TRUE, TRUE, text);
		doubt_is(FALSE, TRUE, alone);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(saying); i++) {
		g_autofree char *text = g_strdup_printf("%s\n\n%s", saying[i], letter);

		doubt_is(FALSE, TRUE, text);
	}
	/* where each line is marked, what stands between them would be told */
	doubt_is(FALSE, TRUE, "您好：\n在 2026/3/2 9:00, 评议办 写道:\n> 正文一行\n");
	doubt_is(TRUE, TRUE, "见红字\n在 2026/3/2 9:00, 评议办 写道:\n> 正文一行\n");
	/* under a rule, and above a telephone */
	doubt_is(TRUE, FALSE, "我们的意见：\n-----\n供电所停电\n城管罚款多\n");
	doubt_is(TRUE, FALSE, "您好\n\n税务局退税太慢\n电话：0546-8300000\n");
	doubt_is(FALSE, FALSE, "您好\n-- \n张三\n某某机械有限公司\n电话：0546-8300000\n");
	doubt_is(FALSE, FALSE, "您好\n\n本邮件及其附件含有保密信息，仅限于发送给上面的人。\n");
}
END_TEST

/* What a gateway writes, above or below. */
START_TEST(banners)
{
	own_is("[外部邮件] 此邮件来自外部，请谨慎点击链接。\n\n罚款太多。\n\nCAUTION: external "
	       "email\n",
	       FALSE, "罚款太多。");
	own_is("【外部邮件】\n罚款太多。\n", FALSE, "罚款太多。");
	own_is("CAUTION: This email originated from outside of the organization. Do not click "
	       "links unless you recognize the sender.\n罚款太多。\n",
	       FALSE, "罚款太多。");
	own_is("注意：本邮件来自外部发件人，请勿打开附件。\n罚款太多。\n", FALSE, "罚款太多。");
	/* what its writer says */
	own_is("[外部邮件] 罚款太多。\n", FALSE, "[外部邮件] 罚款太多。");
	own_is("注意：来自外部的车辆不准进园。\n", FALSE, "注意：来自外部的车辆不准进园。");
	own_is("警告：罚款太多，请小心。\n", FALSE, "警告：罚款太多，请小心。");
}
END_TEST

START_TEST(wide_marks)
{
	own_is("停电太多。\n＞ 引用一\n ＞引用二\n", TRUE, "停电太多。");
	own_is("＞ 问一\n停电太多。\n＞ 问二\n退税慢。\n", TRUE,
	       "> 问一\n停电太多。\n> 问二\n退税慢。");
	own_is("收费标准：\n＞ 100 元的另算。\n", TRUE, "收费标准：\n＞ 100 元的另算。");
}
END_TEST

/* What people write below a rule of their own. */
START_TEST(no_signature_below_a_rule)
{
	own_is("您好\n\n--\n\n税务局退税太慢，已经三个月了。\n", TRUE,
	       "您好\n\n--\n\n税务局退税太慢，已经三个月了。");
	own_is("我们的意见：\n-----\n供电所停电\n城管罚款多\n-----\n谢谢\n", TRUE,
	       "我们的意见：\n-----\n供电所停电\n城管罚款多");
	own_is("没有意见。\n\n-- \n张三\n电话：0546-8300000\n本单位用心服务每一位客户。\n", TRUE,
	       "没有意见。");
}
END_TEST

/* Lines that make each look far ahead or back: linear, however many there are. */
START_TEST(many_lines)
{
	static const char *const pieces[] = {
	    "-----\n",
	    "-----\n\n",
	    "-----\n电话：0546-8300000\n",
	    "-----\n发自我的iPhone\n",
	    "——\nab\n",
	    "On 3/2/26 09:00, O wrote:\n> a\n",
	    "On 3/2/26 09:00, O wrote:\n> a\nb\n",
	    "---- forwarded message ----\n\n",
	    "> a\n\n电话：0546-8300000\n\n",
	    "To: b\nx\n",
	    "免责声明 a\n> b\n",
	};

	for (guint i = 0; i < G_N_ELEMENTS(pieces); i++) {
		GString *text = g_string_new(i % 2 ? "检查太多。\n" : NULL);
		clock_t began = clock();
		struct own own;

		while (text->len < 200000)
			g_string_append(text, pieces[i]);
		own_split(text->str, TRUE, &own);
		own_clear(&own);
		g_string_free(text, TRUE);
		ck_assert_msg(clock() - began < 10 * CLOCKS_PER_SEC, "%s", pieces[i]);
	}
}
END_TEST

START_TEST(bottom_and_between)
{
	own_is("在 2026/3/2 9:00, 评议办 写道:\n> 正文一行\n> 正文二行\n\n没有意见。\n", TRUE,
	       "没有意见。");
	own_is("在 2026/3/2 9:00, 评议办 写道:\n> 称呼\n> 一、对税务局的意见？\n没有意见。\n"
	       "> 二、对环保局的意见？\n检查太多。\n> 此致\n",
	       TRUE, "> 一、对税务局的意见？\n没有意见。\n> 二、对环保局的意见？\n检查太多。");
	own_is("您好：\n在 2026/3/2 9:00, 评议办 写道:\n> 一、对税务局的意见？\n没有意见。\n"
	       "> 二、对环保局的意见？\n检查太多。\n",
	       TRUE,
	       "您好：\n\n> 一、对税务局的意见？\n没有意见。\n> 二、对环保局的意见？\n检查太多。");
}
END_TEST

START_TEST(forwarded)
{
	own_is("---------- Forwarded message ---------\n发件人： 李四 <li@b.invalid>\n"
	       "Date: 2026年3月2日周一 09:00\nSubject: 意见\nTo: 张三\n\n环保局检查太多。\n",
	       TRUE, "环保局检查太多。");
}
END_TEST

START_TEST(html_of_clients)
{
	/* QQ */
	own_of_html(
	    "<div>没有意见。</div><div><br></div><div><sign signid=\"0\"><div>----------"
	    "--------</div><div>张三</div></sign></div><div><includetail></includetail></div>"
	    "<div style=\"font-size: 12px;\">------------------&nbsp;原始邮件&nbsp;----------"
	    "--------</div><div><div><b>发件人:</b>&nbsp;\"评议办\";</div></div><div>正文</div>",
	    "没有意见。");
	/* 163 */
	own_of_html(
	    "<div style=\"line-height:1.7\"><p>没有意见。</p><br><br><br>在 2026-03-02 "
	    "09:00:00，\"评议办\" &lt;py@office.invalid&gt; 写道：<br> <blockquote "
	    "id=\"isReplyContent\" style=\"PADDING-LEFT: 1ex\"><div>正文</div></blockquote></div>",
	    "没有意见。");
	/* Foxmail */
	own_of_html(
	    "<div><span></span>没有意见。</div><div><br></div><hr style=\"width: 210px;\" "
	    "color=\"#b5c4df\" size=\"1\" align=\"left\"><div><span><div>张三</div>"
	    "<div>zhang@qq.invalid</div></span></div><blockquote style=\"margin-Top: "
	    "0px;\"><div>&nbsp;</div><div style=\"border:none;border-top:solid #B5C4DF "
	    "1.0pt;padding:3.0pt 0cm 0cm 0cm\"><div><div><b>发件人：</b>&nbsp;评议办</div>"
	    "<div><b>发送时间：</b>&nbsp;2026-03-02</div></div></div><div>正文</div></blockquote>",
	    "没有意见。");
	/* Outlook on the web */
	own_of_html(
	    "<div>没有意见。</div><div id=\"appendonsend\"></div><hr "
	    "style=\"display:inline-block;width:98%\"><div id=\"divRplyFwdMsg\" dir=\"ltr\">"
	    "<b>发件人:</b> 评议办<br><b>发送时间:</b> 2026年3月2日</div><div>正文</div>",
	    "没有意见。");
	/* Gmail */
	own_of_html(
	    "<div dir=\"ltr\">没有意见。</div><br><div class=\"gmail_quote\"><div dir=\"ltr\" "
	    "class=\"gmail_attr\">评议办 &lt;py@office.invalid&gt; "
	    "于2026年3月2日周一 09:00写道：<br></div><blockquote class=\"gmail_quote\" "
	    "style=\"margin:0\">正文</blockquote></div>",
	    "没有意见。");
	/* iPhone */
	own_of_html(
	    "<div dir=\"ltr\">没有意见。</div><div dir=\"ltr\"><br></div><div>发自我的 "
	    "iPhone</div><div dir=\"ltr\"><br><blockquote type=\"cite\">在 2026年3月2日，09:00，"
	    "评议办 写道：<br><br></blockquote></div><blockquote type=\"cite\"><div>正文</div>"
	    "</blockquote>",
	    "没有意见。");
}
END_TEST

START_TEST(quotes_are_stripped)
{
	g_autofree char *plain = own_strip_quotes("甲\n> 问\n乙");

	ck_assert_str_eq(plain, "甲\n乙");
}
END_TEST

START_TEST(nothing_is_lost)
{
	struct own own;

	own_split("甲\n\n-- \n乙\n\nOn 1 Mar 2026, x@y.invalid wrote:\n> 丙\n", TRUE, &own);
	ck_assert_str_eq(own.own, "甲");
	ck_assert_ptr_nonnull(strstr(own.signature, "乙"));
	ck_assert_ptr_nonnull(strstr(own.quoted, "丙"));
	own_clear(&own);
	own_split("", FALSE, &own);
	ck_assert_str_eq(own.own, "");
	own_clear(&own);
}
END_TEST

START_TEST(folding)
{
	for (gunichar c = 1; c < 0x30000; c++) {
		char text[16] = "Aあ中";
		g_autofree char *low = NULL;
		g_autofree char *wanted = NULL;
		gsize n = strlen(text);

		if (!g_unichar_validate(c))
			continue;
		n += (gsize)g_unichar_to_utf8(c, text + n);
		text[n++] = 'B';
		text[n] = '\0';
		low = words_fold(text, -1);
		wanted = g_utf8_strdown(text, -1);
		ck_assert_str_eq(low, wanted);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("own");
	TCase *tc = tcase_create("own");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, each_client);
	tcase_add_test(tc, nothing_but_the_letter);
	tcase_add_test(tc, signatures);
	tcase_add_test(tc, no_signatures_and_no_headers);
	tcase_add_test(tc, doubts);
	tcase_add_test(tc, leads);
	tcase_add_test(tc, banners);
	tcase_add_test(tc, wide_marks);
	tcase_add_test(tc, no_signature_below_a_rule);
	tcase_add_test(tc, many_lines);
	tcase_add_test(tc, bottom_and_between);
	tcase_add_test(tc, forwarded);
	tcase_add_test(tc, html_of_clients);
	tcase_add_test(tc, quotes_are_stripped);
	tcase_add_test(tc, nothing_is_lost);
	tcase_add_test(tc, folding);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
