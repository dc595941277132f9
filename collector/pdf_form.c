#include "collector/pdf_form.h"

#include "collector/pdf.h"
#include "templates/form_page.h"

#include <math.h>
#include <string.h>

/* The columns of `pdftotext -tsv`. */
enum { LEVEL, PAGE, LEFT = 6, TOP, WIDTH, HEIGHT, TEXT = 11, COLUMNS };

#define PAGE_LEVEL "1"
#define WORD_LEVEL "5"

/* Sizes and places of pages; no number there is larger. */
#define POINTS_MAX 100000.0

static double points(const char *cell)
{
	double value = g_ascii_strtod(cell, NULL);

	return isfinite(value) ? CLAMP(value, -POINTS_MAX, POINTS_MAX) : 0;
}

/* Cuts a line at its tabs, in place. FALSE when it has fewer columns. */
static gboolean cut(char *line, char *cells[COLUMNS])
{
	for (guint i = 0; i < COLUMNS; i++) {
		cells[i] = line;
		line = i + 1 < COLUMNS ? strchr(line, '\t') : line;
		if (!line)
			return FALSE;
		if (i + 1 < COLUMNS)
			*line++ = '\0';
	}
	return TRUE;
}

static void add_line(GArray *words, char *cells[COLUMNS], double *page_height)
{
	struct form_word word;
	double left = points(cells[LEFT]), top = points(cells[TOP]);

	if (strcmp(cells[LEVEL], PAGE_LEVEL) == 0)
		*page_height = points(cells[HEIGHT]);
	if (strcmp(cells[LEVEL], WORD_LEVEL) != 0)
		return;
	word = (struct form_word){.page = (guint)g_ascii_strtoull(cells[PAGE], NULL, 10),
				  .page_height = *page_height,
				  .left = left,
				  .top = top,
				  .right = left + MAX(points(cells[WIDTH]), 0),
				  .bottom = top + MAX(points(cells[HEIGHT]), 0),
				  .text = g_strdelimit(cells[TEXT], "\t\r", ' ')};
	g_array_append_val(words, word);
}

char *pdf_form_place(char *places, guint *doubt_out)
{
	g_autoptr(GArray) words = g_array_new(FALSE, FALSE, sizeof(struct form_word));
	double page_height = 0;

	for (char *line = places; *line;) {
		char *end = line + strcspn(line, "\n");
		char *next = *end ? end + 1 : end;
		char *cells[COLUMNS];

		*end = '\0';
		if (cut(line, cells))
			add_line(words, cells, &page_height);
		line = next;
	}
	return form_page_rows((struct form_word *)(void *)words->data, words->len, doubt_out);
}

char *pdf_form_rows(GBytes *pdf, guint *doubt_out)
{
	g_autofree char *places = pdf_read(pdf, PDF_PLACES, NULL);

	*doubt_out = 0;
	return places ? pdf_form_place(places, doubt_out) : NULL;
}
