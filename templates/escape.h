#pragma once

/*
 * Text made safe for the place where it is written; the input is valid UTF-8. Left out are
 * characters that XML 1.0 does not allow or that only do harm: controls (C0 but for tab and line
 * ends, DEL, C1), U+FFFE and U+FFFF, and those that turn the direction of what follows, beyond the
 * text that holds them (U+202A … U+202E, U+2066 … U+2069; Unicode Standard Annex 9, 2). U+0085,
 * U+2028 and U+2029 become line ends.
 */
#include <glib.h>

/* For element content: & < >. */
void escape_text(GString *out, const char *text);

/* For a value in double quotes: & < > ". */
void escape_attribute(GString *out, const char *text);

/* Element content of a letter: as escape_text(), and every line end becomes <br>. */
void escape_lines(GString *out, const char *text);

/* One piece of a URL (a path segment, a query value): everything but RFC 3986's unreserved
 * characters is percent-encoded. */
void escape_url_part(GString *out, const char *text);

/* A whole URL as an attribute's value. http, https, mailto, tel and relative addresses pass;
 * any other scheme, and "//host", becomes "#". What must not stand in a URL is percent-encoded. */
void escape_url(GString *out, const char *text);
