#pragma once

/*
 * The letter number: "PY-" and 8 characters of an alphabet without 0, O, 1, I, L (31 characters,
 * a prime), the last one a check character that finds every single wrong character and every
 * swap of two neighbours. It is safe to be seen (Subject, References, form, file names), finds a
 * letter and proves nothing; what opens the enterprise's page is the link secret, never this.
 */
#include <glib.h>

#define NUMBER_LENGTH     11  /* "PY-XXXXXXXX" */
#define NUMBERS_FOUND_MAX 100 /* of one text; no text of ours names more than one */

/* The number that `value` stands for; only value modulo 31^7 counts. `number_out` holds
 * NUMBER_LENGTH + 1 bytes. */
void number_make(guint64 value, char *number_out);

/* Whether `text` begins with a number (any case, "PY-" or "PY" in front, check character right);
 * its normal form goes to `number_out` (NUMBER_LENGTH + 1 bytes) and its length in `text` to
 * `length_out` (may be NULL). */
gboolean number_parse(const char *text, char *number_out, gsize *length_out);

/* The numbers in `text`, in normal form, each once, in order of appearance: the first
 * NUMBERS_FOUND_MAX of them; behind these nothing is looked at.
 * Returns: (transfer full) a GPtrArray of char *, perhaps empty. */
GPtrArray *number_find_all(const char *text, gsize length);

/* The first that is meant to be a number and is none: "PY-" and 8 letters or digits, in capitals.
 * Returns: (transfer full) NULL where there is none. */
char *number_find_wrong(const char *text, gsize length);
