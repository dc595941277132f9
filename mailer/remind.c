#include "mailer/remind.h"

#include "base/error.h"
#include "db/calendar.h"
#include "db/letter.h"
#include "sql.h"

#include <string.h>

enum column { LETTER, NUMBER, ENTERPRISE, NAME, ADDRESS, TURN };

/* A way through a round's letters, in the order of their enterprises. */
struct walk {
	struct db *db;
	gint64 round;
	GDateTime *now;
	gboolean at_once; /* whatever days have passed */
	gint64 last;      /* enterprise */
};

/* The next letters that want a reminder. Returns: (transfer full) NULL with an error, or without
 * one at the end. */
static struct db_rows *next_piece(struct walk *walk, GError **error)
{
	g_autoptr(db_rows) rows = db_query(
	    walk->db, sql_reminder_due,
	    DB(db_int(walk->round), db_int(walk->last), db_time(walk->now), db_bool(walk->at_once)),
	    error);

	if (!rows)
		return NULL;
	for (guint i = 0; i < db_rows_count(rows); i++)
		if (db_is_null(rows, i, LETTER)) {
			walk->last = db_get_int(rows, i, ENTERPRISE);
			return db_is_null(rows, i, ENTERPRISE) ? NULL : g_steal_pointer(&rows);
		}
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_BUG, "reminder_due: no last row");
	return NULL;
}

/* Whether a row of the piece is a letter to be reminded by mail; one on paper is counted. */
static gboolean by_mail(const struct db_rows *rows, guint row, struct remind_count *count)
{
	if (db_is_null(rows, row, LETTER))
		return FALSE;
	if (!db_is_null(rows, row, ADDRESS))
		return TRUE;
	count->paper++;
	return FALSE;
}

static gboolean put_piece(struct office *office, const struct walk *walk,
			  const struct db_rows *rows, gint64 account, struct remind_count *count,
			  GError **error)
{
	g_autoptr(GString) letters = g_string_new(NULL);
	g_autoptr(GString) turns = g_string_new(NULL);
	g_autoptr(GString) ids = g_string_new(NULL);
	g_autoptr(db_rows) made = NULL;

	for (guint i = 0; i < db_rows_count(rows); i++) {
		g_autofree char *what = NULL;
		g_autofree char *id = NULL;

		if (!by_mail(rows, i, count))
			continue;
		what = g_strconcat("reminder/", db_get_text(rows, i, TURN), NULL);
		id = letter_message_id(office, db_get_text(rows, i, NUMBER), what);
		db_array_int(letters, db_get_int(rows, i, LETTER));
		db_array_int(turns, db_get_int(rows, i, TURN));
		db_array_text(ids, id);
	}
	if (letters->len == 0)
		return TRUE;
	made = db_query(walk->db, sql_reminder_put,
			DB(db_int(walk->round), db_text(db_array_end(letters)),
			   db_text(db_array_end(turns)), db_text(db_array_end(ids)),
			   account ? db_int(account) : db_null(), db_time(walk->now)),
			error);
	if (!made)
		return FALSE;
	count->made += (guint)db_get_int(made, 0, 0);
	return TRUE;
}

/* Each piece is committed by itself: what a broken run has made is not made again. */
static gboolean remind_round(struct office *office, struct walk *walk, gint64 account,
			     struct remind_count *count, GError **error)
{
	g_autoptr(GError) problem = NULL;

	for (;;) {
		g_autoptr(db_rows) rows = next_piece(walk, &problem);

		if (!rows)
			break;
		if (!put_piece(office, walk, rows, account, count, error))
			return FALSE;
	}
	if (!problem)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&problem));
	return FALSE;
}

gboolean remind_due(struct office *office, struct db *db, GDateTime *now,
		    struct remind_count *count, GError **error)
{
	gboolean at_work = FALSE;
	g_autoptr(db_rows) rounds = NULL;

	if (!calendar_at_work(office, db, now, &at_work, error))
		return FALSE;
	if (!at_work)
		return TRUE;
	rounds = db_query(db, sql_reminder_rounds, DB(db_time(now)), error);
	if (!rounds)
		return FALSE;
	for (guint i = 0; i < db_rows_count(rounds); i++) {
		struct walk walk = {.db = db, .round = db_get_int(rounds, i, 0), .now = now};

		if (!remind_round(office, &walk, 0, count, error) ||
		    !db_run(db, sql_reminder_end, DB(db_int(walk.round), db_time(now)), NULL,
			    error))
			return FALSE;
	}
	return TRUE;
}

static gboolean is_open(struct db *db, const struct round *round, GDateTime *now, GError **error)
{
	g_autofree char *today = calendar_day(db, now, error);

	if (!today)
		return FALSE;
	if (strcmp(round->state, "released") == 0 && strcmp(today, round->closes) <= 0 &&
	    round->reminders > 0)
		return TRUE;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_STATE,
		    round->reminders == 0 ? _("round %s allows no reminders")
					  : _("round %s is not open: only an open one reminds"),
		    round->code);
	return FALSE;
}

gboolean remind_preview(struct db *db, const struct round *round, GDateTime *now,
			struct remind_preview *preview_out, GError **error)
{
	struct walk walk = {.db = db, .round = round->id, .now = now, .at_once = TRUE};
	g_autoptr(GString) names = g_string_new(NULL);
	g_autoptr(GError) problem = NULL;

	*preview_out = (struct remind_preview){.names = NULL};
	if (!is_open(db, round, now, error))
		return FALSE;
	for (;;) {
		g_autoptr(db_rows) rows = next_piece(&walk, &problem);

		if (!rows)
			break;
		for (guint i = 0; i < db_rows_count(rows); i++) {
			if (!by_mail(rows, i, &preview_out->count))
				continue;
			if (preview_out->count.made++ < REMIND_NAMES)
				g_string_append_printf(names, "%s%s", names->len ? ", " : "",
						       db_get_text(rows, i, NAME));
		}
	}
	if (problem) {
		g_propagate_error(error, g_steal_pointer(&problem));
		return FALSE;
	}
	preview_out->names = g_string_free(g_steal_pointer(&names), FALSE);
	return TRUE;
}

void remind_preview_clear(struct remind_preview *preview)
{
	g_clear_pointer(&preview->names, g_free);
}

gboolean remind_now(struct office *office, struct db *db, const struct round *round, gint64 account,
		    GDateTime *now, struct remind_count *count, GError **error)
{
	struct walk walk = {.db = db, .round = round->id, .now = now, .at_once = TRUE};

	return remind_round(office, &walk, account, count, error);
}
