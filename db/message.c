#include "db/message.h"

#include "sql.h"

gboolean message_place_known(struct db *db, const struct message_place *place,
			     enum message_known *known_out, GError **error)
{
	g_autoptr(db_rows) rows =
	    db_query(db, sql_message_place_known,
		     DB(db_text(place->account), db_text(place->mailbox),
			db_int(place->uidvalidity), db_text(place->uid), db_int(MESSAGE_MAX)),
		     error);

	if (!rows)
		return FALSE;
	if (db_rows_count(rows) == 0)
		*known_out = MESSAGE_NEW;
	else
		*known_out = db_get_bool(rows, 0, 0) ? MESSAGE_WHOLE : MESSAGE_HEAD;
	return TRUE;
}

GHashTable *message_place_uids(struct db *db, const struct message_place *place, GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql_message_place_uids,
					   DB(db_text(place->account), db_text(place->mailbox),
					      db_int(place->uidvalidity), db_int(MESSAGE_MAX)),
					   error);
	GHashTable *uids;

	if (!rows)
		return NULL;
	uids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < db_rows_count(rows); i++)
		g_hash_table_insert(
		    uids, g_strdup(db_get_text(rows, i, 0)),
		    GUINT_TO_POINTER(db_get_bool(rows, i, 1) ? MESSAGE_WHOLE : MESSAGE_HEAD));
	return uids;
}

/* The row, its only piece and why a person looks at it. */
static gboolean add_head(struct db *db, const struct message_place *place, GBytes *head,
			 guint64 size, const char *why, GDateTime *now, gboolean *new_out,
			 GError **error)
{
	g_autoptr(db_rows) rows = NULL;
	g_autoptr(GBytes) hash = NULL;
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	gsize length = 0;
	const guint8 *bytes = g_bytes_get_data(head, &length);
	guint8 digest[32];
	gint64 id;

	g_checksum_update(sum, bytes, (gssize)length);
	length = sizeof digest;
	g_checksum_get_digest(sum, digest, &length);
	hash = g_bytes_new(digest, length);
	rows = db_query(db, sql_message_add,
			DB(db_bytes(hash), db_int((gint64)size), db_text(place->channel),
			   db_text(place->account), db_text(place->mailbox),
			   db_int(place->uidvalidity), db_text(place->uid), db_time(now)),
			error);
	if (!rows)
		return FALSE;
	id = db_get_int(rows, 0, 0);
	*new_out = db_get_bool(rows, 0, 1);
	return !*new_out || (db_run(db, sql_message_piece_add,
				    DB(db_int(id), db_int(0), db_bytes(head)), NULL, error) &&
			     db_run(db, sql_message_note,
				    DB(db_int(id), db_text("broken"), db_text(why), db_null(),
				       db_null(), db_time(now)),
				    NULL, error));
}

gboolean message_head_store(struct db *db, const struct message_place *place, GBytes *head,
			    guint64 size, const char *why, GDateTime *now, gboolean *new_out,
			    GError **error)
{
	if (!db_begin(db, error))
		return FALSE;
	if (!add_head(db, place, head, size, why, now, new_out, error)) {
		db_rollback(db);
		return FALSE;
	}
	return db_commit(db, error);
}

GBytes *message_bytes(struct db *db, gint64 id, GError **error)
{
	g_autoptr(GByteArray) all = NULL;
	gboolean more = TRUE;

	/* a piece at a time, so that none of them is held twice */
	for (gint64 seq = 0; more; seq++) {
		g_autoptr(db_rows) rows =
		    db_query(db, sql_message_piece, DB(db_int(id), db_int(seq)), error);
		g_autoptr(GBytes) piece = NULL;
		gint64 whole;

		if (!rows)
			return NULL;
		if (db_rows_count(rows) == 0)
			break;
		piece = db_get_bytes(rows, 0, 0);
		whole = db_get_int(rows, 0, 1);
		if (!all && g_bytes_get_size(piece) >= (gsize)whole)
			return g_steal_pointer(&piece);
		if (!all)
			all = g_byte_array_sized_new((guint)MIN(whole, MESSAGE_MAX));
		g_byte_array_append(all, g_bytes_get_data(piece, NULL),
				    (guint)g_bytes_get_size(piece));
		more = all->len < whole;
	}
	return all ? g_byte_array_free_to_bytes(g_steal_pointer(&all)) : g_bytes_new(NULL, 0);
}

struct db_rows *message_claim(struct db *db, guint limit, guint lease_s, const char *worker,
			      GDateTime *now, GError **error)
{
	return db_query(db, sql_message_claim,
			DB(db_int(limit), db_int(lease_s), db_text(worker), db_time(now),
			   db_int(MESSAGE_CLAIM_BYTES)),
			error);
}
