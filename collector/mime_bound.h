#pragma once

/*
 * How much of a message the MIME parser is given. GMime takes some time and memory for each header,
 * boundary and part, more than its share for some shapes, and has no limits of its own: where
 * mime.h's limits end, the message ends. Pure.
 */
#include <glib.h>

/* Bytes whose lines end in LF or CRLF: where there is only CR, it becomes LF. (transfer full) */
GBytes *mime_bound_lines(GBytes *raw);

/*
 * Where the message begins in `raw`, behind an mbox line and empty lines in front, and how many
 * bytes of it are read; what was left out is named in `problems`. Never NULL; borrowed from `raw`.
 */
const char *mime_bound(GBytes *raw, gsize *size_out, GPtrArray *problems);

/* Whether a line is a header's first: a name without white space, and a colon. */
gboolean mime_begins_header(const char *line, const char *end);

/* Adds `what` to `problems` (of char *), unless it is there. */
void mime_remark(GPtrArray *problems, const char *what);
