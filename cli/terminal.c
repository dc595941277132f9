#include "cli/terminal.h"

#include "base/charset.h"
#include "templates/grid.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

guint terminal_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return 0;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col
									   : TERMINAL_USUAL;
}

static guint width_of(gunichar point)
{
	return g_unichar_iswide(point) ? 2 : g_unichar_iszerowidth(point) ? 0 : 1;
}

/* Whether a sign stands there that no line begins with: ".txt" is none. */
static gboolean closes(const char *at)
{
	gunichar point = g_utf8_get_char(at);

	return point && (g_utf8_strchr("，。；：、？！）》”’…)", -1, point) ||
			 (strchr(",.;:?!", *at) && !g_ascii_isalnum(at[1])));
}

/* Signs that no line ends with. */
static gboolean opens(gunichar point)
{
	return point && g_utf8_strchr("（《“‘(", -1, point);
}

/* Where what is not broken ends: a word, or one Chinese character, with the signs beside it. */
static const char *unit_end(const char *at)
{
	while (opens(g_utf8_get_char(at)))
		at = g_utf8_next_char(at);
	if (g_unichar_iswide(g_utf8_get_char(at)))
		at = g_utf8_next_char(at);
	else
		while (*at && *at != ' ' && !g_unichar_iswide(g_utf8_get_char(at)) &&
		       !opens(g_utf8_get_char(at)))
			at = g_utf8_next_char(at);
	while (closes(at))
		at = g_utf8_next_char(at);
	return at;
}

/* Without controls, white space single. Returns: (transfer full) */
static char *clean(const char *text)
{
	g_autofree char *line = charset_line(text);
	GString *out = g_string_sized_new(strlen(line));

	for (const char *at = line; *at; at = g_utf8_next_char(at)) {
		gunichar point = g_utf8_get_char(at);

		if (!g_unichar_isspace(point))
			g_string_append_unichar(out, point);
		else if (out->len && out->str[out->len - 1] != ' ')
			g_string_append_c(out, ' ');
	}
	if (out->len && out->str[out->len - 1] == ' ')
		g_string_truncate(out, out->len - 1);
	return g_string_free(out, FALSE);
}

/* Where the first `columns` columns of a text end. */
static const char *fitting(const char *text, guint columns)
{
	for (guint used = 0; *text; text = g_utf8_next_char(text)) {
		used += width_of(g_utf8_get_char(text));
		if (used > columns)
			break;
	}
	return text;
}

/* Appends what of `text` fits into `columns`, and returns the rest; the last line ends with … where
 * there is one. */
static const char *put_line(GString *out, const char *text, guint columns, gboolean last)
{
	guint room = last && grid_width(text) > columns ? columns - 1 : columns;
	guint used = 0;

	while (*text) {
		const char *end = unit_end(text + (*text == ' '));
		g_autofree char *unit = g_strndup(text, (gsize)(end - text));

		if (used + grid_width(unit) > room) {
			if (used > 0)
				break;
			end = fitting(text, room);
		}
		g_string_append_len(out, text, end - text);
		used += grid_width(unit);
		text = end;
	}
	if (last && *text)
		g_string_append(out, "…");
	return text;
}

void terminal_wrap(GString *out, guint column, guint indent, guint width, guint lines,
		   const char *text)
{
	g_autofree char *line = clean(text);
	const char *at = line;

	/* a terminal that narrow shows what it can */
	width = MAX(width, MAX(column, indent) + 10);
	for (guint n = 1; *at; n++) {
		at = put_line(out, at, width - (n == 1 ? column : indent), n == lines);
		if (n == lines || !*at)
			break;
		while (*at == ' ')
			at++;
		g_string_append_printf(out, "\n%*s", (int)indent, "");
	}
	g_string_append_c(out, '\n');
}

void terminal_pad(GString *out, const char *text, guint column)
{
	guint has = grid_width(text);

	g_string_append_printf(out, "%*s", has + 2 <= column ? (int)(column - has) : 2, "");
}

void terminal_field(GString *out, guint column, const char *label, const char *value, guint lines,
		    guint width)
{
	g_autofree char *name = g_strdup_printf("  %s", label);

	if (!value || !*value)
		return;
	g_string_append(out, name);
	terminal_pad(out, name, column);
	terminal_wrap(out, column, column, width, lines, value);
}
