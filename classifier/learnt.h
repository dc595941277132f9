#pragma once

/*
 * The second layer: what corrections have taught. Some thousand character n-grams, each with small
 * whole numbers: how rare it is, and how much it speaks for or against each target. A text's
 * counts are damped (1 + ln), times rarity, of length one (tf-idf, L2); their sum with the weights
 * is a target's margin. classifier/learn.h makes it; it is kept as one JSON document.
 */
#include "classifier/fuse.h"
#include "classifier/gram.h"

#define LEARNT_GRAMS_MAX   5000u
#define LEARNT_TARGETS_MAX 1000u
#define LEARNT_RARITY      100.0 /* rarity is kept in hundredths */

struct learnt {
	guint corrections;       /* texts it was taught with */
	double accuracy;         /* its own, cross-validated, 0 … 1 */
	double lexicon_accuracy; /* of the lexicon on the same texts */
	double fused_accuracy;   /* of both together, cross-validated */
	struct fusion fusion;
	guint targets; /* those that texts were of */
	char **codes;  /* target → its code in the lexicon; ends with NULL */
	guint grams;
	char **texts;    /* gram → its letters; ends with NULL */
	guint16 *rarity; /* gram → hundredths */
	gint8 *weights;  /* gram × targets */
	gint32 *bias;    /* target, in the weights' unit */
	double scale;    /* a weight of 1 */
};

/* What a text's n-grams amount to. `entries`: each gram once, with its count. values_out: what each
 * of them is worth in this text; margins_out: a number a target. */
void learnt_margins(const struct learnt *learnt, const struct gram_entry *entries, guint n,
		    double *values_out, double *margins_out);

/* What a gram of that worth adds to a target's margin. */
double learnt_part(const struct learnt *learnt, guint gram, guint target, double value);

/* Gives the margins of targets that are not `known` the mean of the others: nothing was learnt that
 * speaks for or against them. */
void learnt_fill(double *margins, const guint8 *known, guint n);

/* One JSON document, and back. PINGYI_ERROR_INPUT names `name` and what is wrong.
 * Returns: (transfer full) */
char *learnt_to_json(const struct learnt *learnt);
struct learnt *learnt_parse(const char *name, const char *json, gsize size, GError **error);

/* {"corrections", "grams", "accuracy", "lexicon_accuracy", "fused_accuracy", "lexicon_share"}: the
 * figures alone, to be kept beside it and shown. Returns: (transfer full) */
char *learnt_figures(const struct learnt *learnt);

void learnt_free(struct learnt *learnt);

typedef struct learnt learnt_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(learnt_handle, learnt_free)
