#include "cli/command.h"

#include "base/error.h"
#include "db/round.h"
#include "mailer/ledger.h"
#include "mailer/send.h"
#include "mailer/sender.h"
#include "mailer/to_self.h"
#include "sql.h"
#include "templates/format.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WAYS                                                                                       \
	"[--yes | --dry-run] [--limit N] [--any-hour] | --to-self ADDRESS [--round CODE] "         \
	"[--enterprise NAME] | --pause [--why TEXT] | --resume | --status [ROUND] [--list STATE "  \
	"[--after PLACE] | --letter NUMBER]"

static gboolean yes;
static gboolean dry_run;
static char *limit_text;
static gint limit; /* 0: none */
static gboolean any_hour;
static char *to_self;
static char *round_code;
static char *enterprise;
static gboolean pause_all;
static gboolean resume_all;
static char *why;
static gboolean status;

static const GOptionEntry entries[] = {
    {"yes", 0, 0, G_OPTION_ARG_NONE, &yes, N_("do not ask"), NULL},
    {"dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, N_("show what would go out, send nothing"),
     NULL},
    {"limit", 0, 0, G_OPTION_ARG_STRING, &limit_text, N_("send no more than so many"), "N"},
    {"any-hour", 0, 0, G_OPTION_ARG_NONE, &any_hour,
     N_("also outside the hours and days of pingyi.conf"), NULL},
    {"to-self", 0, 0, G_OPTION_ARG_STRING, &to_self,
     N_("send one enterprise's letter to this address instead, on no ledger; a draft's too, and "
	"at any hour, also while sending is paused"),
     "ADDRESS"},
    {"round", 0, 0, G_OPTION_ARG_STRING, &round_code,
     N_("status, to-self: of this round; else the newest"), "CODE"},
    {"enterprise", 0, 0, G_OPTION_ARG_STRING, &enterprise,
     N_("to-self: this enterprise's letter; else the first one's"), "NAME"},
    {"pause", 0, 0, G_OPTION_ARG_NONE, &pause_all, N_("let nothing more leave, from any sender"),
     NULL},
    {"why", 0, 0, G_OPTION_ARG_STRING, &why, N_("pause: the reason, which others are shown"),
     "TEXT"},
    {"resume", 0, 0, G_OPTION_ARG_NONE, &resume_all, N_("let mail leave again"), NULL},
    {"status", 0, 0, G_OPTION_ARG_NONE, &status, N_("show how the sending goes, send nothing"),
     NULL},
    {"list", 0, 0, G_OPTION_ARG_STRING, &send_status_options.list,
     N_("status: the mails in a state: queued, later, in_flight, sent, doubtful, deferred, failed, "
	"bounced, cancelled, paper, answered"),
     "STATE"},
    {"after", 0, 0, G_OPTION_ARG_STRING, &send_status_options.after,
     N_("status: the list from there on"), "PLACE"},
    {"letter", 0, 0, G_OPTION_ARG_STRING, &send_status_options.letter,
     N_("status: the whole history of a letter"), "NUMBER"},
    G_OPTION_ENTRY_NULL};

/* SIGINT and SIGTERM let what is under way end; SIGUSR1 pauses, SIGUSR2 goes on. */
static volatile sig_atomic_t stopped;
static volatile sig_atomic_t paused;

static void on_signal(int number)
{
	if (number == SIGUSR1)
		paused = 1;
	else if (number == SIGUSR2)
		paused = 0;
	else
		stopped = 1;
}

static void catch_signals(void)
{
	/* a second Ctrl-C ends at once */
	struct sigaction once = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
	struct sigaction always = {.sa_handler = on_signal};

	sigaction(SIGINT, &once, NULL);
	sigaction(SIGTERM, &once, NULL);
	sigaction(SIGUSR1, &always, NULL);
	sigaction(SIGUSR2, &always, NULL);
}

struct progress {
	gint64 total;
	gint64 started; /* monotonic, microseconds */
	gint64 told;
	gboolean shown;
};

static void show_progress(void *user, const struct send_count *count)
{
	struct progress *progress = user;
	gint64 now = g_get_monotonic_time();
	guint done = send_count_all(count);
	double seconds = (double)(now - progress->started) / 1e6;
	double rate = seconds > 0 ? done / seconds : 0;
	gint64 left = rate > 0 ? (gint64)((double)(progress->total - done) / rate) : 0;

	if (!progress->shown || now - progress->told < 200000)
		return;
	progress->told = now;
	if (done == 0) {
		fprintf(stderr, _("\r\033[K%u of %lld%s"), done, (long long)progress->total,
			paused ? _(", paused") : "");
		return;
	}
	fprintf(stderr, _("\r\033[K%u of %lld, %.0f a second, %lld:%02lld left%s"), done,
		(long long)progress->total, rate, (long long)left / 60, (long long)left % 60,
		paused ? _(", paused") : "");
}

/* "Round 2026-1 “…”: 120 letters to a@b, c@d, …" */
static void print_due(const struct db_rows *rows, guint i)
{
	const char *kind = db_get_text(rows, i, 2);
	const char *what = strcmp(kind, "first") == 0      ? _("letters")
			   : strcmp(kind, "reminder") == 0 ? _("reminders")
			   : strcmp(kind, "reply") == 0    ? _("replies")
			   : strcmp(kind, "digest") == 0   ? _("digests")
							   : _("notices");
	const char *more = db_get_int(rows, i, 3) > 3 ? ", …" : "";

	if (db_is_null(rows, i, 0))
		fprintf(stderr, _("%s %s to %s%s\n"), db_get_text(rows, i, 3), what,
			db_get_text(rows, i, 4), more);
	else
		fprintf(stderr, _("Round %s “%s”: %s %s to %s%s\n"), db_get_text(rows, i, 0),
			db_get_text(rows, i, 1), db_get_text(rows, i, 3), what,
			db_get_text(rows, i, 4), more);
}

/* What waits still when its round is over leaves no more. */
static void print_late(const struct db_rows *rows, guint i)
{
	const char *code = db_get_text(rows, i, 0), *title = db_get_text(rows, i, 1);
	const char *n = db_get_text(rows, i, 3);

	if (strcmp(db_get_text(rows, i, 2), "first") == 0)
		fprintf(stderr,
			_("Round %s “%s” is over: %s letters that have not gone out will not be "
			  "sent any more.\n"),
			code, title, n);
	else
		fprintf(stderr,
			_("Round %s “%s” is over: %s reminders that have not gone out will not be "
			  "sent any more.\n"),
			code, title, n);
}

/* Prints what is due; *total_out gets how many, *late_out how many leave no more. */
static gboolean preview(struct app *app, struct db *db, gint64 *total_out, gint64 *late_out,
			GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql_mailing_preview, DB(db_time(app->now)), error);
	g_autofree char *destination = send_destination(app->office);

	if (!rows)
		return FALSE;
	*total_out = *late_out = 0;
	for (guint i = 0; i < db_rows_count(rows); i++) {
		gboolean late = db_get_bool(rows, i, 5);

		*(late ? late_out : total_out) += db_get_int(rows, i, 3);
		(late ? print_late : print_due)(rows, i);
	}
	if (limit > 0 && limit < *total_out) {
		fprintf(stderr, _("Of these %lld the first %d (--limit).\n"), (long long)*total_out,
			limit);
		*total_out = limit;
	}
	if (*total_out) {
		fprintf(stderr, _("Through: %s\n"), destination);
		app_warn_office(app);
	}
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

/* Nothing is due, and what there may be instead. */
static gboolean tell_nothing(struct db *db, GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql_mailing_none, DB_NONE, error);
	const char *draft = rows ? db_get_text(rows, 0, 0) : NULL;

	if (!rows)
		return FALSE;
	fprintf(stderr, "%s\n", _("Nothing is due."));
	if (draft)
		fprintf(stderr, _("Round %s is a draft still: pingyi round release %s\n"), draft,
			draft);
	if (db_get_bool(rows, 0, 1))
		fprintf(stderr, "%s\n",
			_("Some mails have failed or are tried again later: pingyi send --status"));
	return TRUE;
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

/* The gate: for all senders, until somebody opens it. */
static gboolean set_gate(struct app *app, gboolean open, GError **error)
{
	gint64 account = app_account(app, error);
	g_autoptr(db_rows) rows =
	    account ? db_query(app->db, sql_send_gate_set,
			       DB(db_bool(open), db_text(why), db_int(account), db_time(app->now)),
			       error)
		    : NULL;

	if (!rows)
		return FALSE;
	if (!db_get_bool(rows, 0, 0))
		fprintf(stderr, "%s\n",
			open ? _("Mail may leave already.") : _("Sending is paused already."));
	else
		fprintf(stderr, "%s\n",
			open ? _("Mail may leave again. Next: pingyi send")
			     : _("Sending is paused: what is under way ends, nothing more leaves. "
				 "“pingyi send --resume” lets it go on."));
	return TRUE;
}

static gboolean send_to_self(struct app *app, GError **error)
{
	struct db *db = app_address(to_self, error) ? app_db(app, "staff", error) : NULL;
	g_autoptr(round_handle) round = db ? round_get(db, round_code, error) : NULL;
	g_autofree char *name = NULL;
	g_autofree char *folder = NULL;

	if (!round || !to_self_send(app->office, db, round, enterprise, to_self, app->now, &name,
				    &folder, error))
		return FALSE;
	if (folder)
		fprintf(stderr,
			_("The letter to %s was not sent: [mail] destination is a folder, and "
			  "there it is now (%s).\n"),
			name, folder);
	else
		fprintf(stderr, _("The letter to %s has gone to %s.\n"), name, to_self);
	return TRUE;
}

static gboolean send_all(struct app *app, struct db *db, gint64 total, GError **error)
{
	struct send_count count = {0};
	struct progress progress = {
	    .total = total, .started = g_get_monotonic_time(), .shown = isatty(STDERR_FILENO)};
	struct send_options options = {.limit = (guint)MAX(limit, 0),
				       .any_hour = any_hour,
				       .stop = &stopped,
				       .pause = &paused,
				       .progress = show_progress,
				       .user = &progress};
	gboolean good;

	catch_signals();
	good = send_due(app->office, db, app->now, &options, &count, error);
	fprintf(stderr, _("%s%u sent, %u deferred, %u failed, %u doubtful"),
		progress.shown ? "\r\033[K" : "", count.sent, count.deferred, count.failed,
		count.doubtful);
	if (count.cancelled)
		fprintf(stderr, _(", %u no longer wanted"), count.cancelled);
	fputc('\n', stderr);
	if (good && count.deferred + count.failed + count.doubtful)
		fprintf(stderr, "%s\n", _("Why and when again: pingyi send --status"));
	return good;
}

static gboolean usage(GError **error)
{
	return app_usage(error, "send " WAYS);
}

/* Options that only the status has mean it. */
static gboolean wants_status(void)
{
	const struct send_status_options *o = &send_status_options;

	return status || o->list || o->after || o->letter;
}

static gboolean read_limit(GError **error)
{
	gint64 number = 0;

	if (!limit_text)
		return TRUE;
	if (!app_number(limit_text, "--limit", &number, error))
		return FALSE;
	if (number < 1 || number > G_MAXINT) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("--limit: it can be 1 to %d, not %s"), G_MAXINT, limit_text);
		return FALSE;
	}
	limit = (gint)number;
	return TRUE;
}

/* An option beside what it does not belong to is a mistake: by none may more leave than was meant,
 * nor anything where it was to be shown only. */
static gboolean check_options(int argc, GError **error)
{
	const struct send_status_options *o = &send_status_options;
	gboolean sends = yes || dry_run || limit_text || any_hour;
	gboolean shows = wants_status();
	int others = shows + pause_all + resume_all + (to_self != NULL);

	if (others == 0 && (round_code || enterprise || argc > 1)) {
		g_set_error_literal(
		    error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("nothing was sent: “pingyi send” sends what is due of all rounds. A round or "
		      "an enterprise can be named with --to-self ADDRESS, a round with --status"));
		return FALSE;
	}
	if (others > 1 || (others && sends) || (enterprise && !to_self) || (why && !pause_all) ||
	    (round_code && !shows && !to_self) || argc > (shows ? 2 : 1) ||
	    (argc == 2 && round_code) || (o->letter && o->list) || (o->after && !o->list))
		return usage(error);
	return read_limit(error);
}

gboolean cmd_send(struct app *app, int argc, char **argv, GError **error)
{
	struct db *db;
	gint64 total = 0;
	gint64 late = 0;

	if (!app_options(&argc, &argv, entries, WAYS,
			 _("Sends the letters and reminders of released rounds, the replies, "
			   "digests and notices that are due, to the destination of pingyi.conf. "
			   "It asks before; --yes does not. Ctrl-C lets what is under way end; "
			   "SIGUSR1 pauses this sender, SIGUSR2 lets it go on."),
			 error))
		return FALSE;
	if (!check_options(argc, error))
		return FALSE;
	if (wants_status())
		return send_status(app, argc == 2 ? argv[1] : round_code, error);
	if (pause_all || resume_all)
		return set_gate(app, resume_all, error);
	if (to_self)
		return send_to_self(app, error);
	db = app_db(app, "worker", error);
	/* what a sender held that died is due, too */
	if (!db || (!dry_run && !ledger_bury(db, app->now, error)) ||
	    !preview(app, db, &total, &late, error) || !tell_held(app, db, error))
		return FALSE;
	if (total == 0 && (dry_run || late == 0))
		return tell_nothing(db, error);
	if (!sender_check_settings(app->office, error) ||
	    !send_may(app->office, db, app->now, any_hour, error))
		return FALSE;
	if (dry_run)
		return TRUE;
	if (total && !confirm(total, error))
		return FALSE;
	/* the person may have taken their time */
	app_tick(app);
	return send_may(app->office, db, app->now, any_hour, error) &&
	       send_all(app, db, total, error);
}
