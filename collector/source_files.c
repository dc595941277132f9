#include "collector/source.h"

#include "base/error.h"
#include "collector/intake.h"
#include "collector/name.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_BYTES 65536

static gboolean fail_file(GError **error, const char *path)
{
	g_set_error(error, PINGYI_ERROR,
		    errno == ENOENT ? PINGYI_ERROR_INPUT : PINGYI_ERROR_TEMPORARY, "%s: %s", path,
		    g_strerror(errno));
	return FALSE;
}

/* A file's bytes; of one that is over the limit the first ones do. */
static gboolean read_file(struct intake *intake, const struct message_place *place, int fd,
			  guint64 size, const char *path, GError **error)
{
	guint8 chunk[CHUNK_BYTES];
	gboolean large = size > SOURCE_MESSAGE_MAX;
	gssize got = 1;

	while (got > 0 && intake->size <= (large ? 0 : SOURCE_MESSAGE_MAX)) {
		got = read(fd, chunk, sizeof(chunk));
		if (got < 0)
			return fail_file(error, path);
		if (got > 0 && !intake_add(intake, place, chunk, (gsize)got, error))
			return FALSE;
	}
	return intake_end(intake, place, large ? size : 0, error);
}

static gboolean take_file(struct intake *intake, const char *path,
			  const struct message_place *place, GError **error)
{
	enum message_known known = MESSAGE_NEW;
	struct stat st;
	gboolean good;
	int fd;

	if (!intake->sink->known(intake->sink->user, place, &known, error))
		return FALSE;
	if (known != MESSAGE_NEW)
		return TRUE;
	fd = g_open(path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return fail_file(error, path);
	good = fstat(fd, &st) == 0 ? read_file(intake, place, fd, (guint64)st.st_size, path, error)
				   : fail_file(error, path);
	close(fd);
	return good;
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

static gboolean take_folder(struct intake *intake, const char *maildir, const char *folder,
			    const GPtrArray *names, GError **error)
{
	for (guint i = 0; i < names->len; i++) {
		g_autofree char *path = g_build_filename(maildir, folder, names->pdata[i], NULL);
		g_autofree char *unique = unique_of(names->pdata[i]);
		struct message_place place = {
		    .channel = "maildir", .account = "maildir", .mailbox = maildir, .uid = unique};

		if (!take_file(intake, path, &place, error))
			return FALSE;
	}
	return intake->sink->flush(intake->sink->user, error);
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
	struct intake intake = {.sink = sink};
	gboolean good = TRUE;

	for (guint i = 0; good && i < G_N_ELEMENTS(folders); i++) {
		g_autofree char *folder = g_build_filename(path, folders[i], NULL);
		g_autoptr(GPtrArray) names = names_in(folder, error);

		good = names && take_folder(&intake, path, folders[i], names, error) &&
		       (strcmp(folders[i], "new") != 0 || mark_seen(path, names, error));
	}
	intake_clear(&intake);
	return good;
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
static gboolean take_mbox_message(struct intake *intake, const struct message_place *place,
				  const char *at, const char *end, GError **error)
{
	const char *line = memchr(at, '\n', (gsize)(end - at));

	for (line = line ? line + 1 : end; line < end;) {
		const char *next = memchr(line, '\n', (gsize)(end - line));
		const char *stop = next ? next + 1 : end;
		const char *mark = line;

		while (mark < stop && *mark == '>')
			mark++;
		if (mark > line && (gsize)(stop - mark) >= 5 && memcmp(mark, "From ", 5) == 0)
			line++;
		if (!intake_add(intake, place, (const guint8 *)line, (gsize)(stop - line), error))
			return FALSE;
		line = stop;
	}
	return intake_end(intake, place, 0, error);
}

static gboolean take_mbox(struct intake *intake, const char *path, const char *start,
			  const char *end, GError **error)
{
	for (const char *at = start; at < end;) {
		const char *stop = message_end(at + 1, end);
		g_autofree char *uid = g_strdup_printf("%" G_GSIZE_FORMAT, (gsize)(at - start));
		struct message_place place = {
		    .channel = "mbox", .account = "mbox", .mailbox = path, .uid = uid};

		/* An mbox may be rewritten in place: only the bytes tell whether it is new. */
		if (!take_mbox_message(intake, &place, at, stop, error))
			return FALSE;
		at = stop;
	}
	return TRUE;
}

gboolean source_mbox(const char *path, const struct source_sink *sink, GError **error)
{
	g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, NULL);
	struct intake intake = {.sink = sink};
	gboolean good;
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
	good = take_mbox(&intake, path, start, end, error);
	intake_clear(&intake);
	return good;
}

/* The .eml files of a folder. */
static gboolean take_files(struct intake *intake, const char *path, GError **error)
{
	g_autoptr(GPtrArray) names = names_in(path, error);

	for (guint i = 0; names && i < names->len; i++) {
		g_autofree char *one = g_build_filename(path, g_ptr_array_index(names, i), NULL);
		struct message_place place = {
		    .channel = "file", .account = "file", .mailbox = "", .uid = one};

		if (name_ends_with(one, ".eml") && !take_file(intake, one, &place, error))
			return FALSE;
	}
	return names != NULL;
}

gboolean source_file(const char *path, const struct source_sink *sink, GError **error)
{
	g_autofree char *whole = g_canonicalize_filename(path, NULL);
	struct message_place place = {
	    .channel = "file", .account = "file", .mailbox = "", .uid = whole};
	struct intake intake = {.sink = sink};
	gboolean good = g_file_test(path, G_FILE_TEST_IS_DIR)
			    ? take_files(&intake, whole, error)
			    : take_file(&intake, path, &place, error);

	intake_clear(&intake);
	return good;
}
