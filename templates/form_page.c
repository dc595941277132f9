#include "templates/form_page_in.h"

#include "templates/form_rows.h"

#include <math.h>
#include <string.h>

#define SPACE      0.12 /* of a line's height: more between two words, and a space is there … */
#define WIDE_SPACE 0.27 /* … where one of them is Chinese */

/* pt by which codes below one another may differ: a word processor rounds their places, a scanner's
 * words differ by more. */
#define CODE_OFF 0.3

#define LINE_WORDS_MAX  2000u /* words around one that are looked at: few lines have so many */
#define CODE_MAX        32    /* bytes */
#define CODE_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789"

int words_by_left(gconstpointer a, gconstpointer b)
{
	const struct form_word *one = *(const struct form_word *const *)a;
	const struct form_word *other = *(const struct form_word *const *)b;

	return by_number(one->left, other->left);
}

static int by_page(gconstpointer a, gconstpointer b)
{
	const struct form_word *one = *(const struct form_word *const *)a;
	const struct form_word *other = *(const struct form_word *const *)b;

	return one->page != other->page ? (one->page < other->page ? -1 : 1)
					: by_number(word_y(one), word_y(other));
}

/* --- words --- */

gboolean begins_latin(const char *text)
{
	return !g_unichar_iswide(g_utf8_get_char(text));
}

gboolean ends_latin(const char *text, gsize size)
{
	return begins_latin(g_utf8_prev_char(text + size));
}

/* Whether a space stands between two words: not where a line of Chinese and Latin letters only gets
 * some air between them. */
static gboolean is_apart(const struct form_word *before, const struct form_word *word)
{
	gboolean latin = ends_latin(before->text, strlen(before->text)) && begins_latin(word->text);
	double space = latin ? SPACE : WIDE_SPACE;

	return word->left - before->right > space * MIN(word_height(before), word_height(word)) ||
	       fabs(word_y(before) - word_y(word)) > word_height(word) / 2;
}

GString *page_item(struct page *page, double y, gboolean row, const struct line *line)
{
	struct item item = {y, g_string_new(NULL), row, line};

	g_array_append_val(page->items, item);
	return item.text;
}

static void item_clear(gpointer data)
{
	g_string_free(((struct item *)data)->text, TRUE);
}

static void line_free(gpointer data)
{
	struct line *line = data;

	g_ptr_array_unref(line->words);
	g_free(line);
}

void page_words(GString *out, const GPtrArray *words)
{
	for (guint i = 0; i < words->len; i++) {
		const struct form_word *word = words->pdata[i];

		if (i > 0 && is_apart(words->pdata[i - 1], word))
			g_string_append_c(out, ' ');
		g_string_append(out, word->text);
	}
}

/* --- codes --- */

/* Whether a word stands to the left of another one, in its line: of those from there on up or down.
 * More than any line has are not looked at. */
static gboolean has_left(struct page *page, guint at, gboolean down)
{
	const GPtrArray *words = page->words;
	const struct form_word *code = words->pdata[at];
	guint n = down ? words->len - 1 - at : at;

	/* they are sorted by their middles */
	for (guint off = 1; off <= MIN(n, LINE_WORDS_MAX); off++) {
		const struct form_word *word = words->pdata[down ? at + off : at - off];

		if (word_y(word) < code->top || word_y(word) > code->bottom)
			return FALSE;
		if (word->left < code->left)
			return TRUE;
	}
	if (n > LINE_WORDS_MAX)
		page->all->doubt |= FORM_MARKS | FORM_WORDS;
	return n > LINE_WORDS_MAX;
}

static gboolean has_left_neighbour(struct page *page, guint at)
{
	return has_left(page, at, FALSE) || has_left(page, at, TRUE);
}

/* The codes of one of the tables stand exactly below one another, in one size. */
static void check_aligned(struct pages *all, const struct form_word *code)
{
	struct code_place *place = &all->code_places[code->text[0] == 'd'];
	double height = word_height(code);

	if (!place->known) {
		*place = (struct code_place){TRUE, word_x(code), height};
		return;
	}
	if (fabs(word_x(code) - place->middle) > CODE_OFF)
		all->doubt |= FORM_MARKS | FORM_WORDS;
	/* a question's may have been put together of two lines */
	if (fabs(height - place->height) > CODE_OFF &&
	    (code->text[0] == 'd' || MAX(height, place->height) < 1.5 * MIN(height, place->height)))
		all->doubt |= FORM_MARKS | FORM_WORDS;
}

/* The tables come once, one after the other, and each row with its own code: where that is not so,
 * several forms came, or somebody wrote the code. */
static void check_order(struct pages *all, const char *code)
{
	static const char order[] = "dqc";
	const char *table = strchr(order, code[0]);

	if (table < order + all->table || !g_hash_table_add(all->codes, (void *)(guintptr)code))
		all->doubt |= FORM_MARKS | FORM_WORDS;
	all->table = MAX(all->table, (guint)(table - order));
}

/* The rest of a code that was broken in its narrow cell: it stands right below, in lines of that
 * height. */
static struct form_word *rest_of_code(const GPtrArray *words, guint at, double height)
{
	const struct form_word *code = words->pdata[at];

	for (guint i = at + 1; i < MIN(words->len, at + LINE_WORDS_MAX); i++) {
		struct form_word *word = words->pdata[i];

		if (word->top > code->bottom + height / 2)
			break;
		if (word_y(word) > code->bottom && fabs(word_x(word) - word_x(code)) <= ALIGNED &&
		    fabs(word_height(word) - height) <= ALIGNED &&
		    strspn(word->text, CODE_CHARACTERS) == strlen(word->text))
			return word;
	}
	return NULL;
}

/* Puts broken codes together; a long id has several lines. */
static void mend_codes(struct page *page)
{
	for (guint i = 0; i < page->words->len; i++) {
		struct form_word *code = page->words->pdata[i];
		double height = word_height(code);
		struct form_word *rest;

		if (!g_str_has_prefix(code->text, "q-") && !g_str_has_prefix(code->text, "c-"))
			continue;
		while (strlen(code->text) < CODE_MAX &&
		       (rest = rest_of_code(page->words, i, height))) {
			g_autofree char *whole = g_strconcat(code->text, rest->text, NULL);

			code->text = g_string_chunk_insert(page->all->texts, whole);
			code->bottom = rest->bottom;
			g_ptr_array_remove(page->words, rest);
		}
	}
}

/* Takes the codes out of the words. */
static void take_codes(struct page *page)
{
	struct pages *all = page->all;
	GPtrArray *others = g_ptr_array_new();

	mend_codes(page);
	for (guint i = 0; i < page->words->len; i++) {
		struct form_word *word = page->words->pdata[i];

		if (!form_row_is_code(word->text) || has_left_neighbour(page, i)) {
			g_ptr_array_add(others, word);
		} else if (all->rows + page->codes->len >= FORM_PAGE_ROWS_MAX) {
			all->doubt |= FORM_MARKS | FORM_WORDS;
			g_ptr_array_add(others, word);
		} else {
			g_ptr_array_add(page->codes, word);
			check_aligned(all, word);
			check_order(all, word->text);
		}
	}
	g_ptr_array_unref(page->words);
	page->words = others;
}

const struct form_word *page_code(const struct page *page, guint i, char kind)
{
	const struct form_word *code =
	    i < page->codes->len ? g_ptr_array_index(page->codes, i) : NULL;

	return code && code->text[0] == kind ? code : NULL;
}

const struct form_word *page_first_code(const struct page *page, char kind)
{
	for (guint i = 0; i < page->codes->len; i++)
		if (page_code(page, i, kind))
			return page_code(page, i, kind);
	return NULL;
}

/* --- pages --- */

/* Where the tables' text ends; without one on the page it ends where it did before. */
static void measure_right(struct page *page)
{
	struct pages *all = page->all;
	const struct form_word *department = page_first_code(page, 'd');
	const struct form_word *other = page_first_code(page, 'q');

	if (!other)
		other = page_first_code(page, 'c');
	if (department)
		all->right = word_x(department) + all->scale * (D_LEFT + TABLE_RIGHT);
	else if (other)
		all->right = word_x(other) + all->scale * (Q_LEFT + TABLE_RIGHT);
}

/* Takes `words`. */
static void read_page(struct pages *all, GPtrArray *words)
{
	struct page page = {.all = all, .words = words};

	page.codes = g_ptr_array_new();
	page.items = g_array_new(FALSE, FALSE, sizeof(struct item));
	g_array_set_clear_func(page.items, item_clear);
	page.lines = g_ptr_array_new_with_free_func(line_free);
	page_edges(&page);
	take_codes(&page);
	page_heading(&page);
	measure_right(&page);
	page_marks(&page);
	page_lines(&page);
	page_put(&page);
	all->rows += page.codes->len;
	g_ptr_array_unref(page.words);
	g_ptr_array_unref(page.codes);
	g_array_unref(page.items);
	g_ptr_array_unref(page.lines);
}

char *form_page_rows(struct form_word *words, gsize count, guint *doubt_out)
{
	struct pages all = {
	    .out = g_string_new(NULL), .texts = g_string_chunk_new(256), .scale = 1};
	g_autoptr(GPtrArray) sorted = g_ptr_array_new();

	if (count > FORM_PAGE_WORDS_MAX) {
		all.doubt = FORM_MARKS | FORM_WORDS;
		count = FORM_PAGE_WORDS_MAX;
	}
	for (gsize i = 0; i < count; i++)
		if (words[i].text[0] != '\0')
			g_ptr_array_add(sorted, &words[i]);
	g_ptr_array_sort(sorted, by_page);
	all.places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	all.codes = g_hash_table_new(g_str_hash, g_str_equal);
	page_count_edges(&all, sorted);
	for (guint i = 0; i < sorted->len;) {
		GPtrArray *page = g_ptr_array_new();
		guint number = ((const struct form_word *)sorted->pdata[i])->page;

		for (; i < sorted->len &&
		       ((const struct form_word *)sorted->pdata[i])->page == number;
		     i++)
			g_ptr_array_add(page, sorted->pdata[i]);
		read_page(&all, page);
	}
	/* drawn ones are no words: who marks nothing that can be read may have drawn */
	if (all.ratings && !all.marks)
		all.doubt |= FORM_MARKS;
	g_hash_table_unref(all.places);
	g_hash_table_unref(all.codes);
	g_string_chunk_free(all.texts);
	*doubt_out = all.doubt;
	return g_string_free(all.out, all.rows < FORM_ROWS_MIN);
}
