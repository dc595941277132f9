#include "db/message.h"

#include "sql.h"

struct message_stream {
	struct db *db;
	gint64 id; /* the stand-in's */
	gint64 pieces;
	gint64 size;
	GByteArray *piece; /* not written yet, at most MESSAGE_PIECE_BYTES */
	GChecksum *sum;
};

static void stream_free(struct message_stream *stream)
{
	g_byte_array_unref(stream->piece);
	g_checksum_free(stream->sum);
	g_free(stream);
}

void message_stream_drop(struct message_stream *stream)
{
	if (!stream)
		return;
	db_rollback(stream->db);
	stream_free(stream);
}

struct message_stream *message_stream_begin(struct db *db, const char *channel, GDateTime *now,
					    GError **error)
{
	g_autoptr(db_rows) rows = NULL;
	struct message_stream *stream;

	if (!db_begin(db, error))
		return NULL;
	rows = db_query(db, sql_message_begin, DB(db_text(channel), db_time(now)), error);
	if (!rows) {
		db_rollback(db);
		return NULL;
	}
	stream = g_new0(struct message_stream, 1);
	stream->db = db;
	stream->id = db_get_int(rows, 0, 0);
	stream->piece = g_byte_array_sized_new(MESSAGE_PIECE_BYTES);
	stream->sum = g_checksum_new(G_CHECKSUM_SHA256);
	return stream;
}

static gboolean write_piece(struct message_stream *stream, GError **error)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static(stream->piece->data, stream->piece->len);

	g_checksum_update(stream->sum, stream->piece->data, (gssize)stream->piece->len);
	if (!db_run(stream->db, sql_message_piece_add,
		    DB(db_int(stream->id), db_int(stream->pieces), db_bytes(bytes)), NULL, error))
		return FALSE;
	stream->pieces++;
	g_byte_array_set_size(stream->piece, 0);
	return TRUE;
}

gboolean message_stream_add(struct message_stream *stream, const guint8 *bytes, gsize size,
			    GError **error)
{
	stream->size += (gint64)size;
	while (size > 0) {
		gsize some = MIN(size, MESSAGE_PIECE_BYTES - stream->piece->len);

		g_byte_array_append(stream->piece, bytes, (guint)some);
		bytes += some;
		size -= some;
		if (stream->piece->len == MESSAGE_PIECE_BYTES && !write_piece(stream, error))
			return FALSE;
	}
	return TRUE;
}

gboolean message_stream_end(struct message_stream *stream, const struct message_place *place,
			    GDateTime *now, gboolean *new_out, GError **error)
{
	g_autoptr(db_rows) rows = NULL;
	g_autoptr(GBytes) hash = NULL;
	guint8 digest[32];
	gsize length = sizeof digest;
	gboolean good;

	if (stream->piece->len == 0 || write_piece(stream, error)) {
		g_checksum_get_digest(stream->sum, digest, &length);
		hash = g_bytes_new(digest, length);
		rows = db_query(stream->db, sql_message_end,
				DB(db_int(stream->id), db_bytes(hash), db_int(stream->size),
				   db_text(place->channel), db_text(place->account),
				   db_text(place->mailbox), db_int(place->uidvalidity),
				   db_text(place->uid), db_time(now)),
				error);
	}
	if (!rows) {
		message_stream_drop(stream);
		return FALSE;
	}
	*new_out = db_get_bool(rows, 0, 1);
	good = db_commit(stream->db, error);
	stream_free(stream);
	return good;
}
