#pragma once

/*
 * Sending what is due: first letters of released rounds, and replies. Each mail is leased,
 * composed, handed to the destination, and its outcome committed before the next one leaves; so a
 * sender that dies leaves at most one mail of which nobody knows whether it arrived. That one is
 * sent again with the same Message-ID when its lease has run out, and the ledger calls the earlier
 * try doubtful.
 */
#include "db/office.h"

#define SEND_LEASE_S 600 /* longer than the longest wait of RFC 5321 section 4.5.3.2 */

struct send_count {
	guint sent;
	guint deferred; /* tried again later */
	guint failed;   /* will never work */
	guint doubtful;
};

/* Called after each mail; may be NULL. */
typedef void send_progress(void *user, const struct send_count *count);

/* Sends all that is due at `now`, over a connection as "worker". FALSE when the destination or the
 * database is away; what was sent until then is counted and recorded. */
gboolean send_due(struct office *office, struct db *db, GDateTime *now, send_progress *progress,
		  void *user, struct send_count *count, GError **error);

/* The destination as people may see it: without a password. Returns: (transfer full) */
char *send_destination(struct office *office);
