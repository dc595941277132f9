#pragma once

/* What is attached to letters (table attachment), as a composer wants it. */
#include "db/db.h"
#include "mailer/compose.h"

struct enclosed {
	struct compose_attachment *list;
	guint count;
	GPtrArray *contents; /* of GBytes: what the list borrows, … */
	GPtrArray *names;    /* … and its names and types */
};

/* The files that go with every letter of a round, or (`enterprise` not 0) with one enterprise's
 * alone. Returns: (transfer full) */
struct enclosed *enclosed_load(struct db *db, gint64 round, gint64 enterprise, GError **error);
void enclosed_free(struct enclosed *enclosed);

typedef struct enclosed enclosed_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(enclosed_handle, enclosed_free)
