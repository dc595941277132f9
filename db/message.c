#include "db/message.h"

#include "sql.h"

gboolean message_place_known(struct db *db, const struct message_place *place, gboolean *known_out,
			     GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql_message_place_known,
					   DB(db_text(place->account), db_text(place->mailbox),
					      db_int(place->uidvalidity), db_text(place->uid)),
					   error);

	if (!rows)
		return FALSE;
	*known_out = db_rows_count(rows) > 0;
	return TRUE;
}

GHashTable *message_place_uids(struct db *db, const struct message_place *place, GError **error)
{
	g_autoptr(db_rows) rows = db_query(
	    db, sql_message_place_uids,
	    DB(db_text(place->account), db_text(place->mailbox), db_int(place->uidvalidity)),
	    error);
	GHashTable *uids;

	if (!rows)
		return NULL;
	uids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < db_rows_count(rows); i++)
		g_hash_table_add(uids, g_strdup(db_get_text(rows, i, 0)));
	return uids;
}

static gboolean add_pieces(struct db *db, gint64 id, GBytes *raw, GError **error)
{
	gsize size = g_bytes_get_size(raw);
	gint64 seq = 0;

	for (gsize at = 0; at < size || seq == 0; at += MESSAGE_PIECE_BYTES, seq++) {
		g_autoptr(GBytes) piece =
		    g_bytes_new_from_bytes(raw, at, MIN(MESSAGE_PIECE_BYTES, size - at));

		if (!db_run(db, sql_message_piece_add, DB(db_int(id), db_int(seq), db_bytes(piece)),
			    NULL, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean add(struct db *db, const struct message_place *place, GBytes *raw, GDateTime *now,
		    gint64 *id_out, gboolean *new_out, GError **error)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	g_autoptr(db_rows) rows = NULL;
	g_autoptr(GBytes) hash = NULL;
	gsize size = 0;
	const guint8 *bytes = g_bytes_get_data(raw, &size);
	guint8 digest[32];
	gsize length = sizeof digest;

	g_checksum_update(sum, bytes, (gssize)size);
	g_checksum_get_digest(sum, digest, &length);
	hash = g_bytes_new(digest, length);
	rows = db_query(db, sql_message_add,
			DB(db_bytes(hash), db_int((gint64)size), db_text(place->channel),
			   db_text(place->account), db_text(place->mailbox),
			   db_int(place->uidvalidity), db_text(place->uid), db_time(now)),
			error);
	if (!rows)
		return FALSE;
	*id_out = db_get_int(rows, 0, 0);
	*new_out = db_get_bool(rows, 0, 1);
	return !*new_out || add_pieces(db, *id_out, raw, error);
}

gboolean message_store(struct db *db, const struct message_place *place, GBytes *raw,
		       GDateTime *now, gint64 *id_out, gboolean *new_out, GError **error)
{
	if (!db_begin(db, error))
		return FALSE;
	if (!add(db, place, raw, now, id_out, new_out, error)) {
		db_rollback(db);
		return FALSE;
	}
	return db_commit(db, error);
}

GBytes *message_bytes(struct db *db, gint64 id, GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql_message_pieces, DB(db_int(id)), error);
	g_autoptr(GByteArray) all = g_byte_array_new();

	if (!rows)
		return NULL;
	for (guint i = 0; i < db_rows_count(rows); i++) {
		g_autoptr(GBytes) piece = db_get_bytes(rows, i, 0);
		gsize size = 0;
		const guint8 *bytes = g_bytes_get_data(piece, &size);

		g_byte_array_append(all, bytes, (guint)size);
	}
	return g_byte_array_free_to_bytes(g_steal_pointer(&all));
}

struct db_rows *message_claim(struct db *db, guint limit, guint lease_s, const char *worker,
			      GDateTime *now, GError **error)
{
	return db_query(db, sql_message_claim,
			DB(db_int(limit), db_int(lease_s), db_text(worker), db_time(now),
			   db_int(MESSAGE_CLAIM_BYTES)),
			error);
}
