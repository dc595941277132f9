#include "collector/cage.h"
#include "base/error.h"

#include <check.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define STOPPED 40 /* the exit code of a deed that failed, as it should */
#define DONE    41

/* What a deed says: the call's result and errno. */
static int stopped_if(long result)
{
	return result < 0 && (errno == EPERM || errno == EACCES || errno == EMFILE) ? STOPPED
										    : DONE;
}

static int open_socket(void)
{
	return stopped_if(socket(AF_INET, SOCK_STREAM, 0));
}

static int listening; /* a descriptor that the cage should have closed */

static int connect_database(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	g_strlcpy(address.sun_path, "/var/run/postgresql/.s.PGSQL.5432", sizeof address.sun_path);
	return stopped_if(connect(socket(AF_UNIX, SOCK_STREAM, 0),
				  (const struct sockaddr *)&address, sizeof address));
}

static int use_inherited_socket(void)
{
	char byte = 'x';

	/* not even the descriptor is there: the call is tried without a library */
	return write(listening, &byte, 1) < 0 && errno == EBADF ? STOPPED : DONE;
}

static int write_file(void)
{
	return stopped_if(open("/tmp/pingyi-out-of-the-cage", O_WRONLY | O_CREAT, 0600));
}

static int read_file(void)
{
	return stopped_if(open("/etc/passwd", O_RDONLY));
}

static int remove_file(void)
{
	return stopped_if(unlink("/etc/passwd-that-is-not-there"));
}

static int fork_process(void)
{
	return stopped_if(fork());
}

static int execute(void)
{
	char name[] = "true";
	char *const argv[] = {name, NULL};

	return stopped_if(execv("/bin/true", argv));
}

static int kill_parent(void)
{
	return stopped_if(kill(getppid(), SIGKILL));
}

static int trace_parent(void)
{
	return stopped_if(syscall(SYS_ptrace, 16 /* attach */, getppid(), 0, 0));
}

static int raise_limit(void)
{
	const struct rlimit_64 {
		guint64 now, max;
	} much = {G_MAXUINT64, G_MAXUINT64};

	return stopped_if(syscall(SYS_prlimit64, 0, 9 /* RLIMIT_AS */, &much, NULL));
}

static int make_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return stopped_if(mprotect(page, 4096, PROT_READ | PROT_EXEC));
}

#ifndef __SANITIZE_ADDRESS__
/* More than the limit, in pieces that are touched. */
static int take_memory(void)
{
	gsize piece = 64u << 20;

	for (guint mb = 0; mb <= CAGE_READER_MEMORY_MB; mb += 64) {
		char *memory = malloc(piece);

		if (!memory)
			return STOPPED;
		for (gsize i = 0; i < piece; i += 4096)
			*(volatile char *)(memory + i) = 1;
	}
	return DONE;
}
#endif

static const struct {
	const char *name;
	int (*deed)(void);
	gboolean deadly; /* the cage kills */
} deeds[] = {
    {"socket", open_socket, TRUE},
    {"database", connect_database, TRUE},
    {"inherited", use_inherited_socket, 0},
    {"write a file", write_file, FALSE},
    {"read a file", read_file, FALSE},
    {"remove a file", remove_file, FALSE},
    {"fork", fork_process, TRUE},
    {"execute", execute, TRUE},
    {"kill", kill_parent, TRUE},
    {"trace", trace_parent, TRUE},
    {"raise a limit", raise_limit, FALSE},
    {"make code", make_code, FALSE},
#ifndef __SANITIZE_ADDRESS__
    {"memory", take_memory, FALSE},
#endif
};

/* Does a deed in a process of its own, caged or not; returns its wait status. */
static int done(int (*deed)(void), gboolean caged)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(!caged || cage_close(NULL) ? deed() : 1);
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

START_TEST(stops_every_deed)
{
	int status;

	listening = open("/dev/null", O_WRONLY);
	ck_assert_int_gt(listening, STDERR_FILENO);
	status = done(deeds[_i].deed, TRUE);
	if (deeds[_i].deadly)
		ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "%s: %d",
			      deeds[_i].name, status);
	else
		ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == STOPPED, "%s: %d",
			      deeds[_i].name, status);
}
END_TEST

/* The deeds are real ones: outside a cage they are done. */
START_TEST(outside_they_are_done)
{
	int (*const open_ones[])(void) = {open_socket, use_inherited_socket, read_file, make_code};

	listening = open("/dev/null", O_WRONLY);
	for (gsize i = 0; i < G_N_ELEMENTS(open_ones); i++) {
		int status = done(open_ones[i], FALSE);

		ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == DONE);
	}
}
END_TEST

static int compute(void)
{
	g_autofree char *much = g_malloc0(1u << 20);

	for (volatile int i = 0; i < 1000; i++)
		much[i] = (char)i;
	return write(STDOUT_FILENO, "", 0) == 0 ? DONE : STOPPED;
}

START_TEST(lets_compute)
{
	int status = done(compute, TRUE);

	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == DONE);
}
END_TEST

static int spin(void)
{
	for (volatile guint64 i = 0; i < G_MAXUINT64; i++)
		;
	return DONE;
}

/* A limit that was lower before stays; the signal says which limit it was. */
START_TEST(ends_what_computes_without_end)
{
	struct rlimit second = {1, RLIM_INFINITY};
	int status;

	ck_assert_int_eq(setrlimit(RLIMIT_CPU, &second), 0);
	status = done(spin, TRUE);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU);
}
END_TEST

/* Becomes `argv` in the second cage; what it says comes back, with its wait status. */
static char *executed(char *const *argv, int *status_out)
{
	g_autofree char *said = g_malloc0(4096);
	int out[2];
	pid_t pid;

	ck_assert_int_eq(pipe(out), 0);
	pid = fork();
	if (pid == 0) {
		dup2(out[1], STDOUT_FILENO);
		cage_exec(argv[0], argv, NULL);
		_exit(1);
	}
	close(out[1]);
	for (gsize at = 0, n = 1; n > 0 && at < 4095; at += n) {
		ssize_t got = read(out[0], said + at, 4095 - at);

		n = got > 0 ? (gsize)got : 0;
	}
	close(out[0]);
	ck_assert_int_eq(waitpid(pid, status_out, 0), pid);
	return g_steal_pointer(&said);
}

static gboolean has_landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, 1 /* its version */) > 0;
}

/* A shell stands for a program that an attacker has taken over. */
START_TEST(a_program_executes_nothing_else)
{
	static const struct {
		const char *script;
		gboolean deadly;
	} scripts[] = {
	    {"exec /bin/true", TRUE},
	    {"exec /lib64/ld-linux-x86-64.so.2 /bin/true", TRUE},
	    {"/bin/true; echo out", TRUE},
	    {"(echo out) & wait", TRUE},
	    {"echo x >/tmp/pingyi-out-of-the-cage || exit 2; echo out", FALSE},
	    {"read -r line </etc/passwd || exit 2; echo out", FALSE},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(scripts); i++) {
		char shell[] = "/bin/dash", option[] = "-c";
		g_autofree char *script = g_strdup(scripts[i].script);
		char *argv[] = {shell, option, script, NULL};
		int status = 0;
		g_autofree char *said = NULL;

		if (strstr(script, "passwd") && !has_landlock()) {
			puts("SKIP reading files in the second cage: no Landlock here");
			continue;
		}
		said = executed(argv, &status);
		ck_assert_msg(!strstr(said, "out"), "%s", script);
		ck_assert_msg(scripts[i].deadly ? WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS
						: WIFEXITED(status) && WEXITSTATUS(status) == 2,
			      "%s: %d", script, status);
	}
}
END_TEST

START_TEST(a_program_runs)
{
	char shell[] = "/bin/dash", option[] = "-c", script[] = "echo in";
	char *argv[] = {shell, option, script, NULL};
	int status = 0;
	g_autofree char *said = executed(argv, &status);

	ck_assert_str_eq(said, "in\n");
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cage");
	TCase *tc = tcase_create("cage");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, stops_every_deed, 0, (int)G_N_ELEMENTS(deeds));
	tcase_add_test(tc, outside_they_are_done);
	tcase_add_test(tc, lets_compute);
	tcase_add_test(tc, ends_what_computes_without_end);
	tcase_add_test(tc, a_program_runs);
	tcase_add_test(tc, a_program_executes_nothing_else);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
