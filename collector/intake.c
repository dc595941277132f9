#include "collector/intake.h"

void intake_drop(struct intake *intake)
{
	if (intake->flows)
		intake->sink->drop(intake->sink->user);
	intake->flows = FALSE;
	intake->size = 0;
	if (intake->held)
		g_byte_array_set_size(intake->held, 0);
}

void intake_clear(struct intake *intake)
{
	intake_drop(intake);
	g_clear_pointer(&intake->held, g_byte_array_unref);
}

/* Bytes of a message that is too large to be held. */
static gboolean flow(struct intake *intake, const struct message_place *place, const guint8 *bytes,
		     gsize size, GError **error)
{
	const struct source_sink *sink = intake->sink;

	if (intake->size > SOURCE_MESSAGE_MAX) {
		if (intake->flows)
			sink->drop(sink->user);
		intake->flows = FALSE;
		return TRUE;
	}
	if (!intake->flows) {
		if (!sink->begin(sink->user, place, error))
			return FALSE;
		intake->flows = TRUE;
		if (!sink->more(sink->user, intake->held->data, intake->held->len, error))
			return FALSE;
	}
	return size == 0 || sink->more(sink->user, bytes, size, error);
}

gboolean intake_add(struct intake *intake, const struct message_place *place, const guint8 *bytes,
		    gsize size, GError **error)
{
	gsize room;

	if (!intake->held)
		intake->held = g_byte_array_new();
	room = MIN(size, MESSAGE_PIECE_BYTES - intake->held->len);
	g_byte_array_append(intake->held, bytes, (guint)room);
	intake->size += size;
	return intake->size <= MESSAGE_PIECE_BYTES ||
	       flow(intake, place, bytes + room, size - room, error);
}

gboolean intake_end(struct intake *intake, const struct message_place *place, guint64 size,
		    GError **error)
{
	const struct source_sink *sink = intake->sink;
	guint64 whole = MAX(size, intake->size);
	gsize held = intake->held ? intake->held->len : 0;
	g_autoptr(GBytes) raw = NULL;
	gboolean good;

	if (whole > SOURCE_MESSAGE_MAX)
		held = MIN(held, MESSAGE_HEAD_MAX);
	raw = g_bytes_new_static(intake->held ? intake->held->data : NULL, held);
	if (whole > SOURCE_MESSAGE_MAX)
		good = sink->head(sink->user, place, raw, whole, error);
	else if (intake->flows)
		good = sink->end(sink->user, place, error);
	else
		good = sink->add(sink->user, place, raw, error);
	/* an end has come, also one that failed */
	intake->flows = FALSE;
	intake_drop(intake);
	return good;
}
