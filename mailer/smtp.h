#pragma once

/*
 * One SMTP session (RFC 5321) over base/wire.h: letters go out one after the other, each to one
 * recipient. The answer to a letter is known, or known to be unknown, before the next one begins.
 */
#include <glib.h>

struct smtp;

struct smtp_options {
	const char *url;      /* smtp://host:port or smtps://host:port */
	const char *user;     /* NULL or "": no login */
	const char *password; /* may be NULL when there is no user */
	gboolean starttls;    /* required with smtp:// */
	const char *ca_file;  /* NULL or "": whom the system trusts */
	guint open_ms;        /* 0: 30 s */
	guint answer_ms;      /* 0: 5 min, and 10 min for the answer to a whole letter (4.5.3.2) */
};

enum smtp_outcome {
	SMTP_SENT,     /* 2yz: the relay has it */
	SMTP_DEFERRED, /* try again later: 4yz, or lost before the last byte left */
	SMTP_FAILED,   /* 5yz: trying again will not help */
	SMTP_DOUBTFUL, /* lost after the last byte: the relay may have it */
};

#define SMTP_WORDS_MAX 500 /* bytes, without the NUL */

struct smtp_answer {
	int code; /* 250, 451, 550 …; 0 when there was none */
	/* The server's words (or ours without a code) as one line of UTF-8, without addresses. */
	char words[SMTP_WORDS_MAX + 1];
	/* The refusal is about us (sender, login, our rate), not about this letter: the others
	 * would fare the same. The outcome is SMTP_DEFERRED then, even with a 5yz. */
	gboolean about_sender;
};

/* Opens a session, logged in and greeted. Errors as those of wire_open(); also
 * PINGYI_ERROR_PERMANENT when there is a user and the server offers no login.
 * Returns: (transfer full) */
struct smtp *smtp_open(const struct smtp_options *options, GError **error);

/*
 * Sends `message` (lines end with LF, CR LF or CR) from the envelope sender `from` ("" is the empty
 * one) to `recipient`. Addresses are bare ("a@example.org"), UTF-8; an address that SMTP cannot
 * carry is SMTP_FAILED without a code. `answer_out` is always filled. After a refusal the session
 * can go on.
 */
enum smtp_outcome smtp_send(struct smtp *smtp, const char *from, const char *recipient,
			    GBytes *message, struct smtp_answer *answer_out);

/* Whether another letter can be sent; when not, only smtp_close() is left to do, and a new session
 * may be opened. */
gboolean smtp_usable(const struct smtp *smtp);

/* Says QUIT where that is possible and closes; NULL is fine. */
void smtp_close(struct smtp *smtp);

typedef struct smtp smtp_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(smtp_handle, smtp_close)
