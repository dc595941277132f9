#pragma once

/*
 * Sending what is due: letters, reminders, replies, digests, notices, from one thread over many
 * connections. Mails are taken in hand some dozens at a time; how they ended is committed for all
 * connections that have an answer at once, and a connection's next letter does not leave whole
 * before. So of a sender that dies, `window` letters a connection may arrive twice at most, with
 * the same Message-ID, and the ledger calls the earlier try doubtful.
 */
#include "db/office.h"

#include <signal.h>

struct send_count {
	guint sent;
	guint deferred; /* tried again later */
	guint failed;   /* will never work */
	guint doubtful;
	guint cancelled; /* reminders to who has answered meanwhile */
};

guint send_count_all(const struct send_count *count);

struct send_options {
	guint limit;       /* mails; 0: all that are due */
	gboolean any_hour; /* also outside [mail] hours */
	/* Set by signals: `stop` lets what is under way end and puts the rest back; while `pause`
	 * is set nothing new leaves. Both may be NULL. */
	const volatile sig_atomic_t *stop;
	const volatile sig_atomic_t *pause;
	void (*progress)(void *user, const struct send_count *count); /* may be NULL */
	void *user;
};

/*
 * Whether mail may leave now: PINGYI_ERROR_STATE says why not (the gate is closed, outside the
 * hours, a link that points to this machine would leave it).
 */
gboolean send_may(struct office *office, struct db *db, GDateTime *now, gboolean any_hour,
		  GError **error);

/*
 * Sends all that is due at `now`, over a connection as "worker"; the clock goes on from there.
 * FALSE when there was no way (the destination or the database is away, the relay refuses us
 * whatever the letter, too many letters were refused for good: the gate is closed then); what was
 * sent until then is counted and recorded.
 */
gboolean send_due(struct office *office, struct db *db, GDateTime *now,
		  const struct send_options *options, struct send_count *count, GError **error);

/* The destination as people may see it, with the second relay where there is one.
 * Returns: (transfer full) */
char *send_destination(struct office *office);
