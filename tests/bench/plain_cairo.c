/*
 * The peer of `pingyi print`: letters set as a straightforward program would, with Pango and Cairo
 * as their manuals show them. A layout a paragraph, a PDF surface a file, the QR code as one
 * rectangle a dark module; what costs time (the surface's font subsets) is Cairo's own.
 *
 *   plain_cairo LETTERS OUT     one PDF for all, OUT
 *   plain_cairo -e LETTERS OUT  a PDF a letter, in the folder OUT
 *
 * LETTERS is text, a line a paragraph, "kind TAB text": N number, L link, A a line of the address,
 * 1 title, o opening, p paragraph, m small, s signature; "-" ends a letter.
 */
#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <qrencode.h>
#include <stdio.h>
#include <string.h>

#define MM(mm) ((mm)*72 / 25.4)
#define LEFT   MM(28)
#define WIDTH  MM(156)
#define TOP    MM(37)
#define BOTTOM (MM(262) + 0.5)
#define PITCH  28.95

struct peer {
	cairo_surface_t *surface;
	cairo_t *cairo;
	PangoLayout *layout;
	const char *office;
	char number[64], link[512];
	double y;
	int page;
	gboolean small_before;
};

static void set_font(struct peer *peer, const char *font)
{
	PangoFontDescription *description = pango_font_description_from_string(font);

	pango_layout_set_font_description(peer->layout, description);
	pango_font_description_free(description);
}

static void text_at(struct peer *peer, const char *font, const char *text, double x, double y,
		    double width, PangoAlignment align)
{
	set_font(peer, font);
	pango_layout_set_width(peer->layout, (int)(width * PANGO_SCALE));
	pango_layout_set_indent(peer->layout, 0);
	pango_layout_set_alignment(peer->layout, align);
	pango_layout_set_text(peer->layout, text, -1);
	cairo_move_to(peer->cairo, x, y);
	pango_cairo_show_layout(peer->cairo, peer->layout);
	pango_layout_set_alignment(peer->layout, PANGO_ALIGN_LEFT);
}

static void draw_code(struct peer *peer)
{
	char text[600];
	QRcode *code;
	double step;

	snprintf(text, sizeof text, "%s#%s", peer->link, peer->number);
	code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	step = MM(18) / code->width;
	for (int y = 0; y < code->width; y++) {
		for (int x = 0; x < code->width; x++) {
			if (code->data[y * code->width + x] & 1)
				cairo_rectangle(peer->cairo, MM(166) + x * step, MM(8) + y * step,
						step, step);
		}
	}
	cairo_fill(peer->cairo);
	QRcode_free(code);
}

static void rules(struct peer *peer, double y, double first, double second)
{
	cairo_rectangle(peer->cairo, MM(20), y, MM(170), first);
	cairo_rectangle(peer->cairo, MM(20), y + first + 1.8, MM(170), second);
	cairo_fill(peer->cairo);
}

static void begin_page(struct peer *peer)
{
	char text[100];

	peer->page++;
	draw_code(peer);
	text_at(peer, "Noto Serif CJK SC 8", "扫码填写意见", MM(113), MM(23), MM(50),
		PANGO_ALIGN_RIGHT);
	if (peer->page > 1) {
		snprintf(text, sizeof text, "— %d —", peer->page);
		text_at(peer, "Noto Serif CJK SC 14", text, LEFT, MM(267), WIDTH - 14,
			PANGO_ALIGN_RIGHT);
		text_at(peer, "Noto Serif CJK SC 10", peer->number, MM(113), MM(18), MM(50),
			PANGO_ALIGN_RIGHT);
		peer->y = TOP;
		return;
	}
	cairo_set_source_rgb(peer->cairo, 0.85, 0.07, 0.1);
	text_at(peer, "Noto Serif CJK SC Bold 32", peer->office, MM(20), MM(27), MM(170),
		PANGO_ALIGN_CENTER);
	rules(peer, MM(45), 2.4, 0.8);
	rules(peer, MM(277), 0.8, 2.4);
	cairo_set_source_rgb(peer->cairo, 0, 0, 0);
	snprintf(text, sizeof text, "编号：%s", peer->number);
	text_at(peer, "Noto Serif CJK SC 16", text, LEFT, MM(51), WIDTH, PANGO_ALIGN_RIGHT);
	peer->y = MM(58);
}

/* A paragraph line by line, with page breaks. */
static void paragraph(struct peer *peer, const char *font, const char *text, double pitch,
		      double indent)
{
	PangoLayoutIter *iter;

	set_font(peer, font);
	pango_layout_set_width(peer->layout, (int)(WIDTH * PANGO_SCALE));
	pango_layout_set_indent(peer->layout, (int)(indent * PANGO_SCALE));
	pango_layout_set_text(peer->layout, text, -1);
	iter = pango_layout_get_iter(peer->layout);
	do {
		PangoRectangle place;

		if (peer->y + pitch > BOTTOM) {
			PangoLayout *own = pango_layout_copy(peer->layout);

			cairo_show_page(peer->cairo);
			begin_page(peer);
			g_object_unref(peer->layout);
			peer->layout = own;
		}
		pango_layout_iter_get_line_extents(iter, NULL, &place);
		cairo_move_to(peer->cairo, LEFT + (double)place.x / PANGO_SCALE,
			      peer->y + pitch * 0.7);
		pango_cairo_show_layout_line(peer->cairo,
					     pango_layout_iter_get_line_readonly(iter));
		peer->y += pitch;
	} while (pango_layout_iter_next_line(iter));
	pango_layout_iter_free(iter);
}

static void block(struct peer *peer, char kind, const char *text)
{
	if (kind == 'A') {
		text_at(peer, "Noto Serif CJK SC 12", text, LEFT, peer->y, MM(72),
			PANGO_ALIGN_LEFT);
		peer->y += 16.3;
	} else if (kind == '1') {
		text_at(peer, "Noto Serif CJK SC Bold 22", text, LEFT, MM(103), WIDTH,
			PANGO_ALIGN_CENTER);
		peer->y = MM(103) + 36 + PITCH;
	} else if (kind == 's') {
		paragraph(peer, "Noto Serif CJK SC 16", text, PITCH, WIDTH / 2);
	} else if (kind == 'm') {
		peer->y += peer->small_before ? 0 : 9;
		paragraph(peer, "Noto Serif CJK SC 12", text, PITCH * 2 / 3, 24);
	} else {
		paragraph(peer, "Noto Serif CJK SC 16", text, PITCH, kind == 'o' ? 0 : 32);
	}
	peer->small_before = kind == 'm';
}

static void open_surface(struct peer *peer, const char *path)
{
	peer->surface = cairo_pdf_surface_create(path, MM(210), MM(297));
	peer->cairo = cairo_create(peer->surface);
	peer->layout = pango_cairo_create_layout(peer->cairo);
}

static void close_surface(struct peer *peer)
{
	g_object_unref(peer->layout);
	cairo_destroy(peer->cairo);
	cairo_surface_finish(peer->surface);
	cairo_surface_destroy(peer->surface);
}

int main(int argc, char **argv)
{
	gboolean each = argc == 4 && strcmp(argv[1], "-e") == 0;
	struct peer peer = {.office = g_getenv("OFFICE")};
	FILE *file = argc >= 3 ? fopen(argv[argc - 2], "r") : NULL;
	char line[8192];

	if (!file || !peer.office) {
		fprintf(stderr, "usage: OFFICE=NAME plain_cairo [-e] LETTERS OUT\n");
		return 64;
	}
	if (!each)
		open_surface(&peer, argv[argc - 1]);
	while (fgets(line, sizeof line, file)) {
		char *text = line + 2;

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == 'N') {
			g_strlcpy(peer.number, text, sizeof peer.number);
			continue;
		}
		if (line[0] == 'L') {
			char path[1024];

			g_strlcpy(peer.link, text, sizeof peer.link);
			snprintf(path, sizeof path, "%s/%s.pdf", argv[argc - 1], peer.number);
			if (each)
				open_surface(&peer, path);
			peer.page = 0;
			peer.small_before = FALSE;
			begin_page(&peer);
		} else if (line[0] == '-') {
			cairo_show_page(peer.cairo);
			if (each)
				close_surface(&peer);
		} else {
			block(&peer, line[0], text);
		}
	}
	if (!each)
		close_surface(&peer);
	fclose(file);
	return 0;
}
