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
static volatile sig_atomic_t stages; /* their process; 0: none */

/* SIGUSR1 and SIGUSR2 are for the stages, which send: they pause that, and let it go on. */
static void on_signal(int number)
{
	if (number != SIGUSR1 && number != SIGUSR2)
		ended = 1;
	else if (stages)
		kill(stages, number);
}

/* The stages, in a process of their own. */
static gboolean start_stages(struct app *app, GError **error)
{
	g_autofree char *now = g_date_time_format_iso8601(app->now);
	g_autofree char *folder = g_strdup(office_folder(app->office));
	GPid pid = 0;

	if (!g_spawn_async(NULL,
			   (char *[]){(char *)"/proc/self/exe", (char *)"--office", folder,
				      (char *)"--now", now, (char *)"run", (char *)"--stay", NULL},
			   NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, error))
		return FALSE;
	stages = pid;
	return TRUE;
}

static void end_stages(void)
{
	GPid pid = stages;

	if (pid == 0)
		return;
	stages = 0; /* a signal for them has come too late */
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	g_spawn_close_pid(pid);
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

static void catch_and_block(int first, int second, sigset_t *before)
{
	struct sigaction action = {.sa_handler = on_signal};
	sigset_t both;

	sigemptyset(&both);
	sigaddset(&both, first);
	sigaddset(&both, second);
	pthread_sigmask(SIG_BLOCK, &both, before);
	sigaction(first, &action, NULL);
	sigaction(second, &action, NULL);
}

/* The stages are started before the signals are blocked that end, which they would inherit (those
 * that pause they block themselves), and the threads of the server after it, so that a signal
 * always wakes this one. */
static gboolean serve(struct app *app, struct web *web, GError **error)
{
	sigset_t open;
	gboolean good;

	catch_and_block(SIGUSR1, SIGUSR2, &open);
	if (!no_run && !start_stages(app, error))
		return FALSE;
	catch_and_block(SIGTERM, SIGINT, NULL);
	good = listen_until_ended(app, web, &open, error);
	pthread_sigmask(SIG_SETMASK, &open, NULL);
	end_stages();
	return good;
}

gboolean cmd_serve(struct app *app, int argc, char **argv, GError **error)
{
	struct web *web;
	gboolean good;

	if (!app_options(&argc, &argv, entries, "[--listen ADDRESS:PORT] [--no-run]",
			 _("Serves the pages for staff, departments, supervisors and enterprises, "
			   "and runs the stages beside; ends with SIGTERM or Ctrl-C. SIGUSR1 "
			   "pauses the sending of these stages, SIGUSR2 lets it go on."),
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
