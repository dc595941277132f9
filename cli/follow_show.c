#include "cli/follow_show.h"

#include "base/error.h"
#include "base/language.h"
#include "cli/terminal.h"
#include "sql.h"
#include "templates/format.h"

#include <json-glib/json-glib.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LABEL_COLUMN 14

static const char *text_of(JsonObject *object, const char *member)
{
	return json_object_get_string_member_with_default(object, member, "");
}

static void put_word(GString *out, const char *word)
{
	format_word(out, word, strcmp(_("en"), "en") == 0);
}

static void put_date(GString *out, const char *day)
{
	format_date(out, day, strcmp(_("en"), "en") == 0);
}

/* "No. 3 · to be decided · until 2026-03-10 (Tue)" */
static void put_head(GString *out, JsonObject *opinion, gint64 id, guint width)
{
	const char *due = text_of(opinion, "review_due");
	g_autoptr(GString) head = g_string_new(NULL);

	g_string_append_printf(head, _("Opinion %lld · "), (long long)id);
	put_word(head, text_of(opinion, "kind"));
	g_string_append(head, " · ");
	put_word(head, text_of(opinion, "state"));
	if (*due) {
		g_autoptr(GString) day = g_string_new(NULL);

		put_date(day, due);
		g_string_append_printf(head, _(" · until %s"), day->str);
	}
	terminal_wrap(out, 0, 0, width, 0, head->str);
}

static void put_letter(GString *out, JsonObject *opinion, guint width)
{
	JsonObject *letter = json_object_get_object_member(opinion, "letter");
	JsonObject *answer = json_object_get_object_member(opinion, "answer");
	g_autoptr(GString) from = g_string_new(NULL);
	g_autoptr(GString) when = g_string_new(NULL);

	g_string_append_printf(from, "%s %s · ", text_of(letter, "enterprise"),
			       text_of(letter, "number"));
	put_word(from, text_of(letter, "disclosure"));
	format_time(when, text_of(answer, "at"));
	terminal_field(out, LABEL_COLUMN, _("From"), from->str, 0, width);
	terminal_field(out, LABEL_COLUMN, _("When"), when->str, 0, width);
}

/* The departments that it is sorted to, with the words that say so. */
static void put_departments(GString *out, JsonObject *opinion, guint width)
{
	JsonArray *explained = json_object_get_array_member(opinion, "explained");

	for (guint i = 0; i < json_array_get_length(explained); i++) {
		JsonObject *one = json_array_get_object_element(explained, i);
		JsonArray *reasons = json_object_get_array_member(one, "reasons");
		g_autoptr(GString) line = g_string_new(NULL);

		g_string_append_printf(line, "%s %s", text_of(one, "code"), text_of(one, "name"));
		for (guint r = 0; r < json_array_get_length(reasons); r++)
			g_string_append_printf(
			    line, "%s%s", r ? _(", ") : _(" ("),
			    text_of(json_array_get_object_element(reasons, r), "word"));
		if (json_array_get_length(reasons))
			g_string_append(line, _(")"));
		terminal_field(out, LABEL_COLUMN, _("Department"), line->str, 0, width);
	}
}

/* The masked copies that are to be handed over, and what departments have. */
static void put_copies(GString *out, JsonArray *copies, const char *label, guint width)
{
	for (guint i = 0; i < json_array_get_length(copies); i++) {
		JsonObject *one = json_array_get_object_element(copies, i);
		g_autoptr(GString) line = g_string_new(text_of(one, "department"));
		const char *state = text_of(one, "state");

		if (*state) {
			g_string_append(line, " · ");
			put_word(line, state);
		}
		g_string_append_printf(line, " · %s", text_of(one, "masked"));
		terminal_field(out, LABEL_COLUMN, label, line->str, 0, width);
	}
}

static void print_opinion(JsonObject *opinion, gint64 id)
{
	guint width = terminal_width();
	g_autofree char *why = language_kept(text_of(opinion, "why"));
	g_autoptr(GString) out = g_string_new(NULL);

	put_head(out, opinion, id, width);
	put_letter(out, opinion, width);
	terminal_field(out, LABEL_COLUMN, _("Says"), text_of(opinion, "text"), 0, width);
	terminal_field(out, LABEL_COLUMN, _("Why"), why, 0, width);
	put_departments(out, opinion, width);
	put_copies(out, json_object_get_array_member(opinion, "drafts"), _("Masked"), width);
	put_copies(out, json_object_get_array_member(opinion, "items"), _("Handed to"), width);
	fputs(out->str, stdout);
	fflush(stdout);
	if (strcmp(text_of(opinion, "state"), "sorted") == 0)
		fprintf(stderr, _("Next: pingyi follow hand %lld\n"), (long long)id);
	if (strcmp(text_of(opinion, "state"), "review") == 0)
		fprintf(
		    stderr,
		    _("Next: pingyi follow assign %lld CODE…, record %lld, or decline %lld --why "
		      "TEXT\n"),
		    (long long)id, (long long)id, (long long)id);
}

gboolean follow_show(struct app *app, gint64 opinion, GError **error)
{
	gint64 account = app_account(app, error);
	g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, opinion);
	g_autoptr(db_rows) rows =
	    account ? db_query(app->db, sql_page_opinion,
			       DB(db_text(id), db_time(app->now), db_int(account)), error)
		    : NULL;
	g_autoptr(JsonNode) node = NULL;

	if (!rows)
		return FALSE;
	if (db_rows_count(rows) == 0) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("there is no opinion %lld"),
			    (long long)opinion);
		return FALSE;
	}
	node = json_from_string(db_get_text(rows, 0, 0), error);
	if (!node)
		return FALSE;
	if (isatty(STDOUT_FILENO) && !app->json)
		print_opinion(json_node_get_object(node), opinion);
	else
		puts(db_get_text(rows, 0, 0));
	return TRUE;
}
