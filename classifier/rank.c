#include "classifier/rank.h"

#include "classifier/piece.h"

#include <string.h>

#define DOUBT          3.0  /* a word of which nothing is known: how sure the lexicon alone is */
#define CANDIDATE_SURE 0.05 /* what the second layer alone adds to the departments is this sure */
#define LEARNT_SHOWN   5    /* reasons of the second layer for a department */
#define SHOWN_MIN      0.01 /* what adds less is no reason */
#define NONE           G_MAXUINT32

#define SETTLED         3.0 /* words that say so much, and little for others, need no pieces */
#define LITTLE          0.5 /* … of that, or … */
#define CLEAR           2.0 /* … so much less than that */
#define PIECES_MIN      2.0 /* what pieces say for a department without a word, at least */
#define PIECES_SHOWN    3   /* of which so many are reasons … */
#define PIECE_SHOWN_MIN 0.5 /* … that say so much */

struct ranker {
	const struct lexicon *lexicon;
	const struct learnt *learnt;
	struct pieces *pieces;
	guint *taught; /* the lexicon's target → the second layer's, or NONE */
	guint8 *known; /* … whether there is one */
	gint discipline;
};

struct ranker *ranker_new(const struct lexicon *lexicon, const struct learnt *learnt)
{
	struct ranker *ranker = g_new0(struct ranker, 1);

	ranker->lexicon = lexicon;
	ranker->learnt = learnt;
	ranker->taught = g_new(guint, lexicon->targets->len + 1);
	ranker->known = g_new0(guint8, lexicon->targets->len + 1);
	for (guint i = 0; i < lexicon->targets->len; i++) {
		const struct target *target = &g_array_index(lexicon->targets, struct target, i);

		ranker->taught[i] = NONE;
		for (guint j = 0; learnt && j < learnt->targets; j++)
			if (strcmp(learnt->codes[j], target->code) == 0)
				ranker->taught[i] = j;
		ranker->known[i] = ranker->taught[i] != NONE;
	}
	ranker->discipline = -1;
	for (guint i = 0; i < lexicon->terms->len; i++) {
		const struct term *term = &g_array_index(lexicon->terms, struct term, i);

		if (term->kind == TERM_SHORT && strcmp(term->text, "纪委") == 0)
			ranker->discipline = (gint)term->target;
	}
	ranker->pieces = pieces_new(lexicon, ranker->discipline);
	return ranker;
}

const struct lexicon *ranker_lexicon(const struct ranker *ranker)
{
	return ranker->lexicon;
}

const struct learnt *ranker_learnt(const struct ranker *ranker)
{
	return ranker->learnt;
}

gint ranker_discipline(const struct ranker *ranker)
{
	return ranker->discipline;
}

void ranker_free(struct ranker *ranker)
{
	if (!ranker)
		return;
	pieces_free(ranker->pieces);
	g_free(ranker->taught);
	g_free(ranker->known);
	g_free(ranker);
}

static void sorted_free(gpointer data)
{
	struct sorted *sorted = data;

	g_array_unref(sorted->reasons);
	g_free(sorted);
}

static struct sorted *add_sorted(GPtrArray *departments, const struct lexicon *lexicon, guint index,
				 guint reasons)
{
	const struct target *target = &g_array_index(lexicon->targets, struct target, index);
	struct sorted *sorted = g_new(struct sorted, 1);

	*sorted = (struct sorted){
	    .target = index,
	    .no = target->no,
	    .code = target->code,
	    .name = target->name,
	    .reasons = g_array_sized_new(FALSE, FALSE, sizeof(struct reason), reasons)};
	g_ptr_array_add(departments, sorted);
	return sorted;
}

struct sorted *sorted_of(GPtrArray *departments, const struct lexicon *lexicon, guint index)
{
	for (guint i = 0; i < departments->len; i++) {
		struct sorted *sorted = g_ptr_array_index(departments, i);

		if (sorted->target == index)
			return sorted;
	}
	return add_sorted(departments, lexicon, index, 0);
}

/* The place of its first reason. */
static guint first_place(const struct sorted *sorted)
{
	return sorted->reasons->len ? g_array_index(sorted->reasons, struct reason, 0).start
				    : G_MAXUINT;
}

static gint by_score(gconstpointer a, gconstpointer b)
{
	const struct sorted *one = *(struct sorted *const *)a;
	const struct sorted *two = *(struct sorted *const *)b;

	if (one->sum != two->sum)
		return one->sum > two->sum ? -1 : 1;
	/* the one that is spoken of first; where one word speaks for both, in the departments'
	 * order */
	if (first_place(one) != first_place(two))
		return first_place(one) < first_place(two) ? -1 : 1;
	return one->no != two->no ? one->no - two->no : (gint)one->target - (gint)two->target;
}

static gint by_sureness(gconstpointer a, gconstpointer b)
{
	const struct sorted *one = *(struct sorted *const *)a;
	const struct sorted *two = *(struct sorted *const *)b;

	if (one->sure != two->sure)
		return one->sure > two->sure ? -1 : 1;
	return by_score(a, b);
}

/* Alone, the lexicon is as sure as its words agree; a word more or less is always in doubt. */
static void set_sureness(GPtrArray *departments)
{
	double all = DOUBT;

	for (guint i = 0; i < departments->len; i++)
		all += ((struct sorted *)g_ptr_array_index(departments, i))->sum;
	for (guint i = 0; i < departments->len; i++) {
		struct sorted *sorted = g_ptr_array_index(departments, i);

		sorted->sure = sorted->sum / all;
	}
}

/* The n-grams of a stretch of text. */
struct bag {
	GArray *entries; /* struct gram_entry, each gram once */
	GArray *first;   /* struct found, likewise: where it stands first */
	double *values;  /* what each is worth */
};

static struct bag bag_of(const struct learnt *learnt, const char *text,
			 const struct findings *findings, guint start, guint end)
{
	guint opening = tally_opening(text, start, end);
	g_autofree guint32 *seen = g_new0(guint32, learnt->grams); /* entry + 1 */
	struct bag bag = {g_array_new(FALSE, FALSE, sizeof(struct gram_entry)),
			  g_array_new(FALSE, FALSE, sizeof(struct found)), NULL};

	for (guint i = found_from(findings->grams, start); i < findings->grams->len; i++) {
		const struct found *found = &g_array_index(findings->grams, struct found, i);
		struct gram_entry entry = {found->what, found->end <= opening ? GRAM_OPENS : 1};

		if (found->end > end)
			break;
		if (found->start < start)
			continue;
		if (seen[found->what]) {
			g_array_index(bag.entries, struct gram_entry, seen[found->what] - 1)
			    .count += entry.count;
			continue;
		}
		g_array_append_val(bag.entries, entry);
		g_array_append_val(bag.first, *found);
		seen[found->what] = bag.entries->len;
	}
	bag.values = g_new(double, bag.entries->len + 1);
	return bag;
}

static void bag_clear(struct bag *bag)
{
	g_array_unref(bag->entries);
	g_array_unref(bag->first);
	g_free(bag->values);
}

/* How sure both layers together are of each of the lexicon's targets. */
static void weigh(const struct ranker *ranker, GPtrArray *departments, struct bag *bag,
		  double *sure_out)
{
	const struct learnt *learnt = ranker->learnt;
	guint n = ranker->lexicon->targets->len;
	g_autofree double *taught = g_new(double, learnt->targets);
	g_autofree double *margins = g_new(double, n);
	g_autofree double *scores = g_new0(double, n);
	g_autofree double *evidence = g_new(double, n);

	learnt_margins(learnt, (const struct gram_entry *)(void *)bag->entries->data,
		       bag->entries->len, bag->values, taught);
	for (guint i = 0; i < n; i++)
		margins[i] = ranker->known[i] ? taught[ranker->taught[i]] : 0;
	learnt_fill(margins, ranker->known, n);
	for (guint i = 0; i < departments->len; i++) {
		const struct sorted *sorted = g_ptr_array_index(departments, i);

		scores[sorted->target] = sorted->score;
	}
	fuse_evidence(scores, n, evidence);
	fuse_sureness(&learnt->fusion, margins, evidence, n, sure_out);
}

/* Whether one stands in the other: then the longer one is the better reason. */
static gboolean overlap(const char *one, const char *two)
{
	return strstr(one, two) || strstr(two, one);
}

static gboolean is_shown(const struct sorted *sorted, guint from, const char *word)
{
	for (guint i = from; i < sorted->reasons->len; i++)
		if (overlap(g_array_index(sorted->reasons, struct reason, i).word, word))
			return TRUE;
	return FALSE;
}

struct part {
	double weight;
	guint entry;
};

static gint by_weight(gconstpointer a, gconstpointer b)
{
	const struct part *one = a;
	const struct part *two = b;

	if (one->weight != two->weight)
		return one->weight > two->weight ? -1 : 1;
	return one->entry < two->entry ? -1 : 1;
}

/* The n-grams that spoke for it most; of those that stand in one another, one. */
static void add_grams(const struct ranker *ranker, struct sorted *sorted, const struct bag *bag,
		      guint start)
{
	const struct learnt *learnt = ranker->learnt;
	guint target = ranker->taught[sorted->target];
	g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(struct part));
	guint words = sorted->reasons->len;

	for (guint i = 0; target != NONE && i < bag->entries->len; i++) {
		guint gram = g_array_index(bag->entries, struct gram_entry, i).gram;
		struct part part = {
		    learnt->fusion.learnt * learnt_part(learnt, gram, target, bag->values[i]), i};

		if (part.weight >= SHOWN_MIN)
			g_array_append_val(parts, part);
	}
	g_array_sort(parts, by_weight);
	for (guint i = 0; i < parts->len && sorted->reasons->len < words + LEARNT_SHOWN; i++) {
		const struct part *part = &g_array_index(parts, struct part, i);
		const struct found *found = &g_array_index(bag->first, struct found, part->entry);
		struct reason reason = {NULL, found->start - start, found->end - start,
					part->weight, "learnt"};

		if (is_shown(sorted, words, learnt->texts[found->what]))
			continue;
		reason.word = learnt->texts[found->what];
		g_array_append_val(sorted->reasons, reason);
	}
}

/* Both layers weighed together, where corrections have taught the second one. */
static void add_learnt(const struct ranker *ranker, GPtrArray *departments, const char *text,
		       const struct findings *findings, guint start, guint end)
{
	guint n = ranker->lexicon->targets->len;
	g_autofree double *sure = g_new(double, n);
	struct bag bag = bag_of(ranker->learnt, text, findings, start, end);

	weigh(ranker, departments, &bag, sure);
	for (guint i = 0; i < n && bag.entries->len > 0; i++)
		if (sure[i] >= CANDIDATE_SURE)
			sorted_of(departments, ranker->lexicon, i);
	for (guint i = 0; i < departments->len; i++) {
		struct sorted *sorted = g_ptr_array_index(departments, i);

		sorted->sure = sure[sorted->target];
		if (sorted->sure >= CANDIDATE_SURE)
			add_grams(ranker, sorted, &bag, start);
	}
	bag_clear(&bag);
}

gint rank_learnt_alone(const struct ranker *ranker, const char *text,
		       const struct findings *findings, guint start, guint end, double *sure_out)
{
	guint n = ranker->lexicon->targets->len;
	g_autofree double *sure = g_new(double, n);
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	guint best = 0;
	struct bag bag;

	*sure_out = 0;
	if (!ranker->learnt)
		return -1;
	bag = bag_of(ranker->learnt, text, findings, start, end);
	if (bag.entries->len > 0) {
		weigh(ranker, none, &bag, sure);
		for (guint i = 1; i < n; i++)
			if (sure[i] > sure[best])
				best = i;
		*sure_out = sure[best];
	}
	bag_clear(&bag);
	return *sure_out > 0 ? (gint)best : -1;
}

static void add_voice(GPtrArray *departments, const struct lexicon *lexicon,
		      const struct tally *tally, const struct voice *voice)
{
	struct sorted *sorted = add_sorted(departments, lexicon, voice->target, voice->words);

	sorted->score = sorted->sum = voice->score;
	sorted->named = voice->named;
	for (const struct told *told = tally_told(tally, voice->first); told;
	     told = tally_told(tally, told->next))
		g_array_append_val(sorted->reasons, told->reason);
}

/* The two targets of which most is said are among the departments, also without a word. */
static void add_unsaid(GPtrArray *departments, const struct lexicon *lexicon, const double *pieces)
{
	guint n = lexicon->targets->len;
	g_autofree double *sums = g_memdup2(pieces, n * sizeof *pieces);

	for (guint i = 0; i < departments->len; i++) {
		const struct sorted *sorted = g_ptr_array_index(departments, i);

		sums[sorted->target] += sorted->score;
	}
	for (guint times = 0; times < 2; times++) {
		guint best = 0;

		for (guint i = 1; i < n; i++)
			if (sums[i] > sums[best])
				best = i;
		if (n > 0 && sums[best] >= PIECES_MIN)
			sorted_of(departments, lexicon, best);
		if (n > 0)
			sums[best] = 0;
	}
}

/* The pieces that speak for a department of which there is no word. */
static void tell_pieces(const struct ranker *ranker, struct sorted *sorted, const char *text,
			const struct findings *findings, guint start, guint end)
{
	for (guint at = start; at < end && sorted->reasons->len < PIECES_SHOWN;) {
		guint next = (guint)(g_utf8_next_char(text + at) - text);
		struct reason reason = {NULL, at - start, 0, 0, "piece"};
		guint to;

		reason.weight = pieces_voice(ranker->pieces, text, at, end, findings->silent,
					     sorted->target, &to);
		at = next;
		if (reason.weight < PIECE_SHOWN_MIN)
			continue;
		reason.end = to - start;
		g_array_append_val(sorted->reasons, reason);
		at = to;
	}
}

/* What pieces of words say besides, without the second layer also for departments of which there is
 * no word. */
static void add_pieces(const struct ranker *ranker, GPtrArray *departments, const char *text,
		       const struct findings *findings, guint start, guint end)
{
	g_autofree double *pieces = g_new0(double, ranker->lexicon->targets->len + 1);

	pieces_score(ranker->pieces, text, start, end, findings->silent, pieces);
	if (!ranker->learnt)
		add_unsaid(departments, ranker->lexicon, pieces);
	for (guint i = 0; i < departments->len; i++) {
		struct sorted *sorted = g_ptr_array_index(departments, i);

		sorted->sum += pieces[sorted->target];
		if (sorted->reasons->len == 0)
			tell_pieces(ranker, sorted, text, findings, start, end);
	}
}

/* Whether the words leave nothing open. `departments`: sorted. */
static gboolean is_settled(const GPtrArray *departments)
{
	struct sorted *const *sorted = (struct sorted **)departments->pdata;

	return departments->len > 0 && sorted[0]->score >= SETTLED &&
	       (departments->len == 1 || sorted[1]->score <= LITTLE * sorted[0]->score ||
		sorted[1]->score <= sorted[0]->score - CLEAR);
}

/* By the lexicon alone. */
static GPtrArray *rank_by_words(const struct ranker *ranker, const char *text,
				const struct findings *findings, guint start, guint end)
{
	GPtrArray *departments = g_ptr_array_new_with_free_func(sorted_free);
	struct tally tally;

	tally_init(&tally);
	tally_fill(&tally, ranker->lexicon, text, findings, start, end);
	for (guint i = 0; i < tally.voices->len; i++)
		add_voice(departments, ranker->lexicon, &tally,
			  &g_array_index(tally.voices, struct voice, i));
	tally_clear(&tally);
	g_ptr_array_sort(departments, by_score);
	/* a long text has words enough of its own; with one department there is nothing to settle
	 */
	if (end - start < TALLY_LONG && (!ranker->learnt || departments->len > 1) &&
	    !is_settled(departments)) {
		add_pieces(ranker, departments, text, findings, start, end);
		g_ptr_array_sort(departments, by_score);
	}
	set_sureness(departments);
	return departments;
}

GPtrArray *rank_departments(const struct ranker *ranker, const char *text,
			    const struct findings *findings, guint start, guint end)
{
	GPtrArray *departments = rank_by_words(ranker, text, findings, start, end);

	if (ranker->learnt) {
		add_learnt(ranker, departments, text, findings, start, end);
		g_ptr_array_sort(departments, by_sureness);
	}
	return departments;
}

void rank_scores(const struct ranker *ranker, const char *text, gsize size,
		 const struct findings *findings, double *scores_out)
{
	struct tally tally;

	tally_init(&tally);
	tally_fill(&tally, ranker->lexicon, text, findings, 0, (guint)size);
	memset(scores_out, 0, ranker->lexicon->targets->len * sizeof *scores_out);
	for (guint i = 0; i < tally.voices->len; i++) {
		const struct voice *voice = &g_array_index(tally.voices, struct voice, i);

		scores_out[voice->target] = voice->score;
	}
	tally_clear(&tally);
}
