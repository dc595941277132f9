#pragma once

/*
 * Lists of words and phrases, one string each, divided by '|': short to write, quick to look
 * through. Comparison is by bytes: callers fold case first. Pure.
 */
#include <glib.h>

gboolean words_in(const char *text, const char *words);    /* one of them stands in `text` */
gboolean words_begin(const char *text, const char *words); /* `text` begins with one */
gboolean words_equal(const char *text, const char *words); /* `text` is one */
