#pragma once

/* The stage: answers that nobody has sorted become opinions, each with the departments it concerns
 * and the reason. */
#include "db/db.h"

struct classify_count {
	guint answers;
	guint opinions;
	guint review;   /* of them: a person decides */
	guint recorded; /* of them: praise and blank, ended at once */
};

/* Sorts all answers that wait, over a connection as "worker"; many answers are one transaction. */
gboolean classify_waiting(struct db *db, GDateTime *now, struct classify_count *count,
			  GError **error);
