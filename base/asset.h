#pragma once

/*
 * Files that the binary carries (templates, grammars, schema, lexicon, calendar), by their path in
 * the source tree, for example "templates/zh/letter.xhtml". Read-only, never freed.
 */
#include <stddef.h>

struct asset {
	const char *path;
	const char *text; /* NUL-terminated */
	size_t size;      /* without the NUL */
};

extern const struct asset asset_table[]; /* ends with a NULL path */

/* The file at `path`, or NULL when the binary has none of that name. */
const struct asset *asset_find(const char *path);
