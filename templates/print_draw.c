#include "templates/print_inside.h"

#include <math.h>
#include <string.h>

#define HEIGHT      (MM(PRINT_PAGE_HEIGHT))
#define EM_TOP      0.88 /* of an ideographic em box above the base line */
#define OFF_MIN     0.05 /* pt that a glyph may be off its place */
#define FORM_GLYPHS 12   /* fewer are shorter in place */
#define FORM_LEVEL  9    /* of deflate */

/* --- pages --- */

static void page_free(struct print_page *page)
{
	g_array_unref(page->items);
	g_free(page);
}

struct print_pages *print_pages_new(void)
{
	struct print_pages *pages = g_new0(struct print_pages, 1);

	pages->pages = g_ptr_array_new_with_free_func((GDestroyNotify)page_free);
	pages->paras = g_ptr_array_new_with_free_func((GDestroyNotify)print_para_unref);
	return pages;
}

void print_pages_free(struct print_pages *pages)
{
	if (!pages)
		return;
	g_ptr_array_unref(pages->pages);
	g_ptr_array_unref(pages->paras);
	g_free(pages);
}

struct print_page *print_pages_add(struct print_pages *pages)
{
	struct print_page *page = g_new0(struct print_page, 1);

	page->items = g_array_new(FALSE, FALSE, sizeof(struct print_item));
	g_ptr_array_add(pages->pages, page);
	return page;
}

void print_page_fill(struct print_page *page, enum print_colour colour, double x, double y,
		     double width, double height)
{
	struct print_item item = {.kind = ITEM_FILL,
				  .colour = colour,
				  .x = (float)x,
				  .y = (float)y,
				  .width = (float)width,
				  .height = (float)height};

	g_array_append_val(page->items, item);
}

void print_page_frame(struct print_page *page, enum print_colour colour, double x, double y,
		      double width, double height, double stroke)
{
	struct print_item item = {.kind = ITEM_FRAME,
				  .colour = colour,
				  .x = (float)x,
				  .y = (float)y,
				  .width = (float)width,
				  .height = (float)height,
				  .stroke = (float)stroke};

	g_array_append_val(page->items, item);
}

void print_page_line(struct print_page *page, const struct print_para *para, guint line, double x,
		     double y, double pitch, enum print_colour colour)
{
	struct print_item item = {
	    .kind = ITEM_LINE,
	    .colour = colour,
	    .x = (float)x,
	    .y = (float)(y + (pitch - para->size) / 2 + EM_TOP * para->size),
	    .para = para,
	    .line = line,
	};

	g_array_append_val(page->items, item);
}

double print_pages_para(struct print_pages *pages, struct print_page *page, struct print_para *para,
			double x, double y, double width, double pitch, double align,
			enum print_colour colour)
{
	g_ptr_array_add(pages->paras, para);
	for (guint i = 0; i < para->lines->len; i++) {
		const struct print_line *line = &g_array_index(para->lines, struct print_line, i);
		double room = width - line->x - line->width;

		print_page_line(page, para, i, x + line->x + align * MAX(room, 0), y, pitch,
				colour);
		y += pitch;
	}
	return y;
}

/* --- drawing --- */

struct canvas {
	struct print_fonts *fonts;
	struct print_ink *ink;
	GString *out;
	int colour; /* now set; -1: none yet */
	guint font; /* likewise, in a text */
	double size;
	double spacing; /* Tc */
};

static void set_colour(struct canvas *canvas, enum print_colour colour)
{
	static const char *const colours[] = {
	    [PRINT_BLACK] = "0 g ",
	    [PRINT_GREY] = "0.4 g ",
	    [PRINT_PALE] = "0.72 g ",
	    [PRINT_RED] = "0.85 0.07 0.1 rg ",
	};

	if (canvas->colour != (int)colour)
		g_string_append(canvas->out, colours[colour]);
	canvas->colour = (int)colour;
}

static void put_code(GString *out, guint code)
{
	const guint8 bytes[] = {(guint8)(code >> 8), (guint8)code};

	for (guint i = 0; i < 2; i++) {
		if (bytes[i] == '(' || bytes[i] == ')' || bytes[i] == '\\')
			g_string_append_c(out, '\\');
		if (bytes[i] == '\r') /* it would be read as a line feed */
			g_string_append(out, "\\r");
		else
			g_string_append_c(out, (char)bytes[i]);
	}
}

/* How much farther the next glyph stands than this one's width: most often the same for a run. */
static double gap_after(const struct canvas *canvas, const struct print_run *run,
			const struct print_glyph *glyph)
{
	return (double)glyph[1].x - (double)glyph[0].x -
	       print_fonts_width(canvas->fonts, run->face, glyph[0].glyph) * (double)run->size /
		   1000;
}

static double usual_gap(const struct canvas *canvas, const struct print_run *run,
			const struct print_glyph *glyphs)
{
	double gaps[3] = {0};

	if (run->count < 2)
		return 0;
	gaps[0] = gap_after(canvas, run, glyphs);
	gaps[1] = gap_after(canvas, run, glyphs + (run->count - 1) / 2);
	gaps[2] = gap_after(canvas, run, glyphs + run->count - 2);
	return fabs(gaps[0] - gaps[2]) < 0.02 ? gaps[0] : gaps[1];
}

static void set_font(struct canvas *canvas, guint font, double size)
{
	if (canvas->font == font && canvas->size == size)
		return;
	g_string_append_printf(canvas->out, "/F%u ", font);
	pdf_number(canvas->out, size);
	g_string_append(canvas->out, "Tf ");
	canvas->font = font;
	canvas->size = size;
}

/* Shows a run from its begin, where the text position is; a glyph whose place is not that of the
 * usual gap is moved there. */
static void put_run(struct canvas *canvas, const struct print_run *run,
		    const struct print_glyph *glyphs)
{
	GString *out = canvas->out;
	double usual = usual_gap(canvas, run, glyphs);
	double at = (double)glyphs->x;
	gboolean open = FALSE;

	if (fabs(usual - canvas->spacing) > 0.004) {
		pdf_number(out, usual);
		g_string_append(out, "Tc ");
		canvas->spacing = round(usual * 100) / 100;
	}
	for (guint i = 0; i < run->count; i++) {
		guint font;
		guint code = print_ink_code(canvas->ink, run->face, glyphs[i].glyph, &font);

		if (font != canvas->font || (double)run->size != canvas->size) {
			if (open)
				g_string_append(out, ")]TJ");
			set_font(canvas, font, (double)run->size);
			open = FALSE;
		}
		if (!open)
			g_string_append(out, "[(");
		open = TRUE;
		put_code(out, code);
		/* where a reader of the PDF is now, and where the next glyph belongs */
		at += print_fonts_width(canvas->fonts, run->face, glyphs[i].glyph) *
			  (double)run->size / 1000 +
		      canvas->spacing;
		if (i + 1 == run->count || fabs((double)glyphs[i + 1].x - at) < OFF_MIN)
			continue;
		g_string_append_c(out, ')');
		pdf_number(out, (at - (double)glyphs[i + 1].x) * 1000 / (double)run->size);
		g_string_append_c(out, '(');
		at = (double)glyphs[i + 1].x;
	}
	g_string_append(out, ")]TJ\n");
}

static void draw_text(struct canvas *canvas, const struct print_item *item)
{
	const struct print_para *para = item->para;
	const struct print_line *line = &g_array_index(para->lines, struct print_line, item->line);
	gboolean turned = item->kind == ITEM_TURNED;

	set_colour(canvas, item->colour);
	g_string_append(canvas->out, "BT\n");
	canvas->font = G_MAXUINT;
	for (guint i = 0; i < line->run_count; i++) {
		const struct print_run *run =
		    &g_array_index(para->runs, struct print_run, line->first_run + i);
		const struct print_glyph *glyphs =
		    &g_array_index(para->glyphs, struct print_glyph, run->first);
		double x = (double)item->x + (turned ? 0 : (double)glyphs->x);
		double y = HEIGHT - (double)item->y + (turned ? (double)glyphs->x : 0);

		g_string_append(canvas->out, turned ? " 0 1 -1 0 " : " 1 0 0 1 ");
		pdf_number(canvas->out, x);
		pdf_number(canvas->out, y);
		g_string_append(canvas->out, "Tm ");
		put_run(canvas, run, glyphs);
	}
	g_string_append(canvas->out, "ET\n");
}

static void draw_rectangle(struct canvas *canvas, const struct print_item *item)
{
	double in = item->kind == ITEM_FRAME ? (double)item->stroke / 2 : 0;

	if (item->kind == ITEM_FRAME) {
		static const char *const colours[] = {[PRINT_BLACK] = "0 G ",
						      [PRINT_GREY] = "0.4 G ",
						      [PRINT_PALE] = "0.72 G ",
						      [PRINT_RED] = "0.85 0.07 0.1 RG "};

		g_string_append(canvas->out, colours[item->colour]);
		pdf_number(canvas->out, (double)item->stroke);
		g_string_append(canvas->out, "w ");
	} else {
		set_colour(canvas, item->colour);
	}
	pdf_number(canvas->out, (double)item->x + in);
	pdf_number(canvas->out, HEIGHT - (double)item->y - (double)item->height + in);
	pdf_number(canvas->out, (double)item->width - 2 * in);
	pdf_number(canvas->out, (double)item->height - 2 * in);
	g_string_append(canvas->out, item->kind == ITEM_FRAME ? "re S\n" : "re f\n");
}

/* --- paragraphs as forms --- */

/* How many items from `at` on are a whole paragraph that is worth a form; 0: none. */
static guint whole_para(const GArray *items, guint at)
{
	const struct print_item *first = &g_array_index(items, struct print_item, at);
	const struct print_para *para = first->para;

	if (first->kind != ITEM_LINE || first->line != 0 || !para->again ||
	    para->glyphs->len < FORM_GLYPHS || at + para->lines->len > items->len)
		return 0;
	for (guint i = 1; i < para->lines->len; i++) {
		const struct print_item *item = &g_array_index(items, struct print_item, at + i);

		if (item->kind != ITEM_LINE || item->para != para || item->line != i)
			return 0;
	}
	return para->lines->len;
}

/* The form of a paragraph whose first line stands at the origin, made when there is none yet. */
static guint form_of(struct canvas *canvas, struct print_forms *forms,
		     const struct print_item *items, guint count)
{
	struct print_para *para = (struct print_para *)(gsize)items[0].para;
	float pitch = count > 1 ? items[1].y - items[0].y : 0;
	struct canvas own = *canvas;
	g_autoptr(GString) out = NULL;
	g_autofree char *entries = NULL;

	if (para->form && fabsf(para->form_pitch - pitch) < 0.01f &&
	    para->form_colour == (guint)items[0].colour)
		return para->form;
	out = g_string_new("0 Tc ");
	own.out = out;
	own.colour = -1;
	own.spacing = 0;
	for (guint i = 0; i < count; i++) {
		struct print_item item = items[i];

		item.x -= items[0].x;
		item.y += (float)HEIGHT - items[0].y;
		draw_text(&own, &item);
	}
	entries =
	    g_strdup_printf("/Type/XObject/Subtype/Form/BBox[-600 -850 600 850]/Resources %u 0 R",
			    forms->resources);
	para->form = pdf_reserve(forms->pdf);
	para->form_pitch = pitch;
	para->form_colour = (guint)items[0].colour;
	pdf_stream(forms->pdf, para->form, entries, out->str, out->len, FORM_LEVEL);
	return para->form;
}

static void show_form(struct canvas *canvas, struct print_forms *forms,
		      const struct print_item *items, guint count)
{
	guint form = form_of(canvas, forms, items, count);
	gboolean known = FALSE;

	for (guint i = 0; i < forms->used->len && !known; i++)
		known = g_array_index(forms->used, guint, i) == form;
	if (!known)
		g_array_append_val(forms->used, form);
	g_string_append(canvas->out, "q 1 0 0 1 ");
	pdf_number(canvas->out, (double)items[0].x);
	pdf_number(canvas->out, HEIGHT - (double)items[0].y);
	g_string_append_printf(canvas->out, "cm/P%u Do Q\n", form);
}

void print_draw(const struct print_page *page, struct print_fonts *fonts, struct print_ink *ink,
		struct print_forms *forms, GString *out)
{
	struct canvas canvas = {.fonts = fonts, .ink = ink, .out = out, .colour = -1};

	for (guint i = 0; i < page->items->len; i++) {
		const struct print_item *item = &g_array_index(page->items, struct print_item, i);
		guint whole = forms ? whole_para(page->items, i) : 0;

		if (whole) {
			show_form(&canvas, forms, item, whole);
			i += whole - 1;
		} else if (item->kind == ITEM_LINE || item->kind == ITEM_TURNED) {
			draw_text(&canvas, item);
		} else {
			draw_rectangle(&canvas, item);
		}
	}
}
