#pragma once

/* The parameters of a statement (db.h) as libpq takes them. Only for db/. */
#include "db/db.h"

/* Text that was made for one is in `made`. */
struct parameters {
	const char **values;
	int *lengths;
	int *formats;
	GPtrArray *made;
};

void parameters_fill(struct parameters *p, const struct db_value *values, guint n);
void parameters_clear(struct parameters *p);
