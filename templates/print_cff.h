#pragma once

/*
 * A CFF font (Adobe Technical Notes 5176 and 5177) from outlines: CID-keyed, Adobe-Identity-0, CID
 * n is glyph n, no hints, no subroutines. Used by templates/print_font.c only.
 */
#include <glib.h>
#include <hb.h>

/*
 * A glyph's outline as a Type 2 charstring, with its width in it, on an em of `resolution` units.
 * `upem` is that of `font`, whose scale it is. Returns: (transfer full)
 */
GBytes *print_cff_outline(hb_font_t *font, guint glyph, guint upem, guint resolution);

/* The font of these charstrings (GBytes); the first becomes .notdef. Returns: (transfer full) */
GByteArray *print_cff(const char *name, const GPtrArray *outlines, guint resolution);
