#include "tests/unit/compose_office.h"

#include "base/asset.h"
#include "base/error.h"
#include "collector/read.h"
#include "templates/view.h"

#include <check.h>
#include <string.h>

static const char *const kinds[] = {"letter", "reminder", "reply", "digest", "notice"};
static const char *const languages[] = {"zh", "en"};

START_TEST(every_kind_is_ready_for_the_wire)
{
	enum compose_kind kind = (enum compose_kind)(_i / 2);
	const char *language = languages[_i % 2];
	g_autofree char *items = compose_items_of(kind, language);
	g_autoptr(composer_handle) c = NULL;
	struct compose_mail mail = compose_mail_of(kind, language);
	g_autoptr(GString) out = NULL;
	g_autoptr(GBytes) raw = NULL;
	struct mime_message *message;
	struct reading *reading;

	if (_i % 2) {
		compose_set("office", "name", "The Business Environment Office");
		compose_set("office", "address", "1 Some Road");
		compose_set("office", "signed_by", "Mr Li");
		compose_set("office", "language", "en");
	}
	c = compose_composer(kind, language, NULL, 0);
	mail.items = items;
	out = compose_whole(c, &mail);
	compose_keep(language, kinds[kind], out);
	compose_check_wire(out->str, out->len);
	message = compose_parse(out);
	compose_header_is(message, "Message-ID", mail.message_id);
	compose_header_is(message, "Date", "Mon, 2 Mar 2026 09:05:07 +0800");
	compose_header_is(message, "Auto-Submitted", "auto-generated");
	compose_header_is(message, "Content-Language", _i % 2 ? "en" : "zh-CN");
	mime_message_free(message);
	raw = g_bytes_new(out->str, out->len);
	reading = read_message(raw, NULL, NULL);
	ck_assert_ptr_null(strstr(reading->text, "{"));
	ck_assert_ptr_nonnull(strstr(reading->text, mail.link));
	reading_free(reading);
}
END_TEST

/* An office without a phone and address says nothing in their place. */
START_TEST(nothing_stands_for_what_is_missing)
{
	enum compose_kind kind = (enum compose_kind)(_i / 2);
	const char *language = languages[_i % 2];
	const char *const words[] = {"拨打", "电话", "地址：", "Phone", "Address:", "call"};
	struct compose_mail mail = compose_mail_of(kind, language);
	g_autoptr(composer_handle) c = NULL;
	g_autoptr(GString) out = NULL;
	g_autoptr(GBytes) raw = NULL;
	struct reading *reading;

	compose_set("office", "phone", "");
	compose_set("office", "address", "");
	compose_set("office", "language", language);
	mail.items = NULL;
	c = compose_composer(kind, language, NULL, 0);
	out = compose_whole(c, &mail);
	raw = g_bytes_new(out->str, out->len);
	reading = read_message(raw, NULL, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		ck_assert_msg(!strstr(reading->text, words[i]), "%s: %s", words[i], reading->text);
	reading_free(reading);
}
END_TEST

/* The parts decoded are what the view writes without any of the composer's preparation. */
START_TEST(parts_are_the_slow_ones)
{
	g_autoptr(composer_handle) c = compose_composer(COMPOSE_LETTER, "zh", NULL, 0);
	struct compose_mail mail = compose_mail_of(COMPOSE_LETTER, "zh");
	g_autoptr(GString) out = compose_whole(c, &mail);
	struct mime_message *message = compose_parse(out);
	const struct asset *asset = asset_find("templates/zh/letter.xhtml");
	g_autoptr(letter_view_handle) view =
	    letter_view_new("zh", "letter.xhtml", asset->text, asset->size, NULL);
	const char *values[LETTER_FIELDS] = {[LETTER_ENTERPRISE] = mail.enterprise,
					     [LETTER_OFFICE] = "某区营商环境办公室",
					     [LETTER_PHONE] = "0546-0000000",
					     [LETTER_ADDRESS] = "某某路 1 号",
					     [LETTER_ROUND] = "2026年第一轮征求意见",
					     [LETTER_NUMBER] = mail.number,
					     [LETTER_LINK] = COMPOSE_LINK,
					     [LETTER_OPENS] = "2026-03-02",
					     [LETTER_CLOSES] = "2026-03-31",
					     [LETTER_KEEP_UNTIL] = "2028-03-31",
					     [LETTER_DATE] = "2026-03-02",
					     [LETTER_FORM] = "docx"};
	g_autoptr(GString) html = g_string_new(NULL);
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GString) subject = g_string_new(NULL);
	g_autofree char *found_text = NULL;
	g_autofree char *found_html = NULL;
	const struct mime_part *body = compose_child(message->root, 0);

	letter_view_fill(view, values, html, text);
	letter_view_subject(view, values, subject);
	ck_assert_str_eq(message->root->type, "multipart/mixed");
	ck_assert_str_eq(body->type, "multipart/alternative");
	ck_assert_str_eq(compose_child(body, 0)->type, "text/plain");
	ck_assert_str_eq(compose_child(body, 1)->type, "text/html");
	ck_assert_str_eq(compose_child(body, 0)->charset, "utf-8");
	found_text = mime_part_text(compose_child(body, 0));
	found_html = mime_part_text(compose_child(body, 1));
	ck_assert_str_eq(found_text, text->str);
	ck_assert_str_eq(found_html, html->str);
	compose_header_is(message, "Subject", subject->str);
	mime_message_free(message);
}
END_TEST

START_TEST(a_scratch_serves_many)
{
	g_autoptr(composer_handle) letter = compose_composer(COMPOSE_LETTER, "zh", NULL, 0);
	g_autoptr(composer_handle) digest = compose_composer(COMPOSE_DIGEST, "en", NULL, 0);
	g_autoptr(compose_scratch_handle) scratch = compose_scratch_new();
	g_autoptr(GString) all = g_string_new("before");
	g_autoptr(GString) expected = g_string_new("before");
	GDateTime *first = compose_now;

	for (guint i = 0; i < 4; i++) {
		const struct composer *c = i % 2 ? digest : letter;
		struct compose_mail mail =
		    compose_mail_of(i % 2 ? COMPOSE_DIGEST : COMPOSE_LETTER, i % 2 ? "en" : "zh");
		g_autoptr(GString) alone = NULL;

		compose_now = g_date_time_add_seconds(first, i < 2 ? 0 : 1);
		alone = compose_whole(c, &mail);
		g_string_append(expected, alone->str);
		ck_assert(composer_append(c, &mail, compose_now, scratch, all, NULL));
		g_date_time_unref(compose_now);
	}
	compose_now = first;
	ck_assert_str_eq(all->str, expected->str);
}
END_TEST

/* --- threads and headers --- */

START_TEST(a_reminder_joins_its_letter)
{
	g_autoptr(composer_handle) c = compose_composer(COMPOSE_REMINDER, "zh", NULL, 0);
	struct compose_mail mail = compose_mail_of(COMPOSE_REMINDER, "zh");
	g_autoptr(GString) out = compose_whole(c, &mail);
	struct mime_message *message = compose_parse(out);

	compose_header_is(message, "In-Reply-To", "<PY-22222222.first@office.example>");
	compose_header_is(message, "References",
			  "<PY-22222222@office.example> <PY-22222222.first@office.example>");
	compose_header_is(message, "X-Pingyi-Letter", "PY-22222222");
	compose_header_is(message, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
	ck_assert_uint_eq(message->root->children->len, 2); /* the form */
	mime_message_free(message);
}
END_TEST

START_TEST(a_digest_names_no_letter)
{
	g_autoptr(composer_handle) c = compose_composer(COMPOSE_DIGEST, "zh", NULL, 0);
	struct compose_mail mail = compose_mail_of(COMPOSE_DIGEST, "zh");
	g_autoptr(GString) out = NULL;
	struct mime_message *message;

	mail.opinion = "退税太慢";
	out = compose_whole(c, &mail);
	message = compose_parse(out);
	compose_header_is(message, "References", NULL);
	compose_header_is(message, "List-Unsubscribe", NULL);
	compose_header_is(message, "X-Pingyi-Letter", NULL);
	compose_header_is(message, "To", "税务局 <office@firm.example>");
	compose_header_is(message, "Subject", "转办事项：待签收 3 件，今日到期 1 件，超期 1 件");
	ck_assert_ptr_null(strstr(out->str, "PY-22222222@"));
	mime_message_free(message);
}
END_TEST

START_TEST(a_digest_needs_no_round)
{
	struct compose_mail mail = compose_mail_of(COMPOSE_NOTICE, "zh");
	g_autoptr(composer_handle) c =
	    composer_new(compose_office, NULL, COMPOSE_NOTICE, NULL, 0, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) out = NULL;
	struct mime_message *message;

	ck_assert_ptr_nonnull(c);
	out = compose_whole(c, &mail);
	message = compose_parse(out);
	compose_header_is(message, "Content-Language", "zh-CN");
	compose_header_is(message, "Subject", "督办提示：超期 2 件，今日到期 1 件");
	mime_message_free(message);
	ck_assert_ptr_null(composer_new(compose_office, NULL, COMPOSE_REPLY, NULL, 0, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_BUG));
}
END_TEST

START_TEST(answers_find_their_letter)
{
	struct compose_mail mail = compose_mail_of(COMPOSE_LETTER, "zh");
	struct mime_message *message;
	struct composer *c;
	GString *out;

	compose_set("mail", "verp", "plus");
	compose_set("mail", "reply_to", "answers@office.example");
	c = compose_composer(COMPOSE_LETTER, "zh", NULL, 0);
	out = compose_whole(c, &mail);
	message = compose_parse(out);
	compose_header_is(message, "Reply-To", "<answers+PY-22222222@office.example>");
	compose_header_is(
	    message, "List-Unsubscribe",
	    "<mailto:answers+PY-22222222@office.example?subject=unsubscribe%20PY-22222222>, "
	    "<" COMPOSE_LINK "/silence>");
	mime_message_free(message);
	g_string_free(out, TRUE);
	composer_free(c);
	c = compose_composer(COMPOSE_DIGEST, "zh", NULL, 0);
	mail = compose_mail_of(COMPOSE_DIGEST, "zh");
	out = compose_whole(c, &mail);
	message = compose_parse(out);
	compose_header_is(message, "Reply-To", "<answers@office.example>");
	mime_message_free(message);
	g_string_free(out, TRUE);
	composer_free(c);
}
END_TEST

/* Whatever a value holds, there is no header more, and no part. */
START_TEST(no_value_breaks_out)
{
	static const char *const nasty[] = {"a\r\nBcc: x@y.example", "a\n\n--=_pingyi_mixed--\n",
					    "评\r\n\r\n<script>",    "\xe2\x80\xa8X: y",
					    "\xed\xa0\x80",          "\x01\x02\xff",
					    "\r\n.\r\nMAIL FROM:<>"};
	g_autoptr(composer_handle) c = compose_composer(COMPOSE_REMINDER, "zh", NULL, 0);
	struct compose_mail mail = compose_mail_of(COMPOSE_REMINDER, "zh");
	g_autoptr(GString) good = compose_whole(c, &mail);
	struct mime_message *plain = compose_parse(good);

	for (guint i = 0; i < G_N_ELEMENTS(nasty); i++) {
		g_autoptr(GString) out = NULL;
		struct mime_message *message;

		mail.enterprise = mail.contact = mail.recipient = mail.message_id = nasty[i];
		mail.first_message_id = mail.link = mail.first_date = nasty[i];
		out = compose_whole(c, &mail);
		if (g_str_is_ascii(nasty[i])) /* else the address is not, and stays as it is */
			compose_check_wire(out->str, out->len);
		message = compose_parse(out);
		/* List-Unsubscribe-Post goes with an https link only */
		ck_assert_uint_eq(message->headers->len + 1, plain->headers->len);
		ck_assert_uint_eq(message->root->children->len, 2);
		mime_message_free(message);
	}
	mime_message_free(plain);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("compose");
	TCase *tc = tcase_create("compose");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, compose_setup, compose_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, every_kind_is_ready_for_the_wire, 0,
			    (int)(G_N_ELEMENTS(kinds) * G_N_ELEMENTS(languages)));
	tcase_add_loop_test(tc, nothing_stands_for_what_is_missing, 0,
			    (int)(G_N_ELEMENTS(kinds) * G_N_ELEMENTS(languages)));
	tcase_add_test(tc, parts_are_the_slow_ones);
	tcase_add_test(tc, a_scratch_serves_many);
	tcase_add_test(tc, a_reminder_joins_its_letter);
	tcase_add_test(tc, a_digest_names_no_letter);
	tcase_add_test(tc, a_digest_needs_no_round);
	tcase_add_test(tc, answers_find_their_letter);
	tcase_add_test(tc, no_value_breaks_out);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
