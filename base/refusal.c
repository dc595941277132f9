#include "base/refusal.h"

#include "base/charset.h"

#include <string.h>

#define WORDS_BYTES 1000 /* that are looked at */
#define WORDS_CHARS 200  /* that are shown */

char *refusal_words(const char *words)
{
	g_autoptr(GRegex) address =
	    g_regex_new("[^\\s<>\"']*@[^\\s<>\"']*", G_REGEX_OPTIMIZE, 0, NULL);
	g_autofree char *text = charset_to_utf8(words, MIN(strlen(words), WORDS_BYTES), NULL, NULL);
	g_autofree char *masked = g_regex_replace_literal(address, text, -1, 0, "…", 0, NULL);
	const char *shown = masked ? masked : "";
	char *cut = g_utf8_substring(shown, 0, MIN(g_utf8_strlen(shown, -1), WORDS_CHARS));

	for (char *at = cut; *at; at++)
		if ((guchar)*at < ' ' || *at == 0x7f)
			*at = ' ';
	return cut;
}

gboolean refusal_set(GError **error, enum pingyi_error code, const char *words)
{
	g_autofree char *shown = refusal_words(words);

	g_set_error(error, PINGYI_ERROR, code, _("the mail server says: %s"), shown);
	return FALSE;
}

gboolean refusal_is_too_fast(const char *words)
{
	static const char *const signs[] = {"frequency limit",
					    "rate limit",
					    "too many messages",
					    "too many mails",
					    "too many connections",
					    "too frequently",
					    "hl:ifc",
					    "mi:sfq",
					    "频率"};
	g_autofree char *valid = g_utf8_make_valid(words, -1);
	g_autofree char *lower = g_utf8_strdown(valid, -1);

	for (guint i = 0; i < G_N_ELEMENTS(signs); i++)
		if (strstr(lower, signs[i]))
			return TRUE;
	return FALSE;
}
