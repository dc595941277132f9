#include "collector/child.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a child needs of our environment. A sanitizer must not look for leaks in a cage: it would
 * start a process for that. */
static char **bare_environment(void)
{
	static const char *const kept[] = {"LANG",        "LANGUAGE", "LC_ALL",       "LC_MESSAGES",
					   "PINGYI_LANG", "TZ",       "UBSAN_OPTIONS"};
	const char *options = g_getenv("ASAN_OPTIONS");
	GStrvBuilder *builder = g_strv_builder_new();
	g_autofree char *no_leaks =
	    g_strdup_printf("ASAN_OPTIONS=%s:detect_leaks=0", options ? options : "");
	char **environment;

	for (gsize i = 0; i < G_N_ELEMENTS(kept); i++) {
		const char *value = g_getenv(kept[i]);
		g_autofree char *entry = value ? g_strconcat(kept[i], "=", value, NULL) : NULL;

		if (entry)
			g_strv_builder_add(builder, entry);
	}
	g_strv_builder_add(builder, no_leaks);
	environment = g_strv_builder_end(builder);
	g_strv_builder_unref(builder);
	return environment;
}

int child_start(const char *program, char *const *argv, int in, int out, GError **error)
{
	g_auto(GStrv) environment = bare_environment();
	posix_spawn_file_actions_t actions;
	pid_t pid = 0;
	int failed;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	failed = posix_spawn(&pid, program ? program : "/proc/self/exe", &actions, NULL, argv,
			     environment);
	posix_spawn_file_actions_destroy(&actions);
	if (failed == 0)
		return pid;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
		    _("cannot start the process that reads messages: %s"), g_strerror(failed));
	return 0;
}

int child_start_piped(const char *program, char *const *argv, int in, int *from_out, GError **error)
{
	int out[2], pid;

	if (pipe2(out, O_CLOEXEC) < 0) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
			    _("cannot start the process that reads messages: %s"),
			    g_strerror(errno));
		close(in);
		return 0;
	}
	pid = child_start(program, argv, in, out[1], error);
	close(in);
	close(out[1]);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	if (pid > 0)
		*from_out = out[0];
	else
		close(out[0]);
	return pid;
}

/* Whether it ends by itself before the deadline. */
static gboolean ends(int pid, gint64 deadline)
{
	struct pollfd ended = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
	gboolean does = FALSE;

	while (ended.fd >= 0 && !does) {
		gint64 left = (deadline - g_get_monotonic_time()) / 1000;

		if (left <= 0)
			break;
		does = poll(&ended, 1, (int)MIN(left, G_MAXINT)) > 0;
	}
	if (ended.fd >= 0)
		close(ended.fd);
	return does;
}

int child_end(int pid, gint64 deadline)
{
	int status = 0;

	if (!ends(pid, deadline))
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

char *child_death(int status, guint memory_mb, guint cpu_s)
{
	if (!WIFSIGNALED(status))
		return g_strdup_printf(_("exit code %d"), WEXITSTATUS(status));
	switch (WTERMSIG(status)) {
	case SIGSYS:
		return g_strdup(_("it tried what the cage forbids"));
	case SIGXCPU:
		return g_strdup_printf(_("it took more than %u s of computing"), cpu_s);
	/* how GLib and C++ end when they get no memory */
	case SIGTRAP:
	case SIGABRT:
		return g_strdup_printf(_("it needed more than %u MB of memory, or gave up"),
				       memory_mb);
	default:
		return g_strdup_printf(_("signal %d"), WTERMSIG(status));
	}
}
