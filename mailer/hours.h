#pragma once

/* Office hours within which mail leaves: "09:00-17:30", or "" for any time. Pure. */
#include <glib.h>

struct hours {
	guint from;  /* minutes of the day */
	guint until; /* the minute that is no longer in it; 0 with `from` 0: any time */
};

/* FALSE with PINGYI_ERROR_INPUT, naming the setting, when `text` is neither. */
gboolean hours_parse(const char *text, struct hours *hours_out, GError **error);

/* Whether `local`, a time in the office's zone, is in them. */
gboolean hours_contain(const struct hours *hours, GDateTime *local);
