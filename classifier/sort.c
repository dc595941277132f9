#include "classifier/sort.h"

#include "base/fold.h"

#include <string.h>

#define COMPANY_CHARS  20  /* a company's name is at most so long */
#define POINT_BYTES    6   /* at most two characters from an office's name to 指定 */
#define NOT_THEM_BYTES 9   /* 不是 and at most three characters before the name */
#define FINE_BYTES     36  /* from a name to 没有问题 */
#define CUE_BYTES      64  /* the longest cue and what may lie between */
#define DENIED_BYTES   240 /* the words around a name that is not meant */
#define SELF_BYTES     90  /* who speaks says who they are in so many */
#define PLACE_CHARS    30  /* an address is at most so long */
#define AHEAD          4 /* a term is fetched so many before it is looked at: they are megabytes */

struct finder {
	const struct lexicon *lexicon;
	struct matcher *matcher; /* terms first, then cues, then n-grams */
	guint cues;              /* the first cue's number … */
	guint grams;             /* … and the first n-gram's */
};

struct finder *finder_new(const struct lexicon *lexicon, const struct learnt *learnt)
{
	struct matcher_builder *builder = matcher_builder_new();
	struct finder *finder = g_new0(struct finder, 1);
	const GArray *cues = cue_words();
	guint n = 0;

	for (; n < lexicon->terms->len; n++)
		fold_add(builder, g_array_index(lexicon->terms, struct term, n).text, n);
	finder->cues = n;
	for (guint i = 0; i < cues->len; i++)
		fold_add(builder, g_array_index(cues, struct cue_word, i).text, n++);
	finder->grams = n;
	for (guint i = 0; learnt && i < learnt->grams; i++)
		fold_add(builder, learnt->texts[i], n++);
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

static const struct cue_word *cue_at(const struct match *match)
{
	return &g_array_index(cue_words(), struct cue_word, match->word);
}

_Static_assert(sizeof(struct found) == sizeof(struct match), "both begin with a place");

/* Of matches, too: they begin alike. */
guint found_from(const GArray *found, guint start)
{
	guint low = 0;
	guint high = found->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;

		if (g_array_index(found, struct found, middle).end > start)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* 供电公司 is a department: a name of the lexicon that ends with the company's word is none. Nor is
 * 物业公司, a word of the lexicon and all that stands there; nor 审图公司, a kind of firm: one
 * before `word`, where the company's word begins. */
static gboolean is_no_firm(const struct finder *finder, const GArray *terms, guint start,
			   guint word, guint end)
{
	for (guint i = found_from(terms, start); i < terms->len; i++) {
		const struct match *match = &g_array_index(terms, struct match, i);
		const struct term *term = term_at(finder->lexicon, match->word);

		if (match->end > end)
			return FALSE;
		if (term->kind == TERM_WORD && match->start == start &&
		    (match->end == word || match->end == end))
			return TRUE;
		if (match->end == end && is_name(term))
			return TRUE;
	}
	return FALSE;
}

/* 审批局指定中介公司: the company that an office points at is called 中介公司, and the office is
 * meant. Where a name that seems to begin at `start` and ends at `end` does so. */
static guint behind_point(const struct finder *finder, const GArray *terms, const GArray *cues,
			  guint start, guint end)
{
	for (guint i = found_from(cues, start); i < cues->len; i++) {
		const struct match *point = &g_array_index(cues, struct match, i);

		if (point->end > end)
			break;
		if (cue_at(point)->cue != CUE_POINT || point->start < start)
			continue;
		for (guint n = found_from(terms, start); n < terms->len; n++) {
			const struct match *match = &g_array_index(terms, struct match, n);

			if (match->end > point->start)
				break;
			if (match->start >= start && point->start - match->end <= POINT_BYTES &&
			    is_name(term_at(finder->lexicon, match->word)))
				return point->end;
		}
	}
	return start;
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

/* 公司 and 酒店 say nothing about a department that the lexicon could know, but corrections may
 * teach it. */
#define SILENCE_MASK (SILENCE_NAME | SILENCE_KIND)

static void mask(guint8 *masked, guint start, guint end, enum silence how)
{
	memset(masked + start, how, end - start);
}

static void mask_names(const struct finder *finder, const char *text, gsize size,
		       const GArray *terms, const GArray *cues, guint8 *masked)
{
	for (guint i = 0; i < cues->len; i++) {
		const struct match *match = &g_array_index(cues, struct match, i);
		enum cue cue = cue_at(match)->cue;

		if (cue == CUE_COMPANY) {
			guint start = behind_point(finder, terms, cues,
						   company_start(text, match->start), match->start);

			/* two characters in front at least: 我公司, 集团 alone are no names */
			if (match->start - start >= 6 &&
			    !is_no_firm(finder, terms, start, match->start, match->end)) {
				mask(masked, start, match->start, SILENCE_NAME);
				mask(masked, match->start, match->end, SILENCE_KIND);
			}
		}
		if (cue == CUE_PLACE)
			mask(masked, match->end, place_end(text, size, match->end), SILENCE_NAME);
		/* 招商银行: only 银行 is read */
		if (cue == CUE_BANK && match->end - match->start > 6 &&
		    g_str_has_suffix(cue_at(match)->text, "银行"))
			mask(masked, match->start, match->end - 6, SILENCE_NAME);
	}
}

static void mask_own_names(const char *text, gsize size, const char *const *names, guint8 *masked)
{
	struct folded folded;

	if (!names || !*names)
		return;
	fold_text(text, size, &folded);
	for (; *names; names++) {
		g_autofree char *name = fold_word(*names);
		gsize length = strlen(name);
		const char *end = folded.text + folded.size;
		const char *at = folded.text;

		while (length >= 6 && (at = memmem(at, (gsize)(end - at), name, length))) {
			guint place = (guint)(at - folded.text);

			at += length;
			mask(masked, fold_start(&folded, place),
			     fold_end(&folded, place + (guint)length), SILENCE_NAME);
		}
	}
	fold_clear(&folded);
}

/* The matches whose numbers begin with `first` and are below `end`, numbered from 0. */
static GArray *matches_of(const GArray *all, guint first, guint end)
{
	GArray *some = g_array_sized_new(FALSE, FALSE, sizeof(struct match), all->len);
	struct match *to = (struct match *)(void *)some->data;
	guint n = 0;

	/* each is noted in any case, and kept by going on */
	for (guint i = 0; i < all->len; i++) {
		to[n] = g_array_index(all, struct match, i);
		to[n].word -= first;
		n += to[n].word < end - first;
	}
	g_array_set_size(some, n);
	return some;
}

/* Leaves out what is masked so. */
static void drop_masked(GArray *matches, const guint8 *masked, guint how)
{
	guint kept = 0;

	for (guint i = 0; i < matches->len; i++) {
		struct match match = g_array_index(matches, struct match, i);
		guint masks = 0;

		for (guint at = match.start; at < match.end; at++)
			masks |= masked[at];
		g_array_index(matches, struct match, kept) = match;
		kept += !(masks & how);
	}
	g_array_set_size(matches, kept);
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

static gboolean ends_sentence(const char *at)
{
	static const char *const ends[] = {"\n", "。", "！", "？", "；"};

	for (guint i = 0; i < G_N_ELEMENTS(ends); i++)
		if (strncmp(at, ends[i], strlen(ends[i])) == 0)
			return TRUE;
	return FALSE;
}

/* Whether one ends within. */
static gboolean sentence_ends(const char *text, guint from, guint to)
{
	for (; from < to; from++)
		if (ends_sentence(text + from))
			return TRUE;
	return FALSE;
}

/* 不是税务局的问题 does not mean it; 环保局检查没有问题 does not blame it. */
static gboolean is_absolved(const struct finder *finder, const char *text, const GArray *terms,
			    guint i, const GArray *cues)
{
	const struct match *match = &g_array_index(terms, struct match, i);
	guint from = match->start > CUE_BYTES ? match->start - CUE_BYTES : 0;

	for (guint j = found_from(cues, from); j < cues->len; j++) {
		const struct found *cue = &g_array_index(cues, struct found, j);

		if (cue->start > match->end + FINE_BYTES)
			break;
		if (cue->what == CUE_NOT_THEM && cue->end <= match->start &&
		    match->start - cue->end <= NOT_THEM_BYTES)
			return TRUE;
		if ((cue->what == CUE_FINE || cue->what == CUE_APART) && cue->start >= match->end)
			return !named_before(finder, terms, i, cue->start) &&
			       !sentence_ends(text, match->end, cue->start);
	}
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
	for (guint i = found_from(cues, *from_out); i < cues->len; i++) {
		const struct found *cue = &g_array_index(cues, struct found, i);

		if (cue->start >= *to_out)
			break;
		if (cue->what == CUE_TURN && cue->end <= name->start)
			*from_out = cue->end;
		else if (cue->what == CUE_TURN && cue->start >= name->end)
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

/* Matches become what was found, at the same places. */
static void note_cues(GArray *cues, const guint8 *masked)
{
	for (guint i = 0; i < cues->len; i++) {
		const struct match *match = &g_array_index(cues, struct match, i);
		struct found cue = {match->start, match->end, cue_at(match)->cue};

		if (cue.what == CUE_COMPANY && masked[match->start])
			cue.what = CUE_PARTY;
		g_array_index(cues, struct found, i) = cue;
	}
}

/* The same, without those that do not count, where pieces are silent too. `cues`: as found. */
static void note_terms(const struct finder *finder, const char *text, GArray *terms,
		       const GArray *cues, const char *day, guint8 *silent)
{
	g_autofree guint8 *left_out = g_malloc0(terms->len + 1);
	guint kept = 0;

	for (guint i = 0; i < terms->len; i++) {
		const struct match *match = &g_array_index(terms, struct match, i);
		const struct term *term = term_at(finder->lexicon, match->word);
		guint ahead =
		    g_array_index(terms, struct match, MIN(i + AHEAD, terms->len - 1)).word;

		__builtin_prefetch(term_at(finder->lexicon, ahead));
		if (term->kind == TERM_NOT || !lexicon_holds(finder->lexicon, match->word, day))
			left_out[i] = 1;
		else if (is_absolved(finder, text, terms, i, cues))
			deny(finder, text, terms, cues, i, left_out);
	}
	for (guint i = 0; i < terms->len; i++) {
		struct match match = g_array_index(terms, struct match, i);

		if (left_out[i])
			mask(silent, match.start, match.end, SILENCE_NAME);
		else
			g_array_index(terms, struct found, kept++) =
			    (struct found){match.start, match.end, match.word};
	}
	g_array_set_size(terms, kept);
}

/* Everything that matches, and what of the text is masked. */
struct raw {
	GArray *all;   /* struct match, as the others */
	GArray *terms; /* of them */
	GArray *cues;
	guint8 *masked; /* enum silence, a byte of the text each */
};

static struct raw look(const struct finder *finder, const char *text, gsize size,
		       const char *const *own_names)
{
	GArray *all = fold_find(finder->matcher, text, size);
	struct raw raw = {all, matches_of(all, 0, finder->cues),
			  matches_of(all, finder->cues, finder->grams), g_malloc0(size + 1)};

	mask_names(finder, text, size, raw.terms, raw.cues, raw.masked);
	mask_own_names(text, size, own_names, raw.masked);
	return raw;
}

static void raw_clear(struct raw *raw)
{
	g_array_unref(raw->all);
	g_clear_pointer(&raw->terms, g_array_unref);
	g_clear_pointer(&raw->cues, g_array_unref);
	g_free(raw->masked);
}

/* In the order in which they were met, which is by end. */
static GArray *grams_of(const struct finder *finder, const struct raw *raw)
{
	GArray *grams = matches_of(raw->all, finder->grams, G_MAXUINT);

	drop_masked(grams, raw->masked, SILENCE_NAME);
	for (guint i = 0; i < grams->len; i++) {
		struct match match = g_array_index(grams, struct match, i);

		g_array_index(grams, struct found, i) =
		    (struct found){match.start, match.end, match.word};
	}
	return grams;
}

/* Where who speaks says who they are: to the first comma, when something follows. */
static void mark_selves(const char *text, const GArray *cues, guint8 *silent)
{
	for (guint i = 0; i < cues->len; i++) {
		const struct found *cue = &g_array_index(cues, struct found, i);
		guint end = cue->end;

		if (cue->what != CUE_SELF)
			continue;
		while (text[end] && end < cue->end + SELF_BYTES && !ends_sentence(text + end) &&
		       strncmp(text + end, "，", 3) != 0 && text[end] != ',')
			end++;
		if (strncmp(text + end, "，", 3) != 0 && text[end] != ',')
			continue;
		for (guint k = cue->start; k < end; k++)
			silent[k] = silent[k] ? silent[k] : SILENCE_SELF;
	}
}

void finder_find(const struct finder *finder, const char *text, gsize size,
		 const char *const *own_names, const char *day, struct findings *findings_out)
{
	struct raw raw = look(finder, text, size, own_names);

	drop_masked(raw.terms, raw.masked, SILENCE_MASK);
	match_keep_longest(raw.terms);
	match_keep_longest(raw.cues);
	note_cues(raw.cues, raw.masked);
	findings_out->grams = grams_of(finder, &raw);
	note_terms(finder, text, raw.terms, raw.cues, day, raw.masked);
	mark_selves(text, raw.cues, raw.masked);
	findings_out->silent = g_steal_pointer(&raw.masked);
	findings_out->terms = g_steal_pointer(&raw.terms);
	findings_out->cues = g_steal_pointer(&raw.cues);
	raw_clear(&raw);
}

void findings_clear(struct findings *findings)
{
	g_clear_pointer(&findings->terms, g_array_unref);
	g_clear_pointer(&findings->cues, g_array_unref);
	g_clear_pointer(&findings->grams, g_array_unref);
	g_clear_pointer(&findings->silent, g_free);
}

char *finder_prepare(const struct finder *finder, const char *text, gsize size,
		     const char *const *own_names)
{
	struct raw raw = look(finder, text, size, own_names);
	g_autoptr(GString) prepared = g_string_sized_new(size);

	for (const char *at = text; at < text + size; at = g_utf8_next_char(at)) {
		if (raw.masked[at - text] == SILENCE_NAME)
			g_string_append_c(prepared, '\n');
		else
			g_string_append_len(prepared, at, g_utf8_next_char(at) - at);
	}
	raw_clear(&raw);
	return fold_word(prepared->str);
}
