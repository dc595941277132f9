#include "db/enterprise.h"

#include "base/error.h"
#include "sql.h"

gint64 enterprise_find(struct db *db, const char *key, GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql_enterprise_find, DB(db_text(key)), error);

	if (!rows)
		return 0;
	if (db_rows_count(rows) == 1 || (db_rows_count(rows) == 2 && db_get_bool(rows, 0, 2)))
		return db_get_int(rows, 0, 0);
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    db_rows_count(rows) == 0
			? _("no enterprise has the name or code “%s”")
			: _("several enterprises are called “%s”: say the name or the credit code"),
		    key);
	return 0;
}
