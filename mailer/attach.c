#include "mailer/attach.h"

#include "base/error.h"
#include "sql.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What offices send each other; IANA's names where there are any. */
static const struct {
	const char *end;
	const char *type;
} types[] = {
    {"pdf", "application/pdf"},
    {"ofd", "application/ofd"}, /* GB/T 33190 */
    {"doc", "application/msword"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"xls", "application/vnd.ms-excel"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"ppt", "application/vnd.ms-powerpoint"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"odt", "application/vnd.oasis.opendocument.text"},
    {"ods", "application/vnd.oasis.opendocument.spreadsheet"},
    {"odp", "application/vnd.oasis.opendocument.presentation"},
    {"rtf", "application/rtf"},
    {"csv", "text/csv"},
    {"txt", "text/plain"},
    {"htm", "text/html"},
    {"html", "text/html"},
    {"jpg", "image/jpeg"},
    {"jpeg", "image/jpeg"},
    {"png", "image/png"},
    {"gif", "image/gif"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"zip", "application/zip"},
    {"rar", "application/vnd.rar"},
    {"7z", "application/x-7z-compressed"},
};

const char *attach_type(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (guint i = 0; dot && i < G_N_ELEMENTS(types); i++)
		if (g_ascii_strcasecmp(dot + 1, types[i].end) == 0)
			return types[i].type;
	return "application/octet-stream";
}

gboolean attach_name_ok(const char *name, GError **error)
{
	g_autofree char *shown = g_filename_display_name(name);

	if (!g_utf8_validate(name, -1, NULL)) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s: its name is not UTF-8"),
			    shown);
		return FALSE;
	}
	if (strlen(name) > ATTACH_NAME_MAX) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("%s: its name is longer than %d bytes"), shown, ATTACH_NAME_MAX);
		return FALSE;
	}
	for (const char *at = name; *at; at = g_utf8_next_char(at))
		if (g_unichar_iscntrl(g_utf8_get_char(at))) {
			g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
				    _("%s: its name has control characters"), shown);
			return FALSE;
		}
	return TRUE;
}

/* What is left of the file; at most a byte more than it may have. Returns: (transfer full) */
static GByteArray *read_all(int file)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	guint8 piece[65536];

	while (bytes->len <= ATTACH_FILE_MAX) {
		ssize_t got = read(file, piece, sizeof piece);

		if (got == 0)
			return g_steal_pointer(&bytes);
		if (got > 0)
			g_byte_array_append(bytes, piece, (guint)got);
		else if (errno != EINTR)
			return NULL;
	}
	return g_steal_pointer(&bytes);
}

GBytes *attach_read(const char *path, gboolean follow, GError **error)
{
	g_autofree char *shown = g_filename_display_name(path);
	/* O_NONBLOCK: a pipe that nobody writes to is told from a file, and not waited for */
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW));
	g_autoptr(GByteArray) bytes = NULL;
	struct stat status;

	if (file >= 0 && fstat(file, &status) == 0 && !S_ISREG(status.st_mode)) {
		close(file);
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s: is no file"), shown);
		return NULL;
	}
	if (file < 0 && !follow && errno == ELOOP) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("%s: is a link, which is not followed in a folder"), shown);
		return NULL;
	}
	if (file >= 0)
		bytes = read_all(file);
	if (!bytes)
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, "%s: %s", shown,
			    g_strerror(errno));
	if (file >= 0)
		close(file);
	if (!bytes)
		return NULL;
	if (bytes->len > 0 && bytes->len <= ATTACH_FILE_MAX)
		return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
	if (bytes->len == 0)
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s: is empty"), shown);
	else
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("%s: is larger than %u MB, which an attachment may have"), shown,
			    ATTACH_FILE_MAX >> 20);
	return NULL;
}

gboolean attach_fits(struct db *db, gint64 round, gsize form, GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql_attachment_over,
					   DB(db_int(round), db_int((gint64)form),
					      db_int(ATTACH_LETTER_MAX), db_int(ATTACH_FILES_MAX)),
					   error);
	const char *name;
	double size;

	if (!rows || db_rows_count(rows) == 0)
		return rows != NULL;
	name = db_get_text(rows, 0, 0);
	size = (double)db_get_int(rows, 0, 2) / (1 << 20);
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("%s: its letter would carry %s files of %.1f MB as mail; at most %d of %d MB "
		      "can be"),
		    name ? name : _("every enterprise"), db_get_text(rows, 0, 1), size,
		    ATTACH_FILES_MAX, (int)(ATTACH_LETTER_MAX >> 20));
	return FALSE;
}

struct attach_match {
	GPtrArray *files; /* of struct attach_file, by `folded` */
};

/* Small letters, one width, so that （ is ( and Ａ is a. Returns: (transfer full) */
static char *fold(const char *text)
{
	g_autofree char *same = g_utf8_normalize(text, -1, G_NORMALIZE_NFKC);

	return same ? g_utf8_casefold(same, -1) : g_strdup("");
}

static void file_free(gpointer data)
{
	struct attach_file *file = data;

	g_free(file->name);
	g_free(file->folded);
	g_free(file->enterprise_name);
	g_free(file);
}

static int by_folded(gconstpointer a, gconstpointer b)
{
	const struct attach_file *const *one = a;
	const struct attach_file *const *two = b;
	int order = strcmp((*one)->folded, (*two)->folded);

	return order ? order : strcmp((*one)->name, (*two)->name);
}

struct attach_match *attach_match_new(const char *const *names)
{
	struct attach_match *match = g_new0(struct attach_match, 1);

	match->files = g_ptr_array_new_with_free_func(file_free);
	for (; *names; names++) {
		struct attach_file *file = g_new0(struct attach_file, 1);

		file->name = g_strdup(*names);
		file->folded = fold(*names);
		g_ptr_array_add(match->files, file);
	}
	g_ptr_array_sort(match->files, by_folded);
	return match;
}

/* The first file that does not stand before `key`. */
static guint lower_bound(const struct attach_match *match, const char *key)
{
	guint low = 0;
	guint high = match->files->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;
		const struct attach_file *file = g_ptr_array_index(match->files, middle);

		if (strcmp(file->folded, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void try_key(struct attach_match *match, gint64 enterprise, const char *name,
		    const char *key, gboolean whole_word)
{
	g_autofree char *folded = key ? fold(key) : NULL;
	gsize length = folded ? strlen(folded) : 0;

	for (guint i = length ? lower_bound(match, folded) : match->files->len;
	     i < match->files->len; i++) {
		struct attach_file *file = g_ptr_array_index(match->files, i);

		if (!g_str_has_prefix(file->folded, folded))
			return;
		if (length < file->matched ||
		    (whole_word && g_unichar_isalnum(g_utf8_get_char(file->folded + length))))
			continue;
		if (length == file->matched) {
			if (file->enterprise != enterprise)
				file->other = enterprise;
			continue;
		}
		file->enterprise = enterprise;
		file->other = 0;
		file->matched = length;
		g_free(file->enterprise_name);
		file->enterprise_name = g_strdup(name);
	}
}

void attach_match_try(struct attach_match *match, gint64 enterprise, const char *name,
		      const char *short_name, const char *credit_code)
{
	try_key(match, enterprise, name, name, FALSE);
	try_key(match, enterprise, name, short_name, TRUE);
	try_key(match, enterprise, name, credit_code, TRUE);
}

const GPtrArray *attach_match_files(const struct attach_match *match)
{
	return match->files;
}

void attach_match_free(struct attach_match *match)
{
	if (!match)
		return;
	g_ptr_array_unref(match->files);
	g_free(match);
}
