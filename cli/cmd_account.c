#include "cli/command.h"

#include "base/error.h"
#include "base/password.h"
#include "sql.h"

#include <stdio.h>
#include <string.h>

static char *kind;
static char *name;
static gint department;

static const GOptionEntry entries[] = {
    {"kind", 0, 0, G_OPTION_ARG_STRING, &kind, N_("staff, supervisor or department"), "KIND"},
    {"name", 0, 0, G_OPTION_ARG_STRING, &name, N_("the person's name"), "NAME"},
    {"department", 0, 0, G_OPTION_ARG_INT, &department, N_("the department's number"), "NO"},
    G_OPTION_ENTRY_NULL};

static gboolean add(struct app *app, const char *login, GError **error)
{
	gint64 account = app_account(app, error);
	g_autofree char *password = password_make(NULL);
	g_autofree char *hash = NULL;

	if (account == 0)
		return FALSE;
	if (!kind || !name)
		return app_usage(error,
				 "account add LOGIN --kind KIND --name NAME [--department NO]");
	hash = password_hash(password);
	if (!db_run(app->db, sql_account_add,
		    DB(db_text(login), db_text(name), db_text(kind),
		       department ? db_int(department) : db_null(), db_text(hash), db_int(account),
		       db_time(app->now)),
		    NULL, error))
		return FALSE;
	printf("%s\t%s\n", login, password);
	return TRUE;
}

static gboolean change_password(struct app *app, const char *login, GError **error)
{
	gint64 account = app_account(app, error);
	g_autofree char *password = password_make(NULL);
	g_autofree char *hash = NULL;

	if (account == 0)
		return FALSE;
	hash = password_hash(password);
	if (!db_run(app->db, sql_account_password,
		    DB(db_text(login), db_text(hash), db_int(account), db_time(app->now)), NULL,
		    error))
		return FALSE;
	printf("%s\t%s\n", login, password);
	return TRUE;
}

static gboolean list(struct app *app, GError **error)
{
	static const struct app_column columns[] = {
	    {"login", N_("Login"), GRID_TEXT, FALSE},
	    {"name", N_("Name"), GRID_TEXT, FALSE},
	    {"kind", N_("Kind"), GRID_TEXT, TRUE},
	    {"department", N_("Department"), GRID_TEXT, FALSE},
	    {"active", N_("Active"), GRID_TEXT, FALSE},
	};
	struct db *db = app_db(app, "staff", error);
	g_autoptr(db_rows) rows = db ? db_query(db, sql_account_list, DB_NONE, error) : NULL;

	if (!rows)
		return FALSE;
	app_print(app, rows, columns, G_N_ELEMENTS(columns));
	return TRUE;
}

gboolean cmd_account(struct app *app, int argc, char **argv, GError **error)
{
	if (!app_options(&argc, &argv, entries, "add LOGIN | list | password LOGIN",
			 _("Who may work here. A new password is printed once."), error))
		return FALSE;
	if (argc == 3 && strcmp(argv[1], "add") == 0)
		return add(app, argv[2], error);
	if (argc == 3 && strcmp(argv[1], "password") == 0)
		return change_password(app, argv[2], error);
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return list(app, error);
	return app_usage(error, "account add LOGIN | list | password LOGIN");
}
