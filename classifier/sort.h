#pragma once

/*
 * What stands in a text: the lexicon's words that count, the cues, and the second layer's n-grams,
 * each with its place, all found in one pass. What is masked (company names, the enterprise's own)
 * is left out; so is a word of the lexicon that a longer one swallows or that is not meant.
 */
#include "classifier/cue.h"
#include "classifier/learnt.h"
#include "classifier/lexicon.h"

struct finder; /* lexicon, cues and n-grams in one automaton; read-only */

/* `learnt`: or NULL. Both are borrowed. */
struct finder *finder_new(const struct lexicon *lexicon, const struct learnt *learnt);
void finder_free(struct finder *finder);

struct found {
	guint start;
	guint end;
	guint what; /* a term: index into the lexicon's; a cue: enum cue; an n-gram: of learnt */
};

/* Where less is said. */
enum silence {
	SILENCE_NONE = 0,
	SILENCE_NAME = 1, /* masked, or not meant: pieces (piece.h) say nothing */
	SILENCE_KIND = 2, /* 公司, 酒店: the same */
	SILENCE_SELF = 4, /* who speaks (我们是做…的，): the same, and words say less */
};

struct findings {
	GArray *terms; /* struct found, by place: they do not overlap, as the cues */
	GArray *cues;
	GArray *grams;  /* by end: they overlap */
	guint8 *silent; /* a byte of the text each: enum silence */
};

/* The first of `found` (of one of the above) that may lie within what begins at `start`: those
 * within [start, end) are among those from there on whose end is at most `end`. */
guint found_from(const GArray *found, guint start);

/* `day`: when the text was written (YYYY-MM-DD), or NULL: what names mean goes by it. */
void finder_find(const struct finder *finder, const char *text, gsize size,
		 const char *const *own_names, const char *day, struct findings *findings_out);
void findings_clear(struct findings *findings);

/* The text as n-grams are looked for: folded, each masked character a line end. For teaching.
 * Returns: (transfer full) */
char *finder_prepare(const struct finder *finder, const char *text, gsize size,
		     const char *const *own_names);
