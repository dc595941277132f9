#include "followup/follow.h"

#include "base/error.h"
#include "db/letter.h"
#include "followup/mask.h"
#include "sql.h"

#include <string.h>

#define BATCH 100

/* The strings of a JSON array. Returns: (transfer full) */
static char **strings(const char *json)
{
	g_autoptr(JsonNode) node = json_from_string(json, NULL);
	GPtrArray *list = g_ptr_array_new();
	JsonArray *array = node ? json_node_get_array(node) : NULL;

	for (guint i = 0; array && i < json_array_get_length(array); i++)
		g_ptr_array_add(list, g_strdup(json_array_get_string_element(array, i)));
	g_ptr_array_add(list, NULL);
	return (char **)g_ptr_array_free(list, FALSE);
}

/* The masked copy of what was said. Row: see sql_opinion_facts. */
static char *masked_copy(const struct db_rows *row, char **replaced_out)
{
	g_auto(GStrv) contacts = strings(db_get_text(row, 0, 6));
	g_auto(GStrv) phones = strings(db_get_text(row, 0, 7));
	g_auto(GStrv) emails = strings(db_get_text(row, 0, 8));
	struct mask_facts facts = {
	    .name = db_get_text(row, 0, 2),
	    .short_name = db_get_text(row, 0, 3),
	    .credit_code = db_get_text(row, 0, 4),
	    .address = db_get_text(row, 0, 5),
	    .contacts = (const char *const *)contacts,
	    .phones = (const char *const *)phones,
	    .emails = (const char *const *)emails,
	};
	g_autoptr(JsonNode) replaced = NULL;
	char *masked = mask_text(db_get_text(row, 0, 0), &facts, &replaced);

	*replaced_out = json_to_string(replaced, FALSE);
	return masked;
}

gboolean follow_draft(struct db *db, gint64 opinion, gint64 account, GDateTime *now,
		      guint *drafts_out, GError **error)
{
	g_autoptr(db_rows) facts = db_query(db, sql_opinion_facts, DB(db_int(opinion)), error);
	g_autoptr(db_rows) to =
	    facts ? db_query(db, sql_opinion_departments, DB(db_int(opinion)), error) : NULL;
	g_autofree char *masked = NULL;
	g_autofree char *replaced = NULL;

	if (!to)
		return FALSE;
	if (db_rows_count(facts) == 0) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("there is no opinion %lld"),
			    (long long)opinion);
		return FALSE;
	}
	if (db_rows_count(to) == 0) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_STATE,
			    _("opinion %lld has no department that could get it: it has been "
			      "handed over, or none is named"),
			    (long long)opinion);
		return FALSE;
	}
	masked = masked_copy(facts, &replaced);
	for (guint i = 0; i < db_rows_count(to); i++)
		if (!db_run(db, sql_rectification_draft,
			    DB(db_int(opinion), db_int(db_get_int(to, i, 0)), db_text(masked),
			       db_text(replaced), account ? db_int(account) : db_null(),
			       db_time(now)),
			    NULL, error))
			return FALSE;
	if (drafts_out)
		*drafts_out = db_rows_count(to);
	return TRUE;
}

/* Whether the same copies, word by word, would go out in the same way. */
static gboolean are_same(const struct db_rows *one, const struct db_rows *two)
{
	static const guint columns[] = {0, 2, 4}; /* which, what it says, whether it leads */

	if (db_rows_count(one) != db_rows_count(two))
		return FALSE;
	for (guint i = 0; i < db_rows_count(one); i++)
		for (guint j = 0; j < G_N_ELEMENTS(columns); j++)
			if (strcmp(db_get_text(one, i, columns[j]),
				   db_get_text(two, i, columns[j])) != 0)
				return FALSE;
	return TRUE;
}

gboolean follow_hand(struct db *db, gint64 opinion, const struct db_rows *shown, gint64 account,
		     GDateTime *now, GError **error)
{
	g_autoptr(db_rows) rows =
	    db_query(db, sql_rectification_drafts, DB(db_int(opinion)), error);

	if (!rows)
		return FALSE;
	if (!are_same(rows, shown)) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_STATE,
			    _("opinion %lld is not as it was shown any more: somebody else has "
			      "handed it over, or assigned or masked it anew"),
			    (long long)opinion);
		return FALSE;
	}
	for (guint i = 0; i < db_rows_count(rows); i++)
		if (!db_run(db, sql_rectification_hand,
			    DB(db_int(db_get_int(rows, i, 0)), db_text(db_get_text(rows, i, 2)),
			       db_int(account), db_time(now)),
			    NULL, error))
			return FALSE;
	return TRUE;
}

static char *reply_id(struct office *office, const char *number, gint64 opinion)
{
	g_autofree char *what = g_strdup_printf("reply/%" G_GINT64_FORMAT, opinion);

	return letter_message_id(office, number, what);
}

gboolean follow_decline(struct office *office, struct db *db, gint64 opinion, const char *why,
			gint64 account, GDateTime *now, GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql_letter_of_opinion, DB(db_int(opinion)), error);
	g_autofree char *message_id = NULL;

	if (!rows)
		return FALSE;
	if (db_rows_count(rows) == 0) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("there is no opinion %lld"),
			    (long long)opinion);
		return FALSE;
	}
	message_id = reply_id(office, db_get_text(rows, 0, 0), opinion);
	return db_run(
	    db, sql_opinion_decline,
	    DB(db_int(opinion), db_text(why), db_text(message_id), db_int(account), db_time(now)),
	    NULL, error);
}

gboolean follow_close(struct office *office, struct db *db, gint64 rectification, gint64 account,
		      GDateTime *now, gboolean *replied_out, GError **error)
{
	g_autoptr(db_rows) rows =
	    db_query(db, sql_letter_of_rectification, DB(db_int(rectification)), error);
	g_autoptr(db_rows) closed = NULL;
	g_autofree char *message_id = NULL;

	if (!rows)
		return FALSE;
	if (db_rows_count(rows) == 0) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("there is no item %lld"),
			    (long long)rectification);
		return FALSE;
	}
	message_id = reply_id(office, db_get_text(rows, 0, 0), db_get_int(rows, 0, 1));
	closed = db_query(
	    db, sql_rectification_close,
	    DB(db_int(rectification), db_text(message_id), db_int(account), db_time(now)), error);
	if (!closed)
		return FALSE;
	if (replied_out)
		*replied_out = !db_is_null(closed, 0, 0);
	return TRUE;
}

gboolean follow_waiting(struct db *db, GDateTime *now, guint *drafts_out, GError **error)
{
	*drafts_out = 0;
	for (;;) {
		g_autoptr(db_rows) rows =
		    db_query(db, sql_opinion_undrafted, DB(db_int(BATCH)), error);

		if (!rows)
			return FALSE;
		if (db_rows_count(rows) == 0)
			return TRUE;
		for (guint i = 0; i < db_rows_count(rows); i++)
			if (!follow_draft(db, db_get_int(rows, i, 0), 0, now, NULL, error))
				return FALSE;
		*drafts_out += db_rows_count(rows);
	}
}
