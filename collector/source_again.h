#pragma once

/*
 * Whether a lost connection to a mail server is opened again: only one that was open once, only
 * after a failure that passes, and only so often without a message having come in between.
 */
#include <glib.h>

#define SOURCE_AGAIN_MAX 3u   /* openings without a message in between … */
#define SOURCE_AGAIN_ALL 100u /* … and in all: the rest is for the next time */
#define SOURCE_AGAIN_MS  500u /* a pause before the first one, twice as long each time */

/* All zero at first. */
struct source_again {
	gboolean was_open; /* set by the source: a session stood */
	gboolean progress; /* set by the source: a message came */
	gboolean never;    /* the failure is not the server's */
	guint turns;       /* without a message */
	guint all;
};

/* Waits and says yes, or says no. */
gboolean source_again(struct source_again *again, const GError *error);

/* The failure that is on its way is not the server's. Returns: FALSE, for the caller to return. */
gboolean source_again_not(struct source_again *again);
