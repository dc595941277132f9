#pragma once

/*
 * What staff bring in by hand: a file that an enterprise gave them, or their own note of what it
 * said on the phone, in a visit, in a letter by post. It ends in a message as all else does, whose
 * event says who brought it. `db` is a connection as staff.
 *
 * PINGYI_ERROR_INPUT: no such enterprise or letter, a file that is missing, empty or too large, or
 * that bears the number of another letter.
 * PINGYI_ERROR_STATE: the same bytes were filed to another letter, noted or set aside before.
 */
#include "db/db.h"

#define HAND_TEXT_MAX (1u << 20)            /* bytes of a note */
#define HAND_ADDRESS  "hand@pingyi.invalid" /* sender of files that are no messages */

/* For which letter, and who brings it. */
struct hand {
	gint64 letter;
	char *number;
	char *round;        /* code */
	char *released;     /* the day on which it was released, YYYY-MM-DD */
	gint64 released_at; /* and the second, Unix time */
	gboolean anyway;    /* although a file bears the number of another letter */
	gint64 account;
	GDateTime *now;
};

/* Finds the letter of an enterprise (name, short name or credit code) in the round with this code;
 * for NULL in the open round that was released last. Fills the letter's part of `hand`, which is to
 * be cleared (also after an error). */
gboolean hand_find_letter(struct db *db, const char *enterprise, const char *round,
			  struct hand *hand, GError **error);

void hand_clear(struct hand *hand);

/* Stores a file, which the next collect_read() files to the letter. An .eml is the message itself,
 * a .txt the words of one, any other file the attachment of one that says nothing else. `done_out`:
 * it is an answer to the letter already. A file that bears another letter's number is refused,
 * unless `hand->anyway`. */
gboolean hand_file(struct db *db, const struct hand *hand, const char *path, gboolean *done_out,
		   GError **error);

/* A note of staff. */
struct hand_note {
	const char *way;     /* phone, visit or post */
	const char *text;    /* what the enterprise said: UTF-8, as it will stand in the answer */
	const char *ratings; /* [{"department": "d12", "grade": 0..5}], JSON */
	GDateTime *said;     /* when, in the office's time */
};

/* Stores a note and files it. The same note of the same day again changes nothing. */
gboolean hand_note(struct db *db, const struct hand *hand, const struct hand_note *note,
		   gboolean *done_out, GError **error);
