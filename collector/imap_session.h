#pragma once

/* What the files of an IMAP session (imap.h) share: one command, and all that answers it. */
#include "base/wire.h"
#include "collector/imap.h"
#include "collector/imap_text.h"

#define IMAP_SMALL_LITERALS (1u << 20) /* bytes in all, where no message was asked for */

struct imap {
	struct wire *wire;
	char *host;
	char *mailbox;
	guint tag;
	guint command_ms;
	gboolean examine; /* nothing may change */
	gboolean can_move, can_idle, can_expunge_some;
	/* of the mailbox that is open: */
	gboolean read_only;  /* no flag can be set */
	gboolean can_delete; /* \Deleted is a flag that lasts, as far as the server tells */
	gboolean has_copied; /* IMAP_COPIED stands at some message */
	guint64 messages;    /* that the mailbox holds, as the server told last … */
	gboolean news;       /* … and whether that grew */
	char idle_tag[8];
	gboolean broken; /* nothing more can be said; a mere refusal does not break it */
};

/* The keyword of a message that was copied elsewhere, but could not be marked as deleted. */
#define IMAP_COPIED "pingyi-copied"

/* What a command may get back, and who looks at it. */
struct imap_exchange {
	gsize max_each, max_total; /* bytes of literals */
	gsize texts, literals;     /* bytes so far */
	gint64 until;              /* monotonic, µs; each literal's bytes put it off */
	/* Sees each untagged response, and the last one. */
	gboolean (*see)(void *user, const struct imap_text_response *response, GError **error);
	/* Sees a literal before it is read, and takes it itself where `taken_out` says so; then it
	 * is missing in the response. May be NULL. */
	gboolean (*take)(struct imap *imap, void *user, guint64 size,
			 const struct imap_text_response *response, gboolean *taken_out,
			 GError **error);
	void *user;
};

/* One command, without its tag. `exchange` may be NULL: what comes is of no interest. */
gboolean imap_run(struct imap *imap, const char *command, struct imap_exchange *exchange,
		  GError **error);

/* Reads all that answers the command with `tag`. */
gboolean imap_read_until(struct imap *imap, const char *tag, struct imap_exchange *exchange,
			 GError **error);

/* "* 12 EXISTS", "* 3 EXPUNGE": how many messages there are now. */
void imap_count(struct imap *imap, const char *text);

/* The error of a server that sends what nobody asked for; and of one that takes too long. Both
 * return FALSE. */
gboolean imap_fail_bounds(GError **error);
gboolean imap_fail_late(GError **error);
