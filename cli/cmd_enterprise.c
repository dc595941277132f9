#include "cli/command.h"

#include "base/csv.h"
#include "base/error.h"
#include "base/json.h"
#include "base/ooxml.h"
#include "cli/terminal.h"
#include "mailer/audience.h"
#include "sql.h"
#include "templates/format.h"

#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LABEL_COLUMN 20 /* where the values of an enterprise begin */

static gboolean dry_run;
static gboolean skip_bad;

static const GOptionEntry entries[] = {
    {"dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, N_("import: show what would change"), NULL},
    {"skip-bad", 0, 0, G_OPTION_ARG_NONE, &skip_bad, N_("import: leave bad rows out"), NULL},
    G_OPTION_ENTRY_NULL};

static struct audience *read_audience(const char *path, GError **error)
{
	g_autoptr(GPtrArray) table = NULL;
	g_autoptr(GBytes) bytes = NULL;
	char *content = NULL;
	gsize size = 0;
	g_autoptr(GError) problem = NULL;

	if (!g_file_get_contents(path, &content, &size, &problem)) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, "%s", problem->message);
		return NULL;
	}
	bytes = g_bytes_new_take(content, size);
	table = size > 4 && memcmp(content, "PK\003\004", 4) == 0
		    ? ooxml_xlsx_rows(path, bytes, error)
		    : csv_parse(path, bytes, error);
	return table ? audience_read(path, table, error) : NULL;
}

/* As enterprise_put() wants it. Returns: (transfer full) */
static char *row_json(const struct audience_row *row)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_object(builder);
	json_add_text(builder, "name", row->name);
	json_add_text(builder, "short_name", row->short_name);
	json_add_text(builder, "credit_code", row->credit_code);
	json_add_text(builder, "stratum", row->stratum);
	json_add_text(builder, "address", row->address);
	json_add_text(builder, "postcode", row->postcode);
	json_open_array(builder, "contacts");
	for (guint i = 0; i < row->contacts->len; i++) {
		const struct audience_contact *contact = g_ptr_array_index(row->contacts, i);

		json_builder_begin_object(builder);
		json_add_text(builder, "name", contact->name);
		json_add_text(builder, "email", contact->email);
		json_add_text(builder, "phone", contact->phone);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	json_builder_end_object(builder);
	return json_finish(builder);
}

struct counts {
	guint added;
	guint changed;
	guint same;
	guint moved; /* letters that wait, and go to another address now … */
	guint again; /* … and those that are due again, at another one */
};

static gboolean put_rows(struct app *app, const char *path, const struct audience *audience,
			 gint64 account, struct counts *counts, GError **error)
{
	for (guint i = 0; i < audience->rows->len; i++) {
		const struct audience_row *row = g_ptr_array_index(audience->rows, i);
		g_autofree char *json = row_json(row);
		g_autoptr(db_rows) done =
		    db_query(app->db, sql_enterprise_put,
			     DB(db_text(json), db_int(account), db_time(app->now)), error);
		const char *what;

		if (!done) {
			g_prefix_error(error, "%s:%u: ", path, row->line);
			return FALSE;
		}
		what = db_get_text(done, 0, 0);
		counts->added += strcmp(what, "new") == 0;
		counts->changed += strcmp(what, "changed") == 0;
		counts->same += strcmp(what, "same") == 0;
		counts->moved += (guint)db_get_int(done, 0, 2);
		counts->again += (guint)db_get_int(done, 0, 3);
		if (strcmp(what, "changed") == 0 || (dry_run && strcmp(what, "new") == 0))
			printf("%u\t%s\t%s\t%s\n", row->line,
			       strcmp(what, "new") == 0 ? _("new") : _("changed"), row->name,
			       db_get_text(done, 0, 1));
	}
	return TRUE;
}

/* All or nothing. */
static gboolean put_all(struct app *app, const char *path, const struct audience *audience,
			struct counts *counts, GError **error)
{
	gint64 account = app_account(app, error);

	if (account == 0 || !db_begin(app->db, error))
		return FALSE;
	if (!put_rows(app, path, audience, account, counts, error)) {
		db_rollback(app->db);
		return FALSE;
	}
	if (!dry_run)
		return db_commit(app->db, error);
	db_rollback(app->db);
	return TRUE;
}

/* What new addresses mean for letters of rounds that are open. */
static void tell_letters(const struct counts *counts)
{
	if (counts->again)
		fprintf(stderr,
			dry_run ? _("would be due again, at their new addresses: %u letters that "
				    "had failed or come back\n")
				: _("due again, at their new addresses: %u letters that had failed "
				    "or come back\n"),
			counts->again);
	if (counts->moved)
		fprintf(stderr,
			dry_run ? _("would go to their new addresses: %u letters that have not "
				    "been sent\n")
				: _("go to their new addresses: %u letters that have not been "
				    "sent\n"),
			counts->moved);
	if (counts->again && !dry_run)
		fputs(_("Next: pingyi send\n"), stderr);
}

static gboolean import(struct app *app, const char *path, GError **error)
{
	g_autoptr(audience_handle) audience = read_audience(path, error);
	struct counts counts = {0};

	if (!audience)
		return FALSE;
	for (guint i = 0; i < audience->problems->len; i++) {
		const struct audience_problem *problem = g_ptr_array_index(audience->problems, i);

		fprintf(stderr, "%s:%u: %s: %s\n", path, problem->line, problem->column,
			problem->reason);
	}
	if (audience->problems->len && !skip_bad) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("%u problems; nothing was imported (--skip-bad imports the other "
			      "%u rows)"),
			    audience->problems->len, audience->rows->len);
		return FALSE;
	}
	if (!put_all(app, path, audience, &counts, error))
		return FALSE;
	fprintf(stderr,
		dry_run ? _("would be: %u new, %u changed, %u the same\n")
			: _("%u new, %u changed, %u the same\n"),
		counts.added, counts.changed, counts.same);
	tell_letters(&counts);
	return TRUE;
}

static gboolean list(struct app *app, GError **error)
{
	static const struct app_column columns[] = {
	    {"name", N_("Enterprise"), GRID_TEXT, APP_TEXT},
	    {"credit_code", N_("Credit code"), GRID_TEXT, APP_TEXT},
	    {"stratum", N_("Stratum"), GRID_TEXT, APP_WORD},
	    {"contact", N_("Contact"), GRID_TEXT, APP_TEXT},
	    {"email", N_("E-mail"), GRID_TEXT, APP_TEXT},
	    {"phone", N_("Phone"), GRID_TEXT, APP_TEXT},
	};
	struct db *db = app_db(app, "staff", error);
	g_autoptr(db_rows) rows = db ? db_query(db, sql_enterprise_list, DB_NONE, error) : NULL;

	if (!rows)
		return FALSE;
	app_print(app, rows, columns, G_N_ELEMENTS(columns));
	return TRUE;
}

static const char *text_of(JsonObject *object, const char *member)
{
	return json_object_get_string_member_with_default(object, member, "");
}

/* "甲  jia@one.example  0546-1234567" */
static char *contact_line(JsonObject *contact)
{
	return g_strdup_printf("%s  %s  %s", text_of(contact, "name"), text_of(contact, "email"),
			       text_of(contact, "phone"));
}

/* "2026-1  PY-K4T5RFKK  answered" */
static char *letter_line(JsonObject *letter)
{
	GString *out = g_string_new(text_of(letter, "round"));

	g_string_append_printf(out, "  %s  ", text_of(letter, "number"));
	format_word(out, text_of(letter, "state"), strcmp(_("en"), "en") == 0);
	return g_string_free(out, FALSE);
}

static void put_lines(GString *out, JsonArray *lines, const char *label,
		      char *line_of(JsonObject *object), guint width)
{
	for (guint i = 0; i < json_array_get_length(lines); i++) {
		g_autofree char *line = line_of(json_array_get_object_element(lines, i));

		terminal_field(out, LABEL_COLUMN, label, line, 1, width);
	}
}

static void print_enterprise(JsonObject *enterprise)
{
	guint width = terminal_width();
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GString) stratum = g_string_new(NULL);

	format_word(stratum, text_of(enterprise, "stratum"), strcmp(_("en"), "en") == 0);
	terminal_wrap(out, 0, 0, width, 0, text_of(enterprise, "name"));
	terminal_field(out, LABEL_COLUMN, _("Short name"), text_of(enterprise, "short_name"), 0,
		       width);
	terminal_field(out, LABEL_COLUMN, _("Credit code"), text_of(enterprise, "credit_code"), 0,
		       width);
	terminal_field(out, LABEL_COLUMN, _("Stratum"), stratum->str, 0, width);
	terminal_field(out, LABEL_COLUMN, _("Address"), text_of(enterprise, "address"), 0, width);
	terminal_field(out, LABEL_COLUMN, _("Postcode"), text_of(enterprise, "postcode"), 0, width);
	if (json_object_get_boolean_member(enterprise, "silent"))
		terminal_field(out, LABEL_COLUMN, _("Reminders"), _("wants none"), 0, width);
	put_lines(out, json_object_get_array_member(enterprise, "contacts"), _("Contact"),
		  contact_line, width);
	put_lines(out, json_object_get_array_member(enterprise, "letters"), _("Letter"),
		  letter_line, width);
	fputs(out->str, stdout);
}

/* On a terminal as people read it, elsewhere the JSON. */
static gboolean show(struct app *app, const char *key, GError **error)
{
	struct db *db = app_db(app, "staff", error);
	g_autoptr(db_rows) rows =
	    db ? db_query(db, sql_enterprise_show, DB(db_text(key)), error) : NULL;

	if (!rows)
		return FALSE;
	if (db_rows_count(rows) == 0) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("no enterprise has the name or code “%s”"), key);
		return FALSE;
	}
	for (guint i = 0; i < db_rows_count(rows); i++) {
		const char *json = db_get_text(rows, i, 0);
		g_autoptr(JsonNode) node = json_from_string(json, NULL);

		if (node && isatty(STDOUT_FILENO) && !app->json)
			print_enterprise(json_node_get_object(node));
		else
			puts(json);
	}
	return TRUE;
}

gboolean cmd_enterprise(struct app *app, int argc, char **argv, GError **error)
{
	if (!app_options(&argc, &argv, entries, "import FILE | list | show NAME-OR-CODE",
			 _("The enterprises that the office asks, from a CSV or XLSX file. A row "
			   "is known by its credit code, else by its name; importing again "
			   "changes what differs."),
			 error))
		return FALSE;
	if (argc == 3 && strcmp(argv[1], "import") == 0)
		return import(app, argv[2], error);
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return list(app, error);
	if (argc == 3 && strcmp(argv[1], "show") == 0)
		return show(app, argv[2], error);
	return app_usage(error, "enterprise import FILE | list | show NAME-OR-CODE");
}
