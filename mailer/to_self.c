#include "mailer/to_self.h"

#include "base/error.h"
#include "db/letter.h"
#include "mailer/compose.h"
#include "mailer/enclosed.h"
#include "mailer/gate.h"
#include "mailer/maildir.h"
#include "mailer/release.h"
#include "mailer/relay.h"
#include "sql.h"

#include <string.h>

enum column { ID, NAME, CONTACT, NUMBER, TURN, DAY };

/* As the round will be: a draft's letters get their form at the release. */
static struct composer *make_composer(struct office *office, struct db *db,
				      const struct round *round, GError **error)
{
	struct round released = *round;
	g_autoptr(GBytes) form = NULL;

	if (round->with_form && !round->form) {
		form = release_form(office, db, round, error);
		if (!form)
			return NULL;
		released.form = form;
	}
	return release_composer(office, db, &released, error);
}

static GBytes *compose(struct office *office, struct db *db, const struct round *round,
		       const struct db_rows *row, const char *address, GDateTime *now,
		       GError **error)
{
	g_autoptr(composer_handle) composer = make_composer(office, db, round, error);
	g_autoptr(enclosed_handle) own = NULL;
	char number[NUMBER_LENGTH + 1];
	g_autofree char *link = NULL;
	g_autofree char *message_id = NULL;
	g_autofree char *what = g_strdup_printf("self/%" G_GINT64_FORMAT, g_get_real_time());
	struct compose_mail mail = {.recipient = address,
				    .date = db_get_text(row, 0, DAY),
				    .number = number,
				    .enterprise = db_get_text(row, 0, NAME),
				    .contact = db_get_text(row, 0, CONTACT)};

	if (!composer || !(own = enclosed_load(db, round->id, db_get_int(row, 0, ID), error)))
		return NULL;
	mail.attachments = own->list;
	mail.attachment_count = own->count;
	if (db_is_null(row, 0, NUMBER))
		number_make(
		    key_letter_value(office_key(office), round->id, db_get_int(row, 0, ID), 0),
		    number);
	else
		g_strlcpy(number, db_get_text(row, 0, NUMBER), sizeof(number));
	link = letter_link(office, number, (guint)db_get_int(row, 0, TURN));
	message_id = letter_message_id(office, number, what);
	mail.link = link;
	mail.message_id = message_id;
	return composer_message(composer, &mail, now, error);
}

static gboolean deliver(struct office *office, const struct relay *relay, const char *address,
			GBytes *message, GError **error)
{
	struct smtp_options options = relay_options(relay);
	struct smtp_answer answer;
	g_autoptr(smtp_handle) smtp = NULL;

	if (relay->maildir)
		return maildir_deliver(relay->maildir, "to-self", message, error);
	smtp = smtp_open(&options, error);
	if (!smtp)
		return FALSE;
	if (smtp_send(smtp, office_setting(office, "mail", "from", ""), address, message,
		      &answer) == SMTP_SENT)
		return TRUE;
	if (answer.code)
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
			    _("the relay did not take it (%d): %s"), answer.code, answer.words);
	else
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
			    _("the relay did not take it: %s"), answer.words);
	return FALSE;
}

gboolean to_self_send(struct office *office, struct db *db, const struct round *round,
		      const char *enterprise, const char *address, GDateTime *now, char **name_out,
		      char **folder_out, GError **error)
{
	g_autoptr(relay_handle) relay = relay_new(office, "mail", error);
	g_autoptr(db_rows) row = NULL;
	g_autoptr(GBytes) message = NULL;

	if (!relay || !gate_check_link(office, error))
		return FALSE;
	row = db_query(db, sql_letter_sample,
		       DB(db_int(round->id), db_text(enterprise), db_time(now)), error);
	if (!row)
		return FALSE;
	if (db_rows_count(row) == 0) {
		if (enterprise)
			g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
				    _("no enterprise “%s” in round %s"), enterprise, round->code);
		else
			g_set_error_literal(
			    error, PINGYI_ERROR, PINGYI_ERROR_STATE,
			    _("there is no enterprise to ask: “pingyi enterprise import” first"));
		return FALSE;
	}
	message = compose(office, db, round, row, address, now, error);
	if (!message || !deliver(office, relay, address, message, error))
		return FALSE;
	*name_out = g_strdup(db_get_text(row, 0, NAME));
	*folder_out = g_strdup(relay->maildir);
	return TRUE;
}
