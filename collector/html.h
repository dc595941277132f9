#pragma once

/*
 * HTML mail as text that keeps paragraphs, lists and tables (a row is a line, cells are divided by
 * " | "), read by libxml2 without network, entities of DTDs or scripts. What mail clients mark as
 * quoted, as a signature, or as the beginning of the letter that is answered is marked in the text
 * by control characters, which cannot come from the message itself: own.h understands them,
 * html_unmark() takes them away.
 */
#include <glib.h>

#define HTML_TEXT_MAX       (1024 * 1024) /* bytes of text that one document gives */
#define HTML_SOURCE_MAX     (8 * 1024 * 1024)
#define HTML_ATTRIBUTES_MAX 1000 /* of one tag */

#define HTML_MARK_QUOTE     '\x11' /* first on a line: the client says that it is quoted */
#define HTML_MARK_BELOW     '\x12' /* alone on a line: what follows is the letter answered */
#define HTML_MARK_SIGNATURE '\x13' /* first on a line: the client says that it is a signature */

/* What of a document was lost. */
#define HTML_LOST_TEXT 1u /* it was cut: HTML_TEXT_MAX or HTML_SOURCE_MAX, at a character */
#define HTML_LOST_FORM 2u /* elements lay too deep in one another: of them there is text alone */

#define HTML_LOST_GRID                                                                             \
	4u /* a cell of one of our form's rows spans others: columns cannot be counted */

/* `html` is UTF-8. `lost_out` may be NULL. Returns: (transfer full) UTF-8 lines divided by \n, with
 * marks. */
char *html_read(const char *html, gsize length, guint *lost_out);

/* The same for those who do not ask what was lost. (transfer full) */
char *html_to_text(const char *html, gsize length);

/* The same, where a cell's only line stays in its row's whatever is around it: paragraphs, line
 * breaks. So a form's rows can be counted. (transfer full) */
char *html_to_rows(const char *html, gsize length, guint *lost_out);

/* The text without marks; quoted lines begin with "> " then. (transfer full) */
char *html_unmark(const char *text);
