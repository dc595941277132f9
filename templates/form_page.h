#pragma once

/*
 * Our fill-in form (form_docx()) on the pages of a document that only says where its words stand: a
 * PDF. Pure.
 */
#include "templates/form.h"

#define FORM_PAGE_WORDS_MAX 20000 /* words that are looked at */
#define FORM_PAGE_ROWS_MAX  1000  /* rows that are taken from them */

/* A word; in points, from the top left corner of its page. */
struct form_word {
	guint page;
	double page_height;
	double left, top, right, bottom;
	const char *text; /* UTF-8; borrowed */
};

/*
 * The words as the lines that form_text_read() reads: the rows of the form with all their cells,
 * and what stands around them, wrapped lines joined. What is at the edge of every page is left out
 * but for the letter number. `words` may come in any order; some of them are changed. What cannot
 * be placed surely is said in *doubt_out, of enum form_doubt: columns that were moved, rows that a
 * scanner saw, marks between two cells, the forms of two letters.
 *
 * Returns: (transfer full) NULL when the pages hold fewer than FORM_ROWS_MIN of the form's codes.
 */
char *form_page_rows(struct form_word *words, gsize count, guint *doubt_out);
