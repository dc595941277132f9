#pragma once

/* What IMAP needs of texts. Pure. */
#include <glib.h>

/* A mailbox's name (UTF-8) as a quoted string in modified UTF-7 (RFC 3501, 5.1.3).
 * Returns: (transfer full) */
char *imap_text_mailbox(const char *name);

/* A set of UIDs, rising, as "1:4,7". Returns: (transfer full) */
char *imap_text_set(const guint32 *uids, guint count);

/* A number of digits alone, up to `max`; FALSE otherwise. `end_out` may be NULL. */
gboolean imap_text_number(const char *text, guint64 max, guint64 *number_out, const char **end_out);

/* Whether a line ends by announcing a literal, and of how many bytes. */
gboolean imap_text_literal(const char *line, gsize length, guint64 *size_out);

/* One response: its lines joined, with {n} where a literal stood. */
struct imap_text_response {
	GString *text;
	GPtrArray *literals; /* of GBytes, NULL for one that was too large and is not here */
};

/* What a FETCH response says about one message. */
struct imap_text_fetched {
	gboolean has_uid, has_size, has_body;
	guint32 uid;
	guint64 size;
	GBytes *body; /* (transfer full) NULL: was too large */
};

/* Whether it is a FETCH response, perhaps a damaged one. */
gboolean imap_text_is_fetch(const struct imap_text_response *response);

/* Whether the literal that a FETCH response announces at its end, so far, is the body of the
 * message `uid`, or of one that it has not named yet. */
gboolean imap_text_is_body(const struct imap_text_response *response, guint32 uid);

/* Understands "* n FETCH (…)"; FALSE when it is none, or damaged. */
gboolean imap_text_fetch(const struct imap_text_response *response,
			 struct imap_text_fetched *fetched_out);
