#pragma once

/*
 * What the lexicon's words in a stretch of text say for each target, and which they are. A tally is
 * made once for a text and filled again and again, without allocating: most sentences are only
 * weighed.
 */
#include "classifier/classifier.h"
#include "classifier/sort.h"

struct voice {
	guint target; /* index into the lexicon's targets */
	guint place;  /* of its first word, bytes in the whole text */
	guint words;  /* that are told: a hundred at most; all of them count */
	guint first;  /* of these, and the last: indices into `told` */
	guint last;
	double score;
	gboolean named; /* by a name, not only by its business */
};

#define TALLY_END  G_MAXUINT
#define TALLY_LONG 180 /* bytes from which on a text begins with a title */

struct told {
	struct reason reason;
	guint next; /* of the same target, or TALLY_END */
};

struct tally {
	GArray *voices; /* struct voice, as they are first heard */
	GArray *told;   /* struct told */
	guint next;     /* the first term behind those that it was filled with */
};

void tally_init(struct tally *tally);
void tally_clear(struct tally *tally);

/* With what was found within [start, end). */
void tally_fill(struct tally *tally, const struct lexicon *lexicon, const char *text,
		const struct findings *findings, guint start, guint end);

/* The told word of this index; NULL: TALLY_END. */
const struct told *tally_told(const struct tally *tally, guint index);

/* The voice that departments sorted by score begin with: of several of the same score, the one that
 * stands first in the text, of the same place the one that is heard last. NULL: there is none. */
const struct voice *tally_best(const struct tally *tally);

/* Where the opening of a stretch of text ends. */
guint tally_opening(const char *text, guint start, guint end);
