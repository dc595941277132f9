#include "classifier/unit.h"

#include "classifier/split.h"

#include <string.h>

#define SURE_ALONE     0.6 /* no word of the lexicon, but the second layer is so sure */
#define COURTESY_BYTES 90  /* a greeting or thanks is not longer */
#define CONDUCT_MIN    5.0 /* a word of discipline inspection that makes a lead */
#define PAIR_BYTES     36  /* between two cues that make a lead together */
#define TURN_MAX       4.5 /* behind a turn, what speaks for another than the one named before */
#define DISPUTE_MAX    4.0 /* what speaks for a department is no dispute between firms from here */

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
	return cue->what == CUE_TURN || cue->what == CUE_EXCEPT || cue->what == CUE_NEXT ||
	       (cue->what == CUE_ONLY && term_begins_at(findings, cue->end));
}

static GArray *make_units(const char *text, const GArray *spans, const struct findings *findings)
{
	GArray *units = g_array_sized_new(FALSE, FALSE, sizeof(struct unit), spans->len);
	guint j = 0;

	for (guint i = 0; i < spans->len; i++) {
		const struct span *span = &g_array_index(spans, struct span, i);
		guint from = span->start;
		gboolean turned = FALSE;

		for (; j < findings->cues->len; j++) {
			const struct found *cue = &g_array_index(findings->cues, struct found, j);

			if (cue->start >= span->end)
				break;
			if (!turns(findings, cue) || cue->start <= from ||
			    !begins_clause(text, cue->start, span->start))
				continue;
			add_unit(units, from, cue->start, from == span->start && span->paragraph,
				 turned, text);
			from = cue->start;
			turned = cue->what != CUE_NEXT;
		}
		add_unit(units, from, span->end, from == span->start && span->paragraph, turned,
			 text);
	}
	return units;
}

static enum opinion_kind kind_of(const struct unit *unit, gboolean names_department)
{
	const guint8 *cue = unit->cue;

	if (unit->lead)
		return OPINION_DISCIPLINE;
	if (cue[CUE_COURT])
		return OPINION_COURT;
	if (!names_department && ((cue[CUE_DISPUTE] && unit->score < RANK_CO_MIN) ||
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
static gint best_learnt(const struct ranker *ranker, const char *text,
			const struct findings *findings, const struct unit *unit)
{
	double sure;
	gint best = rank_learnt_alone(ranker, text, findings, unit->start, unit->end, &sure);

	return sure >= SURE_ALONE
		   ? g_array_index(ranker_lexicon(ranker)->targets, struct target, best).no
		   : 0;
}

/* Whether a word of conduct is among what was found (红包, 吃拿卡要). */
static gboolean speaks_of_conduct(const struct ranker *ranker, const struct tally *tally)
{
	gint discipline = ranker_discipline(ranker);

	for (guint i = 0; discipline >= 0 && i < tally->voices->len; i++) {
		const struct voice *voice = &g_array_index(tally->voices, struct voice, i);

		if (voice->target != (guint)discipline)
			continue;
		for (const struct told *told = tally_told(tally, voice->first); told;
		     told = tally_told(tally, told->next))
			if (told->reason.weight >= CONDUCT_MIN &&
			    strcmp(told->reason.what, "word") == 0)
				return TRUE;
	}
	return FALSE;
}

/* Notes the cues of a unit, from the next one on. Whether two of them make a lead together. */
static gboolean note_cues(const struct findings *findings, struct unit *unit, guint *next_inout)
{
	static const enum cue others[CUE_TYPES] = {[CUE_GIFT] = CUE_TAKE,
						   [CUE_TAKE] = CUE_GIFT,
						   [CUE_OFFICIAL] = CUE_KIN,
						   [CUE_KIN] = CUE_OFFICIAL};
	gboolean together = FALSE;
	gint ends[CUE_TYPES]; /* of the last one */

	memset(ends, -1, sizeof(ends));
	for (; *next_inout < findings->cues->len; (*next_inout)++) {
		const struct found *cue = &g_array_index(findings->cues, struct found, *next_inout);
		enum cue other = others[cue->what];

		if (cue->start >= unit->end)
			break;
		if (cue->start < unit->start)
			continue;
		unit->cue[cue->what] = 1;
		ends[cue->what] = (gint)cue->end;
		together |=
		    other && ends[other] >= 0 && (gint)cue->start - ends[other] <= PAIR_BYTES;
	}
	return together && !unit->cue[CUE_SAMPLE];
}

static void look_at_unit(const struct ranker *ranker, const char *text,
			 const struct findings *findings, struct unit *unit, struct tally *tally,
			 guint *next_cue_inout)
{
	const struct voice *best;

	tally_fill(tally, ranker_lexicon(ranker), text, findings, unit->start, unit->end);
	unit->terms = tally->told->len;
	best = tally_best(tally);
	unit->best =
	    best ? g_array_index(ranker_lexicon(ranker)->targets, struct target, best->target).no
		 : best_learnt(ranker, text, findings, unit);
	unit->score = best ? best->score : 0;
	unit->named = best && best->named;
	unit->lead = note_cues(findings, unit, next_cue_inout);
	unit->lead |= speaks_of_conduct(ranker, tally);
	unit->kind = kind_of(unit, unit->named);
}

static void look_at_units(const struct ranker *ranker, const char *text,
			  const struct findings *findings, GArray *units)
{
	struct tally tally;
	guint next_cue = 0;

	tally_init(&tally);
	for (guint i = 0; i < units->len; i++)
		look_at_unit(ranker, text, findings, &g_array_index(units, struct unit, i), &tally,
			     &next_cue);
	tally_clear(&tally);
}

/* 您好, 此致敬礼, 谢谢, 现将意见回复如下: politeness, not an opinion; nor is 其他没有 one beside
 * others. */
static gboolean says_little(const char *text, struct unit *unit)
{
	g_autofree char *copy = NULL;
	guint courtesy;

	if (unit->kind == OPINION_BLANK)
		return TRUE;
	if (unit->end - unit->start > COURTESY_BYTES || unit->score >= RANK_SCORE_MIN)
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
	if (!unit->turned || !group->best)
		return FALSE;
	/* 环保局执法文明，但检查次数没减: where little is said, it is of the one named before */
	if (unit->best &&
	    (unit->best == group->best || unit->named || !group->named || unit->score >= TURN_MAX))
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
			group->cue[j] |= unit->cue[j];
		group->terms += unit->terms;
		if (!group->best) {
			group->best = unit->best;
			group->score = unit->score;
		}
		group->named |= unit->named && unit->best == group->best;
		if (is_work(group->kind) && !is_work(unit->kind) && unit->kind != OPINION_PRAISE)
			group->kind = unit->kind;
		else if (group->kind == OPINION_SUGGESTION && unit->kind == OPINION_OPINION &&
			 unit->cue[CUE_COMPLAINT])
			group->kind = OPINION_OPINION;
	}
	if (units->len)
		g_array_set_size(units, kept + 1);
}

GArray *units_of(const struct ranker *ranker, const char *text, const GArray *spans,
		 const struct findings *findings)
{
	GArray *units = make_units(text, spans, findings);

	look_at_units(ranker, text, findings, units);
	drop_courtesies(text, units);
	join_units(units);
	return units;
}
