#include "cli/command.h"

#include "base/error.h"
#include "cli/send_list.h"
#include "db/round.h"
#include "mailer/send.h"
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

/* --- tables of figures: a state a row, a kind or stratum a column --- */

/* Whether any of the objects has mails in this state. */
static gboolean any_in(JsonArray *objects, const char *state)
{
	for (guint i = 0; i < json_array_get_length(objects); i++)
		if (status_number(json_array_get_object_element(objects, i), state))
			return TRUE;
	return FALSE;
}

/* The row "next try" below the deferred. */
static void add_next(struct grid *grid, JsonArray *objects, const char *at)
{
	g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
	gboolean any = FALSE;

	g_ptr_array_add(cells, g_strdup(_("  next try")));
	for (guint i = 0; i < json_array_get_length(objects); i++) {
		const char *next = status_text(json_array_get_object_element(objects, i), "next");

		any = any || next;
		g_ptr_array_add(cells, status_say_time(next, at));
	}
	if (any)
		status_add_row(grid, cells);
}

/* `member` names the objects: "kind", "stratum". States that none of them has are left out. */
static void print_figures(JsonArray *objects, const char *heading, const char *member,
			  const char *at)
{
	g_autoptr(grid_handle) grid = grid_new("");
	gboolean any = FALSE;

	for (const char *const *state = states; *state; state++)
		any = any || any_in(objects, *state);
	if (!any)
		return;
	grid_column(grid, heading, GRID_TEXT);
	for (guint i = 0; i < json_array_get_length(objects); i++) {
		g_autofree char *name =
		    status_say_word(status_text(json_array_get_object_element(objects, i), member));

		grid_column(grid, name, GRID_NUMBER);
	}
	for (const char *const *state = states; *state; state++) {
		g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);

		if (!any_in(objects, *state))
			continue;
		g_ptr_array_add(cells, status_say_word(*state));
		for (guint i = 0; i < json_array_get_length(objects); i++) {
			JsonObject *object = json_array_get_object_element(objects, i);

			/* reminders and replies are not answered, letters are */
			g_ptr_array_add(cells,
					json_object_has_member(object, *state) &&
						!json_object_get_null_member(object, *state)
					    ? status_say_number(status_number(object, *state))
					    : g_strdup(""));
		}
		status_add_row(grid, cells);
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
		sum += status_number(object, *names);
	return sum;
}

static void print_domains(JsonArray *domains, const char *at)
{
	static const char *const waiting[] = {"queued", "later", "in_flight", NULL};
	static const char *const again[] = {"doubtful", "deferred", NULL};
	g_autoptr(grid_handle) grid = grid_new("");

	if (json_array_get_length(domains) == 0)
		return;
	grid_column(grid, _("In all"), GRID_NUMBER);
	grid_column(grid, _("To go"), GRID_NUMBER);
	grid_column(grid, _("Sent"), GRID_NUMBER);
	grid_column(grid, _("Again"), GRID_NUMBER);
	grid_column(grid, _("Failed"), GRID_NUMBER);
	grid_column(grid, _("Came back"), GRID_NUMBER);
	grid_column(grid, _("Held until"), GRID_TEXT);
	grid_column(grid, _("Domain"), GRID_TEXT);
	for (guint i = 0; i < json_array_get_length(domains); i++) {
		JsonObject *d = json_array_get_object_element(domains, i);
		const char *name = status_text(d, "domain");
		g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);

		g_ptr_array_add(cells, status_say_number(status_number(d, "letters")));
		g_ptr_array_add(cells, status_say_number(sum_of(d, waiting)));
		g_ptr_array_add(cells, status_say_number(status_number(d, "sent")));
		g_ptr_array_add(cells, status_say_number(sum_of(d, again)));
		g_ptr_array_add(cells, status_say_number(status_number(d, "failed")));
		g_ptr_array_add(cells, status_say_number(status_number(d, "bounced")));
		g_ptr_array_add(cells, status_say_time(status_text(d, "hold_until"), at));
		g_ptr_array_add(cells, name ? g_strdup(name) : status_say_word("other domains"));
		status_add_row(grid, cells);
	}
	putchar('\n');
	app_print_grid(grid);
}

/* --- reasons, senders, the gate --- */

static void print_reasons(JsonObject *status)
{
	JsonArray *reasons = json_object_get_array_member(status, "reasons");
	gint64 others = status_number(status, "other_reasons");
	g_autoptr(grid_handle) grid = grid_new("");

	if (json_array_get_length(reasons) == 0)
		return;
	grid_column(grid, _("Mails"), GRID_NUMBER);
	grid_column(grid, _("State"), GRID_TEXT);
	grid_column(grid, _("What the server said"), GRID_LONG);
	for (guint i = 0; i < json_array_get_length(reasons); i++) {
		JsonObject *reason = json_array_get_object_element(reasons, i);
		g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);

		g_ptr_array_add(cells, status_say_number(status_number(reason, "n")));
		g_ptr_array_add(cells, status_say_word(status_text(reason, "state")));
		g_ptr_array_add(cells, status_say_answer(reason));
		status_add_row(grid, cells);
	}
	if (others) {
		g_autofree char *n = status_say_number(others);
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
		g_autofree char *since = status_say_time(status_text(s, "since"), at);
		g_autofree char *lease = status_say_time(status_text(s, "lease_until"), at);

		printf(_("%s sends through %s since %s, %.1f a second (lease until %s)\n"),
		       status_text(s, "name"), status_text(s, "relay"), since,
		       json_object_get_double_member_with_default(s, "rate", 0), lease);
	}
	if (status_number(status, "left_s")) {
		g_autofree char *left = say_span(status_number(status, "left_s"));

		printf(_("What is queued takes about %s at this rate.\n"), left);
	}
}

static gboolean is_open(JsonObject *status)
{
	return json_object_get_boolean_member(json_object_get_object_member(status, "gate"),
					      "open");
}

/* Mails of any kind that wait for their turn. */
static gint64 queued_in_all(JsonObject *status)
{
	JsonArray *kinds = json_object_get_array_member(status, "kinds");
	gint64 queued = 0;

	for (guint i = 0; i < json_array_get_length(kinds); i++)
		queued += status_number(json_array_get_object_element(kinds, i), "queued");
	return queued;
}

static void print_gate(JsonObject *status, const char *at)
{
	JsonObject *gate = json_object_get_object_member(status, "gate");
	JsonObject *refusals = json_object_get_object_member(status, "refusals");
	gint64 tried = status_number(refusals, "tried");
	const char *why = status_text(gate, "why");
	const char *by = status_text(gate, "by");
	const char *held = status_text(status, "held");

	if (is_open(status)) {
		if (held && queued_in_all(status))
			printf(_("Nothing leaves now: %s\n"), held);
	} else {
		g_autofree char *since = status_say_time(status_text(gate, "since"), at);

		printf(_("Sending is paused since %s (%s): %s\n"), since, by ? by : _("by itself"),
		       why ? why : "");
	}
	if (tried)
		printf(_("Of the last %lld tries %lld were refused for good (%.1f%%).\n"),
		       (long long)tried, (long long)status_number(refusals, "refused"),
		       json_object_get_double_member_with_default(refusals, "share", 0) * 100);
}

/* What to do next, on stderr. */
static void tell_next(JsonObject *status, const char *code, gboolean draft)
{
	JsonObject *letters = json_object_get_object_member(status, "letters");
	gint64 queued = status_number(letters, "queued");

	if (draft)
		fprintf(stderr, _("Round %s is a draft still: pingyi round release %s\n"), code,
			code);
	else if (!is_open(status))
		fputs(_("When the cause is found: pingyi send --resume\n"), stderr);
	else if (status_number(letters, "failed") + status_number(letters, "bounced"))
		fprintf(stderr,
			_("Who got none: pingyi send --status %s --list failed | bounced\n"), code);
	else if (queued && !status_text(status, "held") &&
		 json_array_get_length(json_object_get_array_member(status, "senders")) == 0)
		fputs(_("Next: pingyi send\n"), stderr);
}

static void print_status(JsonObject *status)
{
	const char *at = status_text(status, "at");
	JsonNode *round = json_object_get_member(status, "round");
	const char *code = "";
	gboolean draft = FALSE;

	if (!JSON_NODE_HOLDS_NULL(round)) {
		g_autofree char *total = status_say_number(
		    status_number(json_object_get_object_member(status, "letters"), "letters"));

		code = status_text(json_node_get_object(round), "code");
		draft = strcmp(status_text(json_node_get_object(round), "state"), "draft") == 0;
		printf("%s  %s\n", code, status_text(json_node_get_object(round), "title"));
		printf(_("%s letters, counted at %.10s %.5s\n"), total, at, at + 11);
	}
	print_gate(status, at);
	print_figures(json_object_get_array_member(status, "kinds"), _("State"), "kind", at);
	print_figures(json_object_get_array_member(status, "strata"), _("State"), "stratum", at);
	print_domains(json_object_get_array_member(status, "domains"), at);
	print_reasons(status);
	print_senders(status, at);
	tell_next(status, code, draft);
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
		return show(app, letter, status_print_letter);
	if (problem)
		g_propagate_error(error, g_steal_pointer(&problem));
	else
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("no letter has the number %s"), number);
	return FALSE;
}

/* The state that a person means: its name, or a word for it in either language ("已发送"). */
static const char *state_of(const char *text)
{
	for (const char *const *state = states; *state; state++) {
		g_autoptr(GString) chinese = g_string_new(NULL);
		g_autoptr(GString) english = g_string_new(NULL);

		format_word(chinese, *state, FALSE);
		format_word(english, *state, TRUE);
		if (strcmp(text, *state) == 0 || strcmp(text, chinese->str) == 0 ||
		    g_ascii_strcasecmp(text, english->str) == 0)
			return *state;
	}
	return NULL;
}

/* "queued (待发送), …" */
static void fail_state(const char *text, GError **error)
{
	g_autoptr(GString) valid = g_string_new(NULL);

	for (const char *const *state = states; *state; state++) {
		g_autofree char *word = status_say_word(*state);

		g_string_append_printf(valid, "%s%s", state == states ? "" : ", ", *state);
		if (strcmp(word, *state) != 0)
			g_string_append_printf(valid, " (%s)", word);
	}
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("--list: “%s” is none of %s"), text,
		    valid->str);
}

static gboolean show_list(struct app *app, const char *code, GError **error)
{
	g_autofree char *at = g_date_time_format_iso8601(app->now);
	g_autoptr(JsonNode) list = NULL;
	const char *state = state_of(send_status_options.list);

	if (!state) {
		fail_state(send_status_options.list, error);
		return FALSE;
	}
	list = ask(app, sql_send_list,
		   DB(db_text(code), db_text(state), db_text(send_status_options.after),
		      db_int(PAGE), db_time(app->now)),
		   error);
	if (!list)
		return FALSE;
	if (app->json)
		return show(app, list, NULL);
	status_print_list(json_node_get_object(list), at);
	return TRUE;
}

/* Adds "held": why nothing leaves at this moment, as `send` and `run` would find it; null: it
 * does. */
static gboolean add_held(struct app *app, JsonObject *status, GError **error)
{
	struct db *db = app_db(app, "staff", error);
	g_autoptr(GError) held = NULL;

	if (!db)
		return FALSE;
	if (send_may(app->office, db, app->now, FALSE, &held)) {
		json_object_set_null_member(status, "held");
		return TRUE;
	}
	if (g_error_matches(held, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY)) {
		g_propagate_error(error, g_steal_pointer(&held));
		return FALSE;
	}
	json_object_set_string_member(status, "held", held->message);
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
	return status && add_held(app, json_node_get_object(status), error) &&
	       show(app, status, print_status);
}
