#include "followup/notify.h"

#include "base/error.h"
#include "db/calendar.h"
#include "db/letter.h"
#include "sql.h"

#include <string.h>

enum often { OFF, DAILY, WEEKLY };

static gboolean read_often(struct office *office, const char *setting, const char *fallback,
			   enum often *often_out, GError **error)
{
	const char *text = office_setting(office, "notices", setting, fallback);
	static const char *const names[] = {[OFF] = "off", [DAILY] = "daily", [WEEKLY] = "weekly"};

	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		if (strcmp(text, names[i]) == 0) {
			*often_out = (enum often)i;
			return TRUE;
		}
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("pingyi.conf: [notices] %s = “%s” is none of off, daily, weekly"), setting,
		    text);
	return FALSE;
}

/* Always the same for the same kind, addressee and day. Returns: (transfer full) */
static char *message_id(struct office *office, const char *kind, const char *who, const char *day)
{
	g_autofree char *domain = letter_domain(office);
	g_autofree char *what = g_strdup_printf("%s/%s/%s", kind, who, day);
	g_autofree char *token = key_token(office_key(office), "message-id", what);

	return g_strdup_printf("<%s.%s@%s>", kind, token, domain);
}

static gboolean make(struct office *office, struct db *db, const char *kind, enum often often,
		     GDateTime *now, guint *made_out, GError **error)
{
	g_autoptr(GString) whos = g_string_new(NULL);
	g_autoptr(GString) ids = g_string_new(NULL);
	g_autoptr(db_rows) wanted = NULL;
	g_autoptr(db_rows) made = NULL;

	if (often == OFF)
		return TRUE;
	wanted = db_query(db, sql_notice_wanted,
			  DB(db_text(kind), db_bool(often == WEEKLY), db_time(now)), error);
	if (!wanted || db_rows_count(wanted) == 0)
		return wanted != NULL;
	for (guint i = 0; i < db_rows_count(wanted); i++) {
		g_autofree char *id =
		    message_id(office, kind, db_get_text(wanted, i, 0), db_get_text(wanted, i, 1));

		db_array_int(whos, db_get_int(wanted, i, 0));
		db_array_text(ids, id);
	}
	made = db_query(db, sql_notice_put,
			DB(db_text(kind), db_bool(often == WEEKLY), db_text(db_array_end(whos)),
			   db_text(db_array_end(ids)), db_time(now)),
			error);
	if (!made)
		return FALSE;
	*made_out = (guint)db_get_int(made, 0, 0);
	return TRUE;
}

gboolean notify_due(struct office *office, struct db *db, GDateTime *now,
		    struct notify_count *count, GError **error)
{
	gboolean at_work = FALSE;
	enum often digest = OFF;
	enum often notice = OFF;

	*count = (struct notify_count){0};
	if (!read_often(office, "department_digest", "daily", &digest, error) ||
	    !read_often(office, "supervisor_notice", "weekly", &notice, error) ||
	    !calendar_at_work(office, db, now, &at_work, error))
		return FALSE;
	return !at_work || (make(office, db, "digest", digest, now, &count->digests, error) &&
			    make(office, db, "notice", notice, now, &count->notices, error));
}
