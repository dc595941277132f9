#include "collector/words.h"

#include <string.h>

/* Whether no letter beyond ASCII has a case: what begins with these bytes is U+3000 to U+9FFF. */
static gboolean is_caseless(const char *text, gsize size)
{
	for (gsize i = 0; i < size; i++) {
		guchar byte = (guchar)text[i];

		if (byte < 0x80)
			continue;
		if (byte < 0xE3 || byte > 0xE9)
			return FALSE;
		i += 2;
	}
	return TRUE;
}

char *words_fold(const char *text, gssize size)
{
	gsize length = size < 0 ? strlen(text) : (gsize)size;

	return is_caseless(text, length) ? g_ascii_strdown(text, (gssize)length)
					 : g_utf8_strdown(text, (gssize)length);
}

/* The next word: its length; `at` moves behind it. */
static gsize next(const char **at, const char **word_out)
{
	gsize length = strcspn(*at, "|");

	*word_out = *at;
	*at += length;
	if (**at == '|')
		(*at)++;
	return length;
}

gboolean words_in(const char *text, const char *words)
{
	gsize size = text ? strlen(text) : 0;
	const char *word;

	for (const char *at = words; size > 0 && *at;) {
		gsize length = next(&at, &word);

		if (memmem(text, size, word, length))
			return TRUE;
	}
	return FALSE;
}

gsize words_begin_length(const char *text, const char *words)
{
	const char *word;

	for (const char *at = words; text && *at;) {
		gsize length = next(&at, &word);

		if (strncmp(text, word, length) == 0)
			return length;
	}
	return 0;
}

gboolean words_begin(const char *text, const char *words)
{
	return words_begin_length(text, words) > 0;
}

gboolean words_end(const char *text, const char *words)
{
	gsize size = text ? strlen(text) : 0;
	const char *word;

	for (const char *at = words; text && *at;) {
		gsize length = next(&at, &word);

		if (length <= size && memcmp(text + size - length, word, length) == 0)
			return TRUE;
	}
	return FALSE;
}

gboolean words_equal(const char *text, const char *words)
{
	gsize size = text ? strlen(text) : 0;
	const char *word;

	for (const char *at = words; text && *at;) {
		gsize length = next(&at, &word);

		if (length == size && memcmp(text, word, length) == 0)
			return TRUE;
	}
	return FALSE;
}
