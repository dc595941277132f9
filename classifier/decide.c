#include "classifier/decide.h"

#include "base/error.h"

#define CO_SHARE                                                                                   \
	0.35 /* a second department takes part from this share of the first one's score when       \
		named, … */
#define CO_WORDS     0.5  /* … from this one when not */
#define CO_CLAUSE    4.0  /* … or from this on where it has a clause to complain of it alone */
#define CLAUSE_BYTES 120  /* what is longer to one side of a word is no clause */
#define CLOSE_SHARE  0.95 /* two that are so close, and neither named: a person decides */
#define PIECES_TELL  6.0 /* what pieces of words alone say is enough from here, when a second … */
#define PIECES_SHARE 0.6 /* … department has less than this share of it */
#define CLOSE_SURE   0.9 /* with the second layer: two that are so close: a person decides */
#define SURE_MIN     0.5 /* … below, a person decides */
#define CO_SURE      0.25 /* a second department takes part from here */
#define LEAD_SCORE   6.0  /* of a lead, at least */

static struct sorted *department(const GPtrArray *departments, guint i)
{
	return g_ptr_array_index(departments, i);
}

static void ask(struct classified *classified, const char *why)
{
	classified->needs_person = TRUE;
	classified->why = why;
}

/* Whether the character that ends at `at` parts two clauses: one of , ; ， ；, by its last byte. */
static gboolean parts(const char *text, guint at)
{
	switch ((guchar)text[at - 1]) {
	case ',':
	case ';':
		return TRUE;
	case 0x8c:
	case 0x9b:
		return at >= 3 && (guchar)text[at - 2] == 0xbc && (guchar)text[at - 3] == 0xef;
	default:
		return FALSE;
	}
}

/* The clause that [*start, *end) stands in, within the unit. */
static void widen_to_clause(const char *text, const struct unit *unit, guint *start, guint *end)
{
	guint first = MAX(unit->start, *start - MIN(*start, CLAUSE_BYTES));
	guint last = MIN(unit->end, *end + CLAUSE_BYTES);

	while (*start > first && !parts(text, *start))
		(*start)--;
	while (*end < last && !parts(text, *end))
		(*end)++;
}

/* What is said of a department within [start, end) of its stretch. */
static double said_within(const struct sorted *sorted, guint start, guint end)
{
	double said = 0;

	for (guint i = 0; i < sorted->reasons->len; i++) {
		const struct reason *reason = &g_array_index(sorted->reasons, struct reason, i);

		if (reason->start >= start && reason->end <= end)
			said += reason->weight;
	}
	return said;
}

static gboolean complains(const struct findings *findings, guint start, guint end)
{
	for (guint i = found_from(findings->cues, start); i < findings->cues->len; i++) {
		const struct found *cue = &g_array_index(findings->cues, struct found, i);

		if (cue->end > end)
			break;
		if (cue->start >= start && cue->what == CUE_COMPLAINT)
			return TRUE;
	}
	return FALSE;
}

/* 发票额度不够用，环评批复拖了三个月: whether there is a clause that complains of `other` and says
 * nothing of the one that leads. */
static gboolean has_clause(const struct sorted *lead, const struct sorted *other, const char *text,
			   const struct findings *findings, const struct unit *unit)
{
	if (other->score < CO_CLAUSE || !unit->cue[CUE_COMPLAINT])
		return FALSE;
	for (guint i = 0; i < other->reasons->len; i++) {
		const struct reason *reason = &g_array_index(other->reasons, struct reason, i);
		guint start = unit->start + reason->start;
		guint end = unit->start + reason->end;

		widen_to_clause(text, unit, &start, &end);
		if (said_within(other, start - unit->start, end - unit->start) >= CO_CLAUSE &&
		    said_within(lead, start - unit->start, end - unit->start) == 0 &&
		    complains(findings, start, end))
			return TRUE;
	}
	return FALSE;
}

/* Who takes part besides the one who leads. */
static void keep_handlers(GPtrArray *departments, const char *text, const struct findings *findings,
			  const struct unit *unit)
{
	double best = departments->len ? department(departments, 0)->score : 0;

	for (guint i = departments->len; i-- > 1;) {
		const struct sorted *other = department(departments, i);

		if ((other->score < RANK_CO_MIN ||
		     other->score < best * (other->named ? CO_SHARE : CO_WORDS)) &&
		    !has_clause(department(departments, 0), other, text, findings, unit))
			g_ptr_array_remove_index(departments, i);
	}
}

/* Where the words themselves say too little: whether their pieces say enough, and for one alone. */
static gboolean pieces_tell(const GPtrArray *departments)
{
	double best = department(departments, 0)->sum;

	return best >= PIECES_TELL &&
	       (departments->len == 1 || department(departments, 1)->sum < best * PIECES_SHARE);
}

/* Whether two have the very same words: the lexicon says that they are of both (道路坑洼). */
static gboolean share_all(const struct sorted *one, const struct sorted *two)
{
	if (one->reasons->len != two->reasons->len)
		return FALSE;
	for (guint i = 0; i < one->reasons->len; i++) {
		const struct reason *a = &g_array_index(one->reasons, struct reason, i);
		const struct reason *b = &g_array_index(two->reasons, struct reason, i);

		if (a->start != b->start || a->end != b->end || a->weight != b->weight)
			return FALSE;
	}
	return TRUE;
}

/* Whether two have as much for them, neither is named, and there are not words enough for both. */
static gboolean is_close(const GPtrArray *departments)
{
	const struct sorted *best = department(departments, 0);

	if (best->named || best->score >= RANK_CO_MIN)
		return FALSE;
	for (guint i = 1; i < departments->len; i++) {
		const struct sorted *other = department(departments, i);

		if (!other->named && other->score < RANK_CO_MIN && other->score > 0 &&
		    share_all(best, other))
			return TRUE;
	}
	return departments->len > 1 && !department(departments, 1)->named &&
	       department(departments, 1)->score < RANK_CO_MIN &&
	       department(departments, 1)->sum >= best->sum * CLOSE_SHARE;
}

/* Who leads, who takes part, or that a person has to say: by the lexicon alone. */
static void decide_by_words(struct classified *classified, const char *text,
			    const struct findings *findings, const struct unit *unit)
{
	GPtrArray *departments = classified->departments;

	if (departments->len == 0) {
		ask(classified, N_("no word of any department was found"));
		return;
	}
	if (department(departments, 0)->score < RANK_SCORE_MIN && !pieces_tell(departments)) {
		ask(classified, N_("too little speaks for any department"));
		return;
	}
	department(departments, 0)->lead = TRUE;
	if (is_close(departments)) {
		ask(classified, N_("two departments are too close"));
		return;
	}
	keep_handlers(departments, text, findings, unit);
}

/* The same by both layers. Who is named takes part as it does by words alone. */
static void decide_by_sureness(struct classified *classified, const char *text,
			       const struct findings *findings, const struct unit *unit)
{
	GPtrArray *departments = classified->departments;
	double best = departments->len ? department(departments, 0)->sure : 0;
	double score = departments->len ? department(departments, 0)->score : 0;

	if (departments->len == 0) {
		ask(classified, N_("no word of any department was found"));
		return;
	}
	department(departments, 0)->lead = TRUE;
	if (departments->len > 1 && department(departments, 1)->sure >= best * CLOSE_SURE) {
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
		    !(other->score >= RANK_CO_MIN && other->score >= score * CO_SHARE) &&
		    !has_clause(department(departments, 0), other, text, findings, unit))
			g_ptr_array_remove_index(departments, i);
	}
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
static void send_to_discipline(const struct ranker *ranker, struct classified *classified,
			       const struct findings *findings, const struct unit *unit)
{
	gint discipline = ranker_discipline(ranker);
	struct sorted *sorted;

	ask(classified, N_("a lead for discipline inspection: never to the department it names"));
	if (discipline < 0) {
		g_ptr_array_set_size(classified->departments, 0);
		return;
	}
	sorted = sorted_of(classified->departments, ranker_lexicon(ranker), (guint)discipline);
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
		reason = (struct reason){NULL, cue->start - unit->start, cue->end - unit->start,
					 LEAD_SCORE / 2, "word"};
		g_array_append_val(sorted->reasons, reason);
	}
}

struct classified *decide_unit(const struct ranker *ranker, const char *text,
			       const struct findings *findings, const struct unit *unit)
{
	struct classified *classified = g_new0(struct classified, 1);

	classified->text = g_strndup(text + unit->start, unit->end - unit->start);
	classified->start = unit->start;
	classified->kind = unit->kind;
	classified->departments = rank_departments(ranker, text, findings, unit->start, unit->end);
	switch (unit->kind) {
	case OPINION_OPINION:
	case OPINION_SUGGESTION:
		note_second(classified);
		if (ranker_learnt(ranker))
			decide_by_sureness(classified, text, findings, unit);
		else
			decide_by_words(classified, text, findings, unit);
		break;
	case OPINION_DISCIPLINE:
		send_to_discipline(ranker, classified, findings, unit);
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
		keep_handlers(classified->departments, text, findings, unit);
		break;
	case OPINION_BLANK:
		g_ptr_array_set_size(classified->departments, 0);
		break;
	}
	return classified;
}
