#pragma once

/* One enterprise's letter sent to an address of one's own, to see what it looks like when it
 * arrives. It stands on no ledger; the letter of a draft has the number that it will have, and a
 * link that opens nothing yet. Form and attachments are those that will go with it. */
#include "db/office.h"
#include "db/round.h"

/* Waits until the relay has answered. `enterprise` is a name, short name or credit code, NULL for
 * the first one; `name_out` gets its name (transfer full), `folder_out` (transfer full) the Maildir
 * that it was written into, NULL where a relay took it. Errors as those of smtp_open();
 * PINGYI_ERROR_PERMANENT with the relay's words when it refuses. */
gboolean to_self_send(struct office *office, struct db *db, const struct round *round,
		      const char *enterprise, const char *address, GDateTime *now, char **name_out,
		      char **folder_out, GError **error);
