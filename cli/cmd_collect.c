#include "cli/command.h"

#include "base/error.h"
#include "collector/collect.h"
#include "collector/fetch.h"
#include "sql.h"

#include <stdio.h>
#include <string.h>

static char *letter;
static gboolean aside;
static struct collect_hand_options hand;

static const GOptionEntry entries[] = {
    {"letter", 0, 0, G_OPTION_ARG_STRING, &letter, N_("settle: the letter it answers"), "NUMBER"},
    {"aside", 0, 0, G_OPTION_ARG_NONE, &aside, N_("settle: it is none of ours"), NULL},
    {"text", 0, 0, G_OPTION_ARG_STRING, &hand.text,
     N_("settle: what it says, where only a person can read it; type: what was said"), "TEXT"},
    {"from", 0, 0, G_OPTION_ARG_STRING, &hand.from,
     N_("files, type: the enterprise that it comes from (name or credit code)"), "ENTERPRISE"},
    {"round", 0, 0, G_OPTION_ARG_STRING, &hand.round,
     N_("with --from: the round that it answers (default: the open one)"), "CODE"},
    {"by", 0, 0, G_OPTION_ARG_STRING, &hand.by, N_("type: how it was said: phone, visit or post"),
     "WAY"},
    {"on", 0, 0, G_OPTION_ARG_STRING, &hand.on, N_("type: when it was said (default: today)"),
     "YYYY-MM-DD"},
    {"rate", 0, 0, G_OPTION_ARG_STRING_ARRAY, &hand.rates,
     N_("type: a grade from 0 (cannot say) to 5, once for each department"), "DEPARTMENT=GRADE"},
    G_OPTION_ENTRY_NULL};

static void print_count(const struct fetch_count *fetched, const struct collect_count *count)
{
	fprintf(stderr,
		_("%u new messages (%u known, %u too large); %u filed, %u noted, %u wait for a "
		  "person, %u broke their reader\n"),
		fetched->stored, fetched->known, fetched->skipped, count->filed, count->noted,
		count->waiting, count->broken);
	if (count->waiting + count->broken)
		fprintf(stderr, "%s\n", _("“pingyi collect pen” lists those that wait."));
}

static gboolean show_pen(struct app *app, GError **error)
{
	static const struct app_column columns[] = {
	    {"message", N_("No."), GRID_NUMBER, APP_TEXT},
	    {"due", N_("Due"), GRID_DATE, APP_TEXT},
	    {"from", N_("From"), GRID_TEXT, APP_TEXT},
	    {"subject", N_("Subject"), GRID_TEXT, APP_TEXT},
	    {"why", N_("Why"), GRID_LONG, APP_MESSAGE},
	    {"proposals", N_("Perhaps"), GRID_LONG, APP_TEXT},
	};
	struct db *db = app_db(app, "staff", error);
	g_autoptr(db_rows) rows = db ? db_query(db, sql_message_waiting, DB_NONE, error) : NULL;

	if (!rows)
		return FALSE;
	app_print(app, rows, columns, G_N_ELEMENTS(columns));
	fprintf(stderr,
		_("%u messages wait. Settle one: pingyi collect settle MESSAGE --letter NUMBER, or "
		  "--aside\n"),
		db_rows_count(rows));
	return TRUE;
}

static gboolean settle(struct app *app, const char *text, GError **error)
{
	gint64 account = app_account(app, error);
	gint64 message = 0;

	if (account == 0 || !app_number(text, _("message"), &message, error))
		return FALSE;
	if (!letter == !aside)
		return app_usage(error,
				 "collect settle MESSAGE --letter NUMBER [--text TEXT] | --aside");
	return collect_settle(app->db, message, letter, hand.text, account, app->now, error);
}

/* The message as it came, on stdout; that somebody read it is an event. */
static gboolean print_raw(struct app *app, const char *text, GError **error)
{
	gint64 account = app_account(app, error);
	gint64 message = 0;
	g_autoptr(GBytes) raw = NULL;
	const char *bytes;
	gsize size = 0;

	if (account == 0 || !app_number(text, _("message"), &message, error))
		return FALSE;
	raw = message_bytes(app->db, message, error);
	if (!raw)
		return FALSE;
	bytes = g_bytes_get_data(raw, &size);
	if (size == 0) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("there is no message %lld"),
			    (long long)message);
		return FALSE;
	}
	if (!db_run(app->db, sql_message_read,
		    DB(db_int(message), db_int(account), db_time(app->now)), NULL, error))
		return FALSE;
	fwrite(bytes, 1, size, stdout);
	return TRUE;
}

gboolean cmd_collect(struct app *app, int argc, char **argv, GError **error)
{
	struct fetch_count fetched = {0};
	struct collect_count count = {0};
	GError *problem = NULL;
	gboolean good = TRUE;
	struct db *db;

	if (!app_options(
		&argc, &argv, entries,
		"[SOURCE…] | FILE… --from ENTERPRISE | type | pen | raw MESSAGE | settle MESSAGE",
		_("Fetches messages (from the sources of pingyi.conf, or from maildir:PATH, "
		  "mbox:PATH, files and folders named), keeps their bytes, reads them and files "
		  "each to its letter. Files with --from are that enterprise's answer. “type” "
		  "takes down what an enterprise said on the phone, in a visit or in a letter by "
		  "post (--text, else stdin). “raw” prints a message as it came."),
		error))
		return FALSE;
	if (argc == 2 && strcmp(argv[1], "pen") == 0)
		return show_pen(app, error);
	if (argc == 3 && strcmp(argv[1], "settle") == 0)
		return settle(app, argv[2], error);
	if (argc == 3 && strcmp(argv[1], "raw") == 0)
		return print_raw(app, argv[2], error);
	if (argc == 2 && strcmp(argv[1], "type") == 0)
		return collect_hand_type(app, &hand, error);
	if (hand.from && argc == 1)
		return app_usage(error, "collect FILE… --from ENTERPRISE");
	if (hand.from && !collect_hand_files(app, &hand, argv + 1, (guint)argc - 1, error))
		return FALSE;
	db = app_db(app, "worker", error);
	if (!db)
		return FALSE;
	for (int i = 1; i < argc && !hand.from; i++) {
		struct source_setting source = {.url = argv[i]};

		if (!fetch_source(db, &source, app->now, &fetched, error))
			return FALSE;
	}
	if (argc == 1)
		fetch_configured(app->office, db, app->now, &fetched, &problem);
	/* what is stored is read, whatever became of the sources */
	if (collect_read(db, app->now, &count, problem ? NULL : error))
		print_count(&fetched, &count);
	else
		good = FALSE;
	if (problem)
		g_propagate_error(error, problem);
	return good && !problem;
}
