#include "cli/send_list.h"

#include "base/error.h"
#include "cli/command.h"

#include "templates/format.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

gint64 status_number(JsonObject *object, const char *name)
{
	return json_object_has_member(object, name) ? json_object_get_int_member(object, name) : 0;
}

const char *status_text(JsonObject *object, const char *name)
{
	return json_object_has_member(object, name)
		   ? json_object_get_string_member_with_default(object, name, NULL)
		   : NULL;
}

char *status_say_number(gint64 number)
{
	g_autofree char *digits = g_strdup_printf("%" G_GINT64_FORMAT, number);
	GString *out = g_string_new(NULL);

	format_number(out, digits);
	return g_string_free(out, FALSE);
}

char *status_say_word(const char *word)
{
	GString *out = g_string_new(NULL);

	format_word(out, word, strcmp(_("en"), "en") == 0);
	return g_string_free(out, FALSE);
}

char *status_say_time(const char *time, const char *at)
{
	if (!time || strlen(time) < 16)
		return g_strdup("");
	if (at && strncmp(time, at, 10) == 0)
		return g_strndup(time + 11, 5);
	return g_strdup_printf("%.5s %.5s", time + 5, time + 11);
}

void status_add_row(struct grid *grid, GPtrArray *cells)
{
	g_ptr_array_add(cells, NULL);
	grid_row(grid, (const char *const *)cells->pdata);
}

char *status_say_answer(JsonObject *object)
{
	gint64 code = status_number(object, "code");
	const char *words = status_text(object, "words");

	return code ? g_strdup_printf("%" G_GINT64_FORMAT " %s", code, words ? words : "")
		    : g_strdup(words ? words : "");
}

/* At most 6 characters of a name, for a terminal. */
static char *cut(const char *name)
{
	g_autofree char *part = NULL;

	if (g_utf8_strlen(name, -1) <= 6)
		return g_strdup(name);
	part = g_utf8_substring(name, 0, 5);
	return g_strconcat(part, "…", NULL);
}

enum list_column { NUMBER, ADDRESS, ENTERPRISE, STATE, TRIES, NEXT, ANSWER, COLUMNS };

/* `at` is NULL where no terminal is: then states are as the document names them, and times whole. A
 * digest or notice has no number: its kind stands there. */
static char *cell_of(JsonObject *mail, enum list_column column, const char *at)
{
	static const char *const names[] = {"number", "recipient", "enterprise", "state",
					    "tries",  "next",      "words"};
	const char *text = column == TRIES ? NULL : status_text(mail, names[column]);

	if (column == TRIES)
		return g_strdup_printf("%" G_GINT64_FORMAT, status_number(mail, names[column]));
	if (column == ANSWER)
		return status_say_answer(mail);
	if (column == NUMBER && !text)
		return status_say_word(status_text(mail, "kind"));
	if (at && text && column == ENTERPRISE)
		return cut(text);
	if (at && column == NEXT)
		return status_say_time(text, at);
	return g_strdup(text ? text : "");
}

static void print_tabs(JsonArray *mails)
{
	for (guint i = 0; i < json_array_get_length(mails); i++)
		for (enum list_column c = 0; c < COLUMNS; c++) {
			g_autofree char *cell =
			    cell_of(json_array_get_object_element(mails, i), c, NULL);

			printf("%s%c", g_strdelimit(cell, "\t\r\n", ' '),
			       c + 1 < COLUMNS ? '\t' : '\n');
		}
}

/* The state is known, and the next try stands there where there is one: so the words have room. */
static void print_mails(JsonArray *mails, const char *at)
{
	static const char *const headings[] = {
	    N_("Number"), N_("Address"), N_("Enterprise"),          NULL,
	    N_("Tries"),  N_("Next"),    N_("What the server said")};
	g_autoptr(grid_handle) grid = grid_new("");
	gboolean next = FALSE;

	for (guint i = 0; i < json_array_get_length(mails); i++)
		next = next || status_text(json_array_get_object_element(mails, i), "next");
	for (enum list_column c = 0; c < COLUMNS; c++)
		if (c != STATE && (c != NEXT || next))
			grid_column(grid, _(headings[c]), c == TRIES ? GRID_NUMBER : GRID_TEXT);
	for (guint i = 0; i < json_array_get_length(mails); i++) {
		g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);

		for (enum list_column c = 0; c < COLUMNS; c++)
			if (c != STATE && (c != NEXT || next))
				g_ptr_array_add(
				    cells, cell_of(json_array_get_object_element(mails, i), c, at));
		status_add_row(grid, cells);
	}
	app_print_grid(grid);
}

void status_print_list(JsonObject *list, const char *at)
{
	JsonArray *mails = json_object_get_array_member(list, "mails");

	if (!isatty(STDOUT_FILENO))
		print_tabs(mails);
	else if (json_array_get_length(mails))
		print_mails(mails, at);
	if (status_text(list, "after"))
		fprintf(stderr, _("There are more: --after %s\n"), status_text(list, "after"));
	else if (json_array_get_length(mails) == 0)
		fputs(_("None.\n"), stderr);
}

static void print_tries(JsonArray *tries)
{
	for (guint i = 0; i < json_array_get_length(tries); i++) {
		JsonObject *try = json_array_get_object_element(tries, i);
		g_autofree char *outcome = status_say_word(status_text(try, "outcome"));
		g_autofree char *answer = status_say_answer(try);
		const char *when = status_text(try, "at");
		const char *sender = status_text(try, "sender");
		const char *relay = status_text(try, "relay");

		printf("  %.10s %.8s  %s  %s\n", when, when + 11, outcome, answer);
		printf(_("                       through %s, by %s\n"), relay ? relay : "?",
		       sender ? sender : "?");
	}
}

void status_print_letter(JsonObject *letter)
{
	JsonArray *mails = json_object_get_array_member(letter, "mails");
	JsonObject *enterprise = json_object_get_object_member(letter, "enterprise");
	JsonObject *round = json_object_get_object_member(letter, "round");
	g_autofree char *letter_state = status_say_word(status_text(letter, "state"));

	printf("%s  %s  %s\n", status_text(letter, "number"), status_text(enterprise, "name"),
	       letter_state);
	printf("%s  %s\n", status_text(round, "code"), status_text(round, "title"));
	for (guint i = 0; i < json_array_get_length(mails); i++) {
		JsonObject *mail = json_array_get_object_element(mails, i);
		g_autofree char *kind = status_say_word(status_text(mail, "kind"));
		g_autofree char *state = status_say_word(status_text(mail, "state"));
		g_autofree char *next = status_say_time(status_text(mail, "next"), NULL);

		printf("\n%s  %s  %s", kind, status_text(mail, "recipient"), state);
		printf(*next ? _(", next try %s\n") : "\n", next);
		if (strcmp(status_text(mail, "state"), "bounced") == 0 &&
		    status_text(mail, "words"))
			printf("  %s\n", status_text(mail, "words"));
		print_tries(json_object_get_array_member(mail, "tries"));
	}
}
