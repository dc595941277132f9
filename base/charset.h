#pragma once

/*
 * Bytes of unknown origin become UTF-8, by the rule measured to be best for Chinese mail: what is
 * valid UTF-8 is UTF-8 whatever its label says; else the label counts, gb2312, gbk, cp936, x-gbk
 * and euc-cn all meaning GB18030; else (no label, a nonsense one, or one that cannot be) GB18030.
 * Text without a useful label whose every high byte stands alone between letters is taken for a
 * European language's instead (GB2312 text has them in pairs). Big5, the Japanese, Korean and the
 * 7-bit encodings are taken by label only. Neither guesses by letter frequency nor needs ICU. Pure
 * and reentrant.
 *
 * Results are always valid UTF-8 without NUL: what cannot be decoded becomes U+FFFD, and control
 * characters other than tab, LF and CR become spaces (JSON and XML refuse them).
 */
#include <glib.h>

#define CHARSET_HEADER_MAX                                                                         \
	(256 * 1024) /* bytes of one header that are decoded; the rest is cut                      \
		      */

/*
 * `length` bytes as UTF-8. `label` may be NULL or anything at all. `used_out` (may be NULL) gets
 * the static name of the encoding that was used, for example "UTF-8" or "GB18030"; a byte order
 * mark is dropped.
 * Returns: (transfer full)
 */
char *charset_to_utf8(const char *bytes, gsize length, const char *label, const char **used_out);

/* The same by the label alone, where it is certain: a file format's own number of a code page. An
 * unknown one leaves the rule above. (transfer full) */
char *charset_by_label(const char *bytes, gsize length, const char *label);

/*
 * The canonical name of the encoding that `label` means ("gb2312" -> "GB18030"), or NULL when it
 * means none that we know. Static.
 */
const char *charset_canonical(const char *label);

/*
 * A header's value: unfolded, its encoded-words (RFC 2047) decoded, raw 8-bit text by the rule
 * above with `label` (may be NULL: the body's, say). Neighbouring words of the same charset are
 * joined as bytes before decoding, since mailers cut characters in two; words are found also
 * inside quoted strings and without white space between them.
 * Returns: (transfer full)
 */
char *charset_decode_header(const char *value, gsize length, const char *label);

/* Decodes base64 and ignores what does not belong there; appends to `out`. Ends at padding. */
void charset_base64_decode(const char *text, gsize length, GByteArray *out);

/* Opens each encoding once and keeps it, so that later no file is needed (before a cage closes). */
void charset_preload(void);

/*
 * A stranger's words fit for one line of a terminal: valid UTF-8, controls (also those of U+0080 to
 * 009F, which some terminals obey), signs that turn the direction of writing around and those that
 * break lines as spaces.
 * Returns: (transfer full)
 */
char *charset_line(const char *text);

/* Whether a character is one of those. */
gboolean charset_is_control(gunichar character);
