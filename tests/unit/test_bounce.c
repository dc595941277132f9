#include "collector/bounce.h"
#include "collector/read.h"

#include <check.h>
#include <string.h>

static struct reading *read_text(const char *text)
{
	g_autoptr(GBytes) raw = g_bytes_new(text, strlen(text));

	return read_message(raw, NULL, NULL);
}

static void bounce_is(const char *text, const char *recipient, const char *status, const char *code,
		      const char *reason, int hard)
{
	struct reading *reading = read_text(text);
	const struct bounce *bounce;

	ck_assert_str_eq(kind_name(reading->kind), "bounce");
	ck_assert_uint_eq(reading->bounces->len, 1);
	bounce = g_ptr_array_index(reading->bounces, 0);
	ck_assert_str_eq(bounce->recipient, recipient);
	ck_assert_pstr_eq(bounce->status, status);
	ck_assert_pstr_eq(bounce->code, code);
	ck_assert_pstr_eq(reason_name(bounce->reason), reason);
	ck_assert_int_eq(reason_is_hard(bounce->reason), hard);
	ck_assert_str_eq(reading->own.own, "");
	reading_free(reading);
}

START_TEST(rfc_3464)
{
	bounce_is("From: MAILER-DAEMON@mx.invalid\nSubject: Undelivered Mail Returned to Sender\n"
		  "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
		  "--b\nContent-Type: text/plain\n\nThis is the mail system at host mx.invalid.\n\n"
		  "<zhang@firm.invalid>: host mx.firm.invalid[192.0.2.1] said: 550 User unknown\n"
		  "    (in reply to RCPT TO command)\n\n"
		  "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.invalid\n\n"
		  "Final-Recipient: rfc822; zhang@firm.invalid\nAction: failed\nStatus: 5.0.0\n"
		  "Diagnostic-Code: smtp; 550 User unknown\n\n"
		  "--b\nContent-Type: message/rfc822\n\n"
		  "Message-ID: <PY-22222222.r1@office.invalid>\nSubject: x\n\n--b--\n",
		  "zhang@firm.invalid", "5.0.0", "550", "user-unknown", 1);
}
END_TEST

START_TEST(a_frequency_limit_is_soft)
{
	bounce_is("From: MAILER-DAEMON@mx.invalid\nSubject: Undelivered Mail\n"
		  "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
		  "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.invalid\n\n"
		  "Final-Recipient: rfc822; zhang@qq.invalid\nAction: failed\nStatus: 5.0.0\n"
		  "Diagnostic-Code: smtp; 550 Connection frequency limited. http://service.mail\n\n"
		  "--b--\n",
		  "zhang@qq.invalid", "5.0.0", "550", "rate-limited", 0);
}
END_TEST

START_TEST(coremail_without_message_block)
{
	bounce_is(
	    "From: Postmaster@163.invalid\nSubject: =?gbk?B?z7XNs83L0MU=?=\n"
	    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
	    "--b\nContent-Type: text/plain; charset=utf-8\n\n"
	    "抱歉，您的邮件被退回来了……\n原邮件信息：\n时 间 2026-03-02 10:00:00\n主 题 征求意见\n"
	    "收件人 zhang@firm.invalid\n退信原因：\n邮件内容被判定为垃圾邮件。\n"
	    "--b\nContent-Type: Message/delivery-status\n\n"
	    "Final-Recipient: RFC822; zhang@firm.invalid\nAction: failed\nStatus: 5.0.0\n\n"
	    "--b--\n",
	    "zhang@firm.invalid", "5.0.0", NULL, "spam", 0);
}
END_TEST

START_TEST(coremail_unknown_user)
{
	bounce_is(
	    "From: Postmaster@163.invalid\nSubject: =?gbk?B?z7XNs83L0MU=?=\n"
	    "Content-Type: text/plain; charset=utf-8\n\n"
	    "抱歉，您的邮件被退回来了……\n原邮件信息：\n时 间 2026-03-02 10:00:00\n主 题 征求意见\n"
	    "收件人 zhang@firm.invalid\n退信原因：\n收件人邮件地址(zhang@firm.invalid)不存在，"
	    "邮件无法送达。\nSMTP error, RCPT TO: Host firm.invalid(192.0.2.1) said 550 User not "
	    "found: zhang@firm.invalid\n",
	    "zhang@firm.invalid", NULL, "550", "user-unknown", 1);
}
END_TEST

START_TEST(aliyun)
{
	struct reading *reading = read_text(
	    "From: <postmaster@aliyun.invalid>\nTo: py@office.invalid\n"
	    "Subject: =?utf-8?B?5p2l6IeqcG9zdG1hc3RlckBhbGl5dW4uY29t55qE6YCA5L+h?=\n"
	    "Content-Type: multipart/mixed; boundary=b\n\n"
	    "--b\nContent-Type: text/plain; charset=utf-8\n\n"
	    "您的邮件无法发送到 zhang@firm.invalid\n退信原因: 对方邮箱已满\n"
	    "--b\nContent-Type: application/octet-stream; name=mail.eml\n\n"
	    "Message-ID: <PY-X.r1@office.invalid>\nFrom: py@office.invalid\nSubject: 征求意见\n\n"
	    "正文\n--b--\n");
	const struct bounce *bounce;

	ck_assert_str_eq(kind_name(reading->kind), "bounce");
	ck_assert_uint_eq(reading->bounces->len, 1);
	bounce = g_ptr_array_index(reading->bounces, 0);
	ck_assert_str_eq(bounce->recipient, "zhang@firm.invalid");
	ck_assert_str_eq(reason_name(bounce->reason), "mailbox-full");
	ck_assert_str_eq(reading->original_message_id, "PY-X.r1@office.invalid");
	ck_assert_str_eq(reading->original_subject, "征求意见");
	reading_free(reading);
}
END_TEST

START_TEST(qmail_and_exim)
{
	bounce_is("From: MAILER-DAEMON@mx.invalid\nSubject: failure notice\n\n"
		  "Hi. This is the qmail-send program at mx.invalid.\n"
		  "I'm afraid I wasn't able to deliver your message to the following addresses.\n\n"
		  "<zhang@firm.invalid>:\nSorry, I couldn't find any host named firm.invalid. "
		  "(#5.1.2)\n\n--- Below this line is a copy of the message.\n\n"
		  "Return-Path: <py@office.invalid>\nSubject: x\n\nx\n",
		  "zhang@firm.invalid", "5.1.2", NULL, "host-unknown", 1);
	bounce_is("From: Mail Delivery System <Mailer-Daemon@mx.invalid>\n"
		  "X-Failed-Recipients: zhang@firm.invalid\nAuto-Submitted: auto-replied\n"
		  "Subject: Mail delivery failed: returning message to sender\n\n"
		  "A message that you sent could not be delivered.\n\n  zhang@firm.invalid\n"
		  "    SMTP error from remote mail server after RCPT TO:<zhang@firm.invalid>:\n"
		  "    host mx [192.0.2.1]: 552 5.2.2 Over quota\n\n"
		  "------ This is a copy of the message, including all the headers. ------\n\n"
		  "Subject: x\n",
		  "zhang@firm.invalid", "5.2.2", "552", "mailbox-full", 0);
}
END_TEST

START_TEST(several_recipients)
{
	struct reading *reading =
	    read_text("From: MAILER-DAEMON@mx.invalid\nSubject: failure notice\n\n"
		      "could not be delivered\n\n"
		      "<a@firm.invalid>:\n550 5.1.1 no such user\n\n"
		      "<b@firm.invalid>:\n552 5.2.2 mailbox full\n\n");
	const struct bounce *first, *second;

	ck_assert_uint_eq(reading->bounces->len, 2);
	first = g_ptr_array_index(reading->bounces, 0);
	second = g_ptr_array_index(reading->bounces, 1);
	ck_assert_str_eq(first->status, "5.1.1");
	ck_assert_str_eq(second->status, "5.2.2");
	ck_assert_int_eq(reason_is_hard(first->reason), 1);
	ck_assert_int_eq(reason_is_hard(second->reason), 0);
	reading_free(reading);
}
END_TEST

START_TEST(passing)
{
	ck_assert(reason_passes(REASON_FULL, "5.2.2", "552"));
	ck_assert(reason_passes(REASON_RATE, NULL, "550"));
	ck_assert(reason_passes(REASON_SPAM, NULL, "451"));
	ck_assert(reason_passes(REASON_UNKNOWN, "4.0.0", NULL));
	ck_assert(!reason_passes(REASON_UNKNOWN, "5.0.0", "550"));
	ck_assert(!reason_passes(REASON_UNKNOWN, NULL, NULL));
	ck_assert(!reason_passes(REASON_SPAM, "5.7.1", "554"));
	ck_assert(!reason_passes(REASON_USER, "4.1.1", "450"));
}
END_TEST

START_TEST(kinds)
{
	static const struct {
		const char *kind;
		const char *text;
	} cases[] = {
	    {"reply", "From: a@b.invalid\nSubject: Re: x\n\n没有意见\n"},
	    {"reply",
	     "From: a@b.invalid\nSubject: 退信太多了怎么办\n\n你们的信被退信，请核对地址。\n"},
	    {"auto-reply", "From: a@qq.invalid\nX-QQ-AUTO-REPLY: true\nIn-Reply-To: <x@y>\n"
			   "Subject: x\n\n您好\n"},
	    {"auto-reply", "From: a@b.invalid\nSubject: 自动回复: 征求意见\n\n我正在休假\n"},
	    {"auto-reply", "From: a@b.invalid\nAuto-Submitted: auto-replied (vacation)\n"
			   "Subject: x\n\naway\n"},
	    {"auto-reply", "From: us@b.invalid\nAuto-Submitted: auto-generated\n"
			   "X-Pingyi-Check: check-1\nSubject: Mail check check-1\n\ntest\n"},
	    {"receipt", "From: a@b.invalid\nSubject: x\nContent-Type: multipart/report; "
			"report-type=disposition-notification; boundary=b\n\n--b\n\nread\n--b--\n"},
	    {"receipt", "From: a@b.invalid\nSubject: 已读: 征求意见\n\n已读\n"},
	    {"complaint", "From: a@b.invalid\nSubject: x\nContent-Type: multipart/report; "
			  "report-type=feedback-report; boundary=b\n\n--b\n\nspam\n--b--\n"},
	    {"unsubscribe", "From: a@b.invalid\nTo: py+unsubscribe@office.invalid\nSubject: x\n\n"},
	    {"unsubscribe", "From: a@b.invalid\nSubject: unsubscribe\n\n"},
	    {"unsubscribe", "From: a@b.invalid\nSubject: Re: x\n\n退订\n"},
	    {"delay", "From: MAILER-DAEMON@b.invalid\nSubject: Warning: could not send message for "
		      "past 4 hours\n\n<z@c.invalid>: will be retried\n"},
	    {"delay",
	     "From: MAILER-DAEMON@b.invalid\nSubject: Delayed\nContent-Type: "
	     "multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
	     "Content-Type: message/delivery-status\n\nReporting-MTA: dns; b\n\n"
	     "Final-Recipient: rfc822; z@c.invalid\nAction: delayed\nStatus: 4.4.1\n--b--\n"},
	    {"delivered", "From: MAILER-DAEMON@b.invalid\nSubject: ok\nContent-Type: "
			  "multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
			  "Content-Type: message/delivery-status\n\nReporting-MTA: dns; b\n\n"
			  "Final-Recipient: rfc822; z@c.invalid\nAction: delivered\nStatus: "
			  "2.0.0\n--b--\n"},
	    {"other", "From: news@b.invalid\nList-Id: <l.b.invalid>\nSubject: News\n\nbuy\n"},
	    {"other", "From: noreply@b.invalid\nSubject: 验证码\n\n123456\n"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct reading *reading = read_text(cases[i].text);

		if (strcmp(kind_name(reading->kind), cases[i].kind) != 0)
			ck_abort_msg("%s is %s, not %s", cases[i].text, kind_name(reading->kind),
				     cases[i].kind);
		reading_free(reading);
	}
}
END_TEST

START_TEST(statuses_and_codes)
{
	static const struct {
		const char *words, *status, *code;
	} cases[] = {
	    {"550 5.1.1 no", "5.1.1", "550"},
	    {"host 10.5.1.1 said: 451 4.7.1 later", "4.7.1", "451"},
	    {"version 5.2.1.4 at 5.5.5.5", NULL, NULL},
	    {"5.0.0 and then 550-5.7.26 x", "5.7.26", "550"},
	    {"250 2.1.5 ok, then 554 5.3.4 big", "5.3.4", "554"},
	    {"250 2.1.5 ok", "2.1.5", "250"},
	    {"postcode 550321", NULL, NULL},
	    {"", NULL, NULL},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *status = reason_find_status(cases[i].words);
		g_autofree char *code = reason_find_code(cases[i].words);

		ck_assert_pstr_eq(status, cases[i].status);
		ck_assert_pstr_eq(code, cases[i].code);
	}
}
END_TEST

START_TEST(reasons)
{
	static const struct {
		const char *words, *status, *reason;
		enum reason_step step;
	} cases[] = {
	    {"550 User unknown", "5.1.1", "user-unknown", STEP_UNKNOWN},
	    {"550 User unknown", NULL, "user-unknown", STEP_RCPT},
	    {"550 User unknown", "5.0.0", "filtered", STEP_DATA},
	    {"550 DMARC check failed", NULL, "authentication", STEP_UNKNOWN},
	    {"554 5.7.1 Relay access denied", "5.7.1", "relaying", STEP_UNKNOWN},
	    {"550 Mailbox is full", "5.1.1", "mailbox-full", STEP_UNKNOWN},
	    {"用户不存在", NULL, "user-unknown", STEP_UNKNOWN},
	    {"邮箱已满", NULL, "mailbox-full", STEP_UNKNOWN},
	    {"NXDOMAIN", "5.1.2", "host-unknown", STEP_UNKNOWN},
	    {"NXDOMAIN", "4.4.3", "network", STEP_UNKNOWN},
	    {"xyzzy", NULL, NULL, STEP_UNKNOWN},
	    {"xyzzy", "5.1.1", "user-unknown", STEP_UNKNOWN},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		ck_assert_pstr_eq(reason_name(reason_classify(cases[i].words, cases[i].status, NULL,
							      cases[i].step)),
				  cases[i].reason);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("bounce");
	TCase *tc = tcase_create("bounce");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, rfc_3464);
	tcase_add_test(tc, a_frequency_limit_is_soft);
	tcase_add_test(tc, coremail_without_message_block);
	tcase_add_test(tc, coremail_unknown_user);
	tcase_add_test(tc, aliyun);
	tcase_add_test(tc, qmail_and_exim);
	tcase_add_test(tc, several_recipients);
	tcase_add_test(tc, passing);
	tcase_add_test(tc, kinds);
	tcase_add_test(tc, statuses_and_codes);
	tcase_add_test(tc, reasons);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
