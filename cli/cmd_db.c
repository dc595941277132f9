#include "cli/command.h"

#include "base/error.h"
#include "sql.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char *role;
static char *statement;

static const GOptionEntry entries[] = {
    {"role", 0, 0, G_OPTION_ARG_STRING, &role, N_("shell: as this role (staff, d12, …)"), "ROLE"},
    {"command", 'c', 0, G_OPTION_ARG_STRING, &statement, N_("shell: run this and end"), "SQL"},
    G_OPTION_ENTRY_NULL};

static volatile sig_atomic_t ended;

static void on_signal(int signal_number)
{
	(void)signal_number;
	ended = 1;
}

/* Every try of a mail stands under an event that seals it; the first event that does not fit is
 * named. */
static gboolean verify_tries(struct db *db, GError **error)
{
	g_autoptr(db_rows) wrong = db_query(db, sql_attempt_check, DB_NONE, error);

	if (!wrong)
		return FALSE;
	if (db_rows_count(wrong) == 0)
		return TRUE;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
		    _("event %s does not fit the tries that were recorded with it: the ledger of "
		      "mails was changed"),
		    db_get_text(wrong, 0, 0));
	return FALSE;
}

/* All seals computed again; the first wrong one is named. Then the tries. */
static gboolean verify(struct app *app, GError **error)
{
	struct db *db = app_db(app, "worker", error);
	g_autoptr(db_rows) rows = db ? db_query(db, sql_seal_check, DB_NONE, error) : NULL;
	gint64 events = 0;

	if (!rows)
		return FALSE;
	for (guint i = 0; i < db_rows_count(rows); i++) {
		if (!db_get_bool(rows, i, 1)) {
			g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
				    _("seal %s is wrong: the events under it or before it were "
				      "changed"),
				    db_get_text(rows, i, 0));
			return FALSE;
		}
		events += db_get_int(rows, i, 2);
	}
	if (!verify_tries(db, error))
		return FALSE;
	printf(_("%u seals over %lld events: right"), db_rows_count(rows), (long long)events);
	if (db_rows_count(rows))
		printf("  %s", db_get_text(rows, db_rows_count(rows) - 1, 3));
	putchar('\n');
	return TRUE;
}

/* Keeps the private database up, so that commands in a row need not start it each time. */
static gboolean hold(struct app *app, GError **error)
{
	struct sigaction action = {.sa_handler = on_signal};
	sigset_t waited;
	sigset_t before;

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	if (!app_db(app, "worker", error))
		return FALSE;
	/* blocked until sigsuspend(), so that a signal in between is not missed */
	sigemptyset(&waited);
	sigaddset(&waited, SIGTERM);
	sigaddset(&waited, SIGINT);
	sigprocmask(SIG_BLOCK, &waited, &before);
	while (!ended)
		sigsuspend(&before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return TRUE;
}

/* psql with the office's connection; the database stays up until it ends. */
static gboolean shell(struct app *app, GError **error)
{
	const char *as = role ? role : "staff";
	g_autofree char *conninfo = NULL;
	g_autofree char *options = NULL;
	g_auto(GStrv) environment = NULL;
	int status = 0;

	if (!app_db(app, as, error))
		return FALSE;
	conninfo = office_conninfo(app->office, as, &options, error);
	if (!conninfo)
		return FALSE;
	environment = g_environ_setenv(g_get_environ(), "PGOPTIONS", options, TRUE);
	environment = g_environ_setenv(environment, "LANGUAGE",
				       strcmp(_("en"), "en") == 0 ? "en" : "zh_CN", TRUE);
	if (!g_spawn_sync(NULL,
			  (char *[]){(char *)"psql", conninfo, statement ? (char *)"-c" : NULL,
				     statement, NULL},
			  environment, G_SPAWN_SEARCH_PATH | G_SPAWN_CHILD_INHERITS_STDIN, NULL,
			  NULL, NULL, NULL, &status, error))
		return FALSE;
	if (status == 0)
		return TRUE;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT, _("psql ended with an error"));
	return FALSE;
}

gboolean cmd_db(struct app *app, int argc, char **argv, GError **error)
{
	if (!app_options(&argc, &argv, entries, "verify | shell | hold",
			 _("verify proves all seals and the ledger of mails; shell opens psql as "
			   "one of the office's "
			   "roles; hold keeps the private database running until ended by a "
			   "signal."),
			 error))
		return FALSE;
	if (argc == 2 && strcmp(argv[1], "verify") == 0)
		return verify(app, error);
	if (argc == 2 && strcmp(argv[1], "shell") == 0)
		return shell(app, error);
	if (argc == 2 && strcmp(argv[1], "hold") == 0)
		return hold(app, error);
	return app_usage(error, "db verify | shell [--role ROLE] [-c SQL] | hold");
}
