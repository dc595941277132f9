#include "templates/form_page_in.h"

#include "templates/form_rows.h"

#include <math.h>
#include <string.h>

/* Of the page's height: above and below may stand what is on every page, and its number. */
#define TOP    0.1
#define BOTTOM 0.06
#define NUMBER 0.1

static char *place_of(const struct form_word *word)
{
	return g_strdup_printf("%.0f %.0f %s", word->left, word->top, word->text);
}

static gboolean is_at_edge(const struct form_word *word)
{
	return word_y(word) < TOP * word->page_height ||
	       word_y(word) > (1 - BOTTOM) * word->page_height;
}

void page_count_edges(struct pages *all, const GPtrArray *words)
{
	guint page = 0;
	g_autoptr(GHashTable) seen = NULL;

	for (guint i = 0; i < words->len; i++) {
		const struct form_word *word = words->pdata[i];
		char *place;

		if (i == 0 || word->page != page) {
			g_clear_pointer(&seen, g_hash_table_unref);
			seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
			page = word->page;
			all->count++;
		}
		if (!is_at_edge(word))
			continue;
		place = place_of(word);
		if (!g_hash_table_contains(seen, place)) {
			guint n = GPOINTER_TO_UINT(g_hash_table_lookup(all->places, place));

			g_hash_table_insert(all->places, g_strdup(place), GUINT_TO_POINTER(n + 1));
		}
		g_hash_table_add(seen, place);
	}
}

/* The heights between which rows stand on the page. */
struct span {
	double top, bottom;
};

static struct span rows_of(const struct page *page)
{
	struct span rows = {INFINITY, -INFINITY};

	for (guint i = 0; i < page->words->len; i++) {
		const struct form_word *word = page->words->pdata[i];

		if (!form_row_is_code(word->text))
			continue;
		rows.top = MIN(rows.top, word->top);
		rows.bottom = MAX(rows.bottom, word->bottom);
	}
	return rows;
}

/* Whether the word stands at that place on every page: no row's mark does. */
static gboolean is_everywhere(const struct page *page, const struct form_word *word,
			      const struct span *rows)
{
	g_autofree char *place = NULL;

	if (page->all->count < 2 || !is_at_edge(word) ||
	    (word_y(word) >= rows->top && word_y(word) <= rows->bottom))
		return FALSE;
	place = place_of(word);
	return GPOINTER_TO_UINT(g_hash_table_lookup(page->all->places, place)) == page->all->count;
}

/* Whether the word is the page's number, alone below all others. */
static gboolean is_page_number(const struct page *page, const struct form_word *word)
{
	char number[16];
	guint n = page->words->len;

	g_snprintf(number, sizeof number, "%u", word->page);
	return word == page->words->pdata[n - 1] && g_str_equal(word->text, number) &&
	       word_y(word) > (1 - NUMBER) * word->page_height &&
	       (n == 1 ||
		((const struct form_word *)page->words->pdata[n - 2])->bottom < word_y(word));
}

/* Says a letter number above the rows. Where they differ, several forms came on the pages. */
static void say_number(struct pages *all, const char *number)
{
	if (all->number && !g_str_equal(all->number, number))
		all->doubt |= FORM_MARKS | FORM_WORDS;
	if (all->number || all->rows > 0)
		return;
	all->number = g_string_chunk_insert(all->texts, number);
	g_string_append_printf(all->out, "%s\n", number);
}

/* Says the letter number at the page's edges. Returns: the highest word with one, if it is at the
 * top, or NULL. */
static const struct form_word *say_numbers(const struct page *page)
{
	const struct form_word *first = NULL;

	for (guint i = 0; i < page->words->len; i++) {
		const struct form_word *word = page->words->pdata[i];
		g_autoptr(GPtrArray) numbers = NULL;

		if (!is_at_edge(word))
			continue;
		numbers = number_find_all(word->text, strlen(word->text));
		for (guint k = 0; k < numbers->len; k++)
			say_number(page->all, numbers->pdata[k]);
		if (!first && numbers->len && word_y(word) < TOP * word->page_height)
			first = word;
	}
	return first;
}

void page_edges(struct page *page)
{
	const struct form_word *number = say_numbers(page);
	const struct form_word *top = page->words->pdata[0];
	struct span rows = rows_of(page);
	GPtrArray *others = g_ptr_array_new();
	gboolean first = !page->all->begun;

	page->all->begun = TRUE;
	for (guint i = 0; i < page->words->len; i++) {
		struct form_word *word = page->words->pdata[i];
		gboolean beside =
		    number && fabs(word_y(word) - word_y(number)) <= word_height(number) / 2;

		if (is_page_number(page, word))
			continue;
		if (is_everywhere(page, word, &rows)) {
			page->all->doubt |= beside ? 0 : FORM_WORDS; /* who wrote that? */
			continue;
		}
		/* the first page's highest line, with the letter number, is our header's */
		if (beside && first && word_y(top) >= number->top)
			continue;
		if (beside)
			page->all->doubt |= FORM_WORDS;
		g_ptr_array_add(others, word);
	}
	g_ptr_array_unref(page->words);
	page->words = others;
}
