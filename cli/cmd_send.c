#include "cli/command.h"

#include "base/error.h"
#include "mailer/send.h"
#include "sql.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static gboolean yes;
static gboolean dry_run;
static gboolean status;

static const GOptionEntry entries[] = {
    {"yes", 0, 0, G_OPTION_ARG_NONE, &yes, N_("do not ask"), NULL},
    {"dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, N_("show what would go out, send nothing"),
     NULL},
    {"status", 0, 0, G_OPTION_ARG_NONE, &status, N_("show how the sending goes, send nothing"),
     NULL},
    {"list", 0, 0, G_OPTION_ARG_STRING, &send_status_options.list,
     N_("status: the mails in a state"), "STATE"},
    {"after", 0, 0, G_OPTION_ARG_STRING, &send_status_options.after,
     N_("status: the list from there on"), "PLACE"},
    {"letter", 0, 0, G_OPTION_ARG_STRING, &send_status_options.letter,
     N_("status: the whole history of a letter"), "NUMBER"},
    G_OPTION_ENTRY_NULL};

struct progress {
	gint64 total;
	gint64 started; /* monotonic, microseconds */
	gboolean shown;
};

static void show_progress(void *user, const struct send_count *count)
{
	struct progress *progress = user;
	guint done = count->sent + count->deferred + count->failed + count->doubtful;
	double seconds = (double)(g_get_monotonic_time() - progress->started) / 1e6;
	double rate = seconds > 0 ? done / seconds : 0;

	if (!progress->shown)
		return;
	fprintf(stderr, _("\r%u of %lld, %.0f a second, %.0f s left "), done,
		(long long)progress->total, rate,
		rate > 0 ? (double)(progress->total - done) / rate : 0.0);
}

/* Prints what is due; *total_out gets how many. */
static gboolean preview(struct app *app, struct db *db, gint64 *total_out, GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql_mailing_preview, DB(db_time(app->now)), error);
	g_autofree char *destination = send_destination(app->office);

	if (!rows)
		return FALSE;
	*total_out = 0;
	for (guint i = 0; i < db_rows_count(rows); i++) {
		gboolean reply = strcmp(db_get_text(rows, i, 2), "reply") == 0;

		*total_out += db_get_int(rows, i, 3);
		fprintf(stderr, _("Round %s “%s”: %s %s to %s\n"), db_get_text(rows, i, 0),
			db_get_text(rows, i, 1), db_get_text(rows, i, 3),
			reply ? _("replies") : _("letters"), db_get_text(rows, i, 4));
	}
	if (*total_out)
		fprintf(stderr, _("Through: %s\n"), destination);
	return TRUE;
}

static gboolean confirm(gint64 total, GError **error)
{
	char line[100] = "";
	gint64 typed = 0;

	if (yes)
		return TRUE;
	if (!isatty(STDIN_FILENO)) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("not on a terminal: say --yes"));
		return FALSE;
	}
	fprintf(stderr, _("Type their number (%lld) to send them: "), (long long)total);
	if (fgets(line, sizeof line, stdin) &&
	    g_ascii_string_to_signed(g_strstrip(line), 10, 0, G_MAXINT64, &typed, NULL) &&
	    typed == total)
		return TRUE;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_STATE, _("nothing was sent"));
	return FALSE;
}

static gboolean tell_held(struct app *app, struct db *db, GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql_mailing_held, DB(db_time(app->now)), error);

	if (!rows)
		return FALSE;
	if (db_get_int(rows, 0, 0) > 0)
		fprintf(stderr, _("Another sender holds %s mails, until %s at the latest.\n"),
			db_get_text(rows, 0, 0), db_get_text(rows, 0, 1));
	return TRUE;
}

gboolean cmd_send(struct app *app, int argc, char **argv, GError **error)
{
	struct send_count count = {0};
	struct progress progress = {.started = g_get_monotonic_time(),
				    .shown = isatty(STDERR_FILENO)};
	struct db *db;
	gboolean good;

	if (!app_options(&argc, &argv, entries, "",
			 _("Sends the letters of released rounds and the replies that are due, "
			   "to the destination of pingyi.conf. It asks before; --yes does not."),
			 error))
		return FALSE;
	if (status && argc <= 2)
		return send_status(app, argv[1], error);
	if (argc != 1)
		return app_usage(error, "send [--yes] [--dry-run] | --status [ROUND]");
	db = app_db(app, "worker", error);
	if (!db || !preview(app, db, &progress.total, error) || !tell_held(app, db, error))
		return FALSE;
	if (progress.total == 0) {
		fprintf(stderr, "%s\n", _("Nothing is due."));
		return TRUE;
	}
	if (dry_run)
		return TRUE;
	if (!confirm(progress.total, error))
		return FALSE;
	progress.started = g_get_monotonic_time();
	good = send_due(app->office, db, app->now, show_progress, &progress, &count, error);
	fprintf(stderr, _("%s%u sent, %u deferred, %u failed, %u doubtful\n"),
		progress.shown ? "\r\033[K" : "", count.sent, count.deferred, count.failed,
		count.doubtful);
	return good;
}
