#include "templates/print_inside.h"

#include <string.h>

#define LEAST    7.0 /* pt of an address */
#define STEP     0.5
#define PITCH    1.36  /* of the size */
#define PAD_X    MM(6) /* labels are cut and printed a little off */
#define PAD_Y    MM(4.5)
#define SIZE     11.0
#define NOTE     7.0f
#define NOTE_GAP MM(3.5)

/* What stands on an envelope, in the order that the post of the language wants. */
static guint address_lines(const struct print_set *set, const struct print_letter *letter,
			   char *lines[4])
{
	const char *contact = letter->values[LETTER_CONTACT];
	guint n = 0;

	if (set->english) {
		lines[n++] = g_strdup(letter->values[LETTER_ENTERPRISE]);
		if (contact && *contact)
			lines[n++] = g_strdup_printf("Attn %s", contact);
		if (letter->address && *letter->address)
			lines[n++] = g_strdup(letter->address);
		if (letter->postcode && *letter->postcode)
			lines[n++] = g_strdup(letter->postcode);
		return n;
	}
	if (letter->postcode && *letter->postcode)
		lines[n++] = g_strdup(letter->postcode);
	if (letter->address && *letter->address)
		lines[n++] = g_strdup(letter->address);
	lines[n++] = g_strdup(letter->values[LETTER_ENTERPRISE]);
	lines[n++] = g_strdup_printf("%s　收", contact && *contact ? contact : "负责人");
	return n;
}

void print_set_address(struct print_set *set, struct print_pages *pages, struct print_page *page,
		       const struct print_letter *letter, double x, double y, double width,
		       double height, double size)
{
	char *lines[4];
	guint count = address_lines(set, letter, lines);
	struct print_para *paras[4] = {NULL};
	struct print_look look;
	guint rows;

	memset(&look, 0, sizeof look);
	look.role = PRINT_SONG;
	look.width = (float)width;
	for (;;) {
		rows = 0;
		look.size = (float)size;
		for (guint i = 0; i < count; i++) {
			paras[i] = print_text_set(set->text, &look, lines[i], strlen(lines[i]));
			rows += paras[i]->lines->len;
		}
		if (rows * size * PITCH <= height || size - STEP < LEAST)
			break;
		for (guint i = 0; i < count; i++)
			print_para_unref(paras[i]);
		size -= STEP;
	}
	y += MAX(height - rows * size * PITCH, 0) / 2;
	for (guint i = 0; i < count; i++) {
		y = print_pages_para(pages, page, paras[i], x, y, width, size * PITCH, 0,
				     PRINT_BLACK);
		g_free(lines[i]);
	}
}

struct print_pages *print_set_labels(struct print_set *set, const struct print_letter *letters,
				     guint count)
{
	struct print_pages *pages = print_pages_new();
	struct print_page *page = print_pages_add(pages);
	double width = MM(PRINT_PAGE_WIDTH) / set->label_columns;
	double height = MM(PRINT_PAGE_HEIGHT) / set->label_rows;
	double pad = MIN(PAD_X, width / 8), pad_y = MIN(PAD_Y, height / 8);

	for (guint i = 0; i < count; i++) {
		guint column = i % set->label_columns, row = i / set->label_columns;
		double x = column * width, y = row * height;
		const char *number = letters[i].values[LETTER_NUMBER];
		struct print_look look;

		print_set_address(set, pages, page, &letters[i], x + pad, y + pad_y,
				  width - 2 * pad, height - 2 * pad_y - NOTE_GAP, SIZE);
		memset(&look, 0, sizeof look);
		look.role = PRINT_SONG;
		look.size = NOTE;
		print_pages_para(pages, page,
				 print_text_set(set->text, &look, number, strlen(number)), x + pad,
				 y + height - pad_y - (double)NOTE, width - 2 * pad, (double)NOTE,
				 1, PRINT_GREY);
	}
	return pages;
}
