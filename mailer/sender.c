#include "mailer/sender.h"

#include "base/error.h"
#include "mailer/smtp_text.h"
#include "mailer/verp.h"
#include "sql.h"

#include <string.h>

/* --- settings --- */

static gboolean read_limit(struct office *office, const char *group, const char *at_once,
			   const char *per_hour, struct pace_limit *out, GError **error)
{
	return office_number(office, group, at_once, "0", 0, 1000, &out->at_once, error) &&
	       office_number(office, group, per_hour, "0", 0, 1000000, &out->per_hour, error);
}

/* [domain qq.com] at_once, per_hour; [mail] domain_at_once, domain_per_hour for all others. */
static struct pace *read_pace(struct office *office, gboolean *limited_out, GError **error)
{
	g_auto(GStrv) groups = office_groups(office, "domain ");
	struct pace_limit limit;
	struct pace *pace;

	if (!read_limit(office, "mail", "domain_at_once", "domain_per_hour", &limit, error))
		return NULL;
	*limited_out = limit.at_once > 0;
	pace = pace_new(&limit);
	for (guint i = 0; groups[i]; i++) {
		if (!read_limit(office, groups[i], "at_once", "per_hour", &limit, error)) {
			pace_free(pace);
			return NULL;
		}
		*limited_out |= limit.at_once > 0;
		pace_set_limit(pace, groups[i] + strlen("domain "), &limit);
	}
	return pace;
}

/* --- the sender --- */

/* Returns how many of them had been tried. */
static guint free_all(GPtrArray *mails)
{
	guint tried = 0;

	for (guint i = 0; mails && i < mails->len; i++) {
		struct mail *mail = mails->pdata[i];

		tried += mail->outcome ? 1 : 0;
		lanes_commit(mail);
		mail_free(mail);
	}
	return tried;
}

void sender_clear(struct sender *s)
{
	struct mail *mail;
	guint left;

	for (guint i = 0; i < SENDER_RELAYS; i++)
		if (s->lanes[i])
			lanes_stop(s->lanes[i], s->ended);
	left = free_all(s->ended) + free_all(s->noting);
	ledger_close(s->ledger, left > 0, s->now);
	while ((mail = g_queue_pop_head(&s->ready)) != NULL)
		mail_free(mail);
	g_clear_pointer(&s->ended, g_ptr_array_unref);
	g_clear_pointer(&s->noting, g_ptr_array_unref);
	for (guint i = 0; i < SENDER_RELAYS; i++) {
		lanes_free(s->lanes[i]);
		relay_free(s->relays[i]);
	}
	drafts_free(s->drafts);
	pace_free(s->pace);
	gate_free(s->gate);
	g_clear_pointer(&s->ends, g_hash_table_unref);
	g_clear_pointer(&s->now, g_date_time_unref);
}

static gboolean load_brake(struct sender *s, struct db *db, GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql_attempt_last, DB_NONE, error);

	for (guint i = rows ? db_rows_count(rows) : 0; i > 0; i--)
		brake_add(&s->brake, strcmp(db_get_text(rows, i - 1, 0), "failed") == 0);
	return rows != NULL;
}

static gboolean load_holds(struct sender *s, struct db *db, GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql_domain_held, DB(db_time(s->now)), error);

	for (guint i = 0; i < SENDER_RELAYS; i++) {
		/* two of them may be two logins at one server */
		g_autofree char *name =
		    g_strdup_printf("relay %u %s", i + 1, s->relays[i] ? s->relays[i]->shown : "");

		s->rest[i] = pace_domain(s->pace, name);
	}
	for (guint i = 0; rows && i < db_rows_count(rows); i++) {
		struct pace_domain *domain = pace_domain(s->pace, db_get_text(rows, i, 0));

		domain->strikes = (guint)db_get_int(rows, i, 1);
		domain->hold_until = db_get_int(rows, i, 2);
		pace_release(s->pace, domain);
	}
	return rows != NULL;
}

/* The envelope sender: an address, and what becomes of it. */
static gboolean check_from(struct office *office, GError **error)
{
	const char *from = office_setting(office, "mail", "from", "");
	gboolean utf8 = FALSE;
	g_autofree char *address = smtp_text_address(from, &utf8);
	enum verp verp;

	if (address)
		return verp_parse(office_setting(office, "mail", "verp", "off"), &verp, error);
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("[mail] from is “%s”; it must be a mail address"), from);
	return FALSE;
}

static gboolean read_settings(struct sender *s, GError **error)
{
	GError *problem = NULL;

	if (!check_from(s->office, error) ||
	    !office_number(s->office, "mail", "stop_at_percent", "5", 0, 100, &s->brake_percent,
			   error) ||
	    !(s->gate = gate_new(s->office, error)) ||
	    !(s->pace = read_pace(s->office, &s->limited, error)))
		return FALSE;
	s->relays[0] = relay_new(s->office, "mail", error);
	if (!s->relays[0])
		return FALSE;
	s->relays[1] = relay_new(s->office, "mail second", &problem);
	if (!problem)
		return TRUE;
	g_propagate_error(error, problem);
	return FALSE;
}

gboolean sender_check_settings(struct office *office, GError **error)
{
	struct sender s = {.office = office};
	gboolean good = read_settings(&s, error);

	for (guint i = 0; i < SENDER_RELAYS; i++)
		relay_free(s.relays[i]);
	pace_free(s.pace);
	gate_free(s.gate);
	return good;
}

gboolean sender_init(struct sender *s, struct db *db, GError **error)
{
	s->started = s->looked = g_get_monotonic_time();
	s->now = g_date_time_ref(s->start);
	s->ended = g_ptr_array_new();
	s->noting = g_ptr_array_new();
	s->ends = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	if (!read_settings(s, error) || !load_brake(s, db, error) || !load_holds(s, db, error))
		return FALSE;
	if (!sender_choose_relay(s, error))
		return FALSE;
	s->drafts = drafts_new(s->office);
	s->ledger = ledger_open(s->office, db, s->relays[0]->shown, s->now, error);
	return s->ledger != NULL;
}

void sender_tick(struct sender *s)
{
	gint64 passed = (g_get_monotonic_time() - s->started) / G_USEC_PER_SEC;

	if (passed == s->passed)
		return;
	s->passed = passed;
	g_date_time_unref(s->now);
	s->now = g_date_time_add_seconds(s->start, (gdouble)passed);
	if (s->capped_until && passed >= s->capped_until) {
		s->capped_until = 0;
		s->dry = FALSE;
	}
}

/* Nothing more is given; what is in hand goes back. The first reason is what is told. */
void sender_end(struct sender *s, enum ending ending, GError *why)
{
	if (s->ending == GOING_ON)
		s->ending = ending;
	if (s->why)
		g_clear_error(&why);
	else
		s->why = why;
}

gboolean sender_is_paused(const struct sender *s)
{
	return s->options->pause && *s->options->pause;
}

gboolean sender_within_limit(const struct sender *s)
{
	return s->options->limit == 0 || s->taken < s->options->limit;
}
