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
    ['"'] = ATTRIBUTE, ['&'] = 7,  ['<'] = 7,  ['>'] = 7,  [0xef] = 7,
};

/* What stands for the byte at `p`, and how many bytes of input it covers. */
static const char *replacement(const guchar *p, gsize *length_out)
{
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
		return "<br>";
	case 0xef: /* U+FFFE and U+FFFF are EF BF BE and EF BF BF */
		if (p[1] != 0xbf || (p[2] != 0xbe && p[2] != 0xbf))
			return NULL;
		*length_out = 3;
		return "";
	default:
		return "";
	}
}

static void escape(GString *out, const char *text, guchar place)
{
	const guchar *run = (const guchar *)text;
	const guchar *p = run;

	for (; *p != '\0';) {
		const char *with;
		gsize length;

		if ((special[*p] & place) == 0 || (with = replacement(p, &length)) == NULL) {
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
