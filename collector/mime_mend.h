#pragma once

/*
 * What mail programs get wrong about multiparts, and GMime takes at its word, put right before it
 * reads: no empty line between a multipart's header and its first delimiter (the whole part would
 * be lost), and a delimiter whose line ends in another way than the line before (GMime takes the
 * end of that line off by the delimiter's own: a byte too many, or one too few). Pure.
 */
#include <glib.h>

/* `raw` itself (a new reference), or a copy that is put right. (transfer full) */
GBytes *mime_mend(GBytes *raw);
