#include "cli/command.h"

#include "base/asset.h"
#include "base/error.h"
#include "base/json.h"
#include "base/password.h"
#include "classifier/lexicon_version.h"
#include "db/calendar.h"
#include "db/cluster.h"
#include "db/schema.h"
#include "sql.h"

#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

static char *office_name;
static char *seed;
static char *database;
static char **departments;
static char *lexicon_file;

static const GOptionEntry entries[] = {
    {"name", 0, 0, G_OPTION_ARG_STRING, &office_name, N_("the office's name"), "NAME"},
    {"database", 0, 0, G_OPTION_ARG_STRING, &database,
     N_("a PostgreSQL server instead of a private one"), "URL"},
    {"department", 0, 0, G_OPTION_ARG_STRING_ARRAY, &departments,
     N_("a department that gets an account at once (may be repeated)"), "CODE"},
    {"lexicon", 0, 0, G_OPTION_ARG_FILENAME, &lexicon_file,
     N_("departments and words by this lexicon, not the program's"), "FILE"},
    {"seed", 0, 0, G_OPTION_ARG_STRING, &seed,
     N_("make keys and passwords from this text: for demos and tests only"), "TEXT"},
    G_OPTION_ENTRY_NULL};

/* The names of one kind that a target has, as a JSON array. */
static char *names_json(const struct lexicon *lexicon, guint target, enum term_kind kind)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_array(builder);
	for (guint i = 0; i < lexicon->terms->len; i++) {
		const struct term *term = &g_array_index(lexicon->terms, struct term, i);

		if (term->target == target && term->kind == kind)
			json_builder_add_string_value(builder, term->text);
	}
	json_builder_end_array(builder);
	return json_finish(builder);
}

static gboolean put_departments(struct db *db, const struct lexicon *lexicon, GError **error)
{
	for (guint i = 0; i < lexicon->targets->len; i++) {
		const struct target *target = &g_array_index(lexicon->targets, struct target, i);
		g_autofree char *short_names = names_json(lexicon, i, TERM_SHORT);
		g_autofree char *former_names = names_json(lexicon, i, TERM_FORMER);

		if (!db_run(db, sql_department_put,
			    DB(db_int(target->no), db_text(target->code), db_text(target->name),
			       db_text(target->category ? target->category : ""),
			       db_text(short_names), db_text(former_names)),
			    NULL, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean add_account(struct app *app, struct db *db, const char *login, const char *name,
			    const char *kind, gint department, GError **error)
{
	g_autofree char *token =
	    seed ? key_token(office_key(app->office), "password", login) : NULL;
	g_autofree char *password = password_make(token);
	g_autofree char *hash = password_hash(password);

	if (!db_run(db, sql_account_add,
		    DB(db_text(login), db_text(name), db_text(kind),
		       department ? db_int(department) : db_null(), db_text(hash), db_null(),
		       db_time(app->now)),
		    NULL, error))
		return FALSE;
	printf("  %-12s %s   %s\n", login, password, name);
	return TRUE;
}

/* Two that hear from enterprises most often, unless the caller names others. */
static const char *const usual_departments[] = {"d23", "d28", NULL};

static gboolean add_accounts(struct app *app, struct db *db, const struct lexicon *lexicon,
			     GError **error)
{
	const char *const *wanted = departments    ? (const char *const *)departments
				    : lexicon_file ? usual_departments + 2 /* none */
						   : usual_departments;

	printf("%s\n", _("Accounts (these passwords are shown this once):"));
	if (!add_account(app, db, "staff", _("the office's staff"), "staff", 0, error) ||
	    !add_account(app, db, "supervisor", _("supervisor"), "supervisor", 0, error))
		return FALSE;
	for (; *wanted; wanted++) {
		const struct target *found = NULL;

		for (guint i = 0; i < lexicon->targets->len && !found; i++) {
			const struct target *target =
			    &g_array_index(lexicon->targets, struct target, i);

			if (strcmp(target->code, *wanted) == 0)
				found = target;
		}
		if (!found) {
			g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
				    _("no department has the code “%s”"), *wanted);
			return FALSE;
		}
		if (!add_account(app, db, found->code, found->name, "department", found->no, error))
			return FALSE;
	}
	return TRUE;
}

/* The office's own lexicon decides from the first opinion on. */
static gboolean use_lexicon(struct app *app, struct db *db, const struct lexicon *lexicon,
			    const char *text, GError **error)
{
	gboolean is_new = FALSE;

	return lexicon_import(db, lexicon, lexicon_file, text, 0, app->now, &is_new, error) &&
	       db_run(db, sql_lexicon_use,
		      DB(db_text(lexicon->version), db_null(), db_time(app->now)), NULL, error);
}

/* `text`: of the lexicon, NULL for the program's own. */
static gboolean fill(struct app *app, struct db *db, const struct lexicon *lexicon,
		     const char *text, GError **error)
{
	const char *zone = office_setting(app->office, "office", "timezone", "Asia/Shanghai");

	return schema_apply(db, office_schema(app->office), NULL, error) && db_begin(db, error) &&
	       db_run(db, sql_setting_put, DB(db_text("timezone"), db_text(zone)), NULL, error) &&
	       calendar_load(db, asset_find("db/data/holidays-cn.tsv")->text, error) &&
	       put_departments(db, lexicon, error) &&
	       (!text || use_lexicon(app, db, lexicon, text, error)) &&
	       add_accounts(app, db, lexicon, error) && db_commit(db, error);
}

gboolean cmd_init(struct app *app, int argc, char **argv, GError **error)
{
	g_autoptr(db_handle) db = NULL;
	g_autoptr(lexicon_handle) lexicon = NULL;
	g_autofree char *text = NULL;

	if (!app_options(&argc, &argv, entries, "FOLDER",
			 _("Makes an office: settings, keys, a private PostgreSQL, accounts."),
			 error))
		return FALSE;
	if (argc != 2)
		return app_usage(error, "init FOLDER [--name NAME] [--database URL] "
					"[--lexicon FILE]");
	lexicon = lexicon_file ? lexicon_read(lexicon_file, &text, error) : lexicon_default(error);
	if (!lexicon)
		return FALSE;
	if (!office_make(argv[1],
			 office_name ? office_name : _("Office for the Business Environment"),
			 database, seed, error))
		return FALSE;
	app->office_path = argv[1];
	if (!app_office(app, error) ||
	    (!database &&
	     !cluster_create(office_folder(app->office), office_schema(app->office), error)))
		return FALSE;
	db = office_connect(app->office, NULL, error);
	if (!db || !fill(app, db, lexicon, text, error))
		return FALSE;
	fprintf(stderr,
		_("The office is in %s. Next: set pingyi.conf there, then import enterprises.\n"),
		office_folder(app->office));
	return TRUE;
}
