#include "db/office.h"

#include "base/asset.h"
#include "base/error.h"
#include "db/cluster.h"
#include "db/schema.h"
#include "db/setting_check.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONF       "pingyi.conf"
#define KEY_FILE   "key"
#define SECRET_MAX 4096 /* bytes of a secret file */

struct office {
	char *folder;
	GKeyFile *config;
	char *schema;
	struct office_key key;
	GHashTable *settings; /* "group\nname" → value, so that settings stay valid */
	struct cluster *cluster;
	GPtrArray *warnings; /* of char * */
};

static gboolean fail_file(GError **error, enum pingyi_error code, const char *path)
{
	g_set_error(error, PINGYI_ERROR, code, "%s: %s", path, g_strerror(errno));
	return FALSE;
}

/* Writes a file that only the owner may read, and that must not exist. */
static gboolean write_private(const char *path, const void *bytes, gsize size, GError **error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	gboolean good;

	if (fd < 0)
		return fail_file(error, PINGYI_ERROR_INPUT, path);
	good = write(fd, bytes, size) == (gssize)size && fsync(fd) == 0;
	if (close(fd) != 0 || !good)
		return fail_file(error, PINGYI_ERROR_TEMPORARY, path);
	return TRUE;
}

static char *replace(const char *text, const char *what, const char *with)
{
	g_auto(GStrv) parts = g_strsplit(text, what, -1);

	return g_strjoinv(with, parts);
}

gboolean office_make(const char *folder, const char *name, const char *database_url,
		     const char *seed, GError **error)
{
	g_autofree char *conf = g_build_filename(folder, CONF, NULL);
	g_autofree char *key_path = g_build_filename(folder, KEY_FILE, NULL);
	const struct asset *asset = asset_find("db/data/" CONF);
	g_autofree char *with_name = replace(asset->text, "@name@", name);
	g_autofree char *text = replace(with_name, "@url@", database_url ? database_url : "");
	static const char *const folders[] = {"inbox/new", "inbox/cur", "inbox/tmp"};
	struct office_key key;

	if (g_file_test(conf, G_FILE_TEST_EXISTS)) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_STATE,
			    _("%s is there already: this folder is "
			      "an office"),
			    conf);
		return FALSE;
	}
	/* As root the private PostgreSQL runs as another user and has to pass through. */
	if (g_mkdir_with_parents(folder, geteuid() == 0 ? 0711 : 0700) != 0)
		return fail_file(error, PINGYI_ERROR_INPUT, folder);
	for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
		g_autofree char *path = g_build_filename(folder, folders[i], NULL);

		if (g_mkdir_with_parents(path, 0700) != 0)
			return fail_file(error, PINGYI_ERROR_INPUT, path);
	}
	key_make(seed, &key);
	if (!write_private(key_path, key.bytes, KEY_BYTES, error))
		return FALSE;
	return write_private(conf, text, strlen(text), error);
}

static gboolean read_private(const char *path, char **text_out, gsize *size_out, GError **error)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	g_autofree char *text = NULL;
	gssize n;

	if (fd < 0)
		return fail_file(error, PINGYI_ERROR_INPUT, path);
	if (fstat(fd, &st) != 0 || (st.st_mode & 077) != 0) {
		close(fd);
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_DENIED,
			    _("%s can be read by others; run: chmod 600 '%s'"), path, path);
		return FALSE;
	}
	text = g_malloc0(SECRET_MAX + 1);
	n = read(fd, text, SECRET_MAX);
	close(fd);
	if (n < 0)
		return fail_file(error, PINGYI_ERROR_TEMPORARY, path);
	*size_out = (gsize)n;
	*text_out = g_steal_pointer(&text);
	return TRUE;
}

static gboolean read_key(struct office *office, GError **error)
{
	g_autofree char *path = g_build_filename(office->folder, KEY_FILE, NULL);
	g_autofree char *bytes = NULL;
	gsize size = 0;

	if (!read_private(path, &bytes, &size, error))
		return FALSE;
	if (size != KEY_BYTES) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("%s is not a key of %d bytes"), path, KEY_BYTES);
		return FALSE;
	}
	memcpy(office->key.bytes, bytes, KEY_BYTES);
	return TRUE;
}

struct office *office_open(const char *folder, GError **error)
{
	g_autoptr(office_handle) office = g_new0(struct office, 1);
	g_autofree char *conf = NULL;
	g_autoptr(GError) problem = NULL;

	office->folder = g_canonicalize_filename(folder, NULL);
	office->config = g_key_file_new();
	office->settings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	conf = g_build_filename(office->folder, CONF, NULL);
	if (!g_key_file_load_from_file(office->config, conf, G_KEY_FILE_NONE, &problem)) {
		if (g_error_matches(problem, G_FILE_ERROR, G_FILE_ERROR_NOENT))
			g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
				    _("%s is not an office: it has no pingyi.conf (make one with "
				      "“pingyi init”, or name one with --office)"),
				    office->folder);
		else
			g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, "%s: %s", conf,
				    problem->message);
		return NULL;
	}
	office->warnings = setting_check(office->config);
	office->schema = g_strdup(office_setting(office, "office", "schema", "pingyi"));
	if (!schema_name_ok(office->schema)) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("%s: [office] schema = %s: use small letters, digits and _"), conf,
			    office->schema);
		return NULL;
	}
	if (!read_key(office, error))
		return NULL;
	return g_steal_pointer(&office);
}

void office_free(struct office *office)
{
	if (!office)
		return;
	if (office->cluster)
		cluster_release(office->cluster);
	g_free(office->folder);
	g_free(office->schema);
	g_key_file_free(office->config);
	g_clear_pointer(&office->warnings, g_ptr_array_unref);
	g_hash_table_unref(office->settings);
	explicit_bzero(&office->key, sizeof office->key);
	g_free(office);
}

const char *office_setting(struct office *office, const char *group, const char *name,
			   const char *fallback)
{
	g_autofree char *at = g_strconcat(group, "\n", name, NULL);
	char *value = g_hash_table_lookup(office->settings, at);

	if (!value) {
		value = g_key_file_get_string(office->config, group, name, NULL);
		if (!value)
			return fallback;
		g_strstrip(value);
		g_hash_table_insert(office->settings, g_steal_pointer(&at), value);
	}
	return *value ? value : fallback;
}

gboolean office_number(struct office *office, const char *group, const char *name,
		       const char *fallback, guint min, guint max, guint *out, GError **error)
{
	const char *value = office_setting(office, group, name, fallback);
	guint64 number = 0;

	if (g_ascii_string_to_unsigned(value, 10, min, max, &number, NULL)) {
		*out = (guint)number;
		return TRUE;
	}
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("pingyi.conf: [%s] %s is “%s”; it can be %u to %u"), group, name, value, min,
		    max);
	return FALSE;
}

char **office_groups(struct office *office, const char *prefix)
{
	g_auto(GStrv) all = g_key_file_get_groups(office->config, NULL);
	g_autoptr(GStrvBuilder) found = g_strv_builder_new();

	for (char **group = all; *group; group++)
		if (g_str_has_prefix(*group, prefix))
			g_strv_builder_add(found, *group);
	return g_strv_builder_end(found);
}

const GPtrArray *office_warnings(const struct office *office)
{
	return office->warnings;
}

const char *office_folder(const struct office *office)
{
	return office->folder;
}

const char *office_schema(const struct office *office)
{
	return office->schema;
}

const struct office_key *office_key(const struct office *office)
{
	return &office->key;
}

char *office_path(const struct office *office, const char *path)
{
	return g_canonicalize_filename(path, office->folder);
}

char *office_secret(const struct office *office, const char *path, GError **error)
{
	g_autofree char *full = office_path(office, path);
	char *text = NULL;
	gsize size = 0;

	if (!g_file_test(full, G_FILE_TEST_EXISTS)) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("pingyi.conf: password_file is %s, which is not there: write the "
			      "password into it and run chmod 600 '%s'"),
			    full, full);
		return NULL;
	}
	if (!read_private(full, &text, &size, error))
		return NULL;
	return g_strchomp(text);
}

/* A foreign server knows its own logins: ours become roles after the connection. */
static struct db *connect_url(struct office *office, const char *url, const char *role,
			      GError **error)
{
	g_autoptr(db_handle) db = db_connect(url, office->schema, error);
	g_autofree char *sql = NULL;

	if (!db || !role)
		return g_steal_pointer(&db);
	sql = g_strdup_printf("SET ROLE %s_%s", office->schema, role);
	if (!db_script(db, sql, error))
		return NULL;
	return g_steal_pointer(&db);
}

/* Where the private cluster listens; it is started when it does not run. */
static char *cluster_login(struct office *office, const char *role, GError **error)
{
	g_autofree char *name = role ? g_strconcat(office->schema, "_", role, NULL) : NULL;

	if (!office->cluster)
		office->cluster = cluster_use(office->folder, error);
	return office->cluster ? cluster_conninfo(office->cluster, name) : NULL;
}

/* The private cluster has died under its users: it is started again. */
static gboolean use_again(struct office *office)
{
	struct cluster *cluster = cluster_use(office->folder, NULL);

	if (!cluster)
		return FALSE;
	cluster_release(office->cluster); /* not the last user */
	office->cluster = cluster;
	return TRUE;
}

struct db *office_connect(struct office *office, const char *role, GError **error)
{
	const char *url = office_setting(office, "database", "url", NULL);
	g_autofree char *conninfo = NULL;
	g_autoptr(GError) problem = NULL;
	struct db *db;

	if (url)
		return connect_url(office, url, role, error);
	conninfo = cluster_login(office, role, error);
	db = conninfo ? db_connect(conninfo, office->schema, &problem) : NULL;
	if (problem && use_again(office))
		return db_connect(conninfo, office->schema, error);
	if (problem)
		g_propagate_error(error, g_steal_pointer(&problem));
	return db;
}

char *office_conninfo(struct office *office, const char *role, char **options_out, GError **error)
{
	const char *url = office_setting(office, "database", "url", NULL);

	if (!url) {
		*options_out = g_strdup_printf("-c search_path=%s,pg_temp", office->schema);
		return cluster_login(office, role, error);
	}
	*options_out = g_strdup_printf("-c search_path=%s,pg_temp -c role=%s_%s", office->schema,
				       office->schema, role);
	return g_strdup(url);
}
