#include "collector/unpack.h"

#include "base/charset.h"
#include "base/error.h"
#include "base/zip.h"
#include "collector/cage.h"
#include "collector/child.h"
#include "collector/frame.h"
#include "collector/name.h"
#include "db/message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REASON_MAX 2000u /* bytes of a reason */
#define FRAMES_MAX (2 * UNPACK_ENTRIES_MAX + 2)

/* The kinds of frames that come out. */
#define OUT_READY   'C' /* the cage is closed */
#define OUT_UNREADY 'X' /* with the reason */
#define OUT_NUMBER  'N' /* of the file that the next frame is about, in digits */
#define OUT_MESSAGE 'F'
#define OUT_LOCKED  'L'
#define OUT_LARGE   'B'
#define OUT_DONE    'D'
#define OUT_REFUSED 'E' /* with the reason */

/* An archive on its way out of the cage. */
struct unpacking {
	const char *path;
	const struct unpack_taker *taker;
	int from;
	guint frames; /* that came so far */
	guint64 left; /* bytes that may still come */
	guint number;
	gboolean done;
};

static gboolean refuse(const struct unpacking *unpacking, const char *why, GError **error)
{
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, "%s: %s", unpacking->path, why);
	return FALSE;
}

/* Starts the process. Returns its pid, 0 with an error. */
static int start(const char *program, struct unpacking *unpacking, GError **error)
{
	char name[] = "pingyi", command[] = "reader", what[] = "zip";
	char *argv[] = {name, command, what, NULL};
	int file = open(unpacking->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (file < 0 || fstat(file, &st) != 0 || !S_ISREG(st.st_mode)) {
		if (file >= 0)
			close(file);
		refuse(unpacking, _("the archive cannot be opened"), error);
		return 0;
	}
	unpacking->left = UNPACK_RATIO_FREE + (guint64)st.st_size * UNPACK_RATIO_MAX;
	return child_start_piped(program, argv, file, &unpacking->from, error);
}

/* What comes over the border is untrusted: it is counted again here. */
static gboolean take(struct unpacking *unpacking, char *bytes, gsize size, GError **error)
{
	g_autoptr(GBytes) message = g_bytes_new_take(bytes, size);

	if (size > unpacking->left)
		return refuse(unpacking, _("the file unpacks to far more than it holds"), error);
	unpacking->left -= size;
	return unpacking->taker->take(unpacking->taker->user, unpacking->number, message, error);
}

static gboolean take_frame(struct unpacking *unpacking, char kind, char *bytes, gsize size,
			   GError **error)
{
	const struct unpack_taker *taker = unpacking->taker;
	g_autofree char *text = kind == OUT_MESSAGE ? NULL : bytes;
	g_autofree char *why = NULL;

	if (text)
		text[MIN(size, REASON_MAX)] = '\0';
	switch (kind) {
	case OUT_READY:
		return TRUE;
	case OUT_NUMBER:
		unpacking->number = (guint)MIN(g_ascii_strtoull(text, NULL, 10), G_MAXUINT);
		return TRUE;
	case OUT_MESSAGE:
		return take(unpacking, bytes, size, error);
	case OUT_LOCKED:
		taker->skip(taker->user, unpacking->number, _("it is locked with a password"));
		return TRUE;
	case OUT_LARGE:
		taker->skip(taker->user, unpacking->number, _("larger than 100 MB"));
		return TRUE;
	case OUT_DONE:
		unpacking->done = TRUE;
		return TRUE;
	case OUT_UNREADY:
		why = charset_line(text);
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
			    _("cannot start the process that reads messages: %s"), why);
		return FALSE;
	default:
		why = charset_line(text);
		return refuse(unpacking, why, error);
	}
}

static gboolean take_all(struct unpacking *unpacking, gboolean *broken_out, GError **error)
{
	while (!unpacking->done) {
		gint64 deadline = g_get_monotonic_time() + (gint64)UNPACK_TIMEOUT_MS * 1000;
		char *bytes = NULL, kind = 0;
		gsize size = 0;
		enum frame_end end =
		    frame_get(unpacking->from, MESSAGE_MAX, &kind, &bytes, &size, deadline);

		*broken_out = end != FRAME_DONE || ++unpacking->frames > FRAMES_MAX;
		if (*broken_out)
			g_free(bytes);
		if (*broken_out || !take_frame(unpacking, kind, bytes, size, error))
			return FALSE;
	}
	return TRUE;
}

gboolean unpack_messages(const char *program, const char *path, const struct unpack_taker *taker,
			 GError **error)
{
	struct unpacking unpacking = {.path = path, .taker = taker};
	int pid = start(program, &unpacking, error);
	g_autofree char *death = NULL;
	g_autofree char *why = NULL;
	gboolean broken = FALSE, good;
	int status;

	if (pid <= 0)
		return FALSE;
	good = take_all(&unpacking, &broken, error);
	close(unpacking.from);
	status = child_end(pid, broken ? g_get_monotonic_time() + G_USEC_PER_SEC : 0);
	if (!broken)
		return good;
	death = child_death(status, CAGE_READER_MEMORY_MB, CAGE_READER_CPU_S);
	why = g_strdup_printf(_("it broke the process that unpacked it (%s)"), death);
	return refuse(&unpacking, why, error);
}

/* --- the other side ------------------------------------------------------------------------- */

static gboolean say(int out, char kind, const void *bytes, gsize size)
{
	return frame_put(out, kind, bytes, size, G_MAXINT64) == FRAME_DONE;
}

static gboolean say_why(int out, char kind, const GError *why)
{
	return say(out, kind, why->message, MIN(strlen(why->message), REASON_MAX));
}

/* FALSE when the pipe broke, or with the reason why nothing more can be unpacked. */
static gboolean give(int out, struct zip *zip, const struct zip_entry *entry, GError **why)
{
	g_autofree char *number = g_strdup_printf("%u", entry->number);
	g_autoptr(GBytes) bytes = NULL;
	gsize size;
	const void *data;

	if (!name_ends_with(entry->name, ".eml"))
		return TRUE;
	if (!say(out, OUT_NUMBER, number, strlen(number)))
		return FALSE;
	if (entry->locked || entry->size > MESSAGE_MAX)
		return say(out, entry->locked ? OUT_LOCKED : OUT_LARGE, NULL, 0);
	bytes = zip_unpack(zip, entry, MESSAGE_MAX, why);
	if (!bytes)
		return FALSE;
	data = g_bytes_get_data(bytes, &size);
	return say(out, OUT_MESSAGE, data, size);
}

static gboolean give_all(int out, GBytes *file, GError **why)
{
	static const struct zip_bounds bounds = {UNPACK_ENTRIES_MAX, UNPACK_RATIO_MAX,
						 UNPACK_RATIO_FREE};
	g_autoptr(zip_archive) zip = zip_open(file, &bounds, why);
	const GPtrArray *entries = zip ? zip_entries(zip) : NULL;

	for (guint i = 0; zip && i < entries->len; i++)
		if (!give(out, zip, g_ptr_array_index(entries, i), why))
			return FALSE;
	return zip != NULL;
}

gboolean unpack_serve(int in, int out, GError **error)
{
	g_autoptr(GMappedFile) mapped = g_mapped_file_new_from_fd(in, FALSE, NULL);
	g_autoptr(GBytes) file = mapped ? g_mapped_file_get_bytes(mapped) : NULL;
	g_autoptr(GError) why = NULL;

	charset_preload();
	(void)_("the archive cannot be opened"); /* opens the translations */
	if (!file) {
		g_set_error(&why, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("the archive cannot be opened"));
		return say_why(out, OUT_REFUSED, why);
	}
	if (!cage_close_around(g_bytes_get_size(file), &why)) {
		say_why(out, OUT_UNREADY, why);
		g_propagate_error(error, g_steal_pointer(&why));
		return FALSE;
	}
	if (say(out, OUT_READY, NULL, 0) && give_all(out, file, &why) &&
	    say(out, OUT_DONE, NULL, 0))
		return TRUE;
	if (why)
		return say_why(out, OUT_REFUSED, why);
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_BUG, _("reader: a pipe broke"));
	return FALSE;
}
