#include "base/matcher.h"

#include <string.h>

#define NONE G_MAXUINT32

/* A word that ends in a state; those that are suffixes follow by the state's `shorter`. */
struct output {
	guint32 word;
	guint32 length;
	guint32 next; /* another word of the same text, or NONE */
};

struct matcher_builder {
	GArray *words; /* struct pending */
};

struct pending {
	char *text;
	guint word;
};

struct matcher {
	guint8 class_of[256]; /* 0: a byte that no word has */
	guint classes;
	guint32 *step;    /* state × class → state */
	guint32 *first;   /* state → its first output, or NONE */
	guint32 *shorter; /* state → nearest suffix state with outputs, or 0 */
	GArray *outputs;
	guint states;
};

static void pending_clear(gpointer pending)
{
	g_free(((struct pending *)pending)->text);
}

struct matcher_builder *matcher_builder_new(void)
{
	struct matcher_builder *builder = g_new0(struct matcher_builder, 1);

	builder->words = g_array_new(FALSE, FALSE, sizeof(struct pending));
	g_array_set_clear_func(builder->words, pending_clear);
	return builder;
}

void matcher_add(struct matcher_builder *builder, const char *text, guint word)
{
	struct pending pending = {.text = g_strdup(text), .word = word};

	g_return_if_fail(*text);
	g_array_append_val(builder->words, pending);
}

static void number_classes(struct matcher *matcher, const GArray *words)
{
	matcher->classes = 1;
	for (guint i = 0; i < words->len; i++)
		for (const char *at = g_array_index(words, struct pending, i).text; *at; at++)
			if (matcher->class_of[(guint8)*at] == 0)
				matcher->class_of[(guint8)*at] = (guint8)matcher->classes++;
}

static guint32 *at_step(struct matcher *matcher, guint32 state, guint class)
{
	return &matcher->step[(gsize)state * matcher->classes + class];
}

/* The trie: a missing step is NONE until the links are made. */
static void add_words(struct matcher *matcher, const GArray *words)
{
	gsize room = 1;

	for (guint i = 0; i < words->len; i++)
		room += strlen(g_array_index(words, struct pending, i).text);
	matcher->step = g_new(guint32, room * matcher->classes);
	memset(matcher->step, 0xff, room * matcher->classes * sizeof *matcher->step);
	matcher->first = g_new(guint32, room);
	memset(matcher->first, 0xff, room * sizeof *matcher->first);
	matcher->states = 1;
	for (guint i = 0; i < words->len; i++) {
		const struct pending *pending = &g_array_index(words, struct pending, i);
		struct output output = {.word = pending->word,
					.length = (guint32)strlen(pending->text)};
		guint32 state = 0;

		for (const char *at = pending->text; *at; at++) {
			guint32 *to = at_step(matcher, state, matcher->class_of[(guint8)*at]);

			if (*to == NONE)
				*to = matcher->states++;
			state = *to;
		}
		output.next = matcher->first[state];
		matcher->first[state] = matcher->outputs->len;
		g_array_append_val(matcher->outputs, output);
	}
}

/* Breadth first: every missing step becomes that of the longest proper suffix. */
static void make_links(struct matcher *matcher)
{
	g_autofree guint32 *suffix = g_new0(guint32, matcher->states);
	g_autofree guint32 *queue = g_new(guint32, matcher->states);
	guint head = 0;
	guint tail = 0;

	matcher->shorter = g_new0(guint32, matcher->states);
	queue[tail++] = 0;
	while (head < tail) {
		guint32 state = queue[head++];

		for (guint class = 0; class < matcher->classes; class ++) {
			guint32 *to = at_step(matcher, state, class);
			guint32 other = state == 0 ? 0 : *at_step(matcher, suffix[state], class);

			if (*to == NONE) {
				*to = other;
				continue;
			}
			suffix[*to] = other;
			matcher->shorter[*to] =
			    matcher->first[other] != NONE ? other : matcher->shorter[other];
			queue[tail++] = *to;
		}
	}
}

struct matcher *matcher_build(struct matcher_builder *builder)
{
	struct matcher *matcher = g_new0(struct matcher, 1);

	matcher->outputs = g_array_new(FALSE, FALSE, sizeof(struct output));
	number_classes(matcher, builder->words);
	add_words(matcher, builder->words);
	make_links(matcher);
	g_array_unref(builder->words);
	g_free(builder);
	return matcher;
}

void matcher_free(struct matcher *matcher)
{
	if (!matcher)
		return;
	g_free(matcher->step);
	g_free(matcher->first);
	g_free(matcher->shorter);
	g_array_unref(matcher->outputs);
	g_free(matcher);
}

static void collect(const struct matcher *matcher, guint32 state, guint end, GArray *found)
{
	for (; state != 0; state = matcher->shorter[state])
		for (guint32 i = matcher->first[state]; i != NONE;) {
			const struct output *output =
			    &g_array_index(matcher->outputs, struct output, i);
			struct match match = {end - output->length, end, output->word};

			g_array_append_val(found, match);
			i = output->next;
		}
}

GArray *matcher_find(const struct matcher *matcher, const char *text, gsize size)
{
	GArray *found = g_array_new(FALSE, FALSE, sizeof(struct match));
	guint32 state = 0;

	for (gsize i = 0; i < size && i < G_MAXUINT32 - 1; i++) {
		guint class = matcher->class_of[(guint8)text[i]];

		state = matcher->step[(gsize)state * matcher->classes + class];
		if (matcher->first[state] != NONE || matcher->shorter[state] != 0)
			collect(matcher, state, (guint)i + 1, found);
	}
	return found;
}

static gint by_length(gconstpointer a, gconstpointer b)
{
	const struct match *one = a;
	const struct match *two = b;
	guint length_one = one->end - one->start;
	guint length_two = two->end - two->start;

	if (length_one != length_two)
		return length_one > length_two ? -1 : 1;
	if (one->start != two->start)
		return one->start < two->start ? -1 : 1;
	return one->word < two->word ? -1 : one->word > two->word;
}

static gint by_start(gconstpointer a, gconstpointer b)
{
	const struct match *one = a;
	const struct match *two = b;

	if (one->start != two->start)
		return one->start < two->start ? -1 : 1;
	return one->word < two->word ? -1 : one->word > two->word;
}

/* A bit for each byte that a kept match covers decides in one look. */
void match_keep_longest(GArray *matches)
{
	g_autofree guint8 *taken = NULL;
	guint end = 0;
	guint kept = 0;

	g_array_sort(matches, by_length);
	for (guint i = 0; i < matches->len; i++)
		end = MAX(end, g_array_index(matches, struct match, i).end);
	taken = g_malloc0(end + 1);
	for (guint i = 0; i < matches->len; i++) {
		struct match match = g_array_index(matches, struct match, i);
		const struct match *last =
		    kept ? &g_array_index(matches, struct match, kept - 1) : NULL;
		gboolean same = last && last->start == match.start && last->end == match.end;

		if (!same && (memchr(taken + match.start, 1, match.end - match.start)))
			continue;
		memset(taken + match.start, 1, match.end - match.start);
		g_array_index(matches, struct match, kept++) = match;
	}
	g_array_set_size(matches, kept);
	g_array_sort(matches, by_start);
}
