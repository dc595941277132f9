#pragma once

/*
 * Lists of words and phrases, one string each, divided by '|': short to write, quick to look
 * through. Comparison is by bytes: callers fold case first. Pure.
 */
#include <glib.h>

/* Valid UTF-8 in lower case, for comparing: as g_utf8_strdown(), at once where only ASCII has
 * cases. Returns: (transfer full) */
char *words_fold(const char *text, gssize size);

gboolean words_in(const char *text, const char *words);    /* one of them stands in `text` */
gboolean words_begin(const char *text, const char *words); /* `text` begins with one */
gboolean words_end(const char *text, const char *words);   /* … ends with one */
gboolean words_equal(const char *text, const char *words); /* `text` is one */

/* How many bytes of `text` the first of them takes with which it begins; 0: none. */
gsize words_begin_length(const char *text, const char *words);
