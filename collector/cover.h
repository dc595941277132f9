#pragma once

/*
 * What own words are beside something attached. A polite note that only accompanies a document is
 * no answer, and "没有意见" or a complaint is one. In doubt they are a note: a person looks, and
 * nothing is lost. Pure.
 */
#include <glib.h>

/* "见附件。": a few words that only speak of what is attached. */
gboolean cover_is_note(const char *own);

/* Whether they speak of what is attached, at any length. `document`: it is more than pictures,
 * which signatures have too; then less is enough. */
gboolean cover_points(const char *own, gboolean document);

/* Whether they hold no opinion: nothing but greetings, thanks, names, days. `document` as above. */
gboolean cover_is_polite(const char *own, gboolean document);
