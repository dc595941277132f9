#pragma once

/* The stage "collect": fetches from every source, commits the raw bytes, then has them read in a
 * process of its own and files each to its letter, or leaves it to a person. Can be run twice,
 * killed at any point, and run on several hosts at once. */
#include "collector/source.h"
#include "db/office.h"

struct collect_count {
	guint stored;  /* new messages */
	guint known;   /* places that were known */
	guint skipped; /* too large: left where they are */
	guint filed;   /* became answers */
	guint noted;   /* bounces, receipts, auto-replies … */
	guint waiting; /* for a person */
	guint broken;  /* broke their reader */
};

/* One source; all but the URL is for mail servers alone. */
struct collect_source {
	/* maildir:PATH, mbox:PATH, imap(s)://HOST, pop3(s)://HOST, the path of a file,
	 * of a folder or of a .zip of .eml files */
	const char *url;
	const char *user;
	const char *password;
	gboolean starttls;   /* required with imap:// and pop3:// */
	const char *ca_file; /* NULL or "": whom the system trusts */
	const char *after;   /* "seen", "move FOLDER" … (source_after_read); NULL or "": seen */
};

/* Fetches from one source. */
gboolean collect_fetch(struct db *db, const struct collect_source *source, GDateTime *now,
		       struct collect_count *count, GError **error);

/* Fetches from every source of pingyi.conf; passwords are read from their files. */
gboolean collect_configured(struct office *office, struct db *db, GDateTime *now,
			    struct collect_count *count, GError **error);

/* Reads and files all stored messages. `db` is a connection as worker. */
gboolean collect_read(struct db *db, GDateTime *now, struct collect_count *count, GError **error);

/*
 * A person files a waiting message to a letter, or sets it aside (`number` NULL). `typed` (or NULL)
 * is what the message says, where only a person could read it: then it is taken instead of the
 * reader's words. PINGYI_ERROR_INPUT when it is needed and missing. `db` is a connection as staff.
 */
gboolean collect_settle(struct db *db, gint64 message, const char *number, const char *typed,
			gint64 account, GDateTime *now, GError **error);
