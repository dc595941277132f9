#pragma once

/*
 * Inside of printing: text that has been set, pages made of it, and how they are drawn. Lengths are
 * pt, y goes down from the page's top; print.h's are mm. Used by templates/print_*.c only.
 */
#include "templates/letter_print.h"
#include "templates/print_font.h"

#define MM(mm) ((mm)*72 / 25.4)

/* --- text that has been set: print_text.c --- */

struct print_glyph {
	float x; /* from the line's begin */
	guint16 glyph;
};

struct print_run { /* glyphs of one face and size */
	guint first, count;
	guint face;
	float size;
};

struct print_line {
	float x, width; /* an indent is in x */
	guint first_run, run_count;
	gboolean last; /* of its paragraph, or a line end follows: not stretched */
};

struct print_para {
	guint refs;
	gboolean used;  /* since the cache was last swept */
	gboolean again; /* it was wanted more than once */
	guint form;     /* the object that shows it in the PDF, 0: none … */
	float form_pitch;
	guint form_colour; /* … as it was drawn there */
	float size;
	GArray *lines, *runs, *glyphs;
};

/* How a paragraph is set. Equal bytes are equal looks: clear before filling. */
struct print_look {
	enum print_role role;
	float size;    /* pt */
	float width;   /* of the column; 0: one line however long */
	float indent;  /* of the first line */
	float spacing; /* between characters, besides their width */
	gboolean justify;
};

struct print_text;
struct print_text *print_text_new(struct print_fonts *fonts, gboolean english);
void print_text_free(struct print_text *text);

/* Sets a paragraph, in which letter_print.h's inline marks may be; '\n' is a line end. What was set
 * lately is kept. Returns: (transfer full) print_para_unref() */
struct print_para *print_text_set(struct print_text *text, const struct print_look *look,
				  const char *words, gsize size);

/* The same in one line, made smaller where it is wider than look->width, down to `least` pt; then
 * it is set in lines. */
struct print_para *print_text_fit(struct print_text *text, const struct print_look *look,
				  float least, const char *words);

struct print_para *print_para_ref(struct print_para *para);
void print_para_unref(struct print_para *para);

/* --- pages: print_page.c, print_sheet.c, print_label.c make them, print_draw.c draws them --- */

enum print_colour { PRINT_BLACK, PRINT_GREY, PRINT_PALE, PRINT_RED };

enum print_item_kind { ITEM_LINE, ITEM_TURNED, ITEM_FILL, ITEM_FRAME };

struct print_item {
	enum print_item_kind kind;
	enum print_colour colour;
	float x, y;          /* a line: left end of the base line; else the upper left corner */
	float width, height; /* of a fill or frame; a frame's line is `stroke` wide, inside */
	float stroke;
	const struct print_para *para; /* of a line; ITEM_TURNED: reads upwards */
	guint line;
};

struct print_page {
	GArray *items;   /* of struct print_item */
	guint sheet;     /* 0: of a letter, else the page of the return sheet */
	gboolean shared; /* all but the code is the same for every letter */
};

struct print_pages {
	GPtrArray *pages; /* of struct print_page */
	GPtrArray *paras; /* that they refer to */
};

struct print_pages *print_pages_new(void);
void print_pages_free(struct print_pages *pages);
struct print_page *print_pages_add(struct print_pages *pages);

void print_page_fill(struct print_page *page, enum print_colour colour, double x, double y,
		     double width, double height);
void print_page_frame(struct print_page *page, enum print_colour colour, double x, double y,
		      double width, double height, double stroke);

/* Puts line `line` of `para` so that its em box stands in the middle of `pitch` below `y`. */
void print_page_line(struct print_page *page, const struct print_para *para, guint line, double x,
		     double y, double pitch, enum print_colour colour);

/* Puts all lines of `para` (transfer full) from `y` on; `align` 0 left, 0.5 middle, 1 right of
 * `width`. Returns the y below. */
double print_pages_para(struct print_pages *pages, struct print_page *page, struct print_para *para,
			double x, double y, double width, double pitch, double align,
			enum print_colour colour);

/* What all pages of a session share. */
struct print_set {
	struct print_fonts *fonts;
	struct print_text *text;
	const struct letter_view *view;
	char *office, *address, *phone;
	gboolean english, window;
	guint label_columns, label_rows;
	GString *stream; /* of the letter that is set now */
};

/* The letter's pages. NULL with PINGYI_ERROR_INPUT. Returns: (transfer full) */
struct print_pages *print_set_letter(struct print_set *set, const struct print_letter *letter,
				     GError **error);

/* The pages of the return sheet, without code and number. Returns: (transfer full) */
struct print_pages *print_set_sheet(struct print_set *set, const struct form *form,
				    const struct form_department *departments, gsize count,
				    const char *title);

/* A page of labels. Returns: (transfer full) */
struct print_pages *print_set_labels(struct print_set *set, const struct print_letter *letters,
				     guint count);

/* Postcode, address, enterprise and contact from (x, y) on, made smaller until they are no higher
 * than `height`. */
void print_set_address(struct print_set *set, struct print_pages *pages, struct print_page *page,
		       const struct print_letter *letter, double x, double y, double width,
		       double height, double size);

/* The number beside the code, and which page this is. */
void print_set_number(struct print_set *set, struct print_pages *pages, struct print_page *page,
		      const char *number, const char *note);

/* Paragraphs that many pages show are written once, as forms of the PDF. */
struct print_forms {
	struct pdf *pdf;
	guint resources; /* what the forms have */
	GArray *used;    /* of guint: objects; names are /P<object> */
};

/* The page as a content stream. `forms` may be NULL: everything is drawn in place. */
void print_draw(const struct print_page *page, struct print_fonts *fonts, struct print_ink *ink,
		struct print_forms *forms, GString *out);

/* --- the code: print_qr.c --- */

/* `text` as rows of bits, a set one is white, each row of whole bytes; `width_out`: modules.
 * Returns: (transfer full) */
GByteArray *print_qr(const char *text, guint *width_out);

typedef struct print_pages print_pages_handle;
typedef struct print_para print_para_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(print_pages_handle, print_pages_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(print_para_handle, print_para_unref)
