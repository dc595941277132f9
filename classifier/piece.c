#include "classifier/piece.h"

#include "base/fold.h"

#include <math.h>

#define LEAST     0.1 /* added to every count, so that a piece that stands once does not say all */
#define VOTES_MAX 255
#define BLOCK     64 /* pieces of a sentence that are looked up together */

struct vote {
	guint target;
	float weight;
};

struct slot {
	guint32 key;      /* two characters; 0: free */
	guint first : 24; /* vote */
	guint many : 8;   /* votes, at most VOTES_MAX */
};

struct pieces {
	GArray *votes;      /* struct vote, those of a piece together */
	struct slot *slots; /* a hash table with open addressing */
	guint mask;         /* slots less 1 */
};

/* A piece in a word of a target; sorted, those of one piece and target stand together. */
struct count {
	guint32 key;
	guint32 target;
};

/* Small words and numbers, which stand in anybody's words: 给我们, 了三. */
static const char small_words[] = "的了我们你您他她它是在有不没给就都也还要把被让个这那和与及"
				  "一二三四五六七八九十两几多少次天月年去来到说过着得能很太"
				  "为对从向跟于以而且但可会想用上下里外前后又再只才等";

/* A bit a character below U+10000: it is a small word. */
static guint8 *mark_small(void)
{
	guint8 *marks = g_new0(guint8, 0x10000 / 8);

	for (const char *at = small_words; *at; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);

		marks[c / 8] |= (guint8)(1u << (c % 8));
	}
	return marks;
}

static gboolean is_chinese(gunichar c)
{
	return c >= 0x3400 && c <= 0x9fff;
}

static guint32 key_of(gunichar one, gunichar two)
{
	return (guint32)one << 16 | (guint32)two;
}

static inline guint place_of(const struct pieces *pieces, guint32 key)
{
	return key * 0x9e3779b1u >> 7 & pieces->mask;
}

static struct slot *slot_of(const struct pieces *pieces, guint32 key)
{
	guint place = place_of(pieces, key);

	while (pieces->slots[place].key && pieces->slots[place].key != key)
		place = (place + 1) & pieces->mask;
	return &pieces->slots[place];
}

static gint by_piece(gconstpointer a, gconstpointer b)
{
	const struct count *one = a;
	const struct count *two = b;

	if (one->key != two->key)
		return one->key < two->key ? -1 : 1;
	return one->target < two->target ? -1 : one->target > two->target;
}

static GArray *count_pieces(const struct lexicon *lexicon, gint silent)
{
	GArray *counts = g_array_new(FALSE, FALSE, sizeof(struct count));
	g_autofree guint8 *small = mark_small();

	for (guint i = 0; i < lexicon->terms->len; i++) {
		const struct term *term = &g_array_index(lexicon->terms, struct term, i);
		g_autofree char *word = NULL;
		gunichar last = 0;

		if (term->kind == TERM_NOT || term->repeated || (gint)term->target == silent)
			continue;
		word = fold_word(term->text);
		for (const char *at = word; *at; at = g_utf8_next_char(at)) {
			gunichar c = g_utf8_get_char(at);
			gboolean says = is_chinese(c) && !(small[c / 8] >> (c % 8) & 1);
			struct count count = {key_of(last, c), term->target};

			if (says && last)
				g_array_append_val(counts, count);
			last = says ? c : 0;
		}
	}
	g_array_sort(counts, by_piece);
	return counts;
}

/* How many from `at` on have the same piece and, with `and_target`, the same target. */
static guint run_of(const GArray *counts, guint at, gboolean and_target)
{
	const struct count *first = &g_array_index(counts, struct count, at);
	guint end = at + 1;

	for (; end < counts->len; end++) {
		const struct count *count = &g_array_index(counts, struct count, end);

		if (count->key != first->key || (and_target && count->target != first->target))
			break;
	}
	return end - at;
}

/* What a piece that stands `n` times in a target's words is worth: the hundredth time says less
 * than the second. */
static double worth(guint n)
{
	return log(1.0 + n);
}

/* Worth of all pieces of each target; and of all targets. Returns how many pieces there are. */
static guint sum_up(const GArray *counts, double *of_target, double *of_all)
{
	guint pieces = 0;
	guint32 last = 0;

	*of_all = 0;
	for (guint i = 0, n; i < counts->len; i += n) {
		const struct count *count = &g_array_index(counts, struct count, i);

		n = run_of(counts, i, TRUE);
		of_target[count->target] += worth(n);
		*of_all += worth(n);
		pieces += count->key != last;
		last = count->key;
	}
	return pieces;
}

/* The votes of the piece whose counts are [from, to). */
static void add_votes(struct pieces *pieces, const GArray *counts, guint from, guint to,
		      const double *of_target, double of_all, double kinds)
{
	struct slot *slot = slot_of(pieces, g_array_index(counts, struct count, from).key);
	guint first = pieces->votes->len;
	double together = 0;

	for (guint i = from, n; i < to; i += n) {
		n = run_of(counts, i, TRUE);
		together += worth(n);
	}
	for (guint i = from, n; i < to; i += n) {
		guint target = g_array_index(counts, struct count, i).target;
		struct vote vote = {target, 0};
		double odds;

		n = run_of(counts, i, TRUE);
		odds = (worth(n) + LEAST) / (of_target[target] + LEAST * kinds) /
		       ((together + LEAST) / (of_all + LEAST * kinds));
		vote.weight = (float)log(odds);
		if (vote.weight > 0 && pieces->votes->len - first < VOTES_MAX)
			g_array_append_val(pieces->votes, vote);
	}
	slot->key = g_array_index(counts, struct count, from).key;
	slot->first = first & 0xffffffu;
	slot->many = (guint8)(pieces->votes->len - first);
}

struct pieces *pieces_new(const struct lexicon *lexicon, gint silent)
{
	struct pieces *pieces = g_new0(struct pieces, 1);
	g_autoptr(GArray) counts = count_pieces(lexicon, silent);
	g_autofree double *of_target = g_new0(double, lexicon->targets->len + 1);
	double of_all;
	guint kinds = sum_up(counts, of_target, &of_all);
	guint places = 64;

	while (places < kinds * 3)
		places *= 2;
	pieces->mask = places - 1;
	pieces->slots = g_new0(struct slot, places);
	pieces->votes = g_array_new(FALSE, FALSE, sizeof(struct vote));
	for (guint i = 0, n; i < counts->len; i += n) {
		n = run_of(counts, i, FALSE);
		add_votes(pieces, counts, i, i + n, of_target, of_all, kinds);
	}
	return pieces;
}

void pieces_free(struct pieces *pieces)
{
	if (!pieces)
		return;
	g_array_unref(pieces->votes);
	g_free(pieces->slots);
	g_free(pieces);
}

/* The character at a place, folded; 0: it says nothing. */
static inline gunichar character_at(const char *at, guint8 silence)
{
	const guint8 *b = (const guint8 *)at;

	if (silence || b[0] < 0x80)
		return b[0] == ' ' ? ' ' : 0;
	if ((b[0] & 0xf0) != 0xe0)
		return fold_character(g_utf8_get_char(at));
	return fold_character((b[0] & 0xfu) << 12 | (b[1] & 0x3fu) << 6 | (b[2] & 0x3fu));
}

/* Keys of what may be pieces, some at a time: where each stands in the table is fetched while the
 * next are made, for the table is larger than what the processor keeps at hand. */
struct keys {
	const struct pieces *pieces;
	double *scores;
	guint count;
	guint32 keys[BLOCK];
};

static void score_keys(struct keys *keys)
{
	const struct vote *votes = (const struct vote *)(void *)keys->pieces->votes->data;
	struct slot found[BLOCK];

	for (guint i = 0; i < keys->count; i++) {
		found[i] = *slot_of(keys->pieces, keys->keys[i]);
		__builtin_prefetch(votes + found[i].first);
	}
	for (guint i = 0; i < keys->count; i++)
		for (guint k = 0; k < found[i].many; k++) {
			const struct vote *vote = &votes[found[i].first + k];

			keys->scores[vote->target] += (double)vote->weight;
		}
	keys->count = 0;
}

static inline void add_key(struct keys *keys, guint32 key)
{
	__builtin_prefetch(&keys->pieces->slots[place_of(keys->pieces, key)]);
	keys->keys[keys->count++] = key;
	if (keys->count == BLOCK)
		score_keys(keys);
}

void pieces_score(const struct pieces *pieces, const char *text, guint start, guint end,
		  const guint8 *silent, double *scores)
{
	struct keys keys;
	gunichar last = 0;

	if (pieces->votes->len == 0)
		return; /* a lexicon without a word of two characters */
	keys.pieces = pieces;
	keys.scores = scores;
	keys.count = 0;
	for (const char *at = text + start; at < text + end; at = g_utf8_next_char(at)) {
		gunichar c = character_at(at, silent[at - text]);

		if (c == ' ')
			continue;
		if (is_chinese(c) && is_chinese(last))
			add_key(&keys, key_of(last, c));
		last = c;
	}
	score_keys(&keys);
}

double pieces_voice(const struct pieces *pieces, const char *text, guint at, guint end,
		    const guint8 *silent, guint target, guint *end_out)
{
	const char *second = g_utf8_next_char(text + at);
	gunichar one = character_at(text + at, silent[at]);
	gunichar two = ' ';
	const struct slot *slot;

	for (; second < text + end && two == ' '; second = g_utf8_next_char(second))
		two = character_at(second, silent[second - text]);
	*end_out = (guint)(second - text);
	if (!is_chinese(one) || !is_chinese(two))
		return 0;
	slot = slot_of(pieces, key_of(one, two));
	for (guint i = 0; i < slot->many; i++) {
		const struct vote *vote =
		    &g_array_index(pieces->votes, struct vote, slot->first + i);

		if (vote->target == target)
			return (double)vote->weight;
	}
	return 0;
}
