#pragma once

/* Writing base64 (RFC 4648), fast: a table of pairs of characters, two look-ups for three bytes. */
#include <glib.h>

#define BASE64_LINE 76 /* characters of a line, RFC 2045, 6.8 */

/* Appends `size` bytes as lines of 76 characters, each ending with CR LF; nothing for none. `bytes`
 * must not lie in `out`. */
void base64_lines(GString *out, const void *bytes, gsize size);

/* Appends `size` bytes as one run, padded, without a line end. */
void base64_run(GString *out, const void *bytes, gsize size);
