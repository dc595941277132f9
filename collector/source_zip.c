#include "collector/source.h"

#include "base/error.h"
#include "collector/intake.h"

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
	struct intake intake;
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

static gboolean unpack(struct zip *zip, const struct message_place *place, GError **error)
{
	guint8 chunk[CHUNK_BYTES];
	gssize got;

	while ((got = archive_read_data(zip->archive, chunk, CHUNK_BYTES)) > 0) {
		if ((guint64)got > zip->budget)
			return fail(zip, _("it unpacks to far more than it holds"), error);
		zip->budget -= (guint64)got;
		if (!intake_add(&zip->intake, place, chunk, (gsize)got, error))
			return FALSE;
	}
	if (got < 0)
		return fail(zip, _("the archive is damaged"), error);
	/* An archive may be made anew: only the bytes tell whether a message is new. */
	return intake_end(&zip->intake, place, 0, error);
}

static gboolean take_entry(struct zip *zip, struct archive_entry *entry, guint number,
			   GError **error)
{
	g_autofree char *uid = g_strdup_printf("%s#%u", zip->path, number);
	struct message_place place = {
	    .channel = "file", .account = "file", .mailbox = "", .uid = uid};
	const struct source_sink *sink = zip->intake.sink;

	if (!is_message(entry))
		return TRUE;
	if (archive_entry_is_encrypted(entry)) {
		sink->skipped(sink->user, &place, _("it is locked with a password"));
		return TRUE;
	}
	return unpack(zip, &place, error);
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
	struct zip zip = {.path = whole, .intake = {.sink = sink}, .archive = archive_read_new()};
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
	intake_clear(&zip.intake);
	return good;
}
