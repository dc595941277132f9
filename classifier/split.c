#include "classifier/split.h"

#include <string.h>

#define SPANS_ROOM 80 /* for which there is room from the beginning: 1 KB */

static gboolean is_han_digit(gunichar c)
{
	return c == 0x4e00 || c == 0x4e8c || c == 0x4e09 || c == 0x56db || c == 0x4e94 ||
	       c == 0x516d || c == 0x4e03 || c == 0x516b || c == 0x4e5d || c == 0x5341;
}

/* The length of a list mark at `at`: "1、", "1.", "(2)", "（三）", "四、", "①", "-", "·"; else 0.
 */
static gsize list_mark(const char *at)
{
	const char *p = at;
	gunichar c = g_utf8_get_char(p);
	gboolean bracket = c == '(' || c == 0xff08;
	guint digits = 0;

	if (c == '-' || c == 0xb7 || c == 0x2022 || c == 0x25cf || c == '*' ||
	    (c >= 0x2460 && c <= 0x2473))
		return (gsize)(g_utf8_next_char(p) - at);
	if (bracket)
		p = g_utf8_next_char(p);
	for (c = g_utf8_get_char(p); digits < 3 && (g_unichar_isdigit(c) || is_han_digit(c));
	     c = g_utf8_get_char(p)) {
		p = g_utf8_next_char(p);
		digits++;
	}
	if (digits == 0)
		return 0;
	if (bracket)
		return c == ')' || c == 0xff09 ? (gsize)(g_utf8_next_char(p) - at) : 0;
	if (c == 0x3001 || c == 0xff0e || c == ')' || c == 0xff09)
		return (gsize)(g_utf8_next_char(p) - at);
	/* "1." but not "1.5" */
	return c == '.' && !g_ascii_isdigit(p[1]) ? (gsize)(p + 1 - at) : 0;
}

/* Most of a text: characters of three bytes that end no sentence, ideographs and the comma. Told by
 * their bytes, so that where the next one stands waits for no table. */
static inline gboolean goes_on(const char *at)
{
	const guint8 *b = (const guint8 *)at;

	return (b[0] >= 0xe4 && b[0] <= 0xe9) || (b[0] == 0xef && b[1] == 0xbc && b[2] == 0x8c);
}

static gboolean ends_sentence(gunichar c)
{
	return c == 0x3002 || c == 0xff01 || c == 0xff1f || c == 0xff1b || c == '!' || c == '?' ||
	       c == ';';
}

static void add(GArray *spans, const char *text, const char *from, const char *to,
		gboolean *paragraph)
{
	struct span span;

	while (from < to && g_unichar_isspace(g_utf8_get_char(from)))
		from = g_utf8_next_char(from);
	while (to > from && g_ascii_isspace(to[-1]))
		to--;
	if (from == to)
		return;
	span = (struct span){(guint)(from - text), (guint)(to - text), *paragraph};
	g_array_append_val(spans, span);
	*paragraph = FALSE;
}

GArray *split_sentences(const char *text, gsize size)
{
	GArray *spans = g_array_sized_new(FALSE, FALSE, sizeof(struct span), SPANS_ROOM);
	const char *end = text + size;
	const char *from = text;
	gboolean paragraph = TRUE;
	gboolean line_start = TRUE;

	for (const char *at = text; at < end;) {
		const char *next;
		gsize mark;
		gunichar c;

		if (!line_start && goes_on(at)) {
			at += 3;
			continue;
		}
		c = g_utf8_get_char(at);
		next = g_utf8_next_char(at);
		mark = line_start && c != '\n' ? list_mark(at) : 0;
		if (mark > 0) {
			at = from = at + mark;
			paragraph = TRUE;
			line_start = FALSE;
			continue;
		}
		if (c == '\n' || ends_sentence(c) ||
		    (c == '.' && (next == end || g_ascii_isspace(*next)))) {
			add(spans, text, from, c == '\n' ? at : next, &paragraph);
			from = next;
		}
		/* A list mark may also follow a full stop: "…。2、…" */
		if (c == '\n' || ends_sentence(c))
			line_start = TRUE;
		else if (line_start && !g_unichar_isspace(c))
			line_start = FALSE;
		if (c == '\n')
			paragraph = TRUE;
		at = next;
	}
	add(spans, text, from, end, &paragraph);
	return spans;
}
