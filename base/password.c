#include "base/password.h"

#include <sodium.h>
#include <string.h>

#define GROUPS    3
#define PER_GROUP 4

static void start(void)
{
	if (sodium_init() < 0)
		g_error("libsodium does not start");
}

char *password_hash(const char *password)
{
	char *hash = g_malloc0(crypto_pwhash_STRBYTES);

	start();
	if (crypto_pwhash_str(hash, password, strlen(password), crypto_pwhash_OPSLIMIT_INTERACTIVE,
			      crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
		g_error("no memory to hash a password");
	return hash;
}

gboolean password_is(const char *hash, const char *password)
{
	start();
	if (!hash) {
		g_autofree char *wasted = password_hash(password);

		return FALSE;
	}
	return crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}

char *password_make(const char *seed)
{
	static const char digits[] = "abcdefghjkmnpqrstuvwxyz23456789x"; /* no i, l, o, 0, 1 */
	guint8 bytes[GROUPS * PER_GROUP];
	GString *text = g_string_new(NULL);

	start();
	if (seed)
		crypto_generichash(bytes, sizeof bytes, (const guint8 *)seed, strlen(seed), NULL,
				   0);
	else
		randombytes_buf(bytes, sizeof bytes);
	for (guint i = 0; i < sizeof bytes; i++) {
		if (i > 0 && i % PER_GROUP == 0)
			g_string_append_c(text, '-');
		g_string_append_c(text, digits[bytes[i] & 31]);
	}
	return g_string_free(text, FALSE);
}
