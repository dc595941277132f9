#include "mailer/mime.h"

#include "mailer/base64.h"

#include <string.h>

#define LINE_LENGTH 76
#define WORD_FRAME  12  /* characters of =?UTF-8?B??= */
#define WORD_MAX    900 /* of a word that cannot be folded: within RFC 5322's 998 */
#define TYPE_MAX    255 /* 127 and 127, RFC 6838, 4.2 */
#define QUOTED_MAX  60  /* bytes of a quoted string that stands on one line */

static void put(GString *out, const char *text)
{
	g_string_append_len(out, text, (gssize)strlen(text));
}

#define PUT(out, literal) g_string_append_len(out, literal, sizeof(literal) - 1)

/* --- values --- */

/* Signs that turn the direction around: "fdp.exe" can be made to look like "exe.pdf". */
static gboolean turns_around(gunichar c)
{
	return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

static gboolean breaks_line(gunichar c)
{
	return c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
}

/* How many bytes of `text` are printable ASCII, words with one space between. */
static gsize tidy_length(const char *text)
{
	const char *c = text;

	while ((guchar)(*c - '!') < 0x7f - '!' || (*c == ' ' && c > text && c[1] > ' '))
		c++;
	return (gsize)(c - text);
}

/* One line of valid UTF-8: white space in a row is one space, none at the ends.
 * Returns: (transfer full) */
static char *clean(const char *value)
{
	gsize good = tidy_length(value);
	g_autofree char *valid =
	    g_utf8_validate(value + good, -1, NULL) ? NULL : g_utf8_make_valid(value, -1);
	const char *from = valid ? valid : value;
	gsize size = good + strlen(from + good);
	char *line = g_malloc(size + 1);
	char *to = line + good;

	memcpy(line, from, good);
	from += good;
	while (*from) {
		gsize length = (gsize)(g_utf8_next_char(from) - from);
		gunichar c = length == 1 ? (guchar)*from : g_utf8_get_char(from);

		if (c == ' ' || breaks_line(c)) {
			if (to > line && to[-1] != ' ')
				*to++ = ' ';
		} else if (length < 2 || !turns_around(c)) {
			memcpy(to, from, length);
			to += length;
		}
		from += length;
	}
	while (to > line && to[-1] == ' ')
		to--;
	*to = '\0';
	return line;
}

/* Whether a line of text can stand as it is: ASCII, no word longer than a line, nothing that would
 * be taken for an encoded word. */
static gboolean is_plain(const char *text)
{
	gsize word = 0;

	for (const char *c = text; *c; c++) {
		if ((guchar)*c >= 0x7f || (c[0] == '=' && c[1] == '?'))
			return FALSE;
		word = *c == ' ' ? 0 : word + 1;
		if (word > LINE_LENGTH - 2)
			return FALSE;
	}
	return TRUE;
}

/* --- headers --- */

/* Encoded words, one a line of at most 76 characters (RFC 2047 section 2), cut between characters;
 * `column` is where the first begins. */
static void encoded_words(GString *out, const char *text, gsize column)
{
	while (*text) {
		gsize length = 0;
		gsize room = (LINE_LENGTH - WORD_FRAME - MIN(column, 40)) / 4 * 3;

		while (text[length]) {
			gsize next = (gsize)(g_utf8_next_char(text + length) - text);

			if (next > room)
				break;
			length = next;
		}
		PUT(out, "=?UTF-8?B?");
		base64_run(out, text, length);
		PUT(out, "?=");
		text += length;
		column = 1;
		if (*text)
			PUT(out, "\r\n ");
	}
}

/* Words between single spaces, broken at these; `column` is where the first begins. */
static void folded(GString *out, const char *text, gsize column)
{
	for (gboolean first = TRUE; *text; first = FALSE) {
		gsize length = strcspn(text, " ");

		if (!first && column + 1 + length > LINE_LENGTH) {
			PUT(out, "\r\n ");
			column = 1;
		} else if (!first) {
			g_string_append_c(out, ' ');
			column++;
		}
		g_string_append_len(out, text, (gssize)length);
		column += length;
		text += length;
		if (*text)
			text++;
	}
}

static gsize begin(GString *out, const char *name)
{
	gsize length = strlen(name);

	g_string_append_len(out, name, (gssize)length);
	PUT(out, ": ");
	return length + 2;
}

void mime_header(GString *out, const char *name, const char *value)
{
	g_autofree char *text = clean(value);
	gsize column = begin(out, name);

	if (is_plain(text))
		folded(out, text, column);
	else
		encoded_words(out, text, column);
	PUT(out, "\r\n");
}

/* Whether a line of text is ASCII without a word that is too long for any line. */
static gboolean is_ascii_words(const char *text)
{
	return g_str_is_ascii(text) && strlen(text) <= WORD_MAX;
}

void mime_tokens(GString *out, const char *name, const char *value)
{
	g_autofree char *text = clean(value);

	if (!is_ascii_words(text)) {
		char *to = text;
		gsize word = 0;

		for (const char *c = text; *c; c++) {
			word = *c == ' ' ? 0 : word + 1;
			if ((guchar)*c < 0x7f && word <= WORD_MAX)
				*to++ = *c;
		}
		*to = '\0';
	}
	folded(out, text, begin(out, name));
	PUT(out, "\r\n");
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

/* "<address>" without what the envelope refuses as well. */
static void angle_address(GString *out, const char *address)
{
	g_autofree char *text = clean(address);
	char *to = text;
	const char *end = NULL;

	for (const char *c = text; *c && to < text + WORD_MAX; c++)
		if (*c != ' ' && !strchr("<>,;:\\\"()", *c))
			*to++ = *c;
	/* a character that WORD_MAX cut is left out as a whole */
	g_utf8_validate(text, to - text, &end);
	text[end - text] = '\0';
	g_string_append_c(out, '<');
	put(out, text);
	PUT(out, ">\r\n");
}

void mime_address(GString *out, const char *name, const char *display, const char *address)
{
	g_autofree char *who = clean(display ? display : "");
	gsize column = begin(out, name);

	if (*who && is_plain(who) && strlen(who) <= QUOTED_MAX)
		quoted_string(out, who);
	else if (*who)
		encoded_words(out, who, column);
	if (*who)
		PUT(out, "\r\n ");
	angle_address(out, address);
}

void mime_date(GString *out, GDateTime *time)
{
	static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	g_autofree char *clock = g_date_time_format(time, "%H:%M:%S %z");

	g_string_append_printf(
	    out, "Date: %s, %d %s %d %s\r\n", days[g_date_time_get_day_of_week(time) - 1],
	    g_date_time_get_day_of_month(time), months[g_date_time_get_month(time) - 1],
	    g_date_time_get_year(time), clock);
}

/* --- parts --- */

void mime_text_head(GString *out, const char *type)
{
	PUT(out, "Content-Type: ");
	put(out, type);
	PUT(out, "; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
}

gboolean mime_is_type(const char *type)
{
	const char *slash = strchr(type, '/');

	if (!slash || slash == type || !slash[1] || strlen(type) > TYPE_MAX ||
	    g_ascii_strncasecmp(type, "multipart/", 10) == 0 ||
	    g_ascii_strncasecmp(type, "message/", 8) == 0)
		return FALSE;
	for (const char *c = type; *c; c++)
		if (!g_ascii_isalnum(*c) && c != slash && !strchr("!#$&^_.+-", *c))
			return FALSE;
	return TRUE;
}

/* Where the extension begins, with its dot; the end of `name` when it has none. */
static char *extension(char *name)
{
	char *dot = strrchr(name, '.');

	return dot && dot > name && dot[1] && strlen(dot) <= 16 ? dot : name + strlen(name);
}

char *mime_file_name(const char *name, const char *fallback)
{
	g_autofree char *text = clean(name);
	char *start = text;
	char *ext;
	gsize stem;
	gsize rest;

	for (char *c = text; *c; c++)
		if (strchr("/\\:*?\"<>|", *c))
			*c = '_';
	while (*start == ' ' || *start == '.')
		start++;
	for (rest = strlen(start); rest > 0 && strchr(" .", start[rest - 1]); rest--)
		start[rest - 1] = '\0';
	if (!*start)
		return g_strdup(fallback);
	ext = extension(start);
	rest = strlen(ext);
	stem = MIN((gsize)(ext - start), MIME_FILE_NAME_MAX - rest);
	while (stem > 0 && ((guchar)start[stem] & 0xc0) == 0x80)
		stem--;
	return g_strdup_printf("%.*s%s", (int)stem, start, ext);
}

/* A parameter of its own line as RFC 2231 has it, in as many pieces as it needs; each
 * percent-encoded, and cut between characters, so that a reader may decode them one by one. */
static void extended_parameter(GString *out, const char *name, const char *value)
{
	guint piece = 0;
	gsize from;

	do {
		if (piece > 0)
			PUT(out, ";");
		PUT(out, "\r\n ");
		from = out->len;
		g_string_append_printf(out, "%s*%u*=%s", name, piece, piece == 0 ? "UTF-8''" : "");
		piece++;
		while (*value) {
			gsize length = (gsize)(g_utf8_next_char(value) - value);
			gboolean plain = g_ascii_isalnum(*value) || strchr("-._", *value);

			if (out->len - from + (plain ? 1 : length * 3) > LINE_LENGTH - 2)
				break;
			for (; length > 0; length--, value++) {
				if (plain)
					g_string_append_c(out, *value);
				else
					g_string_append_printf(out, "%%%02X",
							       (guint)(guchar)*value);
			}
		}
	} while (*value);
}

static void file_name(GString *out, const char *type, const char *name, const char *disposition)
{
	gboolean plain = is_plain(name) && strlen(name) <= QUOTED_MAX;

	g_string_append_printf(out, "Content-Type: %s;\r\n name=", type);
	if (plain) {
		quoted_string(out, name);
	} else {
		g_string_append_c(out, '"');
		encoded_words(out, name, strlen(" name=\"\""));
		g_string_append_c(out, '"');
	}
	g_string_append_printf(
	    out, "\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: %s;", disposition);
	if (plain) {
		PUT(out, "\r\n filename=");
		quoted_string(out, name);
	} else {
		extended_parameter(out, "filename", name);
	}
	PUT(out, "\r\n");
}

void mime_file(GString *out, const char *type, const char *name, const char *content_id,
	       GBytes *content)
{
	gsize size = 0;
	const void *bytes = g_bytes_get_data(content, &size);

	file_name(out, type, name, content_id ? "inline" : "attachment");
	if (content_id)
		g_string_append_printf(out, "Content-ID: <%s>\r\n", content_id);
	PUT(out, "\r\n");
	base64_lines(out, bytes, size);
}
