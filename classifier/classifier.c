#include "classifier/classifier.h"

#include "classifier/decide.h"
#include "classifier/labelled.h"
#include "classifier/learn.h"
#include "classifier/split.h"

#include <string.h>

struct classifier {
	const struct lexicon *lexicon;
	struct finder *finder;
	struct ranker *ranker;
};

const char *opinion_kind_name(enum opinion_kind kind)
{
	static const char *const names[] = {
	    [OPINION_OPINION] = "opinion",       [OPINION_PRAISE] = "praise",
	    [OPINION_SUGGESTION] = "suggestion", [OPINION_BLANK] = "blank",
	    [OPINION_DISPUTE] = "dispute",       [OPINION_COURT] = "court",
	    [OPINION_DISCIPLINE] = "discipline",
	};

	return names[kind];
}

struct classifier *classifier_new(const struct lexicon *lexicon)
{
	return classifier_new_learnt(lexicon, NULL);
}

struct classifier *classifier_new_learnt(const struct lexicon *lexicon, const struct learnt *learnt)
{
	struct classifier *classifier = g_new0(struct classifier, 1);

	classifier->lexicon = lexicon;
	classifier->finder = finder_new(lexicon, learnt);
	classifier->ranker = ranker_new(lexicon, learnt);
	return classifier;
}

void classifier_free(struct classifier *classifier)
{
	if (!classifier)
		return;
	finder_free(classifier->finder);
	ranker_free(classifier->ranker);
	g_free(classifier);
}

static void classified_free(gpointer data)
{
	struct classified *classified = data;

	g_free(classified->text);
	g_ptr_array_unref(classified->departments);
	g_free(classified);
}

static struct classified *blank(const char *text)
{
	struct classified *classified = g_new0(struct classified, 1);

	classified->text = g_strstrip(g_strdup(text));
	classified->kind = OPINION_BLANK;
	classified->departments = g_ptr_array_new();
	return classified;
}

/* At most so many bytes are looked at, whole characters. */
static gsize looked_at(const char *text)
{
	gsize length = strlen(text);
	gsize size = MIN(length, CLASSIFIER_TEXT_MAX);

	while (size < length && size > 0 && ((guint8)text[size] & 0xc0) == 0x80)
		size--;
	return size;
}

GPtrArray *classifier_rank(const struct classifier *classifier, const char *text)
{
	gsize size = looked_at(text);
	struct findings findings;
	GPtrArray *ranked;

	finder_find(classifier->finder, text, size, NULL, NULL, &findings);
	ranked = rank_departments(classifier->ranker, text, &findings, 0, (guint)size);
	findings_clear(&findings);
	return ranked;
}

struct learnt *classifier_learn(const struct classifier *classifier, const GArray *texts)
{
	guint targets = classifier->lexicon->targets->len;
	guint n = MIN(texts->len, LEARN_TEXTS_MAX);
	g_autofree struct lesson *lessons = g_new0(struct lesson, n + 1);
	g_autofree double *scores = g_new(double, (gsize)n *targets + 1);
	g_autofree const char **codes = g_new(const char *, targets);
	g_auto(GStrv) prepared = g_new0(char *, n + 1);

	for (guint i = 0; i < targets; i++)
		codes[i] = g_array_index(classifier->lexicon->targets, struct target, i).code;
	for (guint i = 0; i < n; i++) {
		const struct labelled *one = &g_array_index(texts, struct labelled, i);
		gsize size = looked_at(one->text);
		double *score = scores + (gsize)i * targets;
		struct findings findings;

		finder_find(classifier->finder, one->text, size, NULL, NULL, &findings);
		rank_scores(classifier->ranker, one->text, size, &findings, score);
		findings_clear(&findings);
		prepared[i] = finder_prepare(classifier->finder, one->text, size, NULL);
		lessons[i] = (struct lesson){prepared[i], one->target, score};
	}
	return learn(lessons, n, codes, targets);
}

GPtrArray *classifier_opinions(const struct classifier *classifier, const char *text,
			       const char *const *own_names)
{
	return classifier_opinions_on(classifier, text, own_names, NULL);
}

GPtrArray *classifier_opinions_on(const struct classifier *classifier, const char *text,
				  const char *const *own_names, const char *day)
{
	GPtrArray *opinions = g_ptr_array_new_with_free_func(classified_free);
	gsize size = looked_at(text);
	g_autoptr(GArray) spans = NULL;
	g_autoptr(GArray) units = NULL;
	struct findings findings;

	if (cue_is_blank(text)) {
		g_ptr_array_add(opinions, blank(text));
		return opinions;
	}
	spans = split_sentences(text, size);
	finder_find(classifier->finder, text, size, own_names, day, &findings);
	units = units_of(classifier->ranker, text, spans, &findings);
	for (guint i = 0; i < units->len; i++)
		g_ptr_array_add(opinions, decide_unit(classifier->ranker, text, &findings,
						      &g_array_index(units, struct unit, i)));
	findings_clear(&findings);
	if (opinions->len == 0)
		g_ptr_array_add(opinions, blank(text));
	return opinions;
}
