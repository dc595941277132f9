#include "collector/source.h"

#include "base/error.h"
#include "base/zip.h"

#include <string.h>

#define ENTRIES_MAX 100000u
#define RATIO_MAX   200u               /* unpacked bytes for one packed byte … */
#define FREE_BYTES  SOURCE_MESSAGE_MAX /* … beyond these */

static gboolean is_message(const struct zip_entry *entry)
{
	g_autofree char *low = g_ascii_strdown(entry->name, -1);

	return g_str_has_suffix(low, ".eml");
}

static gboolean take_entry(struct zip *zip, const char *path, const struct zip_entry *entry,
			   const struct source_sink *sink, GError **error)
{
	g_autofree char *uid = g_strdup_printf("%s#%u", path, entry->number);
	struct message_place place = {
	    .channel = "file", .account = "file", .mailbox = "", .uid = uid};
	g_autoptr(GBytes) bytes = NULL;

	if (!is_message(entry))
		return TRUE;
	if (entry->locked) {
		sink->skipped(sink->user, &place, _("it is locked with a password"));
		return TRUE;
	}
	if (entry->size > SOURCE_MESSAGE_MAX) {
		sink->skipped(sink->user, &place, _("larger than 100 MB"));
		return TRUE;
	}
	bytes = zip_unpack(zip, entry, SOURCE_MESSAGE_MAX, error);
	if (!bytes) {
		g_prefix_error(error, "%s: ", path);
		return FALSE;
	}
	/* An archive may be made anew: only the bytes tell whether a message is new. */
	return sink->store(sink->user, &place, bytes, error);
}

gboolean source_zip(const char *path, const struct source_sink *sink, GError **error)
{
	static const struct zip_bounds bounds = {ENTRIES_MAX, RATIO_MAX, FREE_BYTES};
	g_autofree char *whole = g_canonicalize_filename(path, NULL);
	g_autoptr(GMappedFile) mapped = g_mapped_file_new(whole, FALSE, NULL);
	g_autoptr(GBytes) file = mapped ? g_mapped_file_get_bytes(mapped) : NULL;
	g_autoptr(zip_archive) zip = NULL;
	const GPtrArray *entries;

	if (!file) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, "%s: %s", whole,
			    _("the archive cannot be opened"));
		return FALSE;
	}
	zip = zip_open(file, &bounds, error);
	if (!zip) {
		g_prefix_error(error, "%s: ", whole);
		return FALSE;
	}
	entries = zip_entries(zip);
	for (guint i = 0; i < entries->len; i++)
		if (!take_entry(zip, whole, g_ptr_array_index(entries, i), sink, error))
			return FALSE;
	return TRUE;
}
