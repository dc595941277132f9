#include "base/number.h"

#include <string.h>

static const char alphabet[] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

#define BASE   31u
#define DIGITS 7u

static int digit_of(char c)
{
	const char *at = c ? strchr(alphabet, g_ascii_toupper(c)) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

/* Weighted sum modulo a prime: weights 2..8 differ from one another and are not 0. */
static guint check_of(const guint digits[DIGITS])
{
	guint sum = 0;

	for (guint i = 0; i < DIGITS; i++)
		sum += digits[i] * (i + 2);
	return (BASE - sum % BASE) % BASE;
}

void number_make(guint64 value, char *number_out)
{
	guint digits[DIGITS];

	for (guint i = DIGITS; i-- > 0; value /= BASE)
		digits[i] = (guint)(value % BASE);
	memcpy(number_out, "PY-", 3);
	for (guint i = 0; i < DIGITS; i++)
		number_out[3 + i] = alphabet[digits[i]];
	number_out[3 + DIGITS] = alphabet[check_of(digits)];
	number_out[NUMBER_LENGTH] = '\0';
}

gboolean number_parse(const char *text, char *number_out, gsize *length_out)
{
	guint digits[DIGITS];
	const char *at = text;
	int check;

	if (g_ascii_strncasecmp(at, "PY", 2) != 0)
		return FALSE;
	at += 2;
	if (*at == '-')
		at++;
	for (guint i = 0; i < DIGITS; i++, at++) {
		int digit = digit_of(*at);

		if (digit < 0)
			return FALSE;
		digits[i] = (guint)digit;
	}
	check = digit_of(*at++);
	if (check < 0 || (guint)check != check_of(digits) || g_ascii_isalnum(*at))
		return FALSE;
	memcpy(number_out, "PY-", 3);
	for (guint i = 0; i < DIGITS; i++)
		number_out[3 + i] = alphabet[digits[i]];
	number_out[3 + DIGITS] = alphabet[check];
	number_out[NUMBER_LENGTH] = '\0';
	if (length_out)
		*length_out = (gsize)(at - text);
	return TRUE;
}

GPtrArray *number_find_all(const char *text, gsize length)
{
	GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
	const char *end = text + length;

	for (const char *at = text;
	     at < end && (gsize)(end - at) >= NUMBER_LENGTH - 1 && found->len < NUMBERS_FOUND_MAX;
	     at++) {
		char number[NUMBER_LENGTH + 1];
		char window[NUMBER_LENGTH + 2];
		gsize n = MIN((gsize)(end - at), sizeof window - 1);

		if (g_ascii_toupper(*at) != 'P' || (at > text && g_ascii_isalnum(at[-1])))
			continue;
		memcpy(window, at, n);
		window[n] = '\0';
		if (number_parse(window, number, NULL) &&
		    !g_ptr_array_find_with_equal_func(found, number, g_str_equal, NULL))
			g_ptr_array_add(found, g_strdup(number));
	}
	return found;
}

/* Whether "PY-" and as many letters and digits as a number has stand there, and no more. */
static gboolean looks_like_number(const char *text, const char *end)
{
	if (end - text < NUMBER_LENGTH || g_ascii_strncasecmp(text, "PY-", 3) != 0)
		return FALSE;
	for (guint i = 3; i < NUMBER_LENGTH; i++)
		if (!g_ascii_isalnum(text[i]))
			return FALSE;
	return text + NUMBER_LENGTH == end || !g_ascii_isalnum(text[NUMBER_LENGTH]);
}

char *number_find_wrong(const char *text, gsize length)
{
	const char *end = text + length;

	for (const char *at = text; (gsize)(end - at) >= NUMBER_LENGTH; at++) {
		char number[NUMBER_LENGTH + 1];
		g_autofree char *candidate = NULL;

		if (!looks_like_number(at, end) || (at > text && g_ascii_isalnum(at[-1])))
			continue;
		candidate = g_ascii_strup(at, NUMBER_LENGTH);
		if (!number_parse(candidate, number, NULL))
			return g_steal_pointer(&candidate);
	}
	return NULL;
}
