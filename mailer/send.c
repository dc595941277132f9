#include "mailer/send.h"

#include "base/error.h"
#include "db/letter.h"
#include "db/round.h"
#include "mailer/compose.h"
#include "mailer/post.h"
#include "sql.h"

#include <string.h>
#include <unistd.h>

#define TRIES_MAX 12 /* of a deferred mail: about four days */
#define DOUBTFUL_MAX                                                                               \
	3 /* tries, after which a mail of unknown fate is not sent yet another time                \
	   */

enum column {
	ID,
	DUE_AT,
	KIND,
	MESSAGE_ID,
	RECIPIENT,
	DOMAIN,
	STATE,
	TRIES,
	TURN,
	NUMBER,
	SECRET_TURN,
	ROUND,
	ENTERPRISE_ID,
	ENTERPRISE,
	CONTACT,
	LETTER_DAY,
	UNWANTED,
	OPINION,
	ANSWER,
	ANSWER_DAY,
	NAME,
	NOTICE_DAY,
	FACTS,
	FIRST_ID
};

struct sender {
	struct office *office;
	struct db *db;
	GDateTime *start;
	gint64 started; /* monotonic, µs */
	gint64 id;
	struct post *post;
	GHashTable *composers; /* "round/kind" -> struct composer */
};

static const char *const outcome_names[] = {
    [SMTP_SENT] = "sent",
    [SMTP_DEFERRED] = "deferred",
    [SMTP_FAILED] = "failed",
    [SMTP_DOUBTFUL] = "doubtful",
};

char *send_destination(struct office *office)
{
	return post_destination(office);
}

static gboolean sender_init(struct sender *s, GError **error)
{
	s->started = g_get_monotonic_time();
	s->composers =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)composer_free);
	s->post = post_new(s->office, error);
	return s->post != NULL;
}

static void sender_clear(struct sender *s)
{
	post_free(s->post);
	g_clear_pointer(&s->composers, g_hash_table_unref);
}

/* The time, counted from the start that was given: leases of a long run must not lie in the past.
 * In whole seconds. Returns: (transfer full) */
static GDateTime *time_of(const struct sender *s)
{
	gint64 passed = (g_get_monotonic_time() - s->started) / G_USEC_PER_SEC;

	return g_date_time_add_seconds(s->start, (gdouble)passed);
}

static const struct composer *composer_of(struct sender *s, gint64 round_id, enum compose_kind kind,
					  GError **error)
{
	g_autofree char *name = g_strdup_printf("%" G_GINT64_FORMAT "/%d", round_id, (int)kind);
	struct composer *composer = g_hash_table_lookup(s->composers, name);
	g_autoptr(round_handle) round = NULL;

	if (composer)
		return composer;
	round = round_get_by_id(s->db, round_id, error);
	composer = round ? composer_new(s->office, round, kind, NULL, 0, error) : NULL;
	if (composer)
		g_hash_table_insert(s->composers, g_steal_pointer(&name), composer);
	return composer;
}

static GBytes *compose(struct sender *s, const struct db_rows *row, GDateTime *now, GError **error)
{
	gboolean reply = strcmp(db_get_text(row, 0, KIND), "reply") == 0;
	const struct composer *composer = composer_of(
	    s, db_get_int(row, 0, ROUND), reply ? COMPOSE_REPLY : COMPOSE_LETTER, error);
	const char *number = db_get_text(row, 0, NUMBER);
	g_autofree char *link = letter_link(s->office, number, (guint)db_get_int(row, 0, SECRET_TURN));
	struct compose_mail mail = {
	    .message_id = db_get_text(row, 0, MESSAGE_ID),
	    .recipient = db_get_text(row, 0, RECIPIENT),
	    .number = number,
	    .link = link,
	    .enterprise = db_get_text(row, 0, ENTERPRISE),
	    .contact = db_get_text(row, 0, CONTACT),
	    .date = db_get_text(row, 0, reply ? ANSWER_DAY : LETTER_DAY),
	    .opinion = db_get_text(row, 0, OPINION),
	    .answer = db_get_text(row, 0, ANSWER),
	};

	return composer ? composer_message(composer, &mail, now, error) : NULL;
}

/* After the n-th try: a quarter of an hour, an hour, then every eight. */
static GDateTime *next_try(GDateTime *now, gint64 tries)
{
	return g_date_time_add_minutes(now, tries == 0 ? 15 : tries == 1 ? 60 : 480);
}

static gboolean record(struct sender *s, gint64 mailing, gint64 tries, enum smtp_outcome outcome,
		       const struct smtp_answer *answer, struct send_count *count, GError **error)
{
	g_autoptr(GDateTime) now = time_of(s);
	g_autoptr(GDateTime) next = next_try(now, tries);
	g_autoptr(GString) id = g_string_new(NULL);
	g_autoptr(GString) how = g_string_new(NULL);
	g_autoptr(GString) code = g_string_new(NULL);
	g_autoptr(GString) words = g_string_new(NULL);
	g_autoptr(GString) when = g_string_new(NULL);

	if ((outcome == SMTP_DEFERRED && tries + 1 >= TRIES_MAX) ||
	    (outcome == SMTP_DOUBTFUL && tries + 1 >= DOUBTFUL_MAX))
		outcome = SMTP_FAILED;
	db_array_int(id, mailing);
	db_array_text(how, outcome_names[outcome]);
	db_array_int(code, answer->code);
	db_array_text(words, answer->words);
	db_array_time(when, outcome == SMTP_DEFERRED || outcome == SMTP_DOUBTFUL ? next : NULL);
	if (!db_run(s->db, sql_mailing_record,
		    DB(db_int(s->id), db_text(db_array_end(id)), db_text(db_array_end(how)),
		       db_text(db_array_end(code)), db_text(db_array_end(words)),
		       db_text(db_array_end(when)), db_time(now)),
		    NULL, error))
		return FALSE;
	count->sent += outcome == SMTP_SENT;
	count->deferred += outcome == SMTP_DEFERRED;
	count->failed += outcome == SMTP_FAILED;
	count->doubtful += outcome == SMTP_DOUBTFUL;
	return TRUE;
}

/* One mail in hand, to its end. FALSE when going on makes no sense. */
static gboolean send_one(struct sender *s, const struct db_rows *row, struct send_count *count,
			 GError **error)
{
	g_autoptr(GDateTime) now = time_of(s);
	g_autoptr(GBytes) message = compose(s, row, now, error);
	struct smtp_answer answer;
	struct post_mail mail;
	enum smtp_outcome outcome;

	if (!message)
		return FALSE;
	mail = (struct post_mail){.message_id = db_get_text(row, 0, MESSAGE_ID),
				  .recipient = db_get_text(row, 0, RECIPIENT),
				  .number = db_get_text(row, 0, NUMBER),
				  .message = message};
	outcome = post_deliver(s->post, &mail, &answer);
	if (!record(s, db_get_int(row, 0, ID), db_get_int(row, 0, TRIES), outcome, &answer, count,
		    error))
		return FALSE;
	if (answer.about_sender)
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
			    _("nothing more was sent, for it would fare the same (%d): %s"),
			    answer.code, answer.words);
	return !answer.about_sender;
}

gboolean send_due(struct office *office, struct db *db, GDateTime *now, send_progress *progress,
		  void *user, struct send_count *count, GError **error)
{
	struct sender sender = {.office = office, .db = db, .start = now};
	gboolean good = sender_init(&sender, error);
	g_autoptr(db_rows) id =
	    good ? db_query(db, sql_sender_start,
			    DB(db_text("x"), db_text("x"), db_int(SEND_LEASE_S), db_time(now)), error)
		 : NULL;

	good = id != NULL;
	if (good)
		sender.id = db_get_int(id, 0, 0);
	while (good) {
		g_autoptr(GDateTime) at = time_of(&sender);
		g_autoptr(db_rows) row = NULL;

		if (!post_ready(sender.post, error)) {
			good = FALSE;
			break;
		}
		row = db_query(db, sql_mailing_claim, DB(db_int(sender.id), db_int(1), db_time(at), db_text("-infinity"), db_int(0)),
			       error);
		if (!row || db_rows_count(row) == 0) {
			good = row != NULL;
			break;
		}
		good = send_one(&sender, row, count, error);
		if (progress)
			progress(user, count);
	}
	sender_clear(&sender);
	return good;
}
