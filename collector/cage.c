#include "collector/cage.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* The path of cage_exec(): below it and up to LOW_END nothing can be mapped afterwards. */
#define LOW_PAGE  0x100000ul
#define LOW_SIZE  0x10000ul
#define LOW_END   0x200000ul
#define FILES_MAX 16 /* descriptors of a program that reads its data files */

static gboolean refuse(GError **error, const char *part, int why)
{
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
		    _("the cage around reading cannot be closed (%s): %s"), part, g_strerror(why));
	return FALSE;
}

/* --- limits --------------------------------------------------------------------------------- */

/* A lower limit that is there already stays. */
static gboolean limit(int resource, rlim_t most, GError **error)
{
	struct rlimit now;

	if (getrlimit((__rlimit_resource_t)resource, &now) != 0)
		return refuse(error, "getrlimit", errno);
	now.rlim_cur = MIN(most, now.rlim_cur);
	/* a second more: at the hard limit the signal would be SIGKILL, which says nothing */
	now.rlim_max = MIN(now.rlim_cur + (resource == RLIMIT_CPU ? 1 : 0), now.rlim_max);
	return setrlimit((__rlimit_resource_t)resource, &now) == 0 ||
	       refuse(error, "setrlimit", errno);
}

static gboolean limits(guint memory_mb, guint cpu_s, guint files, GError **error)
{
	signal(SIGXFSZ,
	       SIG_IGN); /* standard error may be a file: what is said there fails, no more */
	return limit(RLIMIT_CORE, 0, error) && limit(RLIMIT_FSIZE, 0, error) &&
	       limit(RLIMIT_NPROC, 0, error) && limit(RLIMIT_NOFILE, files, error) &&
	       limit(RLIMIT_CPU, cpu_s, error) &&
	       (SANITIZED || limit(RLIMIT_AS, (rlim_t)memory_mb << 20, error));
}

/* Standard error is a way out, and what a library says there may be a stranger's words. */
static gboolean close_files(GError **error)
{
	int null = SANITIZED ? -1 : open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (!SANITIZED && (null < 0 || dup2(null, STDERR_FILENO) < 0))
		return refuse(error, "/dev/null", errno);
	return close_range(STDERR_FILENO + 1, ~0u, 0) == 0 || refuse(error, "close_range", errno);
}

/* Also root has no more power than anybody: limits stay where they are. */
static gboolean drop_power(GError **error)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return refuse(error, "no_new_privs", errno);
	return syscall(SYS_capset, &head, none) == 0 || refuse(error, "capset", errno);
}

/* --- Landlock ------------------------------------------------------------------------------- */

/* struct landlock_ruleset_attr as kernels since 6.12 have it. */
struct ruleset {
	guint64 files;
	guint64 network;
	guint64 scoped;
};

#define FILES_FIRST 0x1fffull /* what the first version knows */
#define FILES_REFER 0x2000ull
#define FILES_CUT   0x4000ull
#define FILES_IOCTL 0x8000ull
#define NETWORK_TCP 0x3ull /* bind, connect */
#define SCOPED_BOTH 0x3ull /* abstract sockets, signals */
#define MAY_READ    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define MAY_EXECUTE (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE)

/* A ruleset that allows nothing yet; -1 where the kernel has no Landlock. */
static gboolean landlock_open(int *rules_out, GError **error)
{
	struct ruleset rules = {.files = FILES_FIRST};
	long version =
	    syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	gsize size = version >= 6 ? 24 : version >= 4 ? 16 : 8;

	*rules_out = -1;
	if (version < 1)
		return TRUE;
	rules.files |= version >= 2 ? FILES_REFER : 0;
	rules.files |= version >= 3 ? FILES_CUT : 0;
	rules.files |= version >= 5 ? FILES_IOCTL : 0;
	rules.network = NETWORK_TCP;
	rules.scoped = SCOPED_BOTH;
	*rules_out = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
	return *rules_out >= 0 || refuse(error, "Landlock", errno);
}

/* A path that is not there needs no rule. */
static void landlock_allow(int rules, const char *path, guint64 access)
{
	struct landlock_path_beneath_attr beneath = {.allowed_access = access};

	beneath.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (beneath.parent_fd < 0)
		return;
	syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
	close(beneath.parent_fd);
}

static gboolean landlock_close(int rules, GError **error)
{
	gboolean good;

	if (rules < 0)
		return TRUE;
	good =
	    syscall(SYS_landlock_restrict_self, rules, 0) == 0 || refuse(error, "Landlock", errno);
	close(rules);
	return good;
}

/* --- seccomp -------------------------------------------------------------------------------- */

/* What computing, and reading and writing open descriptors, need. */
static const int plain_calls[] = {SCMP_SYS(read),
				  SCMP_SYS(write),
				  SCMP_SYS(readv),
				  SCMP_SYS(writev),
				  SCMP_SYS(close),
				  SCMP_SYS(lseek),
				  SCMP_SYS(fstat),
				  SCMP_SYS(poll),
				  SCMP_SYS(ppoll),
				  SCMP_SYS(brk),
				  SCMP_SYS(munmap),
				  SCMP_SYS(madvise),
				  SCMP_SYS(futex),
				  SCMP_SYS(rt_sigreturn),
				  SCMP_SYS(rt_sigprocmask),
				  SCMP_SYS(rt_sigaction),
				  SCMP_SYS(sigaltstack),
				  SCMP_SYS(clock_gettime),
				  SCMP_SYS(gettimeofday),
				  SCMP_SYS(time),
				  SCMP_SYS(getpid),
				  SCMP_SYS(gettid),
				  SCMP_SYS(exit),
				  SCMP_SYS(exit_group),
				  SCMP_SYS(restart_syscall),
				  SCMP_SYS(getrandom),
				  SCMP_SYS(sched_yield),
				  SCMP_SYS(sysinfo),
				  SCMP_SYS(getrusage)};

/* Whoever tries these is no reader any more. */
static const int deadly_calls[] = {SCMP_SYS(socket),
				   SCMP_SYS(socketpair),
				   SCMP_SYS(connect),
				   SCMP_SYS(bind),
				   SCMP_SYS(sendto),
				   SCMP_SYS(sendmsg),
				   SCMP_SYS(execveat),
				   SCMP_SYS(fork),
				   SCMP_SYS(vfork),
				   SCMP_SYS(clone),
				   SCMP_SYS(clone3),
				   SCMP_SYS(ptrace),
				   SCMP_SYS(process_vm_readv),
				   SCMP_SYS(process_vm_writev),
				   SCMP_SYS(pidfd_open),
				   SCMP_SYS(kill),
				   SCMP_SYS(mount),
				   SCMP_SYS(unshare),
				   SCMP_SYS(setns),
				   SCMP_SYS(chroot),
				   SCMP_SYS(bpf),
				   SCMP_SYS(perf_event_open),
				   SCMP_SYS(io_uring_setup),
				   SCMP_SYS(userfaultfd),
				   SCMP_SYS(keyctl),
				   SCMP_SYS(add_key),
				   SCMP_SYS(init_module),
				   SCMP_SYS(finit_module)};

/* What a program needs besides to start, and to read files. */
static const int file_calls[] = {SCMP_SYS(newfstatat),
				 SCMP_SYS(stat),
				 SCMP_SYS(lstat),
				 SCMP_SYS(access),
				 SCMP_SYS(faccessat),
				 SCMP_SYS(faccessat2),
				 SCMP_SYS(readlink),
				 SCMP_SYS(readlinkat),
				 SCMP_SYS(getdents64),
				 SCMP_SYS(pread64),
				 SCMP_SYS(fadvise64),
				 SCMP_SYS(arch_prctl),
				 SCMP_SYS(set_tid_address),
				 SCMP_SYS(set_robust_list),
				 SCMP_SYS(rseq),
				 SCMP_SYS(uname)};

/* A sanitizer looks at its own memory map. */
static const int sanitizer_calls[] = {SCMP_SYS(sched_getaffinity), SCMP_SYS(readlink),
				      SCMP_SYS(getppid)};

static int allow_all(scmp_filter_ctx filter, const int *calls, gsize n)
{
	int failed = 0;

	for (gsize i = 0; i < n && failed == 0; i++)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return failed;
}

static scmp_filter_ctx filter_new(int *failed_out)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int failed = filter ? allow_all(filter, plain_calls, G_N_ELEMENTS(plain_calls)) : -ENOMEM;

	for (gsize i = 0; failed == 0 && i < G_N_ELEMENTS(deadly_calls); i++)
		failed = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, deadly_calls[i], 0);
	if (failed == 0 && SANITIZED)
		failed = allow_all(filter, sanitizer_calls, G_N_ELEMENTS(sanitizer_calls));
	/* abort() raises a signal, but in this process only */
	if (failed == 0)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
					  SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
	*failed_out = failed;
	return filter;
}

/* Memory for data, never for code. */
static int reader_rules(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp no_code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	int failed = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(execve), 0);

	if (failed == 0)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, no_code);
	if (failed == 0)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_code);
	return failed ? failed : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mremap), 0);
}

/* Opening for reading; mapping anywhere but at the path's old place; asking for a limit. */
static int program_rules(scmp_filter_ctx filter)
{
	const scmp_datum_t writing = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;
	int failed = allow_all(filter, file_calls, G_N_ELEMENTS(file_calls));

	if (failed == 0)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
					  SCMP_A2(SCMP_CMP_MASKED_EQ, writing, O_RDONLY));
	if (failed == 0)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(open), 1,
					  SCMP_A1(SCMP_CMP_MASKED_EQ, writing, O_RDONLY));
	if (failed == 0)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 2,
					  SCMP_A0(SCMP_CMP_EQ, 0), SCMP_A2(SCMP_CMP_EQ, 0));
	if (failed == 0)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
					  SCMP_A0(SCMP_CMP_EQ, 0),
					  SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_FIXED, 0));
	if (failed == 0)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
					  SCMP_A0(SCMP_CMP_GE, LOW_END));
	if (failed == 0)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 0);
	if (failed == 0)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mremap), 1,
					  SCMP_A3(SCMP_CMP_MASKED_EQ, MREMAP_FIXED, 0));
	if (failed == 0)
		failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(execve), 1,
					  SCMP_A0(SCMP_CMP_EQ, LOW_PAGE));
	/* every other path: one rule a side, since an allow-list knows no "else" beside a kill */
	if (failed == 0)
		failed = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(execve), 1,
					  SCMP_A0(SCMP_CMP_GT, LOW_PAGE));
	return failed ? failed
		      : seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(execve), 1,
					 SCMP_A0(SCMP_CMP_LT, LOW_PAGE));
}

static gboolean filter_load(int (*rules)(scmp_filter_ctx), GError **error)
{
	int failed = 0;
	scmp_filter_ctx filter = filter_new(&failed);

	if (failed == 0)
		failed = rules(filter);
	if (failed == 0)
		failed = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	return failed == 0 || refuse(error, "seccomp", -failed);
}

/* --- the two cages -------------------------------------------------------------------------- */

gboolean cage_close(GError **error)
{
	return cage_close_around(0, error);
}

gboolean cage_close_around(gsize mapped, GError **error)
{
	guint memory_mb = CAGE_READER_MEMORY_MB + (guint)MIN(mapped >> 20, G_MAXUINT / 2);
	int rules = -1;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return close_files(error) && drop_power(error) && landlock_open(&rules, error) &&
	       landlock_close(rules, error) &&
	       limits(memory_mb, CAGE_READER_CPU_S, STDERR_FILENO + 1, error) &&
	       filter_load(reader_rules, error);
}

/* What pdftotext reads: itself, the loader, libraries, fonts, tables of characters. */
static gboolean landlock_program(const char *program, GError **error)
{
	static const char *const folders[] = {"/lib",
					      "/usr/lib",
					      "/lib64",
					      "/usr/share/poppler",
					      "/usr/share/fonts",
					      "/usr/share/fontconfig",
					      "/etc/fonts",
					      "/var/cache/fontconfig"};
	static const char *const loaders[] = {"/lib64/ld-linux-x86-64.so.2",
					      "/lib/ld-linux-aarch64.so.1"};
	int rules = -1;

	if (!landlock_open(&rules, error))
		return FALSE;
	if (rules < 0)
		return TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(folders); i++)
		landlock_allow(rules, folders[i], MAY_READ);
	for (gsize i = 0; i < G_N_ELEMENTS(loaders); i++)
		landlock_allow(rules, loaders[i], MAY_EXECUTE);
	landlock_allow(rules, "/etc/ld.so.cache", LANDLOCK_ACCESS_FS_READ_FILE);
	landlock_allow(rules, program, MAY_EXECUTE);
	return landlock_close(rules, error);
}

gboolean cage_exec(const char *program, char *const *argv, GError **error)
{
	char *const environment[] = {NULL};
	char *path = mmap((gpointer)LOW_PAGE, LOW_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (path == MAP_FAILED)
		return refuse(error, "mmap", errno);
	if (g_strlcpy(path, program, LOW_SIZE) >= LOW_SIZE)
		return refuse(error, "execve", ENAMETOOLONG);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!close_files(error) || !drop_power(error) || !landlock_program(program, error) ||
	    !limits(CAGE_PDF_MEMORY_MB, CAGE_PDF_CPU_S, FILES_MAX, error) ||
	    !filter_load(program_rules, error))
		return FALSE;
	syscall(SYS_execve, path, argv, environment);
	return refuse(error, "execve", errno);
}
