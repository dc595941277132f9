#include "mailer/send.h"

#include "base/error.h"
#include "mailer/drafts.h"
#include "mailer/gate.h"
#include "mailer/lane.h"
#include "sql.h"

#include <string.h>

#define TRIES_MAX   19        /* of a deferred mail: five days, by next_try_s() */
#define DOUBTS_MAX  3         /* of a mail that may have arrived each time */
#define BURIALS_MAX 40        /* tries of a mail that seems to end its sender */
#define LOOK_US     2000000   /* how often gate and lease are looked at */
#define SLEPT_US    5000000   /* a pause of the process after which it asks whether it is alive */
#define BACK_US     900000000 /* how long the second relay is used before the first is tried again */
#define CAPPED_US                                                                                  \
	200000       /* how often others are looked for when all in hand wait for their domains */
#define CAPPED_S   1 /* a mail to a domain that has enough under way comes again after this, last */
#define OVER_S     600 /* … and one to a domain that has had its hour's letters */
#define LINGER_US  400
#define WAIT_MS    500
#define GOODBYE_US 2000000
#define RELAYS     2

/* What a stop of sending is for. */
enum ending { GOING_ON, STOPPED, FAILED };

struct sender {
	struct office *office;
	const struct send_options *options;
	struct send_count *count;
	GDateTime *start;
	gint64 started; /* monotonic, µs */
	GDateTime *now; /* the caller's clock, to the second */
	gint64 passed;  /* seconds since the start that `now` is */
	struct gate *gate;
	guint brake_percent;
	struct relay *relays[RELAYS];
	struct lanes *lanes[RELAYS]; /* kept to the end: mails point into them */
	guint using;
	gint64 switched; /* monotonic, µs */
	struct ledger *ledger;
	struct drafts *drafts;
	struct pace *pace;
	struct brake brake;
	GQueue ready;         /* of struct mail: in hand, not given */
	GPtrArray *ended;     /* of struct mail: to be recorded */
	GPtrArray *recording; /* … and being so */
	guint taken;          /* mails that were given, of options->limit */
	gboolean dry;         /* nothing more is due */
	gboolean again;       /* but for what has come back since the last claim began */
	gboolean limited;     /* some domain takes so many at once */
	gint64 capped_until; /* s, as `passed`: when mails come again that wait for their domain; 0:
				none */
	gint64 claimed;      /* monotonic, µs */
	gint64 looped;
	gboolean unsure; /* it slept: until the lease is renewed nothing may leave */
	enum ending ending;
	GError *why;
	gboolean brake_on;
	gint64 looked;
	gint64 lingering; /* monotonic, µs: since when answers wait for more; 0: they do not */
};

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

/* --- settings --- */

static gboolean read_number(struct office *office, const char *group, const char *name,
			    const char *fallback, guint max, guint *out, GError **error)
{
	const char *value = office_setting(office, group, name, fallback);
	guint64 number = 0;

	if (g_ascii_string_to_unsigned(value, 10, 0, max, &number, NULL)) {
		*out = (guint)number;
		return TRUE;
	}
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("[%s] %s is “%s”; it can be 0 to %u"), group, name, value, max);
	return FALSE;
}

static gboolean read_limit(struct office *office, const char *group, const char *at_once,
			   const char *per_hour, struct pace_limit *out, GError **error)
{
	return read_number(office, group, at_once, "0", 1000, &out->at_once, error) &&
	       read_number(office, group, per_hour, "0", 1000000, &out->per_hour, error);
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

static void sender_clear(struct sender *s)
{
	struct mail *mail;
	guint left;

	for (guint i = 0; i < RELAYS; i++)
		if (s->lanes[i])
			lanes_stop(s->lanes[i], s->ended);
	left = free_all(s->ended) + free_all(s->recording);
	ledger_close(s->ledger, left > 0, s->now);
	while ((mail = g_queue_pop_head(&s->ready)) != NULL)
		mail_free(mail);
	g_clear_pointer(&s->ended, g_ptr_array_unref);
	g_clear_pointer(&s->recording, g_ptr_array_unref);
	for (guint i = 0; i < RELAYS; i++) {
		lanes_free(s->lanes[i]);
		relay_free(s->relays[i]);
	}
	drafts_free(s->drafts);
	pace_free(s->pace);
	gate_free(s->gate);
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

	for (guint i = 0; rows && i < db_rows_count(rows); i++) {
		struct pace_domain *domain = pace_domain(s->pace, db_get_text(rows, i, 0));

		domain->strikes = (guint)db_get_int(rows, i, 1);
		domain->hold_until = db_get_int(rows, i, 2);
		pace_release(s->pace, domain);
	}
	return rows != NULL;
}

static gboolean read_settings(struct sender *s, GError **error)
{
	GError *problem = NULL;

	if (!read_number(s->office, "mail", "stop_at_percent", "5", 100, &s->brake_percent,
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

static gboolean sender_init(struct sender *s, struct db *db, GError **error)
{
	s->started = s->looked = g_get_monotonic_time();
	s->now = g_date_time_ref(s->start);
	s->ended = g_ptr_array_new();
	s->recording = g_ptr_array_new();
	if (!read_settings(s, error) || !load_brake(s, db, error) || !load_holds(s, db, error))
		return FALSE;
	s->lanes[0] = lanes_new(s->relays[0]);
	s->drafts = drafts_new(s->office);
	s->ledger = ledger_open(s->office, db, s->relays[0]->shown, s->now, error);
	return s->ledger != NULL;
}

static void tick(struct sender *s)
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
static void end(struct sender *s, enum ending ending, GError *why)
{
	if (s->ending == GOING_ON)
		s->ending = ending;
	if (s->why)
		g_clear_error(&why);
	else
		s->why = why;
}

static gboolean is_paused(const struct sender *s)
{
	return s->options->pause && *s->options->pause;
}

/* --- how a mail ended --- */

/* After the n-th try: a quarter of an hour, then twice as long each time, up to eight hours. */
static gint64 next_try_s(gint64 tries)
{
	return MIN((gint64)900 << MIN(tries, 6), 28800);
}

/* Put back without a try, due again in `seconds`. */
static void put_back(struct sender *s, struct mail *mail, gint64 seconds)
{
	mail->outcome = NULL;
	mail->next_s = seconds;
	mail->lane = NULL;
	g_ptr_array_add(s->ended, mail);
}

static void end_without_relay(struct sender *s, struct mail *mail, const char *outcome,
			      const char *words)
{
	mail->outcome = outcome;
	mail->lane = NULL;
	mail->answer = (struct smtp_answer){0};
	if (words)
		g_strlcpy(mail->answer.words, words, sizeof(mail->answer.words));
	g_ptr_array_add(s->ended, mail);
}

static gboolean is(const char *outcome, const char *name)
{
	return outcome && strcmp(outcome, name) == 0;
}

/* The relay refuses us. There may be a second one, through which it is tried at once; what is still
 * under way in the first follows then. */
static gboolean turn_from(struct sender *s, guint relay, GError **why)
{
	if (relay != s->using && s->ending == GOING_ON) {
		g_clear_error(why);
		return TRUE;
	}
	if (relay == 0 && s->relays[1] && s->ending == GOING_ON) {
		g_clear_error(why);
		if (!s->lanes[1])
			s->lanes[1] = lanes_new(s->relays[1]);
		s->using = 1;
		s->switched = g_get_monotonic_time();
		return TRUE;
	}
	end(s, FAILED, g_steal_pointer(why));
	return FALSE;
}

/* What comes next for a mail that the relay said something about. */
static void judge(struct sender *s, guint relay, struct mail *mail)
{
	gint64 tries = mail_int(mail, MAIL_TRIES);

	pace_end(mail->domain, is(mail->outcome, "sent"), mail->answer.about_domain, s->passed);
	if (!mail->outcome) {
		s->taken--;
		s->again = TRUE;
		return;
	}
	brake_add(&s->brake, is(mail->outcome, "failed"));
	s->brake_on = brake_is_on(&s->brake, s->brake_percent);
	if (is(mail->outcome, "deferred") || is(mail->outcome, "doubtful"))
		mail->next_s = next_try_s(tries);
	if ((is(mail->outcome, "deferred") && tries + 1 >= TRIES_MAX) ||
	    (is(mail->outcome, "doubtful") && mail_int(mail, MAIL_DOUBTS) + 1 >= DOUBTS_MAX))
		mail->outcome = "failed";
	if (mail->answer.about_sender) {
		g_autoptr(GError) why =
		    g_error_new(PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
				_("nothing more was sent, for it would fare the same (%d): %s"),
				mail->answer.code, mail->answer.words);

		if (turn_from(s, relay, &why)) {
			mail->next_s = 0;
			s->again = TRUE;
		}
	}
}

static void collect(struct sender *s, guint relay, guint from)
{
	for (guint i = from; i < s->ended->len; i++) {
		struct mail *mail = s->ended->pdata[i];

		judge(s, relay, mail);
		drafts_take_back(s->drafts, mail);
	}
}

/* --- giving --- */

/* The next mail in hand that may leave now; those whose domain wants nothing go back. */
static struct mail *next_ready(struct sender *s)
{
	for (GList *link = s->ready.head; link;) {
		struct mail *mail = link->data;
		GList *this = link;

		link = link->next;
		if (pace_is_held(mail->domain, s->passed)) {
			g_queue_delete_link(&s->ready, this);
			put_back(s, mail, mail->domain->hold_until - s->passed + 1);
		} else if (!pace_is_full(mail->domain)) {
			g_queue_delete_link(&s->ready, this);
			return mail;
		} else if (s->ready.length > LEDGER_CLAIM_MAX) {
			g_queue_delete_link(&s->ready, this);
			put_back(s, mail, CAPPED_S);
			s->capped_until = s->passed + CAPPED_S + 1;
		}
	}
	return NULL;
}

static gboolean within_limit(const struct sender *s)
{
	return s->options->limit == 0 || s->taken < s->options->limit;
}

static void give(struct sender *s)
{
	struct lanes *lanes = s->lanes[s->using];
	struct mail *mail;

	while (s->ending == GOING_ON && !is_paused(s) && within_limit(s) &&
	       lanes_have_room(lanes) && (mail = next_ready(s)) != NULL) {
		g_autoptr(GError) problem = NULL;

		if (drafts_compose(s->drafts, mail, s->now, &problem)) {
			s->taken++;
			pace_begin(mail->domain);
			lanes_give(lanes, mail);
		} else {
			drafts_take_back(s->drafts, mail);
			end_without_relay(s, mail, "failed", problem->message);
		}
	}
	if (s->ending != GOING_ON || !within_limit(s))
		while ((mail = g_queue_pop_head(&s->ready)) != NULL)
			put_back(s, mail, 0);
}

/* --- the ledger --- */

/* Of a domain with a limit an hour only so many stay in hand as it allows. */
static gboolean reserve(struct sender *s, const struct mail *mail, gboolean *may_out,
			GError **error)
{
	g_autoptr(GString) name = g_string_new(NULL);
	g_autoptr(GString) limit = g_string_new(NULL);
	g_autoptr(db_rows) rows = NULL;

	*may_out = TRUE;
	if (!mail->domain->limit.per_hour)
		return TRUE;
	db_array_text(name, mail->domain->name);
	db_array_int(limit, mail->domain->limit.per_hour);
	rows = db_query(ledger_db(s->ledger), sql_domain_reserve,
			DB(db_text(db_array_end(name)), db_text("{1}"),
			   db_text(db_array_end(limit)), db_time(s->now)),
			error);
	*may_out = rows && db_get_int(rows, 0, 0) > 0;
	return rows != NULL;
}

/* A mail that was just taken in hand. FALSE when it cannot be composed, nor others of its kind. */
static gboolean take_in(struct sender *s, struct mail *mail, GError **error)
{
	gboolean may = TRUE;

	if (!ledger_ask_more(s->ledger, mail, s->now, error)) {
		put_back(s, mail, 0);
		return FALSE;
	}
	if (is(mail_text(mail, MAIL_UNWANTED), "t")) {
		end_without_relay(s, mail, "cancelled", NULL);
	} else if (mail_int(mail, MAIL_TRIES) >= BURIALS_MAX) {
		end_without_relay(s, mail, "failed",
				  _("its sender ended each time that it was its turn"));
	} else if (pace_is_held(mail->domain, s->passed)) {
		put_back(s, mail, mail->domain->hold_until - s->passed + 1);
	} else if (!drafts_prepare(s->drafts, ledger_db(s->ledger), mail, error) ||
		   !reserve(s, mail, &may, error)) {
		put_back(s, mail, 0);
		return FALSE;
	} else if (!may) {
		put_back(s, mail, OVER_S);
	} else {
		g_queue_push_tail(&s->ready, mail);
	}
	return TRUE;
}

static void take_all(struct sender *s, GPtrArray *claimed)
{
	for (guint i = 0; i < claimed->len; i++) {
		struct mail *mail = claimed->pdata[i];
		GError *problem = NULL;

		mail->domain = pace_domain(s->pace, mail_text(mail, MAIL_DOMAIN));
		if (s->ending != GOING_ON)
			put_back(s, mail, 0);
		else if (!take_in(s, mail, &problem) && !ledger_forgives(s->ledger, &problem))
			end(s, FAILED, problem);
	}
	s->dry = claimed->len == 0;
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
		if (is(mail->outcome, counts[i].outcome))
			(*counts[i].count)++;
}

/* What was being recorded is: those letters' connections may go on. */
static void committed(struct sender *s)
{
	for (guint i = 0; i < s->recording->len; i++) {
		struct mail *mail = s->recording->pdata[i];

		lanes_commit(mail);
		count_one(s, mail);
		pace_release(s->pace, mail->domain);
		mail_free(mail);
	}
	if (s->recording->len > 0 && s->options->progress)
		s->options->progress(s->options->user, s->count);
	g_ptr_array_set_size(s->recording, 0);
}

static gboolean commit_on(struct sender *s, GError **error)
{
	gboolean done = FALSE;
	GPtrArray *claimed = NULL;

	if (!ledger_poll(s->ledger, s->now, &done, &claimed, error))
		return FALSE;
	if (done)
		committed(s);
	if (claimed) {
		take_all(s, claimed);
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
	guint want = n < MAX(size / 2, 1) ? 2 * size : 0;

	if (s->ending != GOING_ON || is_paused(s) || (s->dry && !s->again) || s->unsure ||
	    !within_limit(s))
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

/* Whether to wait a moment for more answers. A commit costs as much as a dozen answers in it, and
 * while it goes on only those letters can leave that are not in it: so the best one has half of the
 * answers that can come. */
static gboolean lingers(struct sender *s)
{
	gint64 now = g_get_monotonic_time();

	if (s->ended->len == 0 || s->ended->len >= lanes_awaited(s->lanes[s->using])) {
		s->lingering = 0;
		return FALSE;
	}
	if (!s->lingering)
		s->lingering = now;
	return now - s->lingering < LINGER_US;
}

static gboolean commit_begin(struct sender *s, GError **error)
{
	guint want;
	GPtrArray *next;

	if (ledger_is_busy(s->ledger) || lingers(s))
		return TRUE;
	s->lingering = 0;
	want = wanted(s);
	if (s->ended->len == 0 && want == 0)
		return TRUE;
	if (want > 0) {
		s->claimed = g_get_monotonic_time();
		s->again = FALSE;
	}
	next = s->recording;
	s->recording = s->ended;
	s->ended = next;
	return ledger_begin(s->ledger, s->recording, want, s->now, error);
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
			    NULL, error))
			return FALSE;
	}
	return TRUE;
}

/* What is looked at every few seconds: the gate, the lease, the first relay. */
static gboolean look_around(struct sender *s, GError **error)
{
	gint64 now = g_get_monotonic_time();
	GError *problem = NULL;
	struct db *db;

	if ((now - s->looked < LOOK_US && !s->unsure) || ledger_is_busy(s->ledger))
		return TRUE;
	s->looked = now;
	if (!ledger_renew(s->ledger, s->unsure, s->now, error))
		return FALSE;
	db = ledger_db(s->ledger);
	if (!db)
		return TRUE;
	s->unsure = FALSE;
	if (s->using == 1 && now - s->switched > BACK_US)
		s->using = 0;
	if (store_holds(s, db, &problem) &&
	    (s->ending != GOING_ON ||
	     gate_check(s->gate, db, s->now, s->options->any_hour, &problem)))
		return TRUE;
	if (g_error_matches(problem, PINGYI_ERROR, PINGYI_ERROR_STATE)) {
		end(s, STOPPED, problem);
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
		!within_limit(s)) &&
	       s->ready.length == 0 && s->ended->len == 0 && under_way(s) == 0 &&
	       !ledger_is_busy(s->ledger);
}

static void work(struct sender *s)
{
	for (guint i = 0; i < RELAYS; i++) {
		guint from = s->ended->len;
		gboolean using = i == s->using && s->ending == GOING_ON && !is_paused(s);
		GError *problem = NULL;

		if (!s->lanes[i])
			continue;
		if (!lanes_work(s->lanes[i], using && within_limit(s) ? s->ready.length : 0,
				s->ended, &problem)) {
			if (using)
				turn_from(s, i, &problem);
			g_clear_error(&problem);
		}
		collect(s, i, from);
	}
	if (s->brake_on && s->ending == GOING_ON)
		end(s, FAILED,
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
	struct pollfd db = {.fd = ledger_socket(s->ledger), .events = POLLIN};
	guint starts[RELAYS] = {0, 0};
	struct timespec wait = {0, 0};
	gint64 left;

	if (s->lingering)
		until = s->lingering + LINGER_US;
	g_array_set_size(fds, 0);
	g_array_append_val(fds, db);
	for (guint i = 0; i < RELAYS; i++) {
		starts[i] = fds->len;
		if (s->lanes[i] && !s->unsure)
			lanes_poll(s->lanes[i], fds, &until);
	}
	left = until - g_get_monotonic_time();
	if (left > 0)
		wait = (struct timespec){left / G_USEC_PER_SEC, left % G_USEC_PER_SEC * 1000};
	if (ppoll((struct pollfd *)(gpointer)fds->data, fds->len, &wait, NULL) < 0)
		return; /* a signal: its flag is looked at next */
	for (guint i = 0; i < RELAYS; i++)
		if (s->lanes[i] && !s->unsure)
			lanes_polled(s->lanes[i], &g_array_index(fds, struct pollfd, starts[i]));
}

/* Whether nothing is left to do; what a claim took whose answer was lost is left. */
static gboolean look_for_end(struct sender *s, gboolean *done_out, GError **error)
{
	*done_out = is_done(s);
	if (!*done_out || !ledger_holds_unknown(s->ledger) || s->ending != GOING_ON ||
	    !within_limit(s))
		return TRUE;
	*done_out = s->dry = FALSE;
	return ledger_let_go(s->ledger, error) || ledger_forgives(s->ledger, error);
}

static gboolean loop(struct sender *s, GError **error)
{
	g_autoptr(GArray) fds = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
	gboolean done = is_done(s);

	while (!done) {
		tick(s);
		s->unsure |= slept(s);
		if (s->options->stop && *s->options->stop)
			end(s, STOPPED,
			    g_error_new_literal(PINGYI_ERROR, PINGYI_ERROR_STATE,
						_("stopped; what is left is due still")));
		if (!s->unsure)
			work(s);
		/* the database begins with the answers that are there, then the next letters leave
		 */
		if (!commit_on(s, error) || !look_around(s, error) || !commit_begin(s, error))
			return FALSE;
		if (!s->unsure) {
			give(s);
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
