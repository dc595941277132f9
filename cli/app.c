#include "cli/command.h"

#include "base/error.h"
#include "sql.h"

#include <stdio.h>
#include <string.h>

struct office *app_office(struct app *app, GError **error)
{
	if (!app->office)
		app->office = office_open(app->office_path, error);
	return app->office;
}

struct db *app_db(struct app *app, const char *role, GError **error)
{
	if (!app_office(app, error))
		return NULL;
	if (app->db && strcmp(app->db_role, role) == 0)
		return app->db;
	g_clear_pointer(&app->db, db_free);
	g_free(app->db_role);
	app->db_role = g_strdup(role);
	app->db = office_connect(app->office, role, error);
	return app->db;
}

gint64 app_account(struct app *app, GError **error)
{
	struct db *db = app_db(app, "staff", error);
	g_autoptr(db_rows) rows = NULL;

	if (!db)
		return 0;
	rows = db_query(db, sql_account_of_staff, DB(db_text(app->as)), error);
	if (!rows)
		return 0;
	if (db_rows_count(rows) == 1)
		return db_get_int(rows, 0, 0);
	if (app->as)
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("no active account of staff is called “%s”"), app->as);
	else
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("say who you are: --as LOGIN, or PINGYI_AS in the environment"));
	return 0;
}

gboolean app_options(int *argc, char ***argv, const GOptionEntry *entries, const char *parameters,
		     const char *summary, GError **error)
{
	g_autoptr(GOptionContext) context = g_option_context_new(parameters);
	g_autofree char *program = g_strdup_printf("pingyi %s", (*argv)[0]);

	g_option_context_set_summary(context, summary);
	g_option_context_set_translation_domain(context, NULL);
	if (entries)
		g_option_context_add_main_entries(context, entries, NULL);
	g_set_prgname(program);
	return g_option_context_parse(context, argc, argv, error);
}

gboolean app_usage(GError **error, const char *usage)
{
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("usage: pingyi %s"), usage);
	return FALSE;
}

gboolean app_number(const char *text, const char *what, gint64 *number_out, GError **error)
{
	g_autoptr(GError) problem = NULL;

	if (text && g_ascii_string_to_signed(text, 10, 0, G_MAXINT64, number_out, &problem))
		return TRUE;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s: “%s” is not a whole number"),
		    what, text ? text : "");
	return FALSE;
}

gboolean app_date(const char *text, const char *what, GError **error)
{
	guint year;
	guint month;
	guint day;
	char rest;

	if (text && strlen(text) == 10 &&
	    sscanf(text, "%4u-%2u-%2u%c", &year, &month, &day, &rest) == 3 &&
	    g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
		return TRUE;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("%s: “%s” is not a date like 2026-03-02"), what, text ? text : "");
	return FALSE;
}
