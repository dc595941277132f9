#pragma once

/* Where mail leaves the house: a Maildir or a relay, as [mail] destination says. */
#include "db/office.h"
#include "mailer/smtp.h"

struct post;

struct post_mail {
	const char *message_id;
	const char *recipient;
	const char *number; /* of the letter: for the envelope, where [mail] verp says so */
	GBytes *message;
};

/* Reads the settings; nothing is opened. PINGYI_ERROR_INPUT names the wrong one.
 * Returns: (transfer full) */
struct post *post_new(struct office *office, GError **error);
void post_free(struct post *post);

/*
 * Makes the way ready for one more mail: opens the connection to the relay, again where it was
 * lost. PINGYI_ERROR_TEMPORARY or PINGYI_ERROR_PERMANENT as those of wire_open(); a relay that
 * closes one connection after the other is TEMPORARY.
 */
gboolean post_ready(struct post *post, GError **error);

/* Delivers one mail; as smtp_send(). A Maildir that cannot be written is SMTP_DEFERRED, and about
 * the sender. */
enum smtp_outcome post_deliver(struct post *post, const struct post_mail *mail,
			       struct smtp_answer *answer_out);

/* The destination as people may see it: without what stands before an @.
 * Returns: (transfer full) */
char *post_destination(struct office *office);

typedef struct post post_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(post_handle, post_free)
