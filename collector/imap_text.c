#include "collector/imap_text.h"

#include <string.h>

#define NESTING_MAX 100

/* Base64 of modified UTF-7: comma for slash, no padding. */
static void append_shifted(GString *out, const char *text, const char *end)
{
	gsize bytes = 0;
	g_autofree char *wide =
	    g_convert(text, end - text, "UTF-16BE", "UTF-8", NULL, &bytes, NULL);
	g_autofree char *base64 = wide ? g_base64_encode((guchar *)wide, bytes) : g_strdup("");

	g_string_append_c(out, '&');
	for (const char *at = base64; *at && *at != '='; at++)
		g_string_append_c(out, *at == '/' ? ',' : *at);
	g_string_append_c(out, '-');
}

char *imap_text_mailbox(const char *name)
{
	g_autofree char *valid = g_utf8_make_valid(name, -1);
	GString *out = g_string_new("\"");
	const char *at = valid;

	while (*at) {
		const char *end = at;

		while (*end && (*end < 0x20 || *end > 0x7e))
			end++;
		if (end > at) {
			append_shifted(out, at, end);
			at = end;
			continue;
		}
		if (*at == '"' || *at == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *at);
		if (*at++ == '&')
			g_string_append_c(out, '-');
	}
	g_string_append_c(out, '"');
	return g_string_free(out, FALSE);
}

char *imap_text_set(const guint32 *uids, guint count)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < count;) {
		guint last = i;

		while (last + 1 < count && uids[last + 1] == uids[last] + 1)
			last++;
		g_string_append_printf(out, "%s%u", i ? "," : "", uids[i]);
		if (last > i)
			g_string_append_printf(out, ":%u", uids[last]);
		i = last + 1;
	}
	return g_string_free(out, FALSE);
}

gboolean imap_text_number(const char *text, guint64 max, guint64 *number_out, const char **end_out)
{
	guint64 number = 0;
	const char *at = text;

	for (; g_ascii_isdigit(*at); at++) {
		guint digit = (guint)(*at - '0');

		if (number > (max - digit) / 10)
			return FALSE;
		number = number * 10 + digit;
	}
	if (end_out)
		*end_out = at;
	*number_out = number;
	return at > text;
}

gboolean imap_text_literal(const char *line, gsize length, guint64 *size_out)
{
	const char *open;
	const char *end;

	if (length < 3 || line[length - 1] != '}')
		return FALSE;
	open = memrchr(line, '{', length);
	return open && imap_text_number(open + 1, G_MAXINT64, size_out, &end) &&
	       end == line + length - 1;
}

/* Reading a response's tokens. */
struct cursor {
	const char *at;
	const struct imap_text_response *response;
	guint literals; /* used so far */
};

/* A quoted string (the cursor stands behind its first quote). Returns: (transfer full) */
static GString *quoted(struct cursor *cursor)
{
	GString *out = g_string_new(NULL);

	for (; *cursor->at && *cursor->at != '"'; cursor->at++) {
		if (*cursor->at == '\\' && cursor->at[1])
			cursor->at++;
		g_string_append_c(out, *cursor->at);
	}
	if (*cursor->at)
		cursor->at++;
	return out;
}

/* A string's bytes; FALSE when none stands here. `bytes_out` is NULL for NIL and for a literal that
 * is not here. */
static gboolean take_string(struct cursor *cursor, GBytes **bytes_out)
{
	GPtrArray *literals = cursor->response->literals;
	guint64 size = 0;
	const char *end;

	*bytes_out = NULL;
	if (*cursor->at == '"') {
		cursor->at++;
		*bytes_out = g_string_free_to_bytes(quoted(cursor));
		return TRUE;
	}
	if (*cursor->at != '{' || cursor->literals >= literals->len ||
	    !imap_text_number(cursor->at + 1, G_MAXINT64, &size, &end) || *end != '}')
		return FALSE;
	cursor->at = end + 1;
	*bytes_out = g_ptr_array_index(literals, cursor->literals++);
	if (*bytes_out)
		g_bytes_ref(*bytes_out);
	return TRUE;
}

/* An atom; what stands in [ ] belongs to it. Returns: its length. */
static gsize atom(const char *at)
{
	const char *end = at;
	gboolean inside = FALSE;

	for (; *end && (inside || !strchr(" ()\"{", *end)); end++)
		inside = *end == '[' || (inside && *end != ']');
	return (gsize)(end - at);
}

/* Passes over any value: a list, a string, an atom. */
static gboolean pass_value(struct cursor *cursor)
{
	guint depth = 0;

	do {
		GBytes *bytes = NULL;
		gsize length;

		while (*cursor->at == ' ')
			cursor->at++;
		if (*cursor->at == '(') {
			if (++depth > NESTING_MAX)
				return FALSE;
			cursor->at++;
		} else if (*cursor->at == ')') {
			if (depth-- == 0)
				return FALSE;
			cursor->at++;
		} else if (take_string(cursor, &bytes)) {
			g_clear_pointer(&bytes, g_bytes_unref);
		} else {
			length = atom(cursor->at);
			if (length == 0)
				return FALSE;
			cursor->at += length;
		}
	} while (depth > 0);
	return TRUE;
}

static gboolean is_name(const char *at, gsize length, const char *name)
{
	return strlen(name) == length && g_ascii_strncasecmp(at, name, length) == 0;
}

/* The value of one data item. */
static gboolean take_item(struct cursor *cursor, const char *name, gsize length,
			  struct imap_text_fetched *fetched)
{
	guint64 number = 0;

	if (is_name(name, length, "UID")) {
		if (!imap_text_number(cursor->at, G_MAXUINT32, &number, &cursor->at))
			return FALSE;
		fetched->uid = (guint32)number;
		fetched->has_uid = TRUE;
		return TRUE;
	}
	if (is_name(name, length, "RFC822.SIZE")) {
		fetched->has_size = TRUE;
		return imap_text_number(cursor->at, G_MAXINT64, &fetched->size, &cursor->at);
	}
	if ((is_name(name, length, "BODY[]") || is_name(name, length, "BODY[]<0>")) &&
	    !fetched->has_body) {
		/* NIL: there is nothing to be had. */
		fetched->has_body = take_string(cursor, &fetched->body);
		return fetched->has_body || pass_value(cursor);
	}
	return pass_value(cursor);
}

gboolean imap_text_is_fetch(const struct imap_text_response *response)
{
	const char *text = response->text->str;
	guint64 number = 0;

	return g_str_has_prefix(text, "* ") &&
	       imap_text_number(text + 2, G_MAXUINT32, &number, &text) &&
	       g_ascii_strncasecmp(text, " FETCH (", 8) == 0;
}

gboolean imap_text_fetch(const struct imap_text_response *response,
			 struct imap_text_fetched *fetched_out)
{
	struct cursor cursor = {.response = response};
	guint64 number = 0;

	memset(fetched_out, 0, sizeof(*fetched_out));
	if (!g_str_has_prefix(response->text->str, "* ") ||
	    !imap_text_number(response->text->str + 2, G_MAXUINT32, &number, &cursor.at) ||
	    g_ascii_strncasecmp(cursor.at, " FETCH (", 8) != 0)
		return FALSE;
	cursor.at += 8;
	while (*cursor.at && *cursor.at != ')') {
		const char *name = cursor.at;
		gsize length = atom(name);

		cursor.at += length;
		while (*cursor.at == ' ')
			cursor.at++;
		if (length == 0 || !take_item(&cursor, name, length, fetched_out))
			break;
		/* Else a literal was longer than it said, and what we have is a part. */
		if (*cursor.at != ' ' && *cursor.at != ')')
			break;
		while (*cursor.at == ' ')
			cursor.at++;
	}
	if (strcmp(cursor.at, ")") == 0)
		return TRUE;
	g_clear_pointer(&fetched_out->body, g_bytes_unref);
	return FALSE;
}

gboolean imap_text_is_body(const struct imap_text_response *response, guint32 uid)
{
	static const char *const names[] = {" BODY[]", " BODY[]<0>", "(BODY[]", "(BODY[]<0>"};
	const GString *text = response->text;
	const char *open = memrchr(text->str, '{', text->len);
	struct imap_text_fetched fetched;
	gboolean is = FALSE;

	if (!open || !imap_text_is_fetch(response))
		return FALSE;
	while (open > text->str && open[-1] == ' ')
		open--;
	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		gsize length = strlen(names[i]);

		is |= (gsize)(open - text->str) >= length &&
		      g_ascii_strncasecmp(open - length, names[i], length) == 0;
	}
	/* It is not whole, and yet what stands before it is read. */
	imap_text_fetch(response, &fetched);
	return is && !fetched.has_body && (!fetched.has_uid || fetched.uid == uid);
}
