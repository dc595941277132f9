#pragma once

/*
 * Trying a relay out: what it offers, and single letters that say what they are. Nothing of a round
 * is touched, no database is needed. Reads [mail] of pingyi.conf as mailer/relay.h does, and the
 * relay's own settings from [mail] or [mail second].
 */
#include "db/office.h"
#include "mailer/smtp.h"
#include "mailer/verp.h"

struct probe;

/* Reads the settings of the relay that `group` names; PINGYI_ERROR_INPUT or _DENIED names the wrong
 * one. Returns: (transfer full) NULL without an error when there is no such relay. */
struct probe *probe_new(struct office *office, const char *group, GError **error);
void probe_free(struct probe *probe);

/* The settings. Owned by the probe. */
const char *probe_host(const struct probe *probe); /* of the relay, NULL: letters go to a folder */
const char *probe_user(const struct probe *probe); /* "" without a login; NULL for a folder */
const char *probe_from(const struct probe *probe); /* an address with an @ */
const char *probe_home(const struct probe *probe); /* where answers go: reply_to, else from */
const char *probe_bounce_domain(const struct probe *probe); /* "" where none is set */
enum verp probe_verp(const struct probe *probe);

/* Connects, secures and logs in as a sender would, and asks what is offered. Errors as those of
 * smtp_open(). Returns: (transfer none) valid until the probe is freed or sends. */
const struct smtp_offers *probe_greet(struct probe *probe, GError **error);

/*
 * Sends a letter that names `token` in Subject, Message-ID and References, from the envelope sender
 * `sender` to `recipient`. Returns as smtp_send(); a connection that cannot be opened is
 * SMTP_DEFERRED without a code, with the error's words.
 */
enum smtp_outcome probe_send(struct probe *probe, const char *token, const char *sender,
			     const char *recipient, GDateTime *now, struct smtp_answer *answer_out);

/* The Message-ID of the letter that names `token`, without brackets. Returns: (transfer full) */
char *probe_message_id(const struct probe *probe, const char *token);

typedef struct probe probe_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(probe_handle, probe_free)
