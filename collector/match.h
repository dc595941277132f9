#pragma once

/*
 * Whose answer a message is. Clues are tried in the order of how much they prove; each that leads
 * to a letter is recorded. Clues that point to different letters, or a number used from the address
 * of another enterprise, leave the decision to a person.
 *
 *   0 given         by the private link, or by who brought it in: decides, unless our form in it
 *                   has the number of another enterprise
 *   1 recipient     the number in the address it was sent to (VERP, plus)
 *   2 references    In-Reply-To and References: our Message-ID or the number
 *   3 original      of a bounce
 *   4 subject       the number in 【】
 *   5 text          the number in the own or quoted text, in a form or in an attachment's name
 *   6 address       the sender is a contact of exactly one enterprise, which has one letter, or one
 *                   in an open round; tells nothing of a bounce, which anyone may send in anyone's
 *                   name
 *
 * A number finds a letter and proves nothing (base/number.h). What changes more than it adds is
 * believed only of who is known: a contact of the enterprise, or one that names our Message-ID,
 * which only who has the letter knows.
 *
 * The letters of many records are asked for together: add all, look up once, decide each.
 */
#include "db/db.h"

#include <json-glib/json-glib.h>

struct match_result {
	gint64 letter;     /* 0: a person has to say */
	const char *why;   /* then: why, a msgid; else NULL */
	JsonNode *clues;   /* [{"clue", "letter"}], in order */
	gboolean known;    /* the sender may speak for the letter's enterprise, as said above */
	gboolean returned; /* of a bounce: it proves that it is about this letter */
	gboolean answered; /* the letter has an answer */
	gint64 mailing;    /* of a bounce: which mail it names; 0: none */
};

struct matching;

struct matching *matching_new(void);
void matching_free(struct matching *matching);

/* What a record (collector/read.h) says of its letter will be looked up. */
void matching_add(struct matching *matching, JsonObject *record);

/* One statement. FALSE only when the database is away. */
gboolean matching_look_up(struct matching *matching, struct db *db, GError **error);

/* For a record that was added. `given`: the letter that it was brought in for, or 0. */
void matching_decide(const struct matching *matching, JsonObject *record, gint64 given,
		     struct match_result *result_out);

/* A letter has an answer since the look-up. */
void matching_answer(struct matching *matching, gint64 letter);

void match_result_clear(struct match_result *result);
