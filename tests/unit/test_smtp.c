#include "base/error.h"
#include "mailer/smtp.h"
#include "mailer/smtp_text.h"
#include "mailer/verp.h"
#include "tests/unit/line_peer.h"

#include <check.h>
#include <string.h>

/* What the peer says to each command: "" closes the connection instead, NULL stands for consent. */
struct script {
	const char *ehlo;
	const char *mail;
	const char *rcpt;
	const char *data;
	const char *end; /* of the letter */
};

static const char *or_else(const char *text, const char *consent)
{
	return !text ? consent : *text ? text : "✂";
}

static void peer_start(struct line_peer *peer, const struct script *script)
{
	struct line_answer answers[] = {
	    {"EHLO", or_else(script->ehlo, "250-peer\r\n250 PIPELINING\r\n")},
	    {"MAIL", or_else(script->mail, "250 ok\r\n")},
	    {"RCPT", or_else(script->rcpt, "250 ok\r\n")},
	    {"DATA", or_else(script->data, "354 go\r\n")},
	    {"QUIT", "✂"},
	    {".\r\n", or_else(script->end, "250 2.0.0 queued as 1\r\n")},
	};

	memcpy(peer->answers, answers, sizeof(answers));
	peer->greeting = "220 peer\r\n";
	peer->otherwise = "250 ok\r\n";
	line_peer_start(peer);
}

static struct smtp *call(const struct line_peer *peer, const char *user, GError **error)
{
	g_autofree char *url = line_peer_url(peer, "smtp");
	struct smtp_options options = {.url = url,
				       .user = user,
				       .password = user ? "geheim" : NULL,
				       .open_ms = 5000,
				       .answer_ms = 2000};

	return smtp_open(&options, error);
}

static const struct {
	struct script script;
	guint stop_in;
	enum smtp_outcome outcome;
	int code;
	gboolean about_sender;
	gboolean usable;
} cases[] = {
    {{NULL, NULL, NULL, NULL, NULL}, 0, SMTP_SENT, 250, FALSE, TRUE},
    {{"250 peer\r\n", NULL, NULL, NULL, NULL}, 0, SMTP_SENT, 250, FALSE, TRUE},
    {{NULL, NULL, "450 4.2.0 greylisted\r\n", NULL, NULL}, 0, SMTP_DEFERRED, 450, FALSE, TRUE},
    {{NULL, NULL, "550 5.1.1 no such user\r\n", NULL, NULL}, 0, SMTP_FAILED, 550, FALSE, TRUE},
    {{"250 peer\r\n", NULL, "550-no\r\n550 no\r\n", NULL, NULL}, 0, SMTP_FAILED, 550, FALSE, TRUE},
    {{NULL, NULL, "550 Domain frequency limited\r\n", NULL, NULL},
     0,
     SMTP_DEFERRED,
     550,
     FALSE,
     TRUE},
    {{NULL, "451 later\r\n", "503 first MAIL\r\n", NULL, NULL}, 0, SMTP_DEFERRED, 451, FALSE, TRUE},
    {{NULL, "553 not your address\r\n", "503 x\r\n", NULL, NULL},
     0,
     SMTP_DEFERRED,
     553,
     TRUE,
     TRUE},
    {{NULL, "552 5.3.4 too big\r\n", "503 x\r\n", NULL, NULL}, 0, SMTP_FAILED, 552, FALSE, TRUE},
    {{NULL, "530 login first\r\n", "530 x\r\n", NULL, NULL}, 0, SMTP_DEFERRED, 530, TRUE, TRUE},
    {{NULL, "421 closing\r\n", NULL, NULL, NULL}, 0, SMTP_DEFERRED, 421, FALSE, FALSE},
    {{NULL, "", NULL, NULL, NULL}, 0, SMTP_DEFERRED, 0, FALSE, FALSE},
    {{NULL, NULL, "", NULL, NULL}, 0, SMTP_DEFERRED, 0, FALSE, FALSE},
    {{NULL, NULL, NULL, "", NULL}, 0, SMTP_DEFERRED, 0, FALSE, FALSE},
    {{NULL, NULL, NULL, "554 no\r\n", NULL}, 0, SMTP_FAILED, 554, FALSE, TRUE},
    {{NULL, NULL, NULL, NULL, NULL}, 10, SMTP_DOUBTFUL, 0, FALSE, FALSE},
    {{NULL, NULL, NULL, NULL, ""}, 0, SMTP_DOUBTFUL, 0, FALSE, FALSE},
    {{NULL, NULL, NULL, NULL, "rubbish\r\n"}, 0, SMTP_DOUBTFUL, 0, FALSE, FALSE},
    {{NULL, NULL, NULL, NULL, "354 what\r\n"}, 0, SMTP_DOUBTFUL, 0, FALSE, FALSE},
    {{NULL, NULL, NULL, NULL, "451 later\r\n"}, 0, SMTP_DEFERRED, 451, FALSE, TRUE},
    {{NULL, NULL, NULL, NULL, "554 spam\r\n"}, 0, SMTP_FAILED, 554, FALSE, TRUE},
};

START_TEST(outcomes)
{
	struct line_peer peer = {.letter_max = cases[_i].stop_in};
	g_autoptr(GBytes) message = g_bytes_new_static("Subject: a\n\nb\n", 14);
	struct smtp_answer answer;
	GError *error = NULL;
	struct smtp *smtp;

	peer_start(&peer, &cases[_i].script);
	smtp = call(&peer, NULL, &error);
	ck_assert_msg(smtp != NULL, "%s", error ? error->message : "");
	ck_assert_int_eq(smtp_send(smtp, "a@b.example", "c@d.example", message, &answer),
			 cases[_i].outcome);
	ck_assert_int_eq(answer.code, cases[_i].code);
	ck_assert_int_eq(answer.about_sender, cases[_i].about_sender);
	ck_assert_int_eq(smtp_usable(smtp), cases[_i].usable);
	ck_assert_uint_gt(strlen(answer.words), 0);
	smtp_close(smtp);
	line_peer_stop(&peer);
	line_peer_clear(&peer);
}
END_TEST

START_TEST(letter_arrives_as_it_was)
{
	static const char text[] = "Subject: a\n\n.\n..\r\n.b\rc\n\nno end";
	struct line_peer peer = {0};
	g_autoptr(GBytes) message = g_bytes_new_static(text, strlen(text));
	struct smtp_answer answer;
	struct smtp *smtp;

	peer_start(&peer, &(struct script){NULL, NULL, NULL, NULL, NULL});
	smtp = call(&peer, NULL, NULL);
	ck_assert_int_eq(smtp_send(smtp, "", "c@例子.测试", message, &answer), SMTP_SENT);
	smtp_close(smtp);
	line_peer_stop(&peer);
	ck_assert_str_eq(peer.letter->str,
			 "Subject: a\r\n\r\n..\r\n...\r\n..b\r\nc\r\n\r\nno end\r\n");
	ck_assert(strstr(peer.lines->str, "MAIL FROM:<>\r\n") != NULL);
	ck_assert(strstr(peer.lines->str, "RCPT TO:<c@xn--fsqu00a.xn--0zwm56d>\r\n") != NULL);
	line_peer_clear(&peer);
}
END_TEST

START_TEST(extensions_are_used)
{
	struct line_peer peer = {0};
	g_autoptr(GBytes) message = g_bytes_new_static("S: \xe8\xaf\x84\n", 7);
	struct smtp_answer answer;
	struct smtp *smtp;

	peer_start(&peer, &(struct script){"250-peer\r\n250-SIZE 100\r\n250-8BITMIME\r\n"
					   "250 SMTPUTF8\r\n",
					   NULL, NULL, NULL, NULL});
	smtp = call(&peer, NULL, NULL);
	ck_assert_int_eq(smtp_send(smtp, "a@b.example", "张@d.example", message, &answer),
			 SMTP_SENT);
	smtp_close(smtp);
	line_peer_stop(&peer);
	ck_assert(strstr(peer.lines->str,
			 "MAIL FROM:<a@b.example> SIZE=8 BODY=8BITMIME SMTPUTF8\r\n") != NULL);
	line_peer_clear(&peer);
}
END_TEST

START_TEST(impossible_addresses)
{
	static const char *const bad[] = {"",      "a",           "a@",          "@b",
					  "a@b@c", "a@b>\r\nX:y", "a b@c",       "<a@b>",
					  "a@b,c", "\"a\"@b",     "张@d.example"};
	struct line_peer peer = {0};
	g_autoptr(GBytes) message = g_bytes_new_static("a\n", 2);
	struct smtp_answer answer;
	struct smtp *smtp;

	peer_start(&peer, &(struct script){NULL, NULL, NULL, NULL, NULL});
	smtp = call(&peer, NULL, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		ck_assert_int_eq(smtp_send(smtp, "a@b.example", bad[i], message, &answer),
				 SMTP_FAILED);
		ck_assert_int_eq(answer.code, 0);
	}
	ck_assert_int_eq(smtp_send(smtp, "a\r\n@b", "a@b.example", message, &answer),
			 SMTP_DEFERRED);
	ck_assert(answer.about_sender);
	smtp_close(smtp);
	line_peer_stop(&peer);
	ck_assert(strstr(peer.lines->str, "MAIL") == NULL);
	line_peer_clear(&peer);
}
END_TEST

START_TEST(opening_fails)
{
	static const struct {
		const char *ehlo;
		enum pingyi_error code;
	} bad[] = {{"", PINGYI_ERROR_TEMPORARY},
		   {"421 not now\r\n", PINGYI_ERROR_TEMPORARY},
		   {"250 peer\r\n", PINGYI_ERROR_PERMANENT},
		   {"250-peer\r\n250 AUTH NOTHING\r\n", PINGYI_ERROR_PERMANENT},
		   {"550 not you\r\n", PINGYI_ERROR_PERMANENT},
		   {"550 Connection frequency limited\r\n", PINGYI_ERROR_TEMPORARY}};
	struct smtp_options options = {.url = "http://127.0.0.1:1"};
	GError *error = NULL;

	ck_assert(smtp_open(&options, &error) == NULL);
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	g_clear_error(&error);
	options.url = "smtp://127.0.0.1:1";
	ck_assert(smtp_open(&options, &error) == NULL);
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY));
	g_clear_error(&error);
	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		struct line_peer peer = {0};

		peer_start(&peer, &(struct script){bad[i].ehlo, NULL, NULL, NULL, NULL});
		ck_assert(call(&peer, "office", &error) == NULL);
		ck_assert_msg(g_error_matches(error, PINGYI_ERROR, (int)bad[i].code), "%u: %s", i,
			      error->message);
		ck_assert(strstr(error->message, "geheim") == NULL);
		g_clear_error(&error);
		line_peer_stop(&peer);
		line_peer_clear(&peer);
	}
}
END_TEST

START_TEST(refuses_without_starttls)
{
	struct line_peer peer = {0};
	g_autofree char *url = NULL;
	struct smtp_options options = {.user = "office", .password = "geheim", .starttls = TRUE};
	GError *error = NULL;

	peer_start(&peer,
		   &(struct script){"250-peer\r\n250 AUTH PLAIN\r\n", NULL, NULL, NULL, NULL});
	url = line_peer_url(&peer, "smtp");
	options.url = url;
	ck_assert(smtp_open(&options, &error) == NULL);
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT));
	line_peer_stop(&peer);
	ck_assert(strstr(peer.lines->str, "AUTH") == NULL);
	line_peer_clear(&peer);
	g_clear_error(&error);
}
END_TEST

static const char *const said[][3] = {
    {"zhang@d.example", "5.1.1 <zhang@d.example>: User unknown", "5.1.1 <…>: User unknown"},
    {"zhang@d.example", "用户ZHANG@D.example不存在", "用户…不存在"},
    {"zhang@d.example", "no zhang here\r\n\tat  all ", "no … here at all"},
    {"user@d.example", "User user-2 unknown, see office@x.example.", "User …-2 unknown, see …."},
    {"", "\xd3\xc3\xbb\xa7\xb2\xbb\xb4\xe6\xd4\xda", "用户不存在"},
};

START_TEST(words_name_nobody)
{
	char out[SMTP_WORDS_MAX + 1];

	smtp_text_words(said[_i][1], strlen(said[_i][1]), said[_i][0], out, sizeof(out));
	ck_assert_str_eq(out, said[_i][2]);
}
END_TEST

START_TEST(words_are_bounded)
{
	g_autofree char *text = g_strnfill(7000, 'x');
	GString *wide = g_string_new(NULL);
	char out[SMTP_WORDS_MAX + 1];

	smtp_text_words(text, 7000, "a@b", out, sizeof(out));
	ck_assert_uint_eq(strlen(out), SMTP_WORDS_MAX);
	for (guint i = 0; i < 400; i++)
		g_string_append(wide, "评");
	smtp_text_words(wide->str, wide->len, "a@b", out, sizeof(out));
	ck_assert_uint_eq(strlen(out), SMTP_WORDS_MAX / 3 * 3);
	ck_assert(g_utf8_validate(out, -1, NULL));
	g_string_free(wide, TRUE);
}
END_TEST

START_TEST(envelope_senders)
{
	enum verp verp;
	g_autofree char *off = verp_address(VERP_OFF, "rhj@x.example", NULL, "PY-22222222");
	g_autofree char *plus = verp_address(VERP_PLUS, "rhj@x.example", NULL, "PY-22222222");
	g_autofree char *domain =
	    verp_address(VERP_DOMAIN, "rhj@x.example", "b.example", "PY-22222222");

	ck_assert_str_eq(off, "rhj@x.example");
	ck_assert_str_eq(plus, "rhj+PY-22222222@x.example");
	ck_assert_str_eq(domain, "PY-22222222@b.example");
	ck_assert(verp_parse("plus", &verp, NULL) && verp == VERP_PLUS);
	ck_assert(!verp_parse("Plus", &verp, NULL));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("smtp");
	TCase *tc = tcase_create("smtp");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc, outcomes, 0, G_N_ELEMENTS(cases));
	tcase_add_test(tc, letter_arrives_as_it_was);
	tcase_add_test(tc, extensions_are_used);
	tcase_add_test(tc, impossible_addresses);
	tcase_add_test(tc, opening_fails);
	tcase_add_test(tc, refuses_without_starttls);
	tcase_add_loop_test(tc, words_name_nobody, 0, G_N_ELEMENTS(said));
	tcase_add_test(tc, words_are_bounded);
	tcase_add_test(tc, envelope_senders);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
