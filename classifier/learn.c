#include "classifier/learn.h"

#include "classifier/svm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Chosen by cross-validation on labelled messages of seven topics (tests/measure_topics.py). */
#define GRAMS           2000u /* of the second machine */
#define RARITY_POWER    1.4   /* of idf */
#define CHOOSING_COST   1.0
#define COST            0.5
#define RARE_MAX        4.0
#define CHOOSING_PASSES 12u
#define PASSES          60u
#define WORKERS_MAX     4u /* each holds weights for all n-grams and targets */
#define FOLDS           5u
#define WEIGHT_MAX      127.0

/* What is learnt with, in the form that machines take. */
struct school {
	const struct lesson *lessons;
	guint n;
	guint targets;
	struct grams *grams;
	double *rarity; /* gram */
	guint *fold;    /* text */
};

/* Rows of tf-idf of length one. */
struct matrix {
	struct svm_rows rows;
	guint *start;
	guint32 *at;
	float *value;
};

static void matrix_clear(struct matrix *matrix)
{
	g_free(matrix->start);
	g_free(matrix->at);
	g_free(matrix->value);
}

static void scale_row(float *value, guint n)
{
	double squares = 0;

	for (guint i = 0; i < n; i++)
		squares += (double)value[i] * (double)value[i];
	for (guint i = 0; i < n && squares > 0; i++)
		value[i] = (float)((double)value[i] / sqrt(squares));
}

/* All texts, by the grams that `place` gives a dimension + 1 (NULL: each its own). */
static struct matrix matrix_new(const struct school *school, const guint32 *place, guint dims)
{
	const struct grams *grams = school->grams;
	struct matrix m = {.start = g_new(guint, school->n + 1),
			   .at = g_new(guint32, grams->entries->len + 1),
			   .value = g_new(float, grams->entries->len + 1)};
	guint to = 0;

	for (guint text = 0; text < school->n; text++) {
		m.start[text] = to;
		for (guint i = grams->start[text]; i < grams->start[text + 1]; i++) {
			const struct gram_entry *entry =
			    &g_array_index(grams->entries, struct gram_entry, i);

			if (place && place[entry->gram] == 0)
				continue;
			m.at[to] = place ? place[entry->gram] - 1 : entry->gram;
			m.value[to++] =
			    (float)((1 + log(entry->count)) * school->rarity[entry->gram]);
		}
		scale_row(m.value + m.start[text], to - m.start[text]);
	}
	m.start[school->n] = to;
	m.rows = (struct svm_rows){dims, m.start, m.at, m.value};
	return m;
}

/* The texts of a rare target count for more, those of a frequent one for less. */
static double rare(const struct school *school, guint n, guint count)
{
	return CLAMP((double)n / ((double)school->targets * count), 0.5, RARE_MAX);
}

/* One machine a target, each of dims + 1 weights; `known_out`: the targets that have a text. */
static float *machines(const struct school *school, const struct matrix *matrix, const guint *of,
		       guint n, double cost, guint passes, guint8 *known_out)
{
	gsize width = matrix->rows.dims + 1;
	float *weights = g_new0(float, width * school->targets);
	g_autofree guint8 *yes = g_new0(guint8, school->n);

	for (guint target = 0; target < school->targets; target++) {
		guint count = 0;

		for (guint i = 0; i < n; i++) {
			yes[of[i]] = school->lessons[of[i]].target == target;
			count += yes[of[i]];
		}
		known_out[target] = count > 0;
		if (count)
			svm_learn(&matrix->rows, of, n, yes, cost * rare(school, n, count), cost,
				  passes, weights + width * target);
	}
	return weights;
}

struct ranked {
	float weight;
	guint32 gram;
};

static int by_weight(const void *a, const void *b)
{
	const struct ranked *one = a;
	const struct ranked *two = b;

	if (one->weight != two->weight)
		return one->weight > two->weight ? -1 : 1;
	return one->gram < two->gram ? -1 : one->gram > two->gram;
}

/* Gram → dimension + 1 of those that weigh most in a machine with all of them; 0: left out. */
static guint32 *choose(const struct school *school, const struct matrix *all, const guint *of,
		       guint n, guint *dims_out)
{
	guint distinct = school->grams->distinct;
	g_autofree guint8 *known = g_new(guint8, school->targets);
	g_autofree float *weights =
	    machines(school, all, of, n, CHOOSING_COST, CHOOSING_PASSES, known);
	g_autofree struct ranked *ranked = g_new(struct ranked, distinct + 1);
	guint32 *place = g_new0(guint32, distinct + 1);
	guint kept = 0;

	for (guint32 gram = 0; gram < distinct; gram++) {
		ranked[gram] = (struct ranked){0, gram};
		for (guint target = 0; target < school->targets; target++)
			ranked[gram].weight =
			    MAX(ranked[gram].weight,
				fabsf(weights[(gsize)target * (distinct + 1) + gram]));
	}
	qsort(ranked, distinct, sizeof *ranked, by_weight);
	while (kept < distinct && kept < GRAMS && ranked[kept].weight > 0) {
		place[ranked[kept].gram] = kept + 1;
		kept++;
	}
	*dims_out = kept;
	return place;
}

/* Each target's texts are dealt out in turn. */
static guint *deal(const struct lesson *lessons, guint n, guint targets)
{
	g_autofree guint *dealt = g_new0(guint, targets);
	guint *fold = g_new(guint, n);

	for (guint i = 0; i < n; i++)
		fold[i] = (lessons[i].target + dealt[lessons[i].target]++) % FOLDS;
	return fold;
}

/* The numbers of the texts inside a fold, or outside of it. */
static guint *texts_of(const struct school *school, guint fold, gboolean inside, guint *n_out)
{
	guint *of = g_new(guint, school->n);

	*n_out = 0;
	for (guint i = 0; i < school->n; i++)
		if ((school->fold[i] == fold) == inside)
			of[(*n_out)++] = i;
	return of;
}

/* The margins of one fold's texts, taught with the others. */
static void foretell(const struct school *school, const struct matrix *all, guint fold,
		     double *margins)
{
	guint n_taught;
	guint n_asked;
	guint dims;
	g_autofree guint *taught = texts_of(school, fold, FALSE, &n_taught);
	g_autofree guint *asked = texts_of(school, fold, TRUE, &n_asked);
	g_autofree guint32 *place = choose(school, all, taught, n_taught, &dims);
	g_autofree guint8 *known = g_new(guint8, school->targets);
	g_autofree float *weights = NULL;
	struct matrix chosen = matrix_new(school, place, dims);

	weights = machines(school, &chosen, taught, n_taught, COST, PASSES, known);
	for (guint i = 0; i < n_asked; i++) {
		double *row = margins + (gsize)asked[i] * school->targets;

		for (guint target = 0; target < school->targets; target++)
			row[target] = svm_margin(&chosen.rows, asked[i],
						 weights + (gsize)target * (dims + 1));
		learnt_fill(row, known, school->targets);
	}
	matrix_clear(&chosen);
}

/* Weights as whole numbers of at most 127, in one unit. `of`: which machine is a target's. */
static void round_weights(struct learnt *learnt, const float *weights, const guint *of)
{
	gsize width = learnt->grams + 1;
	double highest = 0;

	for (guint target = 0; target < learnt->targets; target++)
		for (guint gram = 0; gram < learnt->grams; gram++)
			highest = MAX(highest, fabs((double)weights[width * of[target] + gram]));
	learnt->scale = highest > 0 ? highest / WEIGHT_MAX : 1;
	learnt->weights = g_new(gint8, (gsize)learnt->grams * learnt->targets + 1);
	learnt->bias = g_new(gint32, learnt->targets);
	for (guint target = 0; target < learnt->targets; target++) {
		const float *own = weights + width * of[target];

		for (guint gram = 0; gram < learnt->grams; gram++)
			learnt->weights[(gsize)gram * learnt->targets + target] =
			    (gint8)lround((double)own[gram] / learnt->scale);
		learnt->bias[target] = (gint32)lround((double)own[learnt->grams] / learnt->scale);
	}
}

static void keep_grams(struct learnt *learnt, const struct school *school, const guint32 *place)
{
	learnt->texts = g_new0(char *, learnt->grams + 1);
	learnt->rarity = g_new(guint16, learnt->grams + 1);
	for (guint gram = 0; gram < school->grams->distinct; gram++) {
		if (place[gram] == 0)
			continue;
		learnt->texts[place[gram] - 1] = gram_text(school->grams->keys[gram]);
		learnt->rarity[place[gram] - 1] =
		    (guint16)lround(school->rarity[gram] * LEARNT_RARITY);
	}
}

/* The machine that is kept: taught with all texts. */
static void teach(struct learnt *learnt, const struct school *school, const struct matrix *all,
		  const char *const *codes)
{
	guint n;
	g_autofree guint *of = texts_of(school, FOLDS, FALSE, &n);
	g_autofree guint32 *place = choose(school, all, of, n, &learnt->grams);
	g_autofree guint8 *known = g_new(guint8, school->targets);
	g_autofree guint *machine = g_new0(guint, school->targets);
	g_autofree float *weights = NULL;
	struct matrix chosen = matrix_new(school, place, learnt->grams);

	weights = machines(school, &chosen, of, n, COST, PASSES, known);
	matrix_clear(&chosen);
	learnt->codes = g_new0(char *, school->targets + 1);
	for (guint target = 0; target < school->targets; target++) {
		if (!known[target])
			continue;
		machine[learnt->targets] = target;
		learnt->codes[learnt->targets++] = g_strdup(codes[target]);
	}
	keep_grams(learnt, school, place);
	round_weights(learnt, weights, machine);
}

static guint best_of(const double *numbers, guint n)
{
	guint best = 0;

	for (guint i = 1; i < n; i++)
		if (numbers[i] > numbers[best])
			best = i;
	return best;
}

/* Weighs both layers by what they say of texts that the learner had not seen. */
static void weigh(struct learnt *learnt, const struct school *school, const double *margins)
{
	guint targets = school->targets;
	g_autofree double *evidence = g_new(double, (gsize)school->n *targets);
	g_autofree double *sure = g_new(double, targets);
	g_autofree guint *truth = g_new(guint, school->n);
	guint right[3] = {0, 0, 0};

	for (guint i = 0; i < school->n; i++) {
		truth[i] = school->lessons[i].target;
		fuse_evidence(school->lessons[i].lexicon, targets, evidence + (gsize)i * targets);
	}
	fuse_fit(margins, evidence, truth, school->n, targets, &learnt->fusion);
	for (guint i = 0; i < school->n; i++) {
		const double *lexicon = school->lessons[i].lexicon;

		fuse_sureness(&learnt->fusion, margins + (gsize)i * targets,
			      evidence + (gsize)i * targets, targets, sure);
		right[0] += best_of(margins + (gsize)i * targets, targets) == truth[i];
		right[1] += lexicon[truth[i]] > 0 && best_of(lexicon, targets) == truth[i];
		right[2] += best_of(sure, targets) == truth[i];
	}
	learnt->accuracy = (double)right[0] / school->n;
	learnt->lexicon_accuracy = (double)right[1] / school->n;
	learnt->fused_accuracy = (double)right[2] / school->n;
}

static gboolean is_teachable(const struct lesson *lessons, guint n)
{
	for (guint i = 1; i < n; i++)
		if (lessons[i].target != lessons[0].target)
			return n >= LEARN_TEXTS_MIN;
	return FALSE;
}

static struct grams *count_grams(const struct lesson *lessons, guint n)
{
	g_autofree const char **texts = g_new(const char *, n);

	for (guint i = 0; i < n; i++)
		texts[i] = lessons[i].text;
	return grams_count(texts, n);
}

/* What the workers share: each fold writes its own rows of margins, so that nothing depends on who
 * is first. */
struct work {
	const struct school *school;
	const struct matrix *all;
	const char *const *codes;
	double *margins;
	struct learnt *learnt;
};

/* `part`: a fold + 1; FOLDS + 1: the machine that is kept. */
static void do_part(gpointer part, gpointer data)
{
	const struct work *work = data;
	guint fold = GPOINTER_TO_UINT(part) - 1;

	if (fold == FOLDS)
		teach(work->learnt, work->school, work->all, work->codes);
	else
		foretell(work->school, work->all, fold, work->margins);
}

static void do_parts(struct work *work)
{
	GThreadPool *pool = g_thread_pool_new(
	    do_part, work, (gint)MIN(g_get_num_processors(), WORKERS_MAX), FALSE, NULL);

	/* the longest one first */
	for (guint part = FOLDS + 1; part > 0; part--)
		g_thread_pool_push(pool, GUINT_TO_POINTER(part), NULL);
	g_thread_pool_free(pool, FALSE, TRUE);
}

struct learnt *learn(const struct lesson *lessons, guint n, const char *const *codes, guint targets)
{
	g_autoptr(grams_handle) grams = count_grams(lessons, MIN(n, LEARN_TEXTS_MAX));
	struct school school = {
	    .lessons = lessons, .n = grams->texts, .targets = targets, .grams = grams};
	g_autofree double *rarity = g_new(double, grams->distinct + 1);
	g_autofree double *margins = NULL;
	struct learnt *learnt;
	struct matrix all;
	struct work work;

	if (!is_teachable(lessons, school.n) || grams->distinct == 0)
		return NULL;
	for (guint i = 0; i < grams->distinct; i++)
		rarity[i] = pow(1 + log((1.0 + school.n) / (1.0 + grams->in[i])), RARITY_POWER);
	school.rarity = rarity;
	school.fold = deal(lessons, school.n, targets);
	margins = g_new(double, (gsize)school.n *targets);
	learnt = g_new0(struct learnt, 1);
	learnt->corrections = school.n;
	all = matrix_new(&school, NULL, grams->distinct);
	work = (struct work){&school, &all, codes, margins, learnt};
	do_parts(&work);
	matrix_clear(&all);
	weigh(learnt, &school, margins);
	g_free(school.fold);
	return learnt;
}
