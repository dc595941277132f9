#pragma once

/* The calendar of working days: filled from db/data/holidays-cn.tsv (国务院 notices, 2004-2026);
 * the arithmetic itself is SQL, workday_add() in db/schema/050_functions.sql. */
#include "db/db.h"

/* Fills the table `calendar` anew, two years beyond the last published notice (provisional).
 * `tsv`: day, kind (off or work), name a line; PINGYI_ERROR_INPUT names the line. */
gboolean calendar_load(struct db *db, const char *tsv, GError **error);
