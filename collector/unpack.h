#pragma once

/*
 * The border around zip archives of messages: one is mapped and unpacked in a process of its own,
 * the same binary run as `pingyi reader zip` with the archive as its standard input, which is caged
 * (cage.h) before it looks at a byte, and gives back one message after another (frame.h).
 */
#include <gio/gio.h>

#define UNPACK_ENTRIES_MAX 100000u      /* files of one archive */
#define UNPACK_RATIO_MAX   200u         /* unpacked bytes for one packed byte … */
#define UNPACK_RATIO_FREE  (100u << 20) /* … beyond these */
#define UNPACK_TIMEOUT_MS  120000u      /* for one message */

/* What becomes of the .eml files. `number` is a file's place in the archive, from 1 on. */
struct unpack_taker {
	gboolean (*take)(void *user, guint number, GBytes *message, GError **error);
	void (*skip)(void *user, guint number, const char *why);
	void *user;
};

/*
 * Unpacks the .eml files of the archive at `path`. `program` is the binary to run, NULL for this
 * one. FALSE with PINGYI_ERROR_INPUT when it cannot be opened, is damaged, or beyond
 * a bound: what came before was taken; with PINGYI_ERROR_TEMPORARY when no process could be
 * started; with take()'s error.
 */
gboolean unpack_messages(const char *program, const char *path, const struct unpack_taker *taker,
			 GError **error);

/* The other side: closes the cage and unpacks the archive that is `in` to `out`. FALSE with an
 * error when the pipe broke or the cage was not closed. */
gboolean unpack_serve(int in, int out, GError **error);
