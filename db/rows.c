#include "db/rows.h"

#include <string.h>

struct db_rows {
	PGresult *result;
};

struct db_rows *rows_new(PGresult *result)
{
	struct db_rows *rows = g_new0(struct db_rows, 1);

	rows->result = result;
	return rows;
}

PGresult *rows_result(const struct db_rows *rows)
{
	return rows->result;
}

guint db_rows_count(const struct db_rows *rows)
{
	return (guint)PQntuples(rows->result);
}

gboolean db_is_null(const struct db_rows *rows, guint row, guint column)
{
	return PQgetisnull(rows->result, (int)row, (int)column) != 0;
}

const char *db_get_text(const struct db_rows *rows, guint row, guint column)
{
	return db_is_null(rows, row, column) ? NULL
					     : PQgetvalue(rows->result, (int)row, (int)column);
}

gint64 db_get_int(const struct db_rows *rows, guint row, guint column)
{
	const char *text = db_get_text(rows, row, column);

	return text ? g_ascii_strtoll(text, NULL, 10) : 0;
}

gboolean db_get_bool(const struct db_rows *rows, guint row, guint column)
{
	const char *text = db_get_text(rows, row, column);

	return text && *text == 't';
}

GBytes *db_get_bytes(const struct db_rows *rows, guint row, guint column)
{
	const char *text = db_get_text(rows, row, column);
	unsigned char *bytes;
	size_t size = 0;
	GBytes *copy;

	if (!text)
		return NULL;
	bytes = PQunescapeBytea((const unsigned char *)text, &size);
	copy = g_bytes_new(bytes, size);
	PQfreemem(bytes);
	return copy;
}

GDateTime *db_get_time(const struct db_rows *rows, guint row, guint column)
{
	const char *text = db_get_text(rows, row, column);
	g_autofree char *iso = NULL;
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();

	if (!text)
		return NULL;
	iso = g_strdup(text); /* 2026-03-02 09:00:00+08, in ISO DateStyle */
	if (strlen(iso) > 10 && iso[10] == ' ')
		iso[10] = 'T';
	return g_date_time_new_from_iso8601(iso, utc);
}

void db_rows_free(struct db_rows *rows)
{
	if (!rows)
		return;
	PQclear(rows->result);
	g_free(rows);
}
