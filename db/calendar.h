#pragma once

/* The calendar of working days: filled from db/data/holidays-cn.tsv (国务院 notices, 2004-2026);
 * the arithmetic itself is SQL, workday_add() in db/schema/050_office_functions.sql. */
#include "db/office.h"

/* Fills the table `calendar` anew, two years beyond the last published notice (provisional).
 * `tsv`: day, kind (off or work), name a line; PINGYI_ERROR_INPUT names the line. */
gboolean calendar_load(struct db *db, const char *tsv, GError **error);

/* Whether mails that make themselves (reminders, digests, notices) may be made now: on a working
 * day, from [notices] at (HH:MM by the office's clock) on. PINGYI_ERROR_INPUT when that is no time
 * of day. */
gboolean calendar_at_work(struct office *office, struct db *db, GDateTime *now, gboolean *yes_out,
			  GError **error);

/* The office's day at `now`, YYYY-MM-DD. Returns: (transfer full) */
char *calendar_day(struct db *db, GDateTime *now, GError **error);
