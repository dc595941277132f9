#pragma once

/* What a server says when it refuses, as an error for people. */
#include "base/error.h"

/* The words as UTF-8, on one line, cut, and without addresses, since errors stand in the log too.
 * Returns: FALSE */
gboolean refusal_set(GError **error, enum pingyi_error code, const char *words);
