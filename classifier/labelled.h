#pragma once

/*
 * Texts whose target a person has said: what the second layer is taught with and what both layers
 * are measured by. From a file, a line each, LABEL TAB TEXT; the label is a target's code or one of
 * its names.
 */
#include "classifier/lexicon.h"

#define LABELLED_MAX 1000000u /* of one file */

struct labelled {
	guint target; /* index into the lexicon's targets */
	char *text;
};

/* An empty array of struct labelled that frees the texts. Returns: (transfer full) */
GArray *labelled_new(void);

/*
 * Reads the lines of a file; empty ones are passed over. PINGYI_ERROR_INPUT names `name`, the line
 * and the reason: no TAB, an unknown label, bytes that are not UTF-8, a file without a line.
 * Returns: (transfer full) an array of struct labelled.
 */
GArray *labelled_parse(const char *name, const char *bytes, gsize size,
		       const struct lexicon *lexicon, GError **error);
