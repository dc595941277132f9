#pragma once

/* What POP3 needs of texts (RFC 1939). Pure. */
#include <glib.h>

#define POP3_UIDL_MAX 255u /* characters; RFC 1939, 7 says 70, and not all servers listen */

/* A message on its way: what ends with a line of a single dot, dots at the start of other lines
 * doubled. All zero at first. */
struct pop3_text {
	enum { POP3_TEXT_START, POP3_TEXT_LINE, POP3_TEXT_DOT, POP3_TEXT_DOT_CR } at;
	gboolean ended;
};

/* Takes bytes until the end, and puts those of the message behind `out`. Returns: how many bytes
 * were taken, fewer than `size` only at the end. */
gsize pop3_text_take(struct pop3_text *text, const guint8 *bytes, gsize size, GByteArray *out);

/* One line "number id" of UIDL, or "number size" of LIST. `word_out` points into the line and ends
 * at its end or at a space. FALSE when it is none. */
gboolean pop3_text_pair(const char *line, guint64 *number_out, const char **word_out);

/* Whether a message's lasting id is one: 1 to POP3_UIDL_MAX visible ASCII characters. */
gboolean pop3_text_uidl_ok(const char *id);
