#pragma once

/*
 * Waiting for letters of our own to come in, without storing them, marking them or looking at what
 * was there before: the first source of pingyi.conf that is a mailbox by IMAP or a Maildir.
 */
#include "collector/arrival.h"
#include "db/office.h"

#define AWAIT_MESSAGE_MAX (256u << 10) /* bytes: a larger message is not ours */
#define AWAIT_NEW_MAX     200u         /* new messages looked at in one turn, the last ones */

struct await;

/* A letter that is waited for, and what came of it. */
struct await_letter {
	const char *token;
	struct arrival *arrival; /* (transfer full) NULL: nothing came */
	gint64 came;             /* monotonic, µs */
};

/* Opens the source and notes what it holds. `await_out` is NULL, without an error, when pingyi.conf
 * has no such source. Errors as those of imap.h, with the source's name. */
gboolean await_new(struct office *office, struct await **await_out, GError **error);
void await_free(struct await *await);

/* "[source inbox]". Owned by it. */
const char *await_name(const struct await *await);

/*
 * Looks for letters from the address `from` that have not come yet, every other second, until all
 * are there or `wait_s` seconds are over; once one is there the others have `more_s` seconds.
 */
gboolean await_letters(struct await *await, const char *from, struct await_letter *letters, guint n,
		       guint wait_s, guint more_s, GError **error);

typedef struct await await_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(await_handle, await_free)
