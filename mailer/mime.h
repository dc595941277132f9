#pragma once

/*
 * Writing mail (RFC 5322, 2045-2047, 2231): headers and parts appended to a GString. Lines end with
 * LF, none is longer than 78 characters unless a single word is; everything is 7-bit, so that any
 * relay passes it on unchanged. Control characters in values become spaces: a value cannot add a
 * header. Pure.
 */
#include <glib.h>

/* "Name: value", folded; a value that is not ASCII as UTF-8 encoded words cut between characters.
 */
void mime_header(GString *out, const char *name, const char *value);

/* "Name: display <address>"; `display` may be NULL or "". */
void mime_address(GString *out, const char *name, const char *display, const char *address);

/* "Date: …" as RFC 5322 has it, in the time's own zone. */
void mime_date(GString *out, GDateTime *time);

/* A text part with its own headers: `type` "text/plain" or "text/html", UTF-8, base64. */
void mime_text(GString *out, const char *type, const char *text, gsize size);

/* An attachment with its own headers; `ascii_name` is for readers that know no RFC 2231. */
void mime_attachment(GString *out, const char *type, const char *name, const char *ascii_name,
		     GBytes *content);
