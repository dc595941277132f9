#pragma once

/*
 * What the lexicon's words say by their pieces. 监理 that stands in many words of one department
 * and in few of others speaks for it wherever it stands, also in a word that the lexicon does not
 * have. A piece is two Chinese characters that follow one another in a word; how much it says is
 * how much oftener (log-odds) the department's words have it than those of all. It is faint: it
 * settles what the words themselves leave open.
 */
#include "classifier/lexicon.h"

struct pieces; /* read-only */

/* Of all names and words but `not`. The target `silent` (an index; -1: none) has none: words of
 * conduct are made of what anybody says (他儿子, 请我们). Returns: (transfer full) */
struct pieces *pieces_new(const struct lexicon *lexicon, gint silent);
void pieces_free(struct pieces *pieces);

/*
 * What the pieces within [start, end) of `text` say, added to `scores`, a number a target. A piece
 * with a byte that `silent` (one for each byte of the text) marks says nothing.
 */
void pieces_score(const struct pieces *pieces, const char *text, guint start, guint end,
		  const guint8 *silent, double *scores);

/* What the piece that begins at `at`, within a stretch that ends at `end`, says for a target; 0:
 * nothing, or it is none. `end_out`: where it ends. For telling reasons. */
double pieces_voice(const struct pieces *pieces, const char *text, guint at, guint end,
		    const guint8 *silent, guint target, guint *end_out);
