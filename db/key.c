#include "db/key.h"

#include <sodium.h>
#include <string.h>

G_STATIC_ASSERT(KEY_BYTES == crypto_generichash_KEYBYTES);

static void derive(const struct office_key *key, const char *label, const char *what,
		   guint8 out[32])
{
	g_autofree char *text = g_strconcat(label, "/", what, NULL);

	crypto_generichash(out, 32, (const guint8 *)text, strlen(text), key->bytes, KEY_BYTES);
}

void key_make(const char *seed, struct office_key *key_out)
{
	if (sodium_init() < 0)
		g_error("libsodium does not start");
	if (seed)
		crypto_generichash(key_out->bytes, KEY_BYTES, (const guint8 *)seed, strlen(seed),
				   NULL, 0);
	else
		randombytes_buf(key_out->bytes, KEY_BYTES);
}

guint64 key_letter_value(const struct office_key *key, gint64 round_id, gint64 enterprise_id,
			 guint turn)
{
	g_autofree char *what = g_strdup_printf("%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT "/%u",
						round_id, enterprise_id, turn);
	guint8 out[32];
	guint64 value;

	derive(key, "number", what, out);
	memcpy(&value, out, sizeof value);
	return GUINT64_FROM_LE(value);
}

void key_link_secret(const struct office_key *key, const char *number, guint turn, char *secret_out)
{
	static const char digits[] = "abcdefghijkmnpqrstuvwxyz23456789"; /* without l and o */
	g_autofree char *what = g_strdup_printf("%s/%u", number, turn);
	guint8 out[32];

	derive(key, "link", what, out);
	for (guint i = 0; i < SECRET_LENGTH; i++)
		secret_out[i] = digits[out[i] & 31]; /* 5 bits of each byte */
	secret_out[SECRET_LENGTH] = '\0';
}

GBytes *key_secret_hash(const struct office_key *key, const char *secret)
{
	g_autofree char *lower = g_ascii_strdown(secret, -1);
	guint8 out[32];

	derive(key, "lookup", lower, out);
	return g_bytes_new(out, sizeof out);
}

char *key_token(const struct office_key *key, const char *label, const char *what)
{
	guint8 out[32];
	GString *text = g_string_new(NULL);

	derive(key, label, what, out);
	for (guint i = 0; i < 8; i++)
		g_string_append_printf(text, "%02x", out[i]);
	return g_string_free(text, FALSE);
}
