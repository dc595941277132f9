#pragma once

/*
 * Inside of an SMTP session, for smtp.c (the session, and what is written) and smtp_answer.c (what
 * is read, and what becomes of letters).
 */
#include "base/wire.h"
#include "mailer/smtp.h"

#define HOST_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-."

/* What the next answer of the server is to. */
enum command { GREETING, MAIL, RCPT, DATA, BODY, EMPTY, RSET, QUIT };

/* A letter on its way. */
struct slot {
	struct smtp_letter letter;
	char *from;
	char *to;
	gboolean utf8;
	gboolean begun;   /* its envelope is being written */
	gboolean granted; /* 354: the body may go */
	gsize at;         /* of the body, queued so far */
	guint64
	    end; /* count of bytes written when its last one is; 0: not queued, perhaps held back */
	gint64 until; /* monotonic, µs: of the whole letter */
	int refused;  /* the code; 0: not refused */
	enum command refused_at;
	char *words; /* of the refusal */
};

struct expected {
	enum command command;
	struct slot *slot; /* NULL for greeting, RSET, QUIT */
};

struct smtp {
	struct wire *wire;
	gboolean open;
	gboolean login; /* there is a user */
	gboolean quitting;
	gboolean reset; /* RSET goes before the next envelope */
	gboolean taken; /* the server has taken a letter */
	struct smtp_offers offers;
	guint answer_ms, end_ms, letter_ms;
	guint window;
	guint uncommitted; /* letters behind their last byte, not committed */
	GQueue slots;      /* of struct slot, oldest first */
	GQueue expected;   /* of struct expected, in the order of the commands */
	GQueue results;    /* of struct smtp_result */
	gint64 since;      /* when the answer that is awaited now began to be */
	GByteArray *out;   /* to be written, from `written` on */
	gsize written;
	guint64 count; /* bytes written in all */
	guint64 queued;
	GString *text; /* of the answer that is coming */
	guint lines;
};

/* --- smtp.c --- */

/* Queues a command line; its answer will be to `command`, for `slot` (NULL: for no letter). */
void smtp_put_command(struct smtp *smtp, enum command command, struct slot *slot, const char *line);
void smtp_put_rcpt(struct smtp *smtp, struct slot *slot);

/* A letter's envelope, as much of it as may leave now; later commands of a server without
 * PIPELINING follow their answers. */
void smtp_begin(struct smtp *smtp, struct slot *slot);

/* --- smtp_answer.c --- */

/* Reads and takes the answers that have come. FALSE when the session cannot go on, without an error
 * after QUIT. */
gboolean smtp_read_answers(struct smtp *smtp, GError **error);

/* The result of a letter that never reached the wire; `words` are ours. */
void smtp_add_own_result(struct smtp *smtp, struct slot *slot, enum smtp_outcome outcome,
			 const char *words, gboolean about_sender);

/* The session is over, `why`: every letter gets its result. */
void smtp_settle(struct smtp *smtp, const char *why);

void smtp_slot_free(struct slot *slot);
