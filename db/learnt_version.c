#include "db/learnt_version.h"

#include "sql.h"

static struct db_value or_null(gint64 id)
{
	return id ? db_int(id) : db_null();
}

gboolean learnt_version_put(struct db *db, GBytes *bytes, const char *figures, gint64 account,
			    GDateTime *now, gint64 *version_out, GError **error)
{
	g_autoptr(db_rows) rows =
	    db_query(db, sql_learnt_put,
		     DB(db_bytes(bytes), db_text(figures), or_null(account), db_time(now)), error);

	if (rows && version_out)
		*version_out = db_get_int(rows, 0, 0);
	return rows != NULL;
}

gboolean learnt_version_use(struct db *db, gint64 version, gint64 account, GDateTime *now,
			    GError **error)
{
	return db_run(db, sql_learnt_use, DB(or_null(version), or_null(account), db_time(now)),
		      NULL, error);
}

gboolean learnt_version_in_use(struct db *db, struct learnt_version **out, GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql_learnt_get, DB_NONE, error);

	*out = NULL;
	if (!rows)
		return FALSE;
	if (db_rows_count(rows) == 0)
		return TRUE;
	*out = g_new0(struct learnt_version, 1);
	(*out)->version = db_get_int(rows, 0, 0);
	(*out)->bytes = db_get_bytes(rows, 0, 1);
	return TRUE;
}

void learnt_version_free(struct learnt_version *learnt)
{
	if (!learnt)
		return;
	g_bytes_unref(learnt->bytes);
	g_free(learnt);
}
