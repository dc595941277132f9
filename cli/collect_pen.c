#include "cli/collect_pen.h"

#include "base/error.h"
#include "base/language.h"
#include "base/number.h"
#include "cli/terminal.h"
#include "collector/collect.h"
#include "collector/hand.h"
#include "sql.h"
#include "templates/format.h"

#include <json-glib/json-glib.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LABEL_COLUMN 12 /* where the values of a block begin */
#define SAID_LINES   3

/* The columns of message_waiting.sql. */
enum {
	ID,
	DUE,
	FROM,
	SUBJECT,
	WHY,
	LETTERS,
	STATE,
	WHEN,
	NAME,
	SAYS,
	PROPOSALS,
	UNREAD,
	TOTAL,
	AFTER
};

static gboolean speaks_english(void)
{
	return strcmp(_("en"), "en") == 0;
}

static char *word_of(const char *word)
{
	GString *out = g_string_new(NULL);

	format_word(out, word, speaks_english());
	return g_string_free(out, FALSE);
}

static void put_option(GString *out, const char *option, const char *value)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/._-";
	g_autofree char *quoted = g_shell_quote(value);

	g_string_append_printf(out, " %s %s", option, value[strspn(value, plain)] ? quoted : value);
}

/* How this office's commands begin, so that a line can be copied and run. */
static char *command_begin(const struct app *app)
{
	const char *place = g_getenv("PINGYI_OFFICE");
	GString *out = g_string_new("pingyi");

	if (strcmp(app->office_path, place ? place : ".") != 0)
		put_option(out, "--office", app->office_path);
	if (app->as && g_strcmp0(app->as, g_getenv("PINGYI_AS")) != 0)
		put_option(out, "--as", app->as);
	return g_string_free(out, FALSE);
}

/* "测试有限公司 (same mail domain)" */
static char *proposal_line(JsonObject *proposal)
{
	JsonArray *clues = json_object_get_array_member(proposal, "why");
	GString *out = g_string_new(json_object_get_string_member(proposal, "enterprise"));

	for (guint i = 0; i < json_array_get_length(clues); i++) {
		g_string_append(out, i ? _(", ") : _(" ("));
		format_word(out, json_array_get_string_element(clues, i), speaks_english());
	}
	if (json_array_get_length(clues))
		g_string_append(out, _(")"));
	return g_string_free(out, FALSE);
}

/* Each letter that it may belong to, and under it the line that says so. */
static void put_proposals(GString *out, const struct db_rows *rows, guint row, const char *begin,
			  guint width)
{
	g_autoptr(JsonNode) node = json_from_string(db_get_text(rows, row, PROPOSALS), NULL);
	JsonArray *proposals = node ? json_node_get_array(node) : NULL;
	guint n = proposals ? json_array_get_length(proposals) : 0;
	const char *typed = db_get_bool(rows, row, UNREAD) ? _(" --text \"WHAT IT SAYS\"") : "";

	for (guint i = 0; i < n; i++) {
		JsonObject *proposal = json_array_get_object_element(proposals, i);
		g_autofree char *line = proposal_line(proposal);

		terminal_field(out, LABEL_COLUMN, _("Perhaps"), line, 0, width);
		g_string_append_printf(out, "%*s%s collect settle %s %s%s\n", LABEL_COLUMN, "",
				       begin, db_get_text(rows, row, ID),
				       json_object_get_string_member(proposal, "number"), typed);
	}
	if (n == 0)
		g_string_append_printf(out, _("%*s%s collect settle %s NUMBER%s\n"), LABEL_COLUMN,
				       "", begin, db_get_text(rows, row, ID), typed);
}

static void put_message(GString *out, const struct db_rows *rows, guint row, const char *begin,
			guint width)
{
	const char *id = db_get_text(rows, row, ID);
	const char *due = db_get_text(rows, row, DUE);
	const char *name = db_get_text(rows, row, NAME);
	const char *address = db_get_text(rows, row, FROM);
	g_autofree char *from = strcmp(address, HAND_ADDRESS) == 0
				    ? g_strdup(_("given to the office, brought in by staff"))
				    : g_strdup_printf(*name ? "%s <%s>" : "%s%s", name, address);
	g_autofree char *why = language_kept(db_get_text(rows, row, WHY));
	g_autofree char *state = word_of(db_get_text(rows, row, STATE));
	g_autoptr(GString) head = g_string_new(NULL);

	g_string_append_printf(head, _("No. %s · %s"), id, state);
	if (due && *due) {
		g_autoptr(GString) day = g_string_new(NULL);

		format_date(day, due, speaks_english());
		g_string_append_printf(head, _(" · until %s"), day->str);
	}
	terminal_wrap(out, 0, 0, width, 1, head->str);
	terminal_field(out, LABEL_COLUMN, _("From"), from, 1, width);
	terminal_field(out, LABEL_COLUMN, _("When"), db_get_text(rows, row, WHEN), 1, width);
	terminal_field(out, LABEL_COLUMN, _("Subject"), db_get_text(rows, row, SUBJECT), 1, width);
	terminal_field(out, LABEL_COLUMN, _("Why"), why, 0, width);
	terminal_field(out, LABEL_COLUMN, _("Says"), db_get_text(rows, row, SAYS), SAID_LINES,
		       width);
	put_proposals(out, rows, row, begin, width);
	g_string_append_c(out, '\n');
}

static void print_blocks(const struct app *app, const struct db_rows *rows)
{
	guint width = terminal_width();
	g_autofree char *begin = command_begin(app);
	g_autoptr(GString) out = g_string_new(NULL);

	for (guint i = 0; i < db_rows_count(rows); i++)
		put_message(out, rows, i, begin, width);
	fputs(out->str, stdout);
	fflush(stdout);
}

static void print_advice(const struct app *app, const struct db_rows *rows)
{
	g_autofree char *begin = command_begin(app);
	guint n = db_rows_count(rows);

	fprintf(stderr, _("%u messages wait for a person.\n"),
		n ? (guint)db_get_int(rows, 0, TOTAL) : 0);
	if (n == 0)
		return;
	if (!db_is_null(rows, n - 1, AFTER))
		fprintf(stderr, _("There are more: %s collect pen --after %s\n"), begin,
			db_get_text(rows, n - 1, AFTER));
	fprintf(stderr,
		_("To file one: %s collect settle MESSAGE NUMBER (or --from ENTERPRISE);\n"
		  "none of ours: settle MESSAGE --aside; as it came: collect raw MESSAGE\n"),
		begin);
}

/* "2026-03-05/17", as message_waiting.sql takes it. */
static gboolean check_place(const char *after, GError **error)
{
	g_auto(GStrv) parts = g_strsplit(after, "/", 2);
	gint64 message = 0;

	if (parts[0] && parts[1])
		return app_date(parts[0], "--after", error) &&
		       app_number(parts[1], "--after", &message, error);
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("--after: “%s” is not the place of a message, such as 2026-03-05/17"), after);
	return FALSE;
}

gboolean collect_pen(struct app *app, const char *after, GError **error)
{
	static const struct app_column columns[] = {
	    {"message", N_("No."), GRID_NUMBER, APP_TEXT},
	    {"due", N_("Due"), GRID_DATE, APP_TEXT},
	    {"from", N_("From"), GRID_TEXT, APP_TEXT},
	    {"subject", N_("Subject"), GRID_TEXT, APP_TEXT},
	    {"why", N_("Why"), GRID_LONG, APP_MESSAGE},
	    {"proposals", N_("Perhaps"), GRID_LONG, APP_TEXT},
	};
	struct db *db;
	g_autoptr(db_rows) rows = NULL;

	if (after && !check_place(after, error))
		return FALSE;
	db = app_db(app, "staff", error);
	rows = db ? db_query(db, sql_message_waiting, DB(db_text(after)), error) : NULL;
	if (!rows)
		return FALSE;
	if (isatty(STDOUT_FILENO) && !app->json)
		print_blocks(app, rows);
	else
		app_print(app, rows, columns, G_N_ELEMENTS(columns));
	print_advice(app, rows);
	return TRUE;
}

/* --- settle --------------------------------------------------------------------------------- */

/* The number of the letter that was named. Returns: (transfer full) */
static char *number_named(struct app *app, const struct collect_settle_options *options,
			  GError **error)
{
	char number[NUMBER_LENGTH + 1];
	gsize length = 0;
	struct hand hand = {0};

	if (options->from) {
		char *found = NULL;

		if (hand_find_letter(app->db, options->from, options->round, &hand, error))
			found = g_steal_pointer(&hand.number);
		hand_clear(&hand);
		return found;
	}
	if (number_parse(options->number, number, &length) && !options->number[length])
		return g_strdup(number);
	g_set_error(
	    error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
	    _("“%s” is no letter number: these look like PY-ABCDEFGH, and one character may "
	      "be wrong"),
	    options->number);
	return NULL;
}

/* The row of message_state.sql; refused when the message does not wait. */
static struct db_rows *waiting_message(struct app *app, gint64 message, GError **error)
{
	g_autoptr(db_rows) rows = db_query(app->db, sql_message_state, DB(db_int(message)), error);
	g_autofree char *state = NULL;
	g_autofree char *word = NULL;

	if (!rows)
		return NULL;
	if (db_rows_count(rows) == 0) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("there is no message %lld"),
			    (long long)message);
		return NULL;
	}
	if (strcmp(db_get_text(rows, 0, 0), "waiting") == 0 ||
	    strcmp(db_get_text(rows, 0, 0), "broken") == 0)
		return g_steal_pointer(&rows);
	state = g_strdup_printf("message %s", db_get_text(rows, 0, 0));
	word = word_of(state);
	if (*db_get_text(rows, 0, 1))
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_STATE,
			    _("message %lld does not wait: it is %s (letter %s, %s)"),
			    (long long)message, word, db_get_text(rows, 0, 1),
			    db_get_text(rows, 0, 2));
	else
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_STATE,
			    _("message %lld does not wait: it is %s"), (long long)message, word);
	return NULL;
}

gboolean collect_pen_settle(struct app *app, gint64 message,
			    const struct collect_settle_options *options, GError **error)
{
	gint64 account = app_account(app, error);
	g_autoptr(db_rows) before = account ? waiting_message(app, message, error) : NULL;
	g_autoptr(db_rows) after = NULL;
	g_autofree char *number = NULL;

	if (!before)
		return FALSE;
	if (!options->aside) {
		number = number_named(app, options, error);
		if (!number)
			return FALSE;
	}
	if (!collect_settle(app->db, message, number, options->text, account, app->now, error))
		return FALSE;
	after = db_query(app->db, sql_message_state, DB(db_int(message)), error);
	if (!after)
		return FALSE;
	if (options->aside)
		fprintf(stderr, _("Message %lld is set aside.\n"), (long long)message);
	else if (!db_is_null(after, 0, 3))
		fprintf(
		    stderr,
		    _("Message %lld is the same mail as message %s, an answer to letter %s (%s) "
		      "already: it counts once.\n"),
		    (long long)message, db_get_text(after, 0, 3), number, db_get_text(after, 0, 2));
	else
		fprintf(stderr,
			_("Message %lld is filed to letter %s (%s). Next: pingyi classify\n"),
			(long long)message, number, db_get_text(after, 0, 2));
	return TRUE;
}
