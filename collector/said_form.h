#pragma once

/*
 * Our form in the record of a message (read.h): whether it says anything, and whether a person has
 * to look at it. Pure.
 */
#include <json-glib/json-glib.h>

/* Our form among what came, or NULL; one that is empty is none. */
JsonObject *said_form(JsonObject *record);

/* Whether an attached text is our form: what is printed there is nobody's answer. */
gboolean said_form_is(const char *text);

/* Why a person looks at the forms: they cannot be read for sure, belong to several letters, or are
 * empty where there are no other words (`silent`); NULL: nobody need. */
const char *said_form_why(JsonObject *record, gboolean silent);

/* Whether only what a person types can be filed: what is printed cannot be told from what is said,
 * or there is nothing else; `own` is what would be filed. */
gboolean said_form_unreadable(JsonObject *record, const char *own);
