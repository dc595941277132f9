#pragma once

/*
 * The rows of a form that came back, whatever they were read from: a department's marks, an open
 * question, whether to name the enterprise. Within templates/ only; pure.
 */
#include "templates/form.h"

#define FORM_CELLS_MAX 64 /* cells of a row */

struct form_cell {
	int column; /* in the table's grid, from 0 */
	GString *text;
};

/* (transfer full) */
struct form_cell *form_cell_new(int column, const char *text, gsize size);
void form_cell_free(struct form_cell *cell);

/* What the walk over a form knows. */
struct form_scan {
	struct form_answers *answers;
	gboolean ratings_seen;
	gboolean questions_seen;
	char *question; /* whose answer the following rows are */
	GString *said;
	int marked_hidden, marked_named;
};

/* "d" and two to four digits; "q-" and the question's id. */
gboolean form_row_is_department(const char *text);
gboolean form_row_is_question(const char *text);

/* One of these, or "c-hidden", "c-named": what a row of the form begins with. */
gboolean form_row_is_code(const char *text);

/* How sure it is that a cell is marked: 0 not, 1 by a cross or circle (which may also mean "not
 * this one"), 2 by anything else that was written into it. */
int form_mark_of(const char *text);

/* Whether a sign that is a mark stands behind what is printed in a cell: it should stand in
 * another. */
gboolean form_ends_with_mark(const char *text);

/* Whether a cell lets the enterprise be named: only what nobody writes for "no". A cross may mean
 * that this is not the one, and words may say anything. */
gboolean form_consents(const char *text);

/* The rating of a row: the column with the only mark, or the only sure one among crosses. `cells`
 * are of struct form_cell, the first of them the code. A second row of a department that has a
 * rating, and a mark in the name's cell, make the marks doubtful. */
void form_row_rate(struct form_scan *scan, const char *department, GPtrArray *cells);

/* Begins an open question; what is said belongs to it until it ends. */
void form_scan_question(struct form_scan *scan, const char *id);

/* More of the answer; nothing where it is "". */
void form_scan_say(struct form_scan *scan, const char *text);
void form_scan_end_question(struct form_scan *scan);

/* Hidden where both are marked: nobody is named by mistake. */
void form_scan_disclose(struct form_scan *scan);
