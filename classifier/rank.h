#pragma once

/*
 * Whose business a stretch of text is, best first: the lexicon's words in it and, once corrections
 * have taught it, the second layer's n-grams, weighed together (fuse.h); with the reasons.
 */
#include "classifier/tally.h"

#define RANK_SCORE_MIN 2.0 /* what speaks less for a department is too little */
#define RANK_CO_MIN    5.0 /* from here a second department may take part */

struct ranker; /* read-only */

/* `learnt`: or NULL: the lexicon alone. Both are borrowed. */
struct ranker *ranker_new(const struct lexicon *lexicon, const struct learnt *learnt);
void ranker_free(struct ranker *ranker);

const struct lexicon *ranker_lexicon(const struct ranker *ranker);
const struct learnt *ranker_learnt(const struct ranker *ranker); /* or NULL */
/* The target (index) that gets leads for discipline inspection: it is called 纪委 for short; -1. */
gint ranker_discipline(const struct ranker *ranker);

/* The departments of what was found within [start, end), best first: those of which there is a word
 * and, with the second layer, those that are not out of the question. Returns: (transfer full) an
 * array of struct sorted * (classifier.h). */
GPtrArray *rank_departments(const struct ranker *ranker, const char *text,
			    const struct findings *findings, guint start, guint end);

/* Where there is no word of the lexicon: the target that the second layer is surest of, and how
 * sure; -1: it says nothing. */
gint rank_learnt_alone(const struct ranker *ranker, const char *text,
		       const struct findings *findings, guint start, guint end, double *sure_out);

/* The lexicon's scores of a whole text, a number a target. */
void rank_scores(const struct ranker *ranker, const char *text, gsize size,
		 const struct findings *findings, double *scores_out);

/* The department of the lexicon's target `index` among `departments`, added without reasons when it
 * is not there. */
struct sorted *sorted_of(GPtrArray *departments, const struct lexicon *lexicon, guint index);
