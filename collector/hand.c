#include "collector/hand.h"

#include "base/error.h"
#include "collector/name.h"
#include "collector/reader.h"
#include "collector/source.h"
#include "db/enterprise.h"
#include "sql.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/stat.h>

gboolean hand_find_letter(struct db *db, const char *enterprise, const char *round,
			  struct hand *hand, GError **error)
{
	gint64 id = enterprise_find(db, enterprise, error);
	g_autoptr(db_rows) rows =
	    id ? db_query(db, sql_letter_of_enterprise, DB(db_int(id), db_text(round)), error)
	       : NULL;

	if (!rows)
		return FALSE;
	if (db_rows_count(rows) == 0) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    round ? _("“%s” has no letter in that round")
				  : _("“%s” has no letter in an open round (say which: --round)"),
			    enterprise);
		return FALSE;
	}
	hand->letter = db_get_int(rows, 0, 0);
	hand->number = g_strdup(db_get_text(rows, 0, 1));
	hand->round = g_strdup(db_get_text(rows, 0, 2));
	hand->released = g_strdup(db_get_text(rows, 0, 3));
	hand->released_at = db_get_int(rows, 0, 4);
	return TRUE;
}

void hand_clear(struct hand *hand)
{
	g_clear_pointer(&hand->number, g_free);
	g_clear_pointer(&hand->round, g_free);
	g_clear_pointer(&hand->released, g_free);
}

/* The file whole. Returns: (transfer full) */
static GBytes *read_file(const char *path, GError **error)
{
	struct stat st;
	char *text = NULL;
	gsize size = 0;

	if (g_stat(path, &st) != 0)
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, "%s: %s", path,
			    g_strerror(errno));
	else if (!S_ISREG(st.st_mode))
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s is not a file"), path);
	else if (st.st_size == 0)
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s is empty"), path);
	else if (st.st_size > SOURCE_MESSAGE_MAX)
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s is larger than 100 MB"),
			    path);
	else if (!g_file_get_contents(path, &text, &size, NULL))
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s cannot be read"), path);
	return text ? g_bytes_new_take(text, size) : NULL;
}

static void append_base64(GString *out, GBytes *bytes)
{
	gsize size = 0;
	const guchar *data = g_bytes_get_data(bytes, &size);
	gsize most = (size / 3 + 1) * 4 + (size / 54 + 2); /* as g_base64_encode_step() says */
	g_autofree char *text = g_malloc(most + 8);
	int state = 0, save = 0;
	gsize n = g_base64_encode_step(data, size, TRUE, text, &state, &save);

	n += g_base64_encode_close(TRUE, text + n, &state, &save);
	g_string_append_len(out, text, (gssize)n);
}

/* A file as the attachment of a message: without a date, so that the same file is the same bytes.
 * Its name is written as RFC 2231 has it. */
static GBytes *wrap_file(const struct hand *hand, const char *path, GBytes *bytes)
{
	g_autofree char *base = g_path_get_basename(path);
	g_autofree char *valid = g_utf8_make_valid(base, -1);
	g_autofree char *name = g_uri_escape_string(valid, NULL, FALSE);
	GString *out = g_string_new(NULL);

	g_string_append_printf(out,
			       "From: <" HAND_ADDRESS ">\nTo: <office@pingyi.invalid>\n"
			       "Subject: %s\nMIME-Version: 1.0\n"
			       "Content-Type: multipart/mixed; boundary=\"=_hand\"\n\n--=_hand\n"
			       "Content-Type: application/octet-stream\n"
			       "Content-Disposition: attachment; filename*=UTF-8''%s\n"
			       "Content-Transfer-Encoding: base64\n\n",
			       hand->number, name);
	append_base64(out, bytes);
	g_string_append(out, "--=_hand--\n");
	return g_string_free_to_bytes(out);
}

/* A text file as the words of a message; its charset is for the reader to find out. */
static GBytes *wrap_text(const struct hand *hand, GBytes *bytes)
{
	GString *out = g_string_new(NULL);

	g_string_append_printf(out,
			       "From: <" HAND_ADDRESS ">\nTo: <office@pingyi.invalid>\n"
			       "Subject: %s\nMIME-Version: 1.0\nContent-Type: text/plain\n"
			       "Content-Transfer-Encoding: base64\n\n",
			       hand->number);
	append_base64(out, bytes);
	return g_string_free_to_bytes(out);
}

static gboolean put(struct db *db, const struct hand *hand, GBytes *raw, const char *channel,
		    const char *found, const char *uid, gint64 *message_out, gboolean *done_out,
		    GError **error)
{
	g_autoptr(db_rows) rows =
	    db_query(db, sql_message_hand,
		     DB(db_bytes(raw), db_text(channel), db_text(found), db_text(uid),
			db_int(hand->letter), db_int(hand->account), db_time(hand->now)),
		     error);

	if (!rows)
		return FALSE;
	*message_out = db_get_int(rows, 0, 0);
	*done_out = db_get_bool(rows, 0, 1);
	return TRUE;
}

/* The record of a message that is not stored yet; NULL without an error where it cannot be read:
 * then a person looks at it later. */
static JsonNode *look_into(GBytes *raw, GError **error)
{
	struct reader *reader = reader_start(NULL, 0);
	GError *problem = NULL;
	JsonNode *record = reader_read(reader, raw, &problem);

	if (g_error_matches(problem, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY))
		g_propagate_error(error, problem);
	else
		g_clear_error(&problem);
	reader_free(reader);
	return record;
}

/* Refuses what bears the number of another letter: a form that went into the wrong folder. */
static gboolean check_numbers(struct db *db, const struct hand *hand, const char *path, GBytes *raw,
			      GError **error)
{
	GError *problem = NULL;
	g_autoptr(JsonNode) record = look_into(raw, &problem);
	JsonArray *numbers =
	    record ? json_object_get_array_member(json_node_get_object(record), "numbers") : NULL;

	if (problem) {
		g_propagate_error(error, problem);
		return FALSE;
	}
	for (guint i = 0; numbers && i < json_array_get_length(numbers); i++) {
		const char *number = json_object_get_string_member(
		    json_array_get_object_element(numbers, i), "number");
		g_autoptr(db_rows) rows =
		    db_query(db, sql_letter_owner, DB(db_text(number)), error);

		if (!rows)
			return FALSE;
		if (db_rows_count(rows) == 0 || db_get_int(rows, 0, 0) == hand->letter)
			continue;
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("%s bears the number %s, which is that of “%s” in round %s, not %s: "
			      "name that enterprise and round, or say --anyway"),
			    path, number, db_get_text(rows, 0, 1), db_get_text(rows, 0, 2),
			    hand->number);
		return FALSE;
	}
	return TRUE;
}

gboolean hand_file(struct db *db, const struct hand *hand, const char *path, gboolean *done_out,
		   GError **error)
{
	g_autofree char *whole = g_canonicalize_filename(path, NULL);
	g_autoptr(GBytes) bytes = read_file(path, error);
	g_autoptr(GBytes) raw = NULL;
	gint64 message = 0;

	if (!bytes)
		return FALSE;
	if (name_ends_with(path, ".eml"))
		raw = g_bytes_ref(bytes);
	else
		raw = name_ends_with(path, ".txt") ? wrap_text(hand, bytes)
						   : wrap_file(hand, path, bytes);
	if (g_bytes_get_size(raw) > SOURCE_MESSAGE_MAX) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("%s is too large: as an attachment it has more than 100 MB"), path);
		return FALSE;
	}
	return (hand->anyway || check_numbers(db, hand, path, raw, error)) &&
	       put(db, hand, raw, "file", hand->number, whole, &message, done_out, error);
}

/* A note as a message, with the day it speaks of. */
static GBytes *note_message(const struct hand *hand, const struct hand_note *note)
{
	g_autoptr(GBytes) text = g_bytes_new(note->text, strlen(note->text));
	g_autofree char *day = g_date_time_format(note->said, "%Y-%m-%d");
	GString *out = g_string_new(NULL);

	g_string_append_printf(out,
			       "From: <%s@pingyi.invalid>\nTo: <office@pingyi.invalid>\n"
			       "Subject: %s %s\nX-Pingyi-Ratings: %s\nMIME-Version: 1.0\n"
			       "Content-Type: text/plain; charset=utf-8\n"
			       "Content-Transfer-Encoding: base64\n\n",
			       note->way, hand->number, day, note->ratings);
	append_base64(out, text);
	return g_string_free_to_bytes(out);
}

gboolean hand_note(struct db *db, const struct hand *hand, const struct hand_note *note,
		   gboolean *done_out, GError **error)
{
	g_autoptr(GBytes) raw = note_message(hand, note);
	g_autofree char *uid = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, raw);
	gint64 message = 0;

	if (!db_begin(db, error))
		return FALSE;
	if (put(db, hand, raw, "staff", note->way, uid, &message, done_out, error) &&
	    (*done_out || db_run(db, sql_message_file,
				 DB(db_int(message), db_int(hand->letter), db_text(note->text),
				    db_text(note->ratings), db_null(), db_time(note->said),
				    db_int(hand->account), db_time(hand->now)),
				 NULL, error)))
		return db_commit(db, error);
	db_rollback(db);
	return FALSE;
}
