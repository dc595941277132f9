#include "collector/reading_room.h"

#include "base/language.h"
#include "collector/reader.h"

/* Read ahead of the database, at most: */
#define AHEAD       128
#define AHEAD_BYTES (32u << 20)

void errand_free(struct errand *errand)
{
	if (errand->raw)
		g_bytes_unref(errand->raw);
	g_clear_pointer(&errand->record, json_node_unref);
	g_clear_error(&errand->problem);
	g_free(errand);
}

static gpointer read_errands(gpointer user)
{
	struct reading_room *room = user;
	struct reader *reader = reader_start(NULL, 0);
	struct errand *errand;

	language_use("en"); /* why one could not be read is kept */
	while ((errand = g_async_queue_pop(room->unread))->raw) {
		errand->record = reader_read(reader, errand->raw, &errand->problem);
		g_async_queue_push(room->read, errand);
	}
	errand_free(errand);
	reader_free(reader);
	return NULL;
}

void reading_room_open(struct reading_room *room)
{
	GDestroyNotify free_errand = (GDestroyNotify)errand_free;

	*room = (struct reading_room){.unread = g_async_queue_new_full(free_errand),
				      .read = g_async_queue_new_full(free_errand)};
	room->thread = g_thread_new("reading", read_errands, room);
}

void reading_room_close(struct reading_room *room)
{
	struct errand *errand;

	while ((errand = g_async_queue_try_pop(room->unread)) != NULL)
		errand_free(errand);
	g_async_queue_push(room->unread, g_new0(struct errand, 1));
	g_thread_join(room->thread);
	g_async_queue_unref(room->unread);
	g_async_queue_unref(room->read);
}

gboolean reading_room_has_room(const struct reading_room *room)
{
	return room->count < AHEAD && room->bytes < AHEAD_BYTES;
}

gboolean reading_room_add(struct reading_room *room, struct db *db, const struct db_rows *claimed,
			  guint row, GError **error)
{
	gint64 message = db_get_int(claimed, row, MESSAGE_CLAIMED_ID);
	GBytes *raw = db_is_null(claimed, row, MESSAGE_CLAIMED_BYTES)
			  ? message_bytes(db, message, error)
			  : db_get_bytes(claimed, row, MESSAGE_CLAIMED_BYTES);
	struct errand *errand;

	if (!raw)
		return FALSE;
	errand = g_new0(struct errand, 1);
	errand->message = message;
	errand->link_letter = db_get_int(claimed, row, MESSAGE_CLAIMED_LETTER);
	errand->raw = raw;
	room->count++;
	room->bytes += g_bytes_get_size(raw);
	g_async_queue_push(room->unread, errand);
	return TRUE;
}

struct errand *reading_room_take(struct reading_room *room, guint patience_ms)
{
	struct errand *errand =
	    patience_ms == G_MAXUINT
		? g_async_queue_pop(room->read)
		: g_async_queue_timeout_pop(room->read, (guint64)patience_ms * 1000);

	if (!errand)
		return NULL;
	room->count--;
	room->bytes -= g_bytes_get_size(errand->raw);
	return errand;
}
