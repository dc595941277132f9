#include "collector/source.h"

#include "base/error.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <sys/stat.h>

#define ENTRIES_MAX 100000u
#define RATIO_MAX   200u               /* unpacked bytes for one of the archive … */
#define FREE_BYTES  SOURCE_MESSAGE_MAX /* … beyond these */
#define CHUNK_BYTES 65536

struct zip {
	struct archive *archive;
	const char *path; /* canonical */
	const struct source_sink *sink;
	guint64 budget; /* bytes that may still be unpacked */
};

static gboolean fail(const struct zip *zip, const char *why, GError **error)
{
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, "%s: %s", zip->path, why);
	return FALSE;
}

/* Whether an entry is to be a message. A name that cannot be told (Chinese in an old encoding) may
 * be one of a message. */
static gboolean is_message(struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);
	g_autofree char *low = NULL;

	if (archive_entry_filetype(entry) != AE_IFREG)
		return FALSE;
	if (!name)
		name = archive_entry_pathname_utf8(entry);
	low = name ? g_ascii_strdown(name, -1) : NULL;
	return !low || (g_str_has_suffix(low, ".eml") && !g_str_has_prefix(low, "__macosx/"));
}

/* An entry's bytes. `bytes_out` is NULL when it is larger than a message may be. */
static gboolean unpack(struct zip *zip, GBytes **bytes_out, GError **error)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autofree guint8 *chunk = g_malloc(CHUNK_BYTES);
	gboolean large = FALSE;
	gssize got;

	*bytes_out = NULL;
	while ((got = archive_read_data(zip->archive, chunk, CHUNK_BYTES)) > 0) {
		if ((guint64)got > zip->budget)
			return fail(zip, _("it unpacks to far more than it holds"), error);
		zip->budget -= (guint64)got;
		large |= out->len + (gsize)got > SOURCE_MESSAGE_MAX;
		if (!large)
			g_byte_array_append(out, chunk, (guint)got);
	}
	if (got < 0)
		return fail(zip, _("the archive is damaged"), error);
	if (!large)
		*bytes_out = g_byte_array_free_to_bytes(g_steal_pointer(&out));
	return TRUE;
}

static gboolean take_entry(struct zip *zip, struct archive_entry *entry, guint number,
			   GError **error)
{
	g_autofree char *uid = g_strdup_printf("%s#%u", zip->path, number);
	struct message_place place = {
	    .channel = "file", .account = "file", .mailbox = "", .uid = uid};
	g_autoptr(GBytes) bytes = NULL;

	if (!is_message(entry))
		return TRUE;
	if (archive_entry_is_encrypted(entry)) {
		zip->sink->skipped(zip->sink->user, &place, _("it is locked with a password"));
		return TRUE;
	}
	if (!unpack(zip, &bytes, error))
		return FALSE;
	if (!bytes) {
		zip->sink->skipped(zip->sink->user, &place, _("larger than 100 MB"));
		return TRUE;
	}
	/* An archive may be made anew: only the bytes tell whether a message is new. */
	return zip->sink->store(zip->sink->user, &place, bytes, error);
}

static gboolean take_all(struct zip *zip, GError **error)
{
	for (guint number = 1;; number++) {
		struct archive_entry *entry = NULL;
		int result = archive_read_next_header(zip->archive, &entry);

		if (result == ARCHIVE_EOF)
			return TRUE;
		if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
			return fail(zip, _("the archive is damaged"), error);
		if (number > ENTRIES_MAX)
			return fail(zip, _("the archive holds too many files"), error);
		if (!take_entry(zip, entry, number, error))
			return FALSE;
	}
}

gboolean source_zip(const char *path, const struct source_sink *sink, GError **error)
{
	g_autofree char *whole = g_canonicalize_filename(path, NULL);
	struct zip zip = {.path = whole, .sink = sink, .archive = archive_read_new()};
	struct stat st;
	gboolean good = FALSE;

	archive_read_support_format_zip(zip.archive);
	if (stat(whole, &st) != 0 ||
	    archive_read_open_filename(zip.archive, whole, CHUNK_BYTES) != ARCHIVE_OK) {
		fail(&zip, _("the archive cannot be opened"), error);
	} else {
		zip.budget = FREE_BYTES + (guint64)st.st_size * RATIO_MAX;
		good = take_all(&zip, error);
	}
	archive_read_free(zip.archive);
	return good;
}
