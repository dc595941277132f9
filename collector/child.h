#pragma once

/*
 * Starting and ending the processes that are caged (cage.h). They are born with a bare environment
 * (language and time zone; a password that stands in ours does not go along) and with no descriptor
 * but 0, 1 and 2.
 */
#include <gio/gio.h>

/*
 * Starts `program` (NULL: this binary) as `argv`, with `in` and `out` as its standard input and
 * output. Returns: its pid; 0 with PINGYI_ERROR_TEMPORARY when it cannot be started.
 */
int child_start(const char *program, char *const *argv, int in, int out, GError **error);

/* The same with a pipe as its output: `from_out` gets our end, which does not block. Closes `in`.
 */
int child_start_piped(const char *program, char *const *argv, int in, int *from_out,
		      GError **error);

/* Waits until it has ended, and kills it at `deadline` (g_get_monotonic_time(); 0: at once).
 * Returns: its wait status. */
int child_end(int pid, gint64 deadline);

/* Why it ended, in words for people, for example "it tried what the cage forbids (SIGSYS)".
 * `memory_mb` and `cpu_s` are the limits that it had. (transfer full) */
char *child_death(int status, guint memory_mb, guint cpu_s);
