#include "cli/command.h"

#include "base/error.h"
#include "classifier/classifier.h"
#include "classifier/classify.h"

#include <stdio.h>
#include <unistd.h>

static gboolean explain;
static struct classify_evaluate_options evaluate;

#define EVALUATE_USAGE                                                                             \
	"classify --evaluate FILE.tsv [--train FILE.tsv] [--lexicon FILE.xml] "                    \
	"[--predictions OUT.tsv]"

static const GOptionEntry entries[] = {
    {"explain", 0, 0, G_OPTION_ARG_NONE, &explain,
     N_("explain the text given, or standard input, without a database"), NULL},
    {"evaluate", 0, 0, G_OPTION_ARG_FILENAME, &evaluate.file,
     N_("measure on a file of lines LABEL TAB TEXT, without a database"), "FILE.tsv"},
    {"train", 0, 0, G_OPTION_ARG_FILENAME, &evaluate.train,
     N_("with --evaluate: teach the second layer with this file before"), "FILE.tsv"},
    {"lexicon", 0, 0, G_OPTION_ARG_FILENAME, &evaluate.lexicon,
     N_("with --evaluate: the lexicon, else the one that comes with pingyi"), "FILE.xml"},
    {"predictions", 0, 0, G_OPTION_ARG_FILENAME, &evaluate.predictions,
     N_("with --evaluate: write what was said of each text, and how sure"), "OUT.tsv"},
    G_OPTION_ENTRY_NULL};

static char *read_stdin(void)
{
	g_autoptr(GString) text = g_string_new(NULL);
	char buffer[4096];
	gsize n;

	while (text->len < CLASSIFIER_TEXT_MAX && (n = fread(buffer, 1, sizeof buffer, stdin)) > 0)
		g_string_append_len(text, buffer, (gssize)n);
	return g_utf8_make_valid(text->str, (gssize)text->len);
}

static gboolean explain_text(int argc, char **argv, GError **error)
{
	g_autoptr(lexicon_handle) lexicon = lexicon_default(error);
	g_autoptr(classifier_handle) classifier = lexicon ? classifier_new(lexicon) : NULL;
	g_autofree char *text = NULL;
	g_autofree char *json = NULL;
	g_autoptr(GPtrArray) opinions = NULL;
	g_autoptr(JsonNode) node = NULL;

	if (!classifier)
		return FALSE;
	if (argc > 1) {
		g_autofree char *joined = g_strjoinv(" ", argv + 1);

		text = g_utf8_make_valid(joined, -1);
	} else {
		text = read_stdin();
	}
	opinions = classifier_opinions(classifier, text, NULL);
	node = classified_to_json(opinions);
	json = json_to_string(node, isatty(STDOUT_FILENO));
	puts(json);
	return TRUE;
}

static gboolean sort_waiting(struct app *app, GError **error)
{
	struct classify_count count = {0};
	struct db *db = app_db(app, "worker", error);

	if (!db || !classify_waiting(db, app->now, &count, error))
		return FALSE;
	fprintf(stderr,
		_("%u answers: %u opinions, %u of them wait for a person, %u recorded at once\n"),
		count.answers, count.opinions, count.review, count.recorded);
	return TRUE;
}

gboolean cmd_classify(struct app *app, int argc, char **argv, GError **error)
{
	if (!app_options(
		&argc, &argv, entries, "[--explain [TEXT…]]",
		_("Splits answers into opinions and sorts them to departments, with the reason."),
		error))
		return FALSE;
	if (evaluate.file)
		return argc == 1 ? classify_evaluate(app, &evaluate, error)
				 : app_usage(error, EVALUATE_USAGE);
	if (evaluate.train || evaluate.predictions)
		return app_usage(error, EVALUATE_USAGE);
	if (explain)
		return explain_text(argc, argv, error);
	return argc == 1 ? sort_waiting(app, error)
			 : app_usage(error, "classify [--explain [TEXT…]]");
}
