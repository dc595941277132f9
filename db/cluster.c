#include "db/cluster.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ADMIN          "pingyi_admin"
#define DATABASE       "pingyi"
#define SERVER_USER    "postgres" /* comes with Debian's package */
#define STATE_FOLDER   "/var/lib/pingyi"
#define MIN_VERSION    15
#define START_LIMIT_MS 60000
#define STOP_LIMIT_MS  60000
#define POLL_MS        20
#define LOG_LIMIT      (4 << 20) /* bytes; a longer log is begun anew */

struct cluster {
	char *folder;
	char *data;
	char *socket;
	char *run_as; /* NULL: as ourselves */
	int lock;
	int users;
};

static gboolean fail_errno(GError **error, const char *what)
{
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY, "%s: %s", what, g_strerror(errno));
	return FALSE;
}

/* The newest PostgreSQL's bin folder. Returns: (transfer full) */
static char *find_bin(GError **error)
{
	g_autoptr(GDir) dir = g_dir_open("/usr/lib/postgresql", 0, NULL);
	const char *name;
	gint64 best = 0;

	while (dir && (name = g_dir_read_name(dir)) != NULL)
		best = MAX(best, g_ascii_strtoll(name, NULL, 10));
	if (best >= MIN_VERSION)
		return g_strdup_printf("/usr/lib/postgresql/%" G_GINT64_FORMAT "/bin", best);
	g_set_error(
	    error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
	    _("PostgreSQL %d or newer is not installed (Debian: postgresql-15), and [database] url "
	      "names no server"),
	    MIN_VERSION);
	return NULL;
}

/* In the child: become the server's user and leave everything of ours behind. */
static void become(const char *run_as, const char *folder, int out)
{
	const struct passwd *user = run_as ? getpwnam(run_as) : NULL;
	int null = open("/dev/null", O_RDWR);

	if (run_as && (!user || initgroups(run_as, user->pw_gid) != 0 ||
		       setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0))
		_exit(126);
	if (chdir(folder) != 0)
		_exit(126);
	dup2(null, 0);
	dup2(out >= 0 ? out : null, 1);
	dup2(out >= 0 ? out : null, 2);
	close_range(3, ~0U, 0);
	for (const char *const *name =
		 (const char *const[]){"PGDATA", "PGHOST", "PGPORT", "PGUSER", "PGDATABASE",
				       "PGOPTIONS", "PGSERVICE", "LANGUAGE", NULL};
	     *name; name++)
		unsetenv(*name);
	setenv("LC_ALL", "C.UTF-8", 1);
	umask(077);
}

static gboolean may_enter(const char *run_as, const char *folder)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		become(run_as, "/", -1);
		_exit(access(folder, X_OK) == 0 ? 0 : 1);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

/* Makes a folder of mode 0700 for the server's user. */
static gboolean make_folder(const char *path, const char *run_as, GError **error)
{
	const struct passwd *user = run_as ? getpwnam(run_as) : NULL;

	if (g_mkdir(path, 0700) != 0 && errno != EEXIST)
		return fail_errno(error, path);
	if (user && chown(path, user->pw_uid, user->pw_gid) != 0)
		return fail_errno(error, path);
	return TRUE;
}

/* Whether the socket's folder is ours alone: in /tmp anybody could have made one of its name. */
static gboolean is_ours(const char *path, const char *run_as)
{
	const struct passwd *user = run_as ? getpwnam(run_as) : NULL;
	uid_t owner = user ? user->pw_uid : geteuid();
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == owner &&
	       (st.st_mode & 077) == 0;
}

static char *new_socket_folder(const char *run_as, GError **error)
{
	g_autofree char *runtime = g_strdup_printf("/run/user/%u", (unsigned)geteuid());
	const char *base = geteuid() != 0 && access(runtime, W_OK) == 0 ? runtime : "/tmp";
	char *path = g_strconcat(base, "/pingyi-XXXXXX", NULL);

	if (!g_mkdtemp_full(path, 0700) || !make_folder(path, run_as, error)) {
		if (error && !*error)
			fail_errno(error, path);
		g_free(path);
		return NULL;
	}
	return path;
}

static gboolean save_place(const struct cluster *cluster, GError **error)
{
	g_autofree char *path = g_build_filename(cluster->folder, "cluster", NULL);
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autoptr(GError) problem = NULL;

	g_key_file_set_string(file, "cluster", "data", cluster->data);
	g_key_file_set_string(file, "cluster", "socket", cluster->socket);
	if (cluster->run_as)
		g_key_file_set_string(file, "cluster", "run_as", cluster->run_as);
	if (g_key_file_save_to_file(file, path, &problem))
		return TRUE;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY, "%s: %s", path, problem->message);
	return FALSE;
}

static void cluster_clear(struct cluster *cluster)
{
	if (cluster->lock >= 0)
		close(cluster->lock);
	if (cluster->users >= 0)
		close(cluster->users);
	g_free(cluster->folder);
	g_free(cluster->data);
	g_free(cluster->socket);
	g_free(cluster->run_as);
	g_free(cluster);
}

static int open_lock(const char *folder, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		fail_errno(error, path);
	return fd;
}

/* The cluster's place as the file `cluster` tells it; relative data lie in the office's folder. */
static struct cluster *load_place(const char *folder, GError **error)
{
	g_autofree char *path = g_build_filename(folder, "cluster", NULL);
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autofree char *data = NULL;
	struct cluster *cluster = g_new0(struct cluster, 1);

	cluster->lock = cluster->users = -1;
	cluster->folder = g_strdup(folder);
	if (!g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, NULL)) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("%s has no database of its own, and [database] url is empty"),
			    folder);
		cluster_clear(cluster);
		return NULL;
	}
	data = g_key_file_get_string(file, "cluster", "data", NULL);
	cluster->data = data ? g_canonicalize_filename(data, folder) : NULL;
	cluster->socket = g_key_file_get_string(file, "cluster", "socket", NULL);
	cluster->run_as = g_key_file_get_string(file, "cluster", "run_as", NULL);
	if (cluster->data && cluster->socket) {
		cluster->lock = open_lock(folder, "cluster.lock", error);
		if (cluster->lock >= 0)
			cluster->users = open_lock(folder, "cluster.users", error);
		if (cluster->users >= 0)
			return cluster;
	} else {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s is damaged"), path);
	}
	cluster_clear(cluster);
	return NULL;
}

/* Runs a program to its end as the server's user; its output goes to the log. */
static gboolean run_program(const char *const *argv, const char *run_as, const char *folder,
			    int log)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		become(run_as, folder, log);
		execv(argv[0], (char *const *)(guintptr)argv);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

static int open_log(const char *folder)
{
	g_autofree char *path = g_build_filename(folder, "postgres.log", NULL);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > LOG_LIMIT && ftruncate(fd, 0) != 0)
		g_warning("%s cannot be shortened", path);
	return fd;
}

/* Statements and parameters hold what people said: the log gets neither. */
static const char settings[] = "\n# pingyi\n"
			       "listen_addresses = ''\n"
			       "unix_socket_permissions = 0700\n"
			       "max_connections = 60\n"
			       "shared_buffers = 64MB\n"
			       "max_wal_size = 512MB\n"
			       "jit = off\n"
			       "log_min_messages = warning\n"
			       "log_min_error_statement = panic\n"
			       "log_parameter_max_length = 0\n"
			       "log_parameter_max_length_on_error = 0\n"
			       "log_error_verbosity = terse\n"
			       "datestyle = 'ISO, YMD'\n"
			       "timezone = 'Asia/Shanghai'\n";

static gboolean append(const char *folder, const char *name, const char *text, const char *mode,
		       GError **error)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	FILE *file = fopen(path, mode);

	if (!file)
		return fail_errno(error, path);
	fputs(text, file);
	return fclose(file) == 0 ? TRUE : fail_errno(error, path);
}

/* Peer logins: the office's owner (and root, who made it) may be any of the office's roles. */
static gboolean write_logins(const char *data, const char *schema, const char *run_as,
			     GError **error)
{
	const struct passwd *me = getpwuid(geteuid());
	const char *const roles[] = {"worker", "staff", "supervisor", "web", NULL};
	const char *owners[] = {me ? me->pw_name : "root", run_as, NULL};
	GString *text = g_string_new("# pingyi\n");
	g_autofree char *map = NULL;

	for (const char **owner = owners; *owner; owner++) {
		g_string_append_printf(text, "pingyi %s %s\n", *owner, ADMIN);
		for (const char *const *role = roles; *role; role++)
			g_string_append_printf(text, "pingyi %s %s_%s\n", *owner, schema, *role);
		for (guint i = 1; i <= 99; i++)
			g_string_append_printf(text, "pingyi %s %s_d%u\n", *owner, schema, i);
	}
	map = g_string_free(text, FALSE);
	return append(data, "pg_ident.conf", map, "w", error) &&
	       append(data, "pg_hba.conf", "# pingyi\nlocal all all peer map=pingyi\n", "w",
		      error) &&
	       append(data, "postgresql.conf", settings, "a", error);
}

/* A name of its own for each office; one that a removed office left behind is not touched. */
static char *state_data(const char *folder)
{
	g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, folder, -1);
	g_autofree char *user = geteuid() == 0
				    ? g_strdup(STATE_FOLDER)
				    : g_build_filename(g_get_user_data_dir(), "pingyi", NULL);

	sum[16] = '\0';
	for (guint turn = 1;; turn++) {
		g_autofree char *path = g_strdup_printf("%s/%s-%u", user, sum, turn);

		if (!g_file_test(path, G_FILE_TEST_EXISTS))
			return g_steal_pointer(&path);
	}
}

/* Where the data go: into the office's folder, or where the server's user can reach them. */
static gboolean choose_data(struct cluster *cluster, GError **error)
{
	g_autofree char *parent = NULL;

	if (!cluster->run_as || may_enter(cluster->run_as, cluster->folder)) {
		cluster->data = g_build_filename(cluster->folder, "postgres", NULL);
		return make_folder(cluster->data, cluster->run_as, error);
	}
	cluster->data = state_data(cluster->folder);
	parent = g_path_get_dirname(cluster->data);
	if (g_mkdir_with_parents(parent, 0711) != 0)
		return fail_errno(error, parent);
	return make_folder(cluster->data, cluster->run_as, error);
}

static gboolean create_database(const char *folder, GError **error)
{
	struct cluster *cluster = cluster_use(folder, error);
	g_autofree char *conninfo = NULL;
	gboolean good = FALSE;
	PGconn *conn;
	PGresult *result;

	if (!cluster)
		return FALSE;
	conninfo = g_strdup_printf("host='%s' dbname=postgres user=" ADMIN, cluster->socket);
	conn = PQconnectdb(conninfo);
	result = PQexec(conn, "CREATE DATABASE " DATABASE);
	good = PQresultStatus(result) == PGRES_COMMAND_OK;
	if (!good)
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY, "%s",
			    PQerrorMessage(conn));
	PQclear(result);
	PQfinish(conn);
	cluster_release(cluster);
	return good;
}

gboolean cluster_create(const char *folder, const char *schema, GError **error)
{
	struct cluster cluster = {.lock = -1, .users = -1};
	g_autofree char *bin = find_bin(error);
	g_autofree char *initdb = g_build_filename(bin ? bin : "", "initdb", NULL);
	g_autofree char *whole = g_canonicalize_filename(folder, NULL);
	g_autofree char *data = NULL;
	g_autofree char *socket = NULL;
	gboolean good;
	int log;

	if (!bin)
		return FALSE;
	if (geteuid() == 0 && !getpwnam(SERVER_USER)) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
			    _("PostgreSQL does not run as root, and there is no user “%s”"),
			    SERVER_USER);
		return FALSE;
	}
	cluster.folder = whole;
	cluster.run_as = geteuid() == 0 ? (char *)(guintptr)SERVER_USER : NULL;
	good = choose_data(&cluster, error);
	data = cluster.data;
	if (!good)
		return FALSE;
	socket = cluster.socket = new_socket_folder(cluster.run_as, error);
	if (!socket)
		return FALSE;
	log = open_log(whole);
	good = run_program((const char *const[]){initdb, "-D", data, "-U", ADMIN, "--encoding=UTF8",
						 "--locale=C.UTF-8", "--data-checksums",
						 "--auth=reject", "--no-instructions", NULL},
			   cluster.run_as, "/", log);
	if (log >= 0)
		close(log);
	if (!good) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
			    _("initdb failed; %s/postgres.log tells why"), whole);
		return FALSE;
	}
	return write_logins(data, schema, cluster.run_as, error) && save_place(&cluster, error) &&
	       create_database(whole, error);
}

static PGPing ping(const struct cluster *cluster)
{
	g_autofree char *conninfo =
	    g_strdup_printf("host='%s' dbname=postgres user=" ADMIN, cluster->socket);

	return PQping(conninfo);
}

static pid_t postmaster_pid(const struct cluster *cluster)
{
	g_autofree char *path = g_build_filename(cluster->data, "postmaster.pid", NULL);
	g_autofree char *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return 0;
	return (pid_t)g_ascii_strtoll(text, NULL, 10);
}

/* Starts the server detached from us: a session of its own, none of our files. */
static pid_t spawn(const struct cluster *cluster, const char *postgres, int log)
{
	int report[2];
	pid_t server = -1;
	pid_t between;

	if (pipe2(report, O_CLOEXEC) != 0)
		return -1;
	between = fork();
	if (between == 0) {
		pid_t pid;

		setsid();
		pid = fork();
		if (pid != 0) {
			gssize n = write(report[1], &pid, sizeof pid);

			_exit(n == sizeof pid ? 0 : 1);
		}
		become(cluster->run_as, cluster->data, log);
		execl(postgres, postgres, "-D", cluster->data, "-k", cluster->socket, (char *)NULL);
		_exit(127);
	}
	close(report[1]);
	if (between > 0) {
		if (read(report[0], &server, sizeof server) != sizeof server)
			server = -1;
		waitpid(between, NULL, 0);
	}
	close(report[0]);
	return server;
}

/* TRUE when it accepts connections, FALSE when `server` ended before that or the time is over. */
static gboolean wait_ready(const struct cluster *cluster, pid_t server)
{
	for (guint waited = 0; waited < START_LIMIT_MS; waited += POLL_MS) {
		if (ping(cluster) == PQPING_OK)
			return TRUE;
		if (server > 0 && kill(server, 0) != 0 && errno == ESRCH)
			return FALSE;
		g_usleep(POLL_MS * 1000);
	}
	return FALSE;
}

/* The last line of the log that tells of a failure. */
static char *last_words(const char *folder)
{
	g_autofree char *path = g_build_filename(folder, "postgres.log", NULL);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return g_strdup("");
	lines = g_strsplit(text, "\n", -1);
	for (guint i = g_strv_length(lines); i-- > 0;) {
		const char *fatal = strstr(lines[i], "FATAL:");

		if (fatal)
			return g_strdup(fatal);
	}
	return g_strdup("");
}

static gboolean start(struct cluster *cluster, GError **error)
{
	g_autofree char *bin = find_bin(error);
	g_autofree char *postgres = g_build_filename(bin ? bin : "", "postgres", NULL);

	if (!bin)
		return FALSE;
	if (!is_ours(cluster->socket, cluster->run_as)) {
		/* gone after a boot, or somebody else's: another name, never theirs */
		g_free(cluster->socket);
		cluster->socket = new_socket_folder(cluster->run_as, error);
		if (!cluster->socket || !save_place(cluster, error))
			return FALSE;
	}
	/* After kill -9 its children need a moment to let go of the shared memory. */
	for (guint turn = 0; turn < 5; turn++) {
		int log = open_log(cluster->folder);
		pid_t server = spawn(cluster, postgres, log);

		if (log >= 0)
			close(log);
		if (server > 0 && wait_ready(cluster, server))
			return TRUE;
		g_usleep(500 * 1000);
	}
	if (error) {
		g_autofree char *words = last_words(cluster->folder);

		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
			    _("the office's PostgreSQL does not start: %s (%s/postgres.log)"),
			    words, cluster->folder);
	}
	return FALSE;
}

struct cluster *cluster_use(const char *folder, GError **error)
{
	g_autofree char *whole = g_canonicalize_filename(folder, NULL);
	struct cluster *cluster = load_place(whole, error);
	gboolean good;
	PGPing state;

	if (!cluster)
		return NULL;
	if (flock(cluster->lock, LOCK_EX) != 0 || flock(cluster->users, LOCK_SH) != 0) {
		fail_errno(error, whole);
		cluster_clear(cluster);
		return NULL;
	}
	state = is_ours(cluster->socket, cluster->run_as) ? ping(cluster) : PQPING_NO_RESPONSE;
	if (state == PQPING_OK)
		good = TRUE;
	else if (state == PQPING_REJECT) /* starting, or stopping after a crash */
		good = wait_ready(cluster, postmaster_pid(cluster)) || start(cluster, error);
	else
		good = start(cluster, error);
	flock(cluster->lock, LOCK_UN);
	if (good)
		return cluster;
	cluster_clear(cluster);
	return NULL;
}

static void stop(const struct cluster *cluster)
{
	pid_t pid = postmaster_pid(cluster);

	if (pid <= 1 || kill(pid, SIGINT) != 0) /* fast shutdown */
		return;
	/* The pid file goes last; the process itself may stay a zombie of a careless init. */
	for (guint waited = 0; kill(pid, 0) == 0 && postmaster_pid(cluster) == pid;
	     waited += POLL_MS) {
		if (waited == STOP_LIMIT_MS)
			kill(pid, SIGQUIT);
		if (waited >= 2 * STOP_LIMIT_MS)
			return;
		g_usleep(POLL_MS * 1000);
	}
}

void cluster_release(struct cluster *cluster)
{
	if (!cluster)
		return;
	if (flock(cluster->lock, LOCK_EX) == 0 && flock(cluster->users, LOCK_EX | LOCK_NB) == 0)
		stop(cluster);
	cluster_clear(cluster);
}

char *cluster_conninfo(const struct cluster *cluster, const char *role)
{
	return g_strdup_printf("host='%s' dbname=" DATABASE " user=%s application_name=pingyi",
			       cluster->socket, role ? role : ADMIN);
}
