#include "collector/words.h"

#include <string.h>

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

gboolean words_begin(const char *text, const char *words)
{
	const char *word;

	for (const char *at = words; text && *at;) {
		gsize length = next(&at, &word);

		if (strncmp(text, word, length) == 0)
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
