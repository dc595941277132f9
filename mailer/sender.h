#pragma once

/*
 * Inside of sending: what is known while it goes on. For send.c (the turns and the ledger),
 * sender.c (how it begins and ends), sender_mail.c (what becomes of each mail) and sender_last.c
 * (until when it is tried).
 */
#include "mailer/drafts.h"
#include "mailer/gate.h"
#include "mailer/lane.h"
#include "mailer/send.h"

#define SENDER_RELAYS 2
#define SENDER_ROW    3 /* domains that refuse one behind the other: then it is about us */

/* What a stop of sending is for. */
enum ending { GOING_ON, STOPPED, FAILED };

struct sender {
	struct office *office;
	const struct send_options *options;
	struct send_count *count;
	GDateTime *start;
	gint64 started; /* monotonic, µs */
	GDateTime *now; /* the caller's clock, to the second */
	gint64 passed;  /* seconds since the start that `now` is */
	struct gate *gate;
	guint brake_percent;
	struct relay *relays[SENDER_RELAYS];
	struct lanes *lanes[SENDER_RELAYS]; /* kept to the end: mails point into them */
	guint using;
	gint64 switched; /* monotonic, µs */
	struct ledger *ledger;
	struct drafts *drafts;
	struct pace *pace;
	/* A relay rests as a domain does: until it has taken a letter again each rest is longer,
	 * also for the next sender. */
	struct pace_domain *rest[SENDER_RELAYS];
	const struct pace_domain *row[SENDER_ROW]; /* refused since a letter was taken last … */
	guint in_row;                              /* … by so many domains */
	struct brake brake;
	GHashTable *ends;    /* round -> gint64, Unix time: when its letters go out no more */
	GQueue ready;        /* of struct mail: in hand, not given */
	GPtrArray *ended;    /* of struct mail: to be noted */
	GPtrArray *noting;   /* … and being so */
	guint taken;         /* mails that were given, of options->limit */
	gboolean dry;        /* nothing more is due */
	gboolean again;      /* but for what has come back since the last claim began */
	gboolean limited;    /* some domain takes so many at once */
	gint64 capped_until; /* s, as `passed`: when mails come again that wait for their domain; 0:
				none */
	gint64 claimed;      /* monotonic, µs */
	gint64 looped;
	gboolean unsure; /* it slept: until the lease is renewed nothing may leave */
	enum ending ending;
	GError *why;
	gboolean brake_on;
	gint64 looked;
};

/* --- sender.c --- */

/* Reads the settings and what the last tries were, and begins (ledger_open()). What is there
 * already when it fails is cleared by sender_clear(). */
gboolean sender_init(struct sender *s, struct db *db, GError **error);
void sender_clear(struct sender *s);

/* Whether the settings that sending needs are right; PINGYI_ERROR_INPUT names the wrong one. What
 * sender_init() finds as well, for who wants to know before anything is asked. */
gboolean sender_check_settings(struct office *office, GError **error);

/* Sets `now`. */
void sender_tick(struct sender *s);

/* Nothing more is given; what is in hand goes back. The first reason, `why` (transfer full), is
 * what is told. */
void sender_end(struct sender *s, enum ending ending, GError *why);

gboolean sender_is_paused(const struct sender *s);

/* Whether options->limit allows another mail. */
gboolean sender_within_limit(const struct sender *s);

/* --- sender_mail.c --- */

/* Mails that were just taken in hand. */
void sender_take_all(struct sender *s, GPtrArray *claimed);

/* Gives what may leave to the connections that have room. */
void sender_give(struct sender *s);

/* Says what comes next for the mails of s->ended from `from` on, which `relay` said something
 * about. */
void sender_collect(struct sender *s, guint relay, guint from);

/* The relay refuses us, or rests, `why` (taken). There may be a second one, through which it is
 * tried at once; what is still under way in the first follows then. FALSE when sending ends by it.
 */
gboolean sender_turn_from(struct sender *s, guint relay, GError **why);

/* The relay to begin with. FALSE when all of them rest, with PINGYI_ERROR_TEMPORARY. */
gboolean sender_choose_relay(struct sender *s, GError **error);

/* Whether an outcome, as the ledger has it or NULL, is `name`. */
gboolean outcome_is(const char *outcome, const char *name);

/* --- sender_last.c --- */

/* Asks, once for each round, when the letters and reminders of the round go out no more. For a mail
 * that was just taken in hand; the database is there. */
gboolean sender_learn_end(struct sender *s, const struct mail *mail, GError **error);

/* Asks again for all rounds, for one may have been closed; the database is there. */
gboolean sender_learn_ends(struct sender *s, GError **error);

/* Whether the round of a first letter or reminder has had its last day, or was closed. */
gboolean sender_is_over(const struct sender *s, const struct mail *mail);

/* Whether `seconds` from now are too late for another try: five days after the first one, or when
 * its round is over. */
gboolean sender_is_last_try(const struct sender *s, const struct mail *mail, gint64 seconds);

/* It has failed, for its last day is over; `code` (0: none) and `words` (or NULL) were the last
 * answer. */
void sender_give_up(struct mail *mail, int code, const char *words);
