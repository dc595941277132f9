#include "cli/command.h"

#include "base/error.h"
#include "base/password.h"
#include "sql.h"

#include <stdio.h>
#include <string.h>

static char *kind;
static char *name;
static gint department;
static char *email;

static const GOptionEntry entries[] = {
    {"kind", 0, 0, G_OPTION_ARG_STRING, &kind, N_("staff, supervisor or department"), "KIND"},
    {"name", 0, 0, G_OPTION_ARG_STRING, &name, N_("the person's name"), "NAME"},
    {"department", 0, 0, G_OPTION_ARG_INT, &department, N_("the department's number"), "NO"},
    {"email", 0, 0, G_OPTION_ARG_STRING, &email, N_("of a supervisor: where notices go"),
     "ADDRESS"},
    G_OPTION_ENTRY_NULL};

static gboolean put_email(struct app *app, const char *login, const char *address, gint64 account,
			  GError **error)
{
	g_autoptr(db_rows) rows = db_query(
	    app->db, sql_account_email,
	    DB(db_text(login), db_text(address), db_int(account), db_time(app->now)), error);

	if (!rows)
		return FALSE;
	if (db_get_bool(rows, 0, 0))
		return TRUE;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("no active account is called “%s”"),
		    login);
	return FALSE;
}

static gboolean only_supervisors(GError **error)
{
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("only supervisors get notices; the digest of a department goes to the "
		      "address that “pingyi department email” sets"));
	return FALSE;
}

static gboolean put_account(struct app *app, const char *login, const char *hash, gint64 account,
			    GError **error)
{
	return db_run(app->db, sql_account_add,
		      DB(db_text(login), db_text(name), db_text(kind),
			 department ? db_int(department) : db_null(), db_text(hash),
			 db_int(account), db_time(app->now)),
		      NULL, error) &&
	       (!email || put_email(app, login, email, account, error));
}

static gboolean add(struct app *app, const char *login, GError **error)
{
	gint64 account = app_account(app, error);
	g_autofree char *password = password_make(NULL);
	g_autofree char *hash = NULL;

	if (account == 0)
		return FALSE;
	if (!kind || !name)
		return app_usage(error, "account add LOGIN --kind KIND --name NAME "
					"[--department NO] [--email ADDRESS]");
	if (email && !app_address(email, error))
		return FALSE;
	if (email && strcmp(kind, "supervisor") != 0)
		return only_supervisors(error);
	hash = password_hash(password);
	if (!db_begin(app->db, error))
		return FALSE;
	if (!put_account(app, login, hash, account, error) || !db_commit(app->db, error)) {
		db_rollback(app->db);
		return FALSE;
	}
	printf("%s\t%s\n", login, password);
	return TRUE;
}

static gboolean set_email(struct app *app, const char *login, const char *address, GError **error)
{
	gint64 account = app_account(app, error);
	gboolean none = strcmp(address, "-") == 0;
	g_autoptr(db_rows) who = NULL;

	if (account == 0 || (!none && !app_address(address, error)))
		return FALSE;
	who = db_query(app->db, sql_account_by_login, DB(db_text(login)), error);
	if (!who)
		return FALSE;
	if (!none && db_rows_count(who) == 1 && strcmp(db_get_text(who, 0, 1), "supervisor") != 0)
		return only_supervisors(error);
	if (!put_email(app, login, none ? NULL : address, account, error))
		return FALSE;
	if (none)
		fprintf(stderr, _("%s gets no notices any more.\n"), login);
	else
		fprintf(stderr, _("Notices for %s go to %s.\n"), login, address);
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
	    {"login", N_("Login"), GRID_TEXT, APP_TEXT},
	    {"name", N_("Name"), GRID_TEXT, APP_TEXT},
	    {"kind", N_("Kind"), GRID_TEXT, APP_WORD},
	    {"department", N_("Department"), GRID_TEXT, APP_TEXT},
	    {"active", N_("Active"), GRID_TEXT, APP_MESSAGE},
	    {"email", N_("E-mail"), GRID_TEXT, APP_TEXT},
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
	if (!app_options(
		&argc, &argv, entries,
		"add LOGIN | list | password LOGIN | email LOGIN ADDRESS | email LOGIN -",
		_("Who may work here. A new password is printed once. A supervisor with a mail "
		  "address gets notices of what is overdue."),
		error))
		return FALSE;
	if (argc == 3 && strcmp(argv[1], "add") == 0)
		return add(app, argv[2], error);
	if (argc == 3 && strcmp(argv[1], "password") == 0)
		return change_password(app, argv[2], error);
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return list(app, error);
	if (argc == 4 && strcmp(argv[1], "email") == 0)
		return set_email(app, argv[2], argv[3], error);
	return app_usage(error,
			 "account add LOGIN | list | password LOGIN | email LOGIN ADDRESS|-");
}
