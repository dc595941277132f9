#include "cli/help.h"

#include "base/error.h"
#include "cli/terminal.h"
#include "templates/grid.h"

#include <stdio.h>
#include <string.h>

#define COLUMN_MAX 30 /* where explanations begin, at most */
#define WIDTH_MIN  40
#define WIDTH_MAX  100 /* longer lines are hard to read */

/* "-c, --command=SQL" */
static char *name_of(const GOptionEntry *entry)
{
	GString *name = g_string_new("  ");

	if (entry->short_name)
		g_string_append_printf(name, "-%c, ", entry->short_name);
	g_string_append_printf(name, "--%s", entry->long_name);
	if (entry->arg_description)
		g_string_append_printf(name, "=%s", entry->arg_description);
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

/* In one line where they fit, else each way in its own. */
static void put_usage(GString *out, const char *command, const char *parameters, guint width)
{
	g_autofree char *begin = g_strdup_printf(_("usage: pingyi %s"), command);
	guint column = grid_width(begin) + 1;
	gboolean one = column + grid_width(parameters) <= width;
	g_auto(GStrv) ways = g_strsplit(parameters, one ? "\n" : " | ", -1);

	g_string_append_printf(out, "%s%s", begin, *parameters ? " " : "\n");
	for (guint i = 0; ways[i]; i++) {
		if (i > 0)
			g_string_append_printf(out, "%*s", (int)column, "");
		terminal_wrap(out, column, column, width, 0, ways[i]);
	}
}

static void put_summary(GString *out, const char *summary, guint width)
{
	g_auto(GStrv) lines = g_strsplit(summary, "\n", -1);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	guint column;

	for (char **line = lines; *line; line++)
		if (strchr(*line, '\t'))
			g_ptr_array_add(
			    names, g_strdup_printf("  %.*s", (int)strcspn(*line, "\t"), *line));
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
