#include "classifier/svm.h"

#include <math.h>
#include <string.h>

#define SEED 20260101u
#define TOLERANCE                                                                                  \
	0.05 /* of the projected gradient's range: weights then move in the third digit            \
	      */

struct problem {
	const struct svm_rows *rows;
	const guint8 *yes;
	double soft[2]; /* what the squared loss adds to the diagonal: no, yes */
	float *weights;
	double *alpha; /* by place in `of`, as the others */
	double *diagonal;
	guint *of;    /* rows, the active ones first */
	guint *place; /* which place in alpha belongs to it */
};

/* A plain generator (Numerical Recipes' constants): no other is needed to stir an order. */
static guint stir(guint32 *state, guint below)
{
	*state = *state * 1664525u + 1013904223u;
	return (guint)(((guint64)*state * below) >> 32);
}

double svm_margin(const struct svm_rows *rows, guint row, const float *weights)
{
	double sum = weights[rows->dims];

	for (guint i = rows->start[row]; i < rows->start[row + 1]; i++)
		sum += (double)weights[rows->at[i]] * (double)rows->value[i];
	return sum;
}

static void move_weights(const struct problem *p, guint row, double by)
{
	const struct svm_rows *rows = p->rows;

	for (guint i = rows->start[row]; i < rows->start[row + 1]; i++)
		p->weights[rows->at[i]] += (float)(by * (double)rows->value[i]);
	p->weights[rows->dims] += (float)by;
}

static void swap(guint *numbers, guint i, guint j)
{
	guint kept = numbers[i];

	numbers[i] = numbers[j];
	numbers[j] = kept;
}

/* The projected gradients of one pass. */
struct range {
	double max;
	double min;
};

/* One row's step. FALSE when it may rest: far on its own side, beyond what the last pass moved. */
static gboolean step(struct problem *p, guint at, double rest_above, struct range *range)
{
	guint row = p->of[at];
	guint place = p->place[at];
	double sign = p->yes[row] ? 1 : -1;
	double alpha = p->alpha[place];
	double gradient =
	    sign * svm_margin(p->rows, row, p->weights) - 1 + alpha * p->soft[p->yes[row]];
	double projected = gradient;

	if (alpha <= 0) {
		if (gradient > rest_above)
			return FALSE;
		projected = MIN(gradient, 0);
	}
	range->max = MAX(range->max, projected);
	range->min = MIN(range->min, projected);
	if (fabs(projected) > 1e-12) {
		p->alpha[place] = MAX(alpha - gradient / p->diagonal[place], 0);
		move_weights(p, row, (p->alpha[place] - alpha) * sign);
	}
	return TRUE;
}

static void solve(struct problem *p, guint n, guint passes)
{
	guint active = n;
	guint32 state = SEED;
	double rest_above = INFINITY;

	for (guint pass = 0; pass < passes; pass++) {
		struct range range = {-INFINITY, INFINITY};

		for (guint i = 0; i + 1 < active; i++) {
			guint j = i + stir(&state, active - i);

			swap(p->of, i, j);
			swap(p->place, i, j);
		}
		for (guint i = 0; i < active;) {
			if (step(p, i, rest_above, &range)) {
				i++;
				continue;
			}
			active--;
			swap(p->of, i, active);
			swap(p->place, i, active);
		}
		if (range.max - range.min > TOLERANCE) {
			rest_above = range.max > 0 ? range.max : INFINITY;
			continue;
		}
		if (active == n)
			return;
		/* once more with those that rested */
		active = n;
		rest_above = INFINITY;
	}
}

void svm_learn(const struct svm_rows *rows, const guint *of, guint n, const guint8 *yes,
	       double cost_yes, double cost_no, guint passes, float *weights_out)
{
	g_autofree double *alpha = g_new0(double, n);
	g_autofree double *diagonal = g_new(double, n);
	g_autofree guint *order = g_memdup2(of, n * sizeof *of);
	g_autofree guint *place = g_new(guint, n);
	struct problem p = {
	    rows, yes, {0.5 / cost_no, 0.5 / cost_yes}, weights_out, alpha, diagonal, order, place};

	memset(weights_out, 0, (rows->dims + 1) * sizeof *weights_out);
	for (guint i = 0; i < n; i++) {
		place[i] = i;
		diagonal[i] = p.soft[yes[of[i]]] + 1;
		for (guint j = rows->start[of[i]]; j < rows->start[of[i] + 1]; j++)
			diagonal[i] += (double)rows->value[j] * (double)rows->value[j];
	}
	solve(&p, n, passes);
}
