#include "cli/help.h"

#include "base/error.h"
#include "cli/terminal.h"
#include "templates/grid.h"

#include <stdio.h>
#include <string.h>

#define COLUMN_MAX 30 /* where explanations begin, at most */
#define WIDTH_MIN  40
#define WIDTH_MAX  100 /* longer lines are hard to read */

char *help_places(const char *text)
{
	static const char *const places[] = {
	    N_("ADDRESS"),    N_("CODE"),         N_("COLS"),     N_("COMMAND"), N_("DATE"),
	    N_("DEPARTMENT"), N_("ENTERPRISE"),   N_("FILE"),     N_("FOLDER"),  N_("GRADE"),
	    N_("ITEM"),       N_("KIND"),         N_("LANGUAGE"), N_("LOGIN"),   N_("MESSAGE"),
	    N_("NAME"),       N_("NAME-OR-CODE"), N_("NO"),       N_("NUMBER"),  N_("OPINION"),
	    N_("OUT"),        N_("PLACE"),        N_("PORT"),     N_("ROLE"),    N_("ROUND"),
	    N_("ROWS"),       N_("SECONDS"),      N_("SOURCE"),   N_("STATE"),   N_("TEXT"),
	    N_("TIME"),       N_("TITLE"),        N_("URL"),      N_("VERB"),    N_("VERSION"),
	    N_("WAY"),        N_("YYYY-MM-DD")};
	GString *out = g_string_new(NULL);

	while (*text) {
		gsize size = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-");
		g_autofree char *word = g_strndup(text, size);
		const char *said = word;

		for (guint i = 0; i < G_N_ELEMENTS(places); i++)
			if (strcmp(places[i], word) == 0)
				said = _(places[i]);
		g_string_append(out, said);
		text += size;
		if (size == 0)
			g_string_append_c(out, *text++);
	}
	return g_string_free(out, FALSE);
}

/* "-c, --command=SQL" */
static char *name_of(const GOptionEntry *entry)
{
	GString *name = g_string_new("  ");

	if (entry->short_name)
		g_string_append_printf(name, "-%c, ", entry->short_name);
	g_string_append_printf(name, "--%s", entry->long_name);
	if (entry->arg_description) {
		g_autofree char *places = help_places(entry->arg_description);

		g_string_append_printf(name, "=%s", places);
	}
	return g_string_free(name, FALSE);
}

/* A name and its explanation, which begins in a line of its own where the name is long. */
static void put_pair(GString *out, const char *name, const char *text, guint column, guint width)
{
	g_string_append(out, name);
	if (grid_width(name) + 2 <= column)
		terminal_pad(out, name, column);
	else
		g_string_append_printf(out, "\n%*s", (int)column, "");
	terminal_wrap(out, column, column, width, 0, text);
}

/* Where explanations of these names begin. */
static guint column_of(char **names)
{
	guint column = 0;

	for (char **name = names; *name; name++)
		if (grid_width(*name) + 2 <= COLUMN_MAX)
			column = MAX(column, grid_width(*name) + 2);
	return column;
}

/* "new CODE | learnt [VERSION | none]": its ways, divided where no bracket is open; line breaks are
 * spaces. Returns: (transfer full) */
static GPtrArray *ways_of(const char *parameters)
{
	g_autoptr(GPtrArray) ways = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *text = g_strdelimit(g_strdup(parameters), "\n", ' ');
	const char *begin = text;
	int depth = 0;

	for (const char *at = text; *at; at++) {
		depth += (*at == '[') - (*at == ']');
		if (depth == 0 && g_str_has_prefix(at, " | ")) {
			g_ptr_array_add(ways, g_strndup(begin, (gsize)(at - begin)));
			begin = at + 3;
		}
	}
	g_ptr_array_add(ways, g_strdup(begin));
	return g_steal_pointer(&ways);
}

/* In one line where they fit, else each way in its own. */
static void put_usage(GString *out, const char *command, const char *given, guint width)
{
	g_autofree char *parameters = help_places(given);
	g_autofree char *begin = g_strdup_printf(_("usage: pingyi %s"), command);
	guint column = grid_width(begin) + 1;
	g_autoptr(GPtrArray) ways = ways_of(parameters);

	g_string_append_printf(out, "%s%s", begin, *parameters ? " " : "\n");
	if (column + grid_width(parameters) <= width) {
		terminal_wrap(out, column, column, width, 0, parameters);
		return;
	}
	for (guint i = 0; i < ways->len; i++) {
		if (i > 0)
			g_string_append_printf(out, "%*s", (int)column, "");
		terminal_wrap(out, column, column, width, 0, g_ptr_array_index(ways, i));
	}
}

static void put_summary(GString *out, const char *summary, guint width)
{
	g_auto(GStrv) lines = g_strsplit(summary, "\n", -1);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	guint column;

	for (char **line = lines; *line; line++)
		if (strchr(*line, '\t')) {
			g_autofree char *name = g_strndup(*line, strcspn(*line, "\t"));
			g_autofree char *places = help_places(name);

			g_ptr_array_add(names, g_strdup_printf("  %s", places));
		}
	g_ptr_array_add(names, NULL);
	column = column_of((char **)names->pdata);
	for (guint i = 0, pair = 0; lines[i]; i++) {
		const char *tab = strchr(lines[i], '\t');

		if (tab)
			put_pair(out, names->pdata[pair++], tab + 1, column, width);
		else
			terminal_wrap(out, 0, 0, width, 0, lines[i]);
	}
}

static void put_options(GString *out, const GOptionEntry *entries, guint width)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	guint column;

	for (const GOptionEntry *entry = entries; entry->long_name; entry++)
		g_ptr_array_add(names, name_of(entry));
	g_ptr_array_add(names, NULL);
	column = column_of((char **)names->pdata);
	for (guint i = 0; entries[i].long_name; i++)
		put_pair(out, names->pdata[i], _(entries[i].description), column, width);
}

void help_print(const char *command, const GOptionEntry *entries, const char *parameters,
		const char *summary)
{
	guint columns = terminal_width();
	guint width = columns ? CLAMP(columns, WIDTH_MIN, WIDTH_MAX) : TERMINAL_USUAL;
	g_autoptr(GString) out = g_string_new(NULL);

	put_usage(out, command, parameters, width);
	g_string_append_c(out, '\n');
	put_summary(out, summary, width);
	if (entries && entries->long_name) {
		g_string_append_printf(out, "\n%s\n", _("Options:"));
		put_options(out, entries, width);
	}
	fputs(out->str, stdout);
}
