#pragma once

/* What building and finding share (base/matcher.h is the interface). */
#include "base/matcher.h"

#define MATCHER_NONE G_MAXUINT32

struct filter;

struct matcher_word {
	char *text;
	guint number;
};

/* A word that ends in a state. */
struct output {
	guint32 word;
	guint32 length;
	guint32 next; /* another word of the same text, or MATCHER_NONE */
};

/* States are numbered breadth first, those that end no word (quiet) before those that do. */
struct matcher {
	guint8 class_of[256]; /* 0: a byte that no word has */
	guint classes;
	guint states;
	guint quiet;     /* so many states, and the number of the first other one */
	guint longest;   /* bytes of the longest word, at least 1 */
	guint16 *narrow; /* state × class → state; one of these two */
	guint32 *wide;
	guint32 *first; /* of state - quiet: its first output, or NONE when only a suffix has one */
	guint32 *shorter; /* of state - quiet: the nearest suffix that ends a word, or 0 */
	GArray *outputs;
	GArray *words;         /* struct matcher_word, by text */
	struct filter *filter; /* or NULL */
};

static inline guint32 matcher_step(const struct matcher *matcher, guint32 state, guint8 byte)
{
	gsize place = (gsize)state * matcher->classes + matcher->class_of[byte];

	return matcher->narrow ? matcher->narrow[place] : matcher->wide[place];
}

/* Matches on their way to an array, with room for one that is not kept. */
#define SINK_MAX 64
struct sink {
	GArray *found;
	guint count;
	struct match match[SINK_MAX + 1];
};

static inline void sink_flush(struct sink *sink)
{
	guint room = MATCHER_FOUND_MAX - sink->found->len;

	g_array_append_vals(sink->found, sink->match, MIN(sink->count, room));
	sink->count = 0;
}

static inline void sink_put(struct sink *sink, struct match match)
{
	sink->match[sink->count++] = match;
	if (sink->count == SINK_MAX)
		sink_flush(sink);
}

/* The words of a list of outputs, which end at `end`. */
static inline void sink_add(const struct matcher *matcher, struct sink *sink, guint32 first,
			    guint end)
{
	for (guint32 i = first; i != MATCHER_NONE;) {
		const struct output *output = &g_array_index(matcher->outputs, struct output, i);

		sink_put(sink, (struct match){end - output->length, end, output->word});
		i = output->next;
	}
}
