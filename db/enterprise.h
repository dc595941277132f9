#pragma once

/* An enterprise by what people call it. */
#include "db/db.h"

/* By its name, short name or credit code; a whole name goes before a short one. Returns: its id; 0
 * with PINGYI_ERROR_INPUT where none, or several, are called so. */
gint64 enterprise_find(struct db *db, const char *key, GError **error);
