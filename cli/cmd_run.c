#include "cli/command.h"

#include "base/error.h"
#include "classifier/classify.h"
#include "classifier/teaching.h"
#include "collector/collect.h"
#include "collector/fetch.h"
#include "collector/watch.h"
#include "followup/follow.h"
#include "followup/notify.h"
#include "mailer/gate.h"
#include "mailer/remind.h"
#include "mailer/send.h"
#include "sql.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LEASE_S 3600
#define WAIT_MS 2000 /* how often a signal is looked for … */
#define ROUND_S 60   /* … and how often everything is done when nothing calls */

static gboolean stay;

static const GOptionEntry entries[] = {
    {"stay", 0, 0, G_OPTION_ARG_NONE, &stay, N_("keep doing so until ended by a signal"), NULL},
    G_OPTION_ENTRY_NULL};

/* SIGTERM and SIGINT end it. SIGUSR1 ends its sending as `send` ends, for the other stages go on;
 * SIGUSR2 lets it send again, at once. */
static volatile sig_atomic_t ended;
static volatile sig_atomic_t paused;
static volatile sig_atomic_t halted; /* what is being sent ends */
static volatile sig_atomic_t woken;

static void on_signal(int number)
{
	if (number == SIGUSR2) {
		paused = 0;
		woken = 1;
		return;
	}
	if (number == SIGUSR1)
		paused = 1;
	else
		ended = 1;
	halted = 1;
}

/* A pause is heard while mail is sent and while nothing is done: other stages wait for children and
 * servers, and need not be prepared for it. One that comes meanwhile is heard next. */
static void hear_pauses(gboolean now)
{
	sigset_t pauses;

	sigemptyset(&pauses);
	sigaddset(&pauses, SIGUSR1);
	sigaddset(&pauses, SIGUSR2);
	pthread_sigmask(now ? SIG_UNBLOCK : SIG_BLOCK, &pauses, NULL);
}

/* Of a pause and a resume that both wait the pause is heard last: whoever sends them sends the
 * resume again. */
static void catch_pauses(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	hear_pauses(FALSE);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);
}

/* A stage says on stderr what it did, when it did something. */
typedef gboolean stage_function(struct app *app, struct db *db, GError **error);

static gboolean stage_collect(struct app *app, struct db *db, GError **error)
{
	static guint
	    told_left; /* what stays where it is comes again at every turn, and is told once */
	struct fetch_count fetched = {0};
	struct collect_count count = {0};
	GError *problem = NULL;
	gboolean good;

	/* what is stored is read, whatever became of the sources */
	fetch_configured(app->office, db, app->now, &fetched, &problem);
	good = collect_read(db, app->now, &count, problem ? NULL : error) && !problem;
	if (problem)
		g_propagate_error(error, problem);

	if (fetched.stored || fetched.large || fetched.left != told_left)
		fprintf(stderr,
			"stage=collect stored=%u filed=%u noted=%u waiting=%u broken=%u large=%u "
			"left=%u\n",
			fetched.stored, count.filed, count.noted, count.waiting, count.broken,
			fetched.large, fetched.left);
	told_left = fetched.left;
	fetch_count_clear(&fetched);
	return good;
}

static gboolean stage_classify(struct app *app, struct db *db, GError **error)
{
	struct classify_count count = {0};
	gboolean good = classify_waiting(db, app->now, &count, error);

	if (count.answers)
		fprintf(stderr, "stage=classify answers=%u opinions=%u review=%u\n", count.answers,
			count.opinions, count.review);
	return good;
}

static gboolean stage_learn(struct app *app, struct db *db, GError **error)
{
	struct taught taught;

	if (strcmp(office_setting(app->office, "classify", "learn", "on"), "off") == 0)
		return TRUE;
	if (!teach(db, FALSE, 0, app->now, &taught, error))
		return FALSE;
	if (taught.version)
		fprintf(stderr, "stage=learn corrections=%u version=%lld in_use=%d\n",
			taught.corrections, (long long)taught.version, taught.in_use);
	return TRUE;
}

static gboolean stage_follow(struct app *app, struct db *db, GError **error)
{
	guint drafts = 0;
	gboolean good = follow_waiting(db, app->now, &drafts, error);

	if (drafts)
		fprintf(stderr, "stage=follow drafts=%u\n", drafts);
	return good;
}

static gboolean stage_remind(struct app *app, struct db *db, GError **error)
{
	struct remind_count count = {0};
	gboolean good = remind_due(app->office, db, app->now, &count, error);

	if (count.made + count.paper)
		fprintf(stderr, "stage=remind made=%u paper=%u\n", count.made, count.paper);
	return good;
}

static gboolean stage_notify(struct app *app, struct db *db, GError **error)
{
	struct notify_count count = {0};
	gboolean good = notify_due(app->office, db, app->now, &count, error);

	if (count.digests + count.notices)
		fprintf(stderr, "stage=notify digests=%u notices=%u\n", count.digests,
			count.notices);
	return good;
}

/* Why mail that is due does not leave (NULL: it does), where that is not what was said last. */
static gboolean tell_held(struct app *app, struct db *db, const char *why, GError **error)
{
	static char *told;
	g_autoptr(db_rows) due =
	    why ? db_query(db, sql_mailing_is_due, DB(db_time(app->now)), error) : NULL;

	if (why && !due)
		return FALSE;
	if (due && !db_get_bool(due, 0, 0))
		why = NULL;
	if (why && g_strcmp0(why, told) != 0)
		fprintf(stderr, "stage=send held=\"%s\"\n", why);
	g_free(told);
	told = g_strdup(why);
	return TRUE;
}

static gboolean tell_paused(struct app *app, struct db *db, GError **error)
{
	return tell_held(app, db, _("paused by SIGUSR1; SIGUSR2 lets it go on"), error);
}

/* What a person gave as the reason of a pause is for people, not for a log. */
static gboolean tell_closed(struct app *app, struct db *db, const GError *closed, GError **error)
{
	g_autoptr(GError) gate = NULL;

	return tell_held(app, db,
			 gate_check_open(db, &gate)
			     ? closed->message
			     : _("sending is paused; “pingyi send --status” says why"),
			 error);
}

static gboolean send_now(struct app *app, struct db *db, GError **error)
{
	struct send_options options = {.stop = &halted};
	struct send_count count = {0};
	GError *problem = NULL;
	gboolean good = send_due(app->office, db, app->now, &options, &count, &problem);

	if (send_count_all(&count))
		fprintf(stderr,
			"stage=send sent=%u deferred=%u failed=%u doubtful=%u cancelled=%u\n",
			count.sent, count.deferred, count.failed, count.doubtful, count.cancelled);
	if (good)
		return TRUE;
	if (halted && !ended && g_error_matches(problem, PINGYI_ERROR, PINGYI_ERROR_STATE)) {
		g_error_free(problem);
		return !paused || tell_paused(app, db, error);
	}
	g_propagate_error(error, problem);
	return FALSE;
}

/* A closed gate, the hours and a pause are no failure here. */
static gboolean send_unless_held(struct app *app, struct db *db, GError **error)
{
	g_autoptr(GError) closed = NULL;

	if (paused)
		return tell_paused(app, db, error);
	if (send_may(app->office, db, app->now, FALSE, &closed))
		return tell_held(app, db, NULL, error) && send_now(app, db, error);
	if (g_error_matches(closed, PINGYI_ERROR, PINGYI_ERROR_STATE))
		return tell_closed(app, db, closed, error);
	g_propagate_error(error, g_steal_pointer(&closed));
	return FALSE;
}

static gboolean stage_send(struct app *app, struct db *db, GError **error)
{
	gboolean good;

	halted = 0;
	if (ended) /* just now */
		return TRUE;
	hear_pauses(TRUE);
	good = send_unless_held(app, db, error);
	hear_pauses(FALSE);
	return good;
}

static gboolean stage_seal(struct app *app, struct db *db, GError **error)
{
	return db_run(db, sql_seal_add, DB(db_time(app->now)), NULL, error);
}

static const struct {
	const char *name;
	stage_function *run;
} stages[] = {
    {"collect", stage_collect}, {"learn", stage_learn},   {"classify", stage_classify},
    {"follow", stage_follow},   {"remind", stage_remind}, {"notify", stage_notify},
    {"send", stage_send},       {"seal", stage_seal},
};

/* One stage, unless another worker has it. How it failed is kept in its row for staff to see; a
 * database that is away cannot keep it. */
/* How a stage ended. A stage may have outlived its connection: then a new one tells. */
static gboolean end_stage(struct app *app, guint i, const char *worker, const char *problem,
			  GError **error)
{
	for (guint try = 0;; try++) {
		g_autoptr(GError) failed = NULL;
		struct db *db = app_db(app, "worker", &failed);

		if (db && db_run(db, sql_job_end,
				 DB(db_text(stages[i].name), db_text(worker), db_text(problem),
				    db_time(app->now)),
				 NULL, &failed))
			return TRUE;
		g_clear_pointer(&app->db, db_free);
		if (try == 0 && g_error_matches(failed, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY))
			continue;
		g_propagate_error(error, g_steal_pointer(&failed));
		return FALSE;
	}
}

static gboolean run_stage(struct app *app, guint i, const char *worker, GError **error)
{
	struct db *db = app_db(app, "worker", error);
	g_autoptr(GError) problem = NULL;
	g_autoptr(db_rows) ours = db ? db_query(db, sql_job_claim,
						DB(db_text(stages[i].name), db_text(worker),
						   db_int(LEASE_S), db_time(app->now)),
						error)
				     : NULL;

	if (!ours)
		return FALSE;
	if (db_rows_count(ours) == 0)
		return TRUE;
	if (!stages[i].run(app, db, &problem)) {
		db_rollback(db);
		g_prefix_error(&problem, "stage=%s: ", stages[i].name);
	}
	app_tick(app);
	if (!end_stage(app, i, worker, problem ? problem->message : NULL, problem ? NULL : error) &&
	    !problem)
		return FALSE;
	if (!problem)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&problem));
	return FALSE;
}

/* Everything that is due, once. A stage that fails does not keep the others from their work; the
 * first failure is what is returned. */
static gboolean run_all(struct app *app, const char *worker, GError **error)
{
	g_autoptr(GError) first = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(stages) && !ended; i++) {
		g_autoptr(GError) problem = NULL;

		app_tick(app);
		if (run_stage(app, i, worker, &problem))
			continue;
		if (first)
			fprintf(stderr, "pingyi: %s\n", problem->message);
		else
			first = g_steal_pointer(&problem);
	}
	if (!first)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&first));
	return FALSE;
}

static void listen_for_work(struct app *app)
{
	struct db *db = app_db(app, "worker", NULL);
	g_autofree char *listen = g_strdup_printf("LISTEN %s", office_schema(app->office));

	/* Only a hint: without it the work is found by looking. */
	if (db)
		db_script(db, listen, NULL);
}

static void wait_for_work(struct app *app, struct watch *watch)
{
	struct db *db = app_db(app, "worker", NULL);

	for (guint waited = 0; waited < ROUND_S * 1000 && !ended && !woken; waited += WAIT_MS) {
		g_autoptr(GError) problem = NULL;

		if (watch_news(watch))
			return;
		if (!db) {
			g_usleep(WAIT_MS * 1000);
			continue;
		}
		if (db_wait_notify(db, WAIT_MS, &problem))
			return;
		if (problem) {
			/* the next round connects anew */
			g_clear_pointer(&app->db, db_free);
			db = NULL;
		}
	}
}

static gboolean keep_running(struct app *app, const char *worker, GError **error)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct watch *watch;

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	if (!app_db(app, "worker", error))
		return FALSE;
	watch = watch_new(app->office);
	while (!ended) {
		g_autoptr(GError) problem = NULL;

		listen_for_work(app);
		/* Before the mailboxes are looked into: what comes later is told. */
		watch_open(watch);
		woken = 0;
		if (!run_all(app, worker, &problem))
			fprintf(stderr, "pingyi: %s\n", problem->message);
		hear_pauses(TRUE);
		wait_for_work(app, watch);
		hear_pauses(FALSE);
	}
	watch_free(watch);
	return TRUE;
}

gboolean cmd_run(struct app *app, int argc, char **argv, GError **error)
{
	g_autofree char *worker = g_strdup_printf("%s:%d", g_get_host_name(), (int)getpid());

	if (!app_options(
		&argc, &argv, entries, "[--stay]",
		_("Collects, classifies, makes masked copies, reminds, tells departments and "
		  "supervisors what waits, sends what is due and seals the events; then "
		  "ends. It sends no letter that nobody has released. SIGUSR1 pauses its "
		  "sending alone, SIGUSR2 lets it go on."),
		error))
		return FALSE;
	if (argc != 1)
		return app_usage(error, "run [--stay]");
	catch_pauses();
	if (stay)
		return keep_running(app, worker, error);
	return app_db(app, "worker", error) && run_all(app, worker, error);
}
