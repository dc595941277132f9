#pragma once

/*
 * Writing mail (RFC 5322, 2045-2047, 2231): headers and parts appended to a GString. Lines end with
 * CR LF, none is longer than 78 characters unless a single word is (never beyond 998); everything
 * is 7-bit but an address that is not, so that any relay passes it on unchanged. A value is never a
 * way to another header: line ends and other controls (also U+0085, U+2028, U+2029) become spaces,
 * signs that turn the direction of writing around are left out, what is not UTF-8 becomes U+FFFD.
 * Pure.
 *
 * The name of a file that is not ASCII is written twice: as encoded words (RFC 2047) in
 * Content-Type's name, and percent-encoded (RFC 2231) in Content-Disposition's filename, which has
 * no plain filename beside it. QQ Mail's and Outlook's readers know the first only (with the second
 * alone they show "tcmime.….bin", "ATT00001.dat"), the others follow the second; nodemailer has
 * written this pair since 2015 for QQ, MailKit's users for Outlook, Thunderbird by default. A plain
 * filename="=?…?=" beside the second would win over it in readers that follow the letter of RFC
 * 2047, and be shown undecoded.
 */
#include <glib.h>

#define MIME_FILE_NAME_MAX 200 /* bytes of UTF-8 */

/* "Name: value" of free text (Subject), folded; white space in a row is one space. A value that is
 * not ASCII, or has a word too long for a line, as UTF-8 encoded words cut between characters. */
void mime_header(GString *out, const char *name, const char *value);

/* "Name: value" of tokens between spaces (References), folded at these; what is not printable ASCII
 * is left out. */
void mime_tokens(GString *out, const char *name, const char *value);

/* "Name: display <address>"; `display` may be NULL or "". Left out of the address is what would end
 * it or begin another. */
void mime_address(GString *out, const char *name, const char *display, const char *address);

/* "Date: …" as RFC 5322 has it, in the time's own zone. */
void mime_date(GString *out, GDateTime *time);

/* The headers of a part of text whose content follows as base64_lines(); in what is encoded line
 * ends are CR LF (RFC 2046, 4.1.1). */
void mime_text_head(GString *out, const char *type);

/* Whether a file can have this type: "application/pdf", without parameters; of multipart and
 * message none, which may not be base64 (RFC 2045, 6.4). */
gboolean mime_is_type(const char *type);

/*
 * A name that every system can save under: no path, no control, none of the characters that Windows
 * refuses (they become "_"), no dot or space at its ends, at most MIME_FILE_NAME_MAX bytes, cut
 * between characters before the extension; `fallback` when nothing is left.
 * Returns: (transfer full)
 */
char *mime_file_name(const char *name, const char *fallback);

/* A file with its own headers and base64. With `content_id` ("logo.png@pingyi") it is a picture
 * that the HTML part shows, else an attachment. `name` as mime_file_name() makes it. */
void mime_file(GString *out, const char *type, const char *name, const char *content_id,
	       GBytes *content);
