#include "db/round.h"

#include "base/error.h"
#include "sql.h"

static struct round *from_row(const struct db_rows *rows)
{
	struct round *round = g_new0(struct round, 1);

	round->id = db_get_int(rows, 0, 0);
	round->code = g_strdup(db_get_text(rows, 0, 1));
	round->title = g_strdup(db_get_text(rows, 0, 2));
	round->state = g_strdup(db_get_text(rows, 0, 3));
	round->opens = g_strdup(db_get_text(rows, 0, 4));
	round->closes = g_strdup(db_get_text(rows, 0, 5));
	round->keep_until = g_strdup(db_get_text(rows, 0, 6));
	round->language = g_strdup(db_get_text(rows, 0, 7));
	round->template_text = g_strdup(db_get_text(rows, 0, 8));
	round->questionnaire = g_strdup(db_get_text(rows, 0, 9));
	round->form = db_get_bytes(rows, 0, 10);
	round->with_form = db_get_bool(rows, 0, 11);
	round->reminders = (guint)db_get_int(rows, 0, 12);
	round->remind_days = (guint)db_get_int(rows, 0, 13);
	return round;
}

struct round *round_get(struct db *db, const char *code, GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql_round_get, DB(db_text(code)), error);

	if (!rows)
		return NULL;
	if (db_rows_count(rows) == 1)
		return from_row(rows);
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    code ? _("no round %s") : _("no round yet: make one with “pingyi round new”%s"),
		    code ? code : "");
	return NULL;
}

struct round *round_get_by_id(struct db *db, gint64 id, GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql_round_get_by_id, DB(db_int(id)), error);

	if (!rows)
		return NULL;
	if (db_rows_count(rows) == 1)
		return from_row(rows);
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_BUG, "no round with id %" G_GINT64_FORMAT,
		    id);
	return NULL;
}

void round_free(struct round *round)
{
	if (!round)
		return;
	g_free(round->code);
	g_free(round->title);
	g_free(round->state);
	g_free(round->opens);
	g_free(round->closes);
	g_free(round->keep_until);
	g_free(round->language);
	g_free(round->template_text);
	g_free(round->questionnaire);
	g_clear_pointer(&round->form, g_bytes_unref);
	g_free(round);
}
