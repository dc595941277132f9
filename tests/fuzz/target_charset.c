/* The charset layer: a first line is the label, the rest text, also as a header's value. */
#include "base/charset.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	const char *end = size ? memchr(bytes, '\n', size) : NULL;
	g_autofree char *label = end ? g_strndup(bytes, (gsize)(end - bytes)) : NULL;
	const char *text = end ? end + 1 : bytes;
	gsize length = end ? size - (gsize)(text - bytes) : size;
	const char *used = NULL;
	g_autofree char *plain = charset_to_utf8(text, length, label, &used);
	g_autofree char *header = charset_decode_header(text, length, label);
	g_autofree char *line = charset_line(plain);
	g_autoptr(GByteArray) decoded = g_byte_array_new();

	fuzz_require_utf8(plain, "text is UTF-8");
	fuzz_require_utf8(header, "a header is UTF-8");
	fuzz_require_utf8(line, "a line is UTF-8");
	fuzz_require(used != NULL, "the encoding is named");
	fuzz_require(!strpbrk(line, "\n\r\x1b"), "a line is one line, without escapes");
	charset_base64_decode(text, length, decoded);
	fuzz_require(decoded->len <= length, "base64 does not grow");
	return 0;
}
