#include "collector/source.h"

#include "base/error.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static gboolean fail_file(GError **error, const char *path)
{
	g_set_error(error, PINGYI_ERROR,
		    errno == ENOENT ? PINGYI_ERROR_INPUT : PINGYI_ERROR_TEMPORARY, "%s: %s", path,
		    g_strerror(errno));
	return FALSE;
}

/* Reads a file whole; one over the limit is skipped, which is no error (bytes_out stays NULL). */
static gboolean read_file(const char *path, const struct message_place *place,
			  const struct source_sink *sink, GBytes **bytes_out, GError **error)
{
	struct stat st;
	char *text = NULL;
	gsize size = 0;

	if (g_stat(path, &st) != 0)
		return fail_file(error, path);
	if (st.st_size > SOURCE_MESSAGE_MAX) {
		sink->skipped(sink->user, place, _("larger than 100 MB"));
		return TRUE;
	}
	if (!g_file_get_contents(path, &text, &size, NULL))
		return fail_file(error, path);
	*bytes_out = g_bytes_new_take(text, size);
	return TRUE;
}

static gboolean take_file(const char *path, const struct message_place *place,
			  const struct source_sink *sink, GError **error)
{
	g_autoptr(GBytes) bytes = NULL;
	gboolean known = FALSE;

	if (!sink->known(sink->user, place, &known, error))
		return FALSE;
	if (known)
		return TRUE;
	if (!read_file(path, place, sink, &bytes, error))
		return FALSE;
	return !bytes || sink->add(sink->user, place, bytes, error);
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names in a folder, sorted, without hidden ones. Returns: (transfer full) */
static GPtrArray *names_in(const char *path, GError **error)
{
	g_autoptr(GError) problem = NULL;
	g_autoptr(GDir) dir = g_dir_open(path, 0, &problem);
	GPtrArray *names;
	const char *name;

	if (!dir) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, "%s", problem->message);
		return NULL;
	}
	names = g_ptr_array_new_with_free_func(g_free);
	while ((name = g_dir_read_name(dir)) != NULL)
		if (*name != '.')
			g_ptr_array_add(names, g_strdup(name));
	g_ptr_array_sort(names, by_name);
	return names;
}

/* The unique name of a Maildir's message is the part before the flags. (transfer full) */
static char *unique_of(const char *name)
{
	return g_strndup(name, strcspn(name, ":"));
}

static gboolean take_folder(const char *maildir, const char *folder, const GPtrArray *names,
			    const struct source_sink *sink, GError **error)
{
	for (guint i = 0; i < names->len; i++) {
		g_autofree char *path = g_build_filename(maildir, folder, names->pdata[i], NULL);
		g_autofree char *unique = unique_of(names->pdata[i]);
		struct message_place place = {
		    .channel = "maildir", .account = "maildir", .mailbox = maildir, .uid = unique};

		if (!take_file(path, &place, sink, error))
			return FALSE;
	}
	return sink->flush(sink->user, error);
}

/* What was new and is committed has been seen. */
static gboolean mark_seen(const char *maildir, const GPtrArray *names, GError **error)
{
	for (guint i = 0; i < names->len; i++) {
		g_autofree char *path = g_build_filename(maildir, "new", names->pdata[i], NULL);
		g_autofree char *unique = unique_of(names->pdata[i]);
		g_autofree char *seen = g_strdup_printf("%s/cur/%s:2,S", maildir, unique);

		if (g_rename(path, seen) != 0)
			return fail_file(error, path);
	}
	return TRUE;
}

gboolean source_maildir(const char *path, const struct source_sink *sink, GError **error)
{
	static const char *const folders[] = {"cur", "new"};

	for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
		g_autofree char *folder = g_build_filename(path, folders[i], NULL);
		g_autoptr(GPtrArray) names = names_in(folder, error);

		if (!names || !take_folder(path, folders[i], names, sink, error) ||
		    (strcmp(folders[i], "new") == 0 && !mark_seen(path, names, error)))
			return FALSE;
	}
	return TRUE;
}

/* Where the message that begins at `at` ends: before the next "From " line behind an empty one. */
static const char *message_end(const char *at, const char *end)
{
	while (at < end) {
		const char *found = memmem(at, (gsize)(end - at), "\nFrom ", 6);

		if (!found)
			return end;
		if (found[-1] == '\n' || (found[-1] == '\r' && found[-2] == '\n'))
			return found + 1;
		at = found + 1;
	}
	return end;
}

/* The message without its "From " line, and with ">From " as it was before. */
static GBytes *mbox_message(const char *at, const char *end)
{
	GByteArray *out = g_byte_array_new();
	const char *line = memchr(at, '\n', (gsize)(end - at));

	if (!line)
		return g_byte_array_free_to_bytes(out);
	for (line++; line < end;) {
		const char *next = memchr(line, '\n', (gsize)(end - line));
		const char *stop = next ? next + 1 : end;
		const char *mark = line;

		while (mark < stop && *mark == '>')
			mark++;
		if (mark > line && (gsize)(stop - mark) >= 5 && memcmp(mark, "From ", 5) == 0)
			line++;
		g_byte_array_append(out, (const guint8 *)line, (guint)(stop - line));
		line = stop;
	}
	return g_byte_array_free_to_bytes(out);
}

gboolean source_mbox(const char *path, const struct source_sink *sink, GError **error)
{
	g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, NULL);
	const char *start;
	const char *end;

	if (!file) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s cannot be read"), path);
		return FALSE;
	}
	start = g_mapped_file_get_contents(file);
	end = start ? start + g_mapped_file_get_length(file) : NULL;
	if (!start)
		return TRUE;
	if (end - start < 5 || memcmp(start, "From ", 5) != 0) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("%s is not an mbox: it does not begin with “From ”"), path);
		return FALSE;
	}
	for (const char *at = start; at < end;) {
		const char *stop = message_end(at + 1, end);
		g_autofree char *uid = g_strdup_printf("%" G_GSIZE_FORMAT, (gsize)(at - start));
		struct message_place place = {
		    .channel = "mbox", .account = "mbox", .mailbox = path, .uid = uid};
		g_autoptr(GBytes) raw = NULL;

		if (stop - at > SOURCE_MESSAGE_MAX) {
			sink->skipped(sink->user, &place, _("larger than 100 MB"));
		} else {
			/* An mbox may be rewritten in place: only the bytes tell whether it is new.
			 */
			raw = mbox_message(at, stop);
			if (!sink->add(sink->user, &place, raw, error))
				return FALSE;
		}
		at = stop;
	}
	return TRUE;
}

/* Systems that do not tell capitals apart write .EML as well. */
static gboolean is_eml(const char *name)
{
	gsize length = strlen(name);

	return length >= 4 && g_ascii_strcasecmp(name + length - 4, ".eml") == 0;
}

gboolean source_file(const char *path, const struct source_sink *sink, GError **error)
{
	struct message_place place = {
	    .channel = "file", .account = "file", .mailbox = "", .uid = path};
	g_autofree char *whole = g_canonicalize_filename(path, NULL);
	g_autoptr(GPtrArray) names = NULL;

	place.uid = whole;
	if (!g_file_test(path, G_FILE_TEST_IS_DIR))
		return take_file(path, &place, sink, error);
	names = names_in(path, error);
	for (guint i = 0; names && i < names->len; i++) {
		g_autofree char *one = g_build_filename(whole, g_ptr_array_index(names, i), NULL);

		place.uid = one;
		if (is_eml(one) && !take_file(one, &place, sink, error))
			return FALSE;
	}
	return names != NULL;
}
