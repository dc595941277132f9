#include "db/correction.h"

#include "sql.h"

gboolean correction_each(struct db *db, correction_function *function, void *user, GError **error)
{
	gint64 last = 0;

	for (;;) {
		g_autoptr(db_rows) rows =
		    db_query(db, sql_correction_list, DB(db_int(last)), error);
		guint n = rows ? db_rows_count(rows) : 0;

		for (guint i = 0; i < n; i++) {
			struct correction correction = {
			    db_get_int(rows, i, 0),
			    db_get_text(rows, i, 1),
			    db_get_text(rows, i, 2),
			    db_get_int(rows, i, 3),
			    {db_get_text(rows, i, 4), db_get_text(rows, i, 5), NULL}};

			last = correction.opinion;
			function(user, &correction);
		}
		if (n == 0)
			return rows != NULL;
	}
}
