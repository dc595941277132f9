#include "tests/unit/smtp_client.h"

#include <check.h>
#include <poll.h>
#include <string.h>

#define RUN_US 8000000

void client_start(struct client *client, const struct peer *peer, struct smtp_options options)
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
		ck_assert_uint_lt(client->results, CLIENT_LETTERS);
		client->result[client->results++] = result;
		if (result.in_window && client->commits)
			smtp_commit(client->smtp);
	}
}

static void client_step(struct client *client)
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

void client_run_for(struct client *client, guint results)
{
	gint64 until = g_get_monotonic_time() + RUN_US;

	while (client->results < results && !client->over) {
		ck_assert_msg(g_get_monotonic_time() < until, "it does not come to an end");
		client_step(client);
	}
}

void client_run_until_over(struct client *client)
{
	client_run_for(client, CLIENT_LETTERS + 1);
}

void client_run_ms(struct client *client, guint ms)
{
	gint64 until = g_get_monotonic_time() + (gint64)ms * 1000;

	while (g_get_monotonic_time() < until && !client->over)
		client_step(client);
}

void client_run_until_open(struct client *client)
{
	gint64 until = g_get_monotonic_time() + RUN_US;

	while (!smtp_is_open(client->smtp)) {
		ck_assert_msg(!client->over, "%s", client->error ? client->error->message : "");
		ck_assert(g_get_monotonic_time() < until);
		client_step(client);
	}
}

void client_say_goodbye(struct client *client)
{
	smtp_quit(client->smtp);
	client_run_until_over(client);
	ck_assert_msg(!client->error, "%s", client->error ? client->error->message : "");
}

void client_meet(struct client *client, struct peer *peer, const struct step *steps,
		 struct smtp_options options)
{
	peer_start(peer, steps);
	client_start(client, peer, options);
	client_run_until_open(client);
}

void client_part(struct client *client, struct peer *peer)
{
	smtp_free(client->smtp);
	g_clear_error(&client->error);
	peer_stop(peer);
}

const char *const client_texts[] = {"Subject: 1\r\n\r\none\r\n", "Subject: 2\r\n\r\ntwo\r\n",
				    "Subject: 3\r\n\r\nthree\r\n", "Subject: 4\r\n\r\nfour\r\n"};

void client_add_to(struct client *client, guint i, const char *to)
{
	struct smtp_letter letter = {.from = "rhj@office.example",
				     .to = to,
				     .envelope_id = "PY-22222222",
				     .text = client_texts[i],
				     .size = strlen(client_texts[i]),
				     .user = GUINT_TO_POINTER(i)};

	smtp_add(client->smtp, &letter);
}

void client_add(struct client *client, guint first, guint last)
{
	gint64 until = g_get_monotonic_time() + RUN_US;

	for (guint i = first; i <= last; i++) {
		while (!smtp_has_room(client->smtp)) {
			ck_assert(g_get_monotonic_time() < until && !client->over);
			client_step(client);
		}
		client_add_to(client, i, "zhang@firm.example");
	}
}

void client_expect(const struct client *client, guint i, enum smtp_outcome outcome, int code)
{
	ck_assert_uint_lt(i, client->results);
	ck_assert_msg(client->result[i].outcome == outcome, "letter %u: outcome %d, not %d (%s)", i,
		      client->result[i].outcome, outcome, client->result[i].answer.words);
	ck_assert_int_eq(client->result[i].answer.code, code);
	ck_assert_uint_eq(GPOINTER_TO_UINT(client->result[i].user), i);
}

void client_add_big(struct client *client, const char *text, gsize size)
{
	struct smtp_letter letter = {
	    .from = "rhj@office.example", .to = "zhang@firm.example", .text = text, .size = size};

	smtp_add(client->smtp, &letter);
}

char *client_big_text(void)
{
	GString *text = g_string_new("Subject: big\r\n\r\n");

	while (text->len < CLIENT_BIG)
		g_string_append_printf(text, "%07" G_GSIZE_FORMAT " abcdefghijklmnopqrstuvwxyz\r\n",
				       text->len);
	return g_string_free(text, FALSE);
}
