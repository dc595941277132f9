#pragma once

/* A filled-in form as words on pages, placed as form_docx() places them. In points. */
#include "templates/form_page.h"
#include "tests/unit/form_file.h"

#define LETTER 78    /* whose number stands on sheet_put_form()'s pages */
#define ROW    17.25 /* the height of a row */
#define MIDDLE 71.0  /* of the departments' codes */
#define FIRST  205.3 /* top of the first department's words */

/* Words on pages, as they are typed; `scale` and `off` are what a printer does to them. */
struct sheet {
	GArray *words; /* of struct form_word */
	guint page;
	double scale, off;
};

void sheet_begin(struct sheet *sheet);

/* A word, its line's top at `top`; of that size, else of 10.5 points; around `middle` in a row
 * whose text has its top there. */
void sheet_put(struct sheet *sheet, double left, double top, const char *text);
void sheet_put_sized(struct sheet *sheet, double left, double top, const char *text, double size);
void sheet_put_middle(struct sheet *sheet, double middle, double top, const char *text,
		      double size);

/* The middle of a grade's column. */
double sheet_grade_middle(int grade);

/* Rows, or a mark in one. */
void sheet_put_heading(struct sheet *sheet, double top);
void sheet_put_department(struct sheet *sheet, double top, const char *code, const char *name);
void sheet_put_mark(struct sheet *sheet, double top, int grade, const char *mark);
void sheet_put_question(struct sheet *sheet, double top, const char *code, const char *question);
void sheet_put_disclosure(struct sheet *sheet, double top, const char *code, const char *words,
			  const char *mark);

/* The beginning of a form: d01, which is marked as good (4), and d02, which is not marked. */
void sheet_put_ratings(struct sheet *sheet);

/* A form with a rating of d02, an answer that fills more than a line, and a name that may be told.
 */
void sheet_put_form(struct sheet *sheet);

/* The form on the pages (transfer full), and what is doubtful of it; what was said to its question
 * `i`. */
struct form_answers *sheet_answers(const struct sheet *sheet, guint *doubt_out);
const char *sheet_said(const struct form_answers *answers, guint i);
