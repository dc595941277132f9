#pragma once

/*
 * The two layers' voices as one: how sure it is each target. Sureness is a softmax of
 *
 *     learnt × margin + lexicon × evidence
 *
 * with two trusts that are fitted to corrections (maximum a posteriori): before there are any, the
 * lexicon is trusted by a prior and the second layer not at all; as corrections come in, each is
 * trusted for what it foretold of texts that it had not been taught with.
 */
#include <glib.h>

struct fusion {
	double learnt;
	double lexicon;
	double lexicon_share; /* 0 … 1: how much of the difference between targets is its own */
};

/* What a lexicon's scores (0 and more) say for each of `targets`. */
void fuse_evidence(const double *scores, guint targets, double *evidence_out);

/*
 * Fits the trusts. `margins` (of texts that the learner was not taught with) and `evidence`:
 * n × targets. `truth`: n targets.
 */
void fuse_fit(const double *margins, const double *evidence, const guint *truth, guint n,
	      guint targets, struct fusion *fusion_out);

/* How sure it is each target: `targets` numbers that add up to 1. */
void fuse_sureness(const struct fusion *fusion, const double *margins, const double *evidence,
		   guint targets, double *sure_out);
