#include "collector/source.h"

#include "collector/intake.h"
#include "collector/unpack.h"

struct zip {
	const char *path; /* canonical */
	struct intake intake;
};

static gboolean take(void *user, guint number, GBytes *message, GError **error)
{
	struct zip *zip = user;
	g_autofree char *uid = g_strdup_printf("%s#%u", zip->path, number);
	struct message_place place = {
	    .channel = "file", .account = "file", .mailbox = "", .uid = uid};
	gsize size = 0;
	const guint8 *bytes = g_bytes_get_data(message, &size);

	/* An archive may be made anew: only the bytes tell whether a message is new. */
	return intake_add(&zip->intake, &place, bytes, size, error) &&
	       intake_end(&zip->intake, &place, 0, error);
}

static void skip(void *user, guint number, const char *why)
{
	const struct zip *zip = user;
	g_autofree char *uid = g_strdup_printf("%s#%u", zip->path, number);
	struct message_place place = {
	    .channel = "file", .account = "file", .mailbox = "", .uid = uid};

	zip->intake.sink->skipped(zip->intake.sink->user, &place, why);
}

gboolean source_zip(const char *path, const struct source_sink *sink, GError **error)
{
	g_autofree char *whole = g_canonicalize_filename(path, NULL);
	struct zip zip = {.path = whole, .intake = {.sink = sink}};
	const struct unpack_taker taker = {take, skip, &zip};
	gboolean good = unpack_messages(NULL, whole, &taker, error);

	intake_clear(&zip.intake);
	return good;
}
