#include "base/matcher_parts.h"

#include "base/matcher_filter.h"

#include <stdlib.h>
#include <string.h>

#define LANES 4   /* places that are read in turn */
#define BLOCK 256 /* steps of each before what was hit is looked at */
#define ROOM  84  /* matches for which an array has room from the beginning: 1 KB */

/* A text or a part of one, and how far it was read. */
struct lane {
	const guint8 *text;
	guint32 at;
	guint32 end;
	guint32 skip; /* matches that end up to here are of the part before */
	guint32 state;
	GArray *found;
};

/* A state that ends a word, and the step that led to it. */
struct hit {
	guint32 state;
	guint32 step;
};

struct hits {
	struct hit hit[BLOCK + 1];
	guint count;
};

/*
 * So many steps of `count` lanes, in turn: while one waits for its next state the others go on. A
 * state that ends no word is noted too and written over by the next: no branch to be guessed wrong.
 */
static inline __attribute__((always_inline)) void run(const struct matcher *matcher,
						      struct lane **lanes, const guint count,
						      const gboolean narrow, guint steps,
						      struct hits *hits)
{
	const guint quiet = matcher->quiet;
	const gsize row = matcher->classes;
	const guint8 *text[LANES];
	guint32 state[LANES];
	struct hit *hit[LANES];

#pragma GCC unroll 4
	for (guint k = 0; k < count; k++) {
		text[k] = lanes[k]->text + lanes[k]->at;
		state[k] = lanes[k]->state;
		hit[k] = hits[k].hit;
	}
	for (guint i = 0; i < steps; i++) {
#pragma GCC unroll 4
		for (guint k = 0; k < count; k++) {
			gsize place = state[k] * row + matcher->class_of[text[k][i]];

			state[k] = narrow ? matcher->narrow[place] : matcher->wide[place];
			hit[k]->state = state[k];
			hit[k]->step = i;
			hit[k] += state[k] >= quiet;
		}
	}
#pragma GCC unroll 4
	for (guint k = 0; k < count; k++) {
		lanes[k]->state = state[k];
		hits[k].count = (guint)(hit[k] - hits[k].hit);
	}
}

static void take_hits(const struct matcher *matcher, struct lane *lane, const struct hits *hits,
		      guint steps)
{
	struct sink sink = {.found = lane->found};

	for (guint i = 0; i < hits->count; i++) {
		guint end = lane->at + hits->hit[i].step + 1;
		guint32 state = end > lane->skip ? hits->hit[i].state : 0;

		for (; state != 0; state = matcher->shorter[state - matcher->quiet])
			sink_add(matcher, &sink, matcher->first[state - matcher->quiet], end);
	}
	sink_flush(&sink);
	lane->at += steps;
}

static void run_block(const struct matcher *matcher, struct lane **lanes, guint count,
		      struct hits *hits)
{
	guint steps = BLOCK;

	for (guint k = 0; k < count; k++)
		steps = MIN(steps, lanes[k]->end - lanes[k]->at);
	if (count == LANES && matcher->narrow)
		run(matcher, lanes, LANES, TRUE, steps, hits);
	else if (count == LANES)
		run(matcher, lanes, LANES, FALSE, steps, hits);
	else
		for (guint k = 0; k < count; k++)
			run(matcher, lanes + k, 1, matcher->narrow != NULL, steps, hits + k);
	for (guint k = 0; k < count; k++)
		take_hits(matcher, lanes[k], &hits[k], steps);
}

/* Each that has been read to its end makes room for the next. */
static void run_all(const struct matcher *matcher, struct lane *lanes, guint count)
{
	struct hits hits[LANES];
	struct lane *busy[LANES];
	guint n = 0;
	guint next = 0;

	for (;;) {
		for (guint k = 0; k < n;)
			if (busy[k]->at == busy[k]->end)
				busy[k] = busy[--n];
			else
				k++;
		for (; n < LANES && next < count; next++)
			if (lanes[next].at < lanes[next].end)
				busy[n++] = &lanes[next];
		if (n == 0)
			return;
		run_block(matcher, busy, n, hits);
	}
}

static GArray *found_new(void)
{
	return g_array_sized_new(FALSE, FALSE, sizeof(struct match), ROOM);
}

static void append_matches(GArray *to, const GArray *from)
{
	guint room = MATCHER_FOUND_MAX - to->len;

	g_array_append_vals(to, from->data, MIN(room, from->len));
}

/* In parts that take equally long. Each begins so far before its own bytes that every word which
 * ends in them is seen whole. */
static void read_cut(const struct matcher *matcher, const struct lane *whole)
{
	const guint32 over = matcher->longest - 1;
	const guint32 steps = (whole->end - whole->at - over) / LANES + over;
	struct lane lanes[LANES];

	for (guint k = 0; k < LANES; k++) {
		lanes[k] = *whole;
		lanes[k].at = whole->at + k * (steps - over);
		if (k > 0) {
			lanes[k].skip = lanes[k].at + over;
			lanes[k].found = found_new();
		}
		if (k + 1 < LANES)
			lanes[k].end = lanes[k].at + steps;
	}
	run_all(matcher, lanes, LANES);
	for (guint k = 1; k < LANES; k++) {
		append_matches(whole->found, lanes[k].found);
		g_array_unref(lanes[k].found);
	}
}

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

/* By insertion, for most stand where they belong; where they do not, by a sort. */
static inline __attribute__((always_inline)) void
put_in_order(struct match *matches, guint count, gint (*order)(gconstpointer, gconstpointer))
{
	gsize moves = 0;

	for (guint i = 1; i < count; i++) {
		struct match match = matches[i];
		guint to = i;

		for (; to > 0 && order(&match, &matches[to - 1]) < 0; to--)
			matches[to] = matches[to - 1];
		matches[to] = match;
		moves += i - to;
		if (moves > (gsize)count * 8) {
			qsort(matches, count, sizeof *matches, order);
			return;
		}
	}
}

static struct match *matches_of(const GArray *found)
{
	return (struct match *)(void *)found->data;
}

/* What the filter leaves of a text, as a lane; its end where it leaves nothing. */
static struct lane begin(const struct matcher *matcher, const char *text, gsize size)
{
	struct lane lane = {.text = (const guint8 *)text,
			    .end = (guint32)MIN(size, G_MAXUINT32 - BLOCK),
			    .found = found_new()};

	if (matcher->filter)
		lane.at = filter_find(matcher, text, lane.end, lane.found);
	return lane;
}

GArray *matcher_find(const struct matcher *matcher, const char *text, gsize size)
{
	struct lane lane = begin(matcher, text, size);

	if ((lane.end - lane.at) / LANES > matcher->longest)
		read_cut(matcher, &lane);
	else
		run_all(matcher, &lane, 1);
	put_in_order(matches_of(lane.found), lane.found->len, by_end);
	return lane.found;
}

void matcher_find_many(const struct matcher *matcher, const struct matcher_text *texts, guint count,
		       GArray **found_out)
{
	g_autofree struct lane *lanes = g_new(struct lane, count);

	for (guint i = 0; i < count; i++) {
		lanes[i] = begin(matcher, texts[i].text, texts[i].size);
		found_out[i] = lanes[i].found;
	}
	run_all(matcher, lanes, count);
	for (guint i = 0; i < count; i++)
		put_in_order(matches_of(found_out[i]), found_out[i]->len, by_end);
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

/* Of matches that overlap in a row. Returns how many are kept, at the beginning. `taken`: a byte
 * for each of the text that a kept match covers, so that one look decides. */
static guint keep_longest_of(struct match *matches, guint count, guint8 *taken)
{
	guint kept = 0;

	put_in_order(matches, count, by_length);
	for (guint i = 0; i < count; i++) {
		struct match match = matches[i];
		gboolean same = kept && matches[kept - 1].start == match.start &&
				matches[kept - 1].end == match.end;

		if (!same && memchr(taken + match.start, 1, match.end - match.start))
			continue;
		memset(taken + match.start, 1, match.end - match.start);
		matches[kept++] = match;
	}
	put_in_order(matches, kept, by_start);
	return kept;
}

/* Most overlap with none: from behind, because they stand by end, each row of those that do is
 * decided by itself. */
void match_keep_longest(GArray *found)
{
	struct match *matches = matches_of(found);
	g_autofree guint8 *taken = NULL;
	guint start = G_MAXUINT; /* of the row */
	guint end = found->len;  /* behind the row */
	guint to = end;          /* where it is kept, before this place */

	for (guint i = found->len; i-- > 0;) {
		guint kept = end - i;

		start = MIN(start, matches[i].start);
		if (i > 0 && matches[i - 1].end > start)
			continue;
		if (kept > 1) {
			if (!taken)
				taken = g_malloc0(matches[found->len - 1].end);
			kept = keep_longest_of(matches + i, kept, taken);
		}
		to -= kept;
		memmove(matches + to, matches + i, kept * sizeof *matches);
		end = i;
		start = G_MAXUINT;
	}
	if (to > 0)
		g_array_remove_range(found, 0, to);
}
