#include "mailer/release.h"

#include "base/error.h"
#include "base/json.h"
#include "db/letter.h"
#include "mailer/compose.h"
#include "sql.h"
#include "templates/form.h"

#include <json-glib/json-glib.h>
#include <string.h>

/* A number that no letter has: in the database, or among those made just now. */
static gboolean make_number(struct office *office, struct db *db, const struct round *round,
			    gint64 enterprise, GHashTable *made, char *number_out, GError **error)
{
	for (guint turn = 0;; turn++) {
		g_autoptr(db_rows) rows = NULL;

		number_make(key_letter_value(office_key(office), round->id, enterprise, turn),
			    number_out);
		if (g_hash_table_contains(made, number_out))
			continue;
		rows = db_query(db, sql_letter_number_taken, DB(db_text(number_out)), error);
		if (!rows)
			return FALSE;
		if (db_rows_count(rows) == 0) {
			g_hash_table_add(made, g_strdup(number_out));
			return TRUE;
		}
	}
}

static void add_letter(JsonBuilder *builder, struct office *office, gint64 enterprise,
		       const char *number, const char *recipient)
{
	g_autofree char *message_id = letter_message_id(office, number, "first");
	g_autoptr(GBytes) hash = NULL;
	g_autoptr(GString) hex = g_string_new(NULL);
	char secret[SECRET_LENGTH + 1];
	gsize size = 0;
	const guint8 *bytes;

	key_link_secret(office_key(office), number, 0, secret);
	hash = key_secret_hash(office_key(office), secret);
	bytes = g_bytes_get_data(hash, &size);
	for (gsize i = 0; i < size; i++)
		g_string_append_printf(hex, "%02x", bytes[i]);
	json_builder_begin_object(builder);
	json_add_int(builder, "enterprise", enterprise);
	json_add_text(builder, "number", number);
	json_add_text(builder, "secret_hash", hex->str);
	json_add_text(builder, "message_id", message_id);
	json_add_text(builder, "recipient", recipient);
	json_builder_end_object(builder);
}

/* The letters as round_release() wants them. Returns: (transfer full) */
static char *letters_json(struct office *office, struct db *db, const struct round *round,
			  GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql_round_audience, DB_NONE, error);
	g_autoptr(GHashTable) made = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(JsonBuilder) builder = json_builder_new();

	if (!rows)
		return NULL;
	if (db_rows_count(rows) == 0) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_STATE,
			    _("there is no enterprise to ask: “pingyi enterprise import” first"));
		return NULL;
	}
	json_builder_begin_array(builder);
	for (guint i = 0; i < db_rows_count(rows); i++) {
		char number[NUMBER_LENGTH + 1];

		if (!make_number(office, db, round, db_get_int(rows, i, 0), made, number, error))
			return NULL;
		add_letter(builder, office, db_get_int(rows, i, 0), number,
			   db_get_text(rows, i, 1));
	}
	json_builder_end_array(builder);
	return json_finish(builder);
}

/* The fill-in form, the same for all letters but for the number. */
static GBytes *make_form(struct office *office, struct db *db, const struct round *round,
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

gboolean release_round(struct office *office, struct db *db, const struct round *round,
		       gint64 account, GDateTime *now, guint *letters_out, GError **error)
{
	g_autoptr(composer_handle) composer =
	    composer_new(office, round, COMPOSE_LETTER, NULL, 0, error);
	g_autoptr(GBytes) form = composer ? make_form(office, db, round, error) : NULL;
	g_autofree char *letters = form ? letters_json(office, db, round, error) : NULL;
	g_autoptr(db_rows) rows = NULL;

	if (!letters)
		return FALSE;
	rows = db_query(
	    db, sql_round_release,
	    DB(db_int(round->id), db_bytes(form), db_text(letters), db_int(account), db_time(now)),
	    error);
	if (!rows)
		return FALSE;
	*letters_out = (guint)db_get_int(rows, 0, 0);
	return TRUE;
}
