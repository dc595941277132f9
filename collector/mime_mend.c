#include "collector/mime_mend.h"

#include "collector/mime.h"
#include "collector/mime_bound.h"

#include <string.h>

#define NAME "boundary="

struct mend {
	const char *bytes;
	const char *kept;       /* up to here all is in `out`, once there is one */
	GByteArray *out;        /* NULL while nothing had to be put right */
	GHashTable *boundaries; /* of all headers so far */
	char *begun;            /* of the header block that is being read, or NULL */
	gboolean head;          /* a header may stand here */
};

/* Copies up to `at`, then puts `instead` there in place of `length` bytes. */
static void put_right(struct mend *mend, const char *at, gsize length, const char *instead)
{
	if (!mend->out)
		mend->out = g_byte_array_new();
	g_byte_array_append(mend->out, (const guint8 *)mend->kept, (guint)(at - mend->kept));
	g_byte_array_append(mend->out, (const guint8 *)instead, (guint)strlen(instead));
	mend->kept = at + length;
}

/* A boundary that the header line names becomes the one that is begun. */
static void find_boundary(struct mend *mend, const char *line, const char *stop)
{
	const gsize n = strlen(NAME);
	const char *value = NULL, *end;

	for (const char *p = line; (gsize)(stop - p) > n && !value; p++)
		if (g_ascii_strncasecmp(p, NAME, n) == 0)
			value = p + n;
	if (!value || g_hash_table_size(mend->boundaries) >= MIME_BOUNDARY_MAX)
		return;
	end = *value == '"' ? memchr(value + 1, '"', (gsize)(stop - value - 1)) : value;
	if (*value == '"')
		value++;
	else
		for (; end < stop && !g_ascii_isspace(*end) && *end != ';'; end++)
			;
	if (!end || end == value)
		return;
	g_free(mend->begun);
	mend->begun = g_strndup(value, (gsize)(end - value));
	g_hash_table_add(mend->boundaries, g_strdup(mend->begun));
}

/* Whether a line that begins with "--" delimits parts; `first_out`: those that were begun last. */
static gboolean is_delimiter(const struct mend *mend, const char *line, const char *stop,
			     gboolean *first_out)
{
	g_autofree char *name = g_strchomp(g_strndup(line + 2, (gsize)(stop - line - 2)));
	gsize length = strlen(name);

	*first_out = mend->begun && strcmp(name, mend->begun) == 0;
	if (g_hash_table_contains(mend->boundaries, name))
		return TRUE;
	if (length < 3 || strcmp(name + length - 2, "--") != 0)
		return FALSE;
	name[length - 2] = '\0';
	return g_hash_table_contains(mend->boundaries, name);
}

static void take_delimiter(struct mend *mend, const char *line, const char *stop, gboolean first)
{
	gboolean crlf = stop[-1] == '\r';
	gboolean crlf_before = line - mend->bytes >= 2 && line[-2] == '\r';

	if (mend->head && first)
		put_right(mend, line, 0, crlf_before ? "\r\n" : "\n");
	else if (line > mend->bytes && crlf && !crlf_before)
		put_right(mend, stop - 1, 1, " "); /* white space may stand behind a delimiter */
	else if (crlf_before && !crlf)
		put_right(mend, stop, 0, "\r");
	mend->head = TRUE;
	g_clear_pointer(&mend->begun, g_free);
}

/* Whether a header begins or goes on in this line, or an mbox says where it is from. */
static gboolean is_header(const char *line, const char *stop)
{
	return *line == ' ' || *line == '\t' || g_ascii_strncasecmp(line, "From ", 5) == 0 ||
	       mime_begins_header(line, stop);
}

static void take_line(struct mend *mend, const char *line, const char *stop)
{
	gboolean first = FALSE;

	if (stop == line || (stop == line + 1 && *line == '\r')) {
		mend->head = TRUE; /* of a message within the message, perhaps */
		g_clear_pointer(&mend->begun, g_free);
	} else if (stop - line > 2 && line[0] == '-' && line[1] == '-' &&
		   g_hash_table_size(mend->boundaries) > 0) {
		if (is_delimiter(mend, line, stop, &first))
			take_delimiter(mend, line, stop, first);
		else
			mend->head = FALSE;
	} else if (mend->head) {
		mend->head = is_header(line, stop);
		if (mend->head)
			find_boundary(mend, line, stop);
	}
}

GBytes *mime_mend(GBytes *raw)
{
	struct mend mend = {.head = TRUE};
	gsize size;
	const char *end, *stop;

	mend.bytes = mend.kept = g_bytes_get_data(raw, &size);
	if (size == 0 || !memmem(mend.bytes, size, "oundary=", 8))
		return g_bytes_ref(raw);
	mend.boundaries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	end = mend.bytes + size;
	for (const char *line = mend.bytes; line < end; line = stop + 1) {
		stop = memchr(line, '\n', (gsize)(end - line));
		if (!stop)
			break;
		take_line(&mend, line, stop);
	}
	g_hash_table_unref(mend.boundaries);
	g_free(mend.begun);
	if (!mend.out)
		return g_bytes_ref(raw);
	g_byte_array_append(mend.out, (const guint8 *)mend.kept, (guint)(end - mend.kept));
	return g_byte_array_free_to_bytes(mend.out);
}
