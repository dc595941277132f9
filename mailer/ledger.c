#include "mailer/ledger.h"

#include "base/error.h"
#include "base/worker.h"
#include "sql.h"

#include <string.h>

#define LEASE_S     120
#define RENEW_S     20
#define POST_MIN    48       /* mails that are worth entering with a claim … */
#define POST_MANY   256      /* … and without */
#define POST_US     250000   /* how long a mail that is noted waits at most to be entered */
#define AGAIN_US    1000000  /* how often the database is looked for when it is away … */
#define AWAY_MAX_US 60000000 /* … and for how long */
#define BUSY_MAX_US 60000000 /* a commit that takes longer is one whose answer is lost */

/* The rows of one claim, which its mails share. */
struct claim {
	struct db_rows *rows;
	guint users;
};

/* A connection with, perhaps, a commit under way. */
struct line {
	struct db *db;
	gboolean busy;
	gint64 since;  /* monotonic, µs: of the commit under way */
	gboolean lost; /* it is to be opened anew, and what was under way sent again */
};

struct ledger {
	struct office *office;
	struct line journal; /* notes how mails ended */
	struct line books;   /* enters that in the ledger and takes mails in hand */
	struct db *callers;  /* what books was at first; gets its settings back in the end */
	gint64 id;
	gint64 renewed;   /* monotonic, µs: when the lease was last known to hold */
	GPtrArray *ended; /* being noted; borrowed */
	gint64 noted;     /* rows of the journal that are committed */
	gint64 posted;    /* … and those that are entered */
	gint64 posting;   /* … once the turn under way has ended */
	guint unposted;   /* mails in the others … */
	gint64 since;     /* monotonic, µs: … the oldest of which was noted then */
	guint want;       /* mails that are being taken */
	gboolean unknown; /* a claim's answer was lost */
	gint64 away;      /* monotonic, µs: since when the database is away; 0: it is there */
	gint64 looked;    /* when it was last looked for */
	char *due_at;     /* where the last claim ended: when that one was due … */
	gint64 last;      /* … and its id */
	gboolean walked;  /* something was taken since walking over what is due began */
	GString *ids, *outcomes, *codes, *words, *next;
};

const char *mail_text(const struct mail *mail, enum ledger_column column)
{
	if (column < MAIL_TURN)
		return db_get_text(mail->claim->rows, mail->row, column);
	return mail->more ? db_get_text(mail->more, 0, column - MAIL_TURN) : NULL;
}

gint64 mail_int(const struct mail *mail, enum ledger_column column)
{
	const char *text = mail_text(mail, column);

	return text ? g_ascii_strtoll(text, NULL, 10) : 0;
}

void mail_free(struct mail *mail)
{
	if (!mail)
		return;
	if (--mail->claim->users == 0) {
		db_rows_free(mail->claim->rows);
		g_free(mail->claim);
	}
	db_rows_free(mail->more);
	if (mail->text)
		g_string_free(mail->text, TRUE);
	g_free(mail->from);
	g_free(mail);
}

static void from_start(struct ledger *ledger)
{
	g_free(ledger->due_at);
	ledger->due_at = g_strdup("-infinity");
	ledger->last = 0;
	ledger->walked = FALSE;
}

/* Senders of this host whose process is no more; one with our name is an earlier one. */
static gboolean add_gone(struct db *db, GString *gone, const char *name, GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql_sender_living, DB_NONE, error);

	for (guint i = 0; rows && i < db_rows_count(rows); i++) {
		const char *other = db_get_text(rows, i, 1);

		if (strcmp(other, name) == 0 || worker_is_gone(other))
			db_array_int(gone, db_get_int(rows, i, 0));
	}
	return rows != NULL;
}

gboolean ledger_bury(struct db *db, GDateTime *now, GError **error)
{
	g_autofree char *name = worker_name();
	g_autoptr(GString) gone = g_string_new(NULL);

	return add_gone(db, gone, name, error) &&
	       db_run(db, sql_sender_expire,
		      DB(db_text(db_array_end(gone)),
			 db_text(_("the sender ended without saying whether this one arrived")),
			 db_time(now)),
		      NULL, error);
}

/* All statements look up some dozen rows by their keys, whatever the tables' size: planned once,
 * and by nothing but keys. */
static gboolean prepare_books(struct db *db, GError **error)
{
	return db_script(db,
			 "SET plan_cache_mode = force_generic_plan; SET enable_hashjoin = off; "
			 "SET enable_mergejoin = off; SET enable_bitmapscan = off; "
			 "SET enable_seqscan = off; SET enable_sort = off; SET jit = off",
			 error) &&
	       db_prepare(db, sql_journal_post, error) && db_prepare(db, sql_mailing_claim, error);
}

static gboolean open_journal(struct ledger *ledger, GError **error)
{
	ledger->journal.db = office_connect(ledger->office, "worker", error);
	return ledger->journal.db &&
	       db_script(ledger->journal.db, "SET plan_cache_mode = force_generic_plan", error) &&
	       db_prepare(ledger->journal.db, sql_sender_hold, error) &&
	       db_prepare(ledger->journal.db, sql_journal_note, error);
}

struct ledger *ledger_open(struct office *office, struct db *db, const char *relay, GDateTime *now,
			   GError **error)
{
	struct ledger *ledger = g_new0(struct ledger, 1);
	g_autofree char *name = worker_name();
	g_autoptr(db_rows) id = NULL;

	ledger->office = office;
	ledger->books.db = ledger->callers = db;
	ledger->ids = g_string_new(NULL);
	ledger->outcomes = g_string_new(NULL);
	ledger->codes = g_string_new(NULL);
	ledger->words = g_string_new(NULL);
	ledger->next = g_string_new(NULL);
	from_start(ledger);
	if (ledger_bury(db, now, error) && prepare_books(db, error) && open_journal(ledger, error))
		id = db_query(db, sql_sender_start,
			      DB(db_text(name), db_text(relay), db_int(LEASE_S), db_time(now)),
			      error);
	if (!id) {
		ledger_close(ledger, FALSE, now);
		return NULL;
	}
	ledger->id = db_get_int(id, 0, 0);
	ledger->renewed = g_get_monotonic_time();
	return ledger;
}

struct db *ledger_db(struct ledger *ledger)
{
	return ledger->books.lost ? NULL : ledger->books.db;
}

gboolean ledger_is_noting(const struct ledger *ledger)
{
	return ledger->journal.busy;
}

gboolean ledger_is_turning(const struct ledger *ledger)
{
	return ledger->books.busy;
}

void ledger_sockets(const struct ledger *ledger, int fds[LEDGER_SOCKETS])
{
	const struct line *lines[LEDGER_SOCKETS] = {&ledger->journal, &ledger->books};

	for (guint i = 0; i < LEDGER_SOCKETS; i++)
		fds[i] = lines[i]->lost || !lines[i]->busy ? -1 : db_socket(lines[i]->db);
}

static void fill_arrays(struct ledger *ledger, GDateTime *now)
{
	GString *const arrays[] = {ledger->ids, ledger->outcomes, ledger->codes, ledger->words,
				   ledger->next};

	for (guint i = 0; i < G_N_ELEMENTS(arrays); i++)
		g_string_truncate(arrays[i], 0);
	for (guint i = 0; i < ledger->ended->len; i++) {
		const struct mail *mail = ledger->ended->pdata[i];
		g_autoptr(GDateTime) next =
		    mail->next_s ? g_date_time_add_seconds(now, (gdouble)mail->next_s) : NULL;

		db_array_int(ledger->ids, mail_int(mail, MAIL_ID));
		db_array_text(ledger->outcomes, mail->outcome);
		if (mail->answer.code)
			db_array_int(ledger->codes, mail->answer.code);
		else
			db_array_null(ledger->codes);
		db_array_text(ledger->words, *mail->answer.words ? mail->answer.words : NULL);
		db_array_time(ledger->next, next);
	}
}

/* Sends the next row of the journal; `again` where it is not known whether it was committed. */
static gboolean submit_note(struct ledger *ledger, gboolean again, GDateTime *now, GError **error)
{
	struct db *db = ledger->journal.db;

	if (again && !db_batch_add(db, sql_sender_hold, DB(db_int(ledger->id)), error))
		return FALSE;
	fill_arrays(ledger, now);
	return db_batch_add(
		   db, sql_journal_note,
		   DB(db_int(ledger->id), db_int(ledger->noted + 1), db_time(now),
		      db_text(db_array_end(ledger->ids)), db_text(db_array_end(ledger->outcomes)),
		      db_text(db_array_end(ledger->codes)), db_text(db_array_end(ledger->words)),
		      db_text(db_array_end(ledger->next))),
		   error) &&
	       db_batch_send(db, error);
}

static gboolean submit_turn(struct ledger *ledger, GDateTime *now, GError **error)
{
	struct db *db = ledger->books.db;

	if (ledger->posting > ledger->posted &&
	    !db_batch_add(db, sql_journal_post,
			  DB(db_int(ledger->id), db_int(ledger->posted), db_int(ledger->posting),
			     db_time(now)),
			  error))
		return FALSE;
	if (ledger->want > 0 &&
	    !db_batch_add(db, sql_mailing_claim,
			  DB(db_int(ledger->id), db_int(ledger->want), db_time(now),
			     db_text(ledger->due_at), db_int(ledger->last)),
			  error))
		return FALSE;
	return db_batch_send(db, error);
}

static gboolean fail_dead(GError **error)
{
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_STATE,
			    _("this sender was silent for so long that others took over what it "
			      "held"));
	return FALSE;
}

/* Whether a failure of this connection means that the database is away for now; then it is looked
 * for again, and the error is gone. */
static gboolean is_away(struct ledger *ledger, struct line *line, GError **error)
{
	if (!g_error_matches(*error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY))
		return FALSE;
	line->lost = TRUE;
	if (!ledger->away)
		ledger->away = g_get_monotonic_time();
	if (g_get_monotonic_time() - ledger->away > AWAY_MAX_US)
		return FALSE;
	g_clear_error(error);
	return TRUE;
}

static void begin(struct line *line)
{
	line->busy = TRUE;
	line->since = g_get_monotonic_time();
}

gboolean ledger_note(struct ledger *ledger, GPtrArray *ended, GDateTime *now, GError **error)
{
	GError *problem = NULL;

	ledger->ended = ended;
	begin(&ledger->journal);
	if (ledger->journal.lost || submit_note(ledger, FALSE, now, &problem) ||
	    is_away(ledger, &ledger->journal, &problem))
		return TRUE;
	g_propagate_error(error, problem);
	return FALSE;
}

gboolean ledger_wants_turn(const struct ledger *ledger)
{
	return ledger->unposted >= POST_MANY ||
	       (ledger->unposted > 0 && g_get_monotonic_time() - ledger->since >= POST_US);
}

gboolean ledger_turn(struct ledger *ledger, guint want, gboolean post, GDateTime *now,
		     GError **error)
{
	GError *problem = NULL;

	ledger->want = MIN(want, LEDGER_CLAIM_MAX);
	ledger->posting =
	    post || want == 0 || ledger->unposted >= POST_MIN ? ledger->noted : ledger->posted;
	if (ledger->want == 0 && ledger->posting == ledger->posted)
		return TRUE;
	if (ledger->posting > ledger->posted)
		ledger->unposted = 0;
	begin(&ledger->books);
	if (ledger->books.lost || submit_turn(ledger, now, &problem) ||
	    is_away(ledger, &ledger->books, &problem))
		return TRUE;
	g_propagate_error(error, problem);
	return FALSE;
}

gboolean ledger_is_posted(const struct ledger *ledger)
{
	return ledger->posted == ledger->noted;
}

/* Asks whether we are still taken for alive. */
static gboolean renew(struct ledger *ledger, struct db *db, GDateTime *now, GError **error)
{
	g_autoptr(db_rows) rows = db_query(
	    db, sql_sender_renew, DB(db_int(ledger->id), db_int(LEASE_S), db_time(now)), error);

	if (!rows)
		return FALSE;
	if (!db_get_bool(rows, 0, 0))
		return fail_dead(error);
	ledger->renewed = g_get_monotonic_time();
	return TRUE;
}

static gboolean reopen_books(struct ledger *ledger, GDateTime *now, GError **error)
{
	struct db *db = office_connect(ledger->office, "worker", error);

	if (!db)
		return FALSE;
	if (ledger->books.db != ledger->callers)
		db_free(ledger->books.db);
	ledger->books.db = db;
	if (!prepare_books(db, error) || !renew(ledger, db, now, error))
		return FALSE;
	ledger->books.lost = FALSE;
	ledger->books.since = g_get_monotonic_time();
	if (!ledger->books.busy)
		return TRUE;
	ledger->unknown |= ledger->want > 0;
	return submit_turn(ledger, now, error);
}

static gboolean reopen_journal(struct ledger *ledger, GDateTime *now, GError **error)
{
	g_clear_pointer(&ledger->journal.db, db_free);
	if (!open_journal(ledger, error))
		return FALSE;
	ledger->journal.lost = FALSE;
	ledger->journal.since = g_get_monotonic_time();
	return !ledger->journal.busy || submit_note(ledger, TRUE, now, error);
}

/* Looks whether the database is back, now and then; `ledger->away` is 0 when it is, and what was
 * under way has been sent again. */
static gboolean come_back(struct ledger *ledger, GDateTime *now, GError **error)
{
	GError *problem = NULL;

	if (!ledger->away || g_get_monotonic_time() - ledger->looked < AGAIN_US)
		return TRUE;
	ledger->looked = g_get_monotonic_time();
	if ((!ledger->books.lost || reopen_books(ledger, now, &problem) ||
	     is_away(ledger, &ledger->books, &problem)) &&
	    (!ledger->journal.lost || reopen_journal(ledger, now, &problem) ||
	     is_away(ledger, &ledger->journal, &problem))) {
		if (!ledger->books.lost && !ledger->journal.lost)
			ledger->away = 0;
		return TRUE;
	}
	g_propagate_error(error, problem);
	return FALSE;
}

static GPtrArray *take_claim(struct ledger *ledger, struct db_rows *rows)
{
	GPtrArray *mails = g_ptr_array_new();
	guint n = db_rows_count(rows);
	struct claim *claim;

	if (n == 0) {
		db_rows_free(rows);
		return mails;
	}
	claim = g_new0(struct claim, 1);
	claim->rows = rows;
	claim->users = n;
	for (guint i = 0; i < n; i++) {
		struct mail *mail = g_new0(struct mail, 1);

		mail->claim = claim;
		mail->row = i;
		g_ptr_array_add(mails, mail);
	}
	g_free(ledger->due_at);
	ledger->due_at = g_strdup(db_get_text(rows, n - 1, MAIL_DUE_AT));
	ledger->last = db_get_int(rows, n - 1, MAIL_ID);
	ledger->walked = TRUE;
	return mails;
}

/* The answers to the commit under way on a connection; NULL while they are not there. FALSE with an
 * error that connecting anew does not mend. */
static gboolean poll_line(struct ledger *ledger, struct line *line, GPtrArray **answers_out,
			  GError **error)
{
	GError *problem = NULL;

	*answers_out = NULL;
	if (!line->busy || line->lost)
		return TRUE;
	if (db_batch_poll(line->db, answers_out, &problem)) {
		line->busy = *answers_out == NULL;
		if (!line->busy || g_get_monotonic_time() - line->since < BUSY_MAX_US)
			return TRUE;
		g_set_error_literal(&problem, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
				    _("the database does not answer"));
	}
	if (is_away(ledger, line, &problem))
		return TRUE;
	g_propagate_error(error, problem);
	return FALSE;
}

static gboolean poll_journal(struct ledger *ledger, gboolean *noted_out, GError **error)
{
	g_autoptr(GPtrArray) answers = NULL;

	*noted_out = FALSE;
	if (!poll_line(ledger, &ledger->journal, &answers, error))
		return FALSE;
	if (!answers)
		return TRUE;
	if (db_rows_count(g_ptr_array_index(answers, answers->len - 1)) == 0)
		return fail_dead(error);
	*noted_out = TRUE;
	ledger->noted++;
	if (ledger->unposted == 0)
		ledger->since = g_get_monotonic_time();
	ledger->unposted += ledger->ended->len;
	return TRUE;
}

static gboolean poll_books(struct ledger *ledger, GPtrArray **claimed_out, GError **error)
{
	g_autoptr(GPtrArray) answers = NULL;

	*claimed_out = NULL;
	if (!poll_line(ledger, &ledger->books, &answers, error))
		return FALSE;
	if (!answers)
		return TRUE;
	ledger->posted = ledger->posting;
	if (ledger->want == 0)
		return TRUE;
	*claimed_out = take_claim(ledger, g_ptr_array_steal_index(answers, answers->len - 1));
	/* what came before where we began, or was put back since, is behind us */
	if ((*claimed_out)->len == 0 && ledger->walked) {
		from_start(ledger);
		g_clear_pointer(claimed_out, g_ptr_array_unref);
	}
	return TRUE;
}

gboolean ledger_poll(struct ledger *ledger, GDateTime *now, gboolean *noted_out,
		     GPtrArray **claimed_out, GError **error)
{
	*noted_out = FALSE;
	*claimed_out = NULL;
	return come_back(ledger, now, error) && poll_journal(ledger, noted_out, error) &&
	       poll_books(ledger, claimed_out, error);
}

gboolean ledger_readdress(struct ledger *ledger, const struct mail *mail, GDateTime *now,
			  gboolean *moved_out, GError **error)
{
	const char *address = mail_text(mail, MAIL_ADDRESS);
	g_autoptr(db_rows) rows = NULL;

	*moved_out = FALSE;
	if (!address || strcmp(address, mail_text(mail, MAIL_RECIPIENT)) == 0 ||
	    strcmp(mail_text(mail, MAIL_STATE), "bounced") == 0)
		return TRUE;
	rows =
	    db_query(ledger->books.db, sql_mailing_readdress,
		     DB(db_int(mail_int(mail, MAIL_ID)), db_int(ledger->id), db_time(now)), error);
	*moved_out = rows && db_get_bool(rows, 0, 0);
	return rows != NULL;
}

gboolean ledger_ask_more(struct ledger *ledger, struct mail *mail, GDateTime *now, GError **error)
{
	if (strcmp(mail_text(mail, MAIL_KIND), "first") == 0)
		return TRUE;
	mail->more = db_query(ledger->books.db, sql_mailing_more,
			      DB(db_int(mail_int(mail, MAIL_ID)), db_time(now)), error);
	return mail->more != NULL;
}

gboolean ledger_renew(struct ledger *ledger, gboolean surely, GDateTime *now, GError **error)
{
	GError *problem = NULL;

	if (ledger->books.lost)
		return come_back(ledger, now, error);
	if (!surely && g_get_monotonic_time() - ledger->renewed < (gint64)RENEW_S * 1000000)
		return TRUE;
	if (renew(ledger, ledger->books.db, now, &problem) ||
	    is_away(ledger, &ledger->books, &problem))
		return TRUE;
	g_propagate_error(error, problem);
	return FALSE;
}

gboolean ledger_forgives(struct ledger *ledger, GError **error)
{
	return is_away(ledger, &ledger->books, error);
}

gboolean ledger_holds_unknown(const struct ledger *ledger)
{
	return ledger->unknown;
}

gboolean ledger_let_go(struct ledger *ledger, GError **error)
{
	if (!db_run(ledger->books.db, sql_sender_let_go, DB(db_int(ledger->id)), NULL, error))
		return FALSE;
	ledger->unknown = FALSE;
	from_start(ledger);
	return TRUE;
}

/* Without it the lease ends by itself. */
static gboolean tell_end(struct ledger *ledger, gboolean under_way, GDateTime *now)
{
	g_autofree char *ids = g_strdup_printf("{%" G_GINT64_FORMAT "}", ledger->id);

	if (under_way)
		return db_run(ledger->books.db, sql_sender_expire,
			      DB(db_text(ids),
				 db_text(_("the sender ended without saying whether this one "
					   "arrived")),
				 db_time(now)),
			      NULL, NULL);
	return db_run(ledger->books.db, sql_sender_end, DB(db_int(ledger->id), db_time(now)), NULL,
		      NULL);
}

void ledger_close(struct ledger *ledger, gboolean under_way, GDateTime *now)
{
	gboolean own;

	if (!ledger)
		return;
	own = ledger->books.db != ledger->callers;
	if (ledger->id && !ledger->books.lost && !ledger->books.busy && !ledger->journal.busy &&
	    !tell_end(ledger, under_way, now))
		g_debug("sender=%" G_GINT64_FORMAT " not ended", ledger->id);
	/* a connection that was lost has none to give back */
	if (own || (!ledger->books.lost && !ledger->books.busy))
		db_script(ledger->callers,
			  "RESET plan_cache_mode; RESET enable_hashjoin; RESET enable_mergejoin; "
			  "RESET enable_bitmapscan; RESET enable_seqscan; RESET enable_sort; "
			  "RESET jit",
			  NULL);
	if (own)
		db_free(ledger->books.db);
	db_free(ledger->journal.db);
	g_free(ledger->due_at);
	g_string_free(ledger->ids, TRUE);
	g_string_free(ledger->outcomes, TRUE);
	g_string_free(ledger->codes, TRUE);
	g_string_free(ledger->words, TRUE);
	g_string_free(ledger->next, TRUE);
	g_free(ledger);
}
