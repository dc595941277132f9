#include "templates/print_font.h"

#include "base/error.h"
#include "templates/print_cff.h"

#include <fontconfig/fontconfig.h>
#include <hb-ot.h>
#include <math.h>
#include <string.h>

#define GLYPHS      65536
#define MISSING_MAX 20 /* characters named in the report */
#define CODES_MAX   65000
#define ASCENT      880 /* of an ideographic em, thousandths */
#define DESCENT     (-120)
#define GETA        0x3013 /* 〓 */

struct print_face {
	char *family;
	char *file;
	int index;
	hb_font_t *font;
	guint upem;
	gunichar *characters;    /* by glyph */
	guint16 *widths;         /* by glyph, thousandths + 1; 0: not asked for yet */
	GBytes **outlines;       /* by glyph */
	guint noted;             /* glyphs shown */
	guint lent[PRINT_ROLES]; /* characters with which it helped out */
};

struct print_fonts {
	guint resolution;
	PangoFontDescription *descriptions[PRINT_ROLES];
	guint roles[PRINT_ROLES]; /* faces */
	struct print_face faces[PRINT_FACES_MAX];
	guint count;
	GHashTable *of_font; /* PangoFont → face + 1 */
	GHashTable *lent;    /* set of character, face and role in one number */
	GString *missing;
	char *files[PRINT_ROLES + 1];
};

const char *const print_role_settings[PRINT_ROLES] = {
    [PRINT_FANGSONG] = "fangsong_font", [PRINT_SONG] = "song_font",
    [PRINT_HEITI] = "heiti_font",       [PRINT_KAITI] = "kaiti_font",
    [PRINT_BIAOSONG] = "title_font",
};

const char *const print_role_fonts[PRINT_ROLES] = {
    [PRINT_FANGSONG] = "Noto Serif CJK SC",      [PRINT_SONG] = "Noto Serif CJK SC",
    [PRINT_HEITI] = "Noto Sans CJK SC",          [PRINT_KAITI] = "Noto Serif CJK SC",
    [PRINT_BIAOSONG] = "Noto Serif CJK SC:bold",
};

static guint add_face(struct print_fonts *fonts, const char *family, const char *file, int index)
{
	struct print_face *face;
	hb_blob_t *blob;
	hb_face_t *shape;

	for (guint i = 0; i < fonts->count; i++) {
		if (fonts->faces[i].index == index && strcmp(fonts->faces[i].file, file) == 0)
			return i;
	}
	if (fonts->count == PRINT_FACES_MAX)
		return PRINT_FACES_MAX;
	blob = hb_blob_create_from_file(file);
	shape = hb_face_create(blob, (guint)index & 0xffffU);
	face = &fonts->faces[fonts->count];
	face->family = g_strdup(family);
	face->file = g_strdup(file);
	face->index = index;
	face->font = hb_font_create(shape);
	face->upem = hb_face_get_upem(shape);
	if (index >> 16) /* a variable font's instance */
		hb_font_set_var_named_instance(face->font, (guint)(index >> 16) - 1);
	hb_face_destroy(shape);
	hb_blob_destroy(blob);
	face->characters = g_new0(gunichar, GLYPHS);
	face->widths = g_new0(guint16, GLYPHS);
	face->outlines = g_new0(GBytes *, GLYPHS);
	return fonts->count++;
}

/* Whether the family that was found is the one asked for, under any of its names. */
static gboolean has_family(FcPattern *found, const FcChar8 *family)
{
	FcChar8 *name;

	for (int i = 0; FcPatternGetString(found, FC_FAMILY, i, &name) == FcResultMatch; i++) {
		if (FcStrCmpIgnoreCase(name, family) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean take_family(struct print_fonts *fonts, enum print_role role, FcPattern *wanted,
			    const char *words, GError **error)
{
	FcPattern *found;
	FcChar8 *family = NULL, *name = NULL, *file = NULL;
	FcResult result = FcResultNoMatch;
	int index = 0;

	FcPatternGetString(wanted, FC_FAMILY, 0, &family);
	FcConfigSubstitute(NULL, wanted, FcMatchPattern);
	FcDefaultSubstitute(wanted);
	found = FcFontMatch(NULL, wanted, &result);
	if (!found || !family || !has_family(found, family) ||
	    FcPatternGetString(found, FC_FILE, 0, &file) != FcResultMatch) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("pingyi.conf: [print] %s: the font “%s” is not installed"),
			    print_role_settings[role], words);
		if (found)
			FcPatternDestroy(found);
		return FALSE;
	}
	FcPatternGetInteger(found, FC_INDEX, 0, &index);
	if (FcPatternGetString(found, FC_FAMILY, 0, &name) != FcResultMatch)
		name = family;
	fonts->descriptions[role] = pango_fc_font_description_from_pattern(found, FALSE);
	pango_font_description_set_family(fonts->descriptions[role], (const char *)family);
	fonts->roles[role] = add_face(fonts, (const char *)family, (const char *)file, index);
	fonts->files[role] = g_strdup_printf("%s\t%s", words, (const char *)file);
	FcPatternDestroy(found);
	return TRUE;
}

struct print_fonts *print_fonts_new(const struct print_style *style, guint resolution,
				    GError **error)
{
	g_autoptr(print_fonts_handle) fonts = g_new0(struct print_fonts, 1);

	fonts->resolution = resolution;
	fonts->of_font = g_hash_table_new_full(NULL, NULL, g_object_unref, NULL);
	fonts->lent = g_hash_table_new(NULL, NULL);
	fonts->missing = g_string_new(NULL);
	for (guint role = 0; role < PRINT_ROLES; role++) {
		const char *words = style->fonts[role] && *style->fonts[role]
					? style->fonts[role]
					: print_role_fonts[role];
		FcPattern *wanted = FcNameParse((const FcChar8 *)words);
		gboolean good = wanted && take_family(fonts, role, wanted, words, error);

		if (wanted)
			FcPatternDestroy(wanted);
		if (!good)
			return NULL;
	}
	return g_steal_pointer(&fonts);
}

void print_fonts_free(struct print_fonts *fonts)
{
	if (!fonts)
		return;
	for (guint i = 0; i < fonts->count; i++) {
		struct print_face *face = &fonts->faces[i];

		for (guint g = 0; g < GLYPHS; g++)
			g_clear_pointer(&face->outlines[g], g_bytes_unref);
		hb_font_destroy(face->font);
		g_free(face->family);
		g_free(face->file);
		g_free(face->characters);
		g_free(face->widths);
		g_free(face->outlines);
	}
	for (guint role = 0; role < PRINT_ROLES; role++) {
		g_clear_pointer(&fonts->descriptions[role], pango_font_description_free);
		g_free(fonts->files[role]);
	}
	g_clear_pointer(&fonts->of_font, g_hash_table_unref);
	g_clear_pointer(&fonts->lent, g_hash_table_unref);
	if (fonts->missing)
		g_string_free(fonts->missing, TRUE);
	g_free(fonts);
}

const PangoFontDescription *print_fonts_description(const struct print_fonts *fonts,
						    enum print_role role)
{
	return fonts->descriptions[role];
}

const char *const *print_fonts_files(const struct print_fonts *fonts)
{
	return (const char *const *)fonts->files;
}

guint print_fonts_face(struct print_fonts *fonts, PangoFont *font)
{
	guint known = GPOINTER_TO_UINT(g_hash_table_lookup(fonts->of_font, font));
	FcPattern *pattern;
	FcChar8 *family = NULL, *file = NULL;
	int index = 0;

	if (known)
		return known - 1;
	pattern = pango_fc_font_get_pattern(PANGO_FC_FONT(font));
	if (FcPatternGetString(pattern, FC_FILE, 0, &file) != FcResultMatch ||
	    FcPatternGetString(pattern, FC_FAMILY, 0, &family) != FcResultMatch)
		return PRINT_FACES_MAX;
	FcPatternGetInteger(pattern, FC_INDEX, 0, &index);
	known = add_face(fonts, (const char *)family, (const char *)file, index);
	g_hash_table_insert(fonts->of_font, g_object_ref(font), GUINT_TO_POINTER(known + 1));
	return known;
}

void print_fonts_note(struct print_fonts *fonts, guint number, guint glyph, gunichar c,
		      enum print_role role)
{
	struct print_face *face = &fonts->faces[number];

	if (glyph >= GLYPHS)
		return;
	if (!face->characters[glyph]) {
		face->characters[glyph] = c;
		face->noted++;
	}
	if (fonts->roles[role] != number &&
	    g_hash_table_add(fonts->lent,
			     GSIZE_TO_POINTER(((gsize)c << 16) | (number << 8) | role)))
		face->lent[role]++;
}

guint print_fonts_missing(struct print_fonts *fonts, guint number, gunichar c)
{
	hb_codepoint_t glyph = 0;

	if (g_utf8_strlen(fonts->missing->str, -1) < MISSING_MAX &&
	    !g_utf8_strchr(fonts->missing->str, -1, c))
		g_string_append_unichar(fonts->missing, c);
	hb_font_get_nominal_glyph(fonts->faces[number].font, GETA, &glyph);
	return glyph;
}

double print_fonts_width(struct print_fonts *fonts, guint number, guint glyph)
{
	struct print_face *face = &fonts->faces[number];

	if (glyph >= GLYPHS)
		return 0;
	if (face->widths[glyph] == 0) {
		double width = (double)hb_font_get_glyph_h_advance(face->font, glyph) * 1000;

		face->widths[glyph] = (guint16)(lround(width / face->upem) + 1);
	}
	return face->widths[glyph] - 1;
}

void print_fonts_report(const struct print_fonts *fonts, struct print_report *report)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autoptr(GPtrArray) lent = g_ptr_array_new();

	for (guint i = 0; i < fonts->count; i++) {
		const struct print_face *face = &fonts->faces[i];

		if (face->noted == 0)
			continue;
		if (!g_ptr_array_find_with_equal_func(names, face->family, g_str_equal, NULL))
			g_ptr_array_add(names, g_strdup(face->family));
		for (guint role = 0; role < PRINT_ROLES; role++) {
			if (face->lent[role])
				g_ptr_array_add(
				    lent, g_strdup_printf(_("%s: %u characters that %s lacks"),
							  face->family, face->lent[role],
							  fonts->faces[fonts->roles[role]].family));
		}
	}
	g_ptr_array_add(names, NULL);
	g_ptr_array_add(lent, NULL);
	g_strfreev(report->fonts);
	g_strfreev(report->lent);
	g_free(report->missing);
	report->fonts = (char **)g_ptr_array_steal(names, NULL);
	report->lent = (char **)g_ptr_array_steal(lent, NULL);
	report->missing = g_strdup(fonts->missing->str);
}

/* --- in a PDF --- */

struct ink_font {
	guint face;
	guint name; /* /F<name> */
	guint object;
	guint16 *codes; /* by glyph; 0: none yet */
	GArray *glyphs; /* of guint, by code */
};

struct print_ink {
	struct print_fonts *fonts;
	const struct print_ink *base;
	guint first; /* name of the first font */
	struct ink_font of[PRINT_FACES_MAX];
};

struct print_ink *print_ink_new(struct print_fonts *fonts, const struct print_ink *base)
{
	struct print_ink *ink = g_new0(struct print_ink, 1);

	ink->fonts = fonts;
	ink->base = base;
	ink->first = base ? base->first + PRINT_FACES_MAX : 0;
	return ink;
}

void print_ink_free(struct print_ink *ink)
{
	if (!ink)
		return;
	for (guint i = 0; i < PRINT_FACES_MAX; i++) {
		g_free(ink->of[i].codes);
		if (ink->of[i].glyphs)
			g_array_unref(ink->of[i].glyphs);
	}
	g_free(ink);
}

void print_ink_clear(struct print_ink *ink)
{
	for (guint i = 0; i < PRINT_FACES_MAX; i++) {
		struct ink_font *font = &ink->of[i];

		if (!font->glyphs)
			continue;
		for (guint k = 0; k < font->glyphs->len; k++)
			font->codes[g_array_index(font->glyphs, guint, k)] = 0;
		g_array_set_size(font->glyphs, 1);
	}
}

guint print_ink_code(struct print_ink *ink, guint face, guint glyph, guint *font_out)
{
	struct ink_font *font = &ink->of[face];

	glyph = glyph < GLYPHS ? glyph : 0;
	if (ink->base && ink->base->of[face].codes && ink->base->of[face].codes[glyph]) {
		*font_out = ink->base->first + face;
		return ink->base->of[face].codes[glyph];
	}
	*font_out = ink->first + face;
	if (!font->codes) {
		font->codes = g_new0(guint16, GLYPHS);
		font->glyphs = g_array_new(FALSE, TRUE, sizeof(guint));
		g_array_set_size(font->glyphs, 1); /* code 0 is .notdef */
	}
	if (font->codes[glyph] == 0 && font->glyphs->len < CODES_MAX) {
		font->codes[glyph] = (guint16)font->glyphs->len;
		g_array_append_val(font->glyphs, glyph);
	}
	return font->codes[glyph];
}

static gboolean is_used(const struct ink_font *font)
{
	return font->glyphs && font->glyphs->len > 1;
}

static guint write_outlines(struct print_fonts *fonts, const struct ink_font *font,
			    const char *name, struct pdf *pdf)
{
	struct print_face *face = &fonts->faces[font->face];
	g_autoptr(GPtrArray) outlines = g_ptr_array_sized_new(font->glyphs->len);
	g_autoptr(GByteArray) cff = NULL;
	guint number = pdf_reserve(pdf);

	for (guint i = 0; i < font->glyphs->len; i++) {
		guint glyph = g_array_index(font->glyphs, guint, i);

		if (!face->outlines[glyph])
			face->outlines[glyph] =
			    print_cff_outline(face->font, glyph, face->upem, fonts->resolution);
		g_ptr_array_add(outlines, face->outlines[glyph]);
	}
	cff = print_cff(name, outlines, fonts->resolution);
	pdf_stream(pdf, number, "/Subtype/CIDFontType0C", cff->data, cff->len, 9);
	return number;
}

/* Which character a code is: so text can be searched and copied (9.10.3). */
static guint write_characters(const struct print_fonts *fonts, const struct ink_font *font,
			      struct pdf *pdf)
{
	const struct print_face *face = &fonts->faces[font->face];
	g_autoptr(GString) out =
	    g_string_new("/CIDInit/ProcSet findresource begin 12 dict begin begincmap\n"
			 "/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n"
			 "/CMapName/Adobe-Identity-UCS def/CMapType 2 def\n"
			 "1 begincodespacerange<0000><FFFF>endcodespacerange\n");
	guint number = pdf_reserve(pdf);

	/* a range is of codes with the same first byte */
	g_string_append_printf(out, "%u beginbfrange\n", (font->glyphs->len + 254) / 256);
	for (guint i = 1; i < font->glyphs->len; i++) {
		gunichar c = face->characters[g_array_index(font->glyphs, guint, i)];

		if (i == 1 || i % 256 == 0)
			g_string_append_printf(out, "%s<%04X><%04X>[", i > 1 ? "]\n" : "", i,
					       MIN(i | 255, font->glyphs->len - 1));
		if (c >= 0x10000)
			g_string_append_printf(out, "<%04X%04X>", 0xd7c0 + (c >> 10),
					       0xdc00 + (c & 0x3ff));
		else
			g_string_append_printf(out, "<%04X>", c);
	}
	g_string_append(out, "]\nendbfrange\nendcmap CMapName currentdict/CMap defineresource pop "
			     "end end\n");
	pdf_stream(pdf, number, "", out->str, out->len, 9);
	return number;
}

/* Widths other than an em's. */
static void put_widths(struct print_fonts *fonts, const struct ink_font *font, GString *out)
{
	gboolean open = FALSE;

	g_string_append(out, "/DW 1000/W[");
	for (guint i = 1; i < font->glyphs->len; i++) {
		double width =
		    print_fonts_width(fonts, font->face, g_array_index(font->glyphs, guint, i));

		if (width >= 999.5 && width <= 1000.5) {
			if (open)
				g_string_append_c(out, ']');
			open = FALSE;
			continue;
		}
		if (!open)
			g_string_append_printf(out, "%u[", i);
		pdf_number(out, width);
		open = TRUE;
	}
	g_string_append(out, open ? "]]" : "]");
}

/* "ABCDEF+NotoSerifCJKSC": the tag of a font that is not whole (9.6.4). */
static char *font_name(const struct print_ink *ink, const struct ink_font *font)
{
	const struct print_face *face = &ink->fonts->faces[font->face];
	g_autoptr(GString) name = g_string_new("PY");
	hb_face_t *shape = hb_font_get_face(face->font);
	char postscript[128] = "";
	guint size = sizeof postscript;

	for (guint tag = font->name, i = 0; i < 4; i++, tag /= 26)
		g_string_append_c(name, (char)('A' + tag % 26));
	g_string_append_c(name, '+');
	hb_ot_name_get_utf8(shape, HB_OT_NAME_ID_POSTSCRIPT_NAME, HB_LANGUAGE_INVALID, &size,
			    postscript);
	for (const char *p = postscript; *p; p++) {
		if (g_ascii_isalnum(*p) || *p == '-')
			g_string_append_c(name, *p);
	}
	if (g_str_has_suffix(name->str, "+"))
		g_string_append(name, "Font");
	return g_string_free(g_steal_pointer(&name), FALSE);
}

static void write_font(struct print_ink *ink, const struct ink_font *font, struct pdf *pdf)
{
	g_autofree char *name = font_name(ink, font);
	guint outlines = write_outlines(ink->fonts, font, name, pdf);
	guint characters = write_characters(ink->fonts, font, pdf);
	guint descriptor = pdf_reserve(pdf);
	guint descendant = pdf_reserve(pdf);
	g_autoptr(GString) out = g_string_new(NULL);

	g_string_printf(out,
			"<</Type/FontDescriptor/FontName/%s/Flags 6/FontBBox[-200 -300 1200 1100]"
			"/ItalicAngle 0/Ascent %d/Descent %d/CapHeight 730/StemV 80"
			"/FontFile3 %u 0 R>>",
			name, ASCENT, DESCENT, outlines);
	pdf_object(pdf, descriptor, out->str);
	g_string_printf(out,
			"<</Type/Font/Subtype/CIDFontType0/BaseFont/%s/CIDSystemInfo<</Registry"
			"(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor %u 0 R",
			name, descriptor);
	put_widths(ink->fonts, font, out);
	g_string_append(out, ">>");
	pdf_object(pdf, descendant, out->str);
	g_string_printf(out,
			"<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H"
			"/DescendantFonts[%u 0 R]/ToUnicode %u 0 R>>",
			name, descendant, characters);
	pdf_object(pdf, font->object, out->str);
}

void print_ink_write(struct print_ink *ink, struct pdf *pdf)
{
	for (guint i = 0; i < PRINT_FACES_MAX; i++) {
		struct ink_font *font = &ink->of[i];

		if (!is_used(font))
			continue;
		font->face = i;
		font->name = ink->first + i;
		font->object = pdf_reserve(pdf);
		write_font(ink, font, pdf);
	}
}

static void put_resources(const struct print_ink *ink, GString *out)
{
	for (guint i = 0; i < PRINT_FACES_MAX; i++) {
		if (is_used(&ink->of[i]))
			g_string_append_printf(out, "/F%u %u 0 R", ink->of[i].name,
					       ink->of[i].object);
	}
}

void print_ink_resources(const struct print_ink *ink, GString *out)
{
	g_string_append(out, "<<");
	if (ink->base)
		put_resources(ink->base, out);
	put_resources(ink, out);
	g_string_append(out, ">>");
}
