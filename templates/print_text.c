#include "templates/print_inside.h"

#include <pango/pangoft2.h>
#include <string.h>

#define CACHE_MAX  1024   /* paragraphs */
#define STRETCH    2.5    /* ems that a line may lack and still be stretched */
#define GAP_MAX    0.15   /* ems that a gap is stretched by */
#define LINK_SIZE  0.75   /* of the text's */
#define LINK_EM    0.58   /* ems of a character of an address, at most */
#define FIT_STEP   0.5f   /* pt */
#define SPACE_WORD 0x2028 /* a line end that begins no paragraph */

struct print_text {
	struct print_fonts *fonts;
	PangoFontMap *map;
	PangoContext *context;
	PangoLayout *layout;
	GHashTable *cache; /* GBytes → struct print_para */
	GString *key;
	GString *words;
	gboolean english;
};

struct print_text *print_text_new(struct print_fonts *fonts, gboolean english)
{
	struct print_text *text = g_new0(struct print_text, 1);

	text->fonts = fonts;
	text->english = english;
	text->map = pango_ft2_font_map_new();
	pango_ft2_font_map_set_resolution(PANGO_FT2_FONT_MAP(text->map), 72, 72); /* 1 px is 1 pt */
	text->context = pango_font_map_create_context(text->map);
	pango_context_set_language(text->context,
				   pango_language_from_string(english ? "en-gb" : "zh-cn"));
	pango_context_set_round_glyph_positions(text->context, FALSE);
	text->layout = pango_layout_new(text->context);
	pango_layout_set_wrap(text->layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_auto_dir(text->layout, FALSE);
	text->cache =
	    g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref,
				  (GDestroyNotify)print_para_unref);
	text->key = g_string_new(NULL);
	text->words = g_string_new(NULL);
	return text;
}

void print_text_free(struct print_text *text)
{
	if (!text)
		return;
	g_hash_table_unref(text->cache);
	g_object_unref(text->layout);
	g_object_unref(text->context);
	g_object_unref(text->map);
	g_string_free(text->key, TRUE);
	g_string_free(text->words, TRUE);
	g_free(text);
}

struct print_para *print_para_ref(struct print_para *para)
{
	para->refs++;
	return para;
}

void print_para_unref(struct print_para *para)
{
	if (!para || --para->refs > 0)
		return;
	g_array_unref(para->lines);
	g_array_unref(para->runs);
	g_array_unref(para->glyphs);
	g_free(para);
}

/* --- what Pango is given --- */

static void add_attribute(PangoAttrList *list, PangoAttribute *attribute, gsize from, gsize to)
{
	attribute->start_index = (guint)from;
	attribute->end_index = (guint)to;
	pango_attr_list_insert(list, attribute);
}

static void add_role(PangoAttrList *list, const struct print_text *text, enum print_role role,
		     double size, gsize from, gsize to)
{
	add_attribute(list, pango_attr_font_desc_new(print_fonts_description(text->fonts, role)),
		      from, to);
	add_attribute(list, pango_attr_size_new((int)(size * PANGO_SCALE)), from, to);
}

/* Chinese punctuation is half empty. Of two in a row one gives up its half (clreq, 3.1.6): one that
 * closes the half behind it, one that opens, behind another, the half before it. */
static gboolean closes(gunichar c)
{
	return c < 0x10000 && c > 0x2018 &&
	       g_utf8_strchr("，。、；：！？）》〉」』】〕”’", -1, c) != NULL;
}

static gboolean opens(gunichar c)
{
	return c < 0x10000 && c >= 0x2018 && g_utf8_strchr("（《〈「『【〔“‘", -1, c) != NULL;
}

static void squeeze(const struct print_text *text, PangoAttrList *list)
{
	gunichar before = 0;
	gsize at_before = 0;

	for (const char *p = text->words->str; *p; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		gsize at = (gsize)(p - text->words->str);
		gsize half = closes(before) && (closes(c) || opens(c)) ? at_before
			     : opens(before) && opens(c)               ? at
								       : G_MAXSIZE;

		if (half != G_MAXSIZE)
			add_attribute(
			    list, pango_attr_font_features_new("halt=1"), half,
			    (gsize)(g_utf8_next_char(text->words->str + half) - text->words->str));
		before = c;
		at_before = at;
	}
}

/* An address is not broken where it fits into a line of its own. */
static void add_link(const struct print_text *text, PangoAttrList *list,
		     const struct print_look *look, gsize from)
{
	double size = (double)look->size * LINK_SIZE;
	gsize to = text->words->len;

	add_role(list, text, PRINT_SONG, size, from, to);
	if ((double)(to - from) * size * LINK_EM < (double)look->width)
		add_attribute(list, pango_attr_allow_breaks_new(FALSE), from, to);
}

/* The words without marks, in text->words, and what the marks say. */
static PangoAttrList *take_marks(struct print_text *text, const struct print_look *look,
				 const char *words, gsize size)
{
	PangoAttrList *list = pango_attr_list_new();
	gsize from[8] = {0};
	char mark[8] = "";
	guint depth = 0;

	g_string_truncate(text->words, 0);
	for (gsize i = 0; i < size; i++) {
		char c = words[i];

		if ((c == PRINT_STRONG || c == PRINT_LINK) && depth < G_N_ELEMENTS(from)) {
			mark[depth] = c;
			from[depth++] = text->words->len;
		} else if (c == PRINT_END && depth > 0) {
			depth--;
			if (mark[depth] == PRINT_STRONG)
				add_role(list, text, PRINT_KAITI, look->size, from[depth],
					 text->words->len);
			else
				add_link(text, list, look, from[depth]);
		} else if (c == '\n') {
			g_string_append_unichar(text->words, SPACE_WORD);
		} else if ((guchar)c >= ' ' || c == '\t') {
			g_string_append_c(text->words, c == '\t' ? ' ' : c);
		}
	}
	if (look->spacing != 0)
		add_attribute(list,
			      pango_attr_letter_spacing_new((int)(look->spacing * PANGO_SCALE)), 0,
			      text->words->len);
	if (text->english) /* quotation marks of an em are for Chinese */
		add_attribute(list, pango_attr_font_features_new("pwid=1"), 0, text->words->len);
	else
		squeeze(text, list);
	if (!text->english) /* Latin is numbers and addresses here, to be read letter by letter */
		add_attribute(list, pango_attr_font_features_new("kern=0"), 0, text->words->len);
	return list;
}

/* --- what Pango made --- */

/* The role that was asked for at a byte: for the report alone. */
static enum print_role role_at(const struct print_text *text, const PangoItem *item,
			       enum print_role role)
{
	for (const GSList *l = item->analysis.extra_attrs; l; l = l->next) {
		const PangoAttribute *attribute = l->data;

		if (attribute->klass->type == PANGO_ATTR_FONT_DESC) {
			const PangoFontDescription *wanted =
			    ((const PangoAttrFontDesc *)attribute)->desc;

			for (guint i = 0; i < PRINT_ROLES; i++) {
				if (pango_font_description_equal(
					wanted, print_fonts_description(text->fonts, i)))
					return i;
			}
		}
	}
	return role;
}

static float font_size(PangoFont *font)
{
	PangoFontDescription *description = pango_font_describe(font);
	float size = (float)pango_font_description_get_size(description) / PANGO_SCALE;

	pango_font_description_free(description);
	return size;
}

/* Takes over one run of the line whose first is `first_run`; *x moves on. */
static void take_run(struct print_text *text, struct print_para *para, guint first_run,
		     const PangoGlyphItem *item, enum print_role role, double *x)
{
	const char *words = text->words->str + item->item->offset;
	PangoFont *font = item->item->analysis.font;
	guint face = print_fonts_face(text->fonts, font);
	struct print_run run = {.first = para->glyphs->len, .face = face, .size = font_size(font)};

	if (face == PRINT_FACES_MAX)
		return;
	role = role_at(text, item->item, role);
	for (int i = 0; i < item->glyphs->num_glyphs; i++) {
		const PangoGlyphInfo *info = &item->glyphs->glyphs[i];
		gunichar c = g_utf8_get_char(words + item->glyphs->log_clusters[i]);
		struct print_glyph glyph = {
		    .x = (float)(*x + (double)info->geometry.x_offset / PANGO_SCALE)};
		guint number = info->glyph;

		*x += (double)info->geometry.width / PANGO_SCALE;
		if (number == PANGO_GLYPH_EMPTY || c == SPACE_WORD)
			continue;
		if (number & PANGO_GLYPH_UNKNOWN_FLAG)
			number = print_fonts_missing(text->fonts, face, c);
		else
			print_fonts_note(text->fonts, face, number, c, role);
		glyph.glyph = (guint16)number;
		g_array_append_val(para->glyphs, glyph);
		run.count++;
	}
	if (run.count == 0)
		return;
	/* what Pango parted by script or feature is one run to us */
	if (para->runs->len > first_run) {
		struct print_run *before =
		    &g_array_index(para->runs, struct print_run, para->runs->len - 1);

		if (before->face == face && before->size == run.size) {
			before->count += run.count;
			return;
		}
	}
	g_array_append_val(para->runs, run);
}

/* Between Chinese characters, and beside them, a line can be stretched. */
static gboolean gives(gunichar c)
{
	return c == ' ' || g_unichar_iswide(c) || (c >= 0x2010 && c <= 0x2026);
}

/* Stretches a line that a character of the next did not fit into, so that both edges are straight.
 * `words` are the line's. FALSE when that would tear it apart: it is as it was. */
static gboolean stretch(struct print_para *para, const struct print_line *line, const char *words,
			gsize size, double lack)
{
	const char *end = words + size;
	guint gaps = 0;

	for (guint pass = 0; pass < 2; pass++) {
		double moved = 0;
		const char *p = words;

		for (guint r = 0; r < line->run_count; r++) {
			struct print_run *run =
			    &g_array_index(para->runs, struct print_run, line->first_run + r);

			for (guint i = 0; i < run->count && p < end; i++) {
				gunichar c = g_utf8_get_char(p);
				gboolean last = r + 1 == line->run_count && i + 1 == run->count;

				if (pass == 1)
					g_array_index(para->glyphs, struct print_glyph,
						      run->first + i)
					    .x += (float)moved;
				p = g_utf8_next_char(p);
				if (last || p >= end || !(gives(c) || gives(g_utf8_get_char(p))))
					continue;
				if (pass == 0)
					gaps++;
				else
					moved += lack / gaps;
			}
		}
		if (gaps == 0 || lack > gaps * GAP_MAX * (double)para->size)
			return FALSE;
	}
	return TRUE;
}

static void take_line(struct print_text *text, struct print_para *para, PangoLayoutLine *from,
		      const struct print_look *look, gboolean last)
{
	struct print_line line = {.first_run = para->runs->len, .last = last};
	const char *words = text->words->str + from->start_index;
	gsize size = (gsize)from->length;
	guint first = para->glyphs->len;
	double x = 0, lack;

	line.x = from->is_paragraph_start ? look->indent : 0;
	for (const GSList *l = from->runs; l; l = l->next)
		take_run(text, para, line.first_run, l->data, look->role, &x);
	line.run_count = para->runs->len - line.first_run;
	while (size > 0 && words[size - 1] == ' ')
		size--;
	line.width = (float)(x - look->spacing);
	lack = look->width - line.x - line.width;
	if (!last && look->justify && lack > 0 && lack < STRETCH * (double)look->size &&
	    para->glyphs->len - first >= (guint)g_utf8_strlen(words, (gssize)size) &&
	    stretch(para, &line, words, size, lack)) {
		line.width = look->width - line.x;
	}
	g_array_append_val(para->lines, line);
}

static struct print_para *set(struct print_text *text, const struct print_look *look,
			      const char *words, gsize size)
{
	struct print_para *para = g_new0(struct print_para, 1);
	PangoAttrList *attributes = take_marks(text, look, words, size);
	PangoFontDescription *description =
	    pango_font_description_copy(print_fonts_description(text->fonts, look->role));
	int count;

	para->refs = 1;
	para->size = look->size;
	para->lines = g_array_new(FALSE, FALSE, sizeof(struct print_line));
	para->runs = g_array_new(FALSE, FALSE, sizeof(struct print_run));
	para->glyphs = g_array_new(FALSE, FALSE, sizeof(struct print_glyph));
	pango_font_description_set_size(description, (int)(look->size * PANGO_SCALE));
	pango_layout_set_font_description(text->layout, description);
	pango_layout_set_width(text->layout,
			       look->width > 0 ? (int)(look->width * PANGO_SCALE) : -1);
	pango_layout_set_indent(text->layout, (int)(look->indent * PANGO_SCALE));
	pango_layout_set_text(text->layout, text->words->str, (int)text->words->len);
	pango_layout_set_attributes(text->layout, attributes);
	count = pango_layout_get_line_count(text->layout);
	for (int i = 0; i < count; i++) {
		PangoLayoutLine *line = pango_layout_get_line_readonly(text->layout, i);
		const char *end = text->words->str + line->start_index + line->length;

		/* a line end of the text's own stands behind its line */
		take_line(text, para, line, look,
			  i + 1 == count || g_utf8_get_char(end) == SPACE_WORD ||
			      (line->length >= 3 && g_utf8_get_char(end - 3) == SPACE_WORD));
	}
	pango_attr_list_unref(attributes);
	pango_font_description_free(description);
	return para;
}

/* --- the cache --- */

static gboolean is_stale(gpointer key, gpointer value, gpointer user)
{
	struct print_para *para = value;
	gboolean stale = !para->used;

	(void)key, (void)user;
	para->used = FALSE;
	return stale;
}

struct print_para *print_text_set(struct print_text *text, const struct print_look *look,
				  const char *words, gsize size)
{
	g_autoptr(GBytes) key = NULL;
	struct print_para *para;

	g_string_truncate(text->key, 0);
	g_string_append_len(text->key, (const char *)look, sizeof *look);
	g_string_append_len(text->key, words, (gssize)size);
	key = g_bytes_new_static(text->key->str, text->key->len);
	para = g_hash_table_lookup(text->cache, key);
	if (para) {
		para->used = TRUE;
		para->again = TRUE;
		return print_para_ref(para);
	}
	para = set(text, look, words, size);
	if (g_hash_table_size(text->cache) >= CACHE_MAX)
		g_hash_table_foreach_remove(text->cache, is_stale, NULL);
	g_hash_table_insert(text->cache, g_bytes_new(text->key->str, text->key->len),
			    print_para_ref(para));
	return para;
}

struct print_para *print_text_fit(struct print_text *text, const struct print_look *look,
				  float least, const char *words)
{
	struct print_look smaller = *look;

	for (;;) {
		struct print_para *para = print_text_set(text, &smaller, words, strlen(words));

		if (para->lines->len == 1 || smaller.size - FIT_STEP < least)
			return para;
		print_para_unref(para);
		smaller.size -= FIT_STEP;
	}
}
