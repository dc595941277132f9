#include "db/message.h"

#include "sql.h"

#include <string.h>

struct message_batch {
	char *channel, *account, *mailbox; /* of all of them */
	gint64 uidvalidity;
	guint count;
	GString *uids, *sizes; /* texts of arrays */
	GByteArray *bytes;     /* of all, one behind the other */
};

struct message_batch *message_batch_new(void)
{
	struct message_batch *batch = g_new0(struct message_batch, 1);

	batch->uids = g_string_new(NULL);
	batch->sizes = g_string_new(NULL);
	batch->bytes = g_byte_array_new();
	return batch;
}

static void empty(struct message_batch *batch)
{
	g_clear_pointer(&batch->channel, g_free);
	g_clear_pointer(&batch->account, g_free);
	g_clear_pointer(&batch->mailbox, g_free);
	g_string_truncate(batch->uids, 0);
	g_string_truncate(batch->sizes, 0);
	g_byte_array_set_size(batch->bytes, 0);
	batch->count = 0;
}

void message_batch_free(struct message_batch *batch)
{
	if (!batch)
		return;
	empty(batch);
	g_string_free(batch->uids, TRUE);
	g_string_free(batch->sizes, TRUE);
	g_byte_array_unref(batch->bytes);
	g_free(batch);
}

guint message_batch_count(const struct message_batch *batch)
{
	return batch->count;
}

static gboolean is_of(const struct message_batch *batch, const struct message_place *place)
{
	return strcmp(batch->channel, place->channel) == 0 &&
	       strcmp(batch->account, place->account) == 0 &&
	       strcmp(batch->mailbox, place->mailbox) == 0 &&
	       batch->uidvalidity == place->uidvalidity;
}

gboolean message_batch_fits(const struct message_batch *batch, const struct message_place *place,
			    GBytes *raw)
{
	gsize size = g_bytes_get_size(raw);

	if (size > MESSAGE_PIECE_BYTES)
		return FALSE;
	return batch->count == 0 ||
	       (batch->count < MESSAGE_BATCH_MAX &&
		batch->bytes->len + size <= MESSAGE_BATCH_BYTES && is_of(batch, place));
}

void message_batch_add(struct message_batch *batch, const struct message_place *place, GBytes *raw)
{
	gsize size = 0;
	const guint8 *bytes = g_bytes_get_data(raw, &size);

	if (batch->count == 0) {
		batch->channel = g_strdup(place->channel);
		batch->account = g_strdup(place->account);
		batch->mailbox = g_strdup(place->mailbox);
		batch->uidvalidity = place->uidvalidity;
	}
	batch->count++;
	db_array_text(batch->uids, place->uid);
	db_array_int(batch->sizes, (gint64)size);
	if (size > 0)
		g_byte_array_append(batch->bytes, bytes, (guint)size);
}

gboolean message_batch_store(struct db *db, struct message_batch *batch, GDateTime *now,
			     guint *new_out, GError **error)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static(batch->bytes->data, batch->bytes->len);
	g_autoptr(db_rows) rows = NULL;

	*new_out = 0;
	if (batch->count == 0)
		return TRUE;
	rows =
	    db_query(db, sql_messages_add,
		     DB(db_text(batch->channel), db_text(batch->account), db_text(batch->mailbox),
			db_int(batch->uidvalidity), db_text(db_array_end(batch->uids)),
			db_text(db_array_end(batch->sizes)), db_bytes(bytes), db_time(now)),
		     error);
	empty(batch);
	if (!rows)
		return FALSE;
	*new_out = (guint)db_get_int(rows, 0, 0);
	return TRUE;
}
