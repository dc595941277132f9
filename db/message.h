#pragma once

/* A message: raw bytes as they came, the places where it was found, what the reader made of it. */
#include "db/db.h"

#define MESSAGE_PIECE_BYTES (1u << 20)

/* Where a message was found. Its place is new or known; known places are not fetched again. */
struct message_place {
	const char *channel; /* imap, pop3, maildir, mbox, file, form, staff */
	const char *account; /* the login or the folder */
	const char *mailbox;
	gint64 uidvalidity;
	const char *uid;
};

/* Whether something was stored from this place; FALSE with an error when the database is away. */
gboolean message_place_known(struct db *db, const struct message_place *place, gboolean *known_out,
			     GError **error);

/* The UIDs of all known places of the mailbox of `place` (whose own uid does not count), a set of
 * strings: one question instead of one a message. Returns: (transfer full) */
GHashTable *message_place_uids(struct db *db, const struct message_place *place, GError **error);

/* Commits the raw bytes with their place, before anything reads them. Known bytes get the place
 * only; `new_out` tells. */
gboolean message_store(struct db *db, const struct message_place *place, GBytes *raw,
		       GDateTime *now, gint64 *id_out, gboolean *new_out, GError **error);

#define MESSAGE_BATCH_MAX   500u /* messages of a batch, and their bytes: */
#define MESSAGE_BATCH_BYTES (4u << 20)

/* Messages of one mailbox that are committed together: some fifteen times faster than each alone.
 */
struct message_batch;

struct message_batch *message_batch_new(void);
void message_batch_free(struct message_batch *batch);

/* Whether this one can be added: it has one piece, comes from the same mailbox as the others, and
 * the batch has room. */
gboolean message_batch_fits(const struct message_batch *batch, const struct message_place *place,
			    GBytes *raw);
void message_batch_add(struct message_batch *batch, const struct message_place *place, GBytes *raw);
guint message_batch_count(const struct message_batch *batch);

/* Commits them, as message_store() does; the batch is empty then, also after an error. `new_out`:
 * how many were new. */
gboolean message_batch_store(struct db *db, struct message_batch *batch, GDateTime *now,
			     guint *new_out, GError **error);

/* The bytes of a message. Returns: (transfer full) */
GBytes *message_bytes(struct db *db, gint64 id, GError **error);

/* The columns of what was claimed. */
enum message_claimed {
	MESSAGE_CLAIMED_ID,
	MESSAGE_CLAIMED_LETTER, /* that it was brought in for, or NULL */
	MESSAGE_CLAIMED_BYTES,  /* NULL when there are more than MESSAGE_CLAIM_BYTES */
};

#define MESSAGE_CLAIM_BYTES (256u << 10)

/* Leases at most `limit` stored messages to `worker`. Returns: (transfer full) their rows. */
struct db_rows *message_claim(struct db *db, guint limit, guint lease_s, const char *worker,
			      GDateTime *now, GError **error);
