#pragma once

/*
 * A linear support vector machine: squared hinge loss, L2 regularised, solved by dual coordinate
 * descent with shrinking (Hsieh et al., A Dual Coordinate Descent Method for Large-scale Linear
 * SVM, ICML 2008). The same rows and seed give the same weights.
 */
#include <glib.h>

/* Sparse rows: row i has the entries start[i] … start[i + 1] - 1. Borrowed. */
struct svm_rows {
	guint dims;
	const guint *start;
	const guint32 *at; /* dimension */
	const float *value;
};

/*
 * Learns to tell the rows `of` (`n` numbers of rows) with a TRUE `yes` (by number of row) from the
 * others. Costs: of an error of either kind, beside the weights' squares. At most `passes` over the
 * rows. `weights_out`: dims + 1, the last one is the bias (a dimension that is 1 in all rows).
 */
void svm_learn(const struct svm_rows *rows, const guint *of, guint n, const guint8 *yes,
	       double cost_yes, double cost_no, guint passes, float *weights_out);

/* Which side of the plane a row lies on, and how far. */
double svm_margin(const struct svm_rows *rows, guint row, const float *weights);
