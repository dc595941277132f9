#pragma once

/*
 * What goes over the pipes between the processes that read: 4 bytes of length in the machine's
 * order, then as many bytes, the first of which says of what kind they are. Whoever reads names
 * the most that it takes, and nothing is allocated beyond that.
 *
 * Descriptors that have a deadline (g_get_monotonic_time()) must be O_NONBLOCK; G_MAXINT64 is none.
 */
#include <glib.h>

enum frame_end {
	FRAME_DONE,
	FRAME_OVER,   /* the other side closed the pipe before a frame began */
	FRAME_BROKEN, /* the pipe broke, or what came is no frame of at most `max` bytes */
	FRAME_LATE,
};

enum frame_end frame_put(int fd, char kind, const void *bytes, gsize size, gint64 deadline);

/* `bytes_out` (transfer full) gets the bytes behind the kind and a NUL, when FRAME_DONE. */
enum frame_end frame_get(int fd, gsize max, char *kind_out, char **bytes_out, gsize *size_out,
			 gint64 deadline);

/*
 * Reads what comes until the pipe is closed. More than `max` bytes are left in the pipe, with
 * FRAME_DONE. `text` gets what was read, also when late.
 */
enum frame_end frame_get_all(int fd, gsize max, GString *text, gint64 deadline);
