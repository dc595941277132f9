#pragma once

/*
 * Whether a record that came out of the cage is one (read.h): whoever took the cage over may send
 * anything, and what is done with a record elsewhere relies on its shape. Pure.
 */
#include <json-glib/json-glib.h>

#define RECORD_DEPTH_MAX 16     /* objects and arrays within one another */
#define RECORD_NODES_MAX 200000 /* values of all kinds; nothing is built of more */
#define RECORD_LIST_MAX  5000   /* entries of one list, unless read.h says fewer */

/*
 * `size` bytes of JSON and a NUL: valid UTF-8, one object with every key of read.h in its type,
 * lists of bounded length, a kind and a date that are such, no U+0000 and no half of a surrogate
 * pair (PostgreSQL refuses them). Keys that read.h does not name are left as they are. Returns:
 * (transfer full) the record, immutable: what is kept is written from it, and so is what was looked
 * at; NULL when it is none, `why_out` (static, may be NULL) saying where.
 */
JsonNode *record_check(const char *json, gsize size, const char **why_out);

/* The address of the first sender of a record that is one, as written; NULL when there is none. */
const char *record_sender(JsonObject *record);

/* Whether one of its "problems" begins so; what has no problems at all has none. */
gboolean record_has_problem(JsonObject *record, const char *problem);
