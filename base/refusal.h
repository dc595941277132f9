#pragma once

/* What a server says when it refuses, as an error for people. */
#include "base/error.h"

/* A server's words as UTF-8, on one line, cut, and without addresses, since errors stand in the log
 * too. Returns: (transfer full) */
char *refusal_words(const char *words);

/* "the mail server says: …", of such words. Returns: FALSE */
gboolean refusal_set(GError **error, enum pingyi_error code, const char *words);

/* Whether the words of a refusal say that we come too fast: QQ and others mean "later" by them,
 * also behind a 5yz. */
gboolean refusal_is_too_fast(const char *words);
