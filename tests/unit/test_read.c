#include "base/number.h"
#include "collector/header.h"
#include "collector/read.h"
#include "templates/form.h"

#include <check.h>
#include <string.h>

static struct reading *read_text(const char *text)
{
	g_autoptr(GBytes) raw = g_bytes_new(text, strlen(text));
	struct reading *reading = read_message(raw, NULL, NULL);
	g_autofree char *line = reading_to_line(reading);

	ck_assert_ptr_nonnull(line);
	ck_assert_ptr_null(strchr(line, '\n'));
	return reading;
}

START_TEST(a_qq_reply)
{
	char number[NUMBER_LENGTH + 1];
	g_autofree char *raw = NULL;
	struct reading *reading;
	const struct address *from;

	number_make(7, number);
	raw = g_strdup_printf(
	    "From: \"=?gb18030?B?1cXI/Q==?=\" <zhangsan@qq.invalid>\r\n"
	    "To: \"=?gb18030?B?xsDS6bDs?=\" <pingyi@office.invalid>\r\n"
	    "Subject: =?gb18030?B?u9i4tDqhvg==?=%s=?gb18030?B?ob8=?=\r\n"
	    "Date: Mon, 2 Mar 2026 10:11:12 +0800\r\n"
	    "Message-ID: <tencent_AB@qq.invalid>\r\n"
	    "References: <%s.r1@office.invalid>\r\n"
	    "Content-Type: text/plain; charset=\"gb18030\"\r\n"
	    "Content-Transfer-Encoding: 8bit\r\n\r\n"
	    "\xcb\xb0\xce\xf1\xbe\xd6\xb7\xfe\xce\xf1\xba\xdc\xba\xc3\xa1\xa3\r\n\r\n\r\n"
	    "------------------ "
	    "\xd4\xad\xca\xbc\xd3\xca\xbc\xfe ------------------\r\n"
	    "\xb7\xa2\xbc\xfe\xc8\xcb: x\r\n\r\n\xd5\xfd\xce\xc4 %s\r\n",
	    number, number, number);
	reading = read_text(raw);
	ck_assert_int_eq(reading->kind, KIND_REPLY);
	ck_assert_str_eq(reading->own.own, "税务局服务很好。");
	ck_assert(strstr(reading->own.quoted, "正文"));
	ck_assert(g_str_has_prefix(reading->subject, "回复:【PY-"));
	ck_assert(g_str_has_suffix(reading->subject, "】"));
	from = g_ptr_array_index(reading->from, 0);
	ck_assert_str_eq(from->name, "张三");
	ck_assert_str_eq(from->address, "zhangsan@qq.invalid");
	ck_assert_uint_eq(reading->numbers->len, 3);
	ck_assert_str_eq(reading->message_id, "tencent_AB@qq.invalid");
	reading_free(reading);
}
END_TEST

static void own_of_plain(const char *body, const char *wanted)
{
	g_autofree char *raw =
	    g_strconcat("From: a@qq.invalid\nSubject: Re: x\nIn-Reply-To: <a@b>\n"
			"Content-Type: text/plain; charset=utf-8\n\n",
			body, NULL);
	struct reading *reading = read_text(raw);

	ck_assert_str_eq(reading->own.own, wanted);
	reading_free(reading);
}

/* QQ Mail's plain text, in which HTML's entities stand as they are. */
START_TEST(entities_in_plain_text)
{
	own_of_plain("罚款太多。\n&nbsp;\n&nbsp;\n------------------&nbsp;Original&nbsp;"
		     "------------------\nFrom: &nbsp;\"x\"<x@y.invalid&gt;;\nText\n",
		     "罚款太多。");
	own_of_plain("罚款&nbsp; 太多。\n&nbsp;\n&nbsp;\n------------------&nbsp;原始邮件&nbsp;"
		     "------------------\n发件人: &nbsp;\"x\"<x@y.invalid&gt;;\n正文\n",
		     "罚款  太多。");
	own_of_plain("&nbsp;\n\n&nbsp; &nbsp;\n------------------&nbsp;原始邮件&nbsp;"
		     "------------------\n发件人: &nbsp;\"x\"<x@y.invalid&gt;;\n正文\n",
		     "");
	own_of_plain("&nbsp;\r\n &nbsp;&nbsp;\r\n", "");
	own_of_plain("罚款&gt;5000&amp;nbsp;\n&nbsp;\n", "罚款>5000&nbsp;");
	/* who speaks of them */
	own_of_plain("网页上有&nbsp;和&lt;，看不懂。", "网页上有&nbsp;和&lt;，看不懂。");
	own_of_plain("&nbsp;是什么\n是&nbsp;", "&nbsp;是什么\n是&nbsp;");
}
END_TEST

static void own_of_alternatives(const char *plain, const char *html, const char *wanted)
{
	g_autofree char *raw = g_strconcat(
	    "From: a@qq.invalid\nSubject: Re: x\nIn-Reply-To: <a@b>\n"
	    "MIME-Version: 1.0\n"
	    "Content-Type: multipart/alternative; boundary=b\n\n--b\n"
	    "Content-Type: text/plain; charset=utf-8\n\n",
	    plain, "\n--b\nContent-Type: text/html; charset=utf-8\n\n", html, "\n--b--\n", NULL);
	struct reading *reading = read_text(raw);

	ck_assert_str_eq(reading->own.own, wanted);
	reading_free(reading);
}

/* The plain one is read, unless it says nothing. */
START_TEST(alternatives)
{
	own_of_alternatives("每周停电。", "<p>每周<b>停电</b></p>", "每周停电。");
	own_of_alternatives("&nbsp;\n&nbsp;", "<p>每周停电</p>", "每周停电");
	own_of_alternatives("您的邮件客户端不支持 HTML，请使用其他方式查看本邮件。",
			    "<p>每周停电</p>", "每周停电");
	own_of_alternatives("To view this message, please use an HTML compatible viewer.",
			    "<p>每周停电</p>", "每周停电");
	/* better than nothing */
	own_of_alternatives("This is shown as HTML.", "<p></p>", "This is shown as HTML.");
}
END_TEST

START_TEST(no_headers_at_all)
{
	struct reading *reading = read_text("暂无意见\n");

	ck_assert_str_eq(reading->own.own, "暂无意见");
	ck_assert_uint_eq(reading->problems->len, 1);
	reading_free(reading);
	reading = read_text("");
	ck_assert_str_eq(reading->own.own, "");
	reading_free(reading);
}
END_TEST

START_TEST(bare_carriage_returns)
{
	struct reading *reading =
	    read_text("Subject: one\rFrom: a@b.invalid\r\rline one\rline two\r");

	ck_assert_str_eq(reading->subject, "one");
	ck_assert_str_eq(reading->own.own, "line one\nline two");
	reading_free(reading);
}
END_TEST

START_TEST(an_answer_that_is_only_attached)
{
	struct reading *reading = read_text(
	    "Subject: Re: x\nFrom: a@b.invalid\nMIME-Version: 1.0\n"
	    "Content-Type: multipart/mixed; boundary=b\n\n"
	    "--b\nContent-Type: text/plain; charset=utf-8\n\n"
	    "发件人: 评议办\n发送时间: 2026-03-02\n收件人: 张三\n主题: x\n\n正文不是意见\n"
	    "--b\nContent-Type: application/octet-stream; name=\"=?gb2312?B?0uK8+y50eHQ=?=\"\n"
	    "Content-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n"
	    "y7DO8b7W\n--b--\n");
	const struct reading_attachment *attachment;

	ck_assert_str_eq(reading->own.own, "");
	ck_assert_uint_eq(reading->attachments->len, 1);
	attachment = g_ptr_array_index(reading->attachments, 0);
	ck_assert_str_eq(attachment->name, "意见.txt");
	ck_assert_str_eq(attachment->text, "税务局");
	ck_assert_uint_eq(attachment->bytes, 6);
	reading_free(reading);
}
END_TEST

/* A message with our form attached, as XML, perhaps within a forwarded message. */
static void form_is_found(gboolean forwarded)
{
	struct form_answers *answers = form_answers_new();
	g_autofree char *xml = NULL;
	g_autofree char *inner = NULL;
	g_autofree char *raw = NULL;
	g_autofree char *line = NULL;
	struct reading *reading;

	number_make(42, answers->number);
	form_answers_rate(answers, "d07", 4);
	form_answers_say(answers, "problems", "检查太多");
	xml = form_answers_to_xml(answers);
	inner = g_strdup_printf("Subject: Re: x\nContent-Type: multipart/mixed; boundary=b\n\n"
				"--b\nContent-Type: text/plain\n\nsee form\n"
				"--b\nContent-Type: application/octet-stream; name=a.xml\n\n%s\n"
				"--b--\n",
				xml);
	raw = forwarded ? g_strdup_printf("Subject: Fwd\nContent-Type: multipart/mixed; "
					  "boundary=c\n\n--c\nContent-Type: text/plain\n\nsee "
					  "below\n--c\nContent-Type: message/rfc822\n\n%s\n--c--\n",
					  inner)
			: g_strdup(inner);
	reading = read_text(raw);
	ck_assert_ptr_nonnull(reading->form);
	ck_assert_str_eq(reading->form->number, answers->number);
	ck_assert_uint_eq(reading->form->ratings->len, 1);
	line = reading_to_line(reading);
	ck_assert_ptr_nonnull(strstr(line, "\"where\":\"form\""));
	ck_assert_ptr_nonnull(strstr(line, "\"department\":\"d07\""));
	reading_free(reading);
	if (!forwarded) {
		reading = read_text(xml);
		ck_assert_ptr_nonnull(reading->form);
		ck_assert_str_eq(reading->own.own, "");
		reading_free(reading);
	}
	form_answers_free(answers);
}

START_TEST(our_form)
{
	form_is_found(FALSE);
	form_is_found(TRUE);
}
END_TEST

/* A greeting above a letter that nothing marks, without our form and with it. */
START_TEST(a_greeting_leads_to_our_form)
{
	static const char head[] =
	    "Subject: Re: x\nIn-Reply-To: <a@b>\n"
	    "Content-Type: multipart/mixed; boundary=b\n\n"
	    "--b\nContent-Type: text/plain; charset=utf-8\n\n您好：\n\n"
	    "发件人: 评议办\n发送时间: 2026-03-02\n收件人: 张三\n主题: x\n\n正文\n";
	struct form_answers *answers = form_answers_new();
	g_autofree char *xml = NULL;
	g_autofree char *with = NULL;
	g_autofree char *without = g_strconcat(head, "--b--\n", NULL);
	struct reading *reading = read_text(without);

	ck_assert_str_eq(reading->own.own, "您好：");
	ck_assert(reading->own.doubtful);
	reading_free(reading);
	number_make(42, answers->number);
	form_answers_rate(answers, "d07", 4);
	xml = form_answers_to_xml(answers);
	with = g_strconcat(head, "--b\nContent-Type: application/octet-stream; name=a.xml\n\n", xml,
			   "\n--b--\n", NULL);
	reading = read_text(with);
	ck_assert_ptr_nonnull(reading->form);
	ck_assert(!reading->own.doubtful);
	reading_free(reading);
	form_answers_free(answers);
}
END_TEST

START_TEST(a_broken_document)
{
	struct reading *reading =
	    read_text("Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
		      "Content-Type: application/octet-stream; name=a.docx\n\nPK\3\4nonsense\n"
		      "--b--\n");

	ck_assert_ptr_null(reading->form);
	ck_assert_uint_eq(reading->problems->len, 1);
	ck_assert(g_str_has_prefix(g_ptr_array_index(reading->problems, 0), "attachment-unread: "));
	reading_free(reading);
}
END_TEST

START_TEST(too_large)
{
	gsize size = MIME_MESSAGE_MAX + 1u;
	g_autoptr(GBytes) raw = g_bytes_new_take(g_malloc0(size), size);
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(read_message(raw, NULL, &error));
	ck_assert_ptr_nonnull(error);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("read");
	TCase *tc = tcase_create("read");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, a_qq_reply);
	tcase_add_test(tc, entities_in_plain_text);
	tcase_add_test(tc, alternatives);
	tcase_add_test(tc, no_headers_at_all);
	tcase_add_test(tc, bare_carriage_returns);
	tcase_add_test(tc, an_answer_that_is_only_attached);
	tcase_add_test(tc, our_form);
	tcase_add_test(tc, a_greeting_leads_to_our_form);
	tcase_add_test(tc, a_broken_document);
	tcase_add_test(tc, too_large);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
