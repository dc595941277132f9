/*
 * What sorting one text costs, from its bytes to opinions with departments and reasons:
 * classify_bench FILE [ROUNDS]. FILE has a text a line, of which those of 1.1 KB (900 to 1,300
 * bytes) are taken. Prints "texts bytes opinions reasons" of all, then µs of CPU a text of each
 * round. Pin it to one core.
 */
#include "classifier/classifier.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BYTES_MIN 900
#define BYTES_MAX 1300
#define TIMES     20000 /* texts sorted in a round, at least */

struct sum {
	guint opinions;
	guint reasons;
};

static double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void sort_one(const struct classifier *classifier, const char *text, struct sum *sum)
{
	g_autoptr(GPtrArray) opinions = classifier_opinions(classifier, text, NULL);

	sum->opinions += opinions->len;
	for (guint i = 0; i < opinions->len; i++) {
		const struct classified *one = g_ptr_array_index(opinions, i);

		for (guint k = 0; k < one->departments->len; k++) {
			const struct sorted *sorted = g_ptr_array_index(one->departments, k);

			sum->reasons += sorted->reasons->len;
		}
	}
}

/* Returns µs a text. */
static double sort_all(const struct classifier *classifier, char *const *texts, guint count,
		       struct sum *sum)
{
	guint times = TIMES / count + 1;
	double begin = cpu_s();

	for (guint i = 0; i < times; i++) {
		*sum = (struct sum){0, 0};
		for (guint k = 0; k < count; k++)
			sort_one(classifier, texts[k], sum);
	}
	return (cpu_s() - begin) * 1e6 / ((double)times * count);
}

int main(int argc, char **argv)
{
	g_autofree char *all = NULL;
	g_auto(GStrv) lines = NULL;
	g_autoptr(GPtrArray) texts = g_ptr_array_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(lexicon_handle) lexicon = lexicon_default(&error);
	g_autoptr(classifier_handle) classifier = lexicon ? classifier_new(lexicon) : NULL;
	guint rounds = argc > 2 ? (guint)atoi(argv[2]) : 5;
	gsize bytes = 0;

	setlocale(LC_ALL, "C.UTF-8");
	if (argc < 2)
		return 64;
	if (!classifier || !g_file_get_contents(argv[1], &all, NULL, &error)) {
		fprintf(stderr, "classify_bench: %s\n", error->message);
		return 1;
	}
	lines = g_strsplit(all, "\n", -1);
	for (char **line = lines; *line; line++) {
		gsize length = strlen(*line);

		if (length < BYTES_MIN || length > BYTES_MAX)
			continue;
		bytes += length;
		g_ptr_array_add(texts, *line);
	}
	for (guint i = 0; texts->len && i < rounds; i++) {
		struct sum sum = {0, 0};
		double cost = sort_all(classifier, (char *const *)texts->pdata, texts->len, &sum);

		if (i == 0)
			printf("%u %" G_GSIZE_FORMAT " %u %u\n", texts->len, bytes, sum.opinions,
			       sum.reasons);
		printf("%.2f\n", cost);
	}
	return texts->len ? 0 : 1;
}
