#pragma once

/* A message: raw bytes as they came, the places where it was found, what the reader made of it. */
#include "db/db.h"

#define MESSAGE_PIECE_BYTES (1u << 20)
#define MESSAGE_MAX         (100u << 20) /* bytes; of a larger one only the head is kept … */
#define MESSAGE_HEAD_MAX    (64u << 10)  /* … so many bytes of it */

/* Where a message was found. Its place is new or known; known places are not fetched again. */
struct message_place {
	const char *channel; /* imap, pop3, maildir, mbox, file, form, staff */
	const char *account; /* the login or the folder */
	const char *mailbox;
	gint64 uidvalidity;
	const char *uid;
};

/* What is here of a message that was found at a place. */
enum message_known {
	MESSAGE_NEW,   /* nothing */
	MESSAGE_HEAD,  /* it is too large: its head */
	MESSAGE_WHOLE, /* every byte */
};

/* What was stored from this place; FALSE with an error when the database is away. */
gboolean message_place_known(struct db *db, const struct message_place *place,
			     enum message_known *known_out, GError **error);

/* The UIDs of all known places of the mailbox of `place` (whose own uid does not count), each with
 * its enum message_known: one question instead of one a message. Returns: (transfer full) */
GHashTable *message_place_uids(struct db *db, const struct message_place *place, GError **error);

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

/* Commits the raw bytes with their places, before anything reads them; known bytes get the place
 * only. The batch is empty then, also after an error. `new_out`: how many were new. */
gboolean message_batch_store(struct db *db, struct message_batch *batch, GDateTime *now,
			     guint *new_out, GError **error);

/* A message of any size, written piece by piece while it comes, in a transaction of its own:
 * nothing else may be asked of the database meanwhile. */
struct message_stream;

/* Returns: (transfer full) NULL with an error */
struct message_stream *message_stream_begin(struct db *db, const char *channel, GDateTime *now,
					    GError **error);
gboolean message_stream_add(struct message_stream *stream, const guint8 *bytes, gsize size,
			    GError **error);

/* Commits it, known bytes as a place only, and frees it, also after an error. */
gboolean message_stream_end(struct message_stream *stream, const struct message_place *place,
			    GDateTime *now, gboolean *new_out, GError **error);

/* Nothing of it was there. Frees it; NULL is fine. */
void message_stream_drop(struct message_stream *stream);

/* Commits what is kept of a message of `size` bytes that is larger than MESSAGE_MAX: its first
 * bytes (MESSAGE_HEAD_MAX at most), for a person to look at, with the reason. */
gboolean message_head_store(struct db *db, const struct message_place *place, GBytes *head,
			    guint64 size, const char *why, GDateTime *now, gboolean *new_out,
			    GError **error);

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
