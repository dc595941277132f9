#pragma once

/*
 * The fonts of a print session: families found by fontconfig, glyphs drawn by HarfBuzz, and what of
 * them goes into a PDF. Whatever a font file is (TrueType, OpenType, a collection), what is
 * embedded is a CFF font of just the glyphs used, written here from their outlines: one kind to
 * look after, and glyphs that are drawn once a session. Used by templates/print_*.c only.
 */
#include "templates/print.h"
#include "templates/print_pdf.h"

#include <pango/pangofc-fontmap.h>

#define PRINT_FACES_MAX 32 /* of one session, those taken for missing characters included */

struct print_fonts;

/* Finds the families of `style`. PINGYI_ERROR_INPUT when one is not installed: it is named, with
 * its setting. `resolution`: units of the em of embedded outlines. Returns: (transfer full) */
struct print_fonts *print_fonts_new(const struct print_style *style, guint resolution,
				    GError **error);
void print_fonts_free(struct print_fonts *fonts);

/* What Pango is asked for. Borrowed. */
const PangoFontDescription *print_fonts_description(const struct print_fonts *fonts,
						    enum print_role role);

/* The face of a font that Pango took; PRINT_FACES_MAX when there are too many. */
guint print_fonts_face(struct print_fonts *fonts, PangoFont *font);

/* Notes that a face shows `c` with `glyph`; `role` is what was asked for. */
void print_fonts_note(struct print_fonts *fonts, guint face, guint glyph, gunichar c,
		      enum print_role role);

/* Notes that no font has `c`. Returns the glyph of 〓 in `face`, which printers set for it. */
guint print_fonts_missing(struct print_fonts *fonts, guint face, gunichar c);

/* Width of a glyph in thousandths of the size. */
double print_fonts_width(struct print_fonts *fonts, guint face, guint glyph);

/* "name\tfile" by role, ends with NULL. */
const char *const *print_fonts_files(const struct print_fonts *fonts);

/* Names of the faces used, what was taken for missing characters, and how many no font has. */
void print_fonts_report(const struct print_fonts *fonts, struct print_report *report);

/* --- in a PDF --- */

/*
 * The fonts of a PDF: codes are given to glyphs as they come. With `base` (borrowed) glyphs that it
 * knows already keep its font and code: so the fonts that many files share are made once.
 */
struct print_ink;
struct print_ink *print_ink_new(struct print_fonts *fonts, const struct print_ink *base);
void print_ink_free(struct print_ink *ink);

/* Forgets all glyphs, but not the base's: for the next file. */
void print_ink_clear(struct print_ink *ink);

/* The font (for /F<n> in a content stream, from 0) and code of a glyph. */
guint print_ink_code(struct print_ink *ink, guint face, guint glyph, guint *font_out);

/* Writes the fonts. */
void print_ink_write(struct print_ink *ink, struct pdf *pdf);

/* Appends the dictionary of the fonts of this ink and its base, as resources have it. */
void print_ink_resources(const struct print_ink *ink, GString *out);

typedef struct print_fonts print_fonts_handle;
typedef struct print_ink print_ink_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(print_fonts_handle, print_fonts_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(print_ink_handle, print_ink_free)
