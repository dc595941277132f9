#include "db/db.h"

#include "base/error.h"
#include "base/language.h"
#include "db/parameter.h"
#include "db/rows.h"

#include <libpq-fe.h>
#include <poll.h>
#include <string.h>

struct db {
	PGconn *conn;
	GHashTable *prepared; /* statement text (by address) → its name */
	GPtrArray *batch;     /* of struct db_rows: the answers to a batch that have come */
	GError *batch_error;  /* the first one of a batch */
};

static void ignore_notice(void *unused, const PGresult *result)
{
	(void)unused;
	(void)result; /* a notice may quote data: it belongs into no log */
}

static enum pingyi_error code_of(const char *state)
{
	if (!state || !*state || g_str_has_prefix(state, "08") || g_str_has_prefix(state, "40") ||
	    g_str_has_prefix(state, "53") || g_str_has_prefix(state, "57"))
		return PINGYI_ERROR_TEMPORARY;
	if (strcmp(state, "42501") == 0)
		return PINGYI_ERROR_DENIED;
	if (strcmp(state, "PY001") == 0)
		return PINGYI_ERROR_STATE;
	if (strcmp(state, "PY002") == 0 || g_str_has_prefix(state, "23") ||
	    g_str_has_prefix(state, "22"))
		return PINGYI_ERROR_INPUT;
	return PINGYI_ERROR_BUG;
}

static void set_error_of_connection(PGconn *conn, GError **error)
{
	g_autofree char *message = g_strdup(PQerrorMessage(conn));
	char *end = strchr(message, '\n');

	if (end)
		*end = '\0';
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY, _("database: %s"), message);
}

/* Rules that ordinary mistakes break, as people are told of them. */
static const char *sentence_of(const char *constraint)
{
	static const struct {
		const char *constraint, *sentence;
	} sentences[] = {
	    {"round_code", N_("there is a round with this code already")},
	    {"account_login", N_("this login is taken")},
	    {"account_kind", N_("--kind can be staff, supervisor or department")},
	    {"account_department", N_("no department has this number (pingyi department list)")},
	    {"account_department_kind",
	     N_("a department's account, and no other, needs --department NUMBER (pingyi "
		"department list)")},
	    {"round_dates", N_("a round opens before it closes, and is kept until after that")},
	};

	for (guint i = 0; i < G_N_ELEMENTS(sentences); i++)
		if (strcmp(sentences[i].constraint, constraint) == 0)
			return _(sentences[i].sentence);
	return NULL;
}

/* Our functions' own words (po/from_sql.h, base/language.c), or PostgreSQL's, which stay. */
static void set_words(GError **error, enum pingyi_error code, const char *message)
{
	g_autofree char *words = language_kept(message);

	g_set_error_literal(error, PINGYI_ERROR, code, words);
}

/* Only the primary message: details quote what people wrote. */
static void set_error_of_result(struct db *db, const PGresult *result, GError **error)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);

	if (!message || PQstatus(db->conn) == CONNECTION_BAD) {
		set_error_of_connection(db->conn, error);
		return;
	}
	if (constraint && g_str_has_prefix(state, "23") && sentence_of(constraint))
		g_set_error_literal(error, PINGYI_ERROR, code_of(state), sentence_of(constraint));
	else if (constraint && g_str_has_prefix(state, "23"))
		g_set_error(error, PINGYI_ERROR, code_of(state), _("database: rule “%s” is broken"),
			    constraint);
	else if (code_of(state) == PINGYI_ERROR_BUG)
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_BUG, "database: %s (%s)", message,
			    state);
	else
		set_words(error, code_of(state), message);
}

struct db *db_connect(const char *conninfo, const char *schema, GError **error)
{
	/* A server that does not answer any more is given up, after so many seconds and
	 * milliseconds (one whose host died while it worked: keepalives), unless conninfo, which
	 * comes last, says otherwise. */
	static const char *const keys[] = {"connect_timeout",
					   "tcp_user_timeout",
					   "keepalives_idle",
					   "keepalives_interval",
					   "keepalives_count",
					   "dbname",
					   NULL};
	const char *const values[] = {"30", "60000", "30", "10", "3", conninfo, NULL};
	g_autoptr(db_handle) db = g_new0(struct db, 1);
	g_autofree char *sql = NULL;

	db->prepared = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
	db->conn = PQconnectdbParams(keys, values, 1); /* 1: dbname is a conninfo */
	if (PQstatus(db->conn) != CONNECTION_OK) {
		set_error_of_connection(db->conn, error);
		return NULL;
	}
	PQsetNoticeReceiver(db->conn, ignore_notice, NULL);
	PQsetClientEncoding(db->conn, "UTF8");
	if (!schema)
		return g_steal_pointer(&db);
	sql = g_strdup_printf("SET search_path = %s, pg_temp; SET client_min_messages = warning",
			      schema);
	if (!db_script(db, sql, error))
		return NULL;
	return g_steal_pointer(&db);
}

void db_free(struct db *db)
{
	if (!db)
		return;
	PQfinish(db->conn);
	g_clear_pointer(&db->batch, g_ptr_array_unref);
	g_clear_error(&db->batch_error);
	g_hash_table_unref(db->prepared);
	g_free(db);
}

/* The name under which a statement is prepared, preparing it on first use. */
static const char *prepare(struct db *db, const char *sql, GError **error)
{
	const char *known = g_hash_table_lookup(db->prepared, sql);
	g_autofree char *name = NULL;
	PGresult *result;
	const char *kept;

	if (known)
		return known;
	name = g_strdup_printf("s%u", g_hash_table_size(db->prepared) + 1);
	result = PQprepare(db->conn, name, sql, 0, NULL);
	if (PQresultStatus(result) != PGRES_COMMAND_OK) {
		set_error_of_result(db, result, error);
		PQclear(result);
		return NULL;
	}
	PQclear(result);
	kept = name;
	g_hash_table_insert(db->prepared, (gpointer)(guintptr)sql, g_steal_pointer(&name));
	return kept;
}

struct db_rows *db_query(struct db *db, const char *sql, const struct db_value *values, guint n,
			 GError **error)
{
	struct parameters p;
	const char *name = prepare(db, sql, error);
	ExecStatusType status;
	PGresult *result;

	if (!name)
		return NULL;
	parameters_fill(&p, values, n);
	result = PQexecPrepared(db->conn, name, (int)n, p.values, p.lengths, p.formats, 0);
	parameters_clear(&p);
	status = PQresultStatus(result);
	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
		set_error_of_result(db, result, error);
		PQclear(result);
		return NULL;
	}
	return rows_new(result);
}

gboolean db_run(struct db *db, const char *sql, const struct db_value *values, guint n,
		guint64 *affected_out, GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql, values, n, error);

	if (!rows)
		return FALSE;
	if (affected_out)
		*affected_out = g_ascii_strtoull(PQcmdTuples(rows_result(rows)), NULL, 10);
	return TRUE;
}

gboolean db_prepare(struct db *db, const char *sql, GError **error)
{
	return prepare(db, sql, error) != NULL;
}

static void free_rows(gpointer rows)
{
	db_rows_free(rows);
}

gboolean db_batch_add(struct db *db, const char *sql, const struct db_value *values, guint n,
		      GError **error)
{
	const char *name = g_hash_table_lookup(db->prepared, sql);
	struct parameters p;
	int sent;

	if (!name) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_BUG,
			    "a batch's statement was not prepared");
		return FALSE;
	}
	if (!db->batch) {
		if (!PQenterPipelineMode(db->conn)) {
			set_error_of_connection(db->conn, error);
			return FALSE;
		}
		db->batch = g_ptr_array_new_with_free_func(free_rows);
	}
	parameters_fill(&p, values, n);
	sent = PQsendQueryPrepared(db->conn, name, (int)n, p.values, p.lengths, p.formats, 0);
	parameters_clear(&p);
	if (!sent)
		set_error_of_connection(db->conn, error);
	return sent != 0;
}

gboolean db_batch_send(struct db *db, GError **error)
{
	if (PQpipelineSync(db->conn))
		return TRUE;
	set_error_of_connection(db->conn, error);
	return FALSE;
}

int db_socket(const struct db *db)
{
	return PQsocket(db->conn);
}

/* One answer of a batch; takes it. */
static void batch_take(struct db *db, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
		g_ptr_array_add(db->batch, rows_new(result));
		return;
	}
	/* what follows an error was not done, and says so: the first one counts */
	if (!db->batch_error)
		set_error_of_result(db, result, &db->batch_error);
	PQclear(result);
}

gboolean db_batch_poll(struct db *db, GPtrArray **rows_out, GError **error)
{
	gboolean ended = FALSE;

	*rows_out = NULL;
	if (!PQconsumeInput(db->conn)) {
		set_error_of_connection(db->conn, error);
		return FALSE;
	}
	while (!ended && !PQisBusy(db->conn)) {
		PGresult *result = PQgetResult(db->conn);

		if (PQstatus(db->conn) == CONNECTION_BAD) {
			PQclear(result);
			set_error_of_connection(db->conn, error);
			return FALSE;
		}
		ended = result && PQresultStatus(result) == PGRES_PIPELINE_SYNC;
		if (ended)
			PQclear(result);
		else if (result)
			batch_take(db, result);
	}
	if (!ended)
		return TRUE;
	PQexitPipelineMode(db->conn);
	if (db->batch_error) {
		g_clear_pointer(&db->batch, g_ptr_array_unref);
		g_propagate_error(error, g_steal_pointer(&db->batch_error));
		return FALSE;
	}
	*rows_out = g_steal_pointer(&db->batch);
	return TRUE;
}

gboolean db_script(struct db *db, const char *sql, GError **error)
{
	PGresult *result = PQexec(db->conn, sql);
	ExecStatusType status = PQresultStatus(result);
	gboolean good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;

	if (!good)
		set_error_of_result(db, result, error);
	PQclear(result);
	return good;
}

gboolean db_begin(struct db *db, GError **error)
{
	return db_script(db, "BEGIN", error);
}

gboolean db_commit(struct db *db, GError **error)
{
	/* COMMIT of a failed transaction succeeds as ROLLBACK: that is no commit. */
	if (PQtransactionStatus(db->conn) == PQTRANS_INERROR) {
		db_rollback(db);
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_BUG,
			    "commit of a failed transaction");
		return FALSE;
	}
	return db_script(db, "COMMIT", error);
}

void db_rollback(struct db *db)
{
	if (db_in_transaction(db))
		PQclear(PQexec(db->conn, "ROLLBACK"));
}

gboolean db_in_transaction(struct db *db)
{
	PGTransactionStatusType status = PQtransactionStatus(db->conn);

	return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

gboolean db_set_local_role(struct db *db, const char *role, GError **error)
{
	g_autofree char *sql = NULL;

	for (const char *at = role; *at; at++)
		if (!g_ascii_islower(*at) && !g_ascii_isdigit(*at) && *at != '_') {
			g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_BUG, "not a role's name");
			return FALSE;
		}
	sql = g_strdup_printf("SET LOCAL ROLE %s", role);
	return db_script(db, sql, error);
}

gboolean db_wait_notify(struct db *db, guint timeout_ms, GError **error)
{
	struct pollfd fd = {.fd = PQsocket(db->conn), .events = POLLIN};
	PGnotify *notify;
	gboolean came = FALSE;

	if (poll(&fd, 1, (int)timeout_ms) > 0 && !PQconsumeInput(db->conn)) {
		set_error_of_connection(db->conn, error);
		return FALSE;
	}
	while ((notify = PQnotifies(db->conn)) != NULL) {
		came = TRUE;
		PQfreemem(notify);
	}
	return came;
}
