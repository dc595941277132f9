#pragma once

/* Fetches from every source, and commits the raw bytes. Can be run twice, killed at any point, and
 * run on several hosts at once. */
#include "collector/source_setting.h"

#define FETCH_REASONS_MAX 5u

/* Why messages were left where they are: a server did not give them, an archive is locked … */
struct fetch_left {
	char *why;   /* in the reader's language, perhaps with a server's words */
	char *place; /* of the first one; NULL: that one came after all */
	guint count;
};

struct fetch_count {
	guint stored; /* new messages */
	guint known;  /* places that were known */
	guint large;  /* new ones of which only the head is here */
	guint left;   /* messages that were left where they are; the first reasons: */
	struct fetch_left reasons[FETCH_REASONS_MAX];
};

void fetch_count_clear(struct fetch_count *count);

/* From one source. `count` is added to. */
gboolean fetch_source(struct db *db, const struct source_setting *source, GDateTime *now,
		      struct fetch_count *count, GError **error);

/* From every source of pingyi.conf. One that fails does not stop the others; the first failure is
 * told. */
gboolean fetch_configured(struct office *office, struct db *db, GDateTime *now,
			  struct fetch_count *count, GError **error);
