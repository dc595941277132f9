#pragma once

/*
 * Whose answer a message is. Clues are tried in the order of how much they prove; each that leads
 * to a letter is recorded. Clues that point to different letters, or a number used from the address
 * of another enterprise, leave the decision to a person.
 *
 *   0 given         by the private link, or by who brought it in: decides alone (collect.c)
 *   1 recipient     the number in the address it was sent to (VERP, plus)
 *   2 references    In-Reply-To and References: our Message-ID or the number
 *   3 original      of a bounce
 *   4 subject       the number in 【】
 *   5 text          the number in the own or quoted text, in a form or in an attachment's name
 *   6 address       the sender is a contact of exactly one enterprise with one letter
 */
#include "db/db.h"

#include <json-glib/json-glib.h>

struct match_result {
	gint64 letter;   /* 0: a person has to say */
	char *why;       /* then: why; else NULL */
	JsonNode *clues; /* [{"clue", "letter"}], in order */
};

/* Matches a record (collector/read.h). FALSE only when the database is away. */
gboolean match_reading(struct db *db, JsonObject *record, struct match_result *result_out,
		       GError **error);

void match_result_clear(struct match_result *result);
