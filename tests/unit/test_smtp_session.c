/* The session that waits for nothing, beside peers of our own that follow a script: what is said in
 * what order, and what becomes of each letter. */
#include "base/error.h"
#include "tests/unit/smtp_client.h"

#include <check.h>
#include <string.h>

START_TEST(one_round_trip_a_letter)
{
	static const struct step steps[] = {OPEN(EHLO_PIPE),
					    ENVELOPE,
					    {SAY, GO},
					    {BODY, NULL},
					    ENVELOPE,
					    {SAY, "250 2.0.0 queued 1\r\n" GO},
					    {BODY, NULL},
					    ENVELOPE,
					    {SAY, "250 2.0.0 queued 2\r\n" GO},
					    {BODY, NULL},
					    {SAY, "250 2.0.0 queued 3\r\n"},
					    {HEAR, "QUIT"},
					    {SAY, "221 bye\r\n"},
					    {END, NULL}};
	struct client client;
	struct peer peer;

	client_meet(&client, &peer, steps, (struct smtp_options){0});
	client_add(&client, 0, 2);
	client_run_for(&client, 3);
	client_say_goodbye(&client);
	client_part(&client, &peer);
	for (guint i = 0; i < 3; i++) {
		client_expect(&client, i, SMTP_SENT, 250);
		ck_assert(client.result[i].in_window);
	}
	ck_assert_str_eq(client.result[1].answer.words, "2.0.0 queued 2");
	ck_assert_msg(peer_heard_together(&peer, "one\r\n.\r\n", "DATA\r\n"), "%s",
		      peer.heard->str);
	ck_assert(peer_heard_together(&peer, "two\r\n.\r\n", "DATA\r\n"));
	/* two greetings, an envelope, three letters, the end */
	ck_assert_uint_eq(peer.turns, 2 + 1 + 3 + 1);
	ck_assert(strstr(peer.heard->str, "RSET") == NULL);
	peer_clear(&peer);
}
END_TEST

/* So many letters leave whole before the first is committed; of the next one all but the end. */
START_TEST(window_holds_the_next_end_back)
{
	static const struct step steps[] = {
	    OPEN(EHLO_PIPE),       ENVELOPE,     {SAY, GO}, {BODY, NULL},          ENVELOPE,
	    {SAY, "250 1\r\n" GO}, {BODY, NULL}, ENVELOPE,  {SAY, "250 2\r\n" GO}, {BODY, NULL},
	    {SAY, "250 3\r\n"},    {END, NULL}};
	guint window = (guint)_i;
	struct client client;
	struct peer peer;

	client_meet(&client, &peer, steps, (struct smtp_options){.window = window});
	client.commits = FALSE;
	client_add(&client, 0, 2);
	client_run_for(&client, window);
	client_run_ms(&client, 150);
	ck_assert_uint_eq(client.results, window);
	ck_assert(peer_has_heard(&peer, window == 1 ? "one\r\n.\r\n" : "two\r\n.\r\n"));
	ck_assert(peer_has_heard(&peer, window == 1 ? "two\r\n" : "three\r\n"));
	ck_assert(!peer_has_heard(&peer, window == 1 ? "two\r\n." : "three\r\n."));
	smtp_commit(client.smtp);
	client_run_for(&client, window + 1);
	ck_assert(peer_has_heard(&peer, window == 1 ? "two\r\n.\r\n" : "three\r\n.\r\n"));
	client.commits = TRUE;
	smtp_commit(client.smtp);
	client_run_for(&client, 3);
	client_expect(&client, 2, SMTP_SENT, 250);
	client_part(&client, &peer);
	peer_clear(&peer);
}
END_TEST

/* While it waits for a commit it waits for no server: its time does not run. */
START_TEST(a_late_commit_is_no_late_answer)
{
	static const struct step steps[] = {
	    OPEN(EHLO_PIPE),       ENVELOPE,     {SAY, GO},          {BODY, NULL}, ENVELOPE,
	    {SAY, "250 1\r\n" GO}, {BODY, NULL}, {SAY, "250 2\r\n"}, {END, NULL}};
	struct client client;
	struct peer peer;

	client_meet(&client, &peer, steps, (struct smtp_options){.answer_ms = 150});
	client.commits = FALSE;
	client_add(&client, 0, 1);
	client_run_for(&client, 1);
	client_run_ms(&client, 400);
	ck_assert(!client.over);
	smtp_commit(client.smtp);
	client_run_for(&client, 2);
	client_expect(&client, 1, SMTP_SENT, 250);
	client_part(&client, &peer);
	peer_clear(&peer);
}
END_TEST

START_TEST(without_pipelining_step_by_step)
{
	static const struct step steps[] = {OPEN(EHLO_NONE),
					    {HEAR, "MAIL FROM:<rhj@office.example>"},
					    {QUIET, NULL},
					    {SAY, "250 ok\r\n"},
					    {HEAR, "RCPT TO:<zhang@firm.example>"},
					    {QUIET, NULL},
					    {SAY, "550 5.1.1 no\r\n"},
					    {HEAR, "RSET"},
					    {QUIET, NULL},
					    {SAY, "250 ok\r\n"},
					    {HEAR, "MAIL"},
					    {QUIET, NULL},
					    {SAY, "250 ok\r\n"},
					    {HEAR, "RCPT"},
					    {SAY, "250 ok\r\n"},
					    {HEAR, "DATA"},
					    {QUIET, NULL},
					    {SAY, "354 go\r\n"},
					    {BODY, NULL},
					    {QUIET, NULL},
					    {SAY, "250 ok\r\n"},
					    {HEAR, "MAIL"},
					    {SAY, "250 ok\r\n"},
					    {HEAR, "RCPT"},
					    {SAY, "250 ok\r\n"},
					    {HEAR, "DATA"},
					    {SAY, "354 go\r\n"},
					    {BODY, NULL},
					    {SAY, "451 4.3.0 later\r\n"},
					    {END, NULL}};
	struct client client;
	struct peer peer;

	client_meet(&client, &peer, steps, (struct smtp_options){0});
	client_add(&client, 0, 2);
	client_run_for(&client, 3);
	client_expect(&client, 0, SMTP_FAILED, 550);
	ck_assert(!client.result[0].in_window);
	client_expect(&client, 1, SMTP_SENT, 250);
	client_expect(&client, 2, SMTP_DEFERRED, 451);
	client_part(&client, &peer);
	peer_clear(&peer);
}
END_TEST

/* --- refusals --- */

/* What is said to a refused recipient; the connection goes on, and the answer to an empty end
 * counts for nothing. */
static const struct {
	const char *answers;
	gboolean empty_end;
	int code;
	enum smtp_outcome outcome;
} refusals[] = {
    {"250 ok\r\n550 5.1.1 no\r\n554 5.5.1 no valid recipients\r\n", FALSE, 550, SMTP_FAILED},
    {"250 ok\r\n550 5.1.1 no\r\n354 go\r\n", TRUE, 550, SMTP_FAILED},
    {"250 ok\r\n450 4.2.0 greylisted\r\n354 go\r\n", TRUE, 450, SMTP_DEFERRED},
    {"553 5.7.1 not yours\r\n503 5.5.1 MAIL first\r\n503 5.5.1 RCPT first\r\n", FALSE, 553,
     SMTP_DEFERRED},
    {"452 4.3.1 full\r\n503 5.5.1 MAIL first\r\n354 go\r\n", TRUE, 452, SMTP_DEFERRED},
};

START_TEST(after_a_refusal_it_goes_on)
{
	const struct step refused[] = {
	    OPEN(EHLO_PIPE),
	    ENVELOPE,
	    {SAY, refusals[_i].answers},
	    {refusals[_i].empty_end ? HEAR : SAY, refusals[_i].empty_end ? "." : ""},
	    {SAY, refusals[_i].empty_end ? "250 2.0.0 queued\r\n" : ""},
	    {HEAR, "RSET"},
	    ENVELOPE,
	    {SAY, "250 2.0.0 ok\r\n" GO},
	    {BODY, NULL},
	    {SAY, "250 2.0.0 queued\r\n"},
	    {END, NULL}};
	struct client client;
	struct peer peer;

	client_meet(&client, &peer, refused, (struct smtp_options){0});
	client_add(&client, 0, 1);
	client_run_for(&client, 2);
	client_expect(&client, 0, refusals[_i].outcome, refusals[_i].code);
	ck_assert(!client.result[0].in_window);
	client_expect(&client, 1, SMTP_SENT, 250);
	client_part(&client, &peer);
	ck_assert(strstr(peer.heard->str, "one\r\n") == NULL);
	peer_clear(&peer);
}
END_TEST

START_TEST(about_whom_a_refusal_is)
{
	static const struct {
		const char *answers;
		gboolean sender;
		gboolean domain;
		gboolean relay;
		enum smtp_outcome outcome;
	} cases[] = {
	    {"250 ok\r\n450 4.2.1 mailbox busy\r\n503 x\r\n", FALSE, FALSE, FALSE, SMTP_DEFERRED},
	    {"250 ok\r\n450 4.7.1 try later\r\n503 x\r\n", FALSE, TRUE, FALSE, SMTP_DEFERRED},
	    {"250 ok\r\n451 4.7.1 Greylisted\r\n503 x\r\n", FALSE, FALSE, FALSE, SMTP_DEFERRED},
	    {"250 ok\r\n550 Domain frequency limited\r\n503 x\r\n", FALSE, TRUE, FALSE,
	     SMTP_DEFERRED},
	    {"250 ok\r\n550 5.1.1 no\r\n503 x\r\n", FALSE, FALSE, FALSE, SMTP_FAILED},
	    {"250 ok\r\n530 5.7.0 login\r\n503 x\r\n", TRUE, FALSE, FALSE, SMTP_DEFERRED},
	    {"550 5.7.1 not yours\r\n503 x\r\n503 x\r\n", TRUE, FALSE, FALSE, SMTP_DEFERRED},
	    /* it closes: that says nothing about the domain */
	    {"250 ok\r\n421 4.3.2 shutting down\r\n", FALSE, FALSE, FALSE, SMTP_DEFERRED},
	    /* the relay itself wants a rest */
	    {"451 later\r\n503 x\r\n503 x\r\n", FALSE, FALSE, TRUE, SMTP_DEFERRED},
	    {"452 4.3.1 no room\r\n503 x\r\n503 x\r\n", FALSE, FALSE, TRUE, SMTP_DEFERRED},
	    {"550 Domain frequency limited\r\n503 x\r\n503 x\r\n", FALSE, FALSE, TRUE,
	     SMTP_DEFERRED},
	    {"421 HL:IFC too many\r\n", FALSE, FALSE, TRUE, SMTP_DEFERRED},
	    {"250 ok\r\n421 HL:IFC too many\r\n", FALSE, FALSE, TRUE, SMTP_DEFERRED},
	    {"250 ok\r\n452 4.3.1 no room\r\n503 x\r\n", FALSE, FALSE, TRUE, SMTP_DEFERRED},
	    {"250 ok\r\n250 ok\r\n451 4.3.0 later\r\n", FALSE, FALSE, TRUE, SMTP_DEFERRED},
	    {"450 MI:DMC enough\r\n", FALSE, FALSE, TRUE, SMTP_DEFERRED},
	};
	const struct step steps[] = {
	    OPEN(EHLO_PIPE), ENVELOPE, {SAY, cases[_i].answers}, {END, NULL}};
	struct client client;
	struct peer peer;

	if ((guint)_i >= G_N_ELEMENTS(cases))
		return;
	client_meet(&client, &peer, steps, (struct smtp_options){0});
	client_add(&client, 0, 0);
	client_run_for(&client, 1);
	ck_assert_int_eq(client.result[0].outcome, cases[_i].outcome);
	ck_assert_int_eq(client.result[0].answer.about_sender, cases[_i].sender);
	ck_assert_int_eq(client.result[0].answer.about_domain, cases[_i].domain);
	ck_assert_int_eq(client.result[0].answer.about_relay, cases[_i].relay);
	client_part(&client, &peer);
	peer_clear(&peer);
}
END_TEST

/* A connection that has carried enough costs the letter behind no try: NetEase has a code of its
 * own for it. */
START_TEST(enough_for_a_connection)
{
	static const char *const answers[] = {"421 4.7.0 enough\r\n", "450 MI:DMC enough\r\n"};
	const struct step steps[] = {OPEN(EHLO_PIPE),
				     ENVELOPE,
				     {SAY, GO},
				     {BODY, NULL},
				     {SAY, "250 2.0.0 queued\r\n"},
				     ENVELOPE,
				     {SAY, answers[_i]},
				     {END, NULL}};
	struct client client;
	struct peer peer;

	client_meet(&client, &peer, steps, (struct smtp_options){.window = 2});
	client.commits = TRUE;
	client_add(&client, 0, 1);
	client_run_until_over(&client);
	client_expect(&client, 0, SMTP_SENT, 250);
	client_expect(&client, 1, SMTP_UNTRIED, 0);
	ck_assert(strstr(client.error->message, "enough") != NULL);
	client_part(&client, &peer);
	peer_clear(&peer);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("smtp_session");
	TCase *tc = tcase_create("session");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, one_round_trip_a_letter);
	tcase_add_loop_test(tc, window_holds_the_next_end_back, 1, 3);
	tcase_add_test(tc, a_late_commit_is_no_late_answer);
	tcase_add_test(tc, without_pipelining_step_by_step);
	tcase_add_loop_test(tc, after_a_refusal_it_goes_on, 0, G_N_ELEMENTS(refusals));
	tcase_add_loop_test(tc, enough_for_a_connection, 0, 2);
	tcase_add_loop_test(tc, about_whom_a_refusal_is, 0, 16);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
