#pragma once

/*
 * Where things are on a return sheet, in mm from the page's upper left corner. What is above the
 * ratings, and how high a question is, is fixed and not measured, so that the boxes stand at the
 * same places whatever the fonts are. Used by templates/print_boxes.c and print_sheet.c only.
 */
#include "templates/print.h"

#define SHEET_LEFT     15.0
#define SHEET_WIDTH    180.0
#define SHEET_FIRST_Y  49.0 /* where the questions begin on the first page … */
#define SHEET_NEXT_Y   33.0 /* … and on the others */
#define SHEET_BOTTOM   279.0
#define SHEET_QUESTION 7.0 /* height of a question's line */
#define SHEET_HINT     4.8
#define SHEET_HEAD     19.5 /* of a table: the grades stand upright in it */
#define SHEET_RULE     9.0  /* between the lines to write on */
#define SHEET_CHOICE   15.0 /* height of the disclosure, at the bottom of the last page */

struct print_table {
	guint *rows;                   /* departments: their places in the list */
	guint count, columns, fitting; /* rows of a column, on this page */
	double row, width;
	double boxes; /* x of the first box, from the column's left edge */
	double step;  /* from box to box */
};

/* The table of the departments that are rated; free `rows`. */
void print_table_init(struct print_table *table, const struct form *form,
		      const struct form_department *departments, gsize count);

/* How many of the `left` departments go into a column between `y` and the bottom, and how high each
 * is: at most `row`. */
void print_table_fit(struct print_table *table, guint left, double row, double y);

double print_column_x(const struct print_table *table, guint column);

/* Left edge of a grade's box in a column: best first, "do not know" last and apart. */
double print_box_x(const struct print_table *table, guint column, int grade);

/* Lines that a question takes, and its height with its hint. */
guint print_text_lines(const char *text);
double print_question_height(const struct form_question *question);

/* The height of rows: the usual one, or a lower one where then all goes on one page. */
double print_sheet_row(const struct form *form, const struct form_department *departments,
		       gsize count);
