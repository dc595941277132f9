#include "collector/frame.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* Waits until `fd` is ready or the deadline has come. */
static enum frame_end wait_for(int fd, short events, gint64 deadline)
{
	for (;;) {
		struct pollfd ready = {.fd = fd, .events = events};
		gint64 left = (deadline - g_get_monotonic_time()) / 1000;
		int n;

		if (left <= 0)
			return FRAME_LATE;
		n = poll(&ready, 1, (int)MIN(left, G_MAXINT));
		if (n > 0)
			return FRAME_DONE;
		if (n < 0 && errno != EINTR)
			return FRAME_BROKEN;
	}
}

static enum frame_end put(int fd, const void *bytes, gsize size, gint64 deadline)
{
	const char *at = bytes;

	while (size > 0) {
		ssize_t n = write(fd, at, size);

		if (n > 0) {
			at += n;
			size -= (gsize)n;
		} else if (n < 0 && errno == EAGAIN) {
			enum frame_end end = wait_for(fd, POLLOUT, deadline);

			if (end != FRAME_DONE)
				return end;
		} else if (n == 0 || errno != EINTR) {
			return FRAME_BROKEN;
		}
	}
	return FRAME_DONE;
}

/* Some bytes, at least one: FRAME_OVER when none will come any more. */
static enum frame_end get_some(int fd, void *bytes, gsize size, gsize *got_out, gint64 deadline)
{
	for (;;) {
		ssize_t n = read(fd, bytes, size);

		if (n > 0) {
			*got_out = (gsize)n;
			return FRAME_DONE;
		}
		if (n == 0)
			return FRAME_OVER;
		if (errno == EAGAIN) {
			enum frame_end end = wait_for(fd, POLLIN, deadline);

			if (end != FRAME_DONE)
				return end;
		} else if (errno != EINTR) {
			return FRAME_BROKEN;
		}
	}
}

static enum frame_end get(int fd, void *bytes, gsize size, gint64 deadline)
{
	char *at = bytes;

	while (size > 0) {
		gsize got = 0;
		enum frame_end end = get_some(fd, at, size, &got, deadline);

		if (end == FRAME_OVER && at != bytes)
			return FRAME_BROKEN;
		if (end != FRAME_DONE)
			return end;
		at += got;
		size -= got;
	}
	return FRAME_DONE;
}

enum frame_end frame_put(int fd, char kind, const void *bytes, gsize size, gint64 deadline)
{
	struct __attribute__((packed)) {
		guint32 length;
		char kind;
	} head = {.length = (guint32)(size + 1), .kind = kind};
	enum frame_end end;

	if (size >= G_MAXUINT32)
		return FRAME_BROKEN;
	end = put(fd, &head, sizeof head, deadline);
	return end == FRAME_DONE ? put(fd, bytes, size, deadline) : end;
}

enum frame_end frame_get(int fd, gsize max, char *kind_out, char **bytes_out, gsize *size_out,
			 gint64 deadline)
{
	g_autofree char *bytes = NULL;
	guint32 length;
	enum frame_end end = get(fd, &length, sizeof length, deadline);

	if (end != FRAME_DONE)
		return end;
	if (length < 1 || length - 1 > max)
		return FRAME_BROKEN;
	end = get(fd, kind_out, 1, deadline);
	if (end == FRAME_DONE) {
		bytes = g_malloc(length);
		end = get(fd, bytes, length - 1, deadline);
	}
	if (end != FRAME_DONE)
		return end == FRAME_OVER ? FRAME_BROKEN : end;
	bytes[length - 1] = '\0';
	*size_out = length - 1;
	*bytes_out = g_steal_pointer(&bytes);
	return FRAME_DONE;
}

enum frame_end frame_get_all(int fd, gsize max, GString *text, gint64 deadline)
{
	char some[16384];

	while (text->len < max) {
		gsize got = 0;
		enum frame_end end =
		    get_some(fd, some, MIN(sizeof some, max - text->len), &got, deadline);

		if (end == FRAME_OVER)
			return FRAME_DONE;
		if (end != FRAME_DONE)
			return end;
		g_string_append_len(text, some, (gssize)got);
	}
	return FRAME_DONE;
}
