#include "collector/reader.h"

#include "base/charset.h"
#include "base/error.h"
#include "collector/read.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define ATTEMPTS 2 /* processes that one message may break */

struct reader {
	char *program;
	guint timeout_ms;
	pid_t pid; /* 0 when none runs */
	int to;    /* its standard input */
	int from;  /* its standard output */
};

struct reader *reader_start(const char *program, guint timeout_ms)
{
	struct reader *reader = g_new0(struct reader, 1);

	reader->program = g_strdup(program ? program : "/proc/self/exe");
	reader->timeout_ms = timeout_ms ? timeout_ms : READER_TIMEOUT_MS;
	reader->to = reader->from = -1;
	return reader;
}

int reader_pid(const struct reader *reader)
{
	return reader->pid;
}

/* Ends the process; returns its wait status. */
static int reader_stop(struct reader *reader, gboolean kill_it)
{
	int status = 0;

	if (reader->to >= 0)
		close(reader->to);
	if (reader->from >= 0)
		close(reader->from);
	reader->to = reader->from = -1;
	if (reader->pid > 0) {
		if (kill_it)
			kill(reader->pid, SIGKILL);
		while (waitpid(reader->pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	reader->pid = 0;
	return status;
}

void reader_free(struct reader *reader)
{
	if (!reader)
		return;
	reader_stop(reader, TRUE);
	g_free(reader->program);
	g_free(reader);
}

static gboolean spawn(struct reader *reader, GError **error)
{
	char name[] = "pingyi", command[] = "reader";
	char *argv[] = {name, command, NULL};
	posix_spawn_file_actions_t actions;
	int in[2], out[2], failed;

	if (pipe2(in, O_CLOEXEC) < 0) {
		failed = errno;
		goto broken;
	}
	if (pipe2(out, O_CLOEXEC) < 0) {
		failed = errno;
		close(in[0]);
		close(in[1]);
		goto broken;
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	failed = posix_spawn(&reader->pid, reader->program, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(in[0]);
	close(out[1]);
	if (failed == 0) {
		reader->to = in[1];
		reader->from = out[0];
		fcntl(reader->to, F_SETFL, O_NONBLOCK);
		fcntl(reader->from, F_SETFL, O_NONBLOCK);
		return TRUE;
	}
	reader->pid = 0;
	close(in[1]);
	close(out[0]);
broken:
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
		    _("cannot start the process that reads messages: %s"), g_strerror(failed));
	return FALSE;
}

/* Starts a process when none runs, or the one that ran has died meanwhile. */
static gboolean ensure(struct reader *reader, GError **error)
{
	int status;

	if (reader->pid > 0 && waitpid(reader->pid, &status, WNOHANG) == reader->pid) {
		reader->pid = 0;
		reader_stop(reader, FALSE);
	}
	return reader->pid > 0 || spawn(reader, error);
}

enum passed { PASSED, BROKEN, LATE };

/* Waits until `fd` is ready or the deadline (g_get_monotonic_time) has come. */
static enum passed wait_for(int fd, short events, gint64 deadline)
{
	for (;;) {
		struct pollfd ready = {.fd = fd, .events = events};
		gint64 left = (deadline - g_get_monotonic_time()) / 1000;
		int n;

		if (left <= 0)
			return LATE;
		n = poll(&ready, 1, (int)MIN(left, G_MAXINT));
		if (n > 0)
			return PASSED;
		if (n < 0 && errno != EINTR)
			return BROKEN;
	}
}

static enum passed put(int fd, const void *bytes, gsize size, gint64 deadline)
{
	const char *at = bytes;

	while (size > 0) {
		ssize_t n = write(fd, at, size);

		if (n > 0) {
			at += n;
			size -= (gsize)n;
		} else if (n < 0 && errno == EAGAIN) {
			enum passed passed = wait_for(fd, POLLOUT, deadline);

			if (passed != PASSED)
				return passed;
		} else if (n == 0 || errno != EINTR) {
			return BROKEN;
		}
	}
	return PASSED;
}

static enum passed get(int fd, void *bytes, gsize size, gint64 deadline)
{
	char *at = bytes;

	while (size > 0) {
		ssize_t n = read(fd, at, size);

		if (n > 0) {
			at += n;
			size -= (gsize)n;
		} else if (n < 0 && errno == EAGAIN) {
			enum passed passed = wait_for(fd, POLLIN, deadline);

			if (passed != PASSED)
				return passed;
		} else if (n == 0 || errno != EINTR) {
			return BROKEN;
		}
	}
	return PASSED;
}

/* One message to the process and its answer back, of at most READING_JSON_MAX bytes. */
static enum passed exchange(struct reader *reader, GBytes *raw, char **answer_out, gsize *size_out)
{
	gint64 deadline = g_get_monotonic_time() + (gint64)reader->timeout_ms * 1000;
	gsize size;
	const void *bytes = g_bytes_get_data(raw, &size);
	guint32 length = (guint32)size;
	g_autofree char *answer = NULL;
	enum passed passed;

	passed = put(reader->to, &length, sizeof length, deadline);
	if (passed == PASSED)
		passed = put(reader->to, bytes, size, deadline);
	if (passed == PASSED)
		passed = get(reader->from, &length, sizeof length, deadline);
	if (passed != PASSED)
		return passed;
	if (length < 1 || length > READING_JSON_MAX + 1)
		return BROKEN;
	answer = g_malloc(length + 1);
	passed = get(reader->from, answer, length, deadline);
	if (passed != PASSED)
		return passed;
	answer[length] = '\0';
	*size_out = length;
	*answer_out = g_steal_pointer(&answer);
	return PASSED;
}

/* What came over the border is untrusted: length, UTF-8, JSON. */
static gboolean answer_check(const char *answer, gsize size, char **json_out, GError **error)
{
	g_autoptr(JsonParser) parser = NULL;

	if (strlen(answer) != size || !g_utf8_validate(answer, (gssize)size, NULL) ||
	    (*answer != 'R' && *answer != 'E')) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
			    _("the process that reads messages gave back no record"));
		return FALSE;
	}
	if (*answer == 'E') {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, "%s", answer + 1);
		return FALSE;
	}
	parser = json_parser_new_immutable();
	if (!json_parser_load_from_data(parser, answer + 1, (gssize)size - 1, NULL) ||
	    !JSON_NODE_HOLDS_OBJECT(json_parser_get_root(parser))) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
			    _("the process that reads messages gave back no record"));
		return FALSE;
	}
	*json_out = g_strdup(answer + 1);
	return TRUE;
}

static void set_death(GError **error, int status)
{
	if (WIFSIGNALED(status))
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
			    _("the message broke the process that read it (signal %d)"),
			    WTERMSIG(status));
	else
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
			    _("the message broke the process that read it (exit code %d)"),
			    WEXITSTATUS(status));
}

gboolean reader_read(struct reader *reader, GBytes *raw, char **json_out, GError **error)
{
	g_autofree char *answer = NULL;
	gsize size = 0;
	int status = 0;

	if (g_bytes_get_size(raw) > MIME_MESSAGE_MAX) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("the message has %" G_GSIZE_FORMAT " bytes, more than %u"),
			    g_bytes_get_size(raw), MIME_MESSAGE_MAX);
		return FALSE;
	}
	/* A process may also die for a reason that is not the message's: it gets a second one. */
	for (guint i = 0; i < ATTEMPTS; i++) {
		if (!ensure(reader, error))
			return FALSE;
		switch (exchange(reader, raw, &answer, &size)) {
		case PASSED:
			return answer_check(answer, size, json_out, error);
		case LATE:
			reader_stop(reader, TRUE);
			g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
				    _("reading the message took longer than %u s"),
				    reader->timeout_ms / 1000);
			return FALSE;
		case BROKEN:
			status = reader_stop(reader, TRUE);
			break;
		}
	}
	set_death(error, status);
	return FALSE;
}

/* --- the other side ------------------------------------------------------------------------- */

static gboolean answer(int out, char kind, const char *text)
{
	gsize size = strlen(text) + 1;
	guint32 length;

	if (size > READING_JSON_MAX) {
		kind = 'E';
		text = _("the message's record is too large");
		size = strlen(text) + 1;
	}
	length = (guint32)size;
	return put(out, &length, sizeof length, G_MAXINT64) == PASSED &&
	       put(out, &kind, 1, G_MAXINT64) == PASSED &&
	       put(out, text, size - 1, G_MAXINT64) == PASSED;
}

static gboolean serve_one(int out, GBytes *raw)
{
	g_autoptr(GError) problem = NULL;
	struct reading *reading = read_message(raw, NULL, &problem);
	g_autofree char *line = reading ? reading_to_line(reading) : NULL;

	reading_free(reading);
	return line ? answer(out, 'R', line) : answer(out, 'E', problem->message);
}

gboolean reader_serve(int in, int out, GError **error)
{
	const struct rlimit no_core = {0, 0};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &no_core);
	charset_preload();
	for (;;) {
		g_autoptr(GBytes) raw = NULL;
		g_autofree char *bytes = NULL;
		guint32 length;
		ssize_t first;

		do
			first = read(in, &length, 1);
		while (first < 0 && errno == EINTR);
		if (first == 0)
			return TRUE;
		if (first < 0 ||
		    get(in, (char *)&length + 1, sizeof length - 1, G_MAXINT64) != PASSED ||
		    length > MIME_MESSAGE_MAX)
			break;
		bytes = g_malloc(length + 1u);
		if (get(in, bytes, length, G_MAXINT64) != PASSED)
			break;
		raw = g_bytes_new_take(g_steal_pointer(&bytes), length);
		if (!serve_one(out, raw))
			break;
	}
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_BUG, _("reader: a pipe broke"));
	return FALSE;
}
