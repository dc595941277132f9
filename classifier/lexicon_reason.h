#pragma once

/* Why a file is no lexicon, said to the person who wrote it: what a validator says of it is in
 * English and often leaves out what was wanted. */
#include "base/xml.h"

/* Replaces `error`, as the validator gave it, by a better one, where the document is well-formed
 * and there is one. */
void lexicon_reason(const char *name, const char *xml, gsize size, GError **error);
