#pragma once

/*
 * What becomes one opinion: sentences, cut at a turn ("但"), each looked at for its cues and for
 * whom it speaks of; courtesies are left out, and neighbours that belong together are joined.
 */
#include "classifier/classifier.h"
#include "classifier/rank.h"

/* A sentence, or the part of one before or after a turn. */
struct unit {
	guint start;
	guint end;
	gboolean paragraph;    /* begins a line or list item */
	gboolean turned;       /* stands behind a turn or 除了 */
	guint8 cue[CUE_TYPES]; /* whether there is one */
	guint terms;           /* lexicon words in it */
	gint best;             /* no of its best department, 0 without */
	double score;          /* and what speaks for it */
	gboolean named;        /* by a name */
	gboolean lead;
	enum opinion_kind kind;
};

/* `spans`: the text's sentences (split.h). Returns: (transfer full) an array of struct unit, at
 * most CLASSIFIER_OPINIONS_MAX, perhaps none. */
GArray *units_of(const struct ranker *ranker, const char *text, const GArray *spans,
		 const struct findings *findings);
