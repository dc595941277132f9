#include "cli/command.h"

#include "base/error.h"
#include "base/json.h"
#include "classifier/classifier.h"
#include "classifier/evaluation.h"
#include "classifier/labelled.h"
#include "cli/classify_show.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* Returns: (transfer full) NULL with an error. */
static GBytes *read_file(const char *path, GError **error)
{
	g_autoptr(GError) cause = NULL;
	char *bytes;
	gsize size;

	if (g_file_get_contents(path, &bytes, &size, &cause))
		return g_bytes_new_take(bytes, size);
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, "%s", cause->message);
	return NULL;
}

static GArray *labelled_read(const char *path, const struct lexicon *lexicon, GError **error)
{
	g_autoptr(GBytes) bytes = read_file(path, error);

	return bytes ? labelled_parse(path, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes),
				      lexicon, error)
		     : NULL;
}

/* The classifier that files make, without a database. */
struct bench {
	struct lexicon *lexicon;
	struct learnt *learnt; /* NULL: there is no second layer */
	struct classifier *classifier;
	double seconds;     /* that teaching took … */
	double cpu_seconds; /* … of the processor's time: all that tells where others work too */
};

static void bench_clear(struct bench *bench)
{
	classifier_free(bench->classifier);
	learnt_free(bench->learnt);
	lexicon_free(bench->lexicon);
}

static gboolean bench_teach(struct bench *bench, const char *path, GError **error)
{
	gint64 started = g_get_monotonic_time();
	clock_t cpu = clock();
	g_autoptr(GArray) texts = labelled_read(path, bench->lexicon, error);

	if (!texts)
		return FALSE;
	bench->learnt = classifier_learn(bench->classifier, texts);
	classifier_free(bench->classifier);
	bench->classifier = classifier_new_learnt(bench->lexicon, bench->learnt);
	bench->seconds = (double)(g_get_monotonic_time() - started) / G_USEC_PER_SEC;
	bench->cpu_seconds = (double)(clock() - cpu) / CLOCKS_PER_SEC;
	return TRUE;
}

/* To be cleared whether it succeeds or not. */
static gboolean bench_open(struct bench *bench, const struct classify_files *files, GError **error)
{
	*bench =
	    (struct bench){.lexicon = (files->lexicon ? lexicon_read(files->lexicon, NULL, error)
						      : lexicon_default(error))};
	if (!bench->lexicon)
		return FALSE;
	bench->classifier = classifier_new(bench->lexicon);
	return !files->train || bench_teach(bench, files->train, error);
}

/* Returns: (transfer full) an array of struct verdict, one a text. */
static GArray *judge(const struct classifier *classifier, const GArray *texts)
{
	GArray *verdicts = g_array_new(FALSE, FALSE, sizeof(struct verdict));

	for (guint i = 0; i < texts->len; i++) {
		const struct labelled *one = &g_array_index(texts, struct labelled, i);
		g_autoptr(GPtrArray) ranked = classifier_rank(classifier, one->text);
		struct verdict verdict = {.truth = one->target, .said = -1};

		if (ranked->len) {
			const struct sorted *best = g_ptr_array_index(ranked, 0);

			verdict.said = (gint)best->target;
			verdict.sure = best->sure;
		}
		g_array_append_val(verdicts, verdict);
	}
	return verdicts;
}

/* A line a text, in the file's order: the label, what was said ("-": nothing), how sure. */
static gboolean write_predictions(const char *path, const GArray *verdicts,
				  const struct lexicon *lexicon, GError **error)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GError) cause = NULL;

	for (guint i = 0; i < verdicts->len; i++) {
		const struct verdict *verdict = &g_array_index(verdicts, struct verdict, i);
		const struct target *targets = &g_array_index(lexicon->targets, struct target, 0);

		g_string_append_printf(out, "%s\t%s\t%.4f\n", targets[verdict->truth].name,
				       verdict->said < 0 ? "-" : targets[verdict->said].name,
				       verdict->sure);
	}
	if (g_file_set_contents(path, out->str, (gssize)out->len, &cause))
		return TRUE;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, "%s", cause->message);
	return FALSE;
}

static void taught_to_json(const struct bench *bench, JsonBuilder *builder)
{
	const struct learnt *learnt = bench->learnt;

	json_add_double(builder, "train_seconds", bench->seconds);
	json_add_double(builder, "train_cpu_seconds", bench->cpu_seconds);
	if (!learnt)
		return;
	json_add_int(builder, "train_texts", learnt->corrections);
	json_add_int(builder, "train_grams", learnt->grams);
	json_add_double(builder, "cross_validated_learnt", learnt->accuracy);
	json_add_double(builder, "cross_validated_lexicon", learnt->lexicon_accuracy);
	json_add_double(builder, "cross_validated_fused", learnt->fused_accuracy);
	json_add_double(builder, "lexicon_share", learnt->fusion.lexicon_share);
}

static void print_taught(const struct bench *bench)
{
	const struct learnt *learnt = bench->learnt;

	printf("train_seconds\t%.3f\ntrain_cpu_seconds\t%.3f\n", bench->seconds,
	       bench->cpu_seconds);
	if (learnt)
		printf("train_texts\t%u\ntrain_grams\t%u\ncross_validated_learnt\t%.4f\n"
		       "cross_validated_lexicon\t%.4f\ncross_validated_fused\t%.4f\n"
		       "lexicon_share\t%.4f\n",
		       learnt->corrections, learnt->grams, learnt->accuracy,
		       learnt->lexicon_accuracy, learnt->fused_accuracy,
		       learnt->fusion.lexicon_share);
}

static void print_evaluation(const struct app *app, const struct evaluation *evaluation,
			     const struct bench *bench, gboolean taught)
{
	if (app->json) {
		g_autoptr(JsonBuilder) builder = json_builder_new();
		g_autofree char *json = NULL;

		json_builder_begin_object(builder);
		evaluation_to_json(evaluation, bench->lexicon, builder);
		if (taught)
			taught_to_json(bench, builder);
		json_builder_end_object(builder);
		json = json_finish(builder);
		puts(json);
	} else {
		g_autoptr(GString) out = g_string_new(NULL);

		evaluation_to_text(evaluation, bench->lexicon, out);
		fputs(out->str, stdout);
		if (taught)
			print_taught(bench);
	}
}

static gboolean evaluate(const struct app *app, const struct classify_files *files,
			 const struct bench *bench, GError **error)
{
	g_autoptr(GArray) texts = labelled_read(files->evaluate, bench->lexicon, error);
	g_autoptr(GArray) verdicts = texts ? judge(bench->classifier, texts) : NULL;
	g_autoptr(evaluation_handle) evaluation = NULL;

	if (!verdicts || (files->predictions &&
			  !write_predictions(files->predictions, verdicts, bench->lexicon, error)))
		return FALSE;
	evaluation = evaluation_new(verdicts, bench->lexicon->targets->len);
	print_evaluation(app, evaluation, bench, files->train != NULL);
	return TRUE;
}

gboolean classify_evaluate(const struct app *app, const struct classify_files *files,
			   GError **error)
{
	struct bench bench;
	gboolean good = bench_open(&bench, files, error) && evaluate(app, files, &bench, error);

	bench_clear(&bench);
	return good;
}

static char *read_stdin(void)
{
	g_autoptr(GString) text = g_string_new(NULL);
	char buffer[4096];
	gsize n;

	while (text->len < CLASSIFIER_TEXT_MAX && (n = fread(buffer, 1, sizeof buffer, stdin)) > 0)
		g_string_append_len(text, buffer, (gssize)n);
	return g_utf8_make_valid(text->str, (gssize)text->len);
}

static void print_opinions(const struct app *app, const GPtrArray *opinions)
{
	if (isatty(STDOUT_FILENO) && !app->json) {
		classify_show(opinions);
	} else {
		g_autoptr(JsonNode) node = classified_to_json(opinions);
		g_autofree char *json = json_to_string(node, isatty(STDOUT_FILENO));

		puts(json);
	}
}

gboolean classify_explain(const struct app *app, const struct classify_files *files,
			  const char *text, GError **error)
{
	struct bench bench;
	gboolean good = bench_open(&bench, files, error);

	if (good) {
		g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : read_stdin();
		g_autoptr(GPtrArray) opinions = classifier_opinions(bench.classifier, valid, NULL);

		print_opinions(app, opinions);
	}
	bench_clear(&bench);
	return good;
}
