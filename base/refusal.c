#include "base/refusal.h"

#include "base/charset.h"

#include <string.h>

#define WORDS_BYTES 1000 /* that are looked at */
#define WORDS_CHARS 200  /* that are shown */

gboolean refusal_set(GError **error, enum pingyi_error code, const char *words)
{
	g_autoptr(GRegex) address =
	    g_regex_new("[^\\s<>\"']*@[^\\s<>\"']*", G_REGEX_OPTIMIZE, 0, NULL);
	g_autofree char *text = charset_to_utf8(words, MIN(strlen(words), WORDS_BYTES), NULL, NULL);
	g_autofree char *masked = g_regex_replace_literal(address, text, -1, 0, "…", 0, NULL);
	const char *shown = masked ? masked : "";
	g_autofree char *cut =
	    g_utf8_substring(shown, 0, MIN(g_utf8_strlen(shown, -1), WORDS_CHARS));

	g_strdelimit(cut, "\t\r\n", ' ');
	g_set_error(error, PINGYI_ERROR, code, _("the mail server says: %s"), cut);
	return FALSE;
}
