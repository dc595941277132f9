#include "classifier/classifier.h"

#include "base/error.h"
#include "classifier/labelled.h"
#include "classifier/learn.h"
#include "classifier/rank.h"
#include "classifier/split.h"

#include <string.h>

#define SCORE_MIN      2.0  /* below, a person decides */
#define CO_MIN         5.0  /* a second department takes part from here … */
#define CO_SHARE       0.35 /* … and from this share of the first one's score when named, … */
#define CO_WORDS       0.5  /* … from this one when not */
#define CLOSE_SHARE    0.9  /* two that are so close, and neither named: a person decides */
#define SURE_MIN       0.5  /* with the second layer: below, a person decides */
#define SURE_ALONE     0.6  /* no word of the lexicon, but the second layer is so sure */
#define CO_SURE        0.25 /* a second department takes part from here */
#define COURTESY_BYTES 90   /* a greeting or thanks is not longer */
#define CONDUCT_MIN    5.0  /* a word of discipline inspection that makes a lead */
#define LEAD_SCORE     6.0  /* of a lead, at least */
#define PAIR_BYTES     36   /* between two cues that make a lead together */
#define DISPUTE_MAX    4.0  /* what speaks for a department is no dispute between firms from here */

struct classifier {
	const struct lexicon *lexicon;
	const struct learnt *learnt; /* or NULL */
	struct finder *finder;
	struct ranker *ranker;
	gint discipline; /* index of the target that gets leads, or -1 */
};

/* A sentence, or the part of one before or after a turn. */
struct unit {
	guint start;
	guint end;
	gboolean paragraph; /* begins a line or list item */
	gboolean turned;    /* stands behind a turn or 除了 */
	guint cue[CUE_TYPES];
	guint terms;  /* lexicon words in it */
	gint best;    /* no of its best department, 0 without */
	double score; /* and what speaks for it */
	gboolean lead;
	enum opinion_kind kind;
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
	classifier->learnt = learnt;
	classifier->finder = finder_new(lexicon, learnt);
	classifier->ranker = ranker_new(lexicon, learnt);
	classifier->discipline = -1;
	for (guint i = 0; i < lexicon->terms->len; i++) {
		const struct term *term = &g_array_index(lexicon->terms, struct term, i);

		if (term->kind == TERM_SHORT && strcmp(term->text, "纪委") == 0)
			classifier->discipline = (gint)term->target;
	}
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

/* Units: */

static void add_unit(GArray *units, guint start, guint end, gboolean paragraph, gboolean turned,
		     const char *text)
{
	struct unit unit = {.start = start, .end = end, .paragraph = paragraph, .turned = turned};

	while (unit.start < unit.end && g_ascii_isspace(text[unit.start]))
		unit.start++;
	if (unit.start < unit.end)
		g_array_append_val(units, unit);
}

/* 除 alone also stands in 消除, 除尘: only at the beginning of a clause does it except. */
static gboolean begins_clause(const char *text, guint at, guint start)
{
	return at == start || (at >= 3 && strncmp(text + at - 3, "，", 3) == 0) ||
	       text[at - 1] == ',' || text[at - 1] == ' ';
}

static gboolean term_begins_at(const struct findings *findings, guint at)
{
	guint first = found_from(findings->terms, at);

	return first < findings->terms->len &&
	       g_array_index(findings->terms, struct found, first).start == at;
}

static gboolean turns(const struct findings *findings, const struct found *cue)
{
	return cue->what == CUE_TURN || cue->what == CUE_EXCEPT ||
	       (cue->what == CUE_ONLY && term_begins_at(findings, cue->end));
}

static GArray *make_units(const char *text, const GArray *spans, const struct findings *findings)
{
	GArray *units = g_array_new(FALSE, FALSE, sizeof(struct unit));

	for (guint i = 0; i < spans->len; i++) {
		const struct span *span = &g_array_index(spans, struct span, i);
		guint from = span->start;
		gboolean turned = FALSE;

		for (guint j = found_from(findings->cues, span->start); j < findings->cues->len;
		     j++) {
			const struct found *cue = &g_array_index(findings->cues, struct found, j);

			if (cue->start >= span->end)
				break;
			if (!turns(findings, cue) || cue->start <= from ||
			    !begins_clause(text, cue->start, span->start))
				continue;
			add_unit(units, from, cue->start, from == span->start && span->paragraph,
				 turned, text);
			from = cue->start;
			turned = TRUE;
		}
		add_unit(units, from, span->end, from == span->start && span->paragraph, turned,
			 text);
	}
	return units;
}

static enum opinion_kind kind_of(const struct unit *unit, gboolean names_department)
{
	const guint *cue = unit->cue;

	if (unit->lead)
		return OPINION_DISCIPLINE;
	if (cue[CUE_COURT])
		return OPINION_COURT;
	if (!names_department && ((cue[CUE_DISPUTE] && unit->score < CO_MIN) ||
				  (cue[CUE_PARTY] && cue[CUE_BREACH] && unit->score < DISPUTE_MAX)))
		return OPINION_DISPUTE;
	if (cue[CUE_NOTHING] && !names_department && !cue[CUE_COMPLAINT] && !cue[CUE_SUGGESTION])
		return OPINION_BLANK;
	if (cue[CUE_COMPLAINT])
		return OPINION_OPINION;
	if (cue[CUE_SUGGESTION])
		return OPINION_SUGGESTION;
	if (cue[CUE_PRAISE] || (cue[CUE_FINE] && unit->terms == 0))
		return OPINION_PRAISE;
	return OPINION_OPINION;
}

/* No word of the lexicon is there: whom the second layer alone is sure of. */
static gint best_learnt(const struct classifier *classifier, const char *text,
			const struct findings *findings, const struct unit *unit)
{
	double sure;
	gint best =
	    rank_learnt_alone(classifier->ranker, text, findings, unit->start, unit->end, &sure);

	return sure >= SURE_ALONE
		   ? g_array_index(classifier->lexicon->targets, struct target, best).no
		   : 0;
}

/* Whether a word of conduct is among what was found (红包, 吃拿卡要). */
static gboolean speaks_of_conduct(const struct classifier *classifier, const GPtrArray *departments)
{
	for (guint i = 0; classifier->discipline >= 0 && i < departments->len; i++) {
		const struct sorted *sorted = g_ptr_array_index(departments, i);

		if (sorted->no != g_array_index(classifier->lexicon->targets, struct target,
						classifier->discipline)
				      .no)
			continue;
		for (guint j = 0; j < sorted->reasons->len; j++) {
			const struct reason *reason =
			    &g_array_index(sorted->reasons, struct reason, j);

			if (reason->weight >= CONDUCT_MIN && strcmp(reason->what, "word") == 0)
				return TRUE;
		}
	}
	return FALSE;
}

/* Counts the cues of a unit. Whether two of them make a lead together. */
static gboolean count_cues(const struct findings *findings, struct unit *unit)
{
	static const enum cue others[CUE_TYPES] = {[CUE_GIFT] = CUE_TAKE,
						   [CUE_TAKE] = CUE_GIFT,
						   [CUE_OFFICIAL] = CUE_KIN,
						   [CUE_KIN] = CUE_OFFICIAL};
	gboolean together = FALSE;
	gint ends[CUE_TYPES]; /* of the last one */

	memset(ends, -1, sizeof(ends));
	for (guint i = found_from(findings->cues, unit->start); i < findings->cues->len; i++) {
		const struct found *cue = &g_array_index(findings->cues, struct found, i);
		enum cue other = others[cue->what];

		if (cue->start >= unit->end)
			break;
		if (cue->start < unit->start)
			continue;
		unit->cue[cue->what]++;
		ends[cue->what] = (gint)cue->end;
		together |=
		    other && ends[other] >= 0 && (gint)cue->start - ends[other] <= PAIR_BYTES;
	}
	return together && !unit->cue[CUE_SAMPLE];
}

static void look_at_unit(const struct classifier *classifier, const char *text,
			 const struct findings *findings, struct unit *unit)
{
	g_autoptr(GPtrArray) departments =
	    rank_by_words(classifier->ranker, text, findings, unit->start, unit->end);
	const struct sorted *best = departments->len ? g_ptr_array_index(departments, 0) : NULL;

	for (guint i = 0; i < departments->len; i++)
		unit->terms += ((struct sorted *)g_ptr_array_index(departments, i))->reasons->len;
	unit->best = best ? best->no : best_learnt(classifier, text, findings, unit);
	unit->score = best ? best->score : 0;
	unit->lead = count_cues(findings, unit);
	unit->lead |= speaks_of_conduct(classifier, departments);
	unit->kind = kind_of(unit, best && best->named);
}

static void look_at_units(const struct classifier *classifier, const char *text,
			  const struct findings *findings, GArray *units)
{
	for (guint i = 0; i < units->len; i++)
		look_at_unit(classifier, text, findings, &g_array_index(units, struct unit, i));
}

/* 您好, 此致敬礼, 谢谢, 现将意见回复如下: politeness, not an opinion; nor is 其他没有 one beside
 * others. */
static gboolean says_little(const char *text, struct unit *unit)
{
	g_autofree char *copy = NULL;
	guint courtesy;

	if (unit->kind == OPINION_BLANK)
		return TRUE;
	if (unit->end - unit->start > COURTESY_BYTES || unit->score >= SCORE_MIN)
		return FALSE;
	copy = g_strndup(text + unit->start, unit->end - unit->start);
	if (cue_is_blank(copy)) {
		unit->kind = OPINION_BLANK;
		return TRUE;
	}
	courtesy = cue_courtesy(copy);
	return courtesy == 2 || (courtesy == 1 && !unit->cue[CUE_COMPLAINT]);
}

static void drop_courtesies(const char *text, GArray *units)
{
	guint kept = 0;
	gboolean paragraph = FALSE;
	struct unit blank = {.kind = OPINION_OPINION};

	for (guint i = 0; i < units->len; i++) {
		struct unit unit = g_array_index(units, struct unit, i);

		paragraph |= unit.paragraph;
		if (says_little(text, &unit)) {
			if (unit.kind == OPINION_BLANK && blank.end == 0)
				blank = unit;
			continue;
		}
		unit.paragraph = paragraph;
		paragraph = FALSE;
		g_array_index(units, struct unit, kept++) = unit;
	}
	if (kept == 0 && blank.end)
		g_array_index(units, struct unit, kept++) = blank;
	if (kept)
		g_array_set_size(units, kept);
}

static gboolean is_work(enum opinion_kind kind)
{
	return kind == OPINION_OPINION || kind == OPINION_SUGGESTION;
}

/* 某局的政策很好，但是不知道怎么申报: the one praised is the one meant. 虽说某局查得严，但讲道理:
 * so is the one blamed before. */
static gboolean turns_on_same(const struct unit *group, const struct unit *unit)
{
	if (!unit->turned || unit->best || !group->best)
		return FALSE;
	return (group->kind == OPINION_PRAISE && is_work(unit->kind)) ||
	       (is_work(group->kind) && unit->kind == OPINION_PRAISE);
}

/* What a group is when it turns on the same department: what is blamed weighs more, unless it was
 * conceded (虽然). */
static enum opinion_kind turned_kind(const struct unit *group, const struct unit *unit)
{
	return unit->kind == OPINION_PRAISE && group->cue[CUE_COMPLAINT] && !group->cue[CUE_CONCEDE]
		   ? group->kind
		   : unit->kind;
}

/* Whether `unit` goes on with what `group` says. */
static gboolean goes_on(const struct unit *group, const struct unit *unit)
{
	if (turns_on_same(group, unit))
		return TRUE;
	if (unit->cue[CUE_UNKNOWN] && !unit->best)
		return FALSE;
	if (unit->kind == OPINION_PRAISE || group->kind == OPINION_PRAISE)
		return unit->kind == group->kind && !unit->paragraph &&
		       (unit->best == group->best || !unit->best || !group->best);
	/* the story of a lead goes on to the end of its paragraph, that of a dispute or a lawsuit
	 * until something else is spoken of */
	if (group->kind == OPINION_DISCIPLINE)
		return !unit->paragraph;
	if (!is_work(group->kind))
		return !unit->paragraph && (unit->kind == group->kind || unit->score < DISPUTE_MAX);
	if (!is_work(unit->kind))
		return !unit->paragraph && (!unit->terms || !group->terms);
	if (unit->best == 0 || group->best == 0)
		return !unit->paragraph ||
		       (unit->best == 0 && !unit->cue[CUE_COMPLAINT] &&
			!unit->cue[CUE_SUGGESTION]) ||
		       (group->best == 0 && !group->cue[CUE_COMPLAINT] &&
			!group->cue[CUE_SUGGESTION]);
	return unit->best == group->best && !unit->paragraph;
}

/* Neighbours that belong together become one. */
static void join_units(GArray *units)
{
	guint kept = 0;

	for (guint i = 1; i < units->len; i++) {
		struct unit *group = &g_array_index(units, struct unit, kept);
		const struct unit *unit = &g_array_index(units, struct unit, i);

		if (!goes_on(group, unit) && kept + 1 < CLASSIFIER_OPINIONS_MAX) {
			g_array_index(units, struct unit, ++kept) = *unit;
			continue;
		}
		if (turns_on_same(group, unit))
			group->kind = turned_kind(group, unit);
		group->end = unit->end;
		for (guint j = 0; j < CUE_TYPES; j++)
			group->cue[j] += unit->cue[j];
		group->terms += unit->terms;
		if (!group->best)
			group->best = unit->best;
		if (is_work(group->kind) && !is_work(unit->kind) && unit->kind != OPINION_PRAISE)
			group->kind = unit->kind;
		else if (group->kind == OPINION_SUGGESTION && unit->kind == OPINION_OPINION &&
			 unit->cue[CUE_COMPLAINT])
			group->kind = OPINION_OPINION;
	}
	if (units->len)
		g_array_set_size(units, kept + 1);
}

/* Opinions: */

static void classified_free(gpointer data)
{
	struct classified *classified = data;

	g_free(classified->text);
	g_ptr_array_unref(classified->departments);
	g_free(classified);
}

static struct sorted *department(const GPtrArray *departments, guint i)
{
	return g_ptr_array_index(departments, i);
}

static void ask(struct classified *classified, const char *why)
{
	classified->needs_person = TRUE;
	classified->why = why;
}

/* Who takes part besides the one who leads. */
static void keep_handlers(GPtrArray *departments)
{
	double best = departments->len ? department(departments, 0)->score : 0;

	for (guint i = departments->len; i-- > 1;) {
		const struct sorted *other = department(departments, i);

		if (other->score < CO_MIN ||
		    other->score < best * (other->named ? CO_SHARE : CO_WORDS))
			g_ptr_array_remove_index(departments, i);
	}
}

/* Who leads, who takes part, or that a person has to say: by the lexicon alone. */
static void decide_by_words(struct classified *classified)
{
	GPtrArray *departments = classified->departments;
	double best = departments->len ? department(departments, 0)->score : 0;

	if (best < SCORE_MIN) {
		ask(classified, departments->len ? N_("too little speaks for any department")
						 : N_("no word of any department was found"));
		return;
	}
	department(departments, 0)->lead = TRUE;
	if (departments->len > 1 && !department(departments, 0)->named &&
	    !department(departments, 1)->named && best < CO_MIN + SCORE_MIN &&
	    department(departments, 1)->score >= best * CLOSE_SHARE &&
	    department(departments, 1)->score < CO_MIN) {
		ask(classified, N_("two departments are too close"));
		return;
	}
	keep_handlers(departments);
}

/* The same by both layers. Who is named takes part as it does by words alone. */
static void decide_by_sureness(struct classified *classified)
{
	GPtrArray *departments = classified->departments;
	double best = departments->len ? department(departments, 0)->sure : 0;
	double score = departments->len ? department(departments, 0)->score : 0;

	if (departments->len == 0) {
		ask(classified, N_("no word of any department was found"));
		return;
	}
	department(departments, 0)->lead = TRUE;
	if (departments->len > 1 && department(departments, 1)->sure >= best * CLOSE_SHARE) {
		ask(classified, N_("two departments are too close"));
		return;
	}
	if (best < SURE_MIN) {
		ask(classified, N_("too little speaks for any department"));
		return;
	}
	for (guint i = departments->len; i-- > 1;) {
		const struct sorted *other = department(departments, i);

		if (other->sure < CO_SURE &&
		    !(other->score >= CO_MIN && other->score >= score * CO_SHARE))
			g_ptr_array_remove_index(departments, i);
	}
}

static void decide(struct classified *classified, gboolean by_words)
{
	if (by_words)
		decide_by_words(classified);
	else
		decide_by_sureness(classified);
}

/* How sure, and what came second: said before anything is left out. */
static void note_second(struct classified *classified)
{
	GPtrArray *departments = classified->departments;

	if (departments->len > 0)
		classified->sure = department(departments, 0)->sure;
	if (departments->len > 1) {
		classified->second_code = department(departments, 1)->code;
		classified->second_name = department(departments, 1)->name;
		classified->second_sure = department(departments, 1)->sure;
	}
}

/* A lead goes to discipline inspection alone, whoever it names. */
static void send_to_discipline(const struct classifier *classifier, struct classified *classified,
			       const char *text, const struct findings *findings,
			       const struct unit *unit)
{
	struct sorted *sorted;

	ask(classified, N_("a lead for discipline inspection: never to the department it names"));
	if (classifier->discipline < 0) {
		g_ptr_array_set_size(classified->departments, 0);
		return;
	}
	sorted =
	    sorted_of(classified->departments, classifier->lexicon, (guint)classifier->discipline);
	for (guint i = classified->departments->len; i-- > 0;)
		if (department(classified->departments, i) != sorted)
			g_ptr_array_remove_index(classified->departments, i);
	sorted->lead = TRUE;
	sorted->score = MAX(sorted->score, LEAD_SCORE);
	for (guint i = found_from(findings->cues, unit->start); i < findings->cues->len; i++) {
		const struct found *cue = &g_array_index(findings->cues, struct found, i);
		struct reason reason;

		if (cue->end > unit->end)
			break;
		if (cue->what < CUE_GIFT || cue->what > CUE_KIN || cue->start < unit->start)
			continue;
		reason = (struct reason){g_strndup(text + cue->start, cue->end - cue->start),
					 cue->start - unit->start, cue->end - unit->start,
					 LEAD_SCORE / 2, "word"};
		g_array_append_val(sorted->reasons, reason);
	}
}

static struct classified *classify_unit(const struct classifier *classifier, const char *text,
					const struct findings *findings, const struct unit *unit)
{
	struct classified *classified = g_new0(struct classified, 1);

	classified->text = g_strndup(text + unit->start, unit->end - unit->start);
	classified->start = unit->start;
	classified->kind = unit->kind;
	classified->departments =
	    rank_departments(classifier->ranker, text, findings, unit->start, unit->end);
	switch (unit->kind) {
	case OPINION_OPINION:
	case OPINION_SUGGESTION:
		note_second(classified);
		decide(classified, classifier->learnt == NULL);
		break;
	case OPINION_DISCIPLINE:
		send_to_discipline(classifier, classified, text, findings, unit);
		break;
	case OPINION_DISPUTE:
		g_ptr_array_set_size(classified->departments, 0);
		ask(classified,
		    N_("a dispute between firms is not accepted: a person declines it"));
		break;
	case OPINION_COURT:
		g_ptr_array_set_size(classified->departments, 0);
		ask(classified, N_("before a court or in arbitration: a person declines it"));
		break;
	case OPINION_PRAISE:
		if (classified->departments->len)
			department(classified->departments, 0)->lead = TRUE;
		keep_handlers(classified->departments);
		break;
	case OPINION_BLANK:
		g_ptr_array_set_size(classified->departments, 0);
		break;
	}
	return classified;
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
	units = make_units(text, spans, &findings);
	look_at_units(classifier, text, &findings, units);
	drop_courtesies(text, units);
	join_units(units);
	for (guint i = 0; i < units->len; i++)
		g_ptr_array_add(opinions, classify_unit(classifier, text, &findings,
							&g_array_index(units, struct unit, i)));
	findings_clear(&findings);
	if (opinions->len == 0)
		g_ptr_array_add(opinions, blank(text));
	return opinions;
}
