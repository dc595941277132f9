#pragma once

/*
 * A message on its way from a source to its sink, whatever its size: a small one is held and added,
 * a larger one flows on while it comes, and of one over SOURCE_MESSAGE_MAX only the head is kept.
 * At most MESSAGE_PIECE_BYTES are held. Errors are those of the sink.
 */
#include "collector/source.h"

/* All zero but for the sink at first, and after each message. */
struct intake {
	const struct source_sink *sink;
	GByteArray *held; /* the first bytes */
	guint64 size;     /* of all that came */
	gboolean flows;   /* the sink has them */
};

void intake_clear(struct intake *intake);

/* The next bytes of the message that was found at `place`. */
gboolean intake_add(struct intake *intake, const struct message_place *place, const guint8 *bytes,
		    gsize size, GError **error);

/* The message ends here. `size`: of how many bytes it is where only its first ones came, else 0. */
gboolean intake_end(struct intake *intake, const struct message_place *place, guint64 size,
		    GError **error);

/* Nothing came. */
void intake_drop(struct intake *intake);
