#include "cli/round_attach.h"

#include "base/asset.h"
#include "base/error.h"
#include "db/round.h"
#include "mailer/release.h"
#include "mailer/remind.h"
#include "sql.h"
#include "templates/form.h"
#include "templates/view.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DAYS_MAX 200 /* working days of a term: about as far as the calendar reaches */

#define CODE_MAX 40 /* characters */

static char *title;
static char *opens;
static char *closes;
static char *keep_until;
static char *language;
static char *letter_file;
static char *questionnaire_file;
static gboolean no_form;
static gint reminders = -1;
static gint remind_days = -1;
static gint review_days = -1;
static gint sign_days = -1;
static gint answer_days = -1;
static struct attach_request attach;
static gboolean yes;
static gboolean dry_run;

static const GOptionEntry entries[] = {
    {"title", 0, 0, G_OPTION_ARG_STRING, &title, N_("new: its title"), "TITLE"},
    {"opens", 0, 0, G_OPTION_ARG_STRING, &opens, N_("new: first day; today by default"), "DATE"},
    {"closes", 0, 0, G_OPTION_ARG_STRING, &closes, N_("new: last day to answer"), "DATE"},
    {"keep-until", 0, 0, G_OPTION_ARG_STRING, &keep_until,
     N_("new: what people wrote is kept until then"), "DATE"},
    {"language", 0, 0, G_OPTION_ARG_STRING, &language, N_("new: zh or en"), "LANGUAGE"},
    {"letter", 0, 0, G_OPTION_ARG_FILENAME, &letter_file,
     N_("new: the letter's template (XHTML) instead of the usual one"), "FILE"},
    {"questionnaire", 0, 0, G_OPTION_ARG_FILENAME, &questionnaire_file,
     N_("new: the questionnaire (XML) instead of the usual one"), "FILE"},
    {"no-form", 0, 0, G_OPTION_ARG_NONE, &no_form, N_("new: no fill-in form goes with the letters"),
     NULL},
    {"reminders", 0, 0, G_OPTION_ARG_INT, &reminders,
     N_("new: how many reminders an enterprise gets at most, 0 to 3"), "N"},
    {"remind-days", 0, 0, G_OPTION_ARG_INT, &remind_days,
     N_("new: working days from a letter to its reminder"), "N"},
    {"review-days", 0, 0, G_OPTION_ARG_INT, &review_days,
     N_("new: working days for a person to look at an opinion"), "N"},
    {"sign-days", 0, 0, G_OPTION_ARG_INT, &sign_days,
     N_("new: working days for a department to sign for it"), "N"},
    {"answer-days", 0, 0, G_OPTION_ARG_INT, &answer_days,
     N_("new: working days for a department to answer"), "N"},
    {"enterprise", 0, 0, G_OPTION_ARG_STRING, &attach.enterprise,
     N_("attach: with this one's letter alone"), "NAME-OR-CODE"},
    {"each", 0, 0, G_OPTION_ARG_FILENAME, &attach.each,
     N_("attach: each file of the folder to the enterprise that its name begins with"), "FOLDER"},
    {"skip", 0, 0, G_OPTION_ARG_NONE, &attach.skip,
     N_("attach --each: leave out files that are nobody's"), NULL},
    {"remove", 0, 0, G_OPTION_ARG_NONE, &attach.remove, N_("attach: take the files away"), NULL},
    {"dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run,
     N_("attach, remind: show what would be done, do nothing"), NULL},
    {"yes", 0, 0, G_OPTION_ARG_NONE, &yes, N_("release, close, remind: do not ask"), NULL},
    G_OPTION_ENTRY_NULL};

/* The file named on the command line, else the one that the binary carries. */
static char *text_of(const char *file, const char *usual, GError **error)
{
	g_autofree char *path = g_strdup_printf("templates/%s/%s", language, usual);
	char *text = NULL;
	gsize size = 0;

	if (!file)
		return g_strdup(asset_find(path)->text);
	if (!g_file_get_contents(file, &text, &size, error)) {
		if (error && *error)
			(*error)->domain = PINGYI_ERROR, (*error)->code = PINGYI_ERROR_INPUT;
		return NULL;
	}
	if (strlen(text) == size && g_utf8_validate(text, -1, NULL))
		return text;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s: is not UTF-8"), file);
	g_free(text);
	return NULL;
}

/* Both are checked now, so that the person who wrote them hears of it, and again by the release. */
static gboolean check_texts(const char *template_text, const char *questionnaire, GError **error)
{
	g_autoptr(letter_view_handle) view =
	    letter_view_new(language, letter_file ? letter_file : "letter.xhtml", template_text,
			    strlen(template_text), error);
	g_autoptr(form_handle) form =
	    view ? form_parse(questionnaire, strlen(questionnaire),
			      questionnaire_file ? questionnaire_file : "questionnaire.xml", error)
		 : NULL;

	return form != NULL;
}

/* A figure of a round: an option, which [terms] of pingyi.conf stands in for. */
struct term {
	const char *option; /* NULL: there is none */
	const char *name;   /* in [terms] */
	const char *fallback;
	guint min, max;
};

/* `given` is -1 where the option was left out. */
static gboolean read_term(struct app *app, gint given, const struct term *term, guint *out,
			  GError **error)
{
	if (given == -1)
		return office_number(app->office, "terms", term->name, term->fallback, term->min,
				     term->max, out, error);
	*out = (guint)given;
	if (given >= 0 && *out >= term->min && *out <= term->max)
		return TRUE;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s: it can be %u to %u, not %d"),
		    term->option, term->min, term->max, given);
	return FALSE;
}

struct terms {
	guint reminders, remind_days, review_days, sign_days, answer_days;
};

static gboolean read_terms(struct app *app, struct terms *out, GError **error)
{
	static const struct term terms[] = {
	    {"--reminders", "reminders", "1", 0, 3},
	    {"--remind-days", "remind_days", "5", 1, DAYS_MAX},
	    {"--review-days", "review_days", "3", 1, DAYS_MAX},
	    {"--sign-days", "sign_days", "2", 1, DAYS_MAX},
	    {"--answer-days", "answer_days", "15", 1, DAYS_MAX},
	};

	return read_term(app, reminders, &terms[0], &out->reminders, error) &&
	       read_term(app, remind_days, &terms[1], &out->remind_days, error) &&
	       read_term(app, review_days, &terms[2], &out->review_days, error) &&
	       read_term(app, sign_days, &terms[3], &out->sign_days, error) &&
	       read_term(app, answer_days, &terms[4], &out->answer_days, error);
}

/* The day of `now` in the office, and the day on which what was written by `closes` is no longer
 * kept. */
static gboolean default_dates(struct app *app, GError **error)
{
	g_autoptr(GTimeZone) zone = app_zone(app);
	g_autoptr(GDateTime) local = g_date_time_to_timezone(app->now, zone);

	if (!opens)
		opens = g_date_time_format(local, "%Y-%m-%d");
	if (!keep_until) {
		static const struct term keep = {NULL, "keep_years", "3", 1, 100};
		guint years = 0;
		g_autoptr(GDateTime) later = NULL;

		if (!read_term(app, -1, &keep, &years, error))
			return FALSE;
		later = g_date_time_add_years(local, (gint)years);
		keep_until = g_date_time_format(later, "%Y-%m-%d");
	}
	return TRUE;
}

/* It names files, and stands on command lines. */
static gboolean check_code(const char *code, GError **error)
{
	gboolean good = g_utf8_validate(code, -1, NULL) && g_utf8_strlen(code, -1) <= CODE_MAX &&
			g_unichar_isalnum(g_utf8_get_char(code));

	for (const char *at = code; good && *at; at = g_utf8_next_char(at))
		good = g_unichar_isalnum(g_utf8_get_char(at)) || strchr("-_.", *at);
	if (!good)
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("“%s” is no code for a round: letters, digits, Chinese characters "
			      "and - _ . (at most %d), a letter or digit first"),
			    code, CODE_MAX);
	return good;
}

/* The dates of YYYY-MM-DD compare as texts. */
static gboolean check_dates(GError **error)
{
	if (!app_date(opens, "--opens", error) || !app_date(closes, "--closes", error) ||
	    !app_date(keep_until, "--keep-until", error))
		return FALSE;
	if (strcmp(closes, opens) < 0)
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("--closes: %s is before %s (--opens)"), closes, opens);
	else if (strcmp(keep_until, closes) < 0)
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("--keep-until: %s is before %s (--closes)"), keep_until, closes);
	else
		return TRUE;
	return FALSE;
}

static gboolean new_round(struct app *app, const char *code, GError **error)
{
	gint64 account = app_account(app, error);
	g_autofree char *template_text = NULL;
	g_autofree char *questionnaire = NULL;
	struct terms terms;

	if (account == 0)
		return FALSE;
	if (!title || !closes)
		return app_usage(error, "round new CODE --title TITLE --closes DATE");
	if (!check_code(code, error))
		return FALSE;
	if (!language)
		language = g_strdup(office_setting(app->office, "office", "language", "zh"));
	if (strcmp(language, "zh") != 0 && strcmp(language, "en") != 0) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("--language: zh or en, not “%s”"), language);
		return FALSE;
	}
	if (!read_terms(app, &terms, error) || !default_dates(app, error) || !check_dates(error))
		return FALSE;
	template_text = text_of(letter_file, "letter.xhtml", error);
	questionnaire =
	    template_text ? text_of(questionnaire_file, "questionnaire.xml", error) : NULL;
	if (!questionnaire || !check_texts(template_text, questionnaire, error) ||
	    !db_run(app->db, sql_round_new,
		    DB(db_text(code), db_text(title), db_text(opens), db_text(closes),
		       db_text(keep_until), db_text(language), db_text(template_text),
		       db_text(questionnaire), db_bool(!no_form), db_int(terms.reminders),
		       db_int(terms.remind_days), db_int(terms.review_days),
		       db_int(terms.sign_days), db_int(terms.answer_days), db_int(account),
		       db_time(app->now)),
		    NULL, error))
		return FALSE;
	fprintf(stderr,
		_("Round %s is a draft, open from %s to %s. Next: pingyi round release %s\n"), code,
		opens, closes, code);
	return TRUE;
}

/* On a terminal the person types the round's code again; elsewhere --yes is needed. */
static gboolean confirm(const char *question, const char *code, GError **error)
{
	char line[100] = "";

	if (yes)
		return TRUE;
	if (!isatty(STDIN_FILENO)) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("not on a terminal: say --yes"));
		return FALSE;
	}
	fprintf(stderr, "%s ", question);
	if (fgets(line, sizeof line, stdin) && strcmp(g_strstrip(line), code) == 0)
		return TRUE;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_STATE, _("nothing was done"));
	return FALSE;
}

/* Both look before the person is asked; the database looks again. */
static gboolean may_release(const struct round *round, GError **error)
{
	if (strcmp(round->state, "draft") == 0)
		return TRUE;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_STATE,
		    strcmp(round->state, "released") == 0
			? _("Round %s is released already. Next: pingyi send")
			: _("Round %s is closed already"),
		    round->code);
	return FALSE;
}

static gboolean may_close(const struct round *round, GError **error)
{
	if (strcmp(round->state, "released") == 0)
		return TRUE;
	if (strcmp(round->state, "draft") == 0)
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_STATE,
			    _("Round %s is a draft still: pingyi round release %s"), round->code,
			    round->code);
	else
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_STATE,
			    _("Round %s is closed already"), round->code);
	return FALSE;
}

static gboolean tell_released(struct app *app, const struct round *round, guint letters,
			      GError **error)
{
	g_autoptr(db_rows) rows =
	    db_query(app->db, sql_print_count,
		     DB(db_int(round->id), db_bool(TRUE), db_null(), db_bool(FALSE)), error);
	guint paper = rows ? (guint)db_get_int(rows, 0, 0) : 0;

	if (!rows)
		return FALSE;
	if (paper)
		fprintf(stderr,
			_("Round %s is released: %u letters, %u of them on paper. Next: pingyi "
			  "send; on paper: pingyi print %s\n"),
			round->code, letters, paper, round->code);
	else
		fprintf(stderr, _("Round %s is released: %u letters. Next: pingyi send\n"),
			round->code, letters);
	return TRUE;
}

static gboolean release(struct app *app, const char *code, GError **error)
{
	gint64 account = app_account(app, error);
	g_autoptr(round_handle) round = account ? round_get(app->db, code, error) : NULL;
	g_autofree char *question = NULL;
	guint letters = 0;

	if (!round || !may_release(round, error))
		return FALSE;
	question = g_strdup_printf(_("Release “%s” (%s to %s)? Its letter and questionnaire cannot "
				     "be changed afterwards. Type %s:"),
				   round->title, round->opens, round->closes, round->code);
	app_warn_office(app);
	if (!confirm(question, round->code, error) ||
	    !release_round(app->office, app->db, round, account, app->now, &letters, error))
		return FALSE;
	return tell_released(app, round, letters, error);
}

static void tell_paper(guint paper)
{
	if (paper)
		fprintf(stderr, _("%u more have no mail address: remind them on paper\n"), paper);
}

/* Sooner than the round's own days say, and never who has answered or wants no reminders. */
static gboolean remind(struct app *app, const char *code, GError **error)
{
	gint64 account = app_account(app, error);
	g_autoptr(round_handle) round = account ? round_get(app->db, code, error) : NULL;
	struct remind_preview preview = {.names = NULL};
	struct remind_count count = {0};
	g_autofree char *question = NULL;
	g_autofree char *names = NULL;

	if (!round || !remind_preview(app->db, round, app->now, &preview, error))
		return FALSE;
	names = g_steal_pointer(&preview.names);
	fprintf(stderr, _("Round %s “%s”: %u reminders%s%s\n"), round->code, round->title,
		preview.count.made, *names ? ": " : "", names);
	tell_paper(preview.count.paper);
	if (dry_run || preview.count.made == 0)
		return TRUE;
	question = g_strdup_printf(_("Remind them now? Type %s:"), round->code);
	if (!confirm(question, round->code, error) ||
	    !remind_now(app->office, app->db, round, account, app->now, &count, error))
		return FALSE;
	fprintf(stderr, _("%u reminders are due. Next: pingyi send\n"), count.made);
	return TRUE;
}

static gboolean close_round(struct app *app, const char *code, GError **error)
{
	gint64 account = app_account(app, error);
	g_autoptr(round_handle) round = account ? round_get(app->db, code, error) : NULL;
	g_autofree char *question = NULL;

	if (!round || !may_close(round, error))
		return FALSE;
	question =
	    g_strdup_printf(_("Close “%s”? Later answers are kept and counted apart. Type %s:"),
			    round->title, round->code);
	if (!confirm(question, round->code, error) ||
	    !db_run(app->db, sql_round_close,
		    DB(db_int(round->id), db_int(account), db_time(app->now)), NULL, error))
		return FALSE;
	fprintf(stderr, _("Round %s is closed.\n"), round->code);
	return TRUE;
}

static gboolean list(struct app *app, GError **error)
{
	static const struct app_column columns[] = {
	    {"code", N_("Round"), GRID_TEXT, APP_TEXT},
	    {"state", N_("State"), GRID_TEXT, APP_WORD},
	    {"opens", N_("Opens"), GRID_DATE, APP_TEXT},
	    {"closes", N_("Closes"), GRID_DATE, APP_TEXT},
	    {"letters", N_("Letters"), GRID_NUMBER, APP_TEXT},
	    {"responses", N_("Answers"), GRID_NUMBER, APP_TEXT},
	    {"title", N_("Title"), GRID_TEXT, APP_TEXT},
	};
	struct db *db = app_db(app, "staff", error);
	g_autoptr(db_rows) rows = db ? db_query(db, sql_round_list, DB_NONE, error) : NULL;

	if (!rows)
		return FALSE;
	app_print(app, rows, columns, G_N_ELEMENTS(columns));
	return TRUE;
}

/* How far a round is: the names of the figures are those of the JSON. */
static gboolean show(struct app *app, const char *code, GError **error)
{
	struct db *db = app_db(app, "staff", error);
	g_autoptr(round_handle) round = db ? round_get(db, code, error) : NULL;
	g_autoptr(db_rows) rows = round ? db_query(db, sql_round_progress,
						   DB(db_int(round->id), db_time(app->now)), error)
					: NULL;

	if (!rows)
		return FALSE;
	for (guint i = 0; !app->json && i < db_rows_count(rows); i++)
		printf("%-20s %8s  %s\n", db_get_text(rows, i, 0), db_get_text(rows, i, 1),
		       _(db_get_text(rows, i, 2)));
	if (app->json) {
		for (guint i = 0; i < db_rows_count(rows); i++)
			printf("%s\"%s\": %s", i ? ", " : "{", db_get_text(rows, i, 0),
			       db_get_text(rows, i, 1));
		puts("}");
	}
	return TRUE;
}

static gboolean is_attach(int argc, char **argv)
{
	if (strcmp(argv[1], "attach") != 0 || argc < 3)
		return FALSE;
	if (attach.each)
		return argc == 3 && !attach.enterprise && !attach.remove;
	return argc > 3 && !attach.skip;
}

gboolean cmd_round(struct app *app, int argc, char **argv, GError **error)
{
	if (!app_options(
		&argc, &argv, entries,
		"new CODE | attach CODE FILE… | attachments [CODE] | release [CODE] | "
		"remind [CODE] | close [CODE] | list | show [CODE]",
		_("A round: made as a draft, given files that go with its letters, released by a "
		  "named person, closed. Without a code the newest is meant. The list shows code, "
		  "state, dates, letters, responses and title. Reminders are made by themselves "
		  "after the round's days; “remind” does not wait for these."),
		error))
		return FALSE;
	attach.dry_run = dry_run;
	if (argc == 3 && strcmp(argv[1], "new") == 0)
		return new_round(app, argv[2], error);
	if (argc > 1 && is_attach(argc, argv))
		return round_attach(app, argv[2], argv + 3, (guint)argc - 3, &attach, error);
	if ((argc == 2 || argc == 3) && strcmp(argv[1], "attachments") == 0)
		return round_attachments(app, argv[2], error);
	if ((argc == 2 || argc == 3) && strcmp(argv[1], "release") == 0)
		return release(app, argv[2], error);
	if ((argc == 2 || argc == 3) && strcmp(argv[1], "remind") == 0)
		return remind(app, argv[2], error);
	if ((argc == 2 || argc == 3) && strcmp(argv[1], "close") == 0)
		return close_round(app, argv[2], error);
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return list(app, error);
	if ((argc == 2 || argc == 3) && strcmp(argv[1], "show") == 0)
		return show(app, argv[2], error);
	return app_usage(error,
			 "round new CODE | attach CODE FILE… | attach CODE --each FOLDER | "
			 "attachments | release [CODE] | remind [CODE] | close [CODE] | list "
			 "| show");
}
