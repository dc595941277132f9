#include "base/matcher_filter.h"

#include <string.h>

#define BLOCK         4096 /* bytes of text before the places found in them are looked at */
#define WORTH         6    /* bytes of text for each place, or the automaton is as fast */
#define STEPS         8    /* steps for each byte, or the automaton is faster */
#define AHEAD         6    /* places whose pair is fetched before it is looked at */
#define SET_BITS      128  /* of the set for each word: a few of a hundred answers are wrong */
#define SET_MIN       15   /* log2 of its bits, at least … */
#define SET_MAX       20   /* … and at most: 128 KB stay near the processor */
#define SINGLE_LOG    16   /* log2 of the bits of the set of single characters */
#define FIRST_FACTOR  0x9e3779b1u
#define SECOND_FACTOR 0x85ebca77u

enum pair_is { PAIR_NO_WORD, PAIR_WORD, PAIR_WORDS };

/* The first two characters of words. */
struct pair {
	guint64 bytes;
	guint64 third; /* bit n: a word has more, and its third byte from here on ends with n */
	guint32 word;  /* with PAIR_WORD; with PAIR_WORDS their first output */
	guint32 tails; /* the first of those words that have more */
	guint32 alike; /* so many */
	guint8 length; /* of bytes; 0: an empty place */
	guint8 is;     /* enum pair_is */
};

/* What a word has behind its first two characters. */
struct tail {
	guint64 bytes; /* the first eight */
	const char *text;
	guint32 word;
	guint32 length;
};

struct filter {
	guint set_shift; /* 32 - log2 of the bits of `set` */
	guint32 *set;    /* hashed pairs */
	guint32 *single; /* hashed words of one character, or NULL */
	guint pair_shift;
	struct pair *pairs; /* open addressing by the same hash; seldom two side by side */
	GArray *tails;
};

/* A character's bytes as a number; a byte that is part of none stands alone. */
static guint character_at(const char *text, gsize left, guint32 *bytes_out)
{
	guint8 lead = (guint8)*text;
	guint length = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	guint32 bytes = lead;

	for (guint i = 1; i < length; i++) {
		if (i >= left || ((guint8)text[i] & 0xc0) != 0x80) {
			*bytes_out = lead;
			return 1;
		}
		bytes |= (guint32)(guint8)text[i] << (8 * i);
	}
	*bytes_out = bytes;
	return length;
}

static inline guint64 eight_bytes(const char *text, gsize left)
{
	guint64 bytes = 0;

	if (left >= 8)
		memcpy(&bytes, text, 8);
	else
		memcpy(&bytes, text, left);
	return GUINT64_FROM_LE(bytes);
}

/* Whether the first `length` (1 to 8) of them are those. */
static inline gboolean begins_with(guint64 bytes, guint64 those, guint length)
{
	return (bytes & (G_MAXUINT64 >> (64 - 8 * length))) == those;
}

static inline guint has_bit(const guint32 *set, guint32 bit)
{
	return set[bit >> 5] >> (bit & 31) & 1;
}

static void set_bit(guint32 *set, guint32 bit)
{
	set[bit >> 5] |= 1u << (bit & 31);
}

/* Where a pair stands or would stand. */
static inline struct pair *place_of(const struct filter *filter, guint32 hash, guint64 bytes)
{
	guint32 mask = (1u << (32 - filter->pair_shift)) - 1;
	guint32 at = hash >> filter->pair_shift;

	for (;; at = (at + 1) & mask) {
		struct pair *pair = &filter->pairs[at];

		if (!pair->length || begins_with(bytes, pair->bytes, pair->length))
			return pair;
	}
}

static void add_tail(struct filter *filter, struct pair *pair, const struct matcher_word *word)
{
	struct tail tail = {.text = word->text + pair->length, .word = word->number};

	tail.length = (guint32)strlen(tail.text);
	tail.bytes = eight_bytes(tail.text, tail.length);
	if (tail.length > 2)
		pair->third |= G_GUINT64_CONSTANT(1) << (tail.text[2] & 63);
	else
		pair->third = G_MAXUINT64;
	if (pair->alike == 0)
		pair->tails = filter->tails->len;
	pair->alike++;
	g_array_append_val(filter->tails, tail);
}

/* The outputs of what is a word itself; NONE where it is none. */
static guint32 outputs_of(const struct matcher *matcher, const char *text, guint length)
{
	guint32 state = 0;
	guint32 first = MATCHER_NONE;

	for (guint i = 0; i < length; i++)
		state = matcher_step(matcher, state, (guint8)text[i]);
	if (state >= matcher->quiet)
		first = matcher->first[state - matcher->quiet];
	/* else it only ends with a word */
	return first != MATCHER_NONE &&
		       g_array_index(matcher->outputs, struct output, first).length == length
		   ? first
		   : MATCHER_NONE;
}

static void add_word(const struct matcher *matcher, struct filter *filter,
		     const struct matcher_word *word)
{
	gsize size = strlen(word->text);
	guint32 first, second, hash;
	guint length = character_at(word->text, size, &first);
	struct pair *pair;

	if (length == size) {
		if (!filter->single)
			filter->single = g_new0(guint32, (1u << SINGLE_LOG) / 32);
		set_bit(filter->single, first * FIRST_FACTOR >> (32 - SINGLE_LOG));
		return;
	}
	length += character_at(word->text + length, size - length, &second);
	hash = first * FIRST_FACTOR + second * SECOND_FACTOR;
	set_bit(filter->set, hash >> filter->set_shift);
	pair = place_of(filter, hash, eight_bytes(word->text, length));
	pair->bytes = eight_bytes(word->text, length);
	pair->length = (guint8)length;
	if (length < size) {
		add_tail(filter, pair, word);
		return;
	}
	if (pair->is == PAIR_NO_WORD) {
		pair->is = PAIR_WORD;
		pair->word = word->number;
	} else {
		pair->is = PAIR_WORDS;
		pair->word = outputs_of(matcher, word->text, length);
	}
}

struct filter *filter_new(const struct matcher *matcher, const GArray *words)
{
	struct filter *filter = g_new0(struct filter, 1);
	guint bits = CLAMP(g_bit_storage((gulong)words->len * SET_BITS), SET_MIN, SET_MAX);
	guint pair_bits = MAX(bits - 4, g_bit_storage((gulong)words->len * 2)); /* never full */

	filter->set_shift = 32 - bits;
	filter->set = g_new0(guint32, (1u << bits) / 32);
	filter->pair_shift = 32 - pair_bits;
	filter->pairs = g_new0(struct pair, 1u << pair_bits);
	filter->tails = g_array_new(FALSE, FALSE, sizeof(struct tail));
	for (guint i = 0; i < words->len; i++)
		add_word(matcher, filter, &g_array_index(words, struct matcher_word, i));
	return filter;
}

void filter_free(struct filter *filter)
{
	if (!filter)
		return;
	g_free(filter->set);
	g_free(filter->single);
	g_free(filter->pairs);
	g_array_unref(filter->tails);
	g_free(filter);
}

/* A place where words may begin. */
struct place {
	guint32 at;
	guint32 hash; /* of the pair */
};

/* How far a text was looked at: a character is decided upon when the next one is seen. */
struct looked {
	guint32 at;
	guint32 before; /* where the character before begins */
	guint32 hash;   /* of it alone */
};

/* A place where words may begin is noted in any case, and kept by going on: no branch to be guessed
 * wrong. */
static inline __attribute__((always_inline)) guint note(const struct filter *filter,
							const guint32 *single,
							struct looked *looked, guint32 bytes,
							struct place *place)
{
	guint32 both = looked->hash + bytes * SECOND_FACTOR;
	guint keep = has_bit(filter->set, both >> filter->set_shift);

	if (single)
		keep |= has_bit(single, looked->hash >> (32 - SINGLE_LOG));
	*place = (struct place){looked->before, both};
	looked->hash = bytes * FIRST_FACTOR;
	looked->before = looked->at;
	return keep;
}

/* Places up to `end` and little more, into `places`. Returns how many. */
static inline __attribute__((always_inline)) guint
look(const struct filter *filter, const guint32 *single, const char *text, guint32 size,
     guint32 end, struct looked *looked_inout, struct place *places)
{
	const struct filter f = *filter;
	struct looked looked = *looked_inout;
	guint n = 0;

	while (looked.at < end) {
		const char *at = text + looked.at;
		guint64 bytes = eight_bytes(at, size - looked.at);

		/* characters of three bytes, as Chinese has them: two together, or one */
		if ((bytes & 0xc0c0f0c0c0f0) == 0x8080e08080e0) {
			n += note(&f, single, &looked, bytes & 0xffffff, &places[n]);
			looked.at += 3;
			n += note(&f, single, &looked, bytes >> 24 & 0xffffff, &places[n]);
			looked.at += 3;
		} else if ((bytes & 0xc0c0f0) == 0x8080e0) {
			n += note(&f, single, &looked, bytes & 0xffffff, &places[n]);
			looked.at += 3;
		} else {
			guint32 other;
			guint length = character_at(at, size - looked.at, &other);

			n += note(&f, single, &looked, other, &places[n]);
			looked.at += length;
		}
	}
	*looked_inout = looked;
	return n;
}

/* The words that are the one character at a place, where these bytes stand. */
static inline void take_single(const struct matcher *matcher, const char *text, guint32 size,
			       guint32 at, guint64 eight, struct sink *sink)
{
	guint32 bytes = eight & 0xffffff;
	guint length = 3;

	if ((eight & 0xc0c0f0) != 0x8080e0)
		length = character_at(text + at, size - at, &bytes);
	if (has_bit(matcher->filter->single, bytes * FIRST_FACTOR >> (32 - SINGLE_LOG)))
		sink_add(matcher, sink, outputs_of(matcher, text + at, length), at + length);
}

/* The longer words of a pair at a place. Returns how many were compared, and how long ones. */
static guint compare(const struct filter *filter, const char *text, guint32 size, guint32 place,
		     const struct pair *pair, struct sink *sink)
{
	guint32 at = place + pair->length;
	guint64 bytes = eight_bytes(text + at, size - at);
	guint steps = pair->alike;

	for (guint i = 0; i < pair->alike; i++) {
		const struct tail *tail =
		    &g_array_index(filter->tails, struct tail, pair->tails + i);

		if (tail->length > size - at ||
		    !begins_with(bytes, tail->bytes, MIN(tail->length, 8)))
			continue;
		if (tail->length > 8) {
			steps += tail->length;
			if (memcmp(text + at + 8, tail->text + 8, tail->length - 8) != 0)
				continue;
		}
		sink_put(sink, (struct match){place, at + tail->length, tail->word});
	}
	return steps;
}

/* The words that begin at a place. Returns how many steps it took. */
static inline guint take(const struct matcher *matcher, const char *text, guint32 size,
			 struct place place, struct sink *sink)
{
	const struct filter *filter = matcher->filter;
	guint64 eight = eight_bytes(text + place.at, size - place.at);
	const struct pair *pair = place_of(filter, place.hash, eight);
	guint32 end = place.at + pair->length;

	if (filter->single)
		take_single(matcher, text, size, place.at, eight, sink);
	if (!pair->length)
		return 1;
	/* noted in any case, as above */
	sink->match[sink->count] = (struct match){place.at, end, pair->word};
	sink->count += pair->is == PAIR_WORD;
	if (sink->count == SINK_MAX)
		sink_flush(sink);
	if (pair->is == PAIR_WORDS)
		sink_add(matcher, sink, pair->word, end);
	if (end + 2 < size && !(pair->third >> (text[end + 2] & 63) & 1))
		return 1;
	return compare(filter, text, size, place.at, pair, sink);
}

/* The words that begin at these places; FALSE where the automaton would have been faster. */
static gboolean take_all(const struct matcher *matcher, const char *text, guint32 size,
			 const struct place *places, guint count, struct sink *sink)
{
	const struct filter *filter = matcher->filter;
	gsize steps = 0;

	for (guint i = 0; i < count && steps <= BLOCK * STEPS; i++) {
		guint32 ahead = places[MIN(i + AHEAD, count - 1)].hash;

		__builtin_prefetch(&filter->pairs[ahead >> filter->pair_shift]);
		steps += take(matcher, text, size, places[i], sink);
	}
	sink_flush(sink);
	return steps <= BLOCK * STEPS;
}

guint32 filter_find(const struct matcher *matcher, const char *text, guint32 size, GArray *found)
{
	const struct filter *filter = matcher->filter;
	struct place places[BLOCK + 8];
	struct looked looked = {0, 0, 0};
	struct sink sink;

	sink.found = found;
	sink.count = 0;
	while (looked.at < size) {
		guint32 from = looked.before;
		guint32 end = MIN(looked.at + BLOCK, size);
		guint kept = found->len;
		guint n;

		if (filter->single)
			n = look(filter, filter->single, text, size, end, &looked, places);
		else
			n = look(filter, NULL, text, size, end, &looked, places);
		/* the last character has none behind it */
		if (looked.at >= size)
			places[n++] = (struct place){looked.before, looked.hash};
		if (n * WORTH > looked.at - from + WORTH ||
		    !take_all(matcher, text, size, places, n, &sink)) {
			g_array_set_size(found, kept);
			return from;
		}
	}
	return size;
}
