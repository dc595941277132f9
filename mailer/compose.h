#pragma once

/*
 * A letter as mail: the headers of an official letter that nobody's out-of-office answers, an HTML
 * and a text part from one template, and the fill-in form with the letter's number on it. Pure: a
 * composer is made once a round and kind and is constant.
 */
#include "db/office.h"
#include "db/round.h"

enum compose_kind { COMPOSE_LETTER, COMPOSE_REPLY };

/* What is particular to one mail; all borrowed. */
struct compose_mail {
	const char *message_id; /* with <> */
	const char *recipient;  /* the address */
	const char *number;
	const char *link;
	const char *enterprise;
	const char *contact; /* or NULL */
	const char *date;    /* YYYY-MM-DD, on the letter */
	const char *opinion; /* of a reply: what was said … */
	const char *answer;  /* … and what became of it */
};

struct composer;

/* PINGYI_ERROR_INPUT with name and line where the template is wrong. Returns: (transfer full) */
struct composer *composer_new(struct office *office, const struct round *round,
			      enum compose_kind kind, GError **error);
void composer_free(struct composer *composer);

/* The whole message, lines ending with LF; `now` becomes its Date. Returns: (transfer full) */
GBytes *composer_message(const struct composer *composer, const struct compose_mail *mail,
			 GDateTime *now, GError **error);

typedef struct composer composer_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(composer_handle, composer_free)
