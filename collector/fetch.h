#pragma once

/* Fetches from every source, and commits the raw bytes. Can be run twice, killed at any point, and
 * run on several hosts at once. */
#include "collector/source_setting.h"

struct fetch_count {
	guint stored;  /* new messages */
	guint known;   /* places that were known */
	guint skipped; /* too large, of which the head is here, or not given by the server */
};

/* From one source. */
gboolean fetch_source(struct db *db, const struct source_setting *source, GDateTime *now,
		      struct fetch_count *count, GError **error);

/* From every source of pingyi.conf. One that fails does not stop the others; the first failure is
 * told. */
gboolean fetch_configured(struct office *office, struct db *db, GDateTime *now,
			  struct fetch_count *count, GError **error);
