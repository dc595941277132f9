#pragma once

/*
 * Delivery notices that are JSON: Amazon SES sends them by its notification service. Pure; used by
 * bounce.c and kind.c.
 */
#include "collector/bounce.h"

/* Reads a notice at the beginning of `text`; FALSE when it is none. */
gboolean bounce_notice_read(const char *text, GPtrArray *bounces);

/* "Bounce", "Delivery", "Complaint" of such a notice; NULL when it is none. (transfer full) */
char *bounce_notice_type(const char *text);
