#pragma once

/* The lines of a text on their way to own words, quoted letter and signature. For collector/own.c
 * and collector/own_signature.c. */
#include <glib.h>

enum line_kind {
	LINE_EMPTY,
	LINE_TEXT,
	LINE_QUOTE,
	LINE_ATTRIBUTION, /* "On ... wrote:" */
	LINE_BELOW,       /* a divider: the letter answered follows */
	LINE_FORWARD,     /* a divider: a forwarded text follows */
	LINE_HEADER,      /* "发件人: ..." of the letter below */
	LINE_SIGNATURE,
};

enum line_fate { FATE_OWN, FATE_QUOTED, FATE_SIGNATURE };

struct lines {
	char **text; /* of the caller's vector, changed in place */
	enum line_kind *kind;
	enum line_fate *fate;
	guint n;
	guint first; /* no own words stand before this line; see own_lines_before() */
};

/* Whether the line is text that counts as the writer's own so far. */
gboolean own_lines_is_text(const struct lines *lines, guint at);

/* Whether there is such a line before `at`. */
gboolean own_lines_before(struct lines *lines, guint at);

/* What counts as own from `from` on, before `to`, goes to `fate`. */
void own_lines_give(struct lines *lines, guint from, guint to, enum line_fate fate);

/* A block of short lines that names a telephone, an address or the like. */
gboolean own_lines_are_signature(const struct lines *lines, guint from, guint to);

gboolean own_lines_is_sentence(const char *text);

/* Gives signatures, advertisements and disclaimers among the own words their fate. */
void own_lines_cut_signatures(struct lines *lines);
