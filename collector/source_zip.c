#include "collector/source.h"

#include "collector/unpack.h"

struct zip {
	const char *path; /* canonical */
	const struct source_sink *sink;
};

static gboolean take(void *user, guint number, GBytes *message, GError **error)
{
	const struct zip *zip = user;
	g_autofree char *uid = g_strdup_printf("%s#%u", zip->path, number);
	struct message_place place = {
	    .channel = "file", .account = "file", .mailbox = "", .uid = uid};

	/* An archive may be made anew: only the bytes tell whether a message is new. */
	return zip->sink->store(zip->sink->user, &place, message, error);
}

static void skip(void *user, guint number, const char *why)
{
	const struct zip *zip = user;
	g_autofree char *uid = g_strdup_printf("%s#%u", zip->path, number);
	struct message_place place = {
	    .channel = "file", .account = "file", .mailbox = "", .uid = uid};

	zip->sink->skipped(zip->sink->user, &place, why);
}

gboolean source_zip(const char *path, const struct source_sink *sink, GError **error)
{
	g_autofree char *whole = g_canonicalize_filename(path, NULL);
	struct zip zip = {whole, sink};
	const struct unpack_taker taker = {take, skip, &zip};

	return unpack_messages(NULL, whole, &taker, error);
}
