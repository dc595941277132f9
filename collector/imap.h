#pragma once

/*
 * An IMAP4rev1 session (RFC 3501) over base/wire.h: just what fetching needs. The server is not
 * trusted: lines, literals, their number and the time they may take are bounded, and what was not
 * asked for is ignored.
 *
 * Errors as those of wire_open(); PINGYI_ERROR_PERMANENT also where the server refuses a command,
 * with its words, and where it does not keep to the protocol or to the bounds. After an error the
 * session can only be closed.
 */
#include <glib.h>

#define IMAP_LINE_MAX (16u << 20) /* bytes: a line of SEARCH names 1.5 million messages */
#define IMAP_TEXT_MAX (64u << 20) /* bytes of all lines that answer one command */
#define IMAP_UIDS_MAX 4000000u    /* messages of a mailbox */

struct imap;

struct imap_options {
	const char *url; /* imap:// or imaps://, host, perhaps a port, perhaps the mailbox's path */
	const char *user;
	const char *password;
	gboolean starttls;   /* required with imap:// */
	gboolean read_only;  /* the mailbox is opened so that nothing can change (EXAMINE) */
	const char *ca_file; /* NULL or "": whom the system trusts */
	guint open_ms;       /* 0: 30 s */
	guint answer_ms;     /* for each line; 0: 60 s */
	guint command_ms;    /* for all that answers a command, besides literals; 0: half an hour */
};

/* Logs in and says who we are where the server asks (163 and others refuse SELECT without).
 * Returns: (transfer full) */
struct imap *imap_open(const struct imap_options *options, GError **error);

/* Says LOGOUT where that is possible and closes; NULL is fine. */
void imap_close(struct imap *imap);

/* The host of the URL; and its mailbox, INBOX when it names none. Owned by the session. */
const char *imap_host(const struct imap *imap);
const char *imap_mailbox(const struct imap *imap);

/* Opens the URL's mailbox. `read_only_out` tells that no flag can be set. */
gboolean imap_select(struct imap *imap, gint64 *uidvalidity_out, gboolean *read_only_out,
		     GError **error);

/* The UIDs of all messages, rising; where `left` says so without those that imap_move() has left
 * behind, and others that are marked as deleted.
 * Returns: (transfer full) an array of guint32. */
GArray *imap_uids(struct imap *imap, gboolean left, GError **error);

/* Compares two UIDs (guint32), to sort and to search. */
gint imap_by_uid(gconstpointer a, gconstpointer b);

/* Whether the last error was a refusal, after which the session goes on. */
gboolean imap_has_refused(const struct imap *imap);

/* The sizes in bytes as the server says them, 0 for a message that is gone meanwhile. */
gboolean imap_sizes(struct imap *imap, const guint32 *uids, guint count, guint64 *sizes_out,
		    GError **error);

/* Gets one message; `raw` is NULL when it is larger than the limit given. FALSE ends it all. */
typedef gboolean imap_taker(void *user, guint32 uid, GBytes *raw, GError **error);

/* Fetches messages, each at most once, without setting a flag; the order is the server's. All
 * literals together may hold `max_total` bytes, each at most `max_each`. */
gboolean imap_fetch(struct imap *imap, const guint32 *uids, guint count, gsize max_each,
		    gsize max_total, imap_taker *taker, void *user, GError **error);

/* Gets bytes of a message as they come. FALSE ends it all. */
typedef gboolean imap_flow(void *user, const guint8 *bytes, gsize size, GError **error);

/* Fetches one message of any size without holding it, the `first` bytes alone where that is not 0.
 * More than `max` bytes are an error. `came_out`: what flowed is that message; else, and after an
 * error, it is worth nothing. */
gboolean imap_fetch_one(struct imap *imap, guint32 uid, gsize first, guint64 max, imap_flow *flow,
			void *user, gboolean *came_out, GError **error);

/* Sets a flag ("\Seen"); `refused_out` tells that the server does not let us, which is no error. */
gboolean imap_mark(struct imap *imap, const guint32 *uids, guint count, const char *flag,
		   gboolean *refused_out, GError **error);

/* Moves messages to another folder (UTF-8), which is made where it is missing. A server without
 * MOVE (RFC 6851) copies them and marks them \Deleted; they vanish where it can let just these
 * vanish (UIDPLUS), else when somebody clears the mailbox. PINGYI_ERROR_PERMANENT, and the session
 * goes on (imap_has_refused()), where that may not be done: mostly nothing was copied then, and
 * what was is not found again by imap_uids(), unless the server refuses keywords too. */
gboolean imap_move(struct imap *imap, const guint32 *uids, guint count, const char *folder,
		   GError **error);

/* Waits for news of the mailbox without asking (IDLE, RFC 2177): `idle_out` is FALSE where the
 * server has no such thing. Until imap_idle_end() nothing but imap_idle_news() may be called. */
gboolean imap_idle(struct imap *imap, gboolean *idle_out, GError **error);

/* Whether messages came since it was asked last; does not wait. */
gboolean imap_idle_news(struct imap *imap, gboolean *news_out, GError **error);

/* Ends it; what came meanwhile is told by the next imap_idle_news(). */
gboolean imap_idle_end(struct imap *imap, GError **error);

typedef struct imap imap_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(imap_handle, imap_close)
