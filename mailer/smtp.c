#include "mailer/smtp_session.h"

#include "base/error.h"
#include "mailer/smtp_text.h"

#include <poll.h>
#include <string.h>

#define OPEN_MS         30000
#define ANSWER_MS       300000
#define LETTER_MS       1800000
#define QUIT_MS         2000
#define LINE_BYTES      4096
#define SLOTS           2      /* letters: one whose body is on its way, one whose envelope is */
#define PREFETCH_BYTES  65536  /* the next envelope does not leave before the end of a larger one */
#define CHUNK_BYTES     262144 /* of a large body, given to the socket at a time */
#define ENVELOPE_ID_MAX 100    /* RFC 3461, 4.4 */

static gint64 now_us(void)
{
	return g_get_monotonic_time();
}

void smtp_slot_free(struct slot *slot)
{
	g_free(slot->from);
	g_free(slot->to);
	g_free(slot->words);
	g_free(slot);
}

/* --- what is written --- */

static void put(struct smtp *smtp, const void *bytes, gsize size)
{
	g_byte_array_append(smtp->out, bytes, (guint)size);
	smtp->queued += size;
}

static void expect(struct smtp *smtp, enum command command, struct slot *slot)
{
	struct expected *expected = g_new(struct expected, 1);

	expected->command = command;
	expected->slot = slot;
	if (g_queue_is_empty(&smtp->expected))
		smtp->since = now_us();
	g_queue_push_tail(&smtp->expected, expected);
}

void smtp_put_command(struct smtp *smtp, enum command command, struct slot *slot, const char *line)
{
	put(smtp, line, strlen(line));
	expect(smtp, command, slot);
}

/* Whether an envelope id can be written as it is (RFC 3461, 4 and 4.4). */
static gboolean is_xtext(const char *text)
{
	gsize n = 0;

	for (; text && text[n]; n++)
		if (text[n] <= ' ' || text[n] > '~' || strchr("+=", text[n]))
			return FALSE;
	return n > 0 && n <= ENVELOPE_ID_MAX;
}

static void put_mail(struct smtp *smtp, struct slot *slot)
{
	const struct smtp_letter *letter = &slot->letter;
	char line[1024];
	gsize n = (gsize)g_snprintf(line, sizeof(line), "MAIL FROM:<%s>", slot->from);

	if (smtp->offers.size)
		n += (gsize)g_snprintf(line + n, sizeof(line) - n, " SIZE=%" G_GSIZE_FORMAT,
				       letter->size);
	if (smtp->offers.eight_bit && letter->eight_bit)
		n += (gsize)g_snprintf(line + n, sizeof(line) - n, " BODY=8BITMIME");
	if (slot->utf8)
		n += (gsize)g_snprintf(line + n, sizeof(line) - n, " SMTPUTF8");
	if (smtp->offers.dsn && is_xtext(letter->envelope_id))
		n += (gsize)g_snprintf(line + n, sizeof(line) - n, " RET=HDRS ENVID=%s",
				       letter->envelope_id);
	g_snprintf(line + n, sizeof(line) - n, "\r\n");
	smtp_put_command(smtp, MAIL, slot, line);
}

void smtp_put_rcpt(struct smtp *smtp, struct slot *slot)
{
	char line[1024];

	g_snprintf(line, sizeof(line), "RCPT TO:<%s>%s\r\n", slot->to,
		   smtp->offers.dsn ? " NOTIFY=FAILURE,DELAY" : "");
	smtp_put_command(smtp, RCPT, slot, line);
}

/* A letter's envelope, as much of it as may leave now; later commands of a server without
 * PIPELINING follow their answers. */
void smtp_begin(struct smtp *smtp, struct slot *slot)
{
	slot->begun = TRUE;
	slot->until = now_us() + (gint64)smtp->letter_ms * 1000;
	if (smtp->reset)
		smtp_put_command(smtp, RSET, smtp->offers.pipelining ? NULL : slot, "RSET\r\n");
	if (smtp->reset && !smtp->offers.pipelining)
		return;
	smtp->reset = FALSE;
	put_mail(smtp, slot);
	if (!smtp->offers.pipelining)
		return;
	smtp_put_rcpt(smtp, slot);
	smtp_put_command(smtp, DATA, slot, "DATA\r\n");
}

/* The body of a letter, as far as there is room; its end once the window has room for it. */
static void feed_body(struct smtp *smtp, struct slot *slot)
{
	gsize n = MIN(slot->letter.size - slot->at, CHUNK_BYTES);

	if (slot->at == 0) {
		smtp->since = now_us();
		slot->until = smtp->since + (gint64)smtp->letter_ms * 1000;
	}
	put(smtp, (const guint8 *)slot->letter.text + slot->at, n);
	slot->at += n;
	if (slot->at < slot->letter.size || smtp->uncommitted >= smtp->window)
		return;
	smtp->uncommitted++;
	slot->until = now_us() + (gint64)smtp->letter_ms * 1000;
	smtp_put_command(smtp, BODY, slot, ".\r\n");
	slot->end = smtp->queued;
}

/* The oldest letter, once it may go; then the next envelope. */
static void feed(struct smtp *smtp)
{
	struct slot *slot = g_queue_peek_head(&smtp->slots);
	struct slot *next;

	if (slot && smtp_has_body(smtp))
		feed_body(smtp, slot);
	if (slot && !slot->begun)
		smtp_begin(smtp, slot);
	next = g_queue_peek_nth(&smtp->slots, 1);
	if (slot && next && !next->begun && slot->end && smtp->offers.pipelining)
		smtp_begin(smtp, next);
	if (!slot && smtp->quitting && g_queue_is_empty(&smtp->expected)) {
		smtp_put_command(smtp, QUIT, NULL, "QUIT\r\n");
		smtp->answer_ms = QUIT_MS; /* politeness only: nothing depends on its answer */
	}
}

static gboolean write_out(struct smtp *smtp, GError **error)
{
	gsize taken = 0;
	gboolean good;

	if (smtp->out->len == smtp->written)
		return TRUE;
	good = wire_push(smtp->wire, smtp->out->data + smtp->written,
			 smtp->out->len - smtp->written, &taken, error);
	smtp->written += taken;
	smtp->count += taken;
	if (taken > 0)
		smtp->since = now_us();
	if (smtp->written == smtp->out->len) {
		g_byte_array_set_size(smtp->out, 0);
		smtp->written = 0;
	}
	return good;
}

/* --- time --- */

/* While the server must answer, or take what is written; not while a commit is waited for. */
static gint64 deadline(const struct smtp *smtp)
{
	const struct expected *expected = smtp->expected.head ? smtp->expected.head->data : NULL;
	const struct slot *oldest = smtp->slots.head ? smtp->slots.head->data : NULL;
	gint64 until;

	if (!expected && smtp->out->len == smtp->written)
		return G_MAXINT64;
	until =
	    smtp->since +
	    (gint64)(expected && expected->command == BODY ? smtp->end_ms : smtp->answer_ms) * 1000;
	return oldest && oldest->begun ? MIN(until, oldest->until) : until;
}

static gboolean check_time(struct smtp *smtp, GError **error)
{
	if (now_us() < deadline(smtp))
		return TRUE;
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
			    _("the mail server did not answer in time"));
	return FALSE;
}

/* --- the session --- */

struct smtp *smtp_start(const struct smtp_options *options, GError **error)
{
	struct wire_options wire = {
	    .url = options->url,
	    .user = options->user,
	    .password = options->password,
	    .login = options->login,
	    .starttls = options->starttls,
	    .ca_file = options->ca_file,
	    .open_ms = options->open_ms ? options->open_ms : OPEN_MS,
	    .answer_ms = options->answer_ms ? options->answer_ms : ANSWER_MS,
	    .line_max = LINE_BYTES,
	};
	struct smtp *smtp;

	if (!g_str_has_prefix(options->url, "smtp://") &&
	    !g_str_has_prefix(options->url, "smtps://")) {
		g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
				    _("the relay's URL begins with neither smtp:// nor smtps://"));
		return NULL;
	}
	smtp = g_new0(struct smtp, 1);
	smtp->text = g_string_new(NULL);
	smtp->out = g_byte_array_new();
	smtp->answer_ms = wire.answer_ms;
	smtp->end_ms = 2 * wire.answer_ms;
	smtp->letter_ms = options->letter_ms ? options->letter_ms : LETTER_MS;
	smtp->window = options->window ? options->window : 1;
	smtp->login = options->user && *options->user;
	smtp->wire = wire_start(&wire, error);
	if (smtp->wire)
		return smtp;
	smtp_free(smtp);
	return NULL;
}

/* The opening has greeted already, but keeps what was offered to itself. */
static void greet(struct smtp *smtp)
{
	const char *host = g_get_host_name();
	g_autofree char *line = NULL;

	if (!*host || strspn(host, HOST_CHARACTERS) != strlen(host))
		host = "localhost";
	line = g_strdup_printf("EHLO %s\r\n", host);
	smtp_put_command(smtp, GREETING, NULL, line);
}

/* Nothing can be written any more: what it said before it went counts, and tells why. */
static gboolean hear_last(struct smtp *smtp, GError **error)
{
	GError *said = NULL;

	if (!smtp_read_answers(smtp, &said) && said) {
		g_clear_error(error);
		g_propagate_error(error, said);
	}
	return FALSE;
}

static gboolean work(struct smtp *smtp, gboolean readable, GError **error)
{
	if (wire_socket(smtp->wire) < 0) {
		gboolean open = FALSE;

		if (!wire_opened(smtp->wire, 0, &open, error))
			return FALSE;
		if (!open)
			return TRUE;
		greet(smtp);
	} else if (readable && !smtp_read_answers(smtp, error)) {
		return FALSE;
	}
	if (smtp->open)
		feed(smtp);
	return (write_out(smtp, error) || hear_last(smtp, error)) && check_time(smtp, error);
}

gboolean smtp_work(struct smtp *smtp, gboolean readable, GError **error)
{
	g_autoptr(GError) problem = NULL;

	if (!smtp->wire)
		return FALSE;
	if (work(smtp, readable, &problem))
		return TRUE;
	smtp_settle(smtp, problem ? problem->message : "");
	if (problem && !(smtp->quitting && g_queue_is_empty(&smtp->slots)))
		g_propagate_error(error, g_steal_pointer(&problem));
	return FALSE;
}

gboolean smtp_is_open(const struct smtp *smtp)
{
	return smtp->open;
}

/* Whether something waits to be written: also the rest of a body whose last piece was taken whole.
 */
static gboolean has_more(const struct smtp *smtp)
{
	const struct slot *oldest = smtp->slots.head ? smtp->slots.head->data : NULL;

	return smtp->out->len > smtp->written || (oldest && oldest->at > 0 && smtp_has_body(smtp));
}

int smtp_socket(const struct smtp *smtp, short *events_out, gint64 *deadline_out)
{
	*events_out = (short)(POLLIN | (has_more(smtp) ? POLLOUT : 0));
	*deadline_out = deadline(smtp);
	return smtp->wire ? wire_socket(smtp->wire) : -1;
}

gboolean smtp_has_body(const struct smtp *smtp)
{
	const struct slot *slot = smtp->slots.head ? smtp->slots.head->data : NULL;

	return slot && slot->granted && !slot->end && smtp->out->len == smtp->written &&
	       (slot->at < slot->letter.size || smtp->uncommitted < smtp->window);
}

gboolean smtp_has_room(const struct smtp *smtp)
{
	guint n = smtp->slots.length;
	const struct slot *last = n ? smtp->slots.tail->data : NULL;

	if (!smtp->open || smtp->quitting || n >= SLOTS)
		return FALSE;
	return !last || (smtp->offers.pipelining && last->letter.size <= PREFETCH_BYTES);
}

/* Addresses in the form of the wire; FALSE, with the result added, when there is none. */
static gboolean pack(struct smtp *smtp, struct slot *slot)
{
	const struct smtp_letter *letter = &slot->letter;
	gboolean from_utf8 = FALSE;
	gboolean to_utf8 = FALSE;

	slot->from = *letter->from ? smtp_text_address(letter->from, &from_utf8) : g_strdup("");
	slot->to = smtp_text_address(letter->to, &to_utf8);
	slot->utf8 = from_utf8 || to_utf8;
	if (!slot->from)
		smtp_add_own_result(smtp, slot, SMTP_DEFERRED, _("SMTP cannot carry the sender"),
				    TRUE);
	else if (!slot->to)
		smtp_add_own_result(smtp, slot, SMTP_FAILED, _("SMTP cannot carry this address"),
				    FALSE);
	else if (slot->utf8 && !smtp->offers.utf8)
		smtp_add_own_result(smtp, slot, SMTP_FAILED,
				    _("the relay takes no addresses beyond ASCII (SMTPUTF8)"),
				    FALSE);
	else if (smtp->offers.size_max && letter->size > smtp->offers.size_max)
		smtp_add_own_result(smtp, slot, SMTP_FAILED,
				    _("the letter is larger than the relay takes (SIZE)"), FALSE);
	else
		return TRUE;
	return FALSE;
}

void smtp_add(struct smtp *smtp, const struct smtp_letter *letter)
{
	struct slot *slot = g_new0(struct slot, 1);

	slot->letter = *letter;
	if (pack(smtp, slot))
		g_queue_push_tail(&smtp->slots, slot);
	else
		smtp_slot_free(slot);
}

guint smtp_letters(const struct smtp *smtp)
{
	return smtp->slots.length;
}

gboolean smtp_next_result(struct smtp *smtp, struct smtp_result *result_out)
{
	g_autofree struct smtp_result *result = g_queue_pop_head(&smtp->results);

	if (!result)
		return FALSE;
	*result_out = *result;
	return TRUE;
}

void smtp_commit(struct smtp *smtp)
{
	if (smtp->uncommitted > 0)
		smtp->uncommitted--;
}

void smtp_quit(struct smtp *smtp)
{
	smtp->quitting = TRUE;
}

const struct smtp_offers *smtp_offers(const struct smtp *smtp)
{
	return &smtp->offers;
}

void smtp_stop(struct smtp *smtp)
{
	smtp_settle(smtp, "");
}

void smtp_free(struct smtp *smtp)
{
	if (!smtp)
		return;
	smtp_stop(smtp);
	g_queue_clear_full(&smtp->results, g_free);
	g_byte_array_unref(smtp->out);
	g_string_free(smtp->text, TRUE);
	g_free(smtp);
}
