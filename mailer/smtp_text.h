#pragma once

/* What SMTP needs of texts. Pure. */
#include <glib.h>

/*
 * `message` as it follows DATA (RFC 5321, 4.5.2): every line ends with CR LF, a dot at its begin is
 * doubled; without the closing dot. LF, CR LF and a lone CR end a line.
 * `eight_bit_out` tells whether any byte is above 127.
 * Returns: (transfer full)
 */
GByteArray *smtp_text_stuff(GBytes *message, gboolean *eight_bit_out);

/*
 * An address as the envelope carries it: a domain that is not ASCII in its ASCII form.
 * `utf8_out` tells whether SMTPUTF8 (RFC 6531) is needed for what is left.
 * Returns: (transfer full) NULL when no server could take it (a line end, a space, "<>", no domain,
 * longer than 4.5.3.1 allows).
 */
char *smtp_text_address(const char *address, gboolean *utf8_out);

/* A server's `words` (any bytes) as one line of UTF-8 of less than `size` bytes, in which `address`
 * and whatever looks like an address is "…". */
void smtp_text_words(const char *words, gsize length, const char *address, char *out, gsize size);

/* Copies words of ours into `size` bytes, cut between characters. */
void smtp_text_copy(const char *words, char *out, gsize size);
