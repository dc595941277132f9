#pragma once

/* `pingyi collect pen` and `settle`: messages that wait for a person. */
#include "cli/command.h"

/* Lists 100 of them: on a terminal a block each, with the lines that settle it; else as
 * app_print(). `after` is where the page before ended, as this said, or NULL; PINGYI_ERROR_INPUT
 * when it is no place. */
gboolean collect_pen(struct app *app, const char *after, GError **error);

/* What `settle` is told besides the message. */
struct collect_settle_options {
	const char *number; /* of the letter it answers, in any case; or … */
	const char *from;   /* … the enterprise, in the round with this code … */
	const char *round;  /* (NULL: the open one), or … */
	gboolean aside;     /* … it is none of ours */
	const char *text;   /* what it says, where only a person could read it; or NULL */
};

/* Files a message, or sets it aside, and says what was done. PINGYI_ERROR_INPUT for a message or
 * letter that does not exist, PINGYI_ERROR_STATE for a message that does not wait. */
gboolean collect_pen_settle(struct app *app, gint64 message,
			    const struct collect_settle_options *options, GError **error);
