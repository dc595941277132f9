/*
 * Many keywords found in texts, ours beside Hyperscan: match_bench FILE [WORDS [ROUNDS]]. FILE has
 * a text a line, repeated up to 32 MB. Of the WORDS (2,000) one in six is the lexicon's, the others
 * are the pairs of Chinese characters that are frequent in the file but for the most frequent: as
 * dense as a lexicon is in what it was made for, whatever ours holds. Each round reads all texts
 * with one after another: matcher_find_many() over all, matcher_find() a text, and hs_scan() a text
 * with a callback a match. All three must find equally many. Prints "texts bytes words matches
 * build_ms compile_ms", then a line a round: MB of 10^6 bytes a second of CPU of the three. Pin it
 * to one core.
 */
#include "base/matcher.h"
#include "classifier/lexicon.h"

#include <hs/hs.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BYTES      (32u << 20) /* of text, at least */
#define FREQUENT   150         /* so many pairs are too frequent for keywords */
#define LONG_SHARE 6u          /* one in so many words is longer than a pair */
#define AT_ONCE    64          /* texts given to matcher_find_many() */

struct bench {
	GArray *texts; /* struct matcher_text */
	gsize bytes;
	GPtrArray *words;
	struct matcher *matcher;
	hs_database_t *database;
	hs_scratch_t *scratch;
	double build_s;
	double compile_s;
};

static double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static gint by_count(gconstpointer a, gconstpointer b, gpointer counts)
{
	guint one = GPOINTER_TO_UINT(g_hash_table_lookup(counts, *(char *const *)a));
	guint two = GPOINTER_TO_UINT(g_hash_table_lookup(counts, *(char *const *)b));

	if (one != two)
		return one > two ? -1 : 1;
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Pairs of Chinese characters, the most frequent first. Returns: (transfer container) */
static GPtrArray *pairs_of(const char *text, GHashTable *counts)
{
	GPtrArray *pairs = g_ptr_array_new();
	GHashTableIter iter;
	gpointer key;

	for (; text[0] && text[1] && text[2]; text++) {
		gboolean both = ((guint8)text[0] & 0xf0) == 0xe0 &&
				g_unichar_isalpha(g_utf8_get_char(text)) &&
				((guint8)text[3] & 0xf0) == 0xe0 &&
				g_unichar_isalpha(g_utf8_get_char(text + 3));
		char *pair = both ? g_strndup(text, 6) : NULL;

		if (pair)
			g_hash_table_insert(
			    counts, pair,
			    GUINT_TO_POINTER(GPOINTER_TO_UINT(g_hash_table_lookup(counts, pair)) +
					     1));
	}
	g_hash_table_iter_init(&iter, counts);
	while (g_hash_table_iter_next(&iter, &key, NULL))
		g_ptr_array_add(pairs, key);
	g_ptr_array_sort_with_data(pairs, by_count, counts);
	return pairs;
}

/* One in six is a word of the lexicon of three to five characters, from all over it. */
static void add_terms(struct bench *bench, const struct lexicon *lexicon, guint wanted)
{
	g_autoptr(GPtrArray) terms = g_ptr_array_new();

	for (guint i = 0; i < lexicon->terms->len; i++) {
		char *word = g_array_index(lexicon->terms, struct term, i).text;
		glong length = g_utf8_strlen(word, -1);

		if (length >= 3 && length <= 5)
			g_ptr_array_add(terms, word);
	}
	for (guint i = 0; i < wanted && i < terms->len; i++)
		g_ptr_array_add(
		    bench->words,
		    g_strdup(g_ptr_array_index(terms, (guint)((guint64)i * terms->len / wanted))));
}

static gboolean choose_words(struct bench *bench, const char *text, guint wanted, GError **error)
{
	g_autoptr(lexicon_handle) lexicon = lexicon_default(error);
	g_autoptr(GHashTable) counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) pairs = pairs_of(text, counts);

	bench->words = g_ptr_array_new_with_free_func(g_free);
	if (lexicon)
		add_terms(bench, lexicon, wanted / LONG_SHARE);
	for (guint i = FREQUENT; i < pairs->len && bench->words->len < wanted; i++)
		g_ptr_array_add(bench->words, g_strdup(g_ptr_array_index(pairs, i)));
	return lexicon != NULL;
}

static void cut_lines(struct bench *bench, const char *text)
{
	bench->texts = g_array_new(FALSE, FALSE, sizeof(struct matcher_text));
	while (bench->bytes < BYTES)
		for (const char *at = text; *at;) {
			gsize length = strcspn(at, "\n");
			struct matcher_text line = {at, length};

			if (length)
				g_array_append_val(bench->texts, line);
			bench->bytes += length;
			at += length + (at[length] == '\n');
		}
}

static gboolean compile(struct bench *bench)
{
	guint n = bench->words->len;
	g_autofree unsigned *flags = g_new0(unsigned, n);
	g_autofree unsigned *ids = g_new0(unsigned, n);
	g_autofree size_t *lengths = g_new0(size_t, n);
	const char *const *words = (const char *const *)bench->words->pdata;
	struct matcher_builder *builder;
	hs_compile_error_t *failed = NULL;

	bench->build_s = cpu_s();
	builder = matcher_builder_new();
	for (guint i = 0; i < n; i++)
		matcher_add(builder, words[i], i);
	bench->matcher = matcher_build(builder);
	bench->build_s = cpu_s() - bench->build_s;
	for (guint i = 0; i < n; i++) {
		ids[i] = i;
		lengths[i] = strlen(words[i]);
	}
	bench->compile_s = cpu_s();
	if (hs_compile_lit_multi(words, flags, ids, lengths, n, HS_MODE_BLOCK, NULL,
				 &bench->database, &failed) != HS_SUCCESS) {
		fprintf(stderr, "match_bench: %s\n", failed->message);
		hs_free_compile_error(failed);
		return FALSE;
	}
	bench->compile_s = cpu_s() - bench->compile_s;
	return hs_alloc_scratch(bench->database, &bench->scratch) == HS_SUCCESS;
}

static guint64 find_many(const struct bench *bench)
{
	const struct matcher_text *texts = (const struct matcher_text *)bench->texts->data;
	GArray *found[AT_ONCE];
	guint64 matches = 0;

	for (guint i = 0; i < bench->texts->len; i += AT_ONCE) {
		guint n = MIN(AT_ONCE, bench->texts->len - i);

		matcher_find_many(bench->matcher, texts + i, n, found);
		for (guint k = 0; k < n; k++) {
			matches += found[k]->len;
			g_array_unref(found[k]);
		}
	}
	return matches;
}

static guint64 find_each(const struct bench *bench)
{
	guint64 matches = 0;

	for (guint i = 0; i < bench->texts->len; i++) {
		const struct matcher_text *text =
		    &g_array_index(bench->texts, struct matcher_text, i);
		g_autoptr(GArray) found = matcher_find(bench->matcher, text->text, text->size);

		matches += found->len;
	}
	return matches;
}

static int count_one(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
		     void *count)
{
	(void)id;
	(void)from;
	(void)to;
	(void)flags;
	++*(guint64 *)count;
	return 0;
}

static guint64 scan_each(const struct bench *bench)
{
	guint64 matches = 0;

	for (guint i = 0; i < bench->texts->len; i++) {
		const struct matcher_text *text =
		    &g_array_index(bench->texts, struct matcher_text, i);

		if (hs_scan(bench->database, text->text, (unsigned)text->size, 0, bench->scratch,
			    count_one, &matches) != HS_SUCCESS)
			exit(1);
	}
	return matches;
}

static guint64 timed(const struct bench *bench, guint64 (*find)(const struct bench *bench),
		     double *rate_out)
{
	double begin = cpu_s();
	guint64 matches = find(bench);

	*rate_out = (double)bench->bytes / 1e6 / (cpu_s() - begin);
	return matches;
}

static gboolean rounds(const struct bench *bench, guint count)
{
	for (guint i = 0; i < count; i++) {
		double many, each, peer;
		guint64 found = timed(bench, find_many, &many);

		if (timed(bench, find_each, &each) != found ||
		    timed(bench, scan_each, &peer) != found) {
			fprintf(stderr, "match_bench: they do not find the same\n");
			return FALSE;
		}
		if (i == 0)
			printf("%u %" G_GSIZE_FORMAT " %u %" G_GUINT64_FORMAT " %.2f %.2f\n",
			       bench->texts->len, bench->bytes, bench->words->len, found,
			       bench->build_s * 1e3, bench->compile_s * 1e3);
		printf("%.1f %.1f %.1f\n", many, each, peer);
	}
	return TRUE;
}

int main(int argc, char **argv)
{
	struct bench bench = {0};
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	guint wanted = argc > 2 ? (guint)atoi(argv[2]) : 2000;
	guint count = argc > 3 ? (guint)atoi(argv[3]) : 5;

	setlocale(LC_ALL, "");
	if (argc < 2)
		return 64;
	if (!g_file_get_contents(argv[1], &text, NULL, &error) ||
	    !choose_words(&bench, text, wanted, &error)) {
		fprintf(stderr, "match_bench: %s\n", error->message);
		return 1;
	}
	cut_lines(&bench, text);
	return compile(&bench) && rounds(&bench, count) ? 0 : 1;
}
