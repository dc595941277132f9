#include "mailer/enclosed.h"

#include "sql.h"

static const char *keep(struct enclosed *enclosed, const char *text)
{
	char *copy = g_strdup(text);

	g_ptr_array_add(enclosed->names, copy);
	return copy;
}

/* The rows hold all bytes as text, twice their size: they do not stay. */
struct enclosed *enclosed_load(struct db *db, gint64 round, gint64 enterprise, GError **error)
{
	g_autoptr(db_rows) rows =
	    db_query(db, sql_attachment_get,
		     DB(db_int(round), enterprise ? db_int(enterprise) : db_null()), error);
	struct enclosed *enclosed;

	if (!rows)
		return NULL;
	enclosed = g_new0(struct enclosed, 1);
	enclosed->count = db_rows_count(rows);
	enclosed->names = g_ptr_array_new_with_free_func(g_free);
	enclosed->contents = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	enclosed->list = g_new0(struct compose_attachment, enclosed->count + 1);
	for (guint i = 0; i < enclosed->count; i++) {
		GBytes *content = db_get_bytes(rows, i, 2);

		g_ptr_array_add(enclosed->contents, content);
		enclosed->list[i] =
		    (struct compose_attachment){keep(enclosed, db_get_text(rows, i, 0)),
						keep(enclosed, db_get_text(rows, i, 1)), content};
	}
	return enclosed;
}

void enclosed_free(struct enclosed *enclosed)
{
	if (!enclosed)
		return;
	g_ptr_array_unref(enclosed->names);
	g_ptr_array_unref(enclosed->contents);
	g_free(enclosed->list);
	g_free(enclosed);
}
