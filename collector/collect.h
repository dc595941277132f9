#pragma once

/* The stage "collect", once the bytes are stored (fetch.h): has messages read in a process of its
 * own and files each to its letter, or leaves it to a person. Can be run twice, killed at any
 * point, and run on several hosts at once. */
#include "db/db.h"

struct collect_count {
	guint filed;   /* became answers */
	guint noted;   /* bounces, receipts, auto-replies … */
	guint waiting; /* for a person */
	guint broken;  /* broke their reader */
};

/* Reads and files all stored messages. `db` is a connection as worker. */
gboolean collect_read(struct db *db, GDateTime *now, struct collect_count *count, GError **error);

/*
 * A person files a waiting message to a letter, or sets it aside (`number` NULL). `typed` (or NULL)
 * is what the message says, where only a person could read it: then it is taken instead of the
 * reader's words. PINGYI_ERROR_INPUT when it is needed and missing. `db` is a connection as staff.
 */
gboolean collect_settle(struct db *db, gint64 message, const char *number, const char *typed,
			gint64 account, GDateTime *now, GError **error);
