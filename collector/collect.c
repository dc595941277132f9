#include "collector/collect.h"

#include "base/error.h"
#include "collector/match.h"
#include "collector/reading_room.h"
#include "collector/said.h"
#include "sql.h"

#include <string.h>
#include <unistd.h>

#define BATCH   50
#define LEASE_S 600

#define EMPTY_RECORD "{\"own\":\"\",\"form\":null,\"attachments\":[]}"

static gboolean file_answer(struct db *db, gint64 message, gint64 letter, JsonObject *record,
			    const char *own, gint64 account, GDateTime *now, GError **error)
{
	g_autofree char *grades = said_ratings(record);
	const char *written = json_object_get_string_member_with_default(record, "date", NULL);

	return db_run(db, sql_message_file,
		      DB(db_int(message), db_int(letter), db_text(own), db_text(grades),
			 db_text(said_disclosure(record)), db_text(written),
			 account ? db_int(account) : db_null(), db_time(now)),
		      NULL, error);
}

static gboolean note(struct db *db, gint64 message, const char *state, const char *why,
		     gint64 letter, gboolean bounced, GDateTime *now, GError **error)
{
	return db_run(db, sql_message_note,
		      DB(db_int(message), db_text(state), db_text(why),
			 letter ? db_int(letter) : db_null(), db_bool(bounced), db_null(),
			 db_time(now)),
		      NULL, error);
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

/* What becomes of a message that was read. */
static gboolean settle_reading(struct db *db, gint64 message, gint64 link_letter,
			       JsonObject *record, const struct match_result *match, GDateTime *now,
			       struct collect_count *count, GError **error)
{
	const char *kind = json_object_get_string_member(record, "kind");
	gint64 letter = link_letter ? link_letter : match->letter;
	g_autofree char *own = said_own(record);
	const char *attached = said_why(record, own);
	const char *why = match->why;

	/* Who names the letter himself means an answer, whatever it looks like. */
	if (!link_letter && strcmp(kind, "reply") != 0 && strcmp(kind, "other") != 0) {
		count->noted++;
		if (strcmp(kind, "unsubscribe") == 0 && letter &&
		    !db_run(db, sql_letter_silence, DB(db_int(letter), db_time(now)), NULL, error))
			return FALSE;
		return note(db, message, "noted", NULL, letter,
			    strcmp(kind, "bounce") == 0 && has_failed(record), now, error);
	}
	if (letter && !link_letter && strcmp(kind, "other") == 0) {
		letter = 0;
		why = N_("it does not look like an answer");
	} else if (letter && attached) {
		letter = 0;
		why = attached;
	}
	if (letter) {
		count->filed++;
		return file_answer(db, message, letter, record, own, 0, now, error);
	}
	count->waiting++;
	return note(db, message, "waiting", why, link_letter, FALSE, now, error);
}

/* The letter that the message was brought in for comes before all other clues. Returns: JSON */
static char *all_clues(JsonNode *found, gint64 given_letter)
{
	g_autoptr(JsonArray) all = json_array_new();
	g_autoptr(JsonNode) node = json_node_new(JSON_NODE_ARRAY);
	JsonArray *others = json_node_get_array(found);

	if (given_letter) {
		JsonObject *given = json_object_new();

		json_object_set_string_member(given, "clue", "given");
		json_object_set_int_member(given, "letter", given_letter);
		json_array_add_object_element(all, given);
	}
	for (guint i = 0; i < json_array_get_length(others); i++)
		json_array_add_element(all, json_node_copy(json_array_get_element(others, i)));
	json_node_set_array(node, all);
	return json_to_string(node, FALSE);
}

static const char *first_address(JsonObject *record)
{
	JsonArray *from = json_object_get_array_member(record, "from");

	return json_array_get_length(from)
		   ? json_object_get_string_member_with_default(
			 json_array_get_object_element(from, 0), "address", NULL)
		   : NULL;
}

static gboolean keep_reading(struct db *db, gint64 message, gint64 link_letter, const char *json,
			     GDateTime *now, struct collect_count *count, GError **error)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	struct match_result match = {0};
	g_autofree char *clues = NULL;
	JsonObject *record;
	gboolean good;

	/* What comes from the reader is not trusted to be well-formed. */
	if (!json_parser_load_from_data(parser, json, -1, NULL) ||
	    !JSON_NODE_HOLDS_OBJECT(json_parser_get_root(parser)))
		return note(db, message, "broken", N_("the reader's record is damaged"), 0, FALSE,
			    now, error);
	record = json_node_get_object(json_parser_get_root(parser));
	if (!match_reading(db, record, &match, error))
		return FALSE;
	clues = all_clues(match.clues, link_letter);
	good =
	    db_run(
		db, sql_reading_put,
		DB(db_int(message), db_text(json_object_get_string_member(record, "kind")),
		   db_text(first_address(record)),
		   db_text(json_object_get_string_member_with_default(record, "message_id", NULL)),
		   db_text(json), db_text(clues), db_time(now)),
		NULL, error) &&
	    settle_reading(db, message, link_letter, record, &match, now, count, error);
	match_result_clear(&match);
	return good;
}

/* Commits what becomes of a message. */
static gboolean file_errand(struct db *db, struct errand *errand, GDateTime *now,
			    struct collect_count *count, GError **error)
{
	gboolean good;

	if (!errand->json &&
	    g_error_matches(errand->problem, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY)) {
		g_propagate_error(error, g_steal_pointer(&errand->problem));
		return FALSE;
	}
	if (!db_begin(db, error))
		return FALSE;
	if (errand->json) {
		good = keep_reading(db, errand->message, errand->link_letter, errand->json, now,
				    count, error);
	} else {
		count->broken++;
		good = note(db, errand->message, "broken", errand->problem->message,
			    errand->link_letter, FALSE, now, error);
	}
	if (good)
		return db_commit(db, error);
	db_rollback(db);
	return FALSE;
}

/* Reads and files the messages that were claimed. */
static gboolean read_claimed(struct db *db, struct reading_room *room, struct db_rows *rows,
			     GDateTime *now, struct collect_count *count, GError **error)
{
	guint n = db_rows_count(rows);
	guint next = 0;
	gboolean good = TRUE;

	while (good && (next < n || room->count > 0)) {
		struct errand *errand;

		if (next < n && reading_room_has_room(room)) {
			good = reading_room_add(room, db, db_get_int(rows, next, 0),
						db_get_int(rows, next, 2), error);
			next++;
			continue;
		}
		errand = reading_room_take(room);
		good = file_errand(db, errand, now, count, error);
		errand_free(errand);
	}
	return good;
}

static gboolean read_all(struct db *db, GDateTime *now, struct collect_count *count, GError **error)
{
	g_autofree char *worker = g_strdup_printf("%s/%d", g_get_host_name(), (int)getpid());
	struct reading_room room;
	gboolean good = TRUE;
	guint n = 1;

	reading_room_open(&room);
	while (good && n > 0) {
		g_autoptr(db_rows) rows = message_claim(db, BATCH, LEASE_S, worker, now, error);

		n = rows ? db_rows_count(rows) : 0;
		good = rows && read_claimed(db, &room, rows, now, count, error);
	}
	reading_room_close(&room);
	return good;
}

gboolean collect_read(struct db *db, GDateTime *now, struct collect_count *count, GError **error)
{
	gboolean good;

	/* What a crash takes of the last moments is read again: the bytes are there. What counts is
	 * that all is on disk at the end. */
	if (!db_run(db, sql_commit_wait, DB(db_text("off")), NULL, error))
		return FALSE;
	good = read_all(db, now, count, error);
	if (!good) {
		db_run(db, sql_commit_wait, DB(db_text("on")), NULL, NULL);
		return FALSE;
	}
	return db_run(db, sql_commit_wait, DB(db_text("on")), NULL, error) &&
	       db_run(db, sql_commit_flush, DB_NONE, NULL, error);
}

static gboolean settle_to(struct db *db, gint64 message, const char *number, const char *typed,
			  gint64 account, GDateTime *now, GError **error)
{
	g_autoptr(db_rows) letter = db_query(db, sql_letter_by_number, DB(db_text(number)), error);
	g_autoptr(db_rows) rows =
	    letter ? db_query(db, sql_reading_get, DB(db_int(message)), error) : NULL;
	g_autoptr(JsonParser) parser = json_parser_new();
	g_autofree char *own = NULL;
	JsonObject *record;
	const char *json;

	if (!rows)
		return FALSE;
	/* one that broke its reader has no record: then what a person typed is all there is */
	json = db_rows_count(rows) ? db_get_text(rows, 0, 0) : typed ? EMPTY_RECORD : NULL;
	if (db_rows_count(letter) == 0 || !json ||
	    !json_parser_load_from_data(parser, json, -1, NULL)) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    db_rows_count(letter) == 0 ? _("no letter has the number %s")
						       : _("that message was never read (%s)"),
			    number);
		return FALSE;
	}
	record = json_node_get_object(json_parser_get_root(parser));
	own = typed ? g_strdup(typed) : said_own(record);
	if (!typed && said_nothing(record, own)) {
		if (said_unreadably(record)) {
			g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
				    _("what it says is in an attachment: read it, and type it with "
				      "--text"));
			return FALSE;
		}
		g_free(own);
		own = said_attached(record);
	}
	return file_answer(db, message, db_get_int(letter, 0, 0), record, own, account, now, error);
}

gboolean collect_settle(struct db *db, gint64 message, const char *number, const char *typed,
			gint64 account, GDateTime *now, GError **error)
{
	if (number)
		return settle_to(db, message, number, typed, account, now, error);
	return db_run(db, sql_message_note,
		      DB(db_int(message), db_text("set aside"), db_null(), db_null(),
			 db_bool(FALSE), db_int(account), db_time(now)),
		      NULL, error);
}
