#pragma once

/*
 * Sending what is due: first letters of released rounds, and replies. Each mail is leased,
 * composed, handed to the destination, and its outcome committed before the next one leaves; so a
 * sender that dies leaves at most one mail of which nobody knows whether it arrived. That one is
 * sent again with the same Message-ID when its lease has run out, and the ledger calls the earlier
 * try doubtful.
 */
#include "db/office.h"

#define SEND_LEASE_S 2400 /* longer than all the waits for one mail: RFC 5321, 4.5.3.2 */

struct send_count {
	guint sent;
	guint deferred; /* tried again later */
	guint failed;   /* will never work */
	guint doubtful;
};

/* Called after each mail; may be NULL. */
typedef void send_progress(void *user, const struct send_count *count);

/* Sends all that is due at `now`, over a connection as "worker"; the clock goes on from there.
 * FALSE when the destination or the database is away, or the relay refuses us whatever the letter;
 * what was sent until then is counted and recorded. */
gboolean send_due(struct office *office, struct db *db, GDateTime *now, send_progress *progress,
		  void *user, struct send_count *count, GError **error);

/* The destination as people may see it: without a password. Returns: (transfer full) */
char *send_destination(struct office *office);
