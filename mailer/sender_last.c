#include "mailer/sender.h"

#include "base/error.h"
#include "mailer/smtp_text.h"
#include "sql.h"

#include <string.h>

#define DAYS_S (5 * 86400) /* how long a mail is tried, from its first try on */

static gboolean is_of_round(const struct mail *mail)
{
	const char *kind = mail_text(mail, MAIL_KIND);

	return strcmp(kind, "first") == 0 || strcmp(kind, "reminder") == 0;
}

static gboolean ask_end(struct sender *s, gint64 round, gint64 *end_out, GError **error)
{
	g_autoptr(db_rows) rows =
	    db_query(ledger_db(s->ledger), sql_round_end, DB(db_int(round)), error);

	if (rows)
		*end_out = db_get_int(rows, 0, 0);
	return rows != NULL;
}

gboolean sender_learn_end(struct sender *s, const struct mail *mail, GError **error)
{
	gint64 round = mail_int(mail, MAIL_ROUND);
	gint64 end = 0;

	if (!is_of_round(mail) || g_hash_table_contains(s->ends, &round))
		return TRUE;
	if (!ask_end(s, round, &end, error))
		return FALSE;
	g_hash_table_insert(s->ends, g_memdup2(&round, sizeof(round)),
			    g_memdup2(&end, sizeof(end)));
	return TRUE;
}

gboolean sender_learn_ends(struct sender *s, GError **error)
{
	GHashTableIter rounds;
	gpointer round;
	gpointer end;

	g_hash_table_iter_init(&rounds, s->ends);
	while (g_hash_table_iter_next(&rounds, &round, &end))
		if (!ask_end(s, *(gint64 *)round, end, error))
			return FALSE;
	return TRUE;
}

/* Unix time; G_MAXINT64 for what is of no round's days. */
static gint64 end_of_round(const struct sender *s, const struct mail *mail)
{
	gint64 round = mail_int(mail, MAIL_ROUND);
	const gint64 *end = is_of_round(mail) ? g_hash_table_lookup(s->ends, &round) : NULL;

	return end ? *end : G_MAXINT64;
}

gboolean sender_is_over(const struct sender *s, const struct mail *mail)
{
	return g_date_time_to_unix(s->now) >= end_of_round(s, mail);
}

gboolean sender_is_last_try(const struct sender *s, const struct mail *mail, gint64 seconds)
{
	gint64 now = g_date_time_to_unix(s->now);
	gint64 first = mail_int(mail, MAIL_TRIED);
	gint64 last = MIN((first ? first : now) + DAYS_S, end_of_round(s, mail));

	return now + seconds >= last;
}

void sender_give_up(struct mail *mail, int code, const char *words)
{
	g_autofree char *all = words && *words
				   ? g_strdup_printf(_("its last day is over: %s"), words)
				   : g_strdup(_("its last day is over"));

	mail->outcome = "failed";
	mail->next_s = 0;
	mail->answer.code = code;
	smtp_text_copy(all, mail->answer.words, sizeof(mail->answer.words));
}
