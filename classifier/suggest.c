#include "classifier/suggest.h"

#include "base/matcher.h"

#include <math.h>
#include <string.h>

#define CHARS_MIN      2
#define CHARS_MAX      6
#define FOR_MIN        3   /* opinions of the department, at least */
#define SHARE_MIN      0.7 /* of all opinions with the word, at least this part is its department's */
#define Z_MIN          2.0 /* standard errors */
#define PIECE_SHARE    0.8 /* so often within the same longer run: a piece of that one */
#define SKETCH_BITS    22  /* counters of the first pass */
#define GRAMS_MAX      400000
#define CANDIDATES_MAX 20000
#define TEXT_CHARS_MAX 2000 /* of an opinion, the rest is not looked at */

struct example {
	gint64 opinion;
	gint64 enterprise;
	guint target;
	char *text; /* its runs of Chinese characters, a space between */
};

struct suggest {
	const struct lexicon *lexicon;
	GArray *examples; /* struct example */
};

/* A run of characters: in how many opinions of which target it stands. */
struct gram {
	guint last;     /* example + 1 that counted last: once an opinion */
	gboolean piece; /* of a longer run */
	guint counts[];
};

static void example_clear(gpointer data)
{
	g_free(((struct example *)data)->text);
}

struct suggest *suggest_new(const struct lexicon *lexicon)
{
	struct suggest *suggest = g_new0(struct suggest, 1);

	suggest->lexicon = lexicon;
	suggest->examples = g_array_new(FALSE, FALSE, sizeof(struct example));
	g_array_set_clear_func(suggest->examples, example_clear);
	return suggest;
}

void suggest_free(struct suggest *suggest)
{
	if (!suggest)
		return;
	g_array_unref(suggest->examples);
	g_free(suggest);
}

char *suggest_without_names(const char *text, const char *const *names, const char *stand_in)
{
	g_autoptr(GString) out = g_string_new(text);

	for (; *names; names++)
		if (g_utf8_strlen(*names, -1) >= CHARS_MIN)
			g_string_replace(out, *names, stand_in, 0);
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static gboolean is_han(gunichar c)
{
	return g_unichar_get_script(c) == G_UNICODE_SCRIPT_HAN && g_unichar_isalpha(c);
}

/* Only runs of Chinese characters; anything else parts them. */
static char *runs_of(const char *text)
{
	GString *runs = g_string_new("");
	guint n = 0;

	for (const char *at = text; *at && n < TEXT_CHARS_MAX; at = g_utf8_next_char(at), n++) {
		gunichar c = g_utf8_get_char(at);

		if (is_han(c))
			g_string_append_unichar(runs, c);
		else if (runs->len && runs->str[runs->len - 1] != ' ')
			g_string_append_c(runs, ' ');
	}
	return g_string_free(runs, FALSE);
}

void suggest_add(struct suggest *suggest, gint64 opinion, gint64 enterprise, const char *code,
		 const char *text, const char *const *names)
{
	const struct target *target = lexicon_target(suggest->lexicon, code);
	g_autofree char *without = NULL;
	struct example example = {.opinion = opinion, .enterprise = enterprise};

	if (!target || suggest->examples->len >= SUGGEST_TEXTS_MAX)
		return;
	without = suggest_without_names(text, names, " ");
	example.target =
	    (guint)(target - &g_array_index(suggest->lexicon->targets, struct target, 0));
	example.text = runs_of(without);
	g_array_append_val(suggest->examples, example);
}

/* Called for each run of CHARS_MIN to CHARS_MAX characters, and of one more; the same may come
 * again. */
typedef void gram_function(void *user, guint example, const char *gram, gsize size);

static void each_gram(const struct suggest *suggest, gram_function *function, void *user)
{
	for (guint i = 0; i < suggest->examples->len; i++) {
		const char *text = g_array_index(suggest->examples, struct example, i).text;

		for (const char *from = text; *from; from = g_utf8_next_char(from)) {
			const char *to = from;

			for (guint n = 1; n <= CHARS_MAX + 1 && *to && *to != ' '; n++) {
				to = g_utf8_next_char(to);
				if (n >= CHARS_MIN)
					function(user, i, from, (gsize)(to - from));
			}
		}
	}
}

static guint hash_of(const char *gram, gsize size)
{
	guint32 hash = 2166136261u;

	for (gsize i = 0; i < size; i++)
		hash = (hash ^ (guint8)gram[i]) * 16777619u;
	return (hash ^ (hash >> SKETCH_BITS)) & ((1u << SKETCH_BITS) - 1);
}

/* First pass: a counter for many runs together, so that the second keeps few. */
static void count_roughly(void *user, guint example, const char *gram, gsize size)
{
	guint8 *counter = (guint8 *)user + hash_of(gram, size);

	(void)example;
	*counter = (guint8)(*counter + (*counter < G_MAXUINT8));
}

struct counting {
	const struct suggest *suggest;
	const guint8 *sketch;
	GHashTable *grams; /* text → struct gram */
};

static void count(void *user, guint example, const char *gram, gsize size)
{
	const struct counting *counting = user;
	const struct lexicon *lexicon = counting->suggest->lexicon;
	char key[(CHARS_MAX + 1) * 6 + 1];
	struct gram *known;

	if (counting->sketch[hash_of(gram, size)] < FOR_MIN)
		return;
	memcpy(key, gram, size);
	key[size] = '\0';
	known = g_hash_table_lookup(counting->grams, key);
	if (!known && g_hash_table_size(counting->grams) < GRAMS_MAX) {
		known = g_malloc0(sizeof(struct gram) + lexicon->targets->len * sizeof(guint));
		g_hash_table_insert(counting->grams, g_strdup(key), known);
	}
	if (!known || known->last == example + 1)
		return;
	known->last = example + 1;
	known->counts[g_array_index(counting->suggest->examples, struct example, example).target]++;
}

/* 的, 了 … bind to what stands beside: no word begins or ends with them. */
static gboolean has_edges(const char *gram)
{
	static const char *const small =
	    "的了和与在被把向对由从给是有我您你他它们该本贵这那都也就还又很太更最不没未已等及或而但"
	    "因为所以"
	    "着过地得个们去来到上下里中时后前每各某将会能可要请让使之其一";
	const char *end = gram + strlen(gram);

	return g_utf8_strchr(small, -1, g_utf8_get_char(gram)) == NULL &&
	       g_utf8_strchr(small, -1, g_utf8_get_char(g_utf8_prev_char(end))) == NULL;
}

/* With n of `of` opinions here and m of `against_of` elsewhere. */
static void weigh(struct suggestion *one, guint of, guint against_of)
{
	double n = one->for_it + 0.5;
	double not_n = of - one->for_it + 0.5;
	double m = one->against + 0.5;
	double not_m = against_of - one->against + 0.5;

	one->log_odds = log(n / not_n) - log(m / not_m);
	one->z = one->log_odds / sqrt(1 / n + 1 / not_n + 1 / m + 1 / not_m);
}

static void suggestion_free(gpointer data)
{
	struct suggestion *one = data;

	g_free(one->word);
	g_free(one);
}

static gint by_z(gconstpointer a, gconstpointer b)
{
	const struct suggestion *one = *(struct suggestion *const *)a;
	const struct suggestion *two = *(struct suggestion *const *)b;

	if (one->z != two->z)
		return one->z > two->z ? -1 : 1;
	return strcmp(one->word, two->word);
}

/* 育局 mostly stands in 教育局. */
static void mark_piece(GHashTable *grams, const struct gram *longer, const char *text,
		       guint targets)
{
	struct gram *gram = g_hash_table_lookup(grams, text);
	guint best = 0;

	if (!gram)
		return;
	for (guint i = 0; i < targets; i++)
		if (gram->counts[i] > gram->counts[best])
			best = i;
	gram->piece |= longer->counts[best] >= PIECE_SHARE * gram->counts[best];
}

static void mark_pieces(GHashTable *grams, guint targets)
{
	GHashTableIter iter;
	gpointer key;
	gpointer gram;

	g_hash_table_iter_init(&iter, grams);
	while (g_hash_table_iter_next(&iter, &key, &gram)) {
		const char *text = key;
		const char *last = g_utf8_prev_char(text + strlen(text));
		g_autofree char *begin = g_strndup(text, (gsize)(last - text));

		mark_piece(grams, gram, begin, targets);
		mark_piece(grams, gram, g_utf8_next_char(text), targets);
	}
}

/* The target that a run speaks for, if any. Returns: (transfer full) or NULL */
static struct suggestion *candidate(const struct lexicon *lexicon, const char *text,
				    const struct gram *gram, const guint *totals, guint all)
{
	guint best = 0;
	guint sum = 0;
	struct suggestion one = {0};

	if (gram->piece || g_utf8_strlen(text, -1) > CHARS_MAX)
		return NULL;
	for (guint i = 0; i < lexicon->targets->len; i++) {
		sum += gram->counts[i];
		if (gram->counts[i] > gram->counts[best])
			best = i;
	}
	one.for_it = gram->counts[best];
	one.against = sum - one.for_it;
	if (one.for_it < FOR_MIN || one.for_it < SHARE_MIN * sum || totals[best] == all ||
	    !has_edges(text))
		return NULL;
	weigh(&one, totals[best], all - totals[best]);
	if (one.z < Z_MIN)
		return NULL;
	one.word = g_strdup(text);
	one.code = g_array_index(lexicon->targets, struct target, best).code;
	return g_memdup2(&one, sizeof one);
}

static GPtrArray *candidates_of(const struct suggest *suggest, GHashTable *grams)
{
	GPtrArray *words = g_ptr_array_new_with_free_func(suggestion_free);
	g_autofree guint *totals = g_new0(guint, suggest->lexicon->targets->len);
	GHashTableIter iter;
	gpointer text;
	gpointer gram;

	for (guint i = 0; i < suggest->examples->len; i++)
		totals[g_array_index(suggest->examples, struct example, i).target]++;
	g_hash_table_iter_init(&iter, grams);
	while (g_hash_table_iter_next(&iter, &text, &gram)) {
		struct suggestion *one =
		    candidate(suggest->lexicon, text, gram, totals, suggest->examples->len);

		if (one)
			g_ptr_array_add(words, one);
	}
	g_ptr_array_sort(words, by_z);
	if (words->len > CANDIDATES_MAX)
		g_ptr_array_set_size(words, CANDIDATES_MAX);
	return words;
}

/* What the lexicon has, for anybody, and what holds a word of the same department. */
static void drop_known(const struct lexicon *lexicon, GPtrArray *words)
{
	struct matcher_builder *builder = matcher_builder_new();
	g_autoptr(matcher_handle) matcher = NULL;

	for (guint i = 0; i < lexicon->terms->len; i++)
		matcher_add(builder, g_array_index(lexicon->terms, struct term, i).text, i);
	matcher = matcher_build(builder);
	for (guint i = words->len; i > 0; i--) {
		const struct suggestion *one = g_ptr_array_index(words, i - 1);
		gsize size = strlen(one->word);
		g_autoptr(GArray) found = matcher_find(matcher, one->word, size);
		gboolean known = FALSE;

		for (guint j = 0; j < found->len; j++) {
			const struct match *match = &g_array_index(found, struct match, j);
			const struct term *term =
			    &g_array_index(lexicon->terms, struct term, match->word);

			known |=
			    match->end - match->start == size ||
			    (term->kind != TERM_NOT &&
			     strcmp(
				 g_array_index(lexicon->targets, struct target, term->target).code,
				 one->code) == 0);
		}
		if (known)
			g_ptr_array_remove_index(words, i - 1);
	}
}

/* Who said a word. */
struct use {
	gint64 enterprises[SUGGEST_ENTERPRISES];
	guint n_enterprises;
	guint n_samples;
	guint last; /* example + 1 */
};

static void note_use(struct suggestion *one, struct use *use, const struct example *example,
		     guint index)
{
	gboolean known = FALSE;

	for (guint i = 0; i < use->n_enterprises; i++)
		known |= use->enterprises[i] == example->enterprise;
	if (!known && use->n_enterprises < SUGGEST_ENTERPRISES)
		use->enterprises[use->n_enterprises++] = example->enterprise;
	if (use->last != index + 1 && use->n_samples < SUGGEST_SAMPLES)
		one->samples[use->n_samples++] = example->opinion;
	use->last = index + 1;
}

struct matcher *suggest_matcher(const GPtrArray *words)
{
	struct matcher_builder *builder = matcher_builder_new();

	for (guint i = 0; i < words->len; i++)
		matcher_add(builder, ((struct suggestion *)words->pdata[i])->word, i);
	return matcher_build(builder);
}

/* What too few said. */
static void drop_rare(const struct suggest *suggest, GPtrArray *words)
{
	g_autoptr(matcher_handle) matcher = suggest_matcher(words);
	g_autofree struct use *uses = g_new0(struct use, words->len + 1);

	for (guint i = 0; i < suggest->examples->len; i++) {
		const struct example *example =
		    &g_array_index(suggest->examples, struct example, i);
		g_autoptr(GArray) found =
		    matcher_find(matcher, example->text, strlen(example->text));
		const char *code =
		    g_array_index(suggest->lexicon->targets, struct target, example->target).code;

		for (guint j = 0; j < found->len; j++) {
			const struct match *match = &g_array_index(found, struct match, j);
			struct suggestion *one = g_ptr_array_index(words, match->word);

			if (strcmp(one->code, code) == 0)
				note_use(one, &uses[match->word], example, i);
		}
	}
	for (guint i = words->len; i > 0; i--) {
		if (uses[i - 1].n_enterprises < SUGGEST_ENTERPRISES)
			g_ptr_array_remove_index(words, i - 1);
	}
}

GPtrArray *suggest_words(const struct suggest *suggest)
{
	g_autofree guint8 *sketch = g_malloc0(1u << SKETCH_BITS);
	g_autoptr(GHashTable) grams =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	struct counting counting = {suggest, sketch, grams};
	GPtrArray *words;

	each_gram(suggest, count_roughly, sketch);
	each_gram(suggest, count, &counting);
	mark_pieces(grams, suggest->lexicon->targets->len);
	words = candidates_of(suggest, grams);
	drop_known(suggest->lexicon, words);
	drop_rare(suggest, words);
	return words;
}
