#include "collector/collect.h"

#include "base/error.h"
#include "collector/match.h"
#include "collector/own.h"
#include "collector/reader.h"
#include "collector/source_imap.h"
#include "collector/source_pop3.h"
#include "sql.h"

#include <json-glib/json-glib.h>
#include <string.h>
#include <unistd.h>

#define BATCH   50
#define LEASE_S 600

/* Read ahead of the database, at most: */
#define AHEAD       8
#define AHEAD_BYTES (32u << 20)

#define COVER_NOTE_MAX 24 /* characters */
#define EMPTY_RECORD   "{\"own\":\"\",\"form\":null,\"attachments\":[]}"

struct storing {
	struct db *db;
	GDateTime *now;
	struct collect_count *count;
	GHashTable *uids;   /* of the mailbox, with those stored since; NULL: not asked yet */
	GHashTable *told;   /* those of them that are counted as known */
	gint64 uidvalidity; /* theirs: a connection may be opened again */
	struct message_batch *batch; /* of those that can wait */
};

static void forget_uids(struct storing *storing)
{
	g_clear_pointer(&storing->uids, g_hash_table_unref);
	g_clear_pointer(&storing->told, g_hash_table_unref);
}

static gboolean learn_uids(struct storing *storing, const struct message_place *place,
			   GError **error)
{
	if (storing->uids && storing->uidvalidity == place->uidvalidity)
		return TRUE;
	forget_uids(storing);
	storing->uids = message_place_uids(storing->db, place, error);
	storing->told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	storing->uidvalidity = place->uidvalidity;
	return storing->uids != NULL;
}

/* A source with a mailbox asks for one mailbox only, and for all of it. */
static gboolean place_known(void *user, const struct message_place *place, gboolean *known_out,
			    GError **error)
{
	struct storing *storing = user;

	if (strcmp(place->channel, "file") == 0) {
		if (!message_place_known(storing->db, place, known_out, error))
			return FALSE;
		storing->count->known += *known_out ? 1 : 0;
		return TRUE;
	}
	if (!learn_uids(storing, place, error))
		return FALSE;
	*known_out = g_hash_table_contains(storing->uids, place->uid);
	if (*known_out && g_hash_table_add(storing->told, g_strdup(place->uid)))
		storing->count->known++;
	return TRUE;
}

static gboolean store_batch(struct storing *storing, GError **error)
{
	guint count = message_batch_count(storing->batch);
	guint new_ones = 0;

	if (!message_batch_store(storing->db, storing->batch, storing->now, &new_ones, error))
		return FALSE;
	storing->count->stored += new_ones;
	storing->count->known += count - new_ones;
	return TRUE;
}

static gboolean store_one(struct storing *storing, const struct message_place *place, GBytes *raw,
			  GError **error)
{
	gboolean is_new = FALSE;
	gint64 id = 0;

	if (!message_store(storing->db, place, raw, storing->now, &id, &is_new, error))
		return FALSE;
	if (is_new)
		storing->count->stored++;
	else
		storing->count->known++;
	/* A connection that is opened again shows it again. */
	if (storing->uids && storing->uidvalidity == place->uidvalidity) {
		g_hash_table_add(storing->uids, g_strdup(place->uid));
		g_hash_table_add(storing->told, g_strdup(place->uid));
	}
	return TRUE;
}

/* Whether what was shown stays where it is until the next time: then it may wait for others. */
static gboolean can_wait(const struct message_place *place)
{
	return strcmp(place->channel, "maildir") == 0 || strcmp(place->channel, "mbox") == 0;
}

static gboolean store(void *user, const struct message_place *place, GBytes *raw, GError **error)
{
	struct storing *storing = user;

	if (!can_wait(place))
		return store_one(storing, place, raw, error);
	if (!message_batch_fits(storing->batch, place, raw) && !store_batch(storing, error))
		return FALSE;
	if (!message_batch_fits(storing->batch, place, raw))
		return store_one(storing, place, raw, error);
	message_batch_add(storing->batch, place, raw);
	return TRUE;
}

static void skipped(void *user, const struct message_place *place, const char *why)
{
	struct storing *storing = user;

	(void)place;
	(void)why;
	storing->count->skipped++;
}

static gboolean fetch_imap(const struct collect_source *source, const struct source_sink *sink,
			   GError **error)
{
	struct imap_options options = {.url = source->url,
				       .user = source->user,
				       .password = source->password,
				       .starttls = source->starttls,
				       .ca_file = source->ca_file};
	enum source_after after = SOURCE_SEEN;
	const char *folder = NULL;

	return source_after_read(source->after && *source->after ? source->after : "seen", FALSE,
				 &after, &folder, error) &&
	       source_imap(&options, after, folder, sink, error);
}

static gboolean fetch_pop3(const struct collect_source *source, const struct source_sink *sink,
			   GError **error)
{
	struct pop3_options options = {.url = source->url,
				       .user = source->user,
				       .password = source->password,
				       .starttls = source->starttls,
				       .ca_file = source->ca_file};
	enum source_after after = SOURCE_KEEP;
	const char *folder = NULL;

	return source_after_read(source->after && *source->after ? source->after : "seen", TRUE,
				 &after, &folder, error) &&
	       source_pop3(&options, after, sink, error);
}

static gboolean is_zip(const char *path)
{
	g_autofree char *low = g_ascii_strdown(path, -1);

	return g_str_has_suffix(low, ".zip") && g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

static gboolean fetch(const struct collect_source *source, const struct source_sink *sink,
		      GError **error)
{
	const char *url = source->url;

	if (g_str_has_prefix(url, "maildir:"))
		return source_maildir(url + strlen("maildir:"), sink, error);
	if (g_str_has_prefix(url, "mbox:"))
		return source_mbox(url + strlen("mbox:"), sink, error);
	if (g_str_has_prefix(url, "imap://") || g_str_has_prefix(url, "imaps://"))
		return fetch_imap(source, sink, error);
	if (g_str_has_prefix(url, "pop3://") || g_str_has_prefix(url, "pop3s://"))
		return fetch_pop3(source, sink, error);
	return is_zip(url) ? source_zip(url, sink, error) : source_file(url, sink, error);
}

gboolean collect_fetch(struct db *db, const struct collect_source *source, GDateTime *now,
		       struct collect_count *count, GError **error)
{
	struct storing storing = {
	    .db = db, .now = now, .count = count, .batch = message_batch_new()};
	struct source_sink sink = {place_known, store, skipped, &storing};
	gboolean good = fetch(source, &sink, error);

	/* also after an error: those that wait have been shown */
	if (!store_batch(&storing, good ? error : NULL))
		good = FALSE;
	forget_uids(&storing);
	message_batch_free(storing.batch);
	return good;
}

/* A source of pingyi.conf: relative paths start at the office's folder. */
static char *source_url(struct office *office, const char *group)
{
	const char *url = office_setting(office, group, "url", "");
	const char *colon = strchr(url, ':');
	g_autofree char *path = NULL;

	if (!g_str_has_prefix(url, "maildir:") && !g_str_has_prefix(url, "mbox:"))
		return g_strdup(url);
	path = office_path(office, colon + 1);
	return g_strdup_printf("%.*s%s", (int)(colon + 1 - url), url, path);
}

static gboolean fetch_group(struct office *office, struct db *db, const char *group, GDateTime *now,
			    struct collect_count *count, GError **error)
{
	const char *secret = office_setting(office, group, "password_file", "");
	const char *ca_file = office_setting(office, group, "ca_file", "");
	g_autofree char *url = source_url(office, group);
	g_autofree char *password = NULL;
	g_autofree char *ca_path = *ca_file ? office_path(office, ca_file) : NULL;
	struct collect_source source = {
	    .url = url,
	    .user = office_setting(office, group, "user", ""),
	    .starttls = strcmp(office_setting(office, group, "starttls", "required"), "off") != 0,
	    .ca_file = ca_path,
	    .after = office_setting(office, group, "after", "seen"),
	};

	if (!*url)
		return TRUE;
	if (*secret) {
		password = office_secret(office, secret, error);
		if (!password)
			return FALSE;
		source.password = password;
	}
	return collect_fetch(db, &source, now, count, error);
}

gboolean collect_configured(struct office *office, struct db *db, GDateTime *now,
			    struct collect_count *count, GError **error)
{
	g_auto(GStrv) groups = office_groups(office, "source ");

	for (char **group = groups; *group; group++)
		if (!fetch_group(office, db, *group, now, count, error)) {
			g_prefix_error(error, "[%s] ", *group);
			return FALSE;
		}
	return TRUE;
}

/* "见附件。" beside a filled form: a few words that only speak of the form. */
static gboolean is_cover_note(const char *own)
{
	static const char *const words[] = {"附件",     "查收",       "意见表",  "已填",
					    "attached", "attachment", "enclosed"};
	g_autofree char *low = g_utf8_strdown(own, -1);

	if (g_utf8_strlen(own, -1) > COVER_NOTE_MAX)
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		if (strstr(low, words[i]))
			return TRUE;
	return FALSE;
}

/* What the writer said: own words without quoted lines, and the open answers of a form. */
static char *own_words(JsonObject *record)
{
	g_autofree char *own = own_strip_quotes(json_object_get_string_member(record, "own"));
	JsonNode *form = json_object_get_member(record, "form");
	GString *text = g_string_new(g_strstrip(own));
	JsonArray *open;

	if (!form || JSON_NODE_HOLDS_NULL(form))
		return g_string_free(text, FALSE);
	if (is_cover_note(text->str))
		g_string_truncate(text, 0);
	open = json_object_get_array_member(json_node_get_object(form), "open");
	for (guint i = 0; i < json_array_get_length(open); i++) {
		const char *said =
		    json_object_get_string_member(json_array_get_object_element(open, i), "text");

		if (text->len && *said)
			g_string_append_c(text, '\n');
		g_string_append(text, said);
	}
	return g_string_free(text, FALSE);
}

static char *ratings(JsonObject *record)
{
	JsonNode *form = json_object_get_member(record, "form");

	if (!form || JSON_NODE_HOLDS_NULL(form))
		return g_strdup("[]");
	return json_to_string(json_object_get_member(json_node_get_object(form), "ratings"), FALSE);
}

static const char *form_member(JsonObject *record, const char *name)
{
	JsonNode *form = json_object_get_member(record, "form");

	if (!form || JSON_NODE_HOLDS_NULL(form))
		return NULL;
	return json_object_get_string_member_with_default(json_node_get_object(form), name, NULL);
}

static gboolean has_form(JsonObject *record)
{
	JsonNode *form = json_object_get_member(record, "form");

	return form && !JSON_NODE_HOLDS_NULL(form);
}

/* Whether what is said can only stand in what is attached. */
static gboolean says_nothing(JsonObject *record, const char *own)
{
	return !has_form(record) && (!*own || is_cover_note(own)) &&
	       json_array_get_length(json_object_get_array_member(record, "attachments")) > 0;
}

/* A picture, an old .doc: whether something is attached that nobody could read. */
static gboolean any_unread(JsonArray *attachments)
{
	guint n = attachments ? json_array_get_length(attachments) : 0;

	for (guint i = 0; i < n; i++) {
		JsonObject *one = json_array_get_object_element(attachments, i);

		if (json_object_get_string_member_with_default(one, "unread", NULL) ||
		    any_unread(json_object_get_array_member(one, "inside")))
			return TRUE;
	}
	return FALSE;
}

static void add_attached(JsonArray *attachments, GString *text)
{
	guint n = attachments ? json_array_get_length(attachments) : 0;

	for (guint i = 0; i < n; i++) {
		JsonObject *one = json_array_get_object_element(attachments, i);
		const char *its = json_object_get_string_member_with_default(one, "text", NULL);
		g_autofree char *words = g_strstrip(g_strdup(its ? its : ""));

		if (*words)
			g_string_append_printf(text, "%s%s", text->len ? "\n\n" : "", words);
		add_attached(json_object_get_array_member(one, "inside"), text);
	}
}

/* What stands in everything that is attached. (transfer full) */
static char *attached_words(JsonObject *record)
{
	GString *text = g_string_new(NULL);

	add_attached(json_object_get_array_member(record, "attachments"), text);
	return g_string_free(text, FALSE);
}

/* Why a person looks at what is attached first; NULL: nobody need. An attached text may be the
 * answer or anything else, for example our own letter. */
static const char *attached_why(JsonObject *record, const char *own)
{
	g_autofree char *words = NULL;

	if (!says_nothing(record, own))
		return NULL;
	if (any_unread(json_object_get_array_member(record, "attachments")))
		return _("what it says is in an attachment that only a person can read");
	words = attached_words(record);
	return *words ? _("what it says is in an attachment: is it the answer?") : NULL;
}

static gboolean file_answer(struct db *db, gint64 message, gint64 letter, JsonObject *record,
			    const char *own, gint64 account, GDateTime *now, GError **error)
{
	g_autofree char *grades = ratings(record);
	const char *written = json_object_get_string_member_with_default(record, "date", NULL);

	return db_run(db, sql_message_file,
		      DB(db_int(message), db_int(letter), db_text(own), db_text(grades),
			 db_text(form_member(record, "disclosure")), db_text(written),
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
	g_autofree char *own = own_words(record);
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
		why = _("it does not look like an answer");
	} else if (letter && attached_why(record, own)) {
		letter = 0;
		why = attached_why(record, own);
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
		return note(db, message, "broken", _("the reader's record is damaged"), 0, FALSE,
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

/* A message on its way through the reader. */
struct errand {
	gint64 message;
	gint64 link_letter;
	GBytes *raw;
	char *json;      /* its record … */
	GError *problem; /* … or why there is none */
};

static void errand_free(struct errand *errand)
{
	if (errand->raw)
		g_bytes_unref(errand->raw);
	g_free(errand->json);
	g_clear_error(&errand->problem);
	g_free(errand);
}

/* Two threads: one asks the reader, the other the database, so that neither waits for the other. */
struct reading_room {
	GAsyncQueue *unread; /* of struct errand; the last has no bytes */
	GAsyncQueue *read;
	GThread *thread;
	guint count; /* errands in it, and their bytes */
	gsize bytes;
};

static gpointer read_errands(gpointer user)
{
	struct reading_room *room = user;
	struct reader *reader = reader_start(NULL, 0);
	struct errand *errand;

	while ((errand = g_async_queue_pop(room->unread))->raw) {
		reader_read(reader, errand->raw, &errand->json, &errand->problem);
		g_async_queue_push(room->read, errand);
	}
	errand_free(errand);
	reader_free(reader);
	return NULL;
}

static void room_open(struct reading_room *room)
{
	GDestroyNotify free_errand = (GDestroyNotify)errand_free;

	*room = (struct reading_room){.unread = g_async_queue_new_full(free_errand),
				      .read = g_async_queue_new_full(free_errand)};
	room->thread = g_thread_new("reading", read_errands, room);
}

/* What is still in it has not been filed: its lease runs out. */
static void room_close(struct reading_room *room)
{
	struct errand *errand;

	while ((errand = g_async_queue_try_pop(room->unread)) != NULL)
		errand_free(errand);
	g_async_queue_push(room->unread, g_new0(struct errand, 1));
	g_thread_join(room->thread);
	g_async_queue_unref(room->unread);
	g_async_queue_unref(room->read);
}

static gboolean room_has_room(const struct reading_room *room)
{
	return room->count < AHEAD && room->bytes < AHEAD_BYTES;
}

static gboolean room_add(struct reading_room *room, struct db *db, gint64 message,
			 gint64 link_letter, GError **error)
{
	GBytes *raw = message_bytes(db, message, error);
	struct errand *errand;

	if (!raw)
		return FALSE;
	errand = g_new0(struct errand, 1);
	errand->message = message;
	errand->link_letter = link_letter;
	errand->raw = raw;
	room->count++;
	room->bytes += g_bytes_get_size(raw);
	g_async_queue_push(room->unread, errand);
	return TRUE;
}

/* Waits for the next. Returns: (transfer full) */
static struct errand *room_take(struct reading_room *room)
{
	struct errand *errand = g_async_queue_pop(room->read);

	room->count--;
	room->bytes -= g_bytes_get_size(errand->raw);
	return errand;
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

		if (next < n && room_has_room(room)) {
			good = room_add(room, db, db_get_int(rows, next, 0),
					db_get_int(rows, next, 2), error);
			next++;
			continue;
		}
		errand = room_take(room);
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

	room_open(&room);
	while (good && n > 0) {
		g_autoptr(db_rows) rows = message_claim(db, BATCH, LEASE_S, worker, now, error);

		n = rows ? db_rows_count(rows) : 0;
		good = rows && read_claimed(db, &room, rows, now, count, error);
	}
	room_close(&room);
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
	own = typed ? g_strdup(typed) : own_words(record);
	if (!typed && says_nothing(record, own)) {
		if (any_unread(json_object_get_array_member(record, "attachments"))) {
			g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
				    _("what it says is in an attachment: read it, and type it with "
				      "--text"));
			return FALSE;
		}
		g_free(own);
		own = attached_words(record);
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
