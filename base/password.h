#pragma once

/* Passwords: argon2id as libsodium does it, and new ones that can be read out on the phone. */
#include <glib.h>

/* The text to store for `password`. Returns: (transfer full) */
char *password_hash(const char *password);

/* Whether `password` is the one of `hash`; `hash` NULL takes the same time and says no. */
gboolean password_is(const char *hash, const char *password);

/* A new password of 60 bits, three groups of four: "k7fm-…". From `seed` (a derived token) when
 * that is not NULL, for demos. Returns: (transfer full) */
char *password_make(const char *seed);
