#pragma once

/*
 * Teaches the second layer with texts whose target a person has said: n-grams are chosen by the
 * weights of a first machine, a second one learns with these alone, one target against the rest.
 * Both layers' voices are weighed by cross-validation. No clock, no chance: the same texts in the
 * same order give the same result. Parts of the work are done by several threads.
 */
#include "classifier/learnt.h"

#define LEARN_TEXTS_MIN 20u    /* fewer teach nothing */
#define LEARN_TEXTS_MAX 20000u /* the first ones */

struct lesson {
	const char *text;      /* as n-grams are looked for: finder_prepare() */
	guint target;          /* below `targets` */
	const double *lexicon; /* the lexicon's scores, `targets` of them */
};

/*
 * `codes`: the targets' codes. Returns: (transfer full) what was learnt; NULL when there are too
 * few texts, or they have one target only.
 */
struct learnt *learn(const struct lesson *lessons, guint n, const char *const *codes,
		     guint targets);
