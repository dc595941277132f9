/* The session that waits for nothing, beside peers of our own that follow a script: what is said in
 * what order, and what becomes of each letter when the other side does not keep to the rules. */
#include "base/error.h"
#include "mailer/smtp.h"
#include "tests/unit/smtp_peer.h"

#include <check.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define RUN_US    8000000
#define BIG_BYTES 5000000
#define LETTERS   8

/* --- the client --- */

struct client {
	struct smtp *smtp;
	GError *error;
	gboolean over;
	gboolean commits; /* as soon as there is a result */
	int patience_ms;  /* how long it waits where smtp_socket() says so */
	guint results;
	struct smtp_result result[LETTERS];
};

static void client_start(struct client *client, const struct peer *peer,
			 struct smtp_options options)
{
	g_autofree char *url = g_strdup_printf("smtp://127.0.0.1:%u", peer->port);

	memset(client, 0, sizeof(*client));
	client->commits = TRUE;
	client->patience_ms = 10;
	options.url = url;
	if (!options.open_ms)
		options.open_ms = 5000;
	if (!options.answer_ms)
		options.answer_ms = 5000;
	client->smtp = smtp_start(&options, NULL);
	ck_assert_ptr_nonnull(client->smtp);
}

static void take_results(struct client *client)
{
	struct smtp_result result;

	while (smtp_next_result(client->smtp, &result)) {
		ck_assert_uint_lt(client->results, LETTERS);
		client->result[client->results++] = result;
		if (result.in_window && client->commits)
			smtp_commit(client->smtp);
	}
}

static void step(struct client *client)
{
	gint64 deadline = 0;
	short events = 0;
	struct pollfd fd;

	if (!client->over)
		client->over = !smtp_work(client->smtp, TRUE, &client->error);
	take_results(client);
	if (client->over)
		return;
	fd.fd = smtp_socket(client->smtp, &events, &deadline);
	fd.events = events;
	if (fd.fd < 0)
		g_usleep(2000);
	else
		poll(&fd, 1, client->patience_ms);
}

/* Until there are so many results or the session has ended. */
static void run_for(struct client *client, guint results)
{
	gint64 until = g_get_monotonic_time() + RUN_US;

	while (client->results < results && !client->over) {
		ck_assert_msg(g_get_monotonic_time() < until, "it does not come to an end");
		step(client);
	}
}

static void run_until_over(struct client *client)
{
	run_for(client, LETTERS + 1);
}

/* Goes on for a time in which nothing should happen. */
static void run_ms(struct client *client, guint ms)
{
	gint64 until = g_get_monotonic_time() + (gint64)ms * 1000;

	while (g_get_monotonic_time() < until && !client->over)
		step(client);
}

static void run_until_open(struct client *client)
{
	gint64 until = g_get_monotonic_time() + RUN_US;

	while (!smtp_is_open(client->smtp)) {
		ck_assert_msg(!client->over, "%s", client->error ? client->error->message : "");
		ck_assert(g_get_monotonic_time() < until);
		step(client);
	}
}

static void say_goodbye(struct client *client)
{
	smtp_quit(client->smtp);
	run_until_over(client);
	ck_assert_msg(!client->error, "%s", client->error ? client->error->message : "");
}

static void client_clear(struct client *client)
{
	smtp_free(client->smtp);
	g_clear_error(&client->error);
}

static const char *const texts[] = {"Subject: 1\r\n\r\none\r\n", "Subject: 2\r\n\r\ntwo\r\n",
				    "Subject: 3\r\n\r\nthree\r\n", "Subject: 4\r\n\r\nfour\r\n"};

static void add_to(struct client *client, guint i, const char *to)
{
	struct smtp_letter letter = {.from = "rhj@office.example",
				     .to = to,
				     .envelope_id = "PY-22222222",
				     .text = texts[i],
				     .size = strlen(texts[i]),
				     .user = GUINT_TO_POINTER(i)};

	smtp_add(client->smtp, &letter);
}

/* Adds letters from `first` on, one when there is room for it, until `last` is in. */
static void add(struct client *client, guint first, guint last)
{
	gint64 until = g_get_monotonic_time() + RUN_US;

	for (guint i = first; i <= last; i++) {
		while (!smtp_has_room(client->smtp)) {
			ck_assert(g_get_monotonic_time() < until && !client->over);
			step(client);
		}
		add_to(client, i, "zhang@firm.example");
	}
}

static void expect_result(const struct client *client, guint i, enum smtp_outcome outcome, int code)
{
	ck_assert_uint_lt(i, client->results);
	ck_assert_msg(client->result[i].outcome == outcome, "letter %u: outcome %d, not %d (%s)", i,
		      client->result[i].outcome, outcome, client->result[i].answer.words);
	ck_assert_int_eq(client->result[i].answer.code, code);
	ck_assert_uint_eq(GPOINTER_TO_UINT(client->result[i].user), i);
}

#define EHLO_ALL                                                                                   \
	"250-peer\r\n250-8BITMIME\r\n250-DSN\r\n250-SMTPUTF8\r\n250-SIZE 6000000\r\n"              \
	"250 PIPELINING\r\n"
#define EHLO_PIPE "250-peer\r\n250 PIPELINING\r\n"
#define EHLO_NONE "250 peer\r\n"
/* libcurl greets, then we do. */
#define OPEN(ehlo)                                                                                 \
	{SAY, "220 peer\r\n"}, {HEAR, "EHLO"}, {SAY, ehlo}, {HEAR, "EHLO"},                        \
	{                                                                                          \
		SAY, ehlo                                                                          \
	}
#define ENVELOPE                                                                                   \
	{HEAR, "MAIL FROM:<rhj@office.example>"}, {HEAR, "RCPT TO:<zhang@firm.example>"},          \
	{                                                                                          \
		HEAR, "DATA"                                                                       \
	}
#define GO "250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go\r\n"

/* --- pipelining and the window --- */

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

	peer_start(&peer, steps);
	client_start(&client, &peer, (struct smtp_options){0});
	run_until_open(&client);
	add(&client, 0, 2);
	run_for(&client, 3);
	say_goodbye(&client);
	client_clear(&client);
	peer_stop(&peer);
	for (guint i = 0; i < 3; i++) {
		expect_result(&client, i, SMTP_SENT, 250);
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

	peer_start(&peer, steps);
	client_start(&client, &peer, (struct smtp_options){.window = window});
	client.commits = FALSE;
	run_until_open(&client);
	add(&client, 0, 2);
	run_for(&client, window);
	run_ms(&client, 150);
	ck_assert_uint_eq(client.results, window);
	ck_assert(peer_has_heard(&peer, window == 1 ? "one\r\n.\r\n" : "two\r\n.\r\n"));
	ck_assert(peer_has_heard(&peer, window == 1 ? "two\r\n" : "three\r\n"));
	ck_assert(!peer_has_heard(&peer, window == 1 ? "two\r\n." : "three\r\n."));
	smtp_commit(client.smtp);
	run_for(&client, window + 1);
	ck_assert(peer_has_heard(&peer, window == 1 ? "two\r\n.\r\n" : "three\r\n.\r\n"));
	client.commits = TRUE;
	smtp_commit(client.smtp);
	run_for(&client, 3);
	expect_result(&client, 2, SMTP_SENT, 250);
	client_clear(&client);
	peer_stop(&peer);
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

	peer_start(&peer, steps);
	client_start(&client, &peer, (struct smtp_options){.answer_ms = 150});
	client.commits = FALSE;
	run_until_open(&client);
	add(&client, 0, 1);
	run_for(&client, 1);
	run_ms(&client, 400);
	ck_assert(!client.over);
	smtp_commit(client.smtp);
	run_for(&client, 2);
	expect_result(&client, 1, SMTP_SENT, 250);
	client_clear(&client);
	peer_stop(&peer);
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

	peer_start(&peer, steps);
	client_start(&client, &peer, (struct smtp_options){0});
	run_until_open(&client);
	add(&client, 0, 2);
	run_for(&client, 3);
	expect_result(&client, 0, SMTP_FAILED, 550);
	ck_assert(!client.result[0].in_window);
	expect_result(&client, 1, SMTP_SENT, 250);
	expect_result(&client, 2, SMTP_DEFERRED, 451);
	client_clear(&client);
	peer_stop(&peer);
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

	peer_start(&peer, refused);
	client_start(&client, &peer, (struct smtp_options){0});
	run_until_open(&client);
	add(&client, 0, 1);
	run_for(&client, 2);
	expect_result(&client, 0, refusals[_i].outcome, refusals[_i].code);
	ck_assert(!client.result[0].in_window);
	expect_result(&client, 1, SMTP_SENT, 250);
	client_clear(&client);
	peer_stop(&peer);
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
		enum smtp_outcome outcome;
	} cases[] = {
	    {"250 ok\r\n450 4.2.1 mailbox busy\r\n503 x\r\n", FALSE, FALSE, SMTP_DEFERRED},
	    {"250 ok\r\n450 4.7.1 try later\r\n503 x\r\n", FALSE, TRUE, SMTP_DEFERRED},
	    {"250 ok\r\n550 Domain frequency limited\r\n503 x\r\n", FALSE, TRUE, SMTP_DEFERRED},
	    {"250 ok\r\n550 5.1.1 no\r\n503 x\r\n", FALSE, FALSE, SMTP_FAILED},
	    {"250 ok\r\n530 5.7.0 login\r\n503 x\r\n", TRUE, FALSE, SMTP_DEFERRED},
	    {"550 5.7.1 not yours\r\n503 x\r\n503 x\r\n", TRUE, FALSE, SMTP_DEFERRED},
	    {"451 4.3.0 later\r\n503 x\r\n503 x\r\n", FALSE, FALSE, SMTP_DEFERRED},
	    /* it closes: that says nothing about the domain */
	    {"250 ok\r\n421 4.3.2 shutting down\r\n", FALSE, FALSE, SMTP_DEFERRED},
	};
	const struct step steps[] = {
	    OPEN(EHLO_PIPE), ENVELOPE, {SAY, cases[_i].answers}, {END, NULL}};
	struct client client;
	struct peer peer;

	if ((guint)_i >= G_N_ELEMENTS(cases))
		return;
	peer_start(&peer, steps);
	client_start(&client, &peer, (struct smtp_options){0});
	run_until_open(&client);
	add(&client, 0, 0);
	run_for(&client, 1);
	ck_assert_int_eq(client.result[0].outcome, cases[_i].outcome);
	ck_assert_int_eq(client.result[0].answer.about_sender, cases[_i].sender);
	ck_assert_int_eq(client.result[0].answer.about_domain, cases[_i].domain);
	client_clear(&client);
	peer_stop(&peer);
	peer_clear(&peer);
}
END_TEST

/* --- what no server should do --- */

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

static void add_big(struct client *client, const char *text, gsize size)
{
	struct smtp_letter letter = {
	    .from = "rhj@office.example", .to = "zhang@firm.example", .text = text, .size = size};

	smtp_add(client->smtp, &letter);
}

static char *big_text(void)
{
	GString *text = g_string_new("Subject: big\r\n\r\n");

	while (text->len < BIG_BYTES)
		g_string_append_printf(text, "%07" G_GSIZE_FORMAT " abcdefghijklmnopqrstuvwxyz\r\n",
				       text->len);
	return g_string_free(text, FALSE);
}

START_TEST(each_fault_at_each_place)
{
	g_autofree struct step *steps = script_of(faults[_i].place, &faults[_i].wrong);
	g_autofree char *big = faults[_i].place == IN_BODY ? big_text() : NULL;
	gboolean opens = faults[_i].place >= AT_MAIL;
	struct client client;
	struct peer peer;

	peer_start(&peer, steps);
	client_start(&client, &peer,
		     (struct smtp_options){
			 .open_ms = opens ? 5000 : 500, .answer_ms = 400, .letter_ms = 2000});
	if (opens && faults[_i].place != IDLE) {
		run_until_open(&client);
		if (big)
			add_big(&client, big, strlen(big));
		else
			add(&client, 0, 1);
	}
	run_until_over(&client);
	ck_assert_msg(client.error &&
			  g_error_matches(client.error, PINGYI_ERROR, (int)faults[_i].error),
		      "%d: %s", _i, client.error ? client.error->message : "no error");
	ck_assert(!smtp_is_open(client.smtp));
	ck_assert(!smtp_has_room(client.smtp));
	ck_assert_uint_eq(smtp_letters(client.smtp), 0);
	if (opens && faults[_i].place != IDLE) {
		expect_result(&client, 0, faults[_i].outcome, faults[_i].code);
		ck_assert(faults[_i].code || strlen(client.result[0].answer.words) > 0);
		if (!big)
			expect_result(&client, 1, SMTP_UNTRIED, 0);
	}
	client_clear(&client);
	peer_stop(&peer);
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

	peer_start(&peer, steps);
	client_start(&client, &peer, (struct smtp_options){0});
	run_until_open(&client);
	add(&client, 0, 0);
	run_until_over(&client);
	expect_result(&client, 0, SMTP_SENT, 250);
	ck_assert_uint_eq(client.results, 1);
	ck_assert(g_error_matches(client.error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY));
	client_clear(&client);
	peer_stop(&peer);
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

	peer_start(&peer, steps);
	client_start(&client, &peer, (struct smtp_options){0});
	run_until_open(&client);
	add(&client, 0, 1);
	run_for(&client, 0);
	run_until_over(&client);
	expect_result(&client, 0, SMTP_SENT, 250);
	/* it has had enough of this connection, not of this letter */
	expect_result(&client, 1, SMTP_UNTRIED, 0);
	client_clear(&client);
	peer_stop(&peer);
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

	peer_start(&peer, steps);
	client_start(&client, &peer, (struct smtp_options){0});
	run_until_open(&client);
	add(&client, 0, 0);
	run_for(&client, 1);
	expect_result(&client, 0, SMTP_SENT, 250);
	client_clear(&client);
	peer_stop(&peer);
	peer_clear(&peer);
}
END_TEST

/* --- the envelope --- */

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

	peer_start(&peer, steps);
	client_start(&client, &peer, (struct smtp_options){0});
	run_until_open(&client);
	add(&client, 0, 0);
	run_for(&client, 1);
	expect_result(&client, 0, SMTP_SENT, 250);
	client_clear(&client);
	peer_stop(&peer);
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

	peer_start(&peer, steps);
	client_start(&client, &peer, (struct smtp_options){0});
	run_until_open(&client);
	add_to(&client, 0, "li@例子.测试");
	add_to(&client, 1, "张@例子.测试");
	run_for(&client, 2);
	expect_result(&client, 0, SMTP_SENT, 250);
	expect_result(&client, 1, SMTP_SENT, 250);
	client_clear(&client);
	peer_stop(&peer);
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
	struct smtp_letter letter = {.text = texts[0], .size = strlen(texts[0])};
	struct client client;
	struct smtp_result result;
	struct peer peer;

	peer_start(&peer, steps);
	client_start(&client, &peer, (struct smtp_options){0});
	run_until_open(&client);
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
	say_goodbye(&client);
	client_clear(&client);
	peer_stop(&peer);
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
				     .text = texts[0],
				     .size = strlen(texts[0]),
				     .envelope_id = ids[_i]};
	struct client client;
	struct peer peer;

	peer_start(&peer, steps);
	client_start(&client, &peer, (struct smtp_options){0});
	run_until_open(&client);
	smtp_add(client.smtp, &letter);
	run_for(&client, 1);
	ck_assert_int_eq(client.result[0].outcome, SMTP_SENT);
	client_clear(&client);
	peer_stop(&peer);
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

	peer_start(&peer, steps);
	client_start(&client, &peer, (struct smtp_options){0});
	run_until_open(&client);
	add(&client, 0, 0); /* 19 bytes */
	run_for(&client, 1);
	expect_result(&client, 0, SMTP_FAILED, 0);
	ck_assert(strstr(client.result[0].answer.words, "SIZE") != NULL);
	say_goodbye(&client);
	client_clear(&client);
	peer_stop(&peer);
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

	peer_start(&peer, steps);
	client_start(
	    &client, &peer,
	    (struct smtp_options){.user = "rhj", .password = "geheim", .login = cases[_i].login});
	run_until_open(&client);
	ck_assert(smtp_offers(client.smtp)->login);
	say_goodbye(&client);
	client_clear(&client);
	peer_stop(&peer);
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
	run_until_over(&client);
	ck_assert_msg(client.error &&
			  g_error_matches(client.error, PINGYI_ERROR, (int)cases[_i].error),
		      "%s", client.error ? client.error->message : "no error");
	ck_assert(strstr(client.error->message, "geheim") == NULL);
	client_clear(&client);
	peer_stop(&peer);
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
	g_autofree char *big = big_text();
	struct client client;
	struct peer peer;
	const char *data;

	peer_start(&peer, steps);
	client_start(&client, &peer, (struct smtp_options){0});
	run_until_open(&client);
	client.patience_ms = 3000; /* it is told when there is room */
	add_big(&client, big, strlen(big));
	/* the next envelope waits until it has left */
	ck_assert(!smtp_has_room(client.smtp));
	run_for(&client, 1);
	add(&client, 1, 1);
	run_for(&client, 2);
	ck_assert_int_eq(client.result[0].outcome, SMTP_SENT);
	ck_assert_int_eq(client.result[1].outcome, SMTP_SENT);
	client_clear(&client);
	peer_stop(&peer);
	data = strstr(peer.heard->str, "DATA\r\n");
	ck_assert_ptr_nonnull(data);
	ck_assert(strncmp(data + 6, big, strlen(big)) == 0);
	ck_assert(strncmp(data + 6 + strlen(big), ".\r\n", 3) == 0);
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
	tcase_add_loop_test(tc, about_whom_a_refusal_is, 0, 8);
	tcase_add_loop_test(tc, each_fault_at_each_place, 0, G_N_ELEMENTS(faults));
	tcase_add_test(tc, a_surplus_answer_closes);
	tcase_add_test(tc, an_answer_before_the_end_counts);
	tcase_add_test(tc, answers_in_single_bytes);
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
