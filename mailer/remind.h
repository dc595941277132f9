#pragma once

/*
 * Reminders (提醒信): who was asked, has not answered and has not asked to be left alone hears once
 * more, at most as often as the round allows, db/sql/reminder_due.sql tells when. Here they are
 * only made, as mails that are due; sending is the sender's. The release of the round by a named
 * person covers those that its own days call for; whoever wants them sooner has to say who it is.
 *
 * All go through a round's letters in pieces, so that a million need no more memory than some
 * thousand. Made again or by two at once, nobody gets one twice.
 */
#include "db/office.h"
#include "db/round.h"

struct remind_count {
	guint made;  /* of a preview: that would be made */
	guint paper; /* that have no address and are left to paper */
};

#define REMIND_NAMES 3

struct remind_preview {
	struct remind_count count;
	char *names; /* of the first REMIND_NAMES enterprises, "甲, 乙, 丙" */
};

/* Makes what is due at `now` in all rounds, once a day from [notices] at on, over a connection as
 * "worker". */
gboolean remind_due(struct office *office, struct db *db, GDateTime *now,
		    struct remind_count *count, GError **error);

/* What remind_now() would make; `preview_out` is to be cleared. PINGYI_ERROR_STATE when the round
 * is not open or allows no reminders. */
gboolean remind_preview(struct db *db, const struct round *round, GDateTime *now,
			struct remind_preview *preview_out, GError **error);
void remind_preview_clear(struct remind_preview *preview);

/* Makes the reminders of a round in the name of `account`, whatever days have passed. */
gboolean remind_now(struct office *office, struct db *db, const struct round *round, gint64 account,
		    GDateTime *now, struct remind_count *count, GError **error);
