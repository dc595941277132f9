/* What is said about a letter and about us: extensions, addresses, sizes, logins; and a large
 * letter. */
#include "base/error.h"
#include "tests/unit/smtp_client.h"

#include <check.h>
#include <string.h>

START_TEST(extensions_only_where_offered)
{
	static const struct {
		const char *ehlo;
		const char *mail;
		const char *rcpt;
	} cases[] = {
	    {EHLO_PIPE, "MAIL FROM:<rhj@office.example>\r\n", "RCPT TO:<zhang@firm.example>\r\n"},
	    {"250-peer\r\n250-SIZE\r\n250 PIPELINING\r\n",
	     "MAIL FROM:<rhj@office.example> SIZE=19\r\n", "RCPT TO:<zhang@firm.example>\r\n"},
	    {"250-peer\r\n250-dsn\r\n250 pipelining\r\n",
	     "MAIL FROM:<rhj@office.example> RET=HDRS ENVID=PY-22222222\r\n",
	     "RCPT TO:<zhang@firm.example> NOTIFY=FAILURE,DELAY\r\n"},
	    {EHLO_ALL, "MAIL FROM:<rhj@office.example> SIZE=19 RET=HDRS ENVID=PY-22222222\r\n",
	     "RCPT TO:<zhang@firm.example> NOTIFY=FAILURE,DELAY\r\n"},
	};
	const struct step steps[] = {OPEN(cases[_i].ehlo), ENVELOPE,   {SAY, GO}, {BODY, NULL},
				     {SAY, "250 ok\r\n"},  {END, NULL}};
	struct client client;
	struct peer peer;

	client_meet(&client, &peer, steps, (struct smtp_options){0});
	client_add(&client, 0, 0);
	client_run_for(&client, 1);
	client_expect(&client, 0, SMTP_SENT, 250);
	client_part(&client, &peer);
	ck_assert_msg(strstr(peer.heard->str, cases[_i].mail) != NULL, "%s", peer.heard->str);
	ck_assert_msg(strstr(peer.heard->str, cases[_i].rcpt) != NULL, "%s", peer.heard->str);
	peer_clear(&peer);
}
END_TEST

START_TEST(addresses_beyond_ascii)
{
	static const struct step steps[] = {
	    OPEN(EHLO_ALL),
	    {HEAR, "MAIL FROM:<rhj@office.example> SIZE=19 RET=HDRS ENVID=PY-22222222"},
	    {HEAR, "RCPT TO:<li@xn--fsqu00a.xn--0zwm56d>"},
	    {HEAR, "DATA"},
	    {SAY, GO},
	    {BODY, NULL},
	    {HEAR, "MAIL FROM:<rhj@office.example> SIZE=19 SMTPUTF8"},
	    {HEAR, "RCPT TO:<张@xn--fsqu00a.xn--0zwm56d>"},
	    {HEAR, "DATA"},
	    {SAY, "250 ok\r\n" GO},
	    {BODY, NULL},
	    {SAY, "250 ok\r\n"},
	    {END, NULL}};
	struct client client;
	struct peer peer;

	client_meet(&client, &peer, steps, (struct smtp_options){0});
	client_add_to(&client, 0, "li@例子.测试");
	client_add_to(&client, 1, "张@例子.测试");
	client_run_for(&client, 2);
	client_expect(&client, 0, SMTP_SENT, 250);
	client_expect(&client, 1, SMTP_SENT, 250);
	client_part(&client, &peer);
	peer_clear(&peer);
}
END_TEST

/* What is refused here never reaches the wire. */
START_TEST(what_smtp_cannot_carry)
{
	static const char *const bad[] = {
	    "a@b\r\nRCPT TO:<x@y>", "a\n@b.example",         "a\r@b.example",
	    "a\t@b.example",        "a\x1b@b.example",       "a\x7f@b.example",
	    "a@b.example>\r\nDATA", "\xe5\xbc@firm.example", "a@b.example ORCPT=x",
	    "a b@firm.example",     "<a@firm.example>",
	};
	static const struct step steps[] = {
	    OPEN(EHLO_ALL), {HEAR, "QUIT"}, {SAY, "221 bye\r\n"}, {END, NULL}};
	struct smtp_letter letter = {.text = client_texts[0], .size = strlen(client_texts[0])};
	struct client client;
	struct smtp_result result;
	struct peer peer;

	client_meet(&client, &peer, steps, (struct smtp_options){0});
	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		letter.from = "rhj@office.example";
		letter.to = bad[i];
		smtp_add(client.smtp, &letter);
		ck_assert(smtp_next_result(client.smtp, &result));
		ck_assert_int_eq(result.outcome, SMTP_FAILED);
		ck_assert(!result.answer.about_sender && !result.in_window);
		letter.from = bad[i];
		letter.to = "zhang@firm.example";
		smtp_add(client.smtp, &letter);
		ck_assert(smtp_next_result(client.smtp, &result));
		ck_assert_int_eq(result.outcome, SMTP_DEFERRED);
		ck_assert(result.answer.about_sender);
	}
	client_say_goodbye(&client);
	client_part(&client, &peer);
	peer_clear(&peer);
}
END_TEST

/* An id that xtext does not allow, or a long one, is left out instead of written. */
START_TEST(an_envelope_id_adds_no_line)
{
	static const struct step steps[] = {
	    OPEN(EHLO_ALL), ENVELOPE, {SAY, GO}, {BODY, NULL}, {SAY, "250 ok\r\n"}, {END, NULL}};
	g_autofree char *endless = g_strnfill(3000, 'x');
	const char *ids[] = {"a\r\nRSET", "a b", "a=b", "", "评", endless};
	struct smtp_letter letter = {.from = "rhj@office.example",
				     .to = "zhang@firm.example",
				     .text = client_texts[0],
				     .size = strlen(client_texts[0]),
				     .envelope_id = ids[_i]};
	struct client client;
	struct peer peer;

	client_meet(&client, &peer, steps, (struct smtp_options){0});
	smtp_add(client.smtp, &letter);
	client_run_for(&client, 1);
	ck_assert_int_eq(client.result[0].outcome, SMTP_SENT);
	client_part(&client, &peer);
	ck_assert(strstr(peer.heard->str, "MAIL FROM:<rhj@office.example> SIZE=19\r\n") != NULL);
	peer_clear(&peer);
}
END_TEST

START_TEST(too_large_is_refused_here)
{
	static const struct step steps[] = {OPEN("250-peer\r\n250-SIZE 18\r\n250 PIPELINING\r\n"),
					    {HEAR, "QUIT"},
					    {SAY, "221 bye\r\n"},
					    {END, NULL}};
	struct client client;
	struct peer peer;

	client_meet(&client, &peer, steps, (struct smtp_options){0});
	client_add(&client, 0, 0); /* 19 bytes */
	client_run_for(&client, 1);
	client_expect(&client, 0, SMTP_FAILED, 0);
	ck_assert(strstr(client.result[0].answer.words, "SIZE") != NULL);
	client_say_goodbye(&client);
	client_part(&client, &peer);
	peer_clear(&peer);
}
END_TEST

/* --- login --- */

START_TEST(logins_as_the_server_sees_them)
{
	static const struct {
		const char *login;
		const char *offer;
		const char *seen;
	} cases[] = {
	    {"plain", "250-peer\r\n250 AUTH LOGIN PLAIN XOAUTH2\r\n", "AUTH PLAIN |rhj|geheim"},
	    {"login", "250-peer\r\n250 AUTH LOGIN PLAIN XOAUTH2\r\n", "AUTH LOGIN rhj geheim"},
	    {"xoauth2", "250-peer\r\n250 AUTH LOGIN PLAIN XOAUTH2\r\n",
	     "AUTH XOAUTH2 user=rhj|auth=Bearer geheim||"},
	    {"", "250-peer\r\n250 AUTH LOGIN\r\n", "AUTH LOGIN rhj geheim"},
	    {"auto", "250-peer\r\n250 AUTH PLAIN\r\n", "AUTH PLAIN |rhj|geheim"},
	    {NULL, "250-peer\r\n250 AUTH PLAIN\r\n", "AUTH PLAIN |rhj|geheim"},
	};
	const struct step steps[] = {
	    {SAY, "220 peer\r\n"},          {HEAR, "EHLO"}, {SAY, cases[_i].offer}, {LOGIN, NULL},
	    {SAY, "235 2.7.0 welcome\r\n"}, {HEAR, "EHLO"}, {SAY, cases[_i].offer}, {HEAR, "QUIT"},
	    {SAY, "221 bye\r\n"},           {END, NULL}};
	struct client client;
	struct peer peer;

	client_meet(
	    &client, &peer, steps,
	    (struct smtp_options){.user = "rhj", .password = "geheim", .login = cases[_i].login});
	ck_assert(smtp_offers(client.smtp)->login);
	client_say_goodbye(&client);
	client_part(&client, &peer);
	ck_assert_str_eq(peer.login, cases[_i].seen);
	peer_clear(&peer);
}
END_TEST

/* It is not tried another way than was set, and the password is not told. */
START_TEST(a_refused_login)
{
	static const struct {
		const char *login;
		const char *offer;
		const char *answer; /* NULL: it does not come to that */
		enum pingyi_error error;
	} cases[] = {
	    {"plain", "250-peer\r\n250 AUTH PLAIN\r\n", "535 5.7.8 wrong\r\n",
	     PINGYI_ERROR_PERMANENT},
	    {"xoauth2", "250-peer\r\n250 AUTH XOAUTH2\r\n", "535 5.7.8 wrong\r\n",
	     PINGYI_ERROR_PERMANENT},
	    {"plain", "250-peer\r\n250 AUTH PLAIN\r\n", "454 4.7.0 later\r\n",
	     PINGYI_ERROR_TEMPORARY},
	    {"xoauth2", "250-peer\r\n250 AUTH LOGIN PLAIN\r\n", NULL, PINGYI_ERROR_PERMANENT},
	    {"plain", "250-peer\r\n250 AUTH LOGIN\r\n", NULL, PINGYI_ERROR_PERMANENT},
	    {NULL, "250 peer\r\n", NULL, PINGYI_ERROR_PERMANENT},
	};
	const struct step refused[] = {{SAY, "220 peer\r\n"},
				       {HEAR, "EHLO"},
				       {SAY, cases[_i].offer},
				       {LOGIN, NULL},
				       {SAY, cases[_i].answer ? cases[_i].answer : ""},
				       {END, NULL}};
	const struct step open[] = {OPEN(cases[_i].offer), {END, NULL}};
	const struct step stays[] = {
	    {SAY, "220 peer\r\n"}, {HEAR, "EHLO"}, {SAY, cases[_i].offer}, {END, NULL}};
	struct client client;
	struct peer peer;

	peer_start(&peer, cases[_i].answer ? refused : cases[_i].login ? stays : open);
	client_start(
	    &client, &peer,
	    (struct smtp_options){.user = "rhj", .password = "geheim", .login = cases[_i].login});
	client_run_until_over(&client);
	ck_assert_msg(client.error &&
			  g_error_matches(client.error, PINGYI_ERROR, (int)cases[_i].error),
		      "%s", client.error ? client.error->message : "no error");
	ck_assert(strstr(client.error->message, "geheim") == NULL);
	client_part(&client, &peer);
	ck_assert(cases[_i].answer || strstr(peer.heard->str, "AUTH") == NULL);
	peer_clear(&peer);
}
END_TEST

/* --- large letters --- */

START_TEST(a_large_letter_arrives)
{
	static const struct step steps[] = {OPEN(EHLO_ALL),
					    {HEAR, "MAIL"},
					    {HEAR, "RCPT"},
					    {HEAR, "DATA"},
					    {SAY, GO},
					    {BODY, NULL},
					    {SAY, "250 2.0.0 queued\r\n"},
					    ENVELOPE,
					    {SAY, GO},
					    {BODY, NULL},
					    {SAY, "250 2.0.0 queued\r\n"},
					    {END, NULL}};
	g_autofree char *big = client_big_text();
	struct client client;
	struct peer peer;
	const char *data;

	client_meet(&client, &peer, steps, (struct smtp_options){0});
	client.patience_ms = 3000; /* it is told when there is room */
	client_add_big(&client, big, strlen(big));
	/* the next envelope waits until it has left */
	ck_assert(!smtp_has_room(client.smtp));
	client_run_for(&client, 1);
	client_add(&client, 1, 1);
	client_run_for(&client, 2);
	ck_assert_int_eq(client.result[0].outcome, SMTP_SENT);
	ck_assert_int_eq(client.result[1].outcome, SMTP_SENT);
	client_part(&client, &peer);
	data = strstr(peer.heard->str, "DATA\r\n");
	ck_assert_ptr_nonnull(data);
	ck_assert(strncmp(data + 6, big, strlen(big)) == 0);
	ck_assert(strncmp(data + 6 + strlen(big), ".\r\n", 3) == 0);
	peer_clear(&peer);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("smtp_envelope");
	TCase *tc = tcase_create("session");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, extensions_only_where_offered, 0, 4);
	tcase_add_test(tc, addresses_beyond_ascii);
	tcase_add_test(tc, what_smtp_cannot_carry);
	tcase_add_loop_test(tc, an_envelope_id_adds_no_line, 0, 6);
	tcase_add_test(tc, too_large_is_refused_here);
	tcase_add_loop_test(tc, logins_as_the_server_sees_them, 0, 6);
	tcase_add_loop_test(tc, a_refused_login, 0, 6);
	tcase_add_test(tc, a_large_letter_arrives);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
