#pragma once

/*
 * The office's schema: the numbered files of db/schema/, carried by the binary, applied in order
 * and each once (table `migration`). `@office@` in them is the schema's name, which also begins
 * the names of its roles.
 */
#include "db/db.h"

/* Whether `name` may name an office's schema: a letter, then letters, digits and _, at most 40. */
gboolean schema_name_ok(const char *name);

/*
 * Applies what is missing, in one transaction. `admin` is connected as a superuser or as a role
 * with CREATEROLE and CREATE on the database; nothing after `init` and upgrades uses such a role.
 * `applied_out` (may be NULL) gets the number of files applied.
 */
gboolean schema_apply(struct db *admin, const char *name, guint *applied_out, GError **error);
