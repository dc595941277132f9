#pragma once

/*
 * Messages that are being read (reader.h) by a thread of its own, while the caller's asks the
 * database: neither waits for the other.
 */
#include "db/message.h"

#include <json-glib/json-glib.h>

/* A message on its way through the reader. */
struct errand {
	gint64 message;
	gint64 link_letter;
	GBytes *raw;
	JsonNode *record; /* of record.h … */
	GError *problem;  /* … or why there is none */
};

void errand_free(struct errand *errand);

struct reading_room {
	GAsyncQueue *unread; /* of struct errand; the last has no bytes */
	GAsyncQueue *read;
	GThread *thread;
	guint count; /* errands in it, and their bytes */
	gsize bytes;
};

void reading_room_open(struct reading_room *room);

/* What is still in it has not been filed: its lease runs out. */
void reading_room_close(struct reading_room *room);

gboolean reading_room_has_room(const struct reading_room *room);

/* Has a message read, a row of message_claim(). */
gboolean reading_room_add(struct reading_room *room, struct db *db, const struct db_rows *claimed,
			  guint row, GError **error);

/* Waits for the next, at most so long (G_MAXUINT: as long as it takes). Returns: (transfer full)
 * NULL when none came. */
struct errand *reading_room_take(struct reading_room *room, guint patience_ms);
