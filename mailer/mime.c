#include "mailer/mime.h"

#include <string.h>

#define LINE_LENGTH 76
#define WORD_FRAME  12 /* characters of =?UTF-8?B??= */

static char *clean(const char *value)
{
	g_autofree char *valid = g_utf8_make_valid(value, -1);

	for (char *c = valid; *c; c++)
		if (g_ascii_iscntrl(*c))
			*c = ' ';
	return g_steal_pointer(&valid);
}

static gboolean is_ascii(const char *text)
{
	return g_str_is_ascii(text) && !strstr(text, "=?");
}

/* Encoded words, one a line of at most 76 characters (RFC 2047 section 2), cut between characters;
 * `column` is where the first begins. */
static void encoded_words(GString *out, const char *text, gsize column)
{
	while (*text) {
		gsize length = 0;
		gsize room = (LINE_LENGTH - WORD_FRAME - MIN(column, 40)) / 4 * 3;
		g_autofree char *base64 = NULL;

		while (text[length]) {
			gsize next = (gsize)(g_utf8_next_char(text + length) - text);

			if (next > room)
				break;
			length = next;
		}
		base64 = g_base64_encode((const guchar *)text, length);
		g_string_append_printf(out, "=?UTF-8?B?%s?=", base64);
		text += length;
		column = 1;
		if (*text)
			g_string_append(out, "\n ");
	}
}

/* ASCII text, broken at spaces; `column` is where it begins. */
static void folded(GString *out, const char *text, gsize column)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);

	for (guint i = 0; words[i]; i++) {
		gsize length = strlen(words[i]);

		if (i > 0 && length && column + 1 + length > LINE_LENGTH) {
			g_string_append(out, "\n ");
			column = 1;
		} else if (i > 0) {
			g_string_append_c(out, ' ');
			column++;
		}
		g_string_append(out, words[i]);
		column += length;
	}
}

void mime_header(GString *out, const char *name, const char *value)
{
	g_autofree char *text = clean(value);

	g_string_append_printf(out, "%s: ", name);
	if (is_ascii(text))
		folded(out, text, strlen(name) + 2);
	else
		encoded_words(out, text, strlen(name) + 2);
	g_string_append_c(out, '\n');
}

static void quoted_string(GString *out, const char *text)
{
	g_string_append_c(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *text);
	}
	g_string_append_c(out, '"');
}

void mime_address(GString *out, const char *name, const char *display, const char *address)
{
	g_autofree char *where = clean(address);
	g_autofree char *who = clean(display ? display : "");

	g_string_append_printf(out, "%s: ", name);
	if (*who && is_ascii(who))
		quoted_string(out, who);
	else if (*who)
		encoded_words(out, who, strlen(name) + 2);
	if (*who)
		g_string_append(out, "\n ");
	g_string_append_printf(out, "<%s>\n", where);
}

void mime_date(GString *out, GDateTime *time)
{
	static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	g_autofree char *clock = g_date_time_format(time, "%H:%M:%S %z");

	g_string_append_printf(
	    out, "Date: %s, %d %s %d %s\n", days[g_date_time_get_day_of_week(time) - 1],
	    g_date_time_get_day_of_month(time), months[g_date_time_get_month(time) - 1],
	    g_date_time_get_year(time), clock);
}

static void base64_lines(GString *out, const guchar *bytes, gsize size)
{
	const gsize step = LINE_LENGTH / 4 * 3;

	for (gsize at = 0; at < size; at += step) {
		g_autofree char *line = g_base64_encode(bytes + at, MIN(step, size - at));

		g_string_append(out, line);
		g_string_append_c(out, '\n');
	}
}

void mime_text(GString *out, const char *type, const char *text, gsize size)
{
	g_autoptr(GString) canonical = g_string_sized_new(size + size / 32);

	/* RFC 2046 section 4.1.1: within text a line break is CRLF, also under base64. */
	for (gsize i = 0; i < size; i++) {
		if (text[i] == '\n')
			g_string_append_c(canonical, '\r');
		if (text[i] != '\r')
			g_string_append_c(canonical, text[i]);
	}
	g_string_append_printf(
	    out, "Content-Type: %s; charset=utf-8\nContent-Transfer-Encoding: base64\n\n", type);
	base64_lines(out, (const guchar *)canonical->str, canonical->len);
}

/* RFC 2231: filename*=UTF-8''… */
static char *percent_encoded(const char *text)
{
	GString *out = g_string_new(NULL);

	for (; *text; text++) {
		if (g_ascii_isalnum(*text) || *text == '-' || *text == '.' || *text == '_')
			g_string_append_c(out, *text);
		else
			g_string_append_printf(out, "%%%02X", (guint)(guchar)*text);
	}
	return g_string_free(out, FALSE);
}

void mime_attachment(GString *out, const char *type, const char *name, const char *ascii_name,
		     GBytes *content)
{
	gsize size = 0;
	const guchar *bytes = g_bytes_get_data(content, &size);
	g_autofree char *encoded = percent_encoded(name);

	g_string_append_printf(out,
			       "Content-Type: %s;\n name=\"%s\"\n"
			       "Content-Disposition: attachment;\n filename=\"%s\";\n"
			       " filename*=UTF-8''%s\nContent-Transfer-Encoding: base64\n\n",
			       type, ascii_name, ascii_name, encoded);
	base64_lines(out, bytes, size);
}
