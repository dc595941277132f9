#include "mailer/send.h"

#include "base/error.h"
#include "db/letter.h"
#include "db/round.h"
#include "mailer/compose.h"
#include "mailer/maildir.h"
#include "sql.h"

#include <string.h>
#include <unistd.h>

#define TRIES_MAX 12 /* of a deferred mail: about four days */

enum column {
	KIND,
	MESSAGE_ID,
	RECIPIENT,
	TRIES,
	NUMBER,
	TURN,
	ENTERPRISE,
	CONTACT,
	ROUND,
	LETTER_DAY,
	OPINION,
	ANSWER,
	ANSWER_DAY
};

struct sender {
	struct office *office;
	struct db *db;
	GDateTime *now;
	char *worker;
	char *maildir;         /* absolute */
	GHashTable *composers; /* "round/kind" -> struct composer */
};

enum outcome { OUTCOME_SENT, OUTCOME_DEFERRED, OUTCOME_FAILED };
static const char *const outcome_names[] = {"sent", "deferred", "failed"};

char *send_destination(struct office *office)
{
	return g_strdup(office_setting(office, "mail", "destination", "maildir:outbox"));
}

static gboolean sender_init(struct sender *s, GError **error)
{
	g_autofree char *destination = send_destination(s->office);

	if (!g_str_has_prefix(destination, "maildir:")) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("pingyi.conf: [mail] destination = “%s” is not known"), destination);
		return FALSE;
	}
	s->maildir = office_path(s->office, destination + strlen("maildir:"));
	s->worker = g_strdup_printf("%s:%d", g_get_host_name(), (int)getpid());
	s->composers =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)composer_free);
	return TRUE;
}

static void sender_clear(struct sender *s)
{
	g_free(s->maildir);
	g_free(s->worker);
	g_clear_pointer(&s->composers, g_hash_table_unref);
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
	composer = round ? composer_new(s->office, round, kind, error) : NULL;
	if (composer)
		g_hash_table_insert(s->composers, g_steal_pointer(&name), composer);
	return composer;
}

static GBytes *compose(struct sender *s, const struct db_rows *row, GError **error)
{
	gboolean reply = strcmp(db_get_text(row, 0, KIND), "reply") == 0;
	const struct composer *composer = composer_of(
	    s, db_get_int(row, 0, ROUND), reply ? COMPOSE_REPLY : COMPOSE_LETTER, error);
	const char *number = db_get_text(row, 0, NUMBER);
	g_autofree char *link = letter_link(s->office, number, (guint)db_get_int(row, 0, TURN));
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

	return composer ? composer_message(composer, &mail, s->now, error) : NULL;
}

/* After the n-th try: a quarter of an hour, an hour, then every eight. */
static GDateTime *next_try(GDateTime *now, gint64 tries)
{
	return g_date_time_add_minutes(now, tries == 0 ? 15 : tries == 1 ? 60 : 480);
}

static gboolean record(struct sender *s, gint64 mailing, gint64 tries, enum outcome outcome,
		       gint64 code, const char *words, struct send_count *count, GError **error)
{
	g_autoptr(GDateTime) next = next_try(s->now, tries);

	if (outcome == OUTCOME_DEFERRED && tries + 1 >= TRIES_MAX)
		outcome = OUTCOME_FAILED;
	if (!db_run(s->db, sql_mailing_record,
		    DB(db_int(mailing), db_text(s->worker), db_text(outcome_names[outcome]),
		       code ? db_int(code) : db_null(), db_text(words),
		       outcome == OUTCOME_DEFERRED ? db_time(next) : db_null(), db_time(s->now)),
		    NULL, error))
		return FALSE;
	count->sent += outcome == OUTCOME_SENT;
	count->deferred += outcome == OUTCOME_DEFERRED;
	count->failed += outcome == OUTCOME_FAILED;
	return TRUE;
}

/* One leased mail, to its end. FALSE when going on makes no sense. */
static gboolean send_one(struct sender *s, gint64 mailing, struct send_count *count, GError **error)
{
	g_autoptr(db_rows) row = db_query(s->db, sql_mailing_facts, DB(db_int(mailing)), error);
	g_autoptr(GBytes) message = row ? compose(s, row, error) : NULL;
	g_autoptr(GError) problem = NULL;
	gint64 tries;

	if (!message)
		return FALSE;
	tries = db_get_int(row, 0, TRIES);
	if (maildir_deliver(s->maildir, db_get_text(row, 0, MESSAGE_ID), message, &problem))
		return record(s, mailing, tries, OUTCOME_SENT, 0, NULL, count, error);
	if (!record(s, mailing, tries, OUTCOME_DEFERRED, 0, problem->message, count, error))
		return FALSE;
	g_propagate_error(error, g_steal_pointer(&problem));
	return FALSE;
}

gboolean send_due(struct office *office, struct db *db, GDateTime *now, send_progress *progress,
		  void *user, struct send_count *count, GError **error)
{
	struct sender sender = {.office = office, .db = db, .now = now};
	gboolean good = sender_init(&sender, error);

	while (good) {
		g_autoptr(db_rows) claimed =
		    db_query(db, sql_mailing_claim,
			     DB(db_text(sender.worker), db_int(SEND_LEASE_S), db_time(now)), error);

		good = claimed != NULL;
		if (!good || db_is_null(claimed, 0, 0))
			break;
		good = send_one(&sender, db_get_int(claimed, 0, 0), count, error);
		if (progress)
			progress(user, count);
	}
	sender_clear(&sender);
	return good;
}
