#pragma once

/* What `pingyi classify --explain` says on a terminal. */
#include <glib.h>

/* Opinions (struct classified *) as people read them: what each says, to whom it goes and which
 * words say so, or why a person decides. */
void classify_show(const GPtrArray *opinions);
