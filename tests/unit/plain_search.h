#pragma once

/* What the matcher (base/matcher.h) is compared with: every word searched for itself. */
#include "base/matcher.h"

/* (transfer full) of struct match, in the order in which the matcher gives them; no word is empty.
 */
GArray *plain_search(char *const *words, guint count, const char *text, gsize size);

/* Whether two arrays of struct match are the same. */
gboolean same_matches(const GArray *one, const GArray *two);
