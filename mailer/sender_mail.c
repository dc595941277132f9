#include "mailer/sender.h"

#include "base/error.h"
#include "base/refusal.h"
#include "mailer/smtp_text.h"
#include "sql.h"

#include <string.h>

#define TRIES_MAX   40 /* of a deferred mail, whatever its last day (sender_last.c) */
#define DOUBTS_MAX  3  /* of a mail that may have arrived each time */
#define BURIALS_MAX 40 /* tries of a mail that seems to end its sender */
#define CAPPED_S    1 /* a mail to a domain that has enough under way comes again after this, last */
#define OVER_S      600 /* … and one to a domain that has had its hour's letters */

/* --- how a mail ended --- */

/* After the n-th try: a quarter of an hour, then twice as long each time, up to eight hours. */
static gint64 next_try_s(gint64 tries)
{
	return MIN((gint64)900 << MIN(tries, 6), 28800);
}

/* Put back without a try, due again in `seconds`; what was tried before, behind what was not. */
static void put_back(struct sender *s, struct mail *mail, gint64 seconds)
{
	drafts_take_back(s->drafts, mail);
	mail->outcome = NULL;
	mail->next_s = seconds && mail_int(mail, MAIL_TRIED) ? seconds + 1 : seconds;
	mail->lane = NULL;
	if (seconds == 0)
		s->again = TRUE;
	g_ptr_array_add(s->ended, mail);
}

gboolean outcome_is(const char *outcome, const char *name)
{
	return outcome && strcmp(outcome, name) == 0;
}

/* For the brake, which once on stays so; while sending ends for another reason it is not looked at.
 */
static void note_try(struct sender *s, const struct mail *mail)
{
	brake_add(&s->brake, outcome_is(mail->outcome, "failed"));
	if (s->ending == GOING_ON && brake_is_on(&s->brake, s->brake_percent))
		s->brake_on = TRUE;
}

static void end_without_relay(struct sender *s, struct mail *mail, const char *outcome,
			      const char *words)
{
	mail->outcome = outcome;
	mail->lane = NULL;
	mail->answer = (struct smtp_answer){0};
	if (words)
		smtp_text_copy(words, mail->answer.words, sizeof(mail->answer.words));
	g_ptr_array_add(s->ended, mail);
	if (outcome_is(outcome, "failed"))
		note_try(s, mail);
}

static void turn_to(struct sender *s, guint relay)
{
	if (!s->lanes[relay])
		s->lanes[relay] = lanes_new(s->relays[relay]);
	s->using = relay;
	s->switched = g_get_monotonic_time();
	s->in_row = 0;
}

/* Whether a relay is there, and does not rest. */
static gboolean is_willing(const struct sender *s, guint relay)
{
	return s->relays[relay] && !pace_is_held(s->rest[relay], s->passed);
}

/* When a relay's rest is over, as a clock shows it. Returns: (transfer full) */
static char *rest_end(const struct sender *s, guint relay)
{
	gint64 left = s->rest[relay]->hold_until - s->passed;
	g_autoptr(GDateTime) end = g_date_time_add_seconds(s->now, (gdouble)left);

	return g_date_time_format(end, "%H:%M:%S");
}

gboolean sender_choose_relay(struct sender *s, GError **error)
{
	g_autofree char *end = rest_end(s, 0);

	s->lanes[0] = lanes_new(s->relays[0]);
	if (is_willing(s, 0))
		return TRUE;
	if (is_willing(s, 1)) {
		turn_to(s, 1);
		return TRUE;
	}
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
		    _("the relay takes no letters for a while; “pingyi run” or “pingyi serve” "
		      "goes on after %s, “pingyi send --resume” ends its rest. What it said: "
		      "pingyi send --status"),
		    end);
	return FALSE;
}

/* The relay refuses us. There may be a second one, through which it is tried at once; what is still
 * under way in the first follows then. */
gboolean sender_turn_from(struct sender *s, guint relay, GError **why)
{
	if (relay != s->using && s->ending == GOING_ON) {
		g_clear_error(why);
		return TRUE;
	}
	if (relay == 0 && is_willing(s, 1) && s->ending == GOING_ON) {
		g_clear_error(why);
		turn_to(s, 1);
		return TRUE;
	}
	sender_end(s, FAILED, g_steal_pointer(why));
	return FALSE;
}

/* Whether a refusal for one domain may be meant for all: not one about where that domain's mail
 * goes (RFC 3463: x.1.z, x.4.z), nor what a mail hears that was tried before, as those do whose
 * domain is gone. */
static gboolean may_mean_all(const struct mail *mail, gint64 tries)
{
	const char *words = mail->answer.words;

	return mail->answer.about_domain &&
	       (refusal_is_too_fast(words) || (tries == 0 && !g_str_has_prefix(words, "4.1.") &&
					       !g_str_has_prefix(words, "4.4.")));
}

/* Whether the relay itself wants nothing for a while: it says so, or refuses for one domain behind
 * the other and takes no letter meanwhile. */
static gboolean wants_rest(struct sender *s, guint relay, const struct mail *mail, gint64 tries)
{
	if (outcome_is(mail->outcome, "sent"))
		s->in_row = 0;
	if (mail->answer.about_relay)
		return TRUE;
	if (relay != s->using || !may_mean_all(mail, tries))
		return FALSE;
	for (guint i = 0; i < s->in_row; i++)
		if (s->row[i] == mail->domain)
			return FALSE;
	s->row[s->in_row++] = mail->domain;
	if (s->in_row < SENDER_ROW)
		return FALSE;
	s->in_row = 0;
	return TRUE;
}

/* The others would fare the same. Where there is another relay, this mail is due at once. */
static void turn_away(struct sender *s, guint relay, struct mail *mail, GError *error)
{
	g_autoptr(GError) why = error;

	if (sender_turn_from(s, relay, &why)) {
		mail->next_s = 0;
		s->again = TRUE;
	}
}

/* The relay rests from now on. */
static void let_rest(struct sender *s, guint relay, struct mail *mail)
{
	g_autofree char *end = NULL;

	pace_end(s->rest[relay], FALSE, TRUE, s->passed);
	end = rest_end(s, relay);
	turn_away(s, relay, mail,
		  g_error_new(PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
			      _("the relay takes no more letters for a while (%d %s); the others "
				"stay due, and “pingyi run” or “pingyi serve” goes on after %s"),
			      mail->answer.code, mail->answer.words, end));
}

/* What comes next for a mail that the relay said something about. */
static void judge(struct sender *s, guint relay, struct mail *mail)
{
	/* those whose sender died say nothing of the relay */
	gint64 tries = mail_int(mail, MAIL_TRIES) - mail_int(mail, MAIL_BURIALS);

	pace_end(mail->domain, outcome_is(mail->outcome, "sent"), mail->answer.about_domain,
		 s->passed);
	if (!mail->outcome) {
		s->taken--;
		s->again = TRUE;
		return;
	}
	if (outcome_is(mail->outcome, "deferred") || outcome_is(mail->outcome, "doubtful"))
		mail->next_s = next_try_s(tries);
	if ((outcome_is(mail->outcome, "deferred") && tries + 1 >= TRIES_MAX) ||
	    (outcome_is(mail->outcome, "doubtful") &&
	     mail_int(mail, MAIL_DOUBTS) + 1 >= DOUBTS_MAX))
		mail->outcome = "failed";
	note_try(s, mail);
	pace_end(s->rest[relay], outcome_is(mail->outcome, "sent"), FALSE, s->passed);
	if (mail->answer.about_sender)
		turn_away(
		    s, relay, mail,
		    g_error_new(PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
				_("nothing more was sent, for it would fare the same (%d): %s"),
				mail->answer.code, mail->answer.words));
	else if (wants_rest(s, relay, mail, tries))
		let_rest(s, relay, mail);
}

void sender_collect(struct sender *s, guint relay, guint from)
{
	for (guint i = from; i < s->ended->len; i++) {
		struct mail *mail = s->ended->pdata[i];

		judge(s, relay, mail);
		if (mail->next_s && sender_is_last_try(s, mail, mail->next_s) &&
		    (outcome_is(mail->outcome, "deferred") ||
		     outcome_is(mail->outcome, "doubtful"))) {
			g_autofree char *words = g_strdup(mail->answer.words);

			sender_give_up(mail, mail->answer.code, words);
		}
		drafts_take_back(s->drafts, mail);
	}
}

/* --- giving --- */

/* No refusal for good: the brake does not look at it. */
static void end_last_day(struct sender *s, struct mail *mail)
{
	drafts_take_back(s->drafts, mail);
	mail->lane = NULL;
	sender_give_up(mail, (int)mail_int(mail, MAIL_CODE), mail_text(mail, MAIL_WORDS));
	g_ptr_array_add(s->ended, mail);
}

/* Its domain wants nothing for a while. */
static void wait_for_hold(struct sender *s, struct mail *mail)
{
	gint64 wait = mail->domain->hold_until - s->passed + 1;

	if (mail_int(mail, MAIL_TRIED) && sender_is_last_try(s, mail, wait))
		end_last_day(s, mail);
	else
		put_back(s, mail, wait);
}

/* Its domain has enough under way. */
static void wait_for_room(struct sender *s, struct mail *mail)
{
	put_back(s, mail, CAPPED_S);
	s->capped_until = s->passed + CAPPED_S + 1;
}

/* The next mail in hand that may leave now; those whose domain wants nothing go back. */
static struct mail *next_ready(struct sender *s)
{
	for (GList *link = s->ready.head; link;) {
		struct mail *mail = link->data;
		GList *this = link;

		link = link->next;
		if (pace_is_held(mail->domain, s->passed)) {
			g_queue_delete_link(&s->ready, this);
			wait_for_hold(s, mail);
		} else if (!pace_is_full(mail->domain)) {
			g_queue_delete_link(&s->ready, this);
			return mail;
		} else if (s->ready.length > LEDGER_CLAIM_MAX) {
			g_queue_delete_link(&s->ready, this);
			wait_for_room(s, mail);
		}
	}
	return NULL;
}

void sender_give(struct sender *s)
{
	struct lanes *lanes = s->lanes[s->using];
	struct mail *mail;

	while (s->ending == GOING_ON && !sender_is_paused(s) && sender_within_limit(s) &&
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
	/* while it is paused addresses may be corrected, and last days end */
	if (s->ending != GOING_ON || sender_is_paused(s) || !sender_within_limit(s))
		while ((mail = g_queue_pop_head(&s->ready)) != NULL)
			put_back(s, mail, 0);
}

/* --- the ledger --- */

/* Of a domain with a limit an hour only so many stay in hand as it allows. */
static gboolean reserve(struct sender *s, const struct mail *mail, gboolean *may_out,
			GError **error)
{
	g_autoptr(db_rows) rows = NULL;

	*may_out = TRUE;
	if (!mail->domain->limit.per_hour)
		return TRUE;
	rows = db_query(
	    ledger_db(s->ledger), sql_domain_reserve,
	    DB(db_text(mail->domain->name), db_int(mail->domain->limit.per_hour), db_time(s->now)),
	    error);
	*may_out = rows && db_get_bool(rows, 0, 0);
	return rows != NULL;
}

/* Whether others may wait behind it for the end of the same hold that were never tried: it fell due
 * before that end, and its domain has taken nothing since. */
static gboolean is_before_others(const struct sender *s, const struct mail *mail)
{
	return mail->domain->strikes > 0 && mail_int(mail, MAIL_TRIED) &&
	       mail_int(mail, MAIL_DUE) <= g_date_time_to_unix(s->start) + mail->domain->hold_until;
}

/* A mail that was just taken in hand. FALSE when it cannot be composed, nor others of its kind. */
static gboolean take_in(struct sender *s, struct mail *mail, GError **error)
{
	gboolean may = TRUE;
	gboolean moved = FALSE;
	gboolean over;

	if (!ledger_ask_more(s->ledger, mail, s->now, error) || !sender_learn_end(s, mail, error) ||
	    !ledger_readdress(s->ledger, mail, s->now, &moved, error)) {
		put_back(s, mail, 0);
		return FALSE;
	}
	over = sender_is_over(s, mail);
	if (outcome_is(mail_text(mail, MAIL_UNWANTED), "t") ||
	    outcome_is(mail_text(mail, MAIL_ANSWERED), "t") ||
	    (over && !mail_int(mail, MAIL_TRIED))) {
		end_without_relay(s, mail, "cancelled",
				  over ? _("the last day of its round is over") : NULL);
	} else if (moved) {
		put_back(s, mail, 0);
	} else if (outcome_is(mail_text(mail, MAIL_STATE), "bounced")) {
		end_without_relay(s, mail, "bounced",
				  NULL); /* it had arrived, in spite of the doubt */
	} else if (over) {
		end_last_day(s, mail);
	} else if (mail_int(mail, MAIL_BURIALS) >= BURIALS_MAX) {
		end_without_relay(s, mail, "failed",
				  _("its sender ended each time that it was its turn"));
	} else if (pace_is_held(mail->domain, s->passed)) {
		wait_for_hold(s, mail);
	} else if (is_before_others(s, mail)) {
		wait_for_room(s, mail);
	} else if (s->ready.length >= LEDGER_CLAIM_MAX && pace_is_full(mail->domain)) {
		wait_for_room(s, mail);
	} else if (!reserve(s, mail, &may, error)) {
		put_back(s, mail, 0);
		return FALSE;
	} else if (!may) {
		put_back(s, mail, OVER_S);
	} else if (!drafts_prepare(s->drafts, ledger_db(s->ledger), mail, error)) {
		put_back(s, mail, 0);
		return FALSE;
	} else {
		g_queue_push_tail(&s->ready, mail);
	}
	return TRUE;
}

void sender_take_all(struct sender *s, GPtrArray *claimed)
{
	for (guint i = 0; i < claimed->len; i++) {
		struct mail *mail = claimed->pdata[i];
		GError *problem = NULL;

		mail->domain = pace_domain(s->pace, mail_text(mail, MAIL_DOMAIN));
		if (s->ending != GOING_ON || !ledger_db(s->ledger))
			put_back(s, mail, 0); /* the database is away: later */
		else if (!take_in(s, mail, &problem) && !ledger_forgives(s->ledger, &problem))
			sender_end(s, FAILED, problem);
	}
	s->dry = claimed->len == 0;
}
