#pragma once

/*
 * Where words may begin. A hashed set of the first two characters of each word is asked at every
 * character of a text; no answer waits for another, so that this takes less time than the
 * automaton, and from the few places that are left words are compared one by one. Where the places
 * are many, or many words begin alike, it loses, and leaves the text to the automaton.
 */
#include "base/matcher_parts.h"

/* For words that are sorted by their text (struct matcher_word), all valid UTF-8. It points to
 * their texts. Returns: (transfer full) */
struct filter *filter_new(const struct matcher *matcher, const GArray *words);
void filter_free(struct filter *filter);

/* Adds the matches that begin in front of the place that it returns: from there on the automaton
 * has to read, because that takes less time. They stand by start. */
guint32 filter_find(const struct matcher *matcher, const char *text, guint32 size, GArray *found);
