#pragma once

/*
 * What the fuzz targets share. A target (target_<name>.c) is one function that takes any bytes. It
 * is built twice: with libFuzzer for `make fuzz`, and as an ordinary program that reads the files
 * of seeds/<name>/, which the tests run.
 */
#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/* Reads `size` bytes of anything. Always 0. The name is libFuzzer's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program where `good` is not so: `what` names the promise that was broken. */
void fuzz_require(gboolean good, const char *what);

/* Requires valid UTF-8; NULL is fine. */
void fuzz_require_utf8(const char *text, const char *what);

/*
 * An Office file whose part `part` holds the bytes, the others being such as Office writes: bytes
 * of XML that are changed reach its reader, while a changed archive fails at its checksum. Returns:
 * (transfer full)
 */
GBytes *fuzz_docx(const void *part, gsize size);
enum fuzz_sheet { FUZZ_SHEET, FUZZ_STRINGS, FUZZ_STYLES, FUZZ_WORKBOOK };
GBytes *fuzz_xlsx(enum fuzz_sheet which, const void *part, gsize size);
