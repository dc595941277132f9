#include "cli/command.h"

#include "base/error.h"
#include "sql.h"

#include <stdio.h>
#include <string.h>

static const GOptionEntry entries[] = {G_OPTION_ENTRY_NULL};

static gboolean list(struct app *app, GError **error)
{
	static const struct app_column columns[] = {
	    {"code", N_("Code"), GRID_TEXT, APP_TEXT},
	    {"name", N_("Department"), GRID_TEXT, APP_TEXT},
	    {"category", N_("Category"), GRID_TEXT, APP_TEXT},
	    {"number", N_("No."), GRID_NUMBER, APP_TEXT},
	    {"email", N_("E-mail"), GRID_TEXT, APP_TEXT},
	};
	struct db *db = app_db(app, "staff", error);
	g_autoptr(db_rows) rows =
	    db ? db_query(db, sql_department_addresses, DB_NONE, error) : NULL;

	if (!rows)
		return FALSE;
	app_print(app, rows, columns, G_N_ELEMENTS(columns));
	return TRUE;
}

static gboolean set_email(struct app *app, const char *code, const char *address, GError **error)
{
	gint64 account = app_account(app, error);
	gboolean none = strcmp(address, "-") == 0;
	g_autoptr(db_rows) rows = NULL;

	if (account == 0 || (!none && !app_address(address, error)))
		return FALSE;
	rows = db_query(
	    app->db, sql_department_email,
	    DB(db_text(code), db_text(none ? NULL : address), db_int(account), db_time(app->now)),
	    error);
	if (!rows)
		return FALSE;
	if (db_get_bool(rows, 0, 0)) {
		if (none)
			fprintf(stderr, _("The department %s gets no digests any more.\n"), code);
		else
			fprintf(stderr, _("Digests of the department %s go to %s.\n"), code,
				address);
		return TRUE;
	}
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("no department has the code “%s”"),
		    code);
	return FALSE;
}

gboolean cmd_department(struct app *app, int argc, char **argv, GError **error)
{
	if (!app_options(&argc, &argv, entries, "list | email CODE ADDRESS | email CODE -",
			 _("The departments that opinions are sorted to. One with a mail address "
			   "is told by a digest what waits for it ([notices] in pingyi.conf says "
			   "how often)."),
			 error))
		return FALSE;
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return list(app, error);
	if (argc == 4 && strcmp(argv[1], "email") == 0)
		return set_email(app, argv[2], argv[3], error);
	return app_usage(error, "department list | email CODE ADDRESS|-");
}
