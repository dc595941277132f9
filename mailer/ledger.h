#pragma once

/*
 * The sender's side of the ledger (tables sender, journal, mailing, attempt): takes mails in hand
 * and writes down how they ended, while letters go on leaving. How some ended is noted first, one
 * row of the journal a commit, which is all that their connections wait for; over another
 * connection the journal is entered in the ledger for many mails at once, and more are taken in
 * hand. A sender has a lease; what one held that died is entered, as far as it was noted, and
 * buried by the next: the rest may have arrived, and is due again.
 *
 * Where the database goes away, the ledger connects anew and sends again what was under way.
 */
#include "db/office.h"
#include "mailer/pace.h"
#include "mailer/smtp.h"

#define LEDGER_CLAIM_MAX 200 /* mails taken in hand at a time */

struct ledger;
struct claim;

/* What a claim says of a mail: columns of mailing_claim.sql … */
enum ledger_column {
	MAIL_ID,
	MAIL_DUE_AT,
	MAIL_KIND,
	MAIL_MESSAGE_ID,
	MAIL_RECIPIENT,
	MAIL_DOMAIN,
	MAIL_TRIES,
	MAIL_DOUBTS,
	MAIL_BURIALS, /* among the tries */
	MAIL_STATE,
	MAIL_NUMBER,
	MAIL_SECRET_TURN,
	MAIL_ROUND,
	MAIL_ENTERPRISE_ID,
	MAIL_ENTERPRISE,
	MAIL_CONTACT,
	MAIL_LETTER_DAY,
	MAIL_ADDRESS,  /* that its enterprise has now */
	MAIL_CODE,     /* of the last try … */
	MAIL_WORDS,    /* … likewise */
	MAIL_DUE,      /* Unix time, as … */
	MAIL_TRIED,    /* … when it was tried first; NULL: not yet, at this address */
	MAIL_ANSWERED, /* "t": a first letter to be tried again that nobody waits for any more */
	/* … and, of all kinds but first letters, of mailing_more.sql */
	MAIL_TURN,
	MAIL_TURNS,
	MAIL_UNWANTED,
	MAIL_FIRST_ID,
	MAIL_FIRST_DAY,
	MAIL_OPINION,
	MAIL_ANSWER,
	MAIL_ANSWER_DAY,
	MAIL_NAME,
	MAIL_NOTICE_DAY,
	MAIL_FACTS
};

/* A mail in hand. */
struct mail {
	struct claim *claim; /* holds the row */
	guint row;
	struct db_rows *more; /* NULL: a first letter */
	GString *text;        /* composed; NULL before and afterwards */
	char *from;           /* its envelope sender; likewise */
	struct pace_domain *domain;
	gpointer lane; /* the session that has it or had it; NULL when that is gone */
	gboolean in_window;
	/* how it ended */
	const char *outcome; /* as the ledger has it; NULL: put back untried */
	struct smtp_answer answer;
	gint64 next_s; /* seconds from now until it is due again; 0: due as it was */
};

/* NULL and 0 for what its kind has not. */
const char *mail_text(const struct mail *mail, enum ledger_column column);
gint64 mail_int(const struct mail *mail, enum ledger_column column);
void mail_free(struct mail *mail);

/* Buries senders that are no more, over a connection as "worker": what they held is due again. */
gboolean ledger_bury(struct db *db, GDateTime *now, GError **error);

/* Buries the dead and begins to send through `relay` (as people see it). `db` is a connection as
 * "worker", used until ledger_close(). Returns: (transfer full) */
struct ledger *ledger_open(struct office *office, struct db *db, const char *relay, GDateTime *now,
			   GError **error);

/* For what else is asked of the database between turns. NULL while it is away. */
struct db *ledger_db(struct ledger *ledger);

/* Begins to note how mails ended: `ended` (of struct mail, some; borrowed until that is committed).
 * Not while it is being done. FALSE with an error that connecting anew does not mend. */
gboolean ledger_note(struct ledger *ledger, GPtrArray *ended, GDateTime *now, GError **error);
gboolean ledger_is_noting(const struct ledger *ledger);

/*
 * Begins a turn at the books: takes up to `want` more mails in hand, and enters what is noted where
 * `post` says so, nothing is wanted or enough of it is there. Not while it is being done. FALSE as
 * above.
 */
gboolean ledger_turn(struct ledger *ledger, guint want, gboolean post, GDateTime *now,
		     GError **error);
gboolean ledger_is_turning(const struct ledger *ledger);

/* Whether so much is noted, or for so long, that it should be entered although nothing is wanted.
 */
gboolean ledger_wants_turn(const struct ledger *ledger);

/* Whether all that is noted is entered. */
gboolean ledger_is_posted(const struct ledger *ledger);

/* The sockets of what is under way; -1 for nothing, and while the database is away. */
#define LEDGER_SOCKETS 2
void ledger_sockets(const struct ledger *ledger, int fds[LEDGER_SOCKETS]);

/*
 * Goes on with what is under way, without waiting. `noted_out`: what was being noted is committed.
 * `claimed_out` gets mails that were taken, an empty array when nothing more is due; NULL when none
 * were wanted or they are not there yet. PINGYI_ERROR_STATE: others took us for dead, nothing more
 * may leave.
 */
gboolean ledger_poll(struct ledger *ledger, GDateTime *now, gboolean *noted_out,
		     GPtrArray **claimed_out, GError **error);

/* A mail whose enterprise has another address now goes there once it is put back and taken again,
 * when `moved_out` is TRUE; between turns. */
gboolean ledger_readdress(struct ledger *ledger, const struct mail *mail, GDateTime *now,
			  gboolean *moved_out, GError **error);

/* Asks for what a mail of this kind has besides; between turns. */
gboolean ledger_ask_more(struct ledger *ledger, struct mail *mail, GDateTime *now, GError **error);

/* Keeps the lease, `surely` also where that is not due yet; between turns. Where the database is
 * away it is looked for, at most as long as by ledger_poll(). PINGYI_ERROR_STATE as there. */
gboolean ledger_renew(struct ledger *ledger, gboolean surely, GDateTime *now, GError **error);

/* Something else that was asked through ledger_db() has failed. TRUE, and the error is gone, when
 * the database is away and will be looked for; it is to be asked again later. */
gboolean ledger_forgives(struct ledger *ledger, GError **error);

/* Whether a turn's answer was lost with the database: it may have taken mails in hand that
 * nobody knows of. ledger_let_go() puts them back; nothing else may be in hand. */
gboolean ledger_holds_unknown(const struct ledger *ledger);
gboolean ledger_let_go(struct ledger *ledger, GError **error);

/* Ends. What is `under_way` still may arrive and is recorded as doubtful; otherwise nothing is in
 * hand any more. NULL is fine. */
void ledger_close(struct ledger *ledger, gboolean under_way, GDateTime *now);
