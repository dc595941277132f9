#include "collector/pop3_text.h"

#include <string.h>

static void put(GByteArray *out, guint8 byte)
{
	g_byte_array_append(out, &byte, 1);
}

/* A byte behind a dot that began a line: the dot was a mark, whatever it is. */
static void take_marked(struct pop3_text *text, guint8 byte, GByteArray *out)
{
	gboolean behind_cr = text->at == POP3_TEXT_DOT_CR;

	text->at = POP3_TEXT_LINE;
	if (byte == '\n') {
		text->ended = TRUE;
		return;
	}
	if (behind_cr)
		put(out, '\r');
	if (byte == '\r')
		text->at = POP3_TEXT_DOT_CR;
	else
		put(out, byte);
}

/* The rest of a line, at once. Returns: how many bytes. */
static gsize take_line(struct pop3_text *text, const guint8 *bytes, gsize size, GByteArray *out)
{
	const guint8 *end = memchr(bytes, '\n', size);
	gsize length = end ? (gsize)(end - bytes) + 1 : size;

	g_byte_array_append(out, bytes, (guint)length);
	text->at = end ? POP3_TEXT_START : POP3_TEXT_LINE;
	return length;
}

gsize pop3_text_take(struct pop3_text *text, const guint8 *bytes, gsize size, GByteArray *out)
{
	gsize taken = 0;

	while (taken < size && !text->ended) {
		if (text->at == POP3_TEXT_START && bytes[taken] == '.') {
			text->at = POP3_TEXT_DOT;
			taken++;
		} else if (text->at == POP3_TEXT_DOT || text->at == POP3_TEXT_DOT_CR) {
			take_marked(text, bytes[taken++], out);
		} else {
			taken += take_line(text, bytes + taken, size - taken, out);
		}
	}
	return taken;
}

gboolean pop3_text_pair(const char *line, guint64 *number_out, const char **word_out)
{
	char *end = NULL;

	if (!g_ascii_isdigit(*line))
		return FALSE;
	*number_out = g_ascii_strtoull(line, &end, 10);
	if (*end != ' ' || end - line > 10 || *number_out == 0 || *number_out > G_MAXUINT32)
		return FALSE;
	*word_out = end + strspn(end, " ");
	return **word_out != '\0';
}

gboolean pop3_text_uidl_ok(const char *id)
{
	gsize length = strlen(id);

	for (const char *at = id; *at; at++)
		if (*at < '!' || *at > '~')
			return FALSE;
	return length > 0 && length <= POP3_UIDL_MAX;
}
