/*
 * What composing alone costs: compose_bench FOLDER TEMPLATE [LETTERS [ROUNDS]] makes an office in
 * FOLDER and composes LETTERS (200,000) letters of TEMPLATE a round into one buffer, each to
 * another enterprise with its own number, link and address, as `pingyi send` does. Prints the bytes
 * of one letter and the median of µs CPU a letter over ROUNDS (5); with LETTERS 1 the letter
 * itself.
 */
#include "db/letter.h"
#include "db/round.h"
#include "mailer/compose.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KINDS 1024 /* different enterprises; what they are called is not measured */

struct person {
	char name[96];
	char address[48];
	char number[16];
	char link[80];
	char id[64];
};

static double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void configure(const char *folder)
{
	g_autofree char *path = g_build_filename(folder, "pingyi.conf", NULL);
	g_autoptr(GKeyFile) file = g_key_file_new();

	g_key_file_load_from_file(file, path, G_KEY_FILE_KEEP_COMMENTS, NULL);
	g_key_file_set_string(file, "office", "public_url", "https://py.example.org");
	g_key_file_set_string(file, "office", "phone", "0546-0000000");
	g_key_file_set_string(file, "mail", "from", "pingyi@office.example");
	g_key_file_save_to_file(file, path, NULL);
}

static struct person *people(struct office *office)
{
	struct person *list = g_new0(struct person, KINDS);

	for (guint i = 0; i < KINDS; i++) {
		g_autofree char *link = NULL;
		g_autofree char *id = NULL;

		g_snprintf(list[i].name, sizeof list[i].name, "某市第 %u 精密机械制造有限公司", i);
		g_snprintf(list[i].address, sizeof list[i].address, "office%u@firm%u.example", i,
			   i);
		g_snprintf(list[i].number, sizeof list[i].number, "PY-%08u", i);
		link = letter_link(office, list[i].number, 0);
		id = letter_message_id(office, list[i].number, "first");
		g_strlcpy(list[i].link, link, sizeof list[i].link);
		g_strlcpy(list[i].id, id, sizeof list[i].id);
	}
	return list;
}

static void compose(const struct composer *composer, const struct person *person, GDateTime *now,
		    struct compose_scratch *scratch, GString *out)
{
	struct compose_mail mail = {.message_id = person->id,
				    .recipient = person->address,
				    .date = "2026-03-02",
				    .link = person->link,
				    .number = person->number,
				    .enterprise = person->name};

	g_string_truncate(out, 0);
	if (!composer_append(composer, &mail, now, scratch, out, NULL))
		exit(1);
}

static double round_of(const struct composer *composer, const struct person *list, guint letters,
		       GString *out)
{
	g_autoptr(compose_scratch_handle) scratch = compose_scratch_new();
	g_autoptr(GDateTime) start = g_date_time_new_utc(2026, 3, 2, 1, 0, 0);
	g_autoptr(GDateTime) now = g_date_time_ref(start);
	double begin = cpu_s();
	int seconds = 0;

	for (guint i = 0; i < letters; i++) {
		if (i % 20000 == 19999) { /* a second passes */
			g_date_time_unref(now);
			now = g_date_time_add_seconds(start, ++seconds);
		}
		compose(composer, &list[i % KINDS], now, scratch, out);
	}
	return (cpu_s() - begin) * 1e6 / letters;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a;
	const double *y = b;

	return *x < *y ? -1 : *x > *y;
}

static double median(const struct composer *composer, const struct person *list, guint letters,
		     guint rounds, GString *out)
{
	g_autofree double *times = g_new(double, rounds);

	for (guint i = 0; i < rounds; i++)
		times[i] = round_of(composer, list, letters, out);
	qsort(times, rounds, sizeof *times, by_value);
	return times[rounds / 2];
}

int main(int argc, char **argv)
{
	guint letters = argc > 3 ? (guint)atoi(argv[3]) : 200000;
	guint rounds = argc > 4 ? (guint)atoi(argv[4]) : 5;
	struct round round = {.title = "2026年第一轮征求意见",
			      .opens = "2026-03-02",
			      .closes = "2026-03-31",
			      .keep_until = "2028-03-31",
			      .language = "zh"};
	g_autofree char *text = NULL;
	g_autofree struct person *list = NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(office_handle) office = NULL;
	g_autoptr(composer_handle) composer = NULL;
	double cost;

	setlocale(LC_ALL, "C.UTF-8");
	if (argc < 3 || letters == 0 || rounds == 0) {
		fprintf(stderr, "compose_bench FOLDER TEMPLATE [LETTERS [ROUNDS]]\n");
		return 64;
	}
	if (g_file_get_contents(argv[2], &text, NULL, &error) &&
	    office_make(argv[1], "某区营商环境办公室", NULL, "bench", &error)) {
		configure(argv[1]);
		office = office_open(argv[1], &error);
	}
	round.template_text = text;
	if (office)
		composer = composer_new(office, &round, COMPOSE_LETTER, NULL, 0, &error);
	if (!composer) {
		fprintf(stderr, "compose_bench: %s\n", error->message);
		return 1;
	}
	list = people(office);
	cost = median(composer, list, letters, letters == 1 ? 1 : rounds, out);
	if (letters == 1)
		fwrite(out->str, 1, out->len, stdout);
	else
		printf("%" G_GSIZE_FORMAT " %.2f\n", out->len, cost);
	return 0;
}
