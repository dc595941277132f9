#pragma once

/*
 * What an enterprise said, by the record of its message (read.h): in its own words, in our form, or
 * in what is attached. Pure. `record` is one that record_check() has let through.
 */
#include <json-glib/json-glib.h>

/* Own words without quoted lines, and the open answers of a form (one that is empty is none, here
 * and below: said_form.h). (transfer full) */
char *said_own(JsonObject *record);

/* The form's grades as JSON, "[]" without a form. (transfer full) */
char *said_ratings(JsonObject *record);

/* "named", "hidden", or NULL: not said. */
const char *said_disclosure(JsonObject *record);

/* Whether what is said may stand in what is attached: there is no form, and `own` (said_own()) is
 * empty, speaks of what is attached, or is but polite (cover.h). */
gboolean said_elsewhere(JsonObject *record, const char *own);

/* Whether nothing is said at all: `own` is empty, and there is no form. */
gboolean said_silence(JsonObject *record, const char *own);

/* Whether something is attached that nobody could read: a picture, an old .doc. */
gboolean said_unreadably(JsonObject *record);

/* `own`, unless it is a mere note ("见附件"), and what stands in everything that is attached but
 * our form. (transfer full) */
char *said_with_attached(JsonObject *record, const char *own);

/* Why a person looks at what is attached first, or at a form (said_form.h); NULL: nobody need. An
 * attached text may be the answer or anything else, for example our own letter. */
const char *said_why(JsonObject *record, const char *own);
