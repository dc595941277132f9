#include "classifier/sort.h"

#include "base/matcher.h"
#include "classifier/classifier.h"

#include <string.h>

#define COMPANY_CHARS  20   /* a company's name is at most so long */
#define REPEATED       0.25 /* what a word adds when it comes again */
#define NAMED_MIN      4.0  /* a short name below it may also be a matter: 交通, 商务 */
#define NOT_THEM_BYTES 9    /* 不是 and at most three characters before the name */
#define FINE_BYTES     36   /* from a name to 没有问题 */
#define CUE_BYTES      64   /* the longest cue and what may lie between */
#define REASONS_MAX    100  /* of one department; more say nothing new */
#define DENIED_BYTES   240  /* the words around a name that is not meant */
#define PLACE_CHARS    30   /* an address is at most so long */

struct finder {
	const struct lexicon *lexicon;
	struct matcher *matcher; /* terms first, then cues */
};

struct finder *finder_new(const struct lexicon *lexicon)
{
	struct matcher_builder *builder = matcher_builder_new();
	struct finder *finder = g_new0(struct finder, 1);
	guint n = lexicon->terms->len;

	for (guint i = 0; i < n; i++)
		matcher_add(builder, g_array_index(lexicon->terms, struct term, i).text, i);
	for (guint i = 0; cue_words[i].text; i++)
		matcher_add(builder, cue_words[i].text, n + i);
	finder->lexicon = lexicon;
	finder->matcher = matcher_build(builder);
	return finder;
}

void finder_free(struct finder *finder)
{
	if (!finder)
		return;
	matcher_free(finder->matcher);
	g_free(finder);
}

/* Characters that end a company's name to the left: small words and punctuation. */
static gboolean stops_name(gunichar c)
{
	static const char *const small = "的了和与在被把向对由从给是有我该本贵家到为让去于等及跟找"
					 "个说称但而且就都也还又将请让因如这那并或已经年月日";

	if (c < 0x80)
		return !g_ascii_isalnum((char)c) && c != '(' && c != ')';
	if (c == 0xff08 || c == 0xff09)
		return FALSE;
	return !g_unichar_isalnum(c) || g_utf8_strchr(small, -1, c) != NULL;
}

/* Where the company's name that ends with the word at `start` begins. */
static guint company_start(const char *text, guint start)
{
	const char *at = text + start;

	for (guint i = 0; i < COMPANY_CHARS && at > text; i++) {
		const char *before = g_utf8_prev_char(at);

		if (stops_name(g_utf8_get_char(before)))
			break;
		at = before;
	}
	return (guint)(at - text);
}

static gboolean is_name(const struct term *term)
{
	return term->kind == TERM_NAME || term->kind == TERM_SHORT || term->kind == TERM_FORMER;
}

static const struct term *term_at(const struct lexicon *lexicon, guint index)
{
	return &g_array_index(lexicon->terms, struct term, index);
}

/* 供电公司 is a department: a name of the lexicon that ends with the company's word is none. Nor is
 * 物业公司, a word of the lexicon and all that stands there. */
static gboolean is_no_firm(const struct finder *finder, const GArray *terms, guint start, guint end)
{
	guint from = 0;
	guint to = terms->len;

	/* they stand by their ends */
	while (from < to) {
		guint middle = from + (to - from) / 2;

		if (g_array_index(terms, struct match, middle).end < end)
			from = middle + 1;
		else
			to = middle;
	}
	for (; from < terms->len; from++) {
		const struct match *match = &g_array_index(terms, struct match, from);
		const struct term *term = term_at(finder->lexicon, match->word);

		if (match->end != end)
			break;
		if (is_name(term) || (term->kind == TERM_WORD && match->start == start))
			return TRUE;
	}
	return FALSE;
}

/* Where the address that begins at `start` ends. */
static guint place_end(const char *text, gsize size, guint start)
{
	const char *at = text + start;

	for (guint i = 0; i < PLACE_CHARS && at < text + size; i++) {
		gunichar c = g_utf8_get_char(at);

		/* ××街道 goes on, 的 does not */
		if ((g_unichar_ispunct(c) && c != 0xd7) || g_unichar_isspace(c) || c == 0x7684)
			break;
		at = g_utf8_next_char(at);
	}
	return (guint)(at - text);
}

static void mask(guint8 *masked, guint start, guint end)
{
	memset(masked + start, 1, end - start);
}

static void mask_names(const struct finder *finder, const char *text, gsize size,
		       const GArray *terms, const GArray *cues, guint8 *masked)
{
	guint n = finder->lexicon->terms->len;

	for (guint i = 0; i < cues->len; i++) {
		const struct match *match = &g_array_index(cues, struct match, i);
		enum cue cue = cue_words[match->word - n].cue;

		if (cue == CUE_COMPANY) {
			guint start = company_start(text, match->start);

			/* two characters in front at least: 我公司, 集团 alone are no names */
			if (match->start - start >= 6 &&
			    !is_no_firm(finder, terms, start, match->end))
				mask(masked, start, match->end);
		}
		if (cue == CUE_PLACE)
			mask(masked, match->end, place_end(text, size, match->end));
		/* 招商银行: only 银行 is read */
		if (cue == CUE_BANK && match->end - match->start > 6 &&
		    memcmp(text + match->end - 6, "银行", 6) == 0)
			mask(masked, match->start, match->end - 6);
	}
}

static void mask_own_names(const char *text, gsize size, const char *const *names, guint8 *masked)
{
	for (; names && *names; names++) {
		gsize length = strlen(*names);
		const char *at = text;

		while (length >= 6 &&
		       (at = memmem(at, size - (gsize)(at - text), *names, length))) {
			mask(masked, (guint)(at - text), (guint)(at - text) + (guint)length);
			at += length;
		}
	}
}

/* Terms and cues apart, what is masked left out. */
static void separate(const GArray *all, guint n, GArray *terms, GArray *cues)
{
	for (guint i = 0; i < all->len; i++) {
		const struct match *match = &g_array_index(all, struct match, i);

		g_array_append_val(match->word < n ? terms : cues, *match);
	}
}

static void drop_masked(GArray *matches, const guint8 *masked)
{
	guint kept = 0;

	for (guint i = 0; i < matches->len; i++) {
		struct match match = g_array_index(matches, struct match, i);

		if (!memchr(masked + match.start, 1, match.end - match.start))
			g_array_index(matches, struct match, kept++) = match;
	}
	g_array_set_size(matches, kept);
}

/* The first cue that begins at `at` or later. */
static guint first_cue(const GArray *cues, guint at)
{
	guint from = 0;
	guint to = cues->len;

	while (from < to) {
		guint middle = from + (to - from) / 2;

		if (g_array_index(cues, struct found_cue, middle).start < at)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* Whether a name stands behind the term `i`, before `to`. */
static gboolean named_before(const struct finder *finder, const GArray *terms, guint i, guint to)
{
	for (i++; i < terms->len; i++) {
		const struct match *match = &g_array_index(terms, struct match, i);

		if (match->start >= to)
			break;
		if (match->start >= g_array_index(terms, struct match, i - 1).end &&
		    is_name(term_at(finder->lexicon, match->word)))
			return TRUE;
	}
	return FALSE;
}

/* 不是税务局的问题 does not mean it; 环保局检查没有问题 does not blame it. */
static gboolean is_absolved(const struct finder *finder, const GArray *terms, guint i,
			    const GArray *cues)
{
	const struct match *match = &g_array_index(terms, struct match, i);
	guint from = match->start > CUE_BYTES ? match->start - CUE_BYTES : 0;

	for (guint j = first_cue(cues, from); j < cues->len; j++) {
		const struct found_cue *cue = &g_array_index(cues, struct found_cue, j);

		if (cue->start > match->end + FINE_BYTES)
			break;
		if (cue->cue == CUE_NOT_THEM && cue->end <= match->start &&
		    match->start - cue->end <= NOT_THEM_BYTES)
			return TRUE;
		if ((cue->cue == CUE_FINE || cue->cue == CUE_APART) && cue->start >= match->end)
			return !named_before(finder, terms, i, cue->start);
	}
	return FALSE;
}

static gboolean ends_sentence(const char *at)
{
	static const char *const ends[] = {"\n", "。", "！", "？", "；"};

	for (guint i = 0; i < G_N_ELEMENTS(ends); i++)
		if (strncmp(at, ends[i], strlen(ends[i])) == 0)
			return TRUE;
	return FALSE;
}

/* The sentence around a name, from one turn to the next. */
static void breath_of(const char *text, const GArray *cues, const struct match *name,
		      guint *from_out, guint *to_out)
{
	guint least = name->start > DENIED_BYTES ? name->start - DENIED_BYTES : 0;

	for (*from_out = name->start; *from_out > least; (*from_out)--)
		if (ends_sentence(text + *from_out))
			break;
	for (*to_out = name->end; text[*to_out] && *to_out < name->end + DENIED_BYTES; (*to_out)++)
		if (ends_sentence(text + *to_out))
			break;
	for (guint i = first_cue(cues, *from_out); i < cues->len; i++) {
		const struct found_cue *cue = &g_array_index(cues, struct found_cue, i);

		if (cue->start >= *to_out)
			break;
		if (cue->cue == CUE_TURN && cue->end <= name->start)
			*from_out = cue->end;
		else if (cue->cue == CUE_TURN && cue->start >= name->end)
			*to_out = cue->start;
	}
}

/* 不是税务局的问题，税款划不出去: what else speaks of a department that is not meant counts for it
 * as little. */
static void deny(const struct finder *finder, const char *text, const GArray *terms,
		 const GArray *cues, guint denied, guint8 *left_out)
{
	const struct match *name = &g_array_index(terms, struct match, denied);
	const struct term *named = term_at(finder->lexicon, name->word);
	guint from;
	guint to;

	left_out[denied] = 1;
	if (!is_name(named))
		return;
	breath_of(text, cues, name, &from, &to);
	for (gint step = -1; step <= 1; step += 2)
		for (gint i = (gint)denied + step; i >= 0 && i < (gint)terms->len; i += step) {
			const struct match *other = &g_array_index(terms, struct match, i);
			const struct term *term = term_at(finder->lexicon, other->word);

			if (other->start < from || other->end > to)
				break;
			if (term->target == named->target && !is_name(term))
				left_out[i] = 1;
		}
}

static void note_cues(const struct finder *finder, const GArray *cues, const guint8 *masked,
		      GArray *found)
{
	for (guint i = 0; i < cues->len; i++) {
		const struct match *match = &g_array_index(cues, struct match, i);
		struct found_cue cue = {match->start, match->end,
					cue_words[match->word - finder->lexicon->terms->len].cue};

		if (cue.cue == CUE_COMPANY && masked[match->start])
			cue.cue = CUE_PARTY;
		g_array_append_val(found, cue);
	}
}

static void note_terms(const struct finder *finder, const char *text, const GArray *terms,
		       const GArray *cues, GArray *found)
{
	g_autofree guint8 *left_out = g_malloc0(terms->len + 1);

	for (guint i = 0; i < terms->len; i++) {
		const struct match *match = &g_array_index(terms, struct match, i);
		const struct term *term = term_at(finder->lexicon, match->word);

		if (term->kind == TERM_NOT)
			left_out[i] = 1;
		else if (is_absolved(finder, terms, i, cues))
			deny(finder, text, terms, cues, i, left_out);
	}
	for (guint i = 0; i < terms->len; i++) {
		const struct match *match = &g_array_index(terms, struct match, i);
		struct found_term term = {match->start, match->end, match->word};

		if (!left_out[i])
			g_array_append_val(found, term);
	}
}

void finder_find(const struct finder *finder, const char *text, gsize size,
		 const char *const *own_names, struct findings *findings_out)
{
	guint n = finder->lexicon->terms->len;
	g_autofree guint8 *masked = g_malloc0(size + 1);
	g_autoptr(GArray) all = matcher_find(finder->matcher, text, size);
	g_autoptr(GArray) terms = g_array_new(FALSE, FALSE, sizeof(struct match));
	g_autoptr(GArray) cues = g_array_new(FALSE, FALSE, sizeof(struct match));

	findings_out->terms = g_array_new(FALSE, FALSE, sizeof(struct found_term));
	findings_out->cues = g_array_new(FALSE, FALSE, sizeof(struct found_cue));
	separate(all, n, terms, cues);
	mask_names(finder, text, size, terms, cues, masked);
	mask_own_names(text, size, own_names, masked);
	drop_masked(terms, masked);
	match_keep_longest(terms);
	match_keep_longest(cues);
	note_cues(finder, cues, masked, findings_out->cues);
	note_terms(finder, text, terms, findings_out->cues, findings_out->terms);
}

void findings_clear(struct findings *findings)
{
	g_clear_pointer(&findings->terms, g_array_unref);
	g_clear_pointer(&findings->cues, g_array_unref);
}

static void reason_clear(gpointer data)
{
	g_free(((struct reason *)data)->word);
}

static void sorted_free(gpointer data)
{
	struct sorted *sorted = data;

	g_array_unref(sorted->reasons);
	g_free(sorted);
}

struct sorted *sorted_of(GPtrArray *departments, const struct target *target)
{
	struct sorted *sorted;

	for (guint i = 0; i < departments->len; i++) {
		sorted = g_ptr_array_index(departments, i);
		if (sorted->no == target->no)
			return sorted;
	}
	sorted = g_new0(struct sorted, 1);
	sorted->no = target->no;
	sorted->code = target->code;
	sorted->name = target->name;
	sorted->reasons = g_array_new(FALSE, FALSE, sizeof(struct reason));
	g_array_set_clear_func(sorted->reasons, reason_clear);
	g_ptr_array_add(departments, sorted);
	return sorted;
}

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

static gboolean said_before(const struct sorted *sorted, const char *word)
{
	for (guint i = 0; i < sorted->reasons->len; i++)
		if (strcmp(g_array_index(sorted->reasons, struct reason, i).word, word) == 0)
			return TRUE;
	return FALSE;
}

static gint by_score(gconstpointer a, gconstpointer b)
{
	const struct sorted *one = *(struct sorted *const *)a;
	const struct sorted *two = *(struct sorted *const *)b;

	if (one->score != two->score)
		return one->score > two->score ? -1 : 1;
	/* the one that is spoken of first */
	return g_array_index(one->reasons, struct reason, 0).start <
		       g_array_index(two->reasons, struct reason, 0).start
		   ? -1
		   : 1;
}

/* The first term that begins at `at` or later. */
static guint first_term(const GArray *terms, guint at)
{
	guint from = 0;
	guint to = terms->len;

	while (from < to) {
		guint middle = from + (to - from) / 2;

		if (g_array_index(terms, struct found_term, middle).start < at)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

GPtrArray *sort_departments(const struct lexicon *lexicon, const char *text,
			    const struct findings *findings, guint start, guint end)
{
	GPtrArray *departments = g_ptr_array_new_with_free_func(sorted_free);

	for (guint i = first_term(findings->terms, start); i < findings->terms->len; i++) {
		const struct found_term *found =
		    &g_array_index(findings->terms, struct found_term, i);
		const struct term *term = term_at(lexicon, found->term);
		struct sorted *sorted;
		struct reason reason;

		if (found->end > end)
			break;
		sorted = sorted_of(departments,
				   &g_array_index(lexicon->targets, struct target, term->target));
		reason = (struct reason){g_strndup(text + found->start, found->end - found->start),
					 found->start - start, found->end - start, term->weight,
					 kind_name(term->kind)};
		if (sorted->reasons->len == REASONS_MAX) {
			g_free(reason.word);
			continue;
		}
		if (said_before(sorted, reason.word))
			reason.weight *= REPEATED;
		sorted->score += reason.weight;
		sorted->named |= is_name(term) && term->weight >= NAMED_MIN;
		g_array_append_val(sorted->reasons, reason);
	}
	g_ptr_array_sort(departments, by_score);
	return departments;
}
