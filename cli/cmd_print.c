#include "cli/command.h"

#include "base/error.h"
#include "base/number.h"
#include "db/round.h"
#include "mailer/paper.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char *output;
static char *each;
static char **letters;
static char *grid;
static gboolean all;
static gboolean paper_only;
static gboolean failed;
static gboolean no_window;
static gboolean no_sheet;
static gboolean fonts;

static const GOptionEntry entries[] = {
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output, N_("the one PDF to write"), "FILE.pdf"},
    {"each", 0, 0, G_OPTION_ARG_FILENAME, &each, N_("a PDF a letter, into this folder"), "FOLDER"},
    {"all", 0, 0, G_OPTION_ARG_NONE, &all, N_("also enterprises with a mail address"), NULL},
    {"paper-only", 0, 0, G_OPTION_ARG_NONE, &paper_only,
     N_("only enterprises without a mail address (that is so without --all)"), NULL},
    {"failed", 0, 0, G_OPTION_ARG_NONE, &failed,
     N_("only letters that were refused or came back, and were not answered"), NULL},
    {"letter", 0, 0, G_OPTION_ARG_STRING_ARRAY, &letters,
     N_("only this letter; may be given several times"), "NUMBER"},
    {"no-window", 0, 0, G_OPTION_ARG_NONE, &no_window,
     N_("no address for a window envelope on the first page"), NULL},
    {"no-sheet", 0, 0, G_OPTION_ARG_NONE, &no_sheet, N_("the letters without return sheets"), NULL},
    {"labels", 0, 0, G_OPTION_ARG_STRING, &grid, N_("labels: how many across and down a page; 3x8"),
     "COLSxROWS"},
    {"fonts", 0, 0, G_OPTION_ARG_NONE, &fonts, N_("show which fonts would be used, print nothing"),
     NULL},
    G_OPTION_ENTRY_NULL};

struct progress {
	gint64 started; /* monotonic, microseconds */
	gboolean shown;
	gboolean labels;
};

static void show_progress(void *user, guint64 done, guint64 total)
{
	const struct progress *progress = user;
	double seconds = (double)(g_get_monotonic_time() - progress->started) / 1e6;
	double rate = seconds > 0 ? (double)done / seconds : 0;

	if (progress->shown)
		fprintf(stderr, _("\r%lld of %lld, %.0f a second, %.0f s left "), (long long)done,
			(long long)total, rate, rate > 0 ? (double)(total - done) / rate : 0.0);
}

static void show_report(void *user, const struct paper_report *paper)
{
	const struct progress *progress = user;
	const struct print_report *report = paper->print;
	g_autofree char *names = g_strjoinv(_(", "), report->fonts);

	if (progress->shown)
		fprintf(stderr, "\r\033[K");
	for (char **lent = report->lent; *lent; lent++)
		fprintf(stderr, _("Another font helped out: %s\n"), *lent);
	if (*report->missing)
		fprintf(stderr,
			_("No installed font has these characters, 〓 stands for them: %s\n"),
			report->missing);
	fprintf(stderr,
		progress->labels ? _("%u labels, %u pages, set in %s: %s\n")
				 : _("%u letters, %u pages, set in %s: %s\n"),
		report->letters, report->pages, names, each ? each : output);
	if (paper->without_address > 0)
		fprintf(stderr, _("%u of them have no postal address: %s\n"),
			paper->without_address, paper->numbers);
}

/* "3x8" */
static gboolean read_grid(struct paper_options *options, GError **error)
{
	char rest;

	if (!grid)
		grid = g_strdup("3x8");
	if (sscanf(grid, "%2ux%2u%c", &options->label_columns, &options->label_rows, &rest) == 2 &&
	    options->label_columns >= 1 && options->label_columns <= PRINT_LABELS_MAX &&
	    options->label_rows >= 1 && options->label_rows <= PRINT_LABELS_MAX)
		return TRUE;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("--labels: “%s” is not columns and rows like 3x8"), grid);
	return FALSE;
}

/* Numbers in the form they have in the database, each once. */
static gboolean read_numbers(GError **error)
{
	guint kept = 0;

	for (guint i = 0; letters && letters[i]; i++) {
		g_autofree char *given = g_steal_pointer(&letters[i]);
		char number[NUMBER_LENGTH + 1];
		gsize length = 0;

		if (!number_parse(given, number, &length) || given[length] != '\0') {
			g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
				    _("--letter: “%s” is not a letter number"), given);
			return FALSE;
		}
		if (!g_strv_contains((const char *const *)letters, number))
			letters[kept++] = g_strdup(number);
	}
	return TRUE;
}

static gboolean show_fonts(struct app *app, GError **error)
{
	struct print_style style = {.office = "", .each = TRUE};
	g_autoptr(print_handle) print = NULL;

	if (!app_office(app, error))
		return FALSE;
	paper_fonts(app->office, &style);
	print = print_new(&style, NULL, office_folder(app->office), error);
	if (!print)
		return FALSE;
	for (guint role = 0; role < PRINT_ROLES; role++)
		printf("%s\t%s\n", print_role_settings[role], print_font_files(print)[role]);
	return TRUE;
}

static gboolean print_round(struct app *app, const char *code, gboolean labels, GError **error)
{
	struct paper_options options = {
	    .only_without_mail = !all && !letters && !failed,
	    .only_lost = failed,
	    .numbers = (const char *const *)letters,
	    .each = each != NULL,
	    .no_window = no_window,
	    .no_sheet = no_sheet,
	};
	struct progress progress = {
	    .started = g_get_monotonic_time(), .shown = isatty(STDERR_FILENO), .labels = labels};
	gint64 account;
	g_autoptr(round_handle) round = NULL;

	if ((labels && !read_grid(&options, error)) || !read_numbers(error))
		return FALSE;
	account = app_account(app, error);
	round = account ? round_get(app->db, code, error) : NULL;
	if (!round)
		return FALSE;
	if (!output && !each)
		output = g_strdup_printf(labels ? "%s-labels.pdf" : "%s.pdf", round->code);
	options.path = each ? each : output;
	if (!labels)
		app_warn_office(app);
	return paper_print(app->office, app->db, round, &options, account, app->now, show_progress,
			   show_report, &progress, error);
}

gboolean cmd_print(struct app *app, int argc, char **argv, GError **error)
{
	gboolean labels;

	if (!app_options(&argc, &argv, entries, "[labels] [ROUND]",
			 _("Letters on paper, with return sheets, for enterprises without a mail "
			   "address or for all: one PDF for the printer (ROUND.pdf), to be printed "
			   "on both sides, or one a letter; or address labels. Without a code the "
			   "newest round is meant. Private links stand in the PDF."),
			 error))
		return FALSE;
	if (fonts && argc == 1)
		return show_fonts(app, error);
	labels = argc >= 2 && strcmp(argv[1], "labels") == 0;
	if (argc > 2 + labels || fonts || (output && each) || (all + paper_only + failed > 1) ||
	    (labels && each) || (grid && !labels))
		return app_usage(error,
				 "print [labels] [ROUND] [-o FILE.pdf | --each FOLDER] "
				 "[--all | --paper-only | --failed | --letter NUMBER …] "
				 "[--no-window] [--no-sheet] [--labels 3x8] | print --fonts");
	return print_round(app, argv[1 + labels], labels, error);
}
