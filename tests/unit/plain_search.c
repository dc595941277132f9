#include "tests/unit/plain_search.h"

#include <string.h>

static gint by_end(gconstpointer a, gconstpointer b)
{
	const struct match *one = a;
	const struct match *two = b;

	if (one->end != two->end)
		return one->end < two->end ? -1 : 1;
	if (one->start != two->start)
		return one->start < two->start ? -1 : 1;
	return one->word < two->word ? -1 : one->word > two->word;
}

GArray *plain_search(char *const *words, guint count, const char *text, gsize size)
{
	GArray *found = g_array_new(FALSE, FALSE, sizeof(struct match));

	for (guint i = 0; i < count; i++) {
		gsize length = strlen(words[i]);
		const char *at = text;

		while ((at = memmem(at, size - (gsize)(at - text), words[i], length))) {
			guint start = (guint)(at++ - text);
			struct match match = {start, start + (guint)length, i};

			g_array_append_val(found, match);
		}
	}
	g_array_sort(found, by_end);
	return found;
}

gboolean same_matches(const GArray *one, const GArray *two)
{
	return one->len == two->len &&
	       (one->len == 0 ||
		memcmp(one->data, two->data, one->len * sizeof(struct match)) == 0);
}
