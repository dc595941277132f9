#include "templates/escape.h"

#include <string.h>

enum {
	TEXT = 1,
	ATTRIBUTE = 2,
	LINES = 4,
};

/* For which places a byte needs a look; 0 for all that is copied. */
static const guchar special[256] = {
    [0x01] = 7,        [0x02] = 7, [0x03] = 7, [0x04] = 7, [0x05] = 7,     [0x06] = 7,
    [0x07] = 7,        [0x08] = 7, [0x0b] = 7, [0x0c] = 7, [0x0e] = 7,     [0x0f] = 7,
    [0x10] = 7,        [0x11] = 7, [0x12] = 7, [0x13] = 7, [0x14] = 7,     [0x15] = 7,
    [0x16] = 7,        [0x17] = 7, [0x18] = 7, [0x19] = 7, [0x1a] = 7,     [0x1b] = 7,
    [0x1c] = 7,        [0x1d] = 7, [0x1e] = 7, [0x1f] = 7, ['\r'] = LINES, ['\n'] = LINES,
    ['"'] = ATTRIBUTE, ['&'] = 7,  ['<'] = 7,  ['>'] = 7,  [0x7f] = 7,     [0xc2] = 7,
    [0xe2] = 7,        [0xef] = 7,
};

/* How many bytes the character at `p` has that people are never shown: 0 for all others. */
static gsize hidden_length(const guchar *p)
{
	if (p[0] < 0x80)
		return 1;
	if (p[0] == 0xc2) /* U+0080 … U+009F, controls */
		return p[1] < 0xa0 ? 2 : 0;
	if (p[0] == 0xe2 && p[1] == 0x80) /* U+202A … U+202E turn text around */
		return p[2] >= 0xaa && p[2] <= 0xae ? 3 : 0;
	if (p[0] == 0xe2 && p[1] == 0x81) /* U+2066 … U+2069 too */
		return p[2] >= 0xa6 && p[2] <= 0xa9 ? 3 : 0;
	if (p[0] == 0xef && p[1] == 0xbf) /* U+FFFE and U+FFFF */
		return p[2] >= 0xbe ? 3 : 0;
	return 0;
}

/* The same of one that ends a line where people see nothing of it: U+0085, U+2028, U+2029. */
static gsize line_length(const guchar *p)
{
	if (p[0] == 0xc2)
		return p[1] == 0x85 ? 2 : 0;
	return p[0] == 0xe2 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9) ? 3 : 0;
}

/* What stands for the character at `p`, and how many bytes of input it covers; NULL: itself. */
static const char *replacement(const guchar *p, guchar place, gsize *length_out)
{
	const char *line = place == LINES ? "<br>" : "\n";

	*length_out = 1;
	switch (*p) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\n':
		return line;
	default:
		*length_out = line_length(p);
		if (*length_out)
			return line;
		*length_out = hidden_length(p);
		return *length_out ? "" : NULL;
	}
}

static void escape(GString *out, const char *text, guchar place)
{
	const guchar *run = (const guchar *)text;
	const guchar *p = run;

	for (; *p != '\0';) {
		const char *with;
		gsize length;

		if ((special[*p] & place) == 0 || (with = replacement(p, place, &length)) == NULL) {
			p++;
			continue;
		}
		g_string_append_len(out, (const char *)run, p - run);
		g_string_append(out, with);
		p += length;
		run = p;
	}
	g_string_append_len(out, (const char *)run, p - run);
}

void escape_text(GString *out, const char *text)
{
	escape(out, text, TEXT);
}

void escape_attribute(GString *out, const char *text)
{
	escape(out, text, ATTRIBUTE);
}

void escape_lines(GString *out, const char *text)
{
	escape(out, text, LINES);
}

void escape_url_part(GString *out, const char *text)
{
	for (const guchar *p = (const guchar *)text; *p != '\0'; p++) {
		if (g_ascii_isalnum(*p) || strchr("-._~", *p) != NULL)
			g_string_append_c(out, (char)*p);
		else
			g_string_append_printf(out, "%%%02X", *p);
	}
}

/* Whether a browser would read `text` as an address that is safe to open. */
static gboolean is_safe(const char *text)
{
	static const char *const schemes[] = {"http", "https", "mailto", "tel"};
	gsize length = strcspn(text, ":/?#");

	if ((guchar)text[0] <= ' ')
		return FALSE; /* browsers skip these before they look for a scheme */
	if (text[length] != ':')
		return !((text[0] == '/' || text[0] == '\\') &&
			 (text[1] == '/' || text[1] == '\\'));
	for (gsize i = 0; i < G_N_ELEMENTS(schemes); i++) {
		if (strlen(schemes[i]) == length &&
		    g_ascii_strncasecmp(text, schemes[i], length) == 0)
			return TRUE;
	}
	return FALSE;
}

void escape_url(GString *out, const char *text)
{
	if (!is_safe(text)) {
		g_string_append_c(out, '#');
		return;
	}
	for (const guchar *p = (const guchar *)text; *p != '\0'; p++) {
		if (*p == '&')
			g_string_append(out, "&amp;");
		else if (*p <= ' ' || *p >= 0x7f || strchr("\"<>\\^`{|}'", *p) != NULL)
			g_string_append_printf(out, "%%%02X", *p);
		else
			g_string_append_c(out, (char)*p);
	}
}
