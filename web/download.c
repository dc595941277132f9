#include "web/download.h"

#include "collector/reader.h"
#include "db/message.h"
#include "sql.h"
#include "web/web.h"

#include <string.h>

#define NAME_MAX_CHARS   200
#define ENDING_MAX_CHARS 20
#define TAKE_TIMEOUT_MS  20000 /* less than an idle connection lives (http.c) */

/* --- names --- */

static gboolean is_hidden(gunichar c)
{
	return g_unichar_iscntrl(c) || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
	       c >= 0xfffe;
}

/* Without what must not be in a file's name, on any system. */
static GString *clean_name(const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *back = strrchr(name, '\\');
	const char *base = MAX(slash, back) ? MAX(slash, back) + 1 : name;
	GString *out = g_string_new(NULL);

	for (const char *p = base; *p; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (is_hidden(c))
			continue;
		if (c < 0x80 && strchr(":*?\"<>|", (int)c))
			c = '_';
		g_string_append_unichar(out, c);
	}
	while (out->len && strchr(". ", out->str[out->len - 1]))
		g_string_truncate(out, out->len - 1);
	while (out->len && strchr(". ", out->str[0]))
		g_string_erase(out, 0, 1);
	return out;
}

/* Cuts in the middle, so that the ending stays. */
static void shorten(GString *name)
{
	glong length = g_utf8_strlen(name->str, -1);
	const char *dot = strrchr(name->str, '.');
	g_autofree char *ending =
	    dot && g_utf8_strlen(dot, -1) <= ENDING_MAX_CHARS ? g_strdup(dot) : g_strdup("");
	glong keep = NAME_MAX_CHARS - g_utf8_strlen(ending, -1);

	if (length <= NAME_MAX_CHARS)
		return;
	g_string_truncate(name, (gsize)(g_utf8_offset_to_pointer(name->str, keep) - name->str));
	g_string_append(name, ending);
}

char *download_disposition(const char *name, const char *fallback)
{
	g_autoptr(GString) clean = clean_name(name ? name : "");
	GString *out = g_string_new("attachment; filename=\"");

	if (!clean->len)
		g_string_assign(clean, fallback);
	shorten(clean);
	for (const char *p = clean->str; *p; p = g_utf8_next_char(p))
		g_string_append_c(out, (guchar)*p < 0x80 && *p != '%' ? *p : '_');
	g_string_append(out, "\"; filename*=UTF-8''");
	for (const char *p = clean->str; *p; p++)
		/* attr-char of RFC 8187 */
		if (g_ascii_isalnum(*p) || strchr("!#$&+-.^_`|~", *p))
			g_string_append_c(out, *p);
		else
			g_string_append_printf(out, "%%%02X", (guchar)*p);
	return g_string_free(out, FALSE);
}

/* --- what is sent --- */

/* The attachment's name as its message's record has it; FALSE: the message has none with this hash.
 */
static gboolean find_file(struct web_call *call, gint64 message, const char *sha256,
			  char **name_out, gboolean *found_out, GError **error)
{
	g_autoptr(db_rows) rows =
	    db_query(call->db, sql_message_file_name, DB(db_int(message), db_text(sha256)), error);

	if (!rows)
		return FALSE;
	*found_out = db_rows_count(rows) == 1;
	*name_out = *found_out ? g_strdup(db_get_text(rows, 0, 0)) : NULL;
	return TRUE;
}

/* The message's bytes, NULL without an error when there is none; the event is written. */
static GBytes *load(struct web_call *call, gint64 message, GError **error)
{
	g_autoptr(GBytes) raw = message_bytes(call->db, message, error);

	if (!raw || g_bytes_get_size(raw) == 0 ||
	    !db_run(call->db, sql_message_read,
		    DB(db_int(message), db_int(call->session.account), db_time(call->now)), NULL,
		    error))
		return NULL;
	return g_steal_pointer(&raw);
}

/* Reads it in a cage, as everything is that strangers sent. What comes out is what the record
 * named, or it is refused. */
static GBytes *take_file(GBytes *raw, const char *sha256, GError **error)
{
	struct reader *reader = reader_start(NULL, TAKE_TIMEOUT_MS);
	GBytes *file = reader_take(reader, raw, sha256, error);

	reader_free(reader);
	return file;
}

/* `sha256` NULL: the message itself. */
static gboolean collect_bytes(struct web_call *call, gint64 message, const char *sha256,
			      GBytes **bytes_out, char **name_out, GError **error)
{
	g_autoptr(GBytes) raw = NULL;
	gboolean found = TRUE;

	if (!web_begin(call, call->session.role, error) ||
	    (sha256 && !find_file(call, message, sha256, name_out, &found, error)))
		return FALSE;
	if (found && !(raw = load(call, message, error)) && *error)
		return FALSE;
	if (!db_commit(call->db, error))
		return FALSE;
	if (!raw)
		return TRUE;
	*bytes_out = sha256 ? take_file(raw, sha256, error) : g_steal_pointer(&raw);
	return *bytes_out != NULL;
}

static void send_bytes(struct web_call *call, gint64 message, const char *sha256)
{
	g_autofree char *fallback =
	    sha256 ? g_strdup_printf("%" G_GINT64_FORMAT "-%.8s", message, sha256)
		   : g_strdup_printf("%" G_GINT64_FORMAT ".eml", message);
	g_autofree char *name = NULL;
	GBytes *bytes = NULL;
	GError *error = NULL;

	if (!collect_bytes(call, message, sha256, &bytes, &name, &error)) {
		web_fail(call, error);
		return;
	}
	if (!bytes) {
		web_not_found(call);
		return;
	}
	call->response->file = bytes;
	call->response->disposition = download_disposition(name, fallback);
}

static gboolean is_sha256(const char *text)
{
	return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

gboolean download_handle(struct web_call *call)
{
	g_auto(GStrv) parts = g_strsplit(call->request->path + 1, "/", -1);
	guint count = g_strv_length(parts);
	gboolean raw = count == 3 && strcmp(parts[2], "raw") == 0;
	gboolean file = count == 4 && strcmp(parts[2], "file") == 0 && is_sha256(parts[3]);
	gint64 message = 0;

	if ((!raw && !file) || strcmp(parts[0], "message") != 0 ||
	    !g_ascii_string_to_signed(parts[1], 10, 1, G_MAXINT64, &message, NULL))
		return FALSE;
	if (g_strcmp0(call->session.kind, "staff") == 0)
		send_bytes(call, message, file ? parts[3] : NULL);
	else
		web_not_for(call);
	return TRUE;
}
