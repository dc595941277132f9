#include "db/calendar.h"

#include "base/error.h"
#include "sql.h"

#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

#define YEARS_BEYOND 3 /* provisional years after the last published one */

static gboolean add_line(JsonBuilder *days, const char *line, guint number, char *last,
			 GError **error)
{
	g_auto(GStrv) field = g_strsplit(line, "\t", 3);
	gboolean works;

	if (g_strv_length(field) != 3 || strlen(field[0]) != 10 ||
	    (strcmp(field[1], "off") != 0 && strcmp(field[1], "work") != 0)) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("calendar, line %u: expected day, off or work, and a name"), number);
		return FALSE;
	}
	works = strcmp(field[1], "work") == 0;
	json_builder_begin_object(days);
	json_builder_set_member_name(days, "day");
	json_builder_add_string_value(days, field[0]);
	json_builder_set_member_name(days, "works");
	json_builder_add_boolean_value(days, works);
	json_builder_set_member_name(days, "name");
	json_builder_add_string_value(days, field[2]);
	json_builder_end_object(days);
	if (strcmp(field[0], last) > 0)
		g_strlcpy(last, field[0], 11);
	return TRUE;
}

gboolean calendar_load(struct db *db, const char *tsv, GError **error)
{
	g_auto(GStrv) lines = g_strsplit(tsv, "\n", -1);
	g_autoptr(JsonBuilder) days = json_builder_new();
	g_autoptr(JsonNode) root = NULL;
	g_autofree char *json = NULL;
	g_autofree char *published = NULL;
	g_autofree char *end = NULL;
	char last[11] = "";
	int year;

	json_builder_begin_array(days);
	for (guint i = 0; lines[i]; i++)
		if (*lines[i] && *lines[i] != '#' && !g_str_has_prefix(lines[i], "date\t") &&
		    !add_line(days, lines[i], i + 1, last, error))
			return FALSE;
	json_builder_end_array(days);
	root = json_builder_get_root(days);
	json = json_to_string(root, FALSE);
	year = (int)g_ascii_strtoll(last, NULL, 10);
	published = g_strdup_printf("%d-12-31", year);
	end = g_strdup_printf("%d-12-31", year + YEARS_BEYOND);
	return db_run(db, sql_calendar_fill,
		      DB(db_text("2004-01-01"), db_text(end), db_text(published), db_text(json)),
		      NULL, error);
}

gboolean calendar_at_work(struct office *office, struct db *db, GDateTime *now, gboolean *yes_out,
			  GError **error)
{
	const char *from = office_setting(office, "notices", "at", "08:30");
	g_autoptr(db_rows) rows = NULL;
	guint hour = 24;
	guint minute = 60;
	char rest;

	*yes_out = FALSE;
	if (strlen(from) != 5 || sscanf(from, "%2u:%2u%c", &hour, &minute, &rest) != 2 ||
	    hour > 23 || minute > 59) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("pingyi.conf: [notices] at = “%s” is not a time like 08:30"), from);
		return FALSE;
	}
	rows = db_query(db, sql_calendar_at_work, DB(db_time(now), db_text(from)), error);
	if (!rows)
		return FALSE;
	*yes_out = db_rows_count(rows) == 1 && db_get_bool(rows, 0, 0);
	return TRUE;
}

char *calendar_day(struct db *db, GDateTime *now, GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql_calendar_day, DB(db_time(now)), error);

	return rows ? g_strdup(db_get_text(rows, 0, 0)) : NULL;
}
