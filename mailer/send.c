#include "mailer/sender.h"

#include "base/error.h"
#include "sql.h"

#include <string.h>

#define LOOK_US    2000000   /* how often gate and lease are looked at */
#define SLEPT_US   5000000   /* a pause of the process after which it asks whether it is alive */
#define BACK_US    900000000 /* how long the second relay is used before the first is tried again */
#define CAPPED_US  200000    /* how often others are looked for when all in hand wait for domains */
#define WAIT_MS    500
#define GOODBYE_US 2000000

guint send_count_all(const struct send_count *count)
{
	return count->sent + count->deferred + count->failed + count->doubtful + count->cancelled;
}

char *send_destination(struct office *office)
{
	g_autoptr(relay_handle) first = relay_new(office, "mail", NULL);
	g_autoptr(relay_handle) second = relay_new(office, "mail second", NULL);

	if (!first)
		return g_strdup(office_setting(office, "mail", "destination", ""));
	return second ? g_strdup_printf(_("%s, else %s"), first->shown, second->shown)
		      : g_strdup(first->shown);
}

static void count_one(struct sender *s, const struct mail *mail)
{
	const struct {
		const char *outcome;
		guint *count;
	} counts[] = {{"sent", &s->count->sent},
		      {"deferred", &s->count->deferred},
		      {"failed", &s->count->failed},
		      {"doubtful", &s->count->doubtful},
		      {"cancelled", &s->count->cancelled}};

	for (guint i = 0; i < G_N_ELEMENTS(counts); i++)
		if (outcome_is(mail->outcome, counts[i].outcome))
			(*counts[i].count)++;
}

/* What was being noted is: those letters' connections may go on. */
static void committed(struct sender *s)
{
	for (guint i = 0; i < s->noting->len; i++) {
		struct mail *mail = s->noting->pdata[i];

		lanes_commit(mail);
		count_one(s, mail);
		pace_release(s->pace, mail->domain);
		mail_free(mail);
	}
	if (s->options->progress)
		s->options->progress(s->options->user, s->count);
	g_ptr_array_set_size(s->noting, 0);
}

static gboolean commit_on(struct sender *s, GError **error)
{
	gboolean noted = FALSE;
	GPtrArray *claimed = NULL;

	if (!ledger_poll(s->ledger, s->now, &noted, &claimed, error))
		return FALSE;
	if (noted)
		committed(s);
	if (claimed) {
		sender_take_all(s, claimed);
		g_ptr_array_unref(claimed);
	}
	return TRUE;
}

/* How many of those in hand could leave now. */
static guint able(const struct sender *s)
{
	guint n = 0;

	if (!s->limited)
		return s->ready.length;
	for (const GList *link = s->ready.head; link; link = link->next) {
		const struct mail *mail = link->data;

		n += !pace_is_full(mail->domain);
	}
	return n;
}

/* How many more mails to take in hand: some at a time, but no more than are soon needed, for what a
 * sender that dies holds is in doubt. */
static guint wanted(struct sender *s)
{
	guint size = lanes_size(s->lanes[s->using]);
	guint n = able(s);
	guint want = n < MAX(3 * size / 2, 1) ? 2 * size : 0;

	if (s->ending != GOING_ON || sender_is_paused(s) || (s->dry && !s->again) || s->unsure ||
	    !sender_within_limit(s))
		return 0;
	if (n == 0 && s->ready.length >= LEDGER_CLAIM_MAX &&
	    g_get_monotonic_time() - s->claimed < CAPPED_US)
		return 0;
	if (s->options->limit) {
		guint left = s->options->limit - s->taken;

		want = MIN(want, left - MIN(s->ready.length, left));
	}
	return MIN(want, LEDGER_CLAIM_MAX);
}

static guint under_way(const struct sender *s)
{
	return lanes_under_way(s->lanes[0]) + (s->lanes[1] ? lanes_under_way(s->lanes[1]) : 0);
}

static gboolean note_begin(struct sender *s, GError **error)
{
	GPtrArray *free = s->noting;

	if (s->ended->len == 0 || ledger_is_noting(s->ledger))
		return TRUE;
	s->noting = s->ended;
	s->ended = free;
	return ledger_note(s->ledger, s->noting, s->now, error);
}

/* Whether nothing is on its way, and what has ended is noted. */
static gboolean is_quiet(const struct sender *s)
{
	return s->ready.length == 0 && s->ended->len == 0 && under_way(s) == 0 &&
	       !ledger_is_noting(s->ledger);
}

/* What was put back can be taken again once it is entered. */
static gboolean turn_begin(struct sender *s, GError **error)
{
	gboolean quiet = is_quiet(s) && !ledger_is_posted(s->ledger);
	guint want;

	if (ledger_is_turning(s->ledger))
		return TRUE;
	want = wanted(s);
	if (want == 0 && !quiet && !ledger_wants_turn(s->ledger))
		return TRUE;
	if (!ledger_turn(s->ledger, want, quiet || s->again, s->now, error))
		return FALSE;
	if (want > 0) {
		s->claimed = g_get_monotonic_time();
		s->again &= s->ended->len > 0 || ledger_is_noting(s->ledger);
	}
	return TRUE;
}

static gboolean commit_begin(struct sender *s, GError **error)
{
	return note_begin(s, error) && turn_begin(s, error);
}

static gboolean store_holds(struct sender *s, struct db *db, GError **error)
{
	struct pace_domain *domain;

	while ((domain = pace_next_changed(s->pace)) != NULL) {
		g_autoptr(GDateTime) until =
		    domain->strikes ? g_date_time_add_seconds(s->start, (gdouble)domain->hold_until)
				    : NULL;

		if (!db_run(db, sql_domain_hold,
			    DB(db_text(domain->name), db_int(domain->strikes), db_time(until),
			       db_time(s->now)),
			    NULL, error)) {
			pace_not_stored(s->pace, domain);
			return FALSE;
		}
	}
	return TRUE;
}

/* What is looked at every few seconds: the gate, the lease, the first relay. */
static gboolean look_around(struct sender *s, GError **error)
{
	gint64 now = g_get_monotonic_time();
	GError *problem = NULL;
	struct db *db;

	if ((now - s->looked < LOOK_US && !s->unsure) || ledger_is_turning(s->ledger))
		return TRUE;
	s->looked = now;
	if (!ledger_renew(s->ledger, s->unsure, s->now, error))
		return FALSE;
	db = ledger_db(s->ledger);
	if (!db)
		return TRUE;
	s->unsure = FALSE;
	if (s->using == 1 && now - s->switched > BACK_US && !pace_is_held(s->rest[0], s->passed)) {
		s->using = 0;
		s->in_row = 0;
	}
	if (store_holds(s, db, &problem) && sender_learn_ends(s, &problem) &&
	    (s->ending != GOING_ON ||
	     gate_check(s->gate, db, s->now, s->options->any_hour, &problem)))
		return TRUE;
	if (g_error_matches(problem, PINGYI_ERROR, PINGYI_ERROR_STATE)) {
		sender_end(s, STOPPED, problem);
		return TRUE;
	}
	if (ledger_forgives(s->ledger, &problem))
		return TRUE;
	g_propagate_error(error, problem);
	return FALSE;
}

/* A process that was stopped, or whose machine was too busy to run it, may have been taken for
 * dead: it asks before it sends anything more. */
static gboolean slept(struct sender *s)
{
	gint64 last = s->looped;

	s->looped = g_get_monotonic_time();
	return last && s->looped - last > SLEPT_US;
}

/* --- the loop --- */

static gboolean is_done(const struct sender *s)
{
	return (s->ending != GOING_ON || (s->dry && !s->again && !s->capped_until) ||
		!sender_within_limit(s)) &&
	       is_quiet(s) && ledger_is_posted(s->ledger) && !ledger_is_turning(s->ledger);
}

static void work(struct sender *s)
{
	for (guint i = 0; i < SENDER_RELAYS; i++) {
		guint from = s->ended->len;
		gboolean using = i == s->using && s->ending == GOING_ON && !sender_is_paused(s);
		GError *problem = NULL;

		if (!s->lanes[i])
			continue;
		if (!lanes_work(s->lanes[i], using && sender_within_limit(s) ? s->ready.length : 0,
				s->ended, &problem)) {
			if (using)
				sender_turn_from(s, i, &problem);
			g_clear_error(&problem);
		}
		sender_collect(s, i, from);
	}
	if (s->brake_on && s->ending == GOING_ON)
		sender_end(
		    s, FAILED,
		    g_error_new(
			PINGYI_ERROR, PINGYI_ERROR_STATE,
			_("sending stopped by itself: of the last %u letters %u were refused "
			  "for good ([mail] stop_at_percent); look at “pingyi send --status”, "
			  "then “pingyi send --resume”"),
			s->brake.n, s->brake.bads));
}

static void wait_for_any(struct sender *s, GArray *fds)
{
	gint64 until = g_get_monotonic_time() + (gint64)WAIT_MS * 1000;
	int db[LEDGER_SOCKETS];
	guint starts[SENDER_RELAYS] = {0, 0};
	struct timespec wait = {0, 0};
	gint64 left;

	g_array_set_size(fds, 0);
	ledger_sockets(s->ledger, db);
	for (guint i = 0; i < LEDGER_SOCKETS; i++) {
		struct pollfd fd = {.fd = db[i], .events = POLLIN};

		g_array_append_val(fds, fd);
	}
	for (guint i = 0; i < SENDER_RELAYS; i++) {
		starts[i] = fds->len;
		if (s->lanes[i] && !s->unsure)
			lanes_poll(s->lanes[i], fds, &until);
	}
	left = until - g_get_monotonic_time();
	if (left > 0)
		wait = (struct timespec){left / G_USEC_PER_SEC, left % G_USEC_PER_SEC * 1000};
	if (ppoll((struct pollfd *)(gpointer)fds->data, fds->len, &wait, NULL) < 0)
		return; /* a signal: its flag is looked at next */
	for (guint i = 0; i < SENDER_RELAYS; i++)
		if (s->lanes[i] && !s->unsure)
			lanes_polled(s->lanes[i], &g_array_index(fds, struct pollfd, starts[i]));
}

/* Whether nothing is left to do; what a claim took whose answer was lost is left. */
static gboolean look_for_end(struct sender *s, gboolean *done_out, GError **error)
{
	*done_out = is_done(s);
	if (!*done_out || !ledger_holds_unknown(s->ledger) || s->ending != GOING_ON ||
	    !sender_within_limit(s))
		return TRUE;
	*done_out = s->dry = FALSE;
	return ledger_let_go(s->ledger, error) || ledger_forgives(s->ledger, error);
}

static gboolean loop(struct sender *s, GError **error)
{
	g_autoptr(GArray) fds = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
	gboolean done = is_done(s);

	while (!done) {
		sender_tick(s);
		s->unsure |= slept(s);
		if (s->options->stop && *s->options->stop)
			sender_end(s, STOPPED,
				   g_error_new_literal(PINGYI_ERROR, PINGYI_ERROR_STATE,
						       _("stopped; what is left is due still")));
		if (!s->unsure)
			work(s);
		/* the database begins with the answers that are there, then the next letters leave
		 */
		if (!commit_on(s, error) || !look_around(s, error) || !commit_begin(s, error))
			return FALSE;
		if (!s->unsure) {
			sender_give(s);
			work(s);
		}
		if (!commit_begin(s, error) || !look_for_end(s, &done, error))
			return FALSE;
		if (!done)
			wait_for_any(s, fds);
	}
	return TRUE;
}

/* Has QUIT said; whether all connections have ended. */
static gboolean is_closed(struct sender *s)
{
	gboolean closed = lanes_quit(s->lanes[0]);

	return (!s->lanes[1] || lanes_quit(s->lanes[1])) && closed;
}

/* Politeness only: nothing depends on whether it is heard. */
static void say_goodbye(struct sender *s)
{
	g_autoptr(GArray) fds = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
	gint64 until = g_get_monotonic_time() + GOODBYE_US;

	while (!is_closed(s) && g_get_monotonic_time() < until) {
		work(s);
		if (!is_closed(s))
			wait_for_any(s, fds);
	}
}

/* Domains that want nothing now want nothing of the next sender either. */
static gboolean store_last_holds(struct sender *s, GError **error)
{
	struct db *db = ledger_db(s->ledger);

	return !db || store_holds(s, db, error);
}

/* The brake holds beyond this process. */
static gboolean close_gate(struct sender *s, GError **error)
{
	struct db *db = ledger_db(s->ledger);

	return !s->brake_on || !db ||
	       db_run(db, sql_send_gate_set,
		      DB(db_bool(FALSE), db_text(s->why ? s->why->message : NULL), db_null(),
			 db_time(s->now)),
		      NULL, error);
}

gboolean send_due(struct office *office, struct db *db, GDateTime *now,
		  const struct send_options *options, struct send_count *count, GError **error)
{
	struct sender s = {.office = office, .options = options, .count = count, .start = now};
	g_autoptr(db_rows) due = db_query(db, sql_mailing_is_due, DB(db_time(now)), error);
	gboolean good;

	if (!due || !db_get_bool(due, 0, 0))
		return due != NULL;
	good = sender_init(&s, db, error) && loop(&s, error);
	if (good) {
		say_goodbye(&s);
		good = store_last_holds(&s, error) && close_gate(&s, error);
	}
	sender_clear(&s);
	if (good && s.why) {
		g_propagate_error(error, g_steal_pointer(&s.why));
		return FALSE;
	}
	g_clear_error(&s.why);
	return good;
}

gboolean send_may(struct office *office, struct db *db, GDateTime *now, gboolean any_hour,
		  GError **error)
{
	g_autoptr(gate_handle) gate = gate_new(office, error);

	return gate && gate_check_link(office, error) && gate_check(gate, db, now, any_hour, error);
}
