/*
 * The matcher finds exactly what a straightforward search finds: on generated words and texts of
 * many kinds, one text at once and many, and text that is no UTF-8. The generator's seeds are
 * fixed.
 */
#include "tests/unit/plain_search.h"

#include <check.h>
#include <string.h>

#define WORDS_MAX 400

struct words {
	char *text[WORDS_MAX];
	guint count;
};

static void words_clear(struct words *words)
{
	for (guint i = 0; i < words->count; i++)
		g_free(words->text[i]);
	words->count = 0;
}

static struct matcher *matcher_of(const struct words *words)
{
	struct matcher_builder *builder = matcher_builder_new();

	for (guint i = 0; i < words->count; i++)
		matcher_add(builder, words->text[i], i);
	return matcher_build(builder);
}

static GArray *straightforward(const struct words *words, const char *text, gsize size)
{
	return plain_search(words->text, words->count, text, size);
}

/* What texts and words are made of. */
static const char *const alphabets[][8] = {
    {"税", "务", "局", "社", "保", "医", "院", NULL}, {"a", "b", NULL},
    {"环", "保", "a", "é", "1", "𠮷", "，", NULL},    {"\xe7", "\xa8", "\x8e", "z", "\xf0", NULL},
    {"税务", "局长", "社保", "卡", " ", NULL},
};

static void append_random(GString *text, GRand *rand, guint alphabet, guint count)
{
	const char *const *letters = alphabets[alphabet];
	guint n = 0;

	while (letters[n])
		n++;
	for (guint i = 0; i < count; i++)
		g_string_append(text, letters[g_rand_int_range(rand, 0, (gint)n)]);
}

static void make_words(struct words *words, GRand *rand, guint alphabet, guint count, guint letters)
{
	for (words->count = 0; words->count < count; words->count++) {
		GString *word = g_string_new(NULL);

		append_random(word, rand, alphabet,
			      (guint)g_rand_int_range(rand, 1, (gint)letters + 1));
		words->text[words->count] = g_string_free(word, FALSE);
	}
}

/* A copy that ends where its memory ends, so that a byte too many is seen by the sanitizer. */
static char *exact(const GString *text)
{
	return g_memdup2(text->str, MAX(text->len, 1));
}

#define TEXTS 9

static void compare_all(const struct words *words, char *const *text, const gsize *size)
{
	g_autoptr(matcher_handle) matcher = matcher_of(words);
	struct matcher_text texts[TEXTS];
	GArray *many[TEXTS];

	for (guint i = 0; i < TEXTS; i++)
		texts[i] = (struct matcher_text){text[i], size[i]};
	matcher_find_many(matcher, texts, TEXTS, many);
	for (guint i = 0; i < TEXTS; i++) {
		g_autoptr(GArray) expected = straightforward(words, text[i], size[i]);
		g_autoptr(GArray) one = matcher_find(matcher, text[i], size[i]);

		ck_assert(same_matches(expected, one));
		ck_assert(same_matches(expected, many[i]));
		g_array_unref(many[i]);
	}
}

static const guint sizes[TEXTS] = {0, 1, 2, 700, 3, 40, 6000, 150, 1};

START_TEST(finds_what_a_plain_search_finds)
{
	static const guint counts[] = {1, 3, 40, WORDS_MAX};
	static const guint lengths[] = {1, 2, 5, 30};
	g_autoptr(GRand) rand = g_rand_new_with_seed(2026);
	struct words words = {.count = 0};

	for (guint round = 0; round < 5 * 4 * 4; round++) {
		guint alphabet = round % 5;
		char *text[TEXTS];
		gsize size[TEXTS];

		make_words(&words, rand, alphabet, counts[round / 5 % 4], lengths[round / 20]);
		for (guint i = 0; i < TEXTS; i++) {
			g_autoptr(GString) made = g_string_new(NULL);

			append_random(made, rand, alphabet, sizes[i] / (1 + round % 3));
			text[i] = exact(made);
			size[i] = made->len;
		}
		compare_all(&words, text, size);
		for (guint i = 0; i < TEXTS; i++)
			g_free(text[i]);
		words_clear(&words);
	}
}
END_TEST

/* Few places where words begin, so that the automaton is not asked: words in the midst of others.
 */
START_TEST(finds_rare_words)
{
	static const char *const listed[] = {
	    "税务局", "税务",       "税",     "市场监督管理局", "市场监管",     "GDP",
	    "社保",   "社保卡补办", "社保卡", "保卡补办",       "招商银行股份", "5G"};
	static const char filler[] = "我们公司去年在这里办理手续时遇到一些情况想说一说,谢谢。";
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);
	struct words words = {.count = 0};
	char *text[TEXTS];
	gsize size[TEXTS];

	for (; words.count < G_N_ELEMENTS(listed); words.count++)
		words.text[words.count] = g_strdup(listed[words.count]);
	for (guint i = 0; i < TEXTS; i++) {
		g_autoptr(GString) made = g_string_new(NULL);

		while (made->len < sizes[i] * 10) {
			g_string_append(made, filler);
			g_string_append(made, listed[g_rand_int_range(rand, 0, (gint)words.count)]);
		}
		/* cut anywhere, also within a character */
		g_string_truncate(made, made->len - MIN(made->len, i));
		text[i] = exact(made);
		size[i] = made->len;
	}
	compare_all(&words, text, size);
	for (guint i = 0; i < TEXTS; i++)
		g_free(text[i]);
	words_clear(&words);
}
END_TEST

/* More states than two bytes can number, with places everywhere and with few. */
START_TEST(has_room_for_many_words)
{
	for (guint dense = 0; dense < 2; dense++) {
		struct matcher_builder *builder = matcher_builder_new();
		g_autoptr(matcher_handle) matcher = NULL;
		g_autoptr(GString) text = g_string_new(NULL);
		g_autoptr(GArray) found = NULL;
		guint last = dense ? 5 : 0; /* words before the long one of a place */

		for (guint i = 0; i < 30000; i++) {
			g_autofree char *word = g_strdup_printf("词%05u号", i * 3);

			matcher_add(builder, word, i);
		}
		for (char digit[] = "0"; dense && *digit <= '9'; ++*digit)
			matcher_add(builder, digit, 30000);
		matcher = matcher_build(builder);
		for (guint i = 0; i < 30000; i += 100)
			g_string_append_printf(text, "词%05u号", i);
		found = matcher_find(matcher, text->str, text->len);
		/* 00000, 00300 … are words */
		ck_assert_uint_eq(found->len, 100 + 300 * last);
		for (guint i = 0; i < 100; i++) {
			guint at = i * (1 + 3 * last) + last;

			ck_assert_uint_eq(g_array_index(found, struct match, at).word, i * 100);
		}
	}
}
END_TEST

/* A word of many that are alike, in a text made of them: neither time nor room without bound. */
START_TEST(bounds_hostile_text)
{
	struct words words = {.count = 0};
	gsize size = 1 << 20;
	g_autofree char *text = g_malloc(size);
	g_autoptr(matcher_handle) matcher = NULL;
	g_autoptr(GArray) found = NULL;

	memset(text, 'a', size);
	for (; words.count < 300; words.count++)
		words.text[words.count] = g_strnfill(words.count + 1, 'a');
	matcher = matcher_of(&words);
	found = matcher_find(matcher, text, size);
	ck_assert_uint_eq(found->len, MATCHER_FOUND_MAX);
	words_clear(&words);
}
END_TEST

/* Words that begin alike and fail late: the filter gives up in the midst of a text. */
START_TEST(gives_up_where_words_are_long)
{
	g_autoptr(GString) text = g_string_new(NULL);
	struct words words = {.count = 20};
	g_autoptr(matcher_handle) matcher = NULL;
	g_autoptr(GArray) expected = NULL;
	g_autoptr(GArray) found = NULL;

	for (guint i = 0; i < words.count; i++) {
		GString *word = g_string_new(NULL);

		for (guint k = 0; k < 200 + i; k++)
			g_string_append(word, "甲乙丙丁戊己庚辛");
		words.text[i] = g_string_free(word, FALSE);
	}
	for (guint k = 0; k < 1500; k++)
		g_string_append(text, k < 700 ? "一二三四五六七八" : "甲乙丙丁戊己庚辛");
	matcher = matcher_of(&words);
	expected = straightforward(&words, text->str, text->len);
	found = matcher_find(matcher, text->str, text->len);
	ck_assert_uint_gt(expected->len, 10000);
	ck_assert(same_matches(expected, found));
	words_clear(&words);
}
END_TEST

/* Words of so many characters, from places of the text by chance. */
static void take_words(struct words *words, const char *text, gsize size, gint shortest)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed((guint32)shortest);

	while (words->count < WORDS_MAX) {
		const char *at = text + g_rand_int_range(rand, 0, (gint32)(size - 64));
		const char *end;

		while (((guint8)*at & 0xc0) == 0x80)
			at++;
		end = at;
		for (gint n = g_rand_int_range(rand, shortest, 6); n > 0; n--)
			end = g_utf8_next_char(end);
		words->text[words->count++] = g_strndup(at, (gsize)(end - at));
	}
}

START_TEST(finds_the_same_in_real_texts)
{
	const char *path = g_getenv("MATCHER_TEXTS");
	g_autofree char *all = NULL;
	gsize size = 0;

	if (!path)
		return;
	ck_assert(g_file_get_contents(path, &all, &size, NULL) && size > 1000);
	for (gint shortest = 1; shortest <= 2; shortest++) {
		struct words words = {.count = 0};
		g_autoptr(matcher_handle) matcher = NULL;
		g_autoptr(GArray) expected = NULL;
		g_autoptr(GArray) found = NULL;

		take_words(&words, all, size, shortest);
		matcher = matcher_of(&words);
		for (const char *at = all; *at; at += strcspn(at, "\n") + 1) {
			gsize length = strcspn(at, "\n");
			g_autoptr(GArray) plain = straightforward(&words, at, length);
			g_autoptr(GArray) of_line = matcher_find(matcher, at, length);

			ck_assert(same_matches(plain, of_line));
			if (!at[length])
				break;
		}
		/* of a whole file not more than may be found */
		size = MIN(size, 1 << 18);
		expected = straightforward(&words, all, size);
		found = matcher_find(matcher, all, size);
		ck_assert_uint_gt(found->len, 1000);
		ck_assert(same_matches(expected, found));
		words_clear(&words);
	}
}
END_TEST

START_TEST(finds_nothing_without_words)
{
	struct words words = {.count = 0};
	g_autoptr(matcher_handle) matcher = matcher_of(&words);
	g_autoptr(GArray) found = matcher_find(matcher, "税务局", strlen("税务局"));

	ck_assert_uint_eq(found->len, 0);
}
END_TEST

START_TEST(keeps_the_longest)
{
	struct words words = {.text = {"税务", "税务局", "务局长", "局长", "税务局"}, .count = 5};
	static const char text[] = "税务局长和局长";
	g_autoptr(matcher_handle) matcher = matcher_of(&words);
	g_autoptr(GArray) found = matcher_find(matcher, text, strlen(text));
	static const struct match kept[] = {{0, 9, 1}, {0, 9, 4}, {15, 21, 3}};

	match_keep_longest(found);
	ck_assert_uint_eq(found->len, G_N_ELEMENTS(kept));
	ck_assert_mem_eq(found->data, kept, sizeof kept);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("matcher");
	TCase *tc = tcase_create("matcher");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, g_getenv("MATCHER_TEXTS") ? 900 : 60);
	tcase_add_test(tc, finds_what_a_plain_search_finds);
	tcase_add_test(tc, finds_rare_words);
	tcase_add_test(tc, has_room_for_many_words);
	tcase_add_test(tc, bounds_hostile_text);
	tcase_add_test(tc, gives_up_where_words_are_long);
	tcase_add_test(tc, finds_the_same_in_real_texts);
	tcase_add_test(tc, finds_nothing_without_words);
	tcase_add_test(tc, keeps_the_longest);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
