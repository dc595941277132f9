#pragma once

/*
 * What was learnt from corrections, in versions that are never changed: the bytes of a model, which
 * only the classifier can read, with its figures. At most one is in use.
 */
#include "db/db.h"

struct learnt_version {
	gint64 version;
	GBytes *bytes;
};

/* Keeps a model. `figures`: a JSON object; `account`: 0 for a stage. `version_out` may be NULL.
 * It is not in use yet. */
gboolean learnt_version_put(struct db *db, GBytes *bytes, const char *figures, gint64 account,
			    GDateTime *now, gint64 *version_out, GError **error);

/* From now on this version is in use; 0: none. PINGYI_ERROR_INPUT where there is no such one. */
gboolean learnt_version_use(struct db *db, gint64 version, gint64 account, GDateTime *now,
			    GError **error);

/* The one in use. Absence is no error: then *out is NULL. `out`: (transfer full) */
gboolean learnt_version_in_use(struct db *db, struct learnt_version **out, GError **error);

void learnt_version_free(struct learnt_version *learnt);

typedef struct learnt_version learnt_version_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(learnt_version_handle, learnt_version_free)
