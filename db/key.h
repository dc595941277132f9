#pragma once

/*
 * What is derived from the office's key (32 bytes in the file `key` of its folder, mode 0600): so
 * that a letter can be composed again, and so that an office made with a seed (for demos and
 * tests) always gets the same numbers and links. BLAKE2b, keyed, a label for each use.
 */
#include <glib.h>

#define KEY_BYTES     32
#define SECRET_LENGTH 26 /* base32 of 130 bits */

struct office_key {
	guint8 bytes[KEY_BYTES];
};

/* A new key: random, or made from `seed` when that is not NULL (never for a real office). */
void key_make(const char *seed, struct office_key *key_out);

/* The value that number_make() turns into the number of an enterprise's letter; `turn` counts up
 * from 0 when a number is taken. */
guint64 key_letter_value(const struct office_key *key, gint64 round_id, gint64 enterprise_id,
			 guint turn);

/* The secret of a letter's private link; `secret_out` holds SECRET_LENGTH + 1 bytes. `turn`
 * counts links issued anew. */
void key_link_secret(const struct office_key *key, const char *number, guint turn,
		     char *secret_out);

/* What is looked up: the keyed hash (32 bytes) of a secret, whatever its case.
 * Returns: (transfer full) */
GBytes *key_secret_hash(const struct office_key *key, const char *secret);

/* A value for any other use, told apart by `label` ("message-id", "password"): 16 hexadecimal
 * digits. Returns: (transfer full) */
char *key_token(const struct office_key *key, const char *label, const char *what);
