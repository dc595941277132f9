#include "mailer/maildir.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static gboolean fail(GError **error, const char *path)
{
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY, "%s: %s", path, g_strerror(errno));
	return FALSE;
}

static gboolean make_folders(const char *path, GError **error)
{
	for (const char *const *name = (const char *const[]){"tmp", "new", "cur", NULL}; *name;
	     name++) {
		g_autofree char *folder = g_build_filename(path, *name, NULL);

		if (g_mkdir_with_parents(folder, 0700) != 0)
			return fail(error, folder);
	}
	return TRUE;
}

/* A file's lines end with LF, a message's on the wire with CR LF. */
static GString *local_lines(GBytes *message)
{
	gsize size = 0;
	const char *at = g_bytes_get_data(message, &size);
	const char *end = at + size;
	GString *out = g_string_sized_new(size);

	while (at < end) {
		const char *stop = memchr(at, '\r', (gsize)(end - at));

		if (!stop)
			stop = end;
		g_string_append_len(out, at, stop - at);
		if (stop < end && !(stop + 1 < end && stop[1] == '\n'))
			g_string_append_c(out, '\r');
		at = stop + 1;
	}
	return out;
}

static gboolean write_synced(const char *path, GBytes *message, GError **error)
{
	g_autoptr(GString) text = local_lines(message);
	gsize size = text->len;
	const char *bytes = text->str;
	int fd = g_open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	gboolean good;

	if (fd < 0)
		return fail(error, path);
	while (size > 0) {
		gssize n = write(fd, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		bytes += n;
		size -= (gsize)n;
	}
	good = size == 0 && fsync(fd) == 0;
	if (!good)
		fail(error, path);
	if (close(fd) != 0 && good)
		return fail(error, path);
	return good;
}

static gboolean sync_folder(const char *path, GError **error)
{
	int fd = g_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	gboolean good = fd >= 0 && fsync(fd) == 0;

	if (!good)
		fail(error, path);
	if (fd >= 0)
		close(fd);
	return good;
}

gboolean maildir_deliver(const char *path, const char *message_id, GBytes *message, GError **error)
{
	g_autofree char *name = g_strdup(message_id);
	g_autofree char *file = NULL;
	g_autofree char *tmp = NULL;
	g_autofree char *folder = g_build_filename(path, "new", NULL);
	g_autofree char *final = NULL;

	/* what may stand in a file's name; ':' begins a Maildir's flags */
	for (char *c = name; *c; c++)
		if (!g_ascii_isalnum(*c) && *c != '-' && *c != '.' && *c != '@')
			*c = '_';
	file = g_strdup_printf("%s.eml", name);
	tmp = g_build_filename(path, "tmp", file, NULL);
	final = g_build_filename(folder, file, NULL);
	if (!make_folders(path, error) || !write_synced(tmp, message, error))
		return FALSE;
	if (g_rename(tmp, final) != 0)
		return fail(error, final);
	return sync_folder(folder, error);
}
