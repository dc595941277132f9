#include "classifier/fuse.h"

#include <math.h>

#define PRIOR_LEXICON 1.0 /* trust in the lexicon before any correction … */
#define PRIOR_LEARNT  0.0
#define PRIOR_WEIGHT  4.0   /* … and how firm that is */
#define FADE_TEXTS    500.0 /* so many corrections take half of the lexicon's trust … */
#define FADE_FROM                                                                                  \
	0.8 /* … when the second layer has caught up; not below this share of its                \
	     * accuracy */
#define STEPS        50
#define CLOSE_ENOUGH 1e-6

void fuse_evidence(const double *scores, guint targets, double *evidence_out)
{
	for (guint i = 0; i < targets; i++)
		evidence_out[i] = sqrt(scores[i]);
}

void fuse_sureness(const struct fusion *fusion, const double *margins, const double *evidence,
		   guint targets, double *sure_out)
{
	double highest = -INFINITY;
	double sum = 0;

	for (guint i = 0; i < targets; i++) {
		sure_out[i] = fusion->learnt * margins[i] + fusion->lexicon * evidence[i];
		highest = MAX(highest, sure_out[i]);
	}
	for (guint i = 0; i < targets; i++) {
		sure_out[i] = exp(sure_out[i] - highest);
		sum += sure_out[i];
	}
	for (guint i = 0; i < targets; i++)
		sure_out[i] /= sum;
}

/* Gradient and curvature of the penalised likelihood: two trusts, so 2 and 2 × 2 numbers. */
struct slope {
	double loss;
	double g[2];
	double h[3]; /* 00, 01, 11 */
};

static void add_text(struct slope *slope, const double *sure, const double *margins,
		     const double *evidence, guint truth, guint targets)
{
	double mean[2] = {0, 0};
	double square[3] = {0, 0, 0};

	for (guint i = 0; i < targets; i++) {
		mean[0] += sure[i] * margins[i];
		mean[1] += sure[i] * evidence[i];
		square[0] += sure[i] * margins[i] * margins[i];
		square[1] += sure[i] * margins[i] * evidence[i];
		square[2] += sure[i] * evidence[i] * evidence[i];
	}
	slope->loss -= log(MAX(sure[truth], 1e-12));
	slope->g[0] += mean[0] - margins[truth];
	slope->g[1] += mean[1] - evidence[truth];
	slope->h[0] += square[0] - mean[0] * mean[0];
	slope->h[1] += square[1] - mean[0] * mean[1];
	slope->h[2] += square[2] - mean[1] * mean[1];
}

struct texts {
	const double *margins;
	const double *evidence;
	const guint *truth;
	guint n;
	guint targets;
	double *sure; /* room for one text */
};

static struct slope slope_at(const struct texts *texts, const struct fusion *fusion)
{
	double off[2] = {fusion->learnt - PRIOR_LEARNT, fusion->lexicon - PRIOR_LEXICON};
	struct slope slope = {.loss = PRIOR_WEIGHT * (off[0] * off[0] + off[1] * off[1]) / 2,
			      .g = {PRIOR_WEIGHT * off[0], PRIOR_WEIGHT * off[1]},
			      .h = {PRIOR_WEIGHT, 0, PRIOR_WEIGHT}};

	for (guint i = 0; i < texts->n; i++) {
		const double *margins = texts->margins + (gsize)i * texts->targets;
		const double *evidence = texts->evidence + (gsize)i * texts->targets;

		fuse_sureness(fusion, margins, evidence, texts->targets, texts->sure);
		add_text(&slope, texts->sure, margins, evidence, texts->truth[i], texts->targets);
	}
	return slope;
}

/* How much of what sets targets apart is the lexicon's. */
static double share_of(const struct texts *texts, const struct fusion *fusion)
{
	double learnt = 0;
	double lexicon = 0;

	for (guint i = 0; i < texts->n; i++) {
		const double *margins = texts->margins + (gsize)i * texts->targets;
		const double *evidence = texts->evidence + (gsize)i * texts->targets;
		double mean[2] = {0, 0};
		double best[2] = {-INFINITY, -INFINITY};

		for (guint j = 0; j < texts->targets; j++) {
			mean[0] += margins[j] / texts->targets;
			mean[1] += evidence[j] / texts->targets;
			best[0] = MAX(best[0], margins[j]);
			best[1] = MAX(best[1], evidence[j]);
		}
		learnt += fusion->learnt * (best[0] - mean[0]);
		lexicon += fusion->lexicon * (best[1] - mean[1]);
	}
	return learnt + lexicon > 0 ? lexicon / (learnt + lexicon) : 1;
}

static gboolean is_right(const double *numbers, guint truth, guint n)
{
	for (guint i = 0; i < n; i++)
		if (i != truth && numbers[i] >= numbers[truth])
			return FALSE;
	return TRUE;
}

/*
 * What of the lexicon's trust is left. The corrections are no fair judges of it: people who had
 * read them have made it. So it fades with their number, as far as the second layer has caught up.
 */
static double left_to_lexicon(const struct texts *texts)
{
	double learnt = 0;
	double lexicon = 0;
	double caught;

	for (guint i = 0; i < texts->n; i++) {
		gsize row = (gsize)i * texts->targets;

		learnt += is_right(texts->margins + row, texts->truth[i], texts->targets);
		lexicon += is_right(texts->evidence + row, texts->truth[i], texts->targets);
	}
	caught = learnt / MAX(lexicon, 1);
	caught = CLAMP((caught - FADE_FROM) / (1 - FADE_FROM), 0, 1);
	return 1 - caught * texts->n / (texts->n + FADE_TEXTS);
}

/* Newton's steps, halved while they lead uphill; a trust is never below 0. */
void fuse_fit(const double *margins, const double *evidence, const guint *truth, guint n,
	      guint targets, struct fusion *fusion_out)
{
	g_autofree double *sure = g_new(double, targets);
	struct texts texts = {margins, evidence, truth, n, targets, sure};
	struct fusion at = {PRIOR_LEARNT, PRIOR_LEXICON, 1};
	struct slope slope = slope_at(&texts, &at);

	for (guint i = 0; i < STEPS; i++) {
		double d = slope.h[0] * slope.h[2] - slope.h[1] * slope.h[1];
		double step[2] = {(slope.h[2] * slope.g[0] - slope.h[1] * slope.g[1]) / d,
				  (slope.h[0] * slope.g[1] - slope.h[1] * slope.g[0]) / d};
		double size = 1;
		struct fusion next = at;
		struct slope there;

		do {
			next.learnt = MAX(at.learnt - size * step[0], 0);
			next.lexicon = MAX(at.lexicon - size * step[1], 0);
			there = slope_at(&texts, &next);
			size /= 2;
		} while (there.loss > slope.loss && size > 1e-3);
		if (there.loss > slope.loss - CLOSE_ENOUGH)
			break;
		at = next;
		slope = there;
	}
	at.lexicon *= left_to_lexicon(&texts);
	at.lexicon_share = share_of(&texts, &at);
	*fusion_out = at;
}
