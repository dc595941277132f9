/*
 * Runs a fuzz target over files, once each: what libFuzzer found, and small examples, stay tested
 * without it. Prints how many.
 */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		g_autofree char *bytes = NULL;
		g_autoptr(GError) error = NULL;
		gsize size = 0;

		if (!g_file_get_contents(argv[i], &bytes, &size, &error)) {
			g_printerr("%s\n", error->message);
			return 1;
		}
		g_printerr("%s\n", argv[i]);
		LLVMFuzzerTestOneInput((const uint8_t *)bytes, size);
	}
	printf("%d\n", argc - 1);
	return 0;
}
