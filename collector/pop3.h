#pragma once

/*
 * A POP3 session (RFC 1939) over base/wire.h: just what fetching needs. The server is not trusted:
 * lines, lists, messages and the time they may take are bounded.
 *
 * Errors as those of wire_open(); PINGYI_ERROR_PERMANENT also where the server refuses a command,
 * with its words, and where it does not keep to the protocol or to the bounds. After an error but
 * a refusal the session can only be closed.
 */
#include <glib.h>

#define POP3_LINE_MAX     4096u    /* bytes of an answer's line; messages have no limit of lines */
#define POP3_MESSAGES_MAX 1000000u /* messages of a mailbox */

struct pop3;

struct pop3_options {
	const char *url; /* pop3:// or pop3s://, host, perhaps a port */
	const char *user;
	const char *password;
	gboolean starttls;   /* STLS, required with pop3:// */
	const char *ca_file; /* NULL or "": whom the system trusts */
	guint answer_ms;     /* 0: 60 s */
};

/* A message as the server lists it. */
struct pop3_message {
	guint32 number; /* in this session */
	guint64 size;   /* as the server says */
	char *uidl;     /* lasts */
};

/* Logs in. Returns: (transfer full) */
struct pop3 *pop3_open(const struct pop3_options *options, GError **error);

/* Closes without QUIT: nothing is deleted. NULL is fine. */
void pop3_close(struct pop3 *pop3);

/* The host of the URL. Owned by the session. */
const char *pop3_host(const struct pop3 *pop3);

/* Whether the last error was that the server refused the command, and the session goes on. */
gboolean pop3_has_refused(const struct pop3 *pop3);

/* All messages. Returns: (transfer full) an array of struct pop3_message, by number. */
GArray *pop3_list(struct pop3 *pop3, GError **error);

/* Gets bytes of a message as they come. FALSE ends it all. */
typedef gboolean pop3_flow(void *user, const guint8 *bytes, gsize size, GError **error);

/* A message without POP3's marks, which is not held; what flowed before an error is worth nothing.
 * Far more than `max` bytes end the session. `head`: only its header and a few lines (TOP, which a
 * server may refuse). */
gboolean pop3_fetch(struct pop3 *pop3, guint32 number, gboolean head, guint64 max, pop3_flow *flow,
		    void *user, GError **error);

/* Marks a message as deleted; it is when pop3_quit() succeeds, not before. */
gboolean pop3_delete(struct pop3 *pop3, guint32 number, GError **error);

/* Says QUIT. */
gboolean pop3_quit(struct pop3 *pop3, GError **error);
