#pragma once

/*
 * The sender's side of the ledger (tables sender, mailing, attempt): takes mails in hand, records
 * how they ended, both in one commit and while letters go on leaving. A sender has a lease; what
 * one held that died is buried by the next: it may have arrived, and is due again.
 *
 * Where the database goes away, the ledger connects anew and records again; what was recorded
 * already is told by no longer being held.
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

/* For what else is asked of the database between commits. NULL while it is away. */
struct db *ledger_db(struct ledger *ledger);

/*
 * Begins a commit: `ended` (of struct mail, borrowed until the commit has ended) are recorded, and
 * up to `want` more taken in hand. Not while another one is under way. FALSE with an error that
 * connecting anew does not mend.
 */
gboolean ledger_begin(struct ledger *ledger, GPtrArray *ended, guint want, GDateTime *now,
		      GError **error);

gboolean ledger_is_busy(const struct ledger *ledger);

/* The socket of the commit under way; -1 while the database is away. */
int ledger_socket(const struct ledger *ledger);

/*
 * Goes on with the commit under way, without waiting. Once it has ended `done_out` is TRUE and
 * `claimed_out` (NULL when none were wanted) gets the mails, an empty array when nothing more is
 * due. PINGYI_ERROR_STATE: others took us for dead, nothing more may leave.
 */
gboolean ledger_poll(struct ledger *ledger, GDateTime *now, gboolean *done_out,
		     GPtrArray **claimed_out, GError **error);

/* Asks for what a mail of this kind has besides; between commits. */
gboolean ledger_ask_more(struct ledger *ledger, struct mail *mail, GDateTime *now, GError **error);

/* Keeps the lease, `surely` also where that is not due yet; between commits. Where the database is
 * away it is looked for, at most as long as by ledger_poll(). PINGYI_ERROR_STATE as there. */
gboolean ledger_renew(struct ledger *ledger, gboolean surely, GDateTime *now, GError **error);

/* Something else that was asked through ledger_db() has failed. TRUE, and the error is gone, when
 * the database is away and will be looked for; it is to be asked again later. */
gboolean ledger_forgives(struct ledger *ledger, GError **error);

/* Whether the last commit's answer was lost with the database: it may have taken mails in hand that
 * nobody knows of. ledger_let_go() puts them back; nothing else may be in hand. */
gboolean ledger_holds_unknown(const struct ledger *ledger);
gboolean ledger_let_go(struct ledger *ledger, GError **error);

/* Ends. What is `under_way` still may arrive and is recorded as doubtful; otherwise nothing is in
 * hand any more. NULL is fine. */
void ledger_close(struct ledger *ledger, gboolean under_way, GDateTime *now);
