#pragma once

/*
 * The cage around a process that touches what strangers sent. Once closed there is no way back:
 * no network, no new process, no file for writing, no other program, nothing but the descriptors
 * 0, 1 and 2, no capabilities, and limits on memory and time. Built of setrlimit(2), Landlock where
 * the kernel has it (5.13; network and signals with 6.7 and 6.12), and a seccomp filter that
 * lists what is allowed. A try to reach out (a socket, a process, another program) kills with
 * SIGSYS; everything else that is not listed fails with EPERM, since libraries try harmless things.
 *
 * Under a sanitizer (SAN=1) memory has no limit, and standard error stays open for its report.
 */
#include <gio/gio.h>

#define CAGE_READER_MEMORY_MB 1024u /* address space; a message of 100 MB takes 300 */
#define CAGE_READER_CPU_S     300u  /* of one process, which reads many messages */
#define CAGE_PDF_MEMORY_MB    768u
#define CAGE_PDF_CPU_S        15u /* of one document */

/*
 * For reading in this process: opens no file at all from now on, so whatever reads (converters,
 * translations) must have been opened. PINGYI_ERROR_TEMPORARY when the kernel refuses a part.
 */
gboolean cage_close(GError **error);

/* The same around a process that has mapped a file of `mapped` bytes: they count beside
 * CAGE_READER_MEMORY_MB. */
gboolean cage_close_around(gsize mapped, GError **error);

/*
 * Becomes `program` (an absolute path) with the arguments `argv`, caged: it may read system
 * libraries, fonts and the data of poppler, and can execute nothing else, for the only path that
 * may be executed stands at an address that is gone afterwards and cannot be mapped again.
 * Returns only with an error.
 */
gboolean cage_exec(const char *program, char *const *argv, GError **error);
