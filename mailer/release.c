#include "mailer/release.h"

#include "base/error.h"
#include "db/letter.h"
#include "mailer/attach.h"
#include "mailer/compose.h"
#include "mailer/enclosed.h"
#include "sql.h"
#include "templates/form.h"

#include <string.h>

/* Letters on their way into the database, as the arrays of letters_add.sql. */
struct letters {
	GString *enterprises, *numbers, *hashes, *message_ids, *recipients;
};

static void letters_init(struct letters *letters)
{
	letters->enterprises = g_string_new(NULL);
	letters->numbers = g_string_new(NULL);
	letters->hashes = g_string_new(NULL);
	letters->message_ids = g_string_new(NULL);
	letters->recipients = g_string_new(NULL);
}

static void letters_clear(struct letters *letters)
{
	g_string_free(letters->enterprises, TRUE);
	g_string_free(letters->numbers, TRUE);
	g_string_free(letters->hashes, TRUE);
	g_string_free(letters->message_ids, TRUE);
	g_string_free(letters->recipients, TRUE);
}

/* `turn` counts up where a number was taken. */
static void letters_append(struct letters *letters, struct office *office,
			   const struct round *round, gint64 enterprise, const char *recipient,
			   guint turn)
{
	const struct office_key *key = office_key(office);
	g_autofree char *message_id = NULL;
	g_autoptr(GBytes) hash = NULL;
	char number[NUMBER_LENGTH + 1];
	char secret[SECRET_LENGTH + 1];

	number_make(key_letter_value(key, round->id, enterprise, turn), number);
	key_link_secret(key, number, 0, secret);
	hash = key_secret_hash(key, secret);
	message_id = letter_message_id(office, number, "first");
	db_array_int(letters->enterprises, enterprise);
	db_array_text(letters->numbers, number);
	db_array_bytes(letters->hashes, hash);
	db_array_text(letters->message_ids, message_id);
	db_array_text(letters->recipients, recipient);
}

/* Returns: (transfer full) the enterprises whose number was taken. */
static struct db_rows *letters_store(struct letters *letters, struct db *db,
				     const struct round *round, GDateTime *now, GError **error)
{
	return db_query(db, sql_letters_add,
			DB(db_int(round->id), db_text(db_array_end(letters->enterprises)),
			   db_text(db_array_end(letters->numbers)),
			   db_text(db_array_end(letters->hashes)),
			   db_text(db_array_end(letters->message_ids)),
			   db_text(db_array_end(letters->recipients)), db_time(now)),
			error);
}

/* The row of `enterprise`; it is there. */
static guint row_of(const struct db_rows *rows, gint64 enterprise)
{
	guint row = 0;

	while (db_get_int(rows, row, 0) != enterprise)
		row++;
	return row;
}

/* One piece of the audience; those whose number was taken get another until all have one. */
static gboolean add_piece(struct office *office, struct db *db, const struct round *round,
			  const struct db_rows *rows, GDateTime *now, GError **error)
{
	g_autoptr(db_rows) taken = NULL;

	for (guint turn = 0; turn == 0 || db_rows_count(taken) > 0; turn++) {
		g_autoptr(db_rows) again = g_steal_pointer(&taken);
		struct letters letters;

		letters_init(&letters);
		for (guint i = 0; i < db_rows_count(again ? again : rows); i++) {
			guint row = again ? row_of(rows, db_get_int(again, i, 0)) : i;

			letters_append(&letters, office, round, db_get_int(rows, row, 0),
				       db_get_text(rows, row, 1), turn);
		}
		taken = letters_store(&letters, db, round, now, error);
		letters_clear(&letters);
		if (!taken)
			return FALSE;
	}
	return TRUE;
}

/* In pieces, so that a million letters need no more memory than some thousand. */
static gboolean add_letters(struct office *office, struct db *db, const struct round *round,
			    GDateTime *now, guint *letters_out, GError **error)
{
	gint64 last = 0;

	*letters_out = 0;
	for (;;) {
		g_autoptr(db_rows) rows = db_query(db, sql_round_audience, DB(db_int(last)), error);

		if (!rows)
			return FALSE;
		if (db_rows_count(rows) == 0)
			break;
		if (!add_piece(office, db, round, rows, now, error))
			return FALSE;
		*letters_out += db_rows_count(rows);
		last = db_get_int(rows, db_rows_count(rows) - 1, 0);
	}
	if (*letters_out > 0)
		return db_run(db, sql_letters_added, DB_NONE, NULL, error);
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_STATE,
		    _("there is no enterprise to ask: “pingyi enterprise import” first"));
	return FALSE;
}

GBytes *release_form(struct office *office, struct db *db, const struct round *round,
		     GError **error)
{
	g_autoptr(form_handle) form = form_parse(round->questionnaire, strlen(round->questionnaire),
						 "questionnaire.xml", error);
	g_autoptr(db_rows) rows = form ? db_query(db, sql_department_list, DB_NONE, error) : NULL;
	g_autofree struct form_department *departments = NULL;

	if (!rows)
		return NULL;
	departments = g_new0(struct form_department, db_rows_count(rows) + 1);
	for (guint i = 0; i < db_rows_count(rows); i++) {
		departments[i].code = db_get_text(rows, i, 0);
		departments[i].name = db_get_text(rows, i, 1);
	}
	return form_docx(form, departments, db_rows_count(rows),
			 office_setting(office, "office", "name", ""), round->title,
			 round->language);
}

static gboolean release(struct office *office, struct db *db, const struct round *round,
			GBytes *form, gint64 account, GDateTime *now, guint *letters_out,
			GError **error)
{
	return db_run(db, sql_round_release,
		      DB(db_int(round->id), db_bytes(form), db_int(account), db_time(now)), NULL,
		      error) &&
	       attach_fits(db, round->id, form ? g_bytes_get_size(form) : 0, error) &&
	       add_letters(office, db, round, now, letters_out, error);
}

struct composer *release_composer(struct office *office, struct db *db, const struct round *round,
				  GError **error)
{
	g_autoptr(enclosed_handle) files = enclosed_load(db, round->id, 0, error);

	return files ? composer_new(office, round, COMPOSE_LETTER, files->list, files->count, error)
		     : NULL;
}

gboolean release_round(struct office *office, struct db *db, const struct round *round,
		       gint64 account, GDateTime *now, guint *letters_out, GError **error)
{
	g_autoptr(composer_handle) composer =
	    composer_new(office, round, COMPOSE_LETTER, NULL, 0, error);
	g_autoptr(GBytes) form = NULL;

	if (!composer)
		return FALSE;
	if (round->with_form && !(form = release_form(office, db, round, error)))
		return FALSE;
	if (!db_begin(db, error))
		return FALSE;
	if (release(office, db, round, form, account, now, letters_out, error) &&
	    db_commit(db, error))
		return TRUE;
	db_rollback(db);
	return FALSE;
}
