#include "classifier/classify.h"

#include "base/error.h"
#include "base/json.h"
#include "classifier/teaching.h"
#include "sql.h"

#include <string.h>
#include <unistd.h>

#define BATCH     100u
#define LEASE_S   600
#define BYTES_MAX (4u << 20) /* of opinions in one transaction, the last answer's apart */

/* The state in which an opinion begins. */
static const char *first_state(const struct classified *c)
{
	if (c->kind == OPINION_PRAISE || c->kind == OPINION_BLANK)
		return "recorded";
	return c->needs_person || c->departments->len == 0 ? "review" : "sorted";
}

static void departments(JsonBuilder *builder, const struct classified *c)
{
	json_open_array(builder, "departments");
	for (guint i = 0; i < c->departments->len; i++) {
		const struct sorted *sorted = g_ptr_array_index(c->departments, i);

		json_builder_begin_object(builder);
		json_add_int(builder, "no", sorted->no);
		json_add_bool(builder, "lead", sorted->lead);
		json_add_double(builder, "score", sorted->sum); /* what they are in order by */
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
}

/* The opinions as answers_sort() wants them. Returns: (transfer full) */
static char *opinions_json(const GPtrArray *opinions, struct classify_count *count)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();
	g_autoptr(JsonNode) explained = classified_to_json(opinions);
	JsonArray *reasons =
	    json_object_get_array_member(json_node_get_object(explained), "opinions");

	json_builder_begin_array(builder);
	for (guint i = 0; i < opinions->len; i++) {
		const struct classified *c = g_ptr_array_index(opinions, i);
		const char *state = first_state(c);

		json_builder_begin_object(builder);
		json_add_int(builder, "seq", i + 1);
		json_add_text(builder, "text", c->text);
		json_add_text(builder, "kind", opinion_kind_name(c->kind));
		json_add_text(builder, "state", state);
		json_add_text(builder, "why", strcmp(state, "review") == 0 ? c->why : NULL);
		json_builder_set_member_name(builder, "explained");
		json_builder_add_value(builder, json_array_dup_element(reasons, i));
		departments(builder, c);
		json_builder_end_object(builder);
		count->opinions++;
		count->review += strcmp(state, "review") == 0;
		count->recorded += strcmp(state, "recorded") == 0;
	}
	json_builder_end_array(builder);
	return json_finish(builder);
}

/* A claimed answer: its row has id, own words, name and short name of the enterprise, the day
 * it was written. Returns: (transfer full) its opinions as JSON */
static char *sort_answer(const struct classifier *classifier, const struct db_rows *rows, guint row,
			 struct classify_count *count)
{
	const char *own = db_get_text(rows, row, 1);
	const char *names[] = {db_get_text(rows, row, 2), db_get_text(rows, row, 3), NULL};
	g_autofree char *trimmed = g_strstrip(g_strdup(own));
	g_autoptr(GPtrArray) opinions = NULL;

	count->answers++;
	/* ratings alone say nothing in words */
	if (!*trimmed)
		return g_strdup("[]");
	opinions = classifier_opinions_on(classifier, own, names, db_get_text(rows, row, 4));
	return opinions_json(opinions, count);
}

/* Answers with their opinions, of one transaction. */
struct sorting {
	guint n;
	gint64 ids[BATCH];
	char *opinions[BATCH]; /* JSON */
};

static void sorting_clear(struct sorting *sorting)
{
	for (guint i = 0; i < sorting->n; i++)
		g_free(sorting->opinions[i]);
	sorting->n = 0;
}

static gboolean keep(struct db *db, const char *version, const struct sorting *sorting, guint from,
		     guint to, GDateTime *now, GError **error)
{
	GString *ids = g_string_new(NULL);
	GString *opinions = g_string_new(NULL);
	gboolean good;

	for (guint i = from; i < to; i++) {
		db_array_int(ids, sorting->ids[i]);
		db_array_text(opinions, sorting->opinions[i]);
	}
	good = db_run(db, sql_answers_sort,
		      DB(db_text(db_array_end(ids)), db_text(db_array_end(opinions)),
			 db_text(version), db_time(now)),
		      NULL, error);
	g_string_free(ids, TRUE);
	g_string_free(opinions, TRUE);
	return good;
}

/* One that the database refuses holds up no other: it is tried again when its lease is over. */
static gboolean keep_each(struct db *db, const char *version, const struct sorting *sorting,
			  GDateTime *now, GError **error)
{
	for (guint i = 0; i < sorting->n; i++) {
		GError *problem = NULL;

		if (keep(db, version, sorting, i, i + 1, now, &problem))
			continue;
		if (g_error_matches(problem, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY)) {
			g_propagate_error(error, problem);
			return FALSE;
		}
		/* not in its words, which may quote the answer */
		g_warning("answer %" G_GINT64_FORMAT ": the database refuses its opinions",
			  sorting->ids[i]);
		g_error_free(problem);
	}
	return TRUE;
}

/* Sorts claimed answers from `row` on, at most as many as one transaction takes; `row` moves behind
 * them. */
static gboolean sort_some(struct db *db, const struct deciding *deciding,
			  const struct db_rows *rows, guint *row, GDateTime *now,
			  struct classify_count *count, GError **error)
{
	struct sorting sorting = {0};
	GError *problem = NULL;
	gboolean good;
	gsize size = 0;

	for (; *row < db_rows_count(rows) && size < BYTES_MAX; ++*row, sorting.n++) {
		sorting.ids[sorting.n] = db_get_int(rows, *row, 0);
		sorting.opinions[sorting.n] = sort_answer(deciding->classifier, rows, *row, count);
		size += strlen(sorting.opinions[sorting.n]);
	}
	good = keep(db, deciding->version, &sorting, 0, sorting.n, now, &problem);
	if (!good && g_error_matches(problem, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY))
		g_propagate_error(error, g_steal_pointer(&problem));
	else if (!good)
		good = keep_each(db, deciding->version, &sorting, now, error);
	g_clear_error(&problem);
	sorting_clear(&sorting);
	return good;
}

static gboolean sort_all(struct db *db, const struct deciding *deciding, GDateTime *now,
			 struct classify_count *count, GError **error)
{
	g_autofree char *worker = g_strdup_printf("%s:%d", g_get_host_name(), (int)getpid());

	for (;;) {
		g_autoptr(db_rows) rows = db_query(
		    db, sql_answer_claim,
		    DB(db_int(BATCH), db_int(LEASE_S), db_text(worker), db_time(now)), error);
		guint row = 0;

		if (!rows)
			return FALSE;
		if (db_rows_count(rows) == 0)
			return TRUE;
		while (row < db_rows_count(rows))
			if (!sort_some(db, deciding, rows, &row, now, count, error))
				return FALSE;
	}
}

gboolean classify_waiting(struct db *db, GDateTime *now, struct classify_count *count,
			  GError **error)
{
	struct deciding deciding;
	gboolean good;

	if (!deciding_open(db, now, &deciding, error))
		return FALSE;
	good = sort_all(db, &deciding, now, count, error);
	deciding_close(&deciding);
	return good;
}
