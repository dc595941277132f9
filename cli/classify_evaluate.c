#include "cli/command.h"

#include "base/error.h"
#include "base/json.h"
#include "classifier/classifier.h"
#include "classifier/evaluation.h"
#include "classifier/labelled.h"

#include <stdio.h>

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

static gint index_of(const struct lexicon *lexicon, gint no)
{
	for (guint i = 0; i < lexicon->targets->len; i++)
		if (g_array_index(lexicon->targets, struct target, i).no == no)
			return (gint)i;
	return -1;
}

/* Returns: (transfer full) an array of struct verdict, one a text. */
static GArray *judge(const struct classifier *classifier, const struct lexicon *lexicon,
		     const GArray *texts)
{
	GArray *verdicts = g_array_new(FALSE, FALSE, sizeof(struct verdict));

	for (guint i = 0; i < texts->len; i++) {
		const struct labelled *one = &g_array_index(texts, struct labelled, i);
		g_autoptr(GPtrArray) ranked = classifier_rank(classifier, one->text);
		struct verdict verdict = {.truth = one->target, .said = -1};

		if (ranked->len) {
			const struct sorted *best = g_ptr_array_index(ranked, 0);

			verdict.said = index_of(lexicon, best->no);
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

static void print_evaluation(const struct app *app, const struct evaluation *evaluation,
			     const struct lexicon *lexicon)
{
	if (app->json) {
		g_autoptr(JsonBuilder) builder = json_builder_new();
		g_autofree char *json = NULL;

		json_builder_begin_object(builder);
		evaluation_to_json(evaluation, lexicon, builder);
		json_builder_end_object(builder);
		json = json_finish(builder);
		puts(json);
	} else {
		g_autoptr(GString) out = g_string_new(NULL);

		evaluation_to_text(evaluation, lexicon, out);
		fputs(out->str, stdout);
	}
}

gboolean classify_evaluate(struct app *app, const struct classify_evaluate_options *options,
			   GError **error)
{
	g_autoptr(lexicon_handle) lexicon = lexicon_read(options->lexicon, error);
	g_autoptr(GArray) texts = lexicon ? labelled_read(options->file, lexicon, error) : NULL;
	g_autoptr(classifier_handle) classifier = texts ? classifier_new(lexicon) : NULL;
	g_autoptr(GArray) verdicts = classifier ? judge(classifier, lexicon, texts) : NULL;
	g_autoptr(evaluation_handle) evaluation = NULL;

	if (!verdicts)
		return FALSE;
	if (options->predictions &&
	    !write_predictions(options->predictions, verdicts, lexicon, error))
		return FALSE;
	evaluation = evaluation_new(verdicts, lexicon->targets->len);
	print_evaluation(app, evaluation, lexicon);
	return TRUE;
}
