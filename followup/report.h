#pragma once

/* What a round has come to: rates with numerator and denominator, the departments, the ledger
 * (台账). Read-only. */
#include "db/db.h"
#include "templates/sheet.h"

/* The rates, over a connection as staff. Returns: (transfer full) */
struct grid *report_rates(struct db *db, gint64 round, const char *title, GDateTime *now,
			  GError **error);

/* By department, what needs attention first. Returns: (transfer full) */
struct grid *report_departments(struct db *db, gint64 round, const char *title, GDateTime *now,
				GError **error);

/* The ledger for staff, or with `department` what a department's own role (the connection's) may
 * read: its items, masked. Returns: (transfer full) */
struct grid *report_ledger(struct db *db, gint64 round, const char *title, gboolean department,
			   GDateTime *now, GError **error);
