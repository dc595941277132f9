#include "cli/command.h"

#include "base/charset.h"
#include "base/error.h"
#include "base/language.h"
#include "cli/help.h"
#include "cli/terminal.h"
#include "mailer/relay.h"
#include "mailer/smtp_text.h"
#include "sql.h"
#include "templates/format.h"

#include <json-glib/json-glib.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct office *app_office(struct app *app, GError **error)
{
	const GPtrArray *warnings;

	if (app->office)
		return app->office;
	app->office = office_open(app->office_path, error);
	warnings = app->office ? office_warnings(app->office) : NULL;
	for (guint i = 0; warnings && i < warnings->len; i++)
		fprintf(stderr, "%s\n", (const char *)warnings->pdata[i]);
	return app->office;
}

/* The person who acts: --as, else the one active account of staff where there is only one. */
static gboolean know_account(struct app *app, GError **error)
{
	g_autoptr(db_rows) rows =
	    db_query(app->db, sql_account_of_staff, DB(db_text(app->as)), error);

	if (!rows)
		return FALSE;
	if (db_rows_count(rows) == 1) {
		app->account = db_get_int(rows, 0, 0);
		return TRUE;
	}
	if (app->as)
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("no active account of staff is called “%s”"), app->as);
	else
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("say who you are: --as LOGIN, or PINGYI_AS in the environment"));
	return FALSE;
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
	if (app->db && strcmp(role, "staff") == 0 && !know_account(app, error))
		g_clear_pointer(&app->db, db_free);
	return app->db;
}

void app_tick(struct app *app)
{
	if (!app->start)
		app->start = g_date_time_ref(app->now);
	g_date_time_unref(app->now);
	app->now = g_date_time_add(app->start, g_get_monotonic_time() - app->started);
}

gint64 app_account(struct app *app, GError **error)
{
	return app_db(app, "staff", error) ? app->account : 0;
}

void app_warn_office(struct app *app)
{
	const char *url = office_setting(app->office, "office", "public_url", "http://127.0.0.1");
	gboolean phone = office_setting(app->office, "office", "phone", NULL) != NULL;
	gboolean address = office_setting(app->office, "office", "address", NULL) != NULL;

	if (relay_is_loopback(url))
		fprintf(stderr, "%s\n",
			_("The links and codes point to this machine alone: set [office] "
			  "public_url in pingyi.conf before letters leave."));
	if (!phone && !address)
		fprintf(stderr, "%s\n",
			_("pingyi.conf has no [office] phone, address: the letters say nothing "
			  "there (and the return sheet has no address to go to)."));
	else if (!phone)
		fprintf(stderr, "%s\n",
			_("pingyi.conf has no [office] phone: the letters say nothing there."));
	else if (!address)
		fprintf(stderr, "%s\n",
			_("pingyi.conf has no [office] address: the letters say nothing there, and "
			  "the return sheet has no address to go to."));
}

gboolean app_options(int *argc, char ***argv, const GOptionEntry *entries, const char *parameters,
		     const char *summary, GError **error)
{
	g_autoptr(GOptionContext) context = g_option_context_new(parameters);

	for (int i = 1; i < *argc && strcmp((*argv)[i], "--") != 0; i++)
		if (strcmp((*argv)[i], "--help") == 0 || strcmp((*argv)[i], "-h") == 0) {
			help_print((*argv)[0], entries, parameters, summary);
			exit(EXIT_SUCCESS);
		}
	g_option_context_set_help_enabled(context, FALSE);
	g_option_context_set_translation_domain(context, NULL);
	if (entries)
		g_option_context_add_main_entries(context, entries, NULL);
	return g_option_context_parse(context, argc, argv, error);
}

gboolean app_usage(GError **error, const char *usage)
{
	g_autofree char *places = help_places(usage);

	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("usage: pingyi %s"), places);
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

GTimeZone *app_zone(struct app *app)
{
	const char *name = office_setting(app->office, "office", "timezone", "Asia/Shanghai");
	GTimeZone *zone = g_time_zone_new_identifier(name);

	return zone ? zone : g_time_zone_new_utc();
}

gboolean app_address(const char *text, GError **error)
{
	gboolean utf8 = FALSE;
	g_autofree char *address = smtp_text_address(text, &utf8);

	if (address)
		return TRUE;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("“%s” is no mail address"), text);
	return FALSE;
}

void app_print_grid(const struct grid *grid)
{
	gboolean bold = isatty(STDOUT_FILENO) && !g_getenv("NO_COLOR");
	g_autofree char *text = grid_to_terminal(grid, terminal_width(), bold);

	fputs(text, stdout);
}

/* What an empty cell is: null, nothing, a gap. */
static const char *cell_at(const GPtrArray *rows, guint row, guint column)
{
	const char *const *cells = g_ptr_array_index(rows, row);
	const char *cell = cells[column];

	return cell && *cell ? cell : NULL;
}

static void print_json(const GPtrArray *rows, const struct app_column *columns, guint n)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();
	g_autoptr(JsonNode) root = NULL;
	g_autofree char *text = NULL;

	json_builder_begin_array(builder);
	for (guint r = 0; r < rows->len; r++) {
		json_builder_begin_object(builder);
		for (guint i = 0; i < n; i++) {
			const char *cell = cell_at(rows, r, i);

			json_builder_set_member_name(builder, columns[i].name);
			if (!cell)
				json_builder_add_null_value(builder);
			else if (columns[i].kind == GRID_NUMBER && strchr(cell, '.'))
				json_builder_add_double_value(builder, g_ascii_strtod(cell, NULL));
			else if (columns[i].kind == GRID_NUMBER)
				json_builder_add_int_value(builder,
							   g_ascii_strtoll(cell, NULL, 10));
			else
				json_builder_add_string_value(builder, cell);
		}
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	root = json_builder_get_root(builder);
	text = json_to_string(root, isatty(STDOUT_FILENO));
	puts(text);
}

/* What stands in one line, a message of ours in the reader's language. */
static char *cell_line(const char *text, gboolean message)
{
	g_autofree char *said = message ? language_kept(text) : NULL;

	return charset_line(said ? said : text);
}

static void print_tabs(const GPtrArray *rows, const struct app_column *columns, guint n)
{
	for (guint r = 0; r < rows->len; r++)
		for (guint i = 0; i < n; i++) {
			const char *cell = cell_at(rows, r, i);
			g_autofree char *line =
			    cell_line(cell ? cell : "", columns[i].cell == APP_MESSAGE);

			fputs(line, stdout);
			putchar(i + 1 < n ? '\t' : '\n');
		}
}

void app_print_cells(const struct app *app, const GPtrArray *rows, const struct app_column *columns,
		     guint n)
{
	g_autoptr(grid_handle) grid = NULL;
	gboolean english = strcmp(_("en"), "en") == 0;

	if (app->json || !isatty(STDOUT_FILENO)) {
		if (app->json)
			print_json(rows, columns, n);
		else
			print_tabs(rows, columns, n);
		return;
	}
	grid = grid_new("");
	for (guint i = 0; i < n; i++)
		grid_column(grid, _(columns[i].heading), columns[i].kind);
	for (guint r = 0; r < rows->len; r++) {
		g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);

		for (guint i = 0; i < n; i++) {
			GString *cell = g_string_new(NULL);
			const char *text = cell_at(rows, r, i);

			if (text && columns[i].cell == APP_WORD)
				format_word(cell, text, english);
			else if (text && columns[i].cell == APP_MESSAGE)
				format_message(cell, text, english);
			else if (text)
				g_string_append(cell, text);
			g_ptr_array_add(cells, g_string_free(cell, FALSE));
		}
		grid_row(grid, (const char *const *)cells->pdata);
	}
	app_print_grid(grid);
}

void app_print(const struct app *app, const struct db_rows *rows, const struct app_column *columns,
	       guint n)
{
	g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);

	for (guint r = 0; r < db_rows_count(rows); r++) {
		const char **row = g_new(const char *, n);

		for (guint i = 0; i < n; i++)
			row[i] = db_get_text(rows, r, i);
		g_ptr_array_add(cells, row);
	}
	app_print_cells(app, cells, columns, n);
}
