#pragma once

/* A sink that keeps what a source gives it in memory, for the tests of sources. */
#include "collector/source.h"

struct kept {
	const char *known; /* a UID that is known from the beginning; may be NULL */
	const char *head;  /* … one of which only the head is */
	gboolean full;     /* nothing can be committed */
	GString *text; /* "uid=bytes;" of each, at most 20; of a large one "uid~size;", of a head
			  "uid^size:bytes;" */
	guint skipped;
	guint64 flowing; /* bytes so far */
};

/* Makes a sink of it. */
struct source_sink kept_sink(struct kept *kept);
void kept_clear(struct kept *kept);
