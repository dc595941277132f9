#include "cli/command.h"

#include "base/error.h"
#include "db/round.h"
#include "sql.h"
#include "templates/format.h"

#include <json-glib/json-glib.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PAGE 500 /* mails that --list shows at once */

struct send_status_options send_status_options;

/* The states as the document names them, in the order of a mail's life. */
static const char *const states[] = {"queued",    "later",    "in_flight", "sent",
				     "doubtful",  "deferred", "failed",    "bounced",
				     "cancelled", "paper",    "answered",  NULL};

/* --- reading the document --- */

static gint64 number_of(JsonObject *object, const char *name)
{
	return json_object_has_member(object, name) ? json_object_get_int_member(object, name) : 0;
}

/* NULL for null. */
static const char *text_of(JsonObject *object, const char *name)
{
	return json_object_has_member(object, name)
		   ? json_object_get_string_member_with_default(object, name, NULL)
		   : NULL;
}

static char *say_number(gint64 number)
{
	g_autofree char *digits = g_strdup_printf("%" G_GINT64_FORMAT, number);
	GString *out = g_string_new(NULL);

	format_number(out, digits);
	return g_string_free(out, FALSE);
}

static char *say_word(const char *word)
{
	GString *out = g_string_new(NULL);

	format_word(out, word, strcmp(_("en"), "en") == 0);
	return g_string_free(out, FALSE);
}

/* "2026-03-02T09:05:12+08:00" as 09:05 where it is of the day of `at`, else as 03-02 09:05. */
static char *say_time(const char *time, const char *at)
{
	if (!time || strlen(time) < 16)
		return g_strdup("");
	if (at && strncmp(time, at, 10) == 0)
		return g_strndup(time + 11, 5);
	return g_strdup_printf("%.5s %.5s", time + 5, time + 11);
}

/* --- tables of figures: a state a row, a kind or stratum a column --- */

/* Whether any of the objects has mails in this state. */
static gboolean any_in(JsonArray *objects, const char *state)
{
	for (guint i = 0; i < json_array_get_length(objects); i++)
		if (number_of(json_array_get_object_element(objects, i), state))
			return TRUE;
	return FALSE;
}

static void add_row(struct grid *grid, GPtrArray *cells)
{
	g_ptr_array_add(cells, NULL);
	grid_row(grid, (const char *const *)cells->pdata);
}

/* The row "next try" below the deferred. */
static void add_next(struct grid *grid, JsonArray *objects, const char *at)
{
	g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
	gboolean any = FALSE;

	g_ptr_array_add(cells, g_strdup(_("  next try")));
	for (guint i = 0; i < json_array_get_length(objects); i++) {
		const char *next = text_of(json_array_get_object_element(objects, i), "next");

		any = any || next;
		g_ptr_array_add(cells, say_time(next, at));
	}
	if (any)
		add_row(grid, cells);
}

/* `member` names the objects: "kind", "stratum". States that none of them has are left out. */
static void print_figures(JsonArray *objects, const char *heading, const char *member,
			  const char *at)
{
	g_autoptr(grid_handle) grid = grid_new("");

	if (json_array_get_length(objects) == 0)
		return;
	grid_column(grid, heading, GRID_TEXT);
	for (guint i = 0; i < json_array_get_length(objects); i++) {
		g_autofree char *name =
		    say_word(text_of(json_array_get_object_element(objects, i), member));

		grid_column(grid, name, GRID_NUMBER);
	}
	for (const char *const *state = states; *state; state++) {
		g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);

		if (!any_in(objects, *state))
			continue;
		g_ptr_array_add(cells, say_word(*state));
		for (guint i = 0; i < json_array_get_length(objects); i++) {
			JsonObject *object = json_array_get_object_element(objects, i);

			/* reminders and replies are not answered, letters are */
			g_ptr_array_add(cells, json_object_has_member(object, *state) &&
						       !json_object_get_null_member(object, *state)
						   ? say_number(number_of(object, *state))
						   : g_strdup(""));
		}
		add_row(grid, cells);
		if (strcmp(*state, "deferred") == 0)
			add_next(grid, objects, at);
	}
	putchar('\n');
	app_print_grid(grid);
}

/* --- domains: a row each, its name last, where a narrow terminal cuts --- */

static gint64 sum_of(JsonObject *object, const char *const *names)
{
	gint64 sum = 0;

	for (; *names; names++)
		sum += number_of(object, *names);
	return sum;
}

static void print_domains(JsonArray *domains, const char *at)
{
	static const char *const waiting[] = {"queued", "later", "in_flight", NULL};
	static const char *const again[] = {"doubtful", "deferred", NULL};
	g_autoptr(grid_handle) grid = grid_new("");

	if (json_array_get_length(domains) == 0)
		return;
	grid_column(grid, _("Letters"), GRID_NUMBER);
	grid_column(grid, _("To go"), GRID_NUMBER);
	grid_column(grid, _("Sent"), GRID_NUMBER);
	grid_column(grid, _("Again"), GRID_NUMBER);
	grid_column(grid, _("Failed"), GRID_NUMBER);
	grid_column(grid, _("Came back"), GRID_NUMBER);
	grid_column(grid, _("Held until"), GRID_TEXT);
	grid_column(grid, _("Domain"), GRID_TEXT);
	for (guint i = 0; i < json_array_get_length(domains); i++) {
		JsonObject *d = json_array_get_object_element(domains, i);
		const char *name = text_of(d, "domain");
		g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);

		g_ptr_array_add(cells, say_number(number_of(d, "letters")));
		g_ptr_array_add(cells, say_number(sum_of(d, waiting)));
		g_ptr_array_add(cells, say_number(number_of(d, "sent")));
		g_ptr_array_add(cells, say_number(sum_of(d, again)));
		g_ptr_array_add(cells, say_number(number_of(d, "failed")));
		g_ptr_array_add(cells, say_number(number_of(d, "bounced")));
		g_ptr_array_add(cells, say_time(text_of(d, "hold_until"), at));
		g_ptr_array_add(cells, name ? g_strdup(name) : say_word("other domains"));
		add_row(grid, cells);
	}
	putchar('\n');
	app_print_grid(grid);
}

/* --- reasons, senders, the gate --- */

/* "550 5.1.1 no such mailbox" */
static char *say_answer(JsonObject *object)
{
	gint64 code = number_of(object, "code");
	const char *words = text_of(object, "words");

	return code ? g_strdup_printf("%" G_GINT64_FORMAT " %s", code, words ? words : "")
		    : g_strdup(words ? words : "");
}

static void print_reasons(JsonObject *status)
{
	JsonArray *reasons = json_object_get_array_member(status, "reasons");
	gint64 others = number_of(status, "other_reasons");
	g_autoptr(grid_handle) grid = grid_new("");

	if (json_array_get_length(reasons) == 0)
		return;
	grid_column(grid, _("Letters"), GRID_NUMBER);
	grid_column(grid, _("State"), GRID_TEXT);
	grid_column(grid, _("What the server said"), GRID_LONG);
	for (guint i = 0; i < json_array_get_length(reasons); i++) {
		JsonObject *reason = json_array_get_object_element(reasons, i);
		g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);

		g_ptr_array_add(cells, say_number(number_of(reason, "n")));
		g_ptr_array_add(cells, say_word(text_of(reason, "state")));
		g_ptr_array_add(cells, say_answer(reason));
		add_row(grid, cells);
	}
	if (others) {
		g_autofree char *n = say_number(others);
		g_autofree char *foot = g_strdup_printf(_("and %s for other reasons"), n);

		grid_foot(grid, foot);
	}
	putchar('\n');
	app_print_grid(grid);
}

/* "12 min", "3 h 20 min" */
static char *say_span(gint64 seconds)
{
	gint64 minutes = (seconds + 59) / 60;

	if (minutes < 120)
		return g_strdup_printf(_("%lld min"), (long long)minutes);
	return g_strdup_printf(_("%lld h %lld min"), (long long)(minutes / 60),
			       (long long)(minutes % 60));
}

static void print_senders(JsonObject *status, const char *at)
{
	JsonArray *senders = json_object_get_array_member(status, "senders");

	putchar('\n');
	if (json_array_get_length(senders) == 0)
		puts(_("Nobody is sending."));
	for (guint i = 0; i < json_array_get_length(senders); i++) {
		JsonObject *s = json_array_get_object_element(senders, i);
		g_autofree char *since = say_time(text_of(s, "since"), at);
		g_autofree char *lease = say_time(text_of(s, "lease_until"), at);

		printf(_("%s sends through %s since %s, %.1f a second (lease until %s)\n"),
		       text_of(s, "name"), text_of(s, "relay"), since,
		       json_object_get_double_member_with_default(s, "rate", 0), lease);
	}
	if (number_of(status, "left_s")) {
		g_autofree char *left = say_span(number_of(status, "left_s"));

		printf(_("What is queued takes about %s at this rate.\n"), left);
	}
}

static void print_gate(JsonObject *status, const char *at)
{
	JsonObject *gate = json_object_get_object_member(status, "gate");
	JsonObject *refusals = json_object_get_object_member(status, "refusals");
	gint64 tried = number_of(refusals, "tried");
	const char *why = text_of(gate, "why");
	const char *by = text_of(gate, "by");

	if (!json_object_get_boolean_member(gate, "open")) {
		g_autofree char *since = say_time(text_of(gate, "since"), at);

		printf(_("Sending is paused since %s (%s): %s\n"), since, by ? by : _("by itself"),
		       why ? why : "");
	}
	if (tried)
		printf(_("Of the last %lld tries %lld were refused for good (%.1f%%).\n"),
		       (long long)tried, (long long)number_of(refusals, "refused"),
		       json_object_get_double_member_with_default(refusals, "share", 0) * 100);
}

/* What to do next, on stderr. */
static void tell_next(JsonObject *status, const char *code)
{
	JsonObject *gate = json_object_get_object_member(status, "gate");
	JsonObject *letters = json_object_get_object_member(status, "letters");
	gint64 queued = number_of(letters, "queued");

	if (!json_object_get_boolean_member(gate, "open"))
		fputs(_("When the cause is found: pingyi send --resume\n"), stderr);
	else if (number_of(letters, "failed") + number_of(letters, "bounced"))
		fprintf(stderr,
			_("Who got none: pingyi send --status %s --list failed | bounced\n"), code);
	else if (queued &&
		 json_array_get_length(json_object_get_array_member(status, "senders")) == 0)
		fputs(_("Next: pingyi send\n"), stderr);
}

static void print_status(JsonObject *status)
{
	const char *at = text_of(status, "at");
	JsonNode *round = json_object_get_member(status, "round");
	const char *code = "";

	if (!JSON_NODE_HOLDS_NULL(round)) {
		g_autofree char *total = say_number(
		    number_of(json_object_get_object_member(status, "letters"), "letters"));

		code = text_of(json_node_get_object(round), "code");
		printf("%s  %s\n", code, text_of(json_node_get_object(round), "title"));
		printf(_("%s letters, counted at %.10s %.5s\n"), total, at, at + 11);
	}
	print_gate(status, at);
	print_figures(json_object_get_array_member(status, "kinds"), _("Mails"), "kind", at);
	print_figures(json_object_get_array_member(status, "strata"), _("Letters"), "stratum", at);
	print_domains(json_object_get_array_member(status, "domains"), at);
	print_reasons(status);
	print_senders(status, at);
	tell_next(status, code);
}

/* --- the list of a state --- */

static char *cell_of(JsonObject *mail, guint column, const char *at)
{
	static const char *const names[] = {"number", "enterprise", "recipient", "state",
					    "tries",  "next",       "answer"};
	const char *text = column < 4 ? text_of(mail, names[column]) : NULL;

	if (column == 3)
		return at ? say_word(text) : g_strdup(text);
	if (column == 4)
		return g_strdup_printf("%" G_GINT64_FORMAT, number_of(mail, names[column]));
	if (column == 5 && at)
		return say_time(text_of(mail, names[column]), at);
	if (column == 5)
		text = text_of(mail, names[column]);
	if (column == 6)
		return say_answer(mail);
	return g_strdup(text ? text : "");
}

/* A digest or notice has no number: its kind stands there. Without a terminal tabs part the cells,
 * states are as the document names them, and times whole. */
static void print_list(JsonObject *list, const char *at)
{
	static const char *const headings[] = {
	    N_("Number"), N_("Enterprise"),          N_("Address"), N_("State"), N_("Tries"),
	    N_("Next"),   N_("What the server said")};
	JsonArray *mails = json_object_get_array_member(list, "mails");
	gboolean terminal = isatty(STDOUT_FILENO);
	g_autoptr(grid_handle) grid = grid_new("");

	for (guint c = 0; c < G_N_ELEMENTS(headings); c++)
		grid_column(grid, _(headings[c]), c == 4 ? GRID_NUMBER : GRID_TEXT);
	for (guint i = 0; i < json_array_get_length(mails); i++) {
		JsonObject *mail = json_array_get_object_element(mails, i);
		g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);

		for (guint c = 0; c < G_N_ELEMENTS(headings); c++)
			g_ptr_array_add(cells, c == 0 && !text_of(mail, "number")
						   ? say_word(text_of(mail, "kind"))
						   : cell_of(mail, c, terminal ? at : NULL));
		for (guint c = 0; !terminal && c < G_N_ELEMENTS(headings); c++)
			printf("%s%s", g_strdelimit(cells->pdata[c], "\t\r\n", ' '),
			       c + 1 < G_N_ELEMENTS(headings) ? "\t" : "\n");
		add_row(grid, cells);
	}
	if (terminal && json_array_get_length(mails))
		app_print_grid(grid);
	if (text_of(list, "after"))
		fprintf(stderr, _("There are more: --after %s\n"), text_of(list, "after"));
	else if (json_array_get_length(mails) == 0)
		fputs(_("None.\n"), stderr);
}

/* --- one letter --- */

static void print_tries(JsonArray *tries)
{
	for (guint i = 0; i < json_array_get_length(tries); i++) {
		JsonObject *try = json_array_get_object_element(tries, i);
		g_autofree char *outcome = say_word(text_of(try, "outcome"));
		g_autofree char *answer = say_answer(try);
		const char *when = text_of(try, "at");
		const char *sender = text_of(try, "sender");
		const char *relay = text_of(try, "relay");

		printf("  %.10s %.8s  %s  %s\n", when, when + 11, outcome, answer);
		printf(_("                       through %s, by %s\n"), relay ? relay : "?",
		       sender ? sender : "?");
	}
}

static void print_letter(JsonObject *letter)
{
	JsonArray *mails = json_object_get_array_member(letter, "mails");
	JsonObject *enterprise = json_object_get_object_member(letter, "enterprise");
	JsonObject *round = json_object_get_object_member(letter, "round");
	g_autofree char *letter_state = say_word(text_of(letter, "state"));

	printf("%s  %s  %s\n", text_of(letter, "number"), text_of(enterprise, "name"),
	       letter_state);
	printf("%s  %s\n", text_of(round, "code"), text_of(round, "title"));
	for (guint i = 0; i < json_array_get_length(mails); i++) {
		JsonObject *mail = json_array_get_object_element(mails, i);
		g_autofree char *kind = say_word(text_of(mail, "kind"));
		g_autofree char *state = say_word(text_of(mail, "state"));
		g_autofree char *next = say_time(text_of(mail, "next"), NULL);

		printf("\n%s  %s  %s", kind, text_of(mail, "recipient"), state);
		printf(*next ? _(", next try %s\n") : "\n", next);
		if (strcmp(text_of(mail, "state"), "bounced") == 0 && text_of(mail, "words"))
			printf("  %s\n", text_of(mail, "words"));
		print_tries(json_object_get_array_member(mail, "tries"));
	}
}

/* --- the command --- */

/* The document of a statement that gives one, or NULL where there is none (no error). */
static JsonNode *ask(struct app *app, const char *sql, const struct db_value *values, guint n,
		     GError **error)
{
	struct db *db = app_db(app, "staff", error);
	g_autoptr(db_rows) rows = NULL;

	if (!db || !db_run(db, sql_session_zone, DB_NONE, NULL, error))
		return NULL;
	rows = db_query(db, sql, values, n, error);
	if (!rows || db_rows_count(rows) == 0 || db_is_null(rows, 0, 0))
		return NULL;
	return json_from_string(db_get_text(rows, 0, 0), error);
}

static gboolean show(struct app *app, JsonNode *document, void (*print)(JsonObject *))
{
	if (app->json) {
		g_autofree char *text = json_to_string(document, isatty(STDOUT_FILENO));

		puts(text);
	} else {
		print(json_node_get_object(document));
	}
	return TRUE;
}

static gboolean show_letter(struct app *app, const char *number, GError **error)
{
	g_autoptr(GError) problem = NULL;
	g_autoptr(JsonNode) letter =
	    ask(app, sql_page_letter, DB(db_text(number), db_time(app->now), db_int(0)), &problem);

	if (letter)
		return show(app, letter, print_letter);
	if (problem)
		g_propagate_error(error, g_steal_pointer(&problem));
	else
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("no letter has the number %s"), number);
	return FALSE;
}

static gboolean show_list(struct app *app, const char *code, GError **error)
{
	g_autofree char *at = g_date_time_format_iso8601(app->now);
	g_autoptr(JsonNode) list = NULL;

	if (!g_strv_contains(states, send_status_options.list)) {
		g_autoptr(GString) valid = g_string_new(NULL);

		for (const char *const *state = states; *state; state++)
			g_string_append_printf(valid, "%s%s", state == states ? "" : ", ", *state);
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("--list: “%s” is none of %s"), send_status_options.list, valid->str);
		return FALSE;
	}
	list = ask(app, sql_send_list,
		   DB(db_text(code), db_text(send_status_options.list),
		      db_text(send_status_options.after), db_int(PAGE), db_time(app->now)),
		   error);
	if (!list)
		return FALSE;
	if (app->json)
		return show(app, list, NULL);
	print_list(json_node_get_object(list), at);
	return TRUE;
}

gboolean send_status(struct app *app, const char *round_code, GError **error)
{
	struct db *db = app_db(app, "staff", error);
	g_autoptr(round_handle) round = NULL;
	g_autoptr(JsonNode) status = NULL;

	if (!db)
		return FALSE;
	if (send_status_options.letter)
		return show_letter(app, send_status_options.letter, error);
	round = round_code ? round_get(db, round_code, error) : NULL;
	if (round_code && !round)
		return FALSE;
	if (send_status_options.list)
		return show_list(app, round_code, error);
	status = ask(app, sql_send_status, DB(db_text(round_code), db_time(app->now)), error);
	return status && show(app, status, print_status);
}
