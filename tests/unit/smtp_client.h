#pragma once

/*
 * A session that waits for nothing (mailer/smtp.h), driven by a test beside a peer of ours
 * (smtp_peer.h): what becomes of each letter is kept in the order in which it was told.
 */
#include "mailer/smtp.h"
#include "tests/unit/smtp_peer.h"

#define CLIENT_LETTERS 8

struct client {
	struct smtp *smtp;
	GError *error;
	gboolean over;
	gboolean commits; /* as soon as there is a result */
	int patience_ms;  /* how long it waits where smtp_socket() says so */
	guint results;
	struct smtp_result result[CLIENT_LETTERS];
};

/* The letters that client_add() sends. */
extern const char *const client_texts[4];

/* Connects to the peer; what `options` leave out is set for a test. */
void client_start(struct client *client, const struct peer *peer, struct smtp_options options);

/* Starts the peer too, and goes on until the session is open. */
void client_meet(struct client *client, struct peer *peer, const struct step *steps,
		 struct smtp_options options);

/* Closes the session and waits for the peer's end (peer_stop()): what each has told and heard
 * stays, the peer's until peer_clear(). */
void client_part(struct client *client, struct peer *peer);

/* Until there are so many results or the session has ended. */
void client_run_for(struct client *client, guint results);
void client_run_until_over(struct client *client);
void client_run_until_open(struct client *client);

/* Goes on for a time in which nothing should happen. */
void client_run_ms(struct client *client, guint ms);

/* QUIT, without an error. */
void client_say_goodbye(struct client *client);

/* Adds letters from `first` on, one when there is room for it, until `last` is in. */
void client_add(struct client *client, guint first, guint last);
void client_add_to(struct client *client, guint i, const char *to);

/* One of CLIENT_BIG bytes, which must live until it has left. */
#define CLIENT_BIG 5000000
char *client_big_text(void);
void client_add_big(struct client *client, const char *text, gsize size);

void client_expect(const struct client *client, guint i, enum smtp_outcome outcome, int code);

/* --- what peers say --- */

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
