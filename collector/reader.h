#pragma once

/*
 * The border around reading. Mail is hostile, so it is read in a process of its own, the same
 * binary run as `pingyi reader`, which is caged (cage.h), gets bytes on a pipe (frame.h) and gives
 * back one bounded record (read.h) on another. One process reads many messages, and is replaced
 * now and then. Its death or its delay costs at most the message that caused it: the next call
 * starts a new one. A PDF comes back as bytes, is read in a second cage (pdf.h), and its text goes
 * in again, while the message is being read.
 *
 * The caller ignores SIGPIPE (main() does). One reader belongs to one thread at a time.
 */
#include <gio/gio.h>
#include <json-glib/json-glib.h>

#define READER_TIMEOUT_MS 60000 /* for one message, its PDFs apart */

struct reader;

/*
 * `program` is the binary to run, NULL for this one. `timeout_ms` 0 means READER_TIMEOUT_MS.
 * Nothing is started before the first message. Returns: (transfer full), never NULL.
 */
struct reader *reader_start(const char *program, guint timeout_ms);

/*
 * Reads one message. Returns: (transfer full) its record, one that record_check() has let through.
 * NULL with PINGYI_ERROR_PERMANENT when the message broke two processes, or took too long (the
 * reason is in the error: keep the message for a person); PINGYI_ERROR_INPUT when it is too large;
 * PINGYI_ERROR_TEMPORARY when no process could be started, or its cage could not be closed. The
 * reader is usable afterwards.
 */
JsonNode *reader_read(struct reader *reader, GBytes *raw, GError **error);

/*
 * The bytes of an attachment, or of a file within one, by the sha256 that the message's record has
 * of it. Returns: (transfer full), bytes of that hash; NULL with PINGYI_ERROR_INPUT when the
 * message has none, otherwise as reader_read().
 */
GBytes *reader_take(struct reader *reader, GBytes *raw, const char *sha256, GError **error);

/* The process that reads, 0 when none runs. For tests and logs. */
int reader_pid(const struct reader *reader);

void reader_free(struct reader *reader); /* ends the process */

/* The other side: closes the cage around this process, then reads messages from `in` (0) and
 * answers on `out` (1) until `in` ends. FALSE with an error when a pipe broke or the cage could
 * not be closed. */
gboolean reader_serve(int in, int out, GError **error);
