#pragma once

/*
 * The pages of a form while they are put back into rows (form_page.h). What is on every page is
 * taken off first (form_page_edges.c), then a page's codes are found (form_page.c), then the rows
 * of marks (form_page_marks.c), then the lines of what else stands there (form_page_lines.c).
 * Within templates/ only; pure.
 */
#include "templates/form_page.h"

/* The form's measures in points, from the middle of the column of codes (form_docx.c). */
#define D_LEFT      (-14.0) /* the table's left side, of the table of departments … */
#define Q_LEFT      (-24.0) /* … and of the others */
#define TABLE_RIGHT 478.9   /* how far its text goes, from the left side */

#define ALIGNED 1.0 /* pt by which middles and heights that are the same may differ */

/* Of a line's height: more between two lines, and they are not of one cell; and they stand apart.
 */
#define IN_CELL    0.3
#define CONTIGUOUS 0.6

/* Of a line's height, by which what is printed beside a code may be off its middle. */
#define BALANCED 0.35

/* A line of words that are not a row's. */
struct line {
	GPtrArray *words; /* of struct form_word, from left to right */
	double left, top, right, bottom;
	gboolean taken; /* it is part of a question's row */
};

/* A line of the result. */
struct item {
	double y;
	GString *text;
	gboolean row;
	const struct line *line; /* that it ends with; NULL: a row of marks */
};

/* Where the codes of one of the tables stand. */
struct code_place {
	gboolean known;
	double middle, height;
};

/* What is known of all pages, and what became of those that were read. */
struct pages {
	GString *out;
	GStringChunk *texts;              /* of codes that were put together */
	GHashTable *codes;                /* of const char *: those that were seen; borrowed */
	guint table;                      /* the kind of the last: 0 d, 1 q, 2 c */
	struct code_place code_places[2]; /* of questions and disclosure, of departments */
	guint count;                      /* of pages */
	gboolean begun;                   /* one was read */
	GHashTable *places; /* of words at the edges, and on how many pages they stand there */
	const char *number; /* the letter's; NULL: not seen yet */
	guint last_page;    /* of the line before; 0 behind a row of marks */
	double last_left, last_right, last_bottom, last_height;
	double columns[FORM_GRADES]; /* the middles of the grades' columns … */
	double grid_middle;          /* … beside codes with this one */
	gboolean grid;               /* they are known */
	double scale;
	double right; /* of the tables' text; 0: unknown */
	guint doubt;
	guint rows;
	gboolean ratings; /* there are some to be marked */
	gboolean marks;   /* … and one is */
};

/* The page that is read. */
struct page {
	struct pages *all;
	GPtrArray *words; /* of struct form_word, by their height: those that are not placed yet */
	GPtrArray *codes; /* of struct form_word, from top to bottom */
	GArray *items;    /* of struct item */
	GPtrArray *lines; /* of struct line, from top to bottom */
};

static inline double word_x(const struct form_word *word)
{
	return (word->left + word->right) / 2;
}

static inline double word_y(const struct form_word *word)
{
	return (word->top + word->bottom) / 2;
}

static inline double word_height(const struct form_word *word)
{
	return word->bottom - word->top;
}

static inline int by_number(double a, double b)
{
	return a < b ? -1 : a > b;
}

/* For g_ptr_array_sort(): words from left to right. */
int words_by_left(gconstpointer a, gconstpointer b);

/* The page's code `i`, where it is one of the kind d, q or c; else NULL. */
const struct form_word *page_code(const struct page *page, guint i, char kind);
const struct form_word *page_first_code(const struct page *page, char kind);

/* One more line of the result, at that height; `line` is what it ends with, NULL in a row of marks.
 * Returns: its text, to be written. */
GString *page_item(struct page *page, double y, gboolean row, const struct line *line);

/* Adds words of a line, with spaces where they stand apart. */
void page_words(GString *out, const GPtrArray *words);

/* Whether text begins, or ends, with no Chinese character: only such words are divided by spaces.
 */
gboolean begins_latin(const char *text);
gboolean ends_latin(const char *text, gsize size);

/* Counts what stands at the same place of every page's edge. `words` are those of all pages. */
void page_count_edges(struct pages *all, const GPtrArray *words);

/* Takes what stands on every page out of the words, as well as the page's number; of all that only
 * the letter number is said. */
void page_edges(struct page *page);

/* Learns from the heading which columns there are, and takes it out of the words. */
void page_heading(struct page *page);

/* Takes the rows of departments and of disclosure out of the words. */
void page_marks(struct page *page);

/* What is left of the words, as lines, some of them rows of open questions. */
void page_lines(struct page *page);

/* Writes all that was found of the page, from top to bottom. */
void page_put(struct page *page);
