#pragma once

/*
 * Letters on paper, as PDF: the third face of a letter's template on A4 as GB/T 9704-2012, 10.1
 * (信函格式) has it, the questionnaire as a return sheet, and labels. The letter is set by Pango,
 * its fonts are drawn by HarfBuzz, and the PDF is written by ourselves. Nothing of these libraries
 * is touched before print_new().
 *
 * Places, in mm from the upper left corner of the page; what a scanner may count on:
 *
 * - The QR code is a square of PRINT_CODE at (PRINT_CODE_X, PRINT_CODE_Y), without its quiet zone,
 * on every page. It says LINK#NUMBER on a letter's pages, and LINK#NUMBER.N on page N of the return
 *   sheet: a telephone opens the link, for which what follows "#" is of no account. Level M.
 * - A return sheet has four solid squares of PRINT_MARK, their outer corners PRINT_MARK_EDGE from
 * both edges of the page. The code's place tells which way up it is.
 * - Where the boxes are, print_sheet_boxes() tells; the places do not depend on fonts.
 * - With a window, the address stands in (PRINT_WINDOW_X … + PRINT_WINDOW_WIDTH, PRINT_WINDOW_Y … +
 *   PRINT_WINDOW_HEIGHT): folded in three (at 99 and 198 mm, where two short lines are) into an
 *   envelope DL of GB/T 1416 (220 × 110), however it slides in it, that is within a window of
 *   90 × 45, 20 from the left and 15 from the bottom, and the code is not.
 */
#include "templates/form.h"
#include "templates/view.h"

#define PRINT_PAGE_WIDTH    210.0
#define PRINT_PAGE_HEIGHT   297.0
#define PRINT_CODE          18.0
#define PRINT_CODE_X        166.0
#define PRINT_CODE_Y        8.0
#define PRINT_MARK          5.0
#define PRINT_MARK_EDGE     8.0
#define PRINT_BOX           4.0
#define PRINT_WINDOW_X      28.0
#define PRINT_WINDOW_Y      57.0
#define PRINT_WINDOW_WIDTH  72.0
#define PRINT_WINDOW_HEIGHT 26.0
#define PRINT_PITCH         28.95 /* pt; GB/T 9704 wants 22 lines on 225 mm */
#define PRINT_LINES         22
#define PRINT_PAGES_MAX     50 /* of one letter */
#define PRINT_LABELS_MAX    20 /* columns, rows */

enum print_role {
	PRINT_FANGSONG, /* the letter's text */
	PRINT_SONG,     /* page numbers, addresses, the return sheet */
	PRINT_HEITI,    /* headings */
	PRINT_KAITI,    /* headings of the second kind, <strong> and <em> */
	PRINT_BIAOSONG, /* the office's name and the title */
	PRINT_ROLES,    /* their count */
};

/* The settings of [print] that name the fonts, by role: "fangsong_font" … */
extern const char *const print_role_settings[PRINT_ROLES];
/* What is taken where a setting is empty, as fontconfig writes it: "Noto Serif CJK SC:bold". */
extern const char *const print_role_fonts[PRINT_ROLES];

/* How a session sets; all borrowed, until print_new() returns. */
struct print_style {
	const char *fonts[PRINT_ROLES]; /* NULL or "": the usual one */
	const char *office;
	const char *address; /* of the office, for the return sheet; or NULL, as the next */
	const char *phone;
	gboolean english;
	gboolean window;
	gboolean each;       /* a file a letter, in a folder */
	guint label_columns; /* labels instead of letters; 0: letters */
	guint label_rows;
};

/* One letter; all borrowed. */
struct print_letter {
	const char *const *values; /* LETTER_FIELDS strings; enterprise, contact, number, link … */
	const char *address;       /* of the enterprise; or NULL, as the next */
	const char *postcode;
	const char *file; /* where each has its file: the file's name in the folder */
};

/* What was printed. */
struct print_report {
	guint letters; /* or labels */
	guint pages;
	char **fonts;  /* families used, each once */
	char **lent;   /* "B: characters that A lacks", for each font that had to help out */
	char *missing; /* characters that no font has, each once; "" */
};

struct print;

/*
 * Begins a session that writes to `path`, a file or, with style->each, a folder that is made where
 * it is missing. `view` is the letter's (NULL for labels; borrowed until print_free()). Files are
 * for their owner alone: links stand in them.
 * PINGYI_ERROR_INPUT when a font is not installed or the path cannot be written.
 * Returns: (transfer full)
 */
struct print *print_new(const struct print_style *style, const struct letter_view *view,
			const char *path, GError **error);

/* Lets a return sheet follow each letter: on its back where the letter has one page. Before the
 * first letter; `departments` are those of the round, `title` is the round's. */
gboolean print_add_sheet(struct print *print, const struct form *form,
			 const struct form_department *departments, gsize count, const char *title,
			 GError **error);

/* Sets letters. In one file each begins on a sheet of its own, when printed on both sides. Several
 * at a time are faster where each has its file. PINGYI_ERROR_INPUT when a letter has more than
 * PRINT_PAGES_MAX pages. */
gboolean print_letters(struct print *print, const struct print_letter *letters, guint count,
		       GError **error);

/* Ends the session: only now is the one file in its place. */
gboolean print_end(struct print *print, GError **error);

/* What was printed until now. Owned by the session. */
const struct print_report *print_report(struct print *print);

/* The font files that the roles have got, "name\tfile" by role. Owned by the session. */
const char *const *print_font_files(struct print *print);

void print_free(struct print *print);

/* What a page's QR code says; `sheet_page` 0: a page of the letter. Returns: (transfer full) */
char *print_code(const char *link, const char *number, guint sheet_page);

/* A box to be ticked on the return sheet. */
struct print_box {
	guint page;   /* of the sheet, from 1 */
	double x, y;  /* upper left corner, mm; its side is PRINT_BOX */
	char code[8]; /* "d01"; "named" and "hidden" of the disclosure */
	int grade;    /* 5 … 1, 0 = 不了解; of the disclosure 1 and 0 */
};

/* Room for an open answer. */
struct print_room {
	guint page;
	double y, height; /* mm; as wide as the sheet's text: 15 … 195 */
	char *question;   /* its id; borrowed from the form */
};

/* Where things are on a return sheet: `boxes_out` (struct print_box), `rooms_out` (struct
 * print_room), both (transfer full). Returns its pages. */
guint print_sheet_boxes(const struct form *form, const struct form_department *departments,
			gsize count, GArray **boxes_out, GArray **rooms_out);

typedef struct print print_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(print_handle, print_free)
