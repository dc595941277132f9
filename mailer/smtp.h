#pragma once

/*
 * SMTP sessions (RFC 5321) over base/wire.h: letters go out one behind the other, each to one
 * recipient. Where the server offers PIPELINING (RFC 2920) a letter's end and the next one's
 * envelope leave together: one round trip a letter. Nothing waits but smtp_open(), smtp_send() and
 * smtp_close(),
 * so one thread serves many sessions.
 *
 * What is known of a letter at any time is told apart exactly: before its last byte is given to the
 * system the server cannot have it; afterwards and without an answer nobody knows. No more than
 * `window` letters of a session are behind their last byte and not yet committed by the caller
 * (smtp_commit()): those are the ones that may arrive twice when the caller dies.
 */
#include <glib.h>

struct smtp;

struct smtp_options {
	const char *url;      /* smtp://host:port or smtps://host:port */
	const char *user;     /* NULL or "": no login */
	const char *password; /* may be NULL when there is no user */
	const char *login;    /* as struct wire_options has it */
	gboolean starttls;    /* required with smtp:// */
	const char *ca_file;  /* NULL or "": whom the system trusts */
	guint open_ms;        /* 0: 30 s */
	guint answer_ms;      /* 0: 5 min; twice as long for the answer to a letter (4.5.3.2) */
	guint letter_ms;      /* for one letter, from its envelope to its answer; 0: 30 min */
	guint window;         /* 0: 1 */
};

enum smtp_outcome {
	SMTP_SENT,     /* 2yz: the relay has it */
	SMTP_DEFERRED, /* try again later: 4yz, or lost before the last byte left */
	SMTP_FAILED,   /* 5yz: trying again will not help */
	SMTP_DOUBTFUL, /* lost after the last byte: the relay may have it */
	SMTP_UNTRIED,  /* the session ended before this letter's turn came, or between letters */
};

#define SMTP_WORDS_MAX 500 /* bytes, without the NUL */

struct smtp_answer {
	int code; /* 250, 451, 550 …; 0 when there was none */
	/* The server's words (or ours without a code) as one line of UTF-8, without addresses. */
	char words[SMTP_WORDS_MAX + 1];
	/* The refusal is about us (sender, login), not about this letter: the others would fare the
	 * same. The outcome is SMTP_DEFERRED then, even with a 5yz. */
	gboolean about_sender;
	/* The recipient's domain wants nothing for a while: 4yz that is not about the mailbox, or
	 * words about our rate, which mean "later" also behind a 5yz. */
	gboolean about_domain;
	/* The relay itself wants nothing for a while, whoever the recipient is: such a refusal
	 * before it knows one, or one about its own state (RFC 3463: x.3.z). Never together with
	 * the others. */
	gboolean about_relay;
};

/* What the server says of itself, and offers besides RFC 5321. */
struct smtp_offers {
	char name[256]; /* as it calls itself, "" when that is no host's name */
	char tls[16];   /* "TLSv1.3", "" without TLS */
	gboolean login;
	gboolean pipelining;
	gboolean size;
	guint64 size_max; /* bytes; 0: it names no limit */
	gboolean eight_bit;
	gboolean utf8;
	gboolean dsn;
};

/* A letter as it is given to a session; all borrowed until its result. Addresses are bare
 * ("a@example.org"), UTF-8; one that SMTP cannot carry never reaches the wire: SMTP_FAILED without
 * a code. */
struct smtp_letter {
	const char *from; /* the envelope sender; "" is the empty one */
	const char *to;
	const char *envelope_id; /* comes back in delivery reports (RFC 3461); NULL: none */
	/* As it follows DATA: lines end with CR LF, a dot at a line's begin is doubled, without the
	 * closing dot (smtp_text_stuff() makes that). */
	const void *text;
	gsize size;
	gboolean eight_bit; /* a byte above 127 is in it */
	gpointer user;
};

struct smtp_result {
	gpointer user;
	enum smtp_outcome outcome;
	struct smtp_answer answer; /* filled but for SMTP_UNTRIED */
	gboolean in_window;        /* its body has left: smtp_commit() is due */
};

/* Begins to open a session, logged in and greeted. Errors as those of wire_start().
 * Returns: (transfer full) */
struct smtp *smtp_start(const struct smtp_options *options, GError **error);

/*
 * Does whatever can be done without waiting: opens, reads answers where the socket is `readable`
 * (TRUE is never wrong), writes. FALSE when the session
 * has ended, with the reason (errors as those of wire_opened(); also PINGYI_ERROR_PERMANENT when
 * there is a user and the server offers no login; TEMPORARY when the server closes, is too slow, or
 * its answers do not fit the commands), and without one after smtp_quit(). All letters have their
 * results then.
 */
gboolean smtp_work(struct smtp *smtp, gboolean readable, GError **error);

/* Whether it is open: letters may be added. */
gboolean smtp_is_open(const struct smtp *smtp);

/* What to poll for: the socket and POLLIN, POLLOUT; -1 while it opens (then call smtp_work() every
 * few milliseconds). `deadline_out` gets when smtp_work() must be called at the latest (monotonic,
 * µs). */
int smtp_socket(const struct smtp *smtp, short *events_out, gint64 *deadline_out);

/* Whether something of a letter's body could be written now, for all before it was taken: all but
 * its end before the window has room for it. */
gboolean smtp_has_body(const struct smtp *smtp);

/* Whether another letter may be added now. */
gboolean smtp_has_room(const struct smtp *smtp);
void smtp_add(struct smtp *smtp, const struct smtp_letter *letter);
guint smtp_letters(const struct smtp *smtp); /* added and without a result */

/* The next result, in the order of the letters; FALSE when there is none. */
gboolean smtp_next_result(struct smtp *smtp, struct smtp_result *result_out);

/* A letter whose result was `in_window` is committed: the end of the next body may leave. */
void smtp_commit(struct smtp *smtp);

/* No more letters: says QUIT once the last has its answer; smtp_work() goes on until it ends. */
void smtp_quit(struct smtp *smtp);

const struct smtp_offers *smtp_offers(const struct smtp *smtp);

/* Closes at once: all letters have their results. */
void smtp_stop(struct smtp *smtp);

/* Closes at once; NULL is fine. */
void smtp_free(struct smtp *smtp);

/* --- one letter at a time, waiting --- */

/* Opens a session. Returns: (transfer full) */
struct smtp *smtp_open(const struct smtp_options *options, GError **error);

/* Sends `message` (lines end with LF, CR LF or CR). `answer_out` is always filled. After a refusal
 * the session can go on. */
enum smtp_outcome smtp_send(struct smtp *smtp, const char *from, const char *recipient,
			    GBytes *message, struct smtp_answer *answer_out);

/* Whether another letter can be sent; when not, only smtp_close() is left to do. */
gboolean smtp_usable(const struct smtp *smtp);

/* Says QUIT where that is possible and closes; NULL is fine. */
void smtp_close(struct smtp *smtp);

typedef struct smtp smtp_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(smtp_handle, smtp_close)
