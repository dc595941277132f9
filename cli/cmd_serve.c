#include "cli/command.h"

#include "base/error.h"
#include "web/web.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 4

static char *listen_on;
static gboolean no_run;

static const GOptionEntry entries[] = {{"listen", 0, 0, G_OPTION_ARG_STRING, &listen_on,
					N_("instead of [web] listen"), "ADDRESS:PORT"},
				       {"no-run", 0, 0, G_OPTION_ARG_NONE, &no_run,
					N_("pages only: another process runs the stages"), NULL},
				       G_OPTION_ENTRY_NULL};

static volatile sig_atomic_t ended;

static void on_signal(int signal_number)
{
	(void)signal_number;
	ended = 1;
}

/* The stages, in a process of their own. */
static gboolean start_stages(struct app *app, GPid *pid_out, GError **error)
{
	g_autofree char *now = g_date_time_format_iso8601(app->now);
	g_autofree char *folder = g_strdup(office_folder(app->office));

	return g_spawn_async(NULL,
			     (char *[]){(char *)"/proc/self/exe", (char *)"--office", folder,
					(char *)"--now", now, (char *)"run", (char *)"--stay",
					NULL},
			     NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, pid_out, error);
}

/* Waits for a signal that all threads but this one leave blocked. */
static void wait_for_end(const sigset_t *open)
{
	while (!ended)
		sigsuspend(open);
}

static gboolean listen_until_ended(struct app *app, struct web *web, const sigset_t *open,
				   GError **error)
{
	const char *where =
	    listen_on ? listen_on : office_setting(app->office, "web", "listen", "127.0.0.1:8080");
	struct http *http = http_start(where, web_handle, web, THREADS, error);

	if (!http)
		return FALSE;
	printf("http://%.*s:%u/\n", (int)(strrchr(where, ':') - where), where, http_port(http));
	fflush(stdout);
	wait_for_end(open);
	http_stop(http);
	return TRUE;
}

/* The stages are started before the signals are blocked, which they would inherit, and the threads
 * of the server after it, so that a signal always wakes this one. */
static gboolean serve(struct app *app, struct web *web, GError **error)
{
	struct sigaction action = {.sa_handler = on_signal};
	GPid stages = 0;
	sigset_t waited;
	sigset_t open;
	gboolean good;

	if (!no_run && !start_stages(app, &stages, error))
		return FALSE;
	sigemptyset(&waited);
	sigaddset(&waited, SIGTERM);
	sigaddset(&waited, SIGINT);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	pthread_sigmask(SIG_BLOCK, &waited, &open);
	good = listen_until_ended(app, web, &open, error);
	pthread_sigmask(SIG_SETMASK, &open, NULL);
	if (stages) {
		kill(stages, SIGTERM);
		waitpid(stages, NULL, 0);
		g_spawn_close_pid(stages);
	}
	return good;
}

gboolean cmd_serve(struct app *app, int argc, char **argv, GError **error)
{
	struct web *web;
	gboolean good;

	if (!app_options(&argc, &argv, entries, "",
			 _("Serves the pages for staff, departments, supervisors and enterprises, "
			   "and runs the stages beside; ends with SIGTERM or Ctrl-C."),
			 error))
		return FALSE;
	if (argc != 1)
		return app_usage(error, "serve [--listen ADDRESS:PORT] [--no-run]");
	/* also finds out now whether the database can be had */
	if (!app_db(app, "web", error))
		return FALSE;
	web = web_new(app->office, app->now, error);
	good = web && serve(app, web, error);
	web_free(web);
	return good;
}
