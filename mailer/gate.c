#include "mailer/gate.h"

#include "base/error.h"
#include "mailer/relay.h"
#include "sql.h"

#include <string.h>

static gboolean read_yes(struct office *office, const char *name, gboolean *out, GError **error)
{
	const char *value = office_setting(office, "mail", name, "no");

	*out = strcmp(value, "yes") == 0;
	if (*out || strcmp(value, "no") == 0)
		return TRUE;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("[mail] %s is “%s”; it can be yes or no"), name, value);
	return FALSE;
}

struct gate *gate_new(struct office *office, GError **error)
{
	const char *zone = office_setting(office, "office", "timezone", "Asia/Shanghai");
	g_autoptr(gate_handle) gate = g_new0(struct gate, 1);

	gate->zone = g_time_zone_new_identifier(zone);
	if (!gate->zone) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("pingyi.conf: no time zone “%s”"), zone);
		return NULL;
	}
	if (!hours_parse(office_setting(office, "mail", "hours", ""), &gate->hours, error) ||
	    !read_yes(office, "workdays_only", &gate->workdays, error))
		return NULL;
	return g_steal_pointer(&gate);
}

void gate_free(struct gate *gate)
{
	if (!gate)
		return;
	g_clear_pointer(&gate->zone, g_time_zone_unref);
	g_free(gate);
}

static gboolean check_hours(const struct gate *gate, struct db *db, GDateTime *now, GError **error)
{
	const struct hours *hours = &gate->hours;
	g_autoptr(GDateTime) local = g_date_time_to_timezone(now, gate->zone);
	g_autoptr(db_rows) rows = NULL;

	if (!hours_contain(hours, local)) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_STATE,
			    _("mail leaves between %02u:%02u and %02u:%02u only ([mail] hours); "
			      "--any-hour sends now"),
			    hours->from / 60, hours->from % 60, hours->until / 60,
			    hours->until % 60);
		return FALSE;
	}
	if (!gate->workdays)
		return TRUE;
	rows = db_query(db, sql_calendar_works, DB(db_time(now)), error);
	if (!rows)
		return FALSE;
	if (db_rows_count(rows) == 0 || db_get_bool(rows, 0, 0))
		return TRUE;
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_STATE,
			    _("today is no working day ([mail] workdays_only); --any-hour sends "
			      "now"));
	return FALSE;
}

gboolean gate_check_open(struct db *db, GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql_send_gate_get, DB_NONE, error);
	const char *why;

	if (!rows)
		return FALSE;
	if (db_rows_count(rows) == 0 || db_get_bool(rows, 0, 0))
		return TRUE;
	why = db_get_text(rows, 0, 1);
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_STATE,
		    _("sending is paused: %s; “pingyi send --resume” lets it go on"),
		    why && *why ? why : _("by a person"));
	return FALSE;
}

static gboolean is_web_address(const char *url)
{
	g_autofree char *scheme = NULL;
	g_autofree char *host = NULL;

	return g_uri_split(url, G_URI_FLAGS_NONE, &scheme, NULL, &host, NULL, NULL, NULL, NULL,
			   NULL) &&
	       scheme && host && *host &&
	       (g_ascii_strcasecmp(scheme, "http") == 0 ||
		g_ascii_strcasecmp(scheme, "https") == 0);
}

gboolean gate_check_link(struct office *office, GError **error)
{
	const char *url = office_setting(office, "office", "public_url", "http://127.0.0.1:8080");

	if (!is_web_address(url)) {
		g_set_error(
		    error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("pingyi.conf: [office] public_url is “%s”; it must be http:// or https:// "
		      "with the name of a server behind"),
		    url);
		return FALSE;
	}
	for (guint i = 0; i < 2; i++) {
		GError *problem = NULL;
		g_autoptr(relay_handle) relay =
		    relay_new(office, i == 0 ? "mail" : "mail second", &problem);

		if (problem) {
			g_propagate_error(error, problem);
			return FALSE;
		}
		/* a relay on this machine hands on to the world, a folder does not */
		if (!relay || relay->maildir || !relay_is_loopback(url))
			continue;
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_STATE,
			    _("[office] public_url is %s: nobody but this machine could open the "
			      "links, so nothing leaves through %s. Set it to the address at "
			      "which enterprises reach the pages (https://…); to try things out, "
			      "let letters go into a folder: [mail] destination = maildir:outbox"),
			    url, relay->shown);
		return FALSE;
	}
	return TRUE;
}

gboolean gate_check(const struct gate *gate, struct db *db, GDateTime *now, gboolean any_hour,
		    GError **error)
{
	return gate_check_open(db, error) && (any_hour || check_hours(gate, db, now, error));
}
