#pragma once

/* What stands in a text: the lexicon's words that count and the cues, each with its place; what is
 * masked (company names, the enterprise's own) or swallowed by a longer word is left out. */
#include "classifier/cue.h"
#include "classifier/lexicon.h"

struct finder; /* lexicon and cues in one automaton; read-only */

struct finder *finder_new(const struct lexicon *lexicon);
void finder_free(struct finder *finder);

struct found_term {
	guint start;
	guint end;
	guint term; /* index into the lexicon's terms */
};

struct found_cue {
	guint start;
	guint end;
	enum cue cue;
};

struct findings {
	GArray *terms; /* struct found_term, by start */
	GArray *cues;  /* struct found_cue, by start */
};

/* `day`: when the text was written (YYYY-MM-DD), or NULL: what names mean goes by it. */
void finder_find(const struct finder *finder, const char *text, gsize size,
		 const char *const *own_names, const char *day, struct findings *findings_out);
void findings_clear(struct findings *findings);

/* The departments of the terms within [start, end), best first. Returns: (transfer full) an array
 * of struct sorted * (classifier.h). */
GPtrArray *sort_departments(const struct lexicon *lexicon, const char *text,
			    const struct findings *findings, guint start, guint end);

/* The department `target` among `departments`, added without reasons when it is not there. */
struct sorted *sorted_of(GPtrArray *departments, const struct target *target);
