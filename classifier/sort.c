#include "classifier/sort.h"

#include "base/fold.h"

#include <string.h>

#define COMPANY_CHARS  20 /* a company's name is at most so long */
#define NOT_THEM_BYTES 9  /* 不是 and at most three characters before the name */
#define FINE_BYTES     36 /* from a name to 没有问题 */

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
	guint n = 0;

	for (; n < lexicon->terms->len; n++)
		fold_add(builder, g_array_index(lexicon->terms, struct term, n).text, n);
	finder->cues = n;
	for (guint i = 0; cue_words[i].text; i++)
		fold_add(builder, cue_words[i].text, n++);
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

/* 供电公司 is a department: a name of the lexicon that ends with the company's word is none. */
static gboolean ends_with_name(const struct finder *finder, const GArray *terms, guint end)
{
	for (guint i = found_from(terms, end - 1); i < terms->len; i++) {
		const struct match *match = &g_array_index(terms, struct match, i);

		if (match->end != end)
			return FALSE;
		if (is_name(term_at(finder->lexicon, match->word)))
			return TRUE;
	}
	return FALSE;
}

/* What a masked place is. 公司 and 酒店 say nothing about a department that the lexicon could know,
 * but corrections may teach it. */
enum mask { MASK_NONE, MASK_NAME, MASK_KIND };

static void mask(guint8 *masked, guint start, guint end, enum mask how)
{
	memset(masked + start, how, end - start);
}

static void mask_companies(const struct finder *finder, const char *text, const GArray *terms,
			   const GArray *cues, guint8 *masked)
{
	for (guint i = 0; i < cues->len; i++) {
		const struct match *match = &g_array_index(cues, struct match, i);
		enum cue cue = cue_words[match->word - finder->cues].cue;

		if (cue == CUE_COMPANY && !ends_with_name(finder, terms, match->end)) {
			guint start = company_start(text, match->start);

			/* two characters in front at least: 我公司, 集团 alone are no names */
			if (match->start - start >= 6) {
				mask(masked, start, match->start, MASK_NAME);
				mask(masked, match->start, match->end, MASK_KIND);
			}
		}
		/* 招商银行: only 银行 is read */
		if (cue == CUE_BANK && match->end - match->start > 6 &&
		    g_str_has_suffix(cue_words[match->word - finder->cues].text, "银行"))
			mask(masked, match->start, match->end - 6, MASK_NAME);
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
			     fold_end(&folded, place + (guint)length), MASK_NAME);
		}
	}
	fold_clear(&folded);
}

/* Terms and cues apart; n-grams stay where they are. */
static void separate(const struct finder *finder, const GArray *all, GArray *terms, GArray *cues)
{
	for (guint i = 0; i < all->len; i++) {
		const struct match *match = &g_array_index(all, struct match, i);

		if (match->word < finder->cues)
			g_array_append_val(terms, *match);
		else if (match->word < finder->grams)
			g_array_append_val(cues, *match);
	}
}

static gboolean is_masked(const guint8 *masked, const struct match *match, enum mask how)
{
	return memchr(masked + match->start, how, match->end - match->start) != NULL;
}

static void drop_masked(GArray *terms, const guint8 *masked)
{
	guint kept = 0;

	for (guint i = 0; i < terms->len; i++) {
		struct match match = g_array_index(terms, struct match, i);

		if (!is_masked(masked, &match, MASK_NAME) && !is_masked(masked, &match, MASK_KIND))
			g_array_index(terms, struct match, kept++) = match;
	}
	g_array_set_size(terms, kept);
}

/* 不是税务局的问题 does not mean it; 环保局检查没有问题 does not blame it. */
static gboolean is_absolved(const struct match *match, const GArray *cues)
{
	guint near = match->start > NOT_THEM_BYTES ? match->start - NOT_THEM_BYTES - 1 : 0;

	for (guint i = found_from(cues, near); i < cues->len; i++) {
		const struct found *cue = &g_array_index(cues, struct found, i);

		if (cue->start > match->end + FINE_BYTES)
			return FALSE;
		if (cue->what == CUE_NOT_THEM && cue->end <= match->start &&
		    match->start - cue->end <= NOT_THEM_BYTES)
			return TRUE;
		if (cue->what == CUE_FINE && cue->start >= match->end &&
		    cue->start - match->end <= FINE_BYTES)
			return TRUE;
	}
	return FALSE;
}

/* Everything that matches, and what of the text is masked. */
struct raw {
	GArray *all;   /* struct match, as the others */
	GArray *terms; /* of them */
	GArray *cues;
	guint8 *masked; /* enum mask, a byte of the text each */
};

static struct raw look(const struct finder *finder, const char *text, gsize size,
		       const char *const *own_names)
{
	struct raw raw = {fold_find(finder->matcher, text, size),
			  g_array_new(FALSE, FALSE, sizeof(struct match)),
			  g_array_new(FALSE, FALSE, sizeof(struct match)), g_malloc0(size + 1)};

	separate(finder, raw.all, raw.terms, raw.cues);
	mask_companies(finder, text, raw.terms, raw.cues, raw.masked);
	mask_own_names(text, size, own_names, raw.masked);
	return raw;
}

static void raw_clear(struct raw *raw)
{
	g_array_unref(raw->all);
	g_array_unref(raw->terms);
	g_array_unref(raw->cues);
	g_free(raw->masked);
}

/* In the order in which they were met, which is by end. */
static GArray *grams_of(const struct finder *finder, const struct raw *raw)
{
	GArray *grams = g_array_sized_new(FALSE, FALSE, sizeof(struct found), raw->all->len);
	guint n = 0;

	g_array_set_size(grams, raw->all->len);
	for (guint i = 0; i < raw->all->len; i++) {
		const struct match *match = &g_array_index(raw->all, struct match, i);

		if (match->word >= finder->grams && !is_masked(raw->masked, match, MASK_NAME))
			g_array_index(grams, struct found, n++) =
			    (struct found){match->start, match->end, match->word - finder->grams};
	}
	g_array_set_size(grams, n);
	return grams;
}

void finder_find(const struct finder *finder, const char *text, gsize size,
		 const char *const *own_names, const char *day, struct findings *findings_out)
{
	struct raw raw = look(finder, text, size, own_names);

	findings_out->terms = g_array_new(FALSE, FALSE, sizeof(struct found));
	findings_out->cues = g_array_new(FALSE, FALSE, sizeof(struct found));
	findings_out->grams = grams_of(finder, &raw);
	drop_masked(raw.terms, raw.masked);
	match_keep_longest(raw.terms);
	match_keep_longest(raw.cues);
	for (guint i = 0; i < raw.cues->len; i++) {
		const struct match *match = &g_array_index(raw.cues, struct match, i);
		struct found cue = {match->start, match->end,
				    cue_words[match->word - finder->cues].cue};

		g_array_append_val(findings_out->cues, cue);
	}
	for (guint i = 0; i < raw.terms->len; i++) {
		const struct match *match = &g_array_index(raw.terms, struct match, i);
		struct found term = {match->start, match->end, match->word};

		if (term_at(finder->lexicon, match->word)->kind != TERM_NOT &&
		    lexicon_holds(finder->lexicon, match->word, day) &&
		    !is_absolved(match, findings_out->cues))
			g_array_append_val(findings_out->terms, term);
	}
	raw_clear(&raw);
}

void findings_clear(struct findings *findings)
{
	g_clear_pointer(&findings->terms, g_array_unref);
	g_clear_pointer(&findings->cues, g_array_unref);
	g_clear_pointer(&findings->grams, g_array_unref);
}

char *finder_prepare(const struct finder *finder, const char *text, gsize size,
		     const char *const *own_names)
{
	struct raw raw = look(finder, text, size, own_names);
	g_autoptr(GString) prepared = g_string_sized_new(size);

	for (const char *at = text; at < text + size; at = g_utf8_next_char(at)) {
		if (raw.masked[at - text] == MASK_NAME)
			g_string_append_c(prepared, '\n');
		else
			g_string_append_len(prepared, at, g_utf8_next_char(at) - at);
	}
	raw_clear(&raw);
	return fold_word(prepared->str);
}
