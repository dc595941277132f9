#pragma once

/*
 * A letter as mail, of every kind that leaves the office: the headers of an official letter that
 * nobody's out-of-office answers, a text and an HTML part from one template, the pictures that the
 * template shows, and attachments: the fill-in form with the letter's number on it, the round's
 * files, the enterprise's own. Pure: no database and no clock. A composer is made once a round and
 * kind and is constant, several threads may use it; what it writes into stands in a scratch of the
 * caller's.
 *
 * A message is ready for the wire: every line ends with CR LF, none has more than 78 characters
 * unless a single word (an address) is longer, all of it is 7-bit unless the address itself is not
 * (RFC 6531), and, since every body is base64, no line begins with a dot: after DATA it can go as
 * it is (RFC 5321, 4.5.2).
 *
 * Errors of a template name it and the line: PINGYI_ERROR_INPUT, "letter.xhtml:7: …".
 */
#include "db/office.h"
#include "db/round.h"

enum compose_kind {
	COMPOSE_LETTER,   /* the first one: the round's own template */
	COMPOSE_REMINDER, /* to who has not answered; in one thread with the first */
	COMPOSE_REPLY,    /* what became of an opinion */
	COMPOSE_DIGEST,   /* to a department: what waits for it */
	COMPOSE_NOTICE,   /* to a supervisor: what is overdue */
};

/* A file that goes with the mail. All borrowed. */
struct compose_attachment {
	const char *name; /* UTF-8, as people see it; made safe when it is written */
	const char *type; /* "application/pdf"; NULL: application/octet-stream */
	GBytes *content;
};

/* What is particular to one mail; all borrowed, text in UTF-8. Fields that a kind does not name may
 * be NULL or 0. */
struct compose_mail {
	const char *message_id; /* with <> */
	const char *recipient;  /* the address */
	const char *date;       /* YYYY-MM-DD, on the letter */
	const char *link;       /* the enterprise's private one; of a digest or notice the page */
	/* letter, reminder, reply */
	const char *number;
	const char *enterprise;
	const char *contact; /* or NULL */
	/* reminder */
	const char *first_message_id; /* of the letter it reminds of, with <>; NULL: not known */
	const char *first_date;       /* YYYY-MM-DD, on that letter; NULL: not said */
	guint turn;                   /* 1: the first reminder */
	guint turns;                  /* how many the round allows; 0: not said */
	/* reply */
	const char *opinion; /* what was said … */
	const char *answer;  /* … and what became of it */
	/* digest, notice */
	const char *name; /* the department's or the person's */
	guint to_sign;    /* items that wait to be signed for */
	guint working;    /* in work */
	guint due_today;
	guint due_soon; /* within 3 working days, today left out */
	guint overdue;
	const char *items; /* lines, see compose_item() */
	/* the enterprise's own */
	const struct compose_attachment *attachments;
	guint attachment_count;
};

struct composer;

/* Buffers and what is kept from one mail to the next; of one thread, for any composers. */
struct compose_scratch;

/*
 * `round` may be NULL for a digest or notice: these speak the office's language ([office]
 * language), a letter its round's. The `count` attachments go with every mail and are encoded here,
 * once; those that the template shows (<img src="cid:NAME"/>) become pictures in the HTML part. The
 * form is attached to letters and reminders of a round that has one. Returns: (transfer full) NULL
 * with PINGYI_ERROR_INPUT where the template, the configuration or an attachment is wrong; a
 * picture that is not among the attachments is named with its line.
 */
struct composer *composer_new(struct office *office, const struct round *round,
			      enum compose_kind kind, const struct compose_attachment *attachments,
			      guint count, GError **error);
void composer_free(struct composer *composer);

struct compose_scratch *compose_scratch_new(void);
void compose_scratch_free(struct compose_scratch *scratch);

/*
 * Appends the whole message to `out`; `now` becomes its Date, to the second. FALSE leaves `out` as
 * it was: PINGYI_ERROR_INPUT when the form or an attachment cannot be used or the letter would be
 * larger than VIEW_OUTPUT_MAX.
 */
gboolean composer_append(const struct composer *composer, const struct compose_mail *mail,
			 GDateTime *now, struct compose_scratch *scratch, GString *out,
			 GError **error);

/* The same as bytes of its own, for who composes one. Returns: (transfer full) */
GBytes *composer_message(const struct composer *composer, const struct compose_mail *mail,
			 GDateTime *now, GError **error);

/*
 * Appends an item's line to the `items` of a digest or notice: "第 12 件　某某局　2026-03-20 (周五)
 * 还剩 3 个工作日". `department` is NULL in a digest; `days_left` is in working days, below 0 when
 * overdue. Never who spoke, nor what was said.
 */
void compose_item(GString *items, gint64 id, const char *department, const char *due,
		  gint64 days_left, gboolean english);

typedef struct composer composer_handle;
typedef struct compose_scratch compose_scratch_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(composer_handle, composer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(compose_scratch_handle, compose_scratch_free)
