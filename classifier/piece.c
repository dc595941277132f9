#include "classifier/piece.h"

#include "base/fold.h"

#include <math.h>

#define LEAST 0.1  /* added to every count, so that a piece that stands once does not say all */
#define TRUST 0.75 /* of a piece's log-odds, beside the weights of words */

struct voice {
	guint target;
	float weight;
};

struct pieces {
	GArray *voices; /* struct voice, those of a piece together */
	guint32 *keys;  /* two characters; 0: free. A hash table with open addressing … */
	guint32 *first; /* … the piece's first voice … */
	guint8 *many;   /* … and how many it has, at most 255 */
	guint mask;     /* places less 1 */
};

/* A piece in a word of a target; sorted, those of one piece and target stand together. */
struct count {
	guint32 key;
	guint32 target;
};

/* Small words and numbers, which stand in anybody's words: 给我们, 了三. */
static gboolean is_small(gunichar c)
{
	static const char *const small =
	    "的了我们你您他她它是在有不没给就都也还要把被让个这那和与及"
	    "一二三四五六七八九十两几多少次天月年去来到说过着得能很太"
	    "为对从向跟于以而且但可会想用上下里外前后又再只才等";

	return g_utf8_strchr(small, -1, c) != NULL;
}

static gboolean is_chinese(gunichar c)
{
	return c >= 0x3400 && c <= 0x9fff;
}

static guint32 key_of(gunichar one, gunichar two)
{
	return (guint32)one << 16 | (guint32)two;
}

static guint place_of(const struct pieces *pieces, guint32 key)
{
	guint place = key * 0x9e3779b1u >> 7 & pieces->mask;

	while (pieces->keys[place] && pieces->keys[place] != key)
		place = (place + 1) & pieces->mask;
	return place;
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

	for (guint i = 0; i < lexicon->terms->len; i++) {
		const struct term *term = &g_array_index(lexicon->terms, struct term, i);
		g_autofree char *word = NULL;
		gunichar last = 0;

		if (term->kind == TERM_NOT || term->repeated || (gint)term->target == silent)
			continue;
		word = fold_word(term->text);
		for (const char *at = word; *at; at = g_utf8_next_char(at)) {
			gunichar c = g_utf8_get_char(at);
			struct count count = {key_of(last, c), term->target};

			if (is_chinese(c) && is_chinese(last) && !is_small(c) && !is_small(last))
				g_array_append_val(counts, count);
			last = c;
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

/* The voices of the piece whose counts are [from, to). */
static void add_voices(struct pieces *pieces, const GArray *counts, guint from, guint to,
		       const double *of_target, double of_all, double kinds)
{
	guint place = place_of(pieces, g_array_index(counts, struct count, from).key);
	guint first = pieces->voices->len;
	double together = 0;

	for (guint i = from, n; i < to; i += n) {
		n = run_of(counts, i, TRUE);
		together += worth(n);
	}
	for (guint i = from, n; i < to; i += n) {
		guint target = g_array_index(counts, struct count, i).target;
		struct voice voice = {target, 0};
		double odds;

		n = run_of(counts, i, TRUE);
		odds = (worth(n) + LEAST) / (of_target[target] + LEAST * kinds) /
		       ((together + LEAST) / (of_all + LEAST * kinds));
		voice.weight = (float)(TRUST * log(odds));
		if (voice.weight > 0 && pieces->voices->len - first < G_MAXUINT8)
			g_array_append_val(pieces->voices, voice);
	}
	pieces->keys[place] = g_array_index(counts, struct count, from).key;
	pieces->first[place] = first;
	pieces->many[place] = (guint8)(pieces->voices->len - first);
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
	pieces->keys = g_new0(guint32, places);
	pieces->first = g_new0(guint32, places);
	pieces->many = g_new0(guint8, places);
	pieces->voices = g_array_new(FALSE, FALSE, sizeof(struct voice));
	for (guint i = 0, n; i < counts->len; i += n) {
		n = run_of(counts, i, FALSE);
		add_voices(pieces, counts, i, i + n, of_target, of_all, kinds);
	}
	return pieces;
}

void pieces_free(struct pieces *pieces)
{
	if (!pieces)
		return;
	g_array_unref(pieces->voices);
	g_free(pieces->keys);
	g_free(pieces->first);
	g_free(pieces->many);
	g_free(pieces);
}

void pieces_score(const struct pieces *pieces, const char *text, guint start, guint end,
		  const guint8 *silent, double *scores)
{
	gunichar last = 0;

	for (const char *at = text + start; at < text + end; at = g_utf8_next_char(at)) {
		gunichar c = silent[at - text] ? 0 : fold_character(g_utf8_get_char(at));
		guint place;

		if (c == ' ')
			continue;
		if (is_chinese(c) && is_chinese(last)) {
			place = place_of(pieces, key_of(last, c));
			for (guint i = 0; i < pieces->many[place]; i++) {
				const struct voice *voice = &g_array_index(
				    pieces->voices, struct voice, pieces->first[place] + i);

				scores[voice->target] += voice->weight;
			}
		}
		last = c;
	}
}

double pieces_voice(const struct pieces *pieces, const char *text, guint at, guint end,
		    const guint8 *silent, guint target, guint *end_out)
{
	const char *second = g_utf8_next_char(text + at);
	gunichar one = fold_character(g_utf8_get_char(text + at));
	gunichar two;
	guint place;

	if (second >= text + end || silent[at] || silent[second - text])
		return 0;
	two = fold_character(g_utf8_get_char(second));
	*end_out = (guint)(g_utf8_next_char(second) - text);
	if (!is_chinese(one) || !is_chinese(two))
		return 0;
	place = place_of(pieces, key_of(one, two));
	for (guint i = 0; i < pieces->many[place]; i++) {
		const struct voice *voice =
		    &g_array_index(pieces->voices, struct voice, pieces->first[place] + i);

		if (voice->target == target)
			return voice->weight;
	}
	return 0;
}
