#include "classifier/trial.h"

#include <string.h>

#define EXAMPLE_CHARS 60

/* What becomes of one text. */
struct outcome {
	const char *name; /* interned: see struct trial_move */
	gboolean asks;    /* a person has to look */
	GString *others;  /* codes of co-handlers, sorted */
};

static void move_free(gpointer data)
{
	struct trial_move *move = data;

	for (guint i = 0; i < TRIAL_EXAMPLES; i++)
		g_free(move->texts[i]);
	g_free(move);
}

struct trial *trial_new(const struct classifier *now, const struct classifier *then)
{
	struct trial *trial = g_new0(struct trial, 1);

	trial->now = now;
	trial->then = then;
	trial->moves = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, move_free);
	return trial;
}

void trial_free(struct trial *trial)
{
	if (!trial)
		return;
	g_hash_table_unref(trial->moves);
	g_free(trial);
}

static gboolean is_work(const struct classified *one)
{
	return one->kind == OPINION_OPINION || one->kind == OPINION_SUGGESTION;
}

static double score_of(const struct classified *one)
{
	return one->departments->len ? ((struct sorted *)one->departments->pdata[0])->score : 0;
}

/* A stored opinion may fall into several: the one that weighs most stands for it; what is sorted
 * goes before what is asked, and any work before what is none. */
static const struct classified *weightiest(const GPtrArray *opinions)
{
	const struct classified *best = g_ptr_array_index(opinions, 0);

	for (guint i = 1; i < opinions->len; i++) {
		const struct classified *one = g_ptr_array_index(opinions, i);

		if (is_work(one) != is_work(best)) {
			best = is_work(one) ? one : best;
			continue;
		}
		if (one->needs_person != best->needs_person)
			best = one->needs_person ? best : one;
		else if (score_of(one) > score_of(best))
			best = one;
	}
	return best;
}

static gint by_code(gconstpointer a, gconstpointer b)
{
	return strcmp((*(struct sorted *const *)a)->code, (*(struct sorted *const *)b)->code);
}

static void add_others(GString *out, const struct classified *one)
{
	g_autoptr(GPtrArray) others = g_ptr_array_new();

	for (guint i = 1; i < one->departments->len; i++)
		g_ptr_array_add(others, one->departments->pdata[i]);
	g_ptr_array_sort(others, by_code);
	for (guint i = 0; i < others->len; i++)
		g_string_append_printf(out, "%s ", ((struct sorted *)others->pdata[i])->code);
}

static void find_outcome(const struct classifier *classifier, const char *text,
			 const char *const *own_names, const char *day, struct outcome *out)
{
	g_autoptr(GPtrArray) opinions = classifier_opinions_on(classifier, text, own_names, day);
	const struct classified *one = weightiest(opinions);

	out->others = g_string_new("");
	out->asks = one->needs_person;
	if (!is_work(one)) {
		out->name = opinion_kind_name(one->kind);
		return;
	}
	if (one->needs_person || one->departments->len == 0) {
		out->name = "person";
		out->asks = TRUE;
		return;
	}
	out->name = g_intern_string(((struct sorted *)one->departments->pdata[0])->code);
	add_others(out->others, one);
}

static void note_move(struct trial *trial, const struct outcome *now, const struct outcome *then,
		      gint64 id, const char *text)
{
	g_autofree char *key = g_strdup_printf("%s\t%s", now->name, then->name);
	struct trial_move *move = g_hash_table_lookup(trial->moves, key);

	trial->moved++;
	if (!move) {
		move = g_new0(struct trial_move, 1);
		move->from = now->name;
		move->to = then->name;
		g_hash_table_insert(trial->moves, g_steal_pointer(&key), move);
	}
	if (move->count < TRIAL_EXAMPLES) {
		glong chars = MIN(g_utf8_strlen(text, -1), EXAMPLE_CHARS);

		move->ids[move->count] = id;
		move->texts[move->count] = g_utf8_substring(text, 0, chars);
	}
	move->count++;
}

void trial_add(struct trial *trial, gint64 id, const char *text, const char *const *own_names,
	       const char *day, const char *decided)
{
	struct outcome now;
	struct outcome then;

	find_outcome(trial->now, text, own_names, day, &now);
	find_outcome(trial->then, text, own_names, day, &then);
	trial->texts++;
	trial->asks += then.asks && !now.asks;
	trial->asks_not += now.asks && !then.asks;
	if (strcmp(now.name, then.name) != 0)
		note_move(trial, &now, &then, id, text);
	else
		trial->others += !g_string_equal(now.others, then.others);
	if (decided) {
		trial->decided++;
		trial->right += strcmp(now.name, decided) == 0;
		trial->right_then += strcmp(then.name, decided) == 0;
	}
	g_string_free(now.others, TRUE);
	g_string_free(then.others, TRUE);
}

static gint by_count(gconstpointer a, gconstpointer b)
{
	const struct trial_move *one = *(struct trial_move *const *)a;
	const struct trial_move *two = *(struct trial_move *const *)b;
	gint by_from = strcmp(one->from, two->from);

	if (one->count != two->count)
		return one->count > two->count ? -1 : 1;
	return by_from ? by_from : strcmp(one->to, two->to);
}

GPtrArray *trial_moves(const struct trial *trial)
{
	GPtrArray *moves = g_ptr_array_new();
	GHashTableIter iter;
	gpointer move;

	g_hash_table_iter_init(&iter, trial->moves);
	while (g_hash_table_iter_next(&iter, NULL, &move))
		g_ptr_array_add(moves, move);
	g_ptr_array_sort(moves, by_count);
	return moves;
}
