#include "classifier/gram.h"

#include <string.h>

#define LETTER_BITS 21 /* of a character's number: three fit into 63 bits */

/* n-gram → number, by open addressing; what is known of each by its number. */
struct counter {
	guint32 *slots; /* number + 1, 0: free */
	guint mask;
	GArray *keys; /* guint64 */
	GArray *in;   /* guint32: texts */
	GArray *last; /* guint32: its newest entry + 1 */
	GArray *entries;
	guint text_start; /* the first entry of the text at hand */
};

static guint32 *slot_of(struct counter *c, guint64 key)
{
	guint at = (guint)((key * 0x9e3779b97f4a7c15u) >> 32) & c->mask;

	while (c->slots[at] && g_array_index(c->keys, guint64, c->slots[at] - 1) != key)
		at = (at + 1) & c->mask;
	return &c->slots[at];
}

static void grow(struct counter *c)
{
	c->mask = c->mask * 2 + 1;
	g_free(c->slots);
	c->slots = g_new0(guint32, (gsize)c->mask + 1);
	for (guint32 i = 0; i < c->keys->len; i++)
		*slot_of(c, g_array_index(c->keys, guint64, i)) = i + 1;
}

static guint32 number_of(struct counter *c, guint64 key)
{
	guint32 *slot = slot_of(c, key);
	guint32 none = 0;

	if (*slot)
		return *slot - 1;
	g_array_append_val(c->keys, key);
	g_array_append_val(c->in, none);
	g_array_append_val(c->last, none);
	*slot = c->keys->len;
	if (c->keys->len > c->mask / 2)
		grow(c);
	return c->keys->len - 1;
}

static void count(struct counter *c, guint64 key, guint times)
{
	guint32 gram = number_of(c, key);
	guint32 *last = &g_array_index(c->last, guint32, gram);

	if (*last > c->text_start) {
		g_array_index(c->entries, struct gram_entry, *last - 1).count += times;
	} else {
		struct gram_entry entry = {gram, times};

		g_array_append_val(c->entries, entry);
		*last = c->entries->len;
		g_array_index(c->in, guint32, gram)++;
	}
}

/* Returns how many characters were read, at most `room`. */
static guint count_text(struct counter *c, const char *text, guint room)
{
	gunichar letters[GRAM_LETTERS];
	guint run = 0;
	guint chars = 0;

	c->text_start = c->entries->len;
	for (const char *at = text; *at && chars < room; at = g_utf8_next_char(at), chars++) {
		gunichar letter = g_utf8_get_char(at);
		guint64 key = 0;

		if (!g_unichar_isalpha(letter)) {
			run = 0;
			continue;
		}
		memmove(letters + 1, letters, (GRAM_LETTERS - 1) * sizeof *letters);
		letters[0] = letter;
		run = MIN(run + 1, GRAM_LETTERS);
		for (guint i = 0; i < run; i++) {
			key |= (guint64)letters[i] << (LETTER_BITS * i);
			count(c, key, chars < GRAM_OPENING ? GRAM_OPENS : 1);
		}
	}
	return chars;
}

/* Keeps what stands in two texts at least, in the order in which it was met. */
static void keep_common(struct grams *grams, struct counter *c)
{
	g_autofree guint32 *renamed = g_new0(guint32, c->keys->len + 1); /* number + 1 */
	guint from = 0;
	guint to = 0;

	grams->keys = g_new(guint64, c->keys->len + 1);
	grams->in = g_new(guint32, c->keys->len + 1);
	for (guint i = 0; i < c->keys->len; i++) {
		guint32 in = g_array_index(c->in, guint32, i);

		if (in < 2)
			continue;
		grams->keys[grams->distinct] = g_array_index(c->keys, guint64, i);
		grams->in[grams->distinct] = in;
		renamed[i] = ++grams->distinct;
	}
	for (guint text = 0; text < grams->texts; text++) {
		guint end = grams->start[text + 1];

		grams->start[text] = to;
		for (; from < end; from++) {
			struct gram_entry entry =
			    g_array_index(c->entries, struct gram_entry, from);

			if (renamed[entry.gram] == 0)
				continue;
			entry.gram = renamed[entry.gram] - 1;
			g_array_index(c->entries, struct gram_entry, to++) = entry;
		}
	}
	grams->start[grams->texts] = to;
	g_array_set_size(c->entries, to);
	grams->entries = g_steal_pointer(&c->entries);
}

struct grams *grams_count(const char *const *texts, guint n)
{
	struct grams *grams = g_new0(struct grams, 1);
	struct counter c = {.mask = 0xffff};
	guint room = GRAM_CHARS_MAX;

	c.slots = g_new0(guint32, (gsize)c.mask + 1);
	c.keys = g_array_new(FALSE, FALSE, sizeof(guint64));
	c.in = g_array_new(FALSE, FALSE, sizeof(guint32));
	c.last = g_array_new(FALSE, FALSE, sizeof(guint32));
	c.entries = g_array_new(FALSE, FALSE, sizeof(struct gram_entry));
	grams->start = g_new0(guint, n + 1);
	for (; grams->texts < n && room > 0; grams->texts++) {
		room -= count_text(&c, texts[grams->texts], MIN(room, GRAM_TEXT_CHARS));
		grams->start[grams->texts + 1] = c.entries->len;
	}
	keep_common(grams, &c);
	g_free(c.slots);
	g_array_unref(c.keys);
	g_array_unref(c.in);
	g_array_unref(c.last);
	return grams;
}

void grams_free(struct grams *grams)
{
	if (!grams)
		return;
	g_free(grams->keys);
	g_free(grams->in);
	g_free(grams->start);
	g_array_unref(grams->entries);
	g_free(grams);
}

char *gram_text(guint64 key)
{
	GString *text = g_string_new(NULL);

	for (guint i = GRAM_LETTERS; i-- > 0;) {
		gunichar letter = (gunichar)(key >> (LETTER_BITS * i)) & ((1u << LETTER_BITS) - 1);

		if (letter)
			g_string_append_unichar(text, letter);
	}
	return g_string_free(text, FALSE);
}
