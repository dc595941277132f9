#include "cli/command.h"

#include "base/error.h"
#include "base/json.h"
#include "classifier/classifier.h"
#include "classifier/evaluation.h"
#include "classifier/labelled.h"

#include <stdio.h>
#include <time.h>

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

static struct lexicon *lexicon_read(const char *path, GError **error)
{
	g_autoptr(GBytes) bytes = NULL;

	if (!path)
		return lexicon_default(error);
	bytes = read_file(path, error);
	return bytes ? lexicon_parse(path, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes),
				     error)
		     : NULL;
}

static GArray *labelled_read(const char *path, const struct lexicon *lexicon, GError **error)
{
	g_autoptr(GBytes) bytes = read_file(path, error);

	return bytes ? labelled_parse(path, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes),
				      lexicon, error)
		     : NULL;
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

/* What the second layer is, beside the figures. */
struct taught {
	struct learnt *learnt; /* NULL: there is none */
	double seconds;        /* that teaching took … */
	double cpu_seconds; /* … of the processor's time: all that tells where others work too */
};

static void taught_to_json(const struct taught *taught, JsonBuilder *builder)
{
	const struct learnt *learnt = taught->learnt;

	json_add_double(builder, "train_seconds", taught->seconds);
	json_add_double(builder, "train_cpu_seconds", taught->cpu_seconds);
	if (!learnt)
		return;
	json_add_int(builder, "train_texts", learnt->corrections);
	json_add_int(builder, "train_grams", learnt->grams);
	json_add_double(builder, "cross_validated_learnt", learnt->accuracy);
	json_add_double(builder, "cross_validated_lexicon", learnt->lexicon_accuracy);
	json_add_double(builder, "cross_validated_fused", learnt->fused_accuracy);
	json_add_double(builder, "lexicon_share", learnt->fusion.lexicon_share);
}

static void print_taught(const struct taught *taught)
{
	const struct learnt *learnt = taught->learnt;

	printf("train_seconds\t%.3f\ntrain_cpu_seconds\t%.3f\n", taught->seconds,
	       taught->cpu_seconds);
	if (learnt)
		printf("train_texts\t%u\ntrain_grams\t%u\ncross_validated_learnt\t%.4f\n"
		       "cross_validated_lexicon\t%.4f\ncross_validated_fused\t%.4f\n"
		       "lexicon_share\t%.4f\n",
		       learnt->corrections, learnt->grams, learnt->accuracy,
		       learnt->lexicon_accuracy, learnt->fused_accuracy,
		       learnt->fusion.lexicon_share);
}

static void print_evaluation(const struct app *app, const struct evaluation *evaluation,
			     const struct lexicon *lexicon, const struct taught *taught)
{
	if (app->json) {
		g_autoptr(JsonBuilder) builder = json_builder_new();
		g_autofree char *json = NULL;

		json_builder_begin_object(builder);
		evaluation_to_json(evaluation, lexicon, builder);
		if (taught)
			taught_to_json(taught, builder);
		json_builder_end_object(builder);
		json = json_finish(builder);
		puts(json);
	} else {
		g_autoptr(GString) out = g_string_new(NULL);

		evaluation_to_text(evaluation, lexicon, out);
		fputs(out->str, stdout);
		if (taught)
			print_taught(taught);
	}
}

/* Teaches the second layer; `classifier_out` is the one with both. */
static gboolean teach(const struct lexicon *lexicon, const char *path,
		      struct classifier **classifier, struct taught *taught_out, GError **error)
{
	g_autoptr(GArray) texts = labelled_read(path, lexicon, error);
	gint64 started = g_get_monotonic_time();
	clock_t cpu = clock();

	if (!texts)
		return FALSE;
	taught_out->learnt = classifier_learn(*classifier, texts);
	classifier_free(*classifier);
	*classifier = classifier_new_learnt(lexicon, taught_out->learnt);
	taught_out->seconds = (double)(g_get_monotonic_time() - started) / G_USEC_PER_SEC;
	taught_out->cpu_seconds = (double)(clock() - cpu) / CLOCKS_PER_SEC;
	return TRUE;
}

gboolean classify_evaluate(struct app *app, const struct classify_evaluate_options *options,
			   GError **error)
{
	g_autoptr(lexicon_handle) lexicon = lexicon_read(options->lexicon, error);
	g_autoptr(GArray) texts = lexicon ? labelled_read(options->file, lexicon, error) : NULL;
	g_autoptr(classifier_handle) classifier = texts ? classifier_new(lexicon) : NULL;
	struct taught taught = {NULL, 0, 0};
	g_autoptr(learnt_handle) learnt = NULL;
	g_autoptr(GArray) verdicts = NULL;
	g_autoptr(evaluation_handle) evaluation = NULL;

	if (!classifier ||
	    (options->train && !teach(lexicon, options->train, &classifier, &taught, error)))
		return FALSE;
	learnt = taught.learnt;
	verdicts = judge(classifier, texts);
	if (options->predictions &&
	    !write_predictions(options->predictions, verdicts, lexicon, error))
		return FALSE;
	evaluation = evaluation_new(verdicts, lexicon->targets->len);
	print_evaluation(app, evaluation, lexicon, options->train ? &taught : NULL);
	return TRUE;
}
