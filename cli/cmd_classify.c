#include "cli/command.h"

#include "base/error.h"
#include "classifier/classify.h"

#include <stdio.h>

static gboolean explain;
static char *trial;
static gboolean corrections;
static gboolean suggest_words;
static gboolean learn;
static struct classify_files files;

#define EVALUATE_USAGE                                                                             \
	"classify --evaluate FILE.tsv [--train FILE.tsv] [--lexicon FILE.xml] "                    \
	"[--predictions OUT.tsv]"

static const GOptionEntry entries[] = {
    {"explain", 0, 0, G_OPTION_ARG_NONE, &explain,
     N_("explain the text given, or standard input, without a database"), NULL},
    {"trial", 0, 0, G_OPTION_ARG_FILENAME, &trial,
     N_("what this lexicon would move; changes nothing"), "FILE"},
    {"corrections", 0, 0, G_OPTION_ARG_NONE, &corrections,
     N_("what people decided: department TAB text"), NULL},
    {"suggest-words", 0, 0, G_OPTION_ARG_NONE, &suggest_words,
     N_("words that what people decided proposes"), NULL},
    {"learn", 0, 0, G_OPTION_ARG_NONE, &learn,
     N_("learn from what people decided, now (run does it by itself)"), NULL},
    {"evaluate", 0, 0, G_OPTION_ARG_FILENAME, &files.evaluate,
     N_("measure on a file of lines LABEL TAB TEXT, without a database"), "FILE.tsv"},
    {"train", 0, 0, G_OPTION_ARG_FILENAME, &files.train,
     N_("without a database: teach the second layer with this file before"), "FILE.tsv"},
    {"lexicon", 0, 0, G_OPTION_ARG_FILENAME, &files.lexicon,
     N_("without a database: the lexicon, else the one that comes with pingyi"), "FILE.xml"},
    {"predictions", 0, 0, G_OPTION_ARG_FILENAME, &files.predictions,
     N_("with --evaluate: write what was said of each text, and how sure"), "OUT.tsv"},
    G_OPTION_ENTRY_NULL};

static gboolean explain_text(const struct app *app, int argc, char **argv, GError **error)
{
	g_autofree char *text = argc > 1 ? g_strjoinv(" ", argv + 1) : NULL;

	return classify_explain(app, &files, text, error);
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
	if (trial && argc == 1)
		return classify_trial(app, trial, error);
	if (corrections && argc == 1)
		return classify_corrections(app, error);
	if (suggest_words && argc == 1)
		return classify_suggest_words(app, error);
	if (learn && argc == 1)
		return classify_learn(app, error);
	if (files.evaluate)
		return argc == 1 && !explain ? classify_evaluate(app, &files, error)
					     : app_usage(error, EVALUATE_USAGE);
	if (files.predictions)
		return app_usage(error, EVALUATE_USAGE);
	if (explain)
		return explain_text(app, argc, argv, error);
	if (files.train || files.lexicon)
		return app_usage(error, EVALUATE_USAGE);
	return argc == 1 ? sort_waiting(app, error)
			 : app_usage(error, "classify [--explain [TEXT…]]");
}
