#include "collector/filing.h"

#include "base/error.h"
#include "collector/match.h"
#include "collector/record.h"
#include "collector/said.h"
#include "sql.h"

#include <string.h>

struct filing {
	struct db *db;
	char *worker;
	GDateTime *now;
	GPtrArray *errands; /* of struct errand */
};

/* An errand and what becomes of it. */
struct outcome {
	const struct errand *errand;
	JsonObject *record; /* NULL without one */
	struct match_result match;
	const char *state; /* message.state; static */
	const char *why;   /* a msgid, or what the reader said; NULL */
	gint64 letter;
	char *own; /* filed: what was said */
	gboolean returned;
	gboolean silence;
	gboolean twice;    /* the database has noted it */
	gboolean stranger; /* waits only because the letter has an answer */
};

struct filing *filing_new(struct db *db, const char *worker, GDateTime *now)
{
	struct filing *filing = g_new0(struct filing, 1);

	filing->db = db;
	filing->worker = g_strdup(worker);
	filing->now = g_date_time_ref(now);
	filing->errands = g_ptr_array_new_with_free_func((GDestroyNotify)errand_free);
	return filing;
}

void filing_free(struct filing *filing)
{
	g_free(filing->worker);
	g_date_time_unref(filing->now);
	g_ptr_array_unref(filing->errands);
	g_free(filing);
}

void filing_add(struct filing *filing, struct errand *errand)
{
	g_ptr_array_add(filing->errands, errand);
}

guint filing_count(const struct filing *filing)
{
	return filing->errands->len;
}

static void outcome_clear(gpointer data)
{
	struct outcome *outcome = data;

	match_result_clear(&outcome->match);
	g_free(outcome->own);
}

static void wait_for_person(struct outcome *outcome, const char *why)
{
	outcome->state = "waiting";
	outcome->why = why;
	outcome->letter = outcome->errand->link_letter;
}

/* Whether a bounce says that a recipient did not get it. */
static gboolean has_failed(JsonObject *record)
{
	JsonArray *bounces = json_object_get_array_member(record, "bounces");

	for (guint i = 0; i < json_array_get_length(bounces); i++)
		if (g_strcmp0(json_object_get_string_member_with_default(
				  json_array_get_object_element(bounces, i), "action", NULL),
			      "failed") == 0)
			return TRUE;
	return FALSE;
}

/* What a machine wrote, or who only asks for silence. */
static void judge_noted(struct outcome *outcome, const char *kind)
{
	const struct match_result *match = &outcome->match;
	gboolean failed = strcmp(kind, "bounce") == 0 && has_failed(outcome->record);
	gboolean silence = strcmp(kind, "unsubscribe") == 0;

	if (silence && !(match->letter && match->known)) {
		wait_for_person(outcome, N_("it asks for no more letters; its sender is unknown"));
	} else if (!silence &&
		   json_object_get_boolean_member_with_default(outcome->record, "guessed", FALSE)) {
		/* people write of delays and of mail that came back, from whatever address */
		wait_for_person(outcome, N_("only its words are those of a machine"));
	} else if (failed && match->letter && !match->returned) {
		wait_for_person(outcome, N_("it says that a letter came back, and proves nothing"));
	} else {
		outcome->state = "noted";
		outcome->letter = match->letter;
		outcome->returned = failed && (match->letter || match->mailing);
		outcome->silence = silence;
	}
}

static void judge_answer(struct outcome *outcome, const char *kind)
{
	const struct match_result *match = &outcome->match;
	const char *attached;

	outcome->own = said_own(outcome->record);
	attached = said_why(outcome->record, outcome->own);
	if (!match->letter)
		wait_for_person(outcome, match->why);
	else if (!outcome->errand->link_letter && strcmp(kind, "other") == 0)
		wait_for_person(outcome, N_("it does not look like an answer"));
	else if (attached)
		wait_for_person(outcome, attached);
	else if (record_has_problem(outcome->record, "text-cut"))
		wait_for_person(outcome, N_("it is so long that not all of it was read"));
	else if (json_object_get_boolean_member_with_default(outcome->record, "own_doubtful",
							     FALSE))
		wait_for_person(outcome, N_("what is its own cannot be told from what it quotes"));
	else if (said_silence(outcome->record, outcome->own))
		wait_for_person(outcome, N_("it says nothing"));
	else if (match->answered && !match->known) {
		wait_for_person(outcome,
				N_("the letter has an answer already; its sender is unknown"));
		outcome->stranger = TRUE;
	} else {
		outcome->state = "filed";
		outcome->letter = match->letter;
	}
}

static void judge(struct outcome *outcome, struct matching *matching)
{
	const struct errand *errand = outcome->errand;
	const char *kind;

	if (!outcome->record) {
		outcome->state = "broken";
		outcome->why = errand->problem->message;
		outcome->letter = errand->link_letter;
		return;
	}
	kind = json_object_get_string_member(outcome->record, "kind");
	matching_decide(matching, outcome->record, errand->link_letter, &outcome->match);
	/* Who names the letter himself means an answer, whatever it looks like. */
	if (!errand->link_letter && strcmp(kind, "reply") != 0 && strcmp(kind, "other") != 0)
		judge_noted(outcome, kind);
	else
		judge_answer(outcome, kind);
	if (strcmp(outcome->state, "filed") == 0)
		matching_answer(matching, outcome->letter);
}

/* Parameters that are arrays, built member by member. */
struct columns {
	GString *at[6];
};

static void columns_open(struct columns *columns)
{
	for (guint i = 0; i < G_N_ELEMENTS(columns->at); i++)
		columns->at[i] = g_string_new(NULL);
}

static void columns_close(struct columns *columns)
{
	for (guint i = 0; i < G_N_ELEMENTS(columns->at); i++)
		g_string_free(columns->at[i], TRUE);
}

static struct db_value column(struct columns *columns, guint i)
{
	return db_text(db_array_end(columns->at[i]));
}

/* What the database calls noted instead: the same mail, from another mailbox. */
static gboolean take_twice(const struct db_rows *rows, GArray *outcomes, GError **error)
{
	g_autoptr(JsonNode) node = json_from_string(db_get_text(rows, 0, 0), error);
	JsonArray *twice = node ? json_node_get_array(node) : NULL;

	for (guint i = 0; twice && i < json_array_get_length(twice); i++)
		for (guint j = 0; j < outcomes->len; j++) {
			struct outcome *outcome = &g_array_index(outcomes, struct outcome, j);

			if (outcome->errand->message == json_array_get_int_element(twice, i)) {
				outcome->state = "noted";
				outcome->twice = TRUE;
			}
		}
	return twice != NULL;
}

/* Runs a statement of six arrays and the time, unless they are empty; they are gone afterwards. */
static gboolean columns_run(const struct filing *filing, const char *sql, struct columns *columns,
			    GError **error)
{
	gboolean good = columns->at[0]->len == 0 ||
			db_run(filing->db, sql,
			       DB(column(columns, 0), column(columns, 1), column(columns, 2),
				  column(columns, 3), column(columns, 4), column(columns, 5),
				  db_time(filing->now)),
			       NULL, error);

	columns_close(columns);
	return good;
}

static void add_letter(GString *array, gint64 letter)
{
	if (letter)
		db_array_int(array, letter);
	else
		db_array_null(array);
}

/* The letter that the message was brought in for comes before all other clues. Returns: JSON */
static char *all_clues(const struct outcome *outcome)
{
	g_autoptr(JsonArray) all = json_array_new();
	g_autoptr(JsonNode) node = json_node_new(JSON_NODE_ARRAY);
	JsonArray *others = json_node_get_array(outcome->match.clues);

	if (outcome->errand->link_letter) {
		JsonObject *given = json_object_new();

		json_object_set_string_member(given, "clue", "given");
		json_object_set_int_member(given, "letter", outcome->errand->link_letter);
		json_array_add_object_element(all, given);
	}
	for (guint i = 0; i < json_array_get_length(others); i++)
		json_array_add_element(all, json_node_copy(json_array_get_element(others, i)));
	json_node_set_array(node, all);
	return json_to_string(node, FALSE);
}

static gboolean put_readings(const struct filing *filing, const GArray *outcomes, GError **error)
{
	struct columns columns;

	columns_open(&columns);
	for (guint i = 0; i < outcomes->len; i++) {
		const struct outcome *outcome = &g_array_index(outcomes, struct outcome, i);
		g_autofree char *clues = NULL;
		g_autofree char *record = NULL;

		if (!outcome->record)
			continue;
		clues = all_clues(outcome);
		record = json_to_string(outcome->errand->record, FALSE);
		db_array_int(columns.at[0], outcome->errand->message);
		db_array_text(columns.at[1],
			      json_object_get_string_member(outcome->record, "kind"));
		db_array_text(columns.at[2], record_sender(outcome->record));
		db_array_text(columns.at[3], json_object_get_string_member_with_default(
						 outcome->record, "message_id", NULL));
		db_array_text(columns.at[4], record);
		db_array_text(columns.at[5], clues);
	}
	return columns_run(filing, sql_readings_put, &columns, error);
}

/* Runs a statement that files messages, with these parameters. */
static gboolean file_those(const struct filing *filing, const char *sql,
			   const struct db_value *values, guint n, GArray *outcomes, GError **error)
{
	g_autoptr(db_rows) rows = db_query(filing->db, sql, values, n, error);

	return rows && take_twice(rows, outcomes, error);
}

static gboolean put_answers(const struct filing *filing, GArray *outcomes, GError **error)
{
	struct columns columns;
	gboolean good;

	columns_open(&columns);
	for (guint i = 0; i < outcomes->len; i++) {
		const struct outcome *outcome = &g_array_index(outcomes, struct outcome, i);
		g_autofree char *grades = NULL;

		if (strcmp(outcome->state, "filed") != 0)
			continue;
		grades = said_ratings(outcome->record);
		db_array_int(columns.at[0], outcome->errand->message);
		db_array_int(columns.at[1], outcome->letter);
		db_array_text(columns.at[2], outcome->own);
		db_array_text(columns.at[3], grades);
		db_array_text(columns.at[4], said_disclosure(outcome->record));
		db_array_text(columns.at[5], json_object_get_string_member_with_default(
						 outcome->record, "date", NULL));
	}
	good = columns.at[0]->len == 0 ||
	       file_those(filing, sql_messages_file,
			  DB(column(&columns, 0), column(&columns, 1), column(&columns, 2),
			     column(&columns, 3), column(&columns, 4), column(&columns, 5),
			     db_time(filing->now)),
			  outcomes, error);
	columns_close(&columns);
	return good;
}

/* A stranger's mail that is the answer itself, from another mailbox, does not wait. */
static gboolean note_strangers(const struct filing *filing, GArray *outcomes, GError **error)
{
	struct columns columns;
	gboolean good;

	columns_open(&columns);
	for (guint i = 0; i < outcomes->len; i++) {
		const struct outcome *outcome = &g_array_index(outcomes, struct outcome, i);

		if (!outcome->stranger)
			continue;
		db_array_int(columns.at[0], outcome->errand->message);
		db_array_int(columns.at[1], outcome->match.letter);
		db_array_text(columns.at[2], outcome->own);
	}
	good = columns.at[0]->len == 0 || file_those(filing, sql_messages_twice,
						     DB(column(&columns, 0), column(&columns, 1),
							column(&columns, 2), db_time(filing->now)),
						     outcomes, error);
	columns_close(&columns);
	return good;
}

static gboolean put_notes(const struct filing *filing, const GArray *outcomes, GError **error)
{
	struct columns columns;

	columns_open(&columns);
	for (guint i = 0; i < outcomes->len; i++) {
		const struct outcome *outcome = &g_array_index(outcomes, struct outcome, i);

		if (strcmp(outcome->state, "filed") == 0 || outcome->twice)
			continue;
		db_array_int(columns.at[0], outcome->errand->message);
		db_array_text(columns.at[1], outcome->state);
		db_array_text(columns.at[2], outcome->why);
		add_letter(columns.at[3], outcome->letter);
		if (outcome->returned)
			db_array_int(columns.at[4], outcome->match.mailing);
		else
			db_array_null(columns.at[4]);
		db_array_text(columns.at[5], outcome->silence ? "t" : "f");
	}
	return columns_run(filing, sql_messages_note, &columns, error);
}

/* The outcomes of the errands whose messages are still held. Returns: (transfer full) NULL with an
 * error. */
static GArray *held(const struct filing *filing, struct errand *const *errands, guint n,
		    GError **error)
{
	GString *ids = g_string_new(NULL);
	g_autoptr(db_rows) rows = NULL;
	GArray *outcomes = NULL;

	for (guint i = 0; i < n; i++)
		db_array_int(ids, errands[i]->message);
	rows = db_query(filing->db, sql_messages_held,
			DB(db_text(db_array_end(ids)), db_text(filing->worker)), error);
	g_string_free(ids, TRUE);
	if (!rows)
		return NULL;
	outcomes = g_array_new(FALSE, TRUE, sizeof(struct outcome));
	g_array_set_clear_func(outcomes, outcome_clear);
	for (guint i = 0; i < n; i++)
		for (guint j = 0; j < db_rows_count(rows); j++)
			if (db_get_int(rows, j, 0) == errands[i]->message) {
				struct outcome outcome = {.errand = errands[i]};

				if (errands[i]->record)
					outcome.record = json_node_get_object(errands[i]->record);
				g_array_append_val(outcomes, outcome);
			}
	return outcomes;
}

static gboolean judge_all(const struct filing *filing, GArray *outcomes, GError **error)
{
	struct matching *matching = matching_new();
	gboolean good;

	for (guint i = 0; i < outcomes->len; i++) {
		const struct outcome *outcome = &g_array_index(outcomes, struct outcome, i);

		if (outcome->record)
			matching_add(matching, outcome->record);
	}
	good = matching_look_up(matching, filing->db, error);
	for (guint i = 0; good && i < outcomes->len; i++)
		judge(&g_array_index(outcomes, struct outcome, i), matching);
	matching_free(matching);
	return good;
}

static void add_counts(const GArray *outcomes, struct collect_count *count)
{
	for (guint i = 0; i < outcomes->len; i++) {
		const char *state = g_array_index(outcomes, struct outcome, i).state;

		if (strcmp(state, "filed") == 0)
			count->filed++;
		else if (strcmp(state, "noted") == 0)
			count->noted++;
		else if (strcmp(state, "waiting") == 0)
			count->waiting++;
		else
			count->broken++;
	}
}

/* One transaction. */
static gboolean file_some(const struct filing *filing, struct errand *const *errands, guint n,
			  struct collect_count *count, GError **error)
{
	g_autoptr(GArray) outcomes = NULL;

	if (!db_begin(filing->db, error))
		return FALSE;
	outcomes = held(filing, errands, n, error);
	if (outcomes && judge_all(filing, outcomes, error) &&
	    put_readings(filing, outcomes, error) && put_answers(filing, outcomes, error) &&
	    note_strangers(filing, outcomes, error) && put_notes(filing, outcomes, error)) {
		if (!db_commit(filing->db, error))
			return FALSE;
		add_counts(outcomes, count);
		return TRUE;
	}
	db_rollback(filing->db);
	return FALSE;
}

/* One that the database refuses has no record: a person looks at it. */
static gboolean file_one(const struct filing *filing, struct errand *errand,
			 struct collect_count *count, GError **error)
{
	GError *problem = NULL;

	if (file_some(filing, &errand, 1, count, &problem))
		return TRUE;
	if (!errand->record || g_error_matches(problem, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY)) {
		g_propagate_error(error, problem);
		return FALSE;
	}
	/* not in its words, which may quote the message */
	g_warning("message %" G_GINT64_FORMAT ": the database refuses its record", errand->message);
	g_clear_error(&problem);
	g_clear_pointer(&errand->record, json_node_unref);
	errand->problem = g_error_new_literal(PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
					      N_("the database refuses what was read of it"));
	return file_some(filing, &errand, 1, count, error);
}

/* Those that could not be read for a reason that passes stay stored. */
static GError *take_passing(struct filing *filing)
{
	GError *first = NULL;

	for (guint i = filing->errands->len; i-- > 0;) {
		struct errand *errand = g_ptr_array_index(filing->errands, i);

		if (errand->record ||
		    !g_error_matches(errand->problem, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY))
			continue;
		g_clear_error(&first);
		first = g_steal_pointer(&errand->problem);
		g_ptr_array_remove_index(filing->errands, i);
	}
	return first;
}

gboolean filing_commit(struct filing *filing, struct collect_count *count, GError **error)
{
	GError *passing = take_passing(filing);
	struct errand **errands = (struct errand **)filing->errands->pdata;
	guint n = filing->errands->len;
	GError *problem = NULL;

	if (n > 0 && !file_some(filing, errands, n, count, &problem)) {
		gboolean good = !g_error_matches(problem, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY);

		if (good)
			g_clear_error(&problem);
		for (guint i = 0; good && i < n; i++)
			good = file_one(filing, errands[i], count, &problem);
	}
	g_ptr_array_set_size(filing->errands, 0);
	if (!problem)
		problem = g_steal_pointer(&passing);
	g_clear_error(&passing);
	if (problem)
		g_propagate_error(error, problem);
	return !problem;
}
