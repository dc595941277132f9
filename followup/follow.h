#pragma once

/* What becomes of an opinion: masked copies for its departments, handing over, and the reply. */
#include "db/office.h"

/* Makes the masked copies of an opinion that no department has yet, in the name of `account` (0:
 * the system, over a connection as worker); one that waits already is made anew. `drafts_out` (may
 * be NULL) gets how many. PINGYI_ERROR_INPUT when there is no such opinion or it concerns no
 * department. */
gboolean follow_draft(struct db *db, gint64 opinion, gint64 account, GDateTime *now,
		      guint *drafts_out, GError **error);

/* Hands over all masked copies of an opinion as they were `shown` to who confirms them (rows of
 * sql_rectification_drafts). PINGYI_ERROR_STATE where they are not the same any more. */
gboolean follow_hand(struct db *db, gint64 opinion, const struct db_rows *shown, gint64 account,
		     GDateTime *now, GError **error);

/* Declines an opinion with a reason, which becomes the reply to the enterprise. */
gboolean follow_decline(struct office *office, struct db *db, gint64 opinion, const char *why,
			gint64 account, GDateTime *now, GError **error);

/* Closes a rectification; the last one of its opinion makes the reply (`replied_out`). */
gboolean follow_close(struct office *office, struct db *db, gint64 rectification, gint64 account,
		      GDateTime *now, gboolean *replied_out, GError **error);

/* The stage: masked copies of all sorted opinions, ready for a person to confirm, over a connection
 * as worker. `drafts_out` gets how many opinions. */
gboolean follow_waiting(struct db *db, GDateTime *now, guint *drafts_out, GError **error);
