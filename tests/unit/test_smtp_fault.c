/* What becomes of each letter when the other side does not keep to the rules. */
#include "base/error.h"
#include "tests/unit/smtp_client.h"

#include <check.h>
#include <string.h>

/* How far the peer follows before it goes wrong. */
enum place { AT_GREETING, AT_EHLO, AT_MAIL, AT_RCPT, AT_DATA, IN_BODY, AT_END, IDLE };

static const struct step greeting[] = {{END, NULL}};
static const struct step ehlo[] = {{SAY, "220 peer\r\n"}, {HEAR, "EHLO"}, {END, NULL}};
static const struct step mail[] = {OPEN(EHLO_PIPE), ENVELOPE, {END, NULL}};
static const struct step rcpt[] = {OPEN(EHLO_PIPE), ENVELOPE, {SAY, "250 ok\r\n"}, {END, NULL}};
static const struct step data_[] = {
    OPEN(EHLO_PIPE), ENVELOPE, {SAY, "250 ok\r\n250 ok\r\n"}, {END, NULL}};
static const struct step in_body[] = {
    OPEN(EHLO_PIPE), ENVELOPE, {SAY, GO}, {SOME, NULL}, {END, NULL}};
static const struct step at_end[] = {OPEN(EHLO_PIPE), ENVELOPE, {SAY, GO},
				     {BODY, NULL},    ENVELOPE, {END, NULL}};
static const struct step idle[] = {OPEN(EHLO_PIPE), {END, NULL}};
static const struct step *const places[] = {
    [AT_GREETING] = greeting, [AT_EHLO] = ehlo,    [AT_MAIL] = mail,  [AT_RCPT] = rcpt,
    [AT_DATA] = data_,        [IN_BODY] = in_body, [AT_END] = at_end, [IDLE] = idle,
};

static const struct {
	enum place place;
	struct step wrong;
	/* of the letter whose turn it is; the one behind it is always untried */
	enum smtp_outcome outcome;
	int code;
	enum pingyi_error error;
} faults[] = {
    {AT_GREETING, {SAY, "421 4.3.2 not now\r\n"}, SMTP_UNTRIED, 0, PINGYI_ERROR_TEMPORARY},
    {AT_GREETING, {SAY, "554 5.3.2 never\r\n"}, SMTP_UNTRIED, 0, PINGYI_ERROR_PERMANENT},
    {AT_GREETING, {GONE, NULL}, SMTP_UNTRIED, 0, PINGYI_ERROR_TEMPORARY},
    {AT_GREETING, {SAY, "rubbish\r\n"}, SMTP_UNTRIED, 0, PINGYI_ERROR_TEMPORARY},
    {AT_EHLO, {SAY, "421 4.3.2 not now\r\n"}, SMTP_UNTRIED, 0, PINGYI_ERROR_TEMPORARY},
    {AT_EHLO, {GONE, NULL}, SMTP_UNTRIED, 0, PINGYI_ERROR_TEMPORARY},
    {AT_MAIL, {SAY, "421 4.3.2 closing\r\n"}, SMTP_DEFERRED, 421, PINGYI_ERROR_TEMPORARY},
    {AT_MAIL, {GONE, NULL}, SMTP_DEFERRED, 0, PINGYI_ERROR_TEMPORARY},
    {AT_MAIL, {RESET, NULL}, SMTP_DEFERRED, 0, PINGYI_ERROR_TEMPORARY},
    {AT_MAIL, {END, NULL}, SMTP_DEFERRED, 0, PINGYI_ERROR_TEMPORARY},
    {AT_MAIL, {SAY, "rubbish\r\n"}, SMTP_DEFERRED, 0, PINGYI_ERROR_TEMPORARY},
    {AT_MAIL, {SAY, "25\r\n"}, SMTP_DEFERRED, 0, PINGYI_ERROR_TEMPORARY},
    {AT_MAIL, {SAY, "\r\n"}, SMTP_DEFERRED, 0, PINGYI_ERROR_TEMPORARY},
    {AT_MAIL, {SAY, "150 what\r\n"}, SMTP_DEFERRED, 0, PINGYI_ERROR_TEMPORARY},
    {AT_MAIL, {SAY, "650 what\r\n"}, SMTP_DEFERRED, 0, PINGYI_ERROR_TEMPORARY},
    {AT_MAIL, {SAY, "354 go\r\n"}, SMTP_DEFERRED, 0, PINGYI_ERROR_TEMPORARY},
    {AT_MAIL, {NUL, NULL}, SMTP_DEFERRED, 0, PINGYI_ERROR_PERMANENT},
    {AT_MAIL, {FLOOD, NULL}, SMTP_DEFERRED, 0, PINGYI_ERROR_TEMPORARY},
    {AT_MAIL, {LONG, NULL}, SMTP_DEFERRED, 0, PINGYI_ERROR_PERMANENT},
    {AT_RCPT, {SAY, "421 4.3.2 closing\r\n"}, SMTP_DEFERRED, 421, PINGYI_ERROR_TEMPORARY},
    {AT_RCPT, {GONE, NULL}, SMTP_DEFERRED, 0, PINGYI_ERROR_TEMPORARY},
    {AT_RCPT, {SAY, "\xff\xfe\x00\r\n"}, SMTP_DEFERRED, 0, PINGYI_ERROR_TEMPORARY},
    {AT_DATA, {SAY, "421 4.3.2 closing\r\n"}, SMTP_DEFERRED, 421, PINGYI_ERROR_TEMPORARY},
    {AT_DATA, {GONE, NULL}, SMTP_DEFERRED, 0, PINGYI_ERROR_TEMPORARY},
    /* consent to DATA that is none: the letter has not left, nor is it refused */
    {AT_DATA, {SAY, "250 ok\r\n"}, SMTP_DEFERRED, 0, PINGYI_ERROR_TEMPORARY},
    {AT_DATA, {SAY, "334 \r\n"}, SMTP_DEFERRED, 0, PINGYI_ERROR_TEMPORARY},
    {IN_BODY, {SAY, "421 4.3.2 closing\r\n"}, SMTP_DEFERRED, 421, PINGYI_ERROR_TEMPORARY},
    {IN_BODY, {GONE, NULL}, SMTP_DEFERRED, 0, PINGYI_ERROR_TEMPORARY},
    {IN_BODY, {RESET, NULL}, SMTP_DEFERRED, 0, PINGYI_ERROR_TEMPORARY},
    {IN_BODY, {SAY, "250 ok\r\n"}, SMTP_DEFERRED, 0, PINGYI_ERROR_TEMPORARY},
    {IN_BODY, {END, NULL}, SMTP_DOUBTFUL, 0, PINGYI_ERROR_TEMPORARY},
    {IN_BODY, {STUCK, NULL}, SMTP_DEFERRED, 0, PINGYI_ERROR_TEMPORARY},
    {IN_BODY, {SAY, "552 5.3.4 too big\r\n"}, SMTP_FAILED, 552, PINGYI_ERROR_TEMPORARY},
    {IN_BODY, {SAY, "451 4.3.1 full\r\n"}, SMTP_DEFERRED, 451, PINGYI_ERROR_TEMPORARY},
    {AT_END, {SAY, "421 4.3.2 closing\r\n"}, SMTP_DEFERRED, 421, PINGYI_ERROR_TEMPORARY},
    {AT_END, {SAY, "421\r\n"}, SMTP_DEFERRED, 421, PINGYI_ERROR_TEMPORARY},
    {AT_END, {GONE, NULL}, SMTP_DOUBTFUL, 0, PINGYI_ERROR_TEMPORARY},
    {AT_END, {RESET, NULL}, SMTP_DOUBTFUL, 0, PINGYI_ERROR_TEMPORARY},
    {AT_END, {END, NULL}, SMTP_DOUBTFUL, 0, PINGYI_ERROR_TEMPORARY},
    {AT_END, {SAY, "rubbish\r\n"}, SMTP_DOUBTFUL, 0, PINGYI_ERROR_TEMPORARY},
    {AT_END, {SAY, "250"}, SMTP_DOUBTFUL, 0, PINGYI_ERROR_TEMPORARY},
    {AT_END, {SAY, "354 go\r\n"}, SMTP_DOUBTFUL, 0, PINGYI_ERROR_TEMPORARY},
    {AT_END, {NUL, NULL}, SMTP_DOUBTFUL, 0, PINGYI_ERROR_PERMANENT},
    {AT_END, {FLOOD, NULL}, SMTP_DOUBTFUL, 0, PINGYI_ERROR_TEMPORARY},
    {AT_END, {LONG, NULL}, SMTP_DOUBTFUL, 0, PINGYI_ERROR_PERMANENT},
    {IDLE, {SAY, "421 4.4.2 idle for too long\r\n"}, SMTP_UNTRIED, 0, PINGYI_ERROR_TEMPORARY},
    {IDLE, {SAY, "250 a surplus one\r\n"}, SMTP_UNTRIED, 0, PINGYI_ERROR_TEMPORARY},
    {IDLE, {GONE, NULL}, SMTP_UNTRIED, 0, PINGYI_ERROR_TEMPORARY},
};

/* The script up to the place, then what is wrong. */
static struct step *script_of(enum place place, const struct step *wrong)
{
	GArray *steps = g_array_new(TRUE, TRUE, sizeof(struct step));

	for (const struct step *at = places[place]; at->act != END; at++)
		g_array_append_val(steps, *at);
	g_array_append_val(steps, *wrong);
	return (struct step *)(gpointer)g_array_free(steps, FALSE);
}

START_TEST(each_fault_at_each_place)
{
	g_autofree struct step *steps = script_of(faults[_i].place, &faults[_i].wrong);
	g_autofree char *big = faults[_i].place == IN_BODY ? client_big_text() : NULL;
	gboolean opens = faults[_i].place >= AT_MAIL;
	struct client client;
	struct peer peer;

	peer_start(&peer, steps);
	client_start(&client, &peer,
		     (struct smtp_options){
			 .open_ms = opens ? 5000 : 500, .answer_ms = 400, .letter_ms = 2000});
	if (opens && faults[_i].place != IDLE) {
		client_run_until_open(&client);
		if (big)
			client_add_big(&client, big, strlen(big));
		else
			client_add(&client, 0, 1);
	}
	client_run_until_over(&client);
	ck_assert_msg(client.error &&
			  g_error_matches(client.error, PINGYI_ERROR, (int)faults[_i].error),
		      "%d: %s", _i, client.error ? client.error->message : "no error");
	ck_assert(!smtp_is_open(client.smtp));
	ck_assert(!smtp_has_room(client.smtp));
	ck_assert_uint_eq(smtp_letters(client.smtp), 0);
	if (opens && faults[_i].place != IDLE) {
		client_expect(&client, 0, faults[_i].outcome, faults[_i].code);
		ck_assert(faults[_i].code || strlen(client.result[0].answer.words) > 0);
		if (!big)
			client_expect(&client, 1, SMTP_UNTRIED, 0);
	}
	client_part(&client, &peer);
	peer_clear(&peer);
}
END_TEST

/* The first letter's answer is there, and one more: the first is sent, the second is the victim. */
START_TEST(a_surplus_answer_closes)
{
	static const struct step steps[] = {OPEN(EHLO_PIPE),
					    ENVELOPE,
					    {SAY, GO},
					    {BODY, NULL},
					    {SAY, "250 2.0.0 queued\r\n250 2.0.0 what\r\n"},
					    {END, NULL}};
	struct client client;
	struct peer peer;

	client_meet(&client, &peer, steps, (struct smtp_options){0});
	client_add(&client, 0, 0);
	client_run_until_over(&client);
	client_expect(&client, 0, SMTP_SENT, 250);
	ck_assert_uint_eq(client.results, 1);
	ck_assert(g_error_matches(client.error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY));
	client_part(&client, &peer);
	peer_clear(&peer);
}
END_TEST

/* The answer has come and the connection is gone: what was said before counts. */
START_TEST(an_answer_before_the_end_counts)
{
	static const struct step steps[] = {OPEN(EHLO_PIPE), ENVELOPE,
					    {SAY, GO},       {BODY, NULL},
					    ENVELOPE,        {SAY, "250 2.0.0 queued\r\n"},
					    {GONE, NULL}};
	struct client client;
	struct peer peer;

	client_meet(&client, &peer, steps, (struct smtp_options){0});
	client_add(&client, 0, 1);
	client_run_for(&client, 0);
	client_run_until_over(&client);
	client_expect(&client, 0, SMTP_SENT, 250);
	/* it has had enough of this connection, not of this letter */
	client_expect(&client, 1, SMTP_UNTRIED, 0);
	client_part(&client, &peer);
	peer_clear(&peer);
}
END_TEST

START_TEST(answers_in_single_bytes)
{
	static const struct step steps[] = {{DRIP, "220 peer\r\n"},
					    {HEAR, "EHLO"},
					    {DRIP, EHLO_PIPE},
					    {HEAR, "EHLO"},
					    {DRIP, EHLO_PIPE},
					    ENVELOPE,
					    {DRIP, "250-2.1.0 well\r\n250-2.1.0 yes\r\n" GO},
					    {BODY, NULL},
					    {DRIP, "250-2.0.0 queued\r\n250 2.0.0 as 1\r\n"},
					    {END, NULL}};
	struct client client;
	struct peer peer;

	client_meet(&client, &peer, steps, (struct smtp_options){0});
	client_add(&client, 0, 0);
	client_run_for(&client, 1);
	client_expect(&client, 0, SMTP_SENT, 250);
	client_part(&client, &peer);
	peer_clear(&peer);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("smtp_fault");
	TCase *tc = tcase_create("session");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, each_fault_at_each_place, 0, G_N_ELEMENTS(faults));
	tcase_add_test(tc, a_surplus_answer_closes);
	tcase_add_test(tc, an_answer_before_the_end_counts);
	tcase_add_test(tc, answers_in_single_bytes);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
