/* A message read as a whole: kinds, bounces, own words, attachments, forms, and the record. */
#include "collector/read.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) raw = g_bytes_new(data, size);
	struct reading *reading = read_message(raw, NULL, NULL);
	g_autoptr(JsonParser) parser = json_parser_new();
	g_autofree char *line = NULL;

	fuzz_require(reading != NULL, "every message can be read");
	if (!reading)
		return 0;
	line = reading_to_line(reading);
	fuzz_require_utf8(line, "a record is UTF-8");
	fuzz_require(!strchr(line, '\n'), "a record is one line");
	fuzz_require(json_parser_load_from_data(parser, line, -1, NULL), "a record is JSON");
	fuzz_require(reading->numbers->len <= READING_NUMBERS_MAX, "numbers have their bound");
	reading_free(reading);
	return 0;
}
