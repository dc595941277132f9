#pragma once

/*
 * HTML as it was sent, made such that libxml2 reads it within bounds. Tags are told apart as
 * libxml2 does, from "<" to ">" outside of quoted values. Pure.
 */
#include <glib.h>

/*
 * libxml2 looks for double attributes in the square of their number, so a tag ends after
 * HTML_ATTRIBUTES_MAX of them: what comes behind is text. In place.
 */
void html_source_bound_attributes(char *html, gsize size);

/*
 * The same document with at most `depth` elements within one another, those that close by
 * themselves (paragraphs, cells, items) aside; `depth` 0 leaves no element at all. Tags that only
 * give letters a look are always left out. Of what is deeper the text stays, in lines where blocks
 * ended. `html` ends with NUL.
 * Returns: (transfer full) `lost_out` says whether an element was left out that had a meaning.
 */
GString *html_source_flatten(const char *html, guint depth, gboolean *lost_out);
