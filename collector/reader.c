#include "collector/reader.h"

#include "base/charset.h"
#include "base/error.h"
#include "collector/cage.h"
#include "collector/child.h"
#include "collector/frame.h"
#include "collector/pdf.h"
#include "collector/read.h"
#include "collector/record.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ATTEMPTS     2     /* processes that one message may break */
#define START_MS     20000 /* until a process says that its cage is closed */
#define MESSAGES_MAX 1000  /* that one process reads: what one might leave behind goes with it */
#define PDFS_MAX     50    /* of one message */
#define PDFS_MS      60000 /* for all of them */
#define REASON_MAX   2000u /* bytes of a reason */

/* The kinds of frames: into the process, and out of it. */
#define IN_WANTED   'W' /* the hash of an attachment: of the message that follows give its bytes */
#define IN_MESSAGE  'M'
#define IN_TEXT     'T' /* of the PDF that was asked about */
#define IN_NO_TEXT  'N'
#define IN_REFUSED  'E' /* with the reason */
#define OUT_READY   'C' /* the cage is closed */
#define OUT_UNREADY 'X' /* with the reason */
#define OUT_PDF     'P' /* what is its text? */
#define OUT_PLACES  'Q' /* where do its words stand? */
#define OUT_RECORD  'R'
#define OUT_BYTES   'B' /* what was wanted */
#define OUT_REFUSED 'E' /* with the reason */

struct reader {
	char *program;
	guint timeout_ms;
	pid_t pid;      /* 0 when none runs */
	int to;         /* its standard input */
	int from;       /* its standard output */
	guint messages; /* that it was given */
};

struct reader *reader_start(const char *program, guint timeout_ms)
{
	struct reader *reader = g_new0(struct reader, 1);

	reader->program = g_strdup(program ? program : "/proc/self/exe");
	reader->timeout_ms = timeout_ms ? timeout_ms : READER_TIMEOUT_MS;
	reader->to = reader->from = -1;
	return reader;
}

int reader_pid(const struct reader *reader)
{
	return reader->pid;
}

/* Ends the process; returns its wait status. */
static int reader_stop(struct reader *reader)
{
	int status = 0;

	if (reader->to >= 0)
		close(reader->to);
	if (reader->from >= 0)
		close(reader->from);
	reader->to = reader->from = -1;
	if (reader->pid > 0)
		status = child_end(reader->pid, 0);
	reader->pid = 0;
	return status;
}

void reader_free(struct reader *reader)
{
	if (!reader)
		return;
	reader_stop(reader);
	g_free(reader->program);
	g_free(reader);
}

static gboolean cannot_start(GError **error, const char *why)
{
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
		    _("cannot start the process that reads messages: %s"), why);
	return FALSE;
}

static gboolean spawn(struct reader *reader, GError **error)
{
	char name[] = "pingyi", command[] = "reader";
	char *argv[] = {name, command, NULL};
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) < 0)
		return cannot_start(error, g_strerror(errno));
	if (pipe2(out, O_CLOEXEC) < 0) {
		close(in[0]);
		close(in[1]);
		return cannot_start(error, g_strerror(errno));
	}
	reader->pid = child_start(reader->program, argv, in[0], out[1], error);
	close(in[0]);
	close(out[1]);
	reader->to = in[1];
	reader->from = out[0];
	reader->messages = 0;
	fcntl(reader->to, F_SETFL, O_NONBLOCK);
	fcntl(reader->from, F_SETFL, O_NONBLOCK);
	if (reader->pid > 0)
		return TRUE;
	reader_stop(reader);
	return FALSE;
}

/* Waits until the process says that its cage is closed: only then it gets anything to read. */
static gboolean greeted(struct reader *reader, GError **error)
{
	gint64 deadline = g_get_monotonic_time() + (gint64)START_MS * 1000;
	g_autofree char *why = NULL;
	g_autofree char *line = NULL;
	gsize size = 0;
	char kind = 0;

	if (frame_get(reader->from, REASON_MAX, &kind, &why, &size, deadline) == FRAME_DONE &&
	    kind == OUT_READY)
		return TRUE;
	line = why && kind == OUT_UNREADY ? charset_line(why) : NULL;
	reader_stop(reader);
	return cannot_start(error, line ? line : _("it ended before its cage was closed"));
}

/* Whether it says something between two messages: then it is not what we started any more. */
static gboolean speaks_unasked(const struct reader *reader)
{
	struct pollfd out = {.fd = reader->from, .events = POLLIN};

	return reader->pid > 0 && poll(&out, 1, 0) > 0;
}

/* Starts a process when none runs, when the one that ran has died meanwhile, or has done its part.
 */
static gboolean ensure(struct reader *reader, GError **error)
{
	int status;

	if (reader->pid > 0 && waitpid(reader->pid, &status, WNOHANG) == reader->pid) {
		reader->pid = 0;
		reader_stop(reader);
	}
	if (reader->messages >= MESSAGES_MAX || speaks_unasked(reader))
		reader_stop(reader);
	return reader->pid > 0 || (spawn(reader, error) && greeted(reader, error));
}

/* One message on its way through a process. */
struct exchange {
	gint64 deadline; /* for the process; the time that PDFs take does not count */
	gint64 pdfs_end; /* µs that PDFs may still take */
	guint pdfs;
	char kind; /* of the last frame that came out, with its bytes */
	char *bytes;
	gsize size;
};

/* The process has found a PDF: its text, from the second cage, goes in. */
static enum frame_end answer_pdf(struct reader *reader, struct exchange *exchange)
{
	g_autoptr(GBytes) pdf = g_bytes_new_take(g_steal_pointer(&exchange->bytes), exchange->size);
	g_autoptr(GError) problem = NULL;
	g_autofree char *text = NULL;
	gint64 begin = g_get_monotonic_time(), took;
	guint left_ms = (guint)(MAX(exchange->pdfs_end, 0) / 1000);
	enum frame_end end;

	if (++exchange->pdfs > PDFS_MAX || left_ms == 0)
		g_set_error(&problem, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("the message's PDFs are too many, or take too long"));
	else
		text = pdf_caged_text(reader->program, pdf,
				      exchange->kind == OUT_PLACES ? PDF_PLACES : PDF_TEXT,
				      MIN(left_ms, PDF_TIMEOUT_MS), &problem);
	took = g_get_monotonic_time() - begin;
	exchange->pdfs_end -= took;
	exchange->deadline += took;
	if (exchange->pdfs > 2 * PDFS_MAX)
		return FRAME_BROKEN;
	if (text)
		end = frame_put(reader->to, IN_TEXT, text, strlen(text), exchange->deadline);
	else if (problem)
		end = frame_put(reader->to, IN_REFUSED, problem->message,
				MIN(strlen(problem->message), REASON_MAX), exchange->deadline);
	else
		end = frame_put(reader->to, IN_NO_TEXT, NULL, 0, exchange->deadline);
	return end;
}

/* One message to the process, and what comes out in the end: a record, or the bytes that are wanted
 * (`sha256` not NULL), or a reason. */
static enum frame_end exchange_message(struct reader *reader, GBytes *raw, const char *sha256,
				       struct exchange *exchange)
{
	const gsize max = sha256 ? MIME_MESSAGE_MAX : MAX(PDF_BYTES_MAX, READING_JSON_MAX);
	gsize size;
	const void *bytes = g_bytes_get_data(raw, &size);
	enum frame_end end = FRAME_DONE;

	exchange->deadline = g_get_monotonic_time() + (gint64)reader->timeout_ms * 1000;
	exchange->pdfs_end = (gint64)PDFS_MS * 1000;
	reader->messages++;
	if (sha256)
		end = frame_put(reader->to, IN_WANTED, sha256, strlen(sha256), exchange->deadline);
	if (end == FRAME_DONE)
		end = frame_put(reader->to, IN_MESSAGE, bytes, size, exchange->deadline);
	while (end == FRAME_DONE) {
		g_clear_pointer(&exchange->bytes, g_free);
		end = frame_get(reader->from, max, &exchange->kind, &exchange->bytes,
				&exchange->size, exchange->deadline);
		if (end != FRAME_DONE ||
		    (exchange->kind != OUT_PDF && exchange->kind != OUT_PLACES))
			return end;
		end = answer_pdf(reader, exchange);
	}
	return end;
}

/* What is asked for, one of the two (transfer full). */
struct answer {
	JsonNode *record;
	GBytes *bytes;
};

/* What came over the border is untrusted: a reason becomes one line, a record is looked at, and
 * bytes are what was wanted when their hash is. */
static gboolean refused(const struct exchange *exchange, GError **error)
{
	g_autofree char *why = NULL;

	if (exchange->kind != OUT_REFUSED || exchange->size > REASON_MAX)
		return FALSE;
	why = charset_line(exchange->bytes);
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, "%s", why);
	return TRUE;
}

static gboolean record_take(struct exchange *exchange, struct answer *answer_out, GError **error)
{
	g_autofree char *record = g_steal_pointer(&exchange->bytes);
	const char *where = "frame";

	if (exchange->kind == OUT_RECORD)
		answer_out->record = record_check(record, exchange->size, &where);
	if (answer_out->record)
		return TRUE;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
		    _("the process that reads messages gave back no record (%s)"), where);
	return FALSE;
}

static gboolean bytes_take(struct exchange *exchange, const char *sha256, struct answer *answer_out,
			   GError **error)
{
	g_autoptr(GBytes) bytes =
	    g_bytes_new_take(g_steal_pointer(&exchange->bytes), exchange->size);
	g_autofree char *hash = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);

	if (exchange->kind == OUT_BYTES && strcmp(hash, sha256) == 0) {
		answer_out->bytes = g_steal_pointer(&bytes);
		return TRUE;
	}
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
		    _("the process that reads messages gave back other bytes"));
	return FALSE;
}

static void set_death(GError **error, int status)
{
	g_autofree char *death = child_death(status, CAGE_READER_MEMORY_MB, CAGE_READER_CPU_S);

	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
		    _("the message broke the process that read it (%s)"), death);
}

/* Has one message read, by a second process where the first dies of it. `sha256`: of the attachment
 * whose bytes are asked for; NULL: the record is. */
static gboolean read_or_take(struct reader *reader, GBytes *raw, const char *sha256,
			     struct answer *answer_out, GError **error)
{
	int status = 0;

	if (g_bytes_get_size(raw) > MIME_MESSAGE_MAX) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("the message has %lu bytes, more than %u"),
			    (gulong)g_bytes_get_size(raw), MIME_MESSAGE_MAX);
		return FALSE;
	}
	/* A process may also die for a reason that is not the message's: it gets a second one. */
	for (guint i = 0; i < ATTEMPTS; i++) {
		struct exchange exchange = {0};
		enum frame_end end;

		if (!ensure(reader, error))
			return FALSE;
		end = exchange_message(reader, raw, sha256, &exchange);
		if (end == FRAME_DONE) {
			if (!refused(&exchange, error) &&
			    (sha256 ? bytes_take(&exchange, sha256, answer_out, error)
				    : record_take(&exchange, answer_out, error)))
				return TRUE;
			/* what gave no record may answer the next message with this one's */
			g_free(exchange.bytes);
			reader_stop(reader);
			return FALSE;
		}
		g_free(exchange.bytes);
		status = reader_stop(reader);
		if (end == FRAME_LATE) {
			g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
				    _("reading the message took longer than %u s"),
				    reader->timeout_ms / 1000);
			return FALSE;
		}
	}
	set_death(error, status);
	return FALSE;
}

JsonNode *reader_read(struct reader *reader, GBytes *raw, GError **error)
{
	struct answer answer = {0};

	read_or_take(reader, raw, NULL, &answer, error);
	return answer.record;
}

GBytes *reader_take(struct reader *reader, GBytes *raw, const char *sha256, GError **error)
{
	struct answer answer = {0};

	read_or_take(reader, raw, sha256, &answer, error);
	return answer.bytes;
}

/* --- the other side ------------------------------------------------------------------------- */

/* The pipes, for pdf_read(). */
struct outside {
	int in;
	int out;
};

static gboolean say(int out, char kind, const char *text)
{
	return frame_put(out, kind, text, strlen(text), G_MAXINT64) == FRAME_DONE;
}

/* A pdf_converter: asks the process outside. */
static char *ask_outside(void *user, GBytes *pdf, enum pdf_want want, GError **error)
{
	const struct outside *outside = user;
	g_autofree char *text = NULL;
	gsize size;
	const void *bytes = g_bytes_get_data(pdf, &size);
	char kind = want == PDF_PLACES ? OUT_PLACES : OUT_PDF;

	if (frame_put(outside->out, kind, bytes, size, G_MAXINT64) != FRAME_DONE ||
	    frame_get(outside->in, PDF_TEXT_MAX * 4, &kind, &text, &size, G_MAXINT64) != FRAME_DONE)
		_exit(EXIT_FAILURE); /* nobody is there any more */
	if (kind == IN_TEXT)
		return g_steal_pointer(&text);
	if (kind == IN_REFUSED)
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, "%s", text);
	return NULL;
}

static gboolean serve_one(int out, GBytes *raw)
{
	g_autoptr(GError) problem = NULL;
	struct reading *reading = read_message(raw, NULL, &problem);
	g_autofree char *line = reading ? reading_to_line(reading) : NULL;

	reading_free(reading);
	if (!line)
		return say(out, OUT_REFUSED, problem->message);
	if (strlen(line) > READING_JSON_MAX)
		return say(out, OUT_REFUSED, _("the message's record is too large"));
	return say(out, OUT_RECORD, line);
}

/* The bytes of an attachment instead of the record; nobody needs the text of PDFs then. */
static gboolean take_one(struct outside *outside, GBytes *raw, const char *sha256)
{
	g_autoptr(GBytes) found = NULL;
	const struct read_options options = {.wanted = sha256, .found_out = &found};
	struct reading *reading;
	gconstpointer bytes;
	gsize size = 0;

	pdf_use(NULL, NULL);
	reading = read_message(raw, &options, NULL);
	reading_free(reading);
	pdf_use(ask_outside, outside);
	if (!found)
		return say(outside->out, OUT_REFUSED, _("the message has no such attachment"));
	bytes = g_bytes_get_data(found, &size);
	return frame_put(outside->out, OUT_BYTES, bytes, size, G_MAXINT64) == FRAME_DONE;
}

/* Opens what opens files when it is first used: converters, translations, parsers. */
static void warm_up(void)
{
	static const char specimen[] =
	    "From: a@b.invalid\nDate: Mon, 2 Mar 2026 09:30:00 +0800\nSubject: x\n"
	    "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n"
	    "<p>x</p>\n--b\nContent-Type: message/rfc822\n\nSubject: y\n\ny\n--b--\n";
	g_autoptr(GBytes) raw = g_bytes_new_static(specimen, strlen(specimen));
	struct reading *reading = read_message(raw, NULL, NULL);
	g_autofree char *line = reading_to_line(reading);

	reading_free(reading);
	charset_preload();
	(void)_("the message's record is too large");
	(void)_("the message has no such attachment");
}

/* One thing that is asked: a message, perhaps after the hash of what is wanted of it. */
static enum frame_end serve(struct outside *outside)
{
	g_autofree char *wanted = NULL;
	g_autoptr(GBytes) raw = NULL;
	char *bytes = NULL, kind = 0;
	gsize size = 0;
	enum frame_end end =
	    frame_get(outside->in, MIME_MESSAGE_MAX, &kind, &bytes, &size, G_MAXINT64);

	if (end == FRAME_DONE && kind == IN_WANTED) {
		wanted = g_steal_pointer(&bytes);
		end = frame_get(outside->in, MIME_MESSAGE_MAX, &kind, &bytes, &size, G_MAXINT64);
	}
	if (end != FRAME_DONE)
		return end;
	raw = g_bytes_new_take(bytes, size);
	if (kind != IN_MESSAGE)
		return FRAME_BROKEN;
	if (wanted ? take_one(outside, raw, wanted) : serve_one(outside->out, raw))
		return FRAME_DONE;
	return FRAME_BROKEN;
}

gboolean reader_serve(int in, int out, GError **error)
{
	struct outside outside = {in, out};
	enum frame_end end;

	warm_up();
	pdf_use(ask_outside, &outside);
	if (!cage_close(error)) {
		say(out, OUT_UNREADY, error && *error ? (*error)->message : "");
		return FALSE;
	}
	end = say(out, OUT_READY, "") ? FRAME_DONE : FRAME_BROKEN;
	while (end == FRAME_DONE)
		end = serve(&outside);
	pdf_use(NULL, NULL);
	if (end == FRAME_OVER)
		return TRUE;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_BUG, _("reader: a pipe broke"));
	return FALSE;
}
