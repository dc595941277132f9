#pragma once

/* The pictures that a letter's template shows: <img src="cid:NAME"/>. Used by letter_view.c only.
 */
#include <glib.h>
#include <libxml/tree.h>

struct letter_pictures;

/* Those below `node` of a template that keeps its grammar; `file` is what errors call it.
 * Returns: (transfer full) */
struct letter_pictures *letter_pictures_find(const char *file, const xmlNode *node);
void letter_pictures_free(struct letter_pictures *pictures);

gboolean letter_pictures_have(const struct letter_pictures *pictures, const char *name);

/* Whether all are among `names` (ends with NULL); PINGYI_ERROR_INPUT, "file:line: …". */
gboolean letter_pictures_check(const struct letter_pictures *pictures, const char *const *names,
			       GError **error);
