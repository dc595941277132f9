#pragma once

/*
 * A connection to the office's database: statements with parameters, rows, transactions. The only
 * files that see libpq are in db/. Statements are files in db/sql/, embedded as sql_<name> (sql.h);
 * they are prepared on first use and named by their address. Nothing here logs a parameter.
 *
 * Errors: SQLSTATE 08, 40, 53, 57 give PINGYI_ERROR_TEMPORARY; 42501 (insufficient privilege)
 * DENIED; PY001 (raised by our functions: wrong state) STATE; PY002 (bad input) INPUT; 23xxx
 * (constraints) INPUT with the constraint's name; anything else BUG. The message is the server's
 * primary message only (never its detail, which quotes data).
 */
#include <glib.h>

struct db;
struct db_rows;

enum db_kind { DB_NULL, DB_TEXT, DB_INT, DB_BOOL, DB_BYTES, DB_TIME, DB_DOUBLE };

/* A parameter. Text and bytes are borrowed until the call returns. */
struct db_value {
	enum db_kind kind;
	union {
		const char *text;
		gint64 integer;
		gboolean boolean;
		GBytes *bytes;
		GDateTime *time;
		double number;
	};
};

/* NULL text, bytes and time become SQL NULL. */
struct db_value db_null(void);
struct db_value db_text(const char *text);
struct db_value db_int(gint64 integer);
struct db_value db_bool(gboolean boolean);
struct db_value db_bytes(GBytes *bytes);
struct db_value db_time(GDateTime *time);
struct db_value db_double(double number);

/* The two arguments `values, n` of the calls below: db_query(db, sql_x, DB(db_int(1)), &error);
 * without parameters: DB_NONE. */
#define DB(...)                                                                                    \
	((const struct db_value[]){__VA_ARGS__}),                                                  \
	    (guint)(sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value))
#define DB_NONE NULL, 0

/*
 * Connects with libpq's `conninfo` and sets search_path to `schema`, pg_temp (schema may be NULL).
 * Returns: (transfer full) NULL with an error.
 */
struct db *db_connect(const char *conninfo, const char *schema, GError **error);
void db_free(struct db *db);

/* Runs one statement. Returns: (transfer full) its rows, perhaps none; NULL with an error. */
struct db_rows *db_query(struct db *db, const char *sql, const struct db_value *values, guint n,
			 GError **error);

/* Runs one statement whose rows are not wanted; `affected_out` (may be NULL) gets their number. */
gboolean db_run(struct db *db, const char *sql, const struct db_value *values, guint n,
		guint64 *affected_out, GError **error);

/* Prepares a statement now instead of at its first use: db_batch_add() wants that. */
gboolean db_prepare(struct db *db, const char *sql, GError **error);

/*
 * Statements that are sent together, as one transaction, and whose answers are waited for while
 * something else is done. Between db_batch_add() and the end of db_batch_poll() nothing else may be
 * asked of the connection. Each statement was prepared before. After an error all of them have had
 * no effect, unless the connection was lost: then nobody knows.
 */
gboolean db_batch_add(struct db *db, const char *sql, const struct db_value *values, guint n,
		      GError **error);
gboolean db_batch_send(struct db *db, GError **error);
/* Reads what has come, without waiting. `rows_out` gets the rows of each statement, in order, once
 * all are there, and is NULL until then. Returns: FALSE with an error. */
gboolean db_batch_poll(struct db *db, GPtrArray **rows_out, GError **error);
/* The socket to wait at for db_batch_poll(). */
int db_socket(const struct db *db);

/* Builds the text of an array parameter, "{1,NULL,\"a b\"}", member by member; db_array_end() gives
 * it, valid until `array` changes. NULL text and time are NULL members; bytes are for bytea[]. */
void db_array_int(GString *array, gint64 integer);
void db_array_null(GString *array);
void db_array_text(GString *array, const char *text);
void db_array_bytes(GString *array, GBytes *bytes);
void db_array_time(GString *array, GDateTime *time);
const char *db_array_end(GString *array);

/* Several statements without parameters (a schema file), in one implicit transaction. */
gboolean db_script(struct db *db, const char *sql, GError **error);

gboolean db_begin(struct db *db, GError **error);
gboolean db_commit(struct db *db, GError **error);
void db_rollback(struct db *db); /* harmless outside a transaction */
gboolean db_in_transaction(struct db *db);

/* SET LOCAL ROLE inside a transaction; `role` is checked to be an identifier of [a-z0-9_]. */
gboolean db_set_local_role(struct db *db, const char *role, GError **error);

/* Waits for NOTIFY on channels LISTENed to, at most timeout_ms; TRUE when one came. */
gboolean db_wait_notify(struct db *db, guint timeout_ms, GError **error);

/* Rows. Columns are counted from 0. Text stays valid until the rows are freed; a NULL column gives
 * NULL, 0 or FALSE. */
guint db_rows_count(const struct db_rows *rows);
gboolean db_is_null(const struct db_rows *rows, guint row, guint column);
const char *db_get_text(const struct db_rows *rows, guint row, guint column);
gint64 db_get_int(const struct db_rows *rows, guint row, guint column);
gboolean db_get_bool(const struct db_rows *rows, guint row, guint column);
GBytes *db_get_bytes(const struct db_rows *rows, guint row, guint column);   /* transfer full */
GDateTime *db_get_time(const struct db_rows *rows, guint row, guint column); /* transfer full */
void db_rows_free(struct db_rows *rows);

/* g_autoptr needs names without a space. */
typedef struct db db_handle;
typedef struct db_rows db_rows;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(db_handle, db_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(db_rows, db_rows_free)
