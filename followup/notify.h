#pragma once

/*
 * What departments and supervisors are told by mail, where they have an address: a digest of what
 * waits for the department, a notice of what is overdue and where. Counts, dates and the numbers of
 * items; never what was said, nor who said it. Here they are only made (function notice_make), as
 * mails that are due. [notices] says how often; a day or week that has had its own gets no other,
 * and who has nothing to be told gets none.
 */
#include "db/office.h"

struct notify_count {
	guint digests;
	guint notices;
};

/* Makes what is due at `now`, over a connection as "worker". PINGYI_ERROR_INPUT names a wrong
 * setting. */
gboolean notify_due(struct office *office, struct db *db, GDateTime *now,
		    struct notify_count *count, GError **error);
