/*
 * The matcher beside a straightforward search, and folding. Lines up to an empty one are words,
 * what follows is the text.
 */
#include "base/fold.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/plain_search.h"

#include <string.h>

#define WORDS_MAX   64
#define COMPARE_MAX 4096 /* bytes of a text that is searched word by word */

struct words {
	char *text[WORDS_MAX];
	guint count;
};

static struct matcher *matcher_of(const struct words *words, gboolean folded)
{
	struct matcher_builder *builder = matcher_builder_new();

	for (guint i = 0; i < words->count; i++)
		(folded ? fold_add : matcher_add)(builder, words->text[i], i);
	return matcher_build(builder);
}

static void require_same(const struct words *words, const struct matcher_text *text,
			 const GArray *found)
{
	g_autoptr(GArray) expected =
	    plain_search(words->text, words->count, text->text, text->size);

	fuzz_require(expected->len == found->len, "as much is found as a plain search finds");
	fuzz_require(same_matches(expected, found), "the same is found as a plain search finds");
}

/* The text whole, and its two halves at once. */
static void compare(const struct words *words, const char *text, gsize size)
{
	g_autoptr(matcher_handle) matcher = matcher_of(words, FALSE);
	g_autoptr(GArray) found = matcher_find(matcher, text, size);
	const struct matcher_text whole = {text, size};
	const struct matcher_text halves[] = {
	    {text, size / 2}, {text + size / 2, size - size / 2}, {text, 0}};
	GArray *parts[3];

	require_same(words, &whole, found);
	matcher_find_many(matcher, halves, 3, parts);
	for (guint i = 0; i < 3; i++) {
		require_same(words, &halves[i], parts[i]);
		g_array_unref(parts[i]);
	}
	match_keep_longest(found);
	for (guint i = 1; i < found->len; i++) {
		const struct match *before = &g_array_index(found, struct match, i - 1);
		const struct match *match = &g_array_index(found, struct match, i);

		fuzz_require(match->start >= before->end ||
				 (match->start == before->start && match->end == before->end),
			     "what is kept does not overlap");
	}
}

/* g_utf8_validate() stops at a NUL, which may stand in a text. */
static gboolean is_utf8(const char *text, gsize size)
{
	for (gsize at = 0; at < size; at++) {
		const char *end;

		if (g_utf8_validate_len(text + at, size - at, &end))
			return TRUE;
		at = (gsize)(end - text);
		if (text[at])
			return FALSE;
	}
	return TRUE;
}

static void fold(const struct words *words, const char *text, gsize size)
{
	g_autoptr(matcher_handle) matcher = matcher_of(words, TRUE);
	g_autoptr(GArray) found = fold_find(matcher, text, size);
	struct folded folded;
	struct folded again;

	for (guint i = 0; i < found->len; i++) {
		const struct match *match = &g_array_index(found, struct match, i);

		fuzz_require(match->start < match->end && match->end <= size,
			     "places are of the original");
	}
	fold_text(text, size, &folded);
	fuzz_require(folded.size <= size, "folding makes nothing longer");
	fold_text(folded.text, folded.size, &again);
	fuzz_require(!again.from, "what is folded stays");
	fuzz_require(!is_utf8(text, size) || is_utf8(folded.text, folded.size),
		     "what was UTF-8 is UTF-8");
	fold_clear(&again);
	fold_clear(&folded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data;
	const char *end = at + size;
	struct words words = {.count = 0};

	while (at < end && *at != '\n') {
		const char *line = memchr(at, '\n', (gsize)(end - at));
		gsize length = (gsize)((line ? line : end) - at);

		/* a NUL ends a word */
		if (words.count < WORDS_MAX && *at)
			words.text[words.count++] = g_strndup(at, length);
		at += length + (line != NULL);
	}
	at += at < end;
	compare(&words, at, MIN((gsize)(end - at), COMPARE_MAX));
	fold(&words, at, (gsize)(end - at));
	for (guint i = 0; i < words.count; i++)
		g_free(words.text[i]);
	return 0;
}
