#include "classifier/tally.h"

#include <string.h>

#define REPEATED    0.25 /* what a word adds when it comes again */
#define NAMED_MIN   4.0  /* a short name below it may also be a matter: 交通, 商务 */
#define OPENING     1.5  /* what a word weighs in the opening of a long text: a title */
#define SELF        0.3  /* what a word weighs where one says who one is */
#define VOICES_ROOM 10   /* for which there is room from the beginning … */
#define TOLD_ROOM   20   /* … 1 KB at most */
#define REASONS_MAX 100  /* of a department; what else is said counts, but is not told */

static const char *kind_name(enum term_kind kind)
{
	switch (kind) {
	case TERM_NAME:
		return "name";
	case TERM_SHORT:
		return "short";
	case TERM_FORMER:
		return "former";
	case TERM_WORD:
	case TERM_NOT:
		break;
	}
	return "word";
}

static gboolean is_name(const struct term *term)
{
	return term->kind == TERM_NAME || term->kind == TERM_SHORT || term->kind == TERM_FORMER;
}

guint tally_opening(const char *text, guint start, guint end)
{
	const char *at = text + start;

	for (guint i = 0; i < GRAM_OPENING && at < text + end; i++)
		at = g_utf8_next_char(at);
	return (guint)(at - text);
}

void tally_init(struct tally *tally)
{
	tally->voices = g_array_sized_new(FALSE, FALSE, sizeof(struct voice), VOICES_ROOM);
	tally->next = 0;
	tally->told = g_array_sized_new(FALSE, FALSE, sizeof(struct told), TOLD_ROOM);
}

void tally_clear(struct tally *tally)
{
	g_array_unref(tally->voices);
	g_array_unref(tally->told);
}

const struct told *tally_told(const struct tally *tally, guint index)
{
	return index != TALLY_END ? &g_array_index(tally->told, struct told, index) : NULL;
}

static struct voice *voice_of(struct tally *tally, guint target, guint place)
{
	struct voice voice = {target, place, 0, TALLY_END, TALLY_END, 0, FALSE};

	for (guint i = 0; i < tally->voices->len; i++)
		if (g_array_index(tally->voices, struct voice, i).target == target)
			return &g_array_index(tally->voices, struct voice, i);
	g_array_append_val(tally->voices, voice);
	return &g_array_index(tally->voices, struct voice, tally->voices->len - 1);
}

/* `text`: the stretch. */
static gboolean said_before(const struct tally *tally, const struct voice *voice, const char *text,
			    const struct reason *reason)
{
	guint length = reason->end - reason->start;

	for (const struct told *told = tally_told(tally, voice->first); told;
	     told = tally_told(tally, told->next))
		if (told->reason.end - told->reason.start == length &&
		    memcmp(text + told->reason.start, text + reason->start, length) == 0)
			return TRUE;
	return FALSE;
}

static void tell(struct tally *tally, struct voice *voice, const struct reason *reason)
{
	struct told told = {*reason, TALLY_END};

	if (voice->words == REASONS_MAX)
		return;
	if (voice->words++ == 0)
		voice->first = tally->told->len;
	else
		g_array_index(tally->told, struct told, voice->last).next = tally->told->len;
	voice->last = tally->told->len;
	g_array_append_val(tally->told, told);
}

/* What one word says for its target. `text`: the stretch. */
static void add_word(struct tally *tally, const struct term *term, const char *text,
		     const struct found *found, guint start, gboolean opens, gboolean self)
{
	struct voice *voice = voice_of(tally, term->target, found->start);
	struct reason reason = {NULL, found->start - start, found->end - start, term->weight,
				kind_name(term->kind)};

	if (said_before(tally, voice, text, &reason))
		reason.weight *= REPEATED;
	else if (opens)
		reason.weight *= OPENING;
	if (self)
		reason.weight *= SELF;
	voice->score += reason.weight;
	voice->named |= is_name(term) && term->weight >= NAMED_MIN;
	tell(tally, voice, &reason);
}

void tally_fill(struct tally *tally, const struct lexicon *lexicon, const char *text,
		const struct findings *findings, guint start, guint end)
{
	guint opening = end - start >= TALLY_LONG ? tally_opening(text, start, end) : start;
	guint i = tally->next;

	g_array_set_size(tally->voices, 0);
	g_array_set_size(tally->told, 0);
	/* sentences come one behind another, and then need no search */
	if (i == 0 || g_array_index(findings->terms, struct found, i - 1).end > start)
		i = found_from(findings->terms, start);
	for (; i < findings->terms->len; i++) {
		const struct found *found = &g_array_index(findings->terms, struct found, i);
		const struct term *term = &g_array_index(lexicon->terms, struct term, found->what);

		if (found->end > end)
			break;
		if (found->start >= start)
			add_word(tally, term, text + start, found, start, found->end <= opening,
				 findings->silent[found->start] == SILENCE_SELF);
	}
	tally->next = i;
}

const struct voice *tally_best(const struct tally *tally)
{
	const struct voice *best = NULL;

	for (guint i = 0; i < tally->voices->len; i++) {
		const struct voice *voice = &g_array_index(tally->voices, struct voice, i);

		if (!best || voice->score > best->score ||
		    (voice->score == best->score && voice->place <= best->place))
			best = voice;
	}
	return best;
}
