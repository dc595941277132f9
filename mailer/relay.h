#pragma once

/* Where mail leaves the house, as [mail] and [mail second] of pingyi.conf say: a relay or a
 * Maildir.
 */
#include "db/office.h"
#include "mailer/smtp.h"

#define RELAY_CONNECTIONS_MAX 100

struct relay {
	char *shown;   /* as people may see it: without what stands before an @ */
	char *maildir; /* absolute; NULL: it is a relay */
	char *url;
	char *user;
	char *password;
	char *login;
	char *ca_file;
	gboolean starttls;
	guint connections;
	guint window;
	guint answer_seconds; /* how long the server may take for an answer */
};

/* Reads the settings of `group`; nothing is opened. Without a destination "mail" is the Maildir
 * outbox, any other group is no relay: NULL without an error. PINGYI_ERROR_INPUT names the wrong
 * setting. Returns: (transfer full) */
struct relay *relay_new(struct office *office, const char *group, GError **error);
void relay_free(struct relay *relay);

/* Borrowed from `relay`. */
struct smtp_options relay_options(const struct relay *relay);

/* Whether the host of `url` is this machine to whoever opens it: a loopback address, however it is
 * written, "any" address, or a name of theirs. No name is looked up. */
gboolean relay_is_loopback(const char *url);

typedef struct relay relay_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(relay_handle, relay_free)
