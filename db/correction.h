#pragma once

/* What people decided about opinions (table correction), as examples to learn from. */
#include "db/db.h"

/* The last decision about one opinion; everything is borrowed during the call. */
struct correction {
	gint64 opinion;
	const char *code; /* of the leading department; NULL: no department's business, or a lead
			     for discipline inspection, which is no example */
	const char *text; /* what was said, with all the names in it */
	gint64 enterprise;
	const char *names[3]; /* of the enterprise that said it, NULL-ended */
};

typedef void correction_function(void *user, const struct correction *correction);

/* Calls `function` for each of them, by the opinion's id, some at a time: as many as there are cost
 * no more memory. */
gboolean correction_each(struct db *db, correction_function *function, void *user, GError **error);
