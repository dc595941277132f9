#include "collector/collect.h"

#include "base/error.h"
#include "collector/filing.h"
#include "collector/reading_room.h"
#include "collector/said.h"
#include "collector/said_form.h"
#include "sql.h"

#include <string.h>
#include <unistd.h>

#define BATCH       128u
#define LEASE_S     1200 /* more than what all but the worst of mail takes to be read */
#define PATIENCE_MS 2000u

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

/* What a worker does: messages go into the reading room, and come out of it to be filed. */
struct work {
	struct db *db;
	GDateTime *now;
	char *worker;
	struct reading_room room;
	struct filing *filing;
};

/* Files what is read when there is enough of it, when nothing more is to come, or when the next
 * lets wait. */
static gboolean take_read(struct work *work, struct collect_count *count, GError **error)
{
	struct errand *errand =
	    reading_room_take(&work->room, filing_count(work->filing) ? PATIENCE_MS : G_MAXUINT);

	if (errand)
		filing_add(work->filing, errand);
	return (errand && work->room.count > 0 && filing_count(work->filing) < FILING_MAX) ||
	       filing_commit(work->filing, count, error);
}

/* Leases more when half of what was leased is read: then the reader never waits for the database.
 */
static gboolean read_all(struct work *work, struct collect_count *count, GError **error)
{
	g_autoptr(db_rows) rows = NULL;
	gboolean good = TRUE;
	gboolean more = TRUE;
	guint next = 0;

	while (good) {
		gboolean claimed = rows && next < db_rows_count(rows);

		if (claimed && reading_room_has_room(&work->room)) {
			good = reading_room_add(&work->room, work->db, rows, next++, error);
		} else if (!claimed && more && work->room.count <= BATCH / 2) {
			g_clear_pointer(&rows, db_rows_free);
			rows =
			    message_claim(work->db, BATCH, LEASE_S, work->worker, work->now, error);
			good = rows != NULL;
			more = rows && db_rows_count(rows) > 0;
			next = 0;
		} else if (work->room.count > 0) {
			good = take_read(work, count, error);
		} else {
			break;
		}
	}
	return good;
}

static gboolean work_all(struct db *db, GDateTime *now, struct collect_count *count, GError **error)
{
	struct work work = {.db = db, .now = now};
	gboolean good;

	work.worker = g_strdup_printf("%s/%d", g_get_host_name(), (int)getpid());
	work.filing = filing_new(db, work.worker, now);
	reading_room_open(&work.room);
	good = read_all(&work, count, error);
	/* where the database is away the leases end by themselves */
	if (!good)
		db_run(db, sql_messages_release, DB(db_text(work.worker)), NULL, NULL);
	reading_room_close(&work.room);
	filing_free(work.filing);
	g_free(work.worker);
	return good;
}

gboolean collect_read(struct db *db, GDateTime *now, struct collect_count *count, GError **error)
{
	gboolean good;

	/* What a crash takes of the last moments is read again: the bytes are there. What counts is
	 * that all is on disk at the end. */
	if (!db_run(db, sql_commit_wait, DB(db_text("off")), NULL, error))
		return FALSE;
	good = work_all(db, now, count, error);
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
	g_autofree char *whole = NULL;
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
	if (!typed && said_elsewhere(record, own)) {
		if (said_unreadably(record)) {
			g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
				    _("what it says is in an attachment: read it, and type it with "
				      "--text"));
			return FALSE;
		}
		whole = said_with_attached(record, own);
		g_free(own);
		own = g_steal_pointer(&whole);
	}
	if (!typed && said_form_unreadable(record, own)) {
		g_set_error(
		    error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("its form cannot be read for sure: look at the original, and type what it "
		      "says with --text"));
		return FALSE;
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
			 db_int(account), db_time(now)),
		      NULL, error);
}
