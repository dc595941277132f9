#pragma once

/*
 * Text made safe for the place where it is written. Characters that XML 1.0 does not allow
 * (controls, U+FFFE, U+FFFF) are left out; the input is valid UTF-8.
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
