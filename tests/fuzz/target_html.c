/* HTML as text with marks, and the writer's own words told apart in it. */
#include "base/charset.h"
#include "collector/html.h"
#include "collector/own.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *html = charset_to_utf8((const char *)data, size, NULL, NULL);
	g_autofree char *marked = html_to_text(html, strlen(html));
	g_autofree char *text = html_unmark(marked);
	g_autofree char *words = NULL;
	struct own own = {0};

	fuzz_require_utf8(marked, "HTML's text is UTF-8");
	fuzz_require(strlen(marked) <= HTML_TEXT_MAX + 8, "HTML's text has its bound");
	fuzz_require(!strpbrk(text, "\x11\x12\x13"), "marks are taken away");
	own_split(marked, size & 1, &own);
	words = own_strip_quotes(own.own);
	fuzz_require_utf8(own.own, "own words are UTF-8");
	fuzz_require_utf8(own.quoted, "quoted words are UTF-8");
	fuzz_require_utf8(own.signature, "a signature is UTF-8");
	fuzz_require_utf8(words, "own words without quotes are UTF-8");
	own_clear(&own);
	return 0;
}
