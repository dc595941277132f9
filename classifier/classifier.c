#include "classifier/classifier.h"

#include "base/error.h"
#include "classifier/sort.h"
#include "classifier/split.h"

#include <string.h>

#define SCORE_MIN      2.0  /* below, a person decides */
#define CO_MIN         4.0  /* a second department takes part from here … */
#define CO_SHARE       0.35 /* … and from this share of the first one's score */
#define CLOSE_SHARE    0.8  /* two that are so close, and neither named: a person decides */
#define COURTESY_BYTES 45   /* a greeting or thanks is not longer */

struct classifier {
	const struct lexicon *lexicon;
	struct finder *finder;
	gint discipline; /* index of the target that gets leads, or -1 */
};

/* A sentence, or the part of one before or after a turn. */
struct unit {
	guint start;
	guint end;
	gboolean paragraph; /* begins a line or list item */
	gboolean turned;    /* stands behind a turn or 除了 */
	guint cue[CUE_TYPES];
	guint terms; /* lexicon words in it */
	gint best;   /* no of its best department, 0 without */
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
	struct classifier *classifier = g_new0(struct classifier, 1);

	classifier->lexicon = lexicon;
	classifier->finder = finder_new(lexicon);
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

static GArray *make_units(const char *text, const GArray *spans, const struct findings *findings)
{
	GArray *units = g_array_new(FALSE, FALSE, sizeof(struct unit));

	for (guint i = 0; i < spans->len; i++) {
		const struct span *span = &g_array_index(spans, struct span, i);
		guint from = span->start;
		gboolean turned = FALSE;

		for (guint j = 0; j < findings->cues->len; j++) {
			const struct found_cue *cue =
			    &g_array_index(findings->cues, struct found_cue, j);
			gboolean turns = cue->cue == CUE_TURN || cue->cue == CUE_EXCEPT;

			if (!turns || cue->start < span->start || cue->end > span->end ||
			    cue->start <= from || !begins_clause(text, cue->start, span->start))
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
	if (unit->cue[CUE_DISCIPLINE])
		return OPINION_DISCIPLINE;
	if (unit->cue[CUE_COURT])
		return OPINION_COURT;
	if (unit->cue[CUE_DISPUTE] && !names_department)
		return OPINION_DISPUTE;
	if (unit->cue[CUE_COMPLAINT])
		return OPINION_OPINION;
	if (unit->cue[CUE_SUGGESTION])
		return OPINION_SUGGESTION;
	if (unit->cue[CUE_PRAISE] || (unit->cue[CUE_FINE] && unit->terms == 0))
		return OPINION_PRAISE;
	return OPINION_OPINION;
}

static void look_at_units(const struct classifier *classifier, const char *text,
			  const struct findings *findings, GArray *units)
{
	for (guint i = 0; i < units->len; i++) {
		struct unit *unit = &g_array_index(units, struct unit, i);
		g_autoptr(GPtrArray) departments =
		    sort_departments(classifier->lexicon, text, findings, unit->start, unit->end);
		const struct sorted *best =
		    departments->len ? g_ptr_array_index(departments, 0) : NULL;

		for (guint j = 0; j < findings->cues->len; j++) {
			const struct found_cue *cue =
			    &g_array_index(findings->cues, struct found_cue, j);

			if (cue->start >= unit->start && cue->end <= unit->end)
				unit->cue[cue->cue]++;
		}
		for (guint j = 0; j < departments->len; j++)
			unit->terms +=
			    ((struct sorted *)g_ptr_array_index(departments, j))->reasons->len;
		unit->best = best ? best->no : 0;
		unit->kind = kind_of(unit, best && best->named);
	}
}

/* 您好, 此致敬礼, 谢谢, 现将意见回复如下: politeness, not an opinion. */
static gboolean is_courtesy(const char *text, const struct unit *unit)
{
	static const char *const words[] = {
	    "您好",    "你好",    "尊敬的",   "此致",     "敬礼",     "商祺",     "顺祝",
	    "祝好",    "如下",    "来函收悉", "来信收悉", "收到贵办", "贵办来函", "Dear",
	    "Regards", "regards", "Hello",    "谢谢",     "感谢贵办", "感谢征求",
	};
	g_autofree char *copy = NULL;

	if (unit->end - unit->start > COURTESY_BYTES || unit->terms || unit->cue[CUE_COMPLAINT])
		return FALSE;
	copy = g_strndup(text + unit->start, unit->end - unit->start);
	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		if (strstr(copy, words[i]))
			return TRUE;
	return FALSE;
}

static void drop_courtesies(const char *text, GArray *units)
{
	guint kept = 0;
	gboolean paragraph = FALSE;

	for (guint i = 0; i < units->len; i++) {
		struct unit unit = g_array_index(units, struct unit, i);

		paragraph |= unit.paragraph;
		if (is_courtesy(text, &unit))
			continue;
		unit.paragraph = paragraph;
		paragraph = FALSE;
		g_array_index(units, struct unit, kept++) = unit;
	}
	if (kept)
		g_array_set_size(units, kept);
}

static gboolean is_work(enum opinion_kind kind)
{
	return kind == OPINION_OPINION || kind == OPINION_SUGGESTION;
}

/* 某局的政策很好，但是不知道怎么申报: the one praised is the one meant. */
static gboolean turns_on_praised(const struct unit *group, const struct unit *unit)
{
	return group->kind == OPINION_PRAISE && group->best && unit->turned &&
	       is_work(unit->kind) && !unit->best;
}

/* Whether `unit` goes on with what `group` says. */
static gboolean goes_on(const struct unit *group, const struct unit *unit)
{
	if (turns_on_praised(group, unit))
		return TRUE;
	if (unit->kind == OPINION_PRAISE || group->kind == OPINION_PRAISE)
		return unit->kind == group->kind && !unit->paragraph &&
		       (unit->best == group->best || !unit->best || !group->best);
	if (!is_work(unit->kind) || !is_work(group->kind))
		/* the story of a lead, a dispute or a lawsuit goes on to the end of its paragraph
		 */
		return !unit->paragraph && (unit->kind == group->kind || !unit->terms ||
					    !group->terms || !is_work(group->kind));
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
		if (turns_on_praised(group, unit))
			group->kind = unit->kind;
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

/* Who leads, who takes part, or that a person has to say. */
static void decide(struct classified *classified)
{
	GPtrArray *departments = classified->departments;
	double best = departments->len ? department(departments, 0)->score : 0;
	guint kept = 1;

	if (best < SCORE_MIN) {
		classified->needs_person = TRUE;
		classified->why = departments->len ? N_("too little speaks for any department")
						   : N_("no word of any department was found");
		return;
	}
	department(departments, 0)->lead = TRUE;
	if (departments->len > 1 && !department(departments, 0)->named &&
	    !department(departments, 1)->named && best < CO_MIN + SCORE_MIN &&
	    department(departments, 1)->score >= best * CLOSE_SHARE &&
	    department(departments, 1)->score < CO_MIN) {
		classified->needs_person = TRUE;
		classified->why = N_("two departments are too close");
		return;
	}
	while (kept < departments->len && department(departments, kept)->score >= CO_MIN &&
	       department(departments, kept)->score >= best * CO_SHARE)
		kept++;
	g_ptr_array_set_size(departments, (gint)kept);
}

/* A lead goes to discipline inspection alone, whoever it names. */
static void send_to_discipline(const struct classifier *classifier, struct classified *classified,
			       const char *text, const struct findings *findings,
			       const struct unit *unit)
{
	const struct target *target;
	struct sorted *sorted;

	g_ptr_array_set_size(classified->departments, 0);
	classified->needs_person = TRUE;
	classified->why = N_("a lead for discipline inspection: never to the department it names");
	if (classifier->discipline < 0)
		return;
	target =
	    &g_array_index(classifier->lexicon->targets, struct target, classifier->discipline);
	sorted = sorted_of(classified->departments, target);
	sorted->lead = TRUE;
	sorted->score = 6;
	for (guint i = 0; i < findings->cues->len; i++) {
		const struct found_cue *cue = &g_array_index(findings->cues, struct found_cue, i);
		struct reason reason;

		if (cue->cue != CUE_DISCIPLINE || cue->start < unit->start || cue->end > unit->end)
			continue;
		reason =
		    (struct reason){g_strndup(text + cue->start, cue->end - cue->start),
				    cue->start - unit->start, cue->end - unit->start, 6, "word"};
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
	    sort_departments(classifier->lexicon, text, findings, unit->start, unit->end);
	switch (unit->kind) {
	case OPINION_OPINION:
	case OPINION_SUGGESTION:
		decide(classified);
		break;
	case OPINION_DISCIPLINE:
		send_to_discipline(classifier, classified, text, findings, unit);
		break;
	case OPINION_DISPUTE:
		g_ptr_array_set_size(classified->departments, 0);
		classified->needs_person = TRUE;
		classified->why =
		    N_("a dispute between firms is not accepted: a person declines it");
		break;
	case OPINION_COURT:
		classified->needs_person = TRUE;
		classified->why = N_("before a court or in arbitration: a person declines it");
		break;
	case OPINION_PRAISE:
	case OPINION_BLANK:
		if (classified->departments->len)
			department(classified->departments, 0)->lead = TRUE;
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

GPtrArray *classifier_opinions(const struct classifier *classifier, const char *text,
			       const char *const *own_names)
{
	GPtrArray *opinions = g_ptr_array_new_with_free_func(classified_free);
	gsize size = MIN(strlen(text), CLASSIFIER_TEXT_MAX);
	g_autoptr(GArray) spans = NULL;
	g_autoptr(GArray) units = NULL;
	struct findings findings;

	if (cue_is_blank(text)) {
		g_ptr_array_add(opinions, blank(text));
		return opinions;
	}
	while (size < strlen(text) && size > 0 && ((guint8)text[size] & 0xc0) == 0x80)
		size--;
	spans = split_sentences(text, size);
	finder_find(classifier->finder, text, size, own_names, &findings);
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
