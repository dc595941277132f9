#include "mailer/smtp.h"

#include "base/error.h"
#include "base/wire.h"
#include "mailer/smtp_text.h"

#include <poll.h>
#include <string.h>

#define OPEN_MS         30000
#define ANSWER_MS       300000
#define LETTER_MS       1800000
#define QUIT_MS         2000
#define LINE_BYTES      4096
#define ANSWER_LINES    100
#define ANSWER_BYTES    16384
#define SLOTS           2      /* letters: one whose body is on its way, one whose envelope is */
#define PREFETCH_BYTES  65536  /* the next envelope does not leave before the end of a larger one */
#define CHUNK_BYTES     262144 /* of a large body, given to the socket at a time */
#define ENVELOPE_ID_MAX 100    /* RFC 3461, 4.4 */
#define CODE_TOO_BIG    552
#define CODE_CLOSING    421
#define CODE_CONTINUE   354

/* What the next answer of the server is to. */
enum command { GREETING, MAIL, RCPT, DATA, BODY, EMPTY, RSET, QUIT };

/* A letter on its way. */
struct slot {
	struct smtp_letter letter;
	char *from;
	char *to;
	gboolean utf8;
	gboolean begun;   /* its envelope is being written */
	gboolean granted; /* 354: the body may go */
	gsize at;         /* of the body, queued so far */
	guint64 end;      /* count of bytes written when its last one is; 0: not queued */
	gint64 until;     /* monotonic, µs: of the whole letter */
	int refused;      /* the code; 0: not refused */
	enum command refused_at;
	char *words; /* of the refusal */
};

struct expected {
	enum command command;
	struct slot *slot; /* NULL for greeting, RSET, QUIT */
};

struct smtp {
	struct wire *wire;
	gboolean open;
	gboolean login; /* there is a user */
	gboolean quitting;
	gboolean reset; /* RSET goes before the next envelope */
	gboolean taken; /* the server has taken a letter */
	struct smtp_offers offers;
	guint answer_ms, end_ms, letter_ms;
	guint window;
	guint uncommitted; /* letters behind their last byte, not committed */
	GQueue slots;      /* of struct slot, oldest first */
	GQueue expected;   /* of struct expected, in the order of the commands */
	GQueue results;    /* of struct smtp_result */
	gint64 since;      /* when the answer that is awaited now began to be */
	GByteArray *out;   /* to be written, from `written` on */
	gsize written;
	guint64 count; /* bytes written in all */
	guint64 queued;
	GString *text; /* of the answer that is coming */
	guint lines;
};

static gint64 now_us(void)
{
	return g_get_monotonic_time();
}

static void slot_free(struct slot *slot)
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

static void put_command(struct smtp *smtp, enum command command, struct slot *slot,
			const char *line)
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
	put_command(smtp, MAIL, slot, line);
}

static void put_rcpt(struct smtp *smtp, struct slot *slot)
{
	char line[1024];

	g_snprintf(line, sizeof(line), "RCPT TO:<%s>%s\r\n", slot->to,
		   smtp->offers.dsn ? " NOTIFY=FAILURE,DELAY" : "");
	put_command(smtp, RCPT, slot, line);
}

/* The newest letter's envelope, as much of it as may leave now; later commands of a server without
 * PIPELINING follow their answers. */
static void begin(struct smtp *smtp, struct slot *slot)
{
	slot->begun = TRUE;
	slot->until = now_us() + (gint64)smtp->letter_ms * 1000;
	if (smtp->reset)
		put_command(smtp, RSET, smtp->offers.pipelining ? NULL : slot, "RSET\r\n");
	if (smtp->reset && !smtp->offers.pipelining)
		return;
	smtp->reset = FALSE;
	put_mail(smtp, slot);
	if (!smtp->offers.pipelining)
		return;
	put_rcpt(smtp, slot);
	put_command(smtp, DATA, slot, "DATA\r\n");
}

/* The body of the oldest letter, once it may go, as far as there is room; then the next envelope.
 */
static void feed(struct smtp *smtp)
{
	struct slot *slot = g_queue_peek_head(&smtp->slots);
	struct slot *next;

	if (slot && slot->granted && !slot->end && smtp->out->len - smtp->written < CHUNK_BYTES &&
	    (slot->at > 0 || smtp->uncommitted < smtp->window)) {
		gsize n = MIN(slot->letter.size - slot->at, CHUNK_BYTES);

		if (slot->at == 0) {
			smtp->uncommitted++;
			smtp->since = now_us();
			slot->until = smtp->since + (gint64)smtp->letter_ms * 1000;
		}
		put(smtp, (const guint8 *)slot->letter.text + slot->at, n);
		slot->at += n;
		if (slot->at == slot->letter.size) {
			put_command(smtp, BODY, slot, ".\r\n");
			slot->end = smtp->queued;
		}
	}
	if (slot && !slot->begun)
		begin(smtp, slot);
	next = g_queue_peek_nth(&smtp->slots, 1);
	if (slot && next && !next->begun && slot->end && smtp->offers.pipelining)
		begin(smtp, next);
	if (!slot && smtp->quitting && g_queue_is_empty(&smtp->expected)) {
		put_command(smtp, QUIT, NULL, "QUIT\r\n");
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

/* --- what becomes of letters --- */

static void add_result(struct smtp *smtp, struct slot *slot, enum smtp_outcome outcome,
		       const struct smtp_answer *answer)
{
	struct smtp_result *result = g_new0(struct smtp_result, 1);

	result->user = slot->letter.user;
	result->in_window = slot->at > 0;
	result->outcome = outcome;
	if (answer)
		result->answer = *answer;
	g_queue_push_tail(&smtp->results, result);
}

/* An outcome without an answer of the server: `words` are ours. */
static void add_own_result(struct smtp *smtp, struct slot *slot, enum smtp_outcome outcome,
			   const char *words, gboolean about_sender)
{
	struct smtp_answer answer = {.about_sender = about_sender};

	g_strlcpy(answer.words, words, sizeof(answer.words));
	add_result(smtp, slot, outcome, &answer);
}

/* Whether the words of a 4yz are about the mailbox (RFC 3463: x.2.z), not about its domain. */
static gboolean about_mailbox(const char *words)
{
	return g_str_has_prefix(words, "4.2.");
}

static enum smtp_outcome judge(int code, enum command at, struct smtp_answer *answer)
{
	gboolean login = code == 530 || code == 535 || code == 538;
	gboolean too_big = code == CODE_TOO_BIG || strstr(answer->words, "5.3.4");
	gboolean too_fast = smtp_text_too_fast(answer->words);

	if (code / 100 == 2)
		return SMTP_SENT;
	answer->about_sender = code / 100 == 5 && (login || (at == MAIL && !too_big && !too_fast));
	answer->about_domain = too_fast || (code / 100 == 4 && code != CODE_CLOSING && at != MAIL &&
					    !about_mailbox(answer->words));
	return code / 100 == 5 && !answer->about_sender && !too_fast ? SMTP_FAILED : SMTP_DEFERRED;
}

/* The oldest letter is done with. */
static void finish(struct smtp *smtp, struct slot *slot, int code, enum command at,
		   const char *words)
{
	struct smtp_answer answer = {.code = code};

	smtp_text_words(words, strlen(words), slot->letter.to, answer.words, sizeof(answer.words));
	add_result(smtp, slot, judge(code, at, &answer), &answer);
	if (at != BODY)
		smtp->reset = TRUE;
	g_queue_remove(&smtp->slots, slot);
	slot_free(slot);
}

static void finish_refused(struct smtp *smtp, struct slot *slot)
{
	finish(smtp, slot, slot->refused, slot->refused_at, slot->words);
}

static void refuse(struct smtp *smtp, struct slot *slot, int code, enum command at)
{
	if (slot->refused)
		return;
	slot->refused = code;
	slot->refused_at = at;
	slot->words = g_strdup(smtp->text->str);
}

/* Whether the session ended over this letter, the oldest one: not where it only waited for a
 * commit, or had not begun, or the server has had enough letters of this connection. */
static gboolean was_its_turn(const struct smtp *smtp, const struct slot *slot)
{
	return slot->at > 0 ||
	       (slot->begun && !smtp->taken && (!slot->granted || smtp->expected.length > 0));
}

/* The session is over: what that means for each letter. The oldest one is tried; nothing was said
 * to those behind it yet. */
static void settle(struct smtp *smtp, const char *why)
{
	gboolean oldest = TRUE;
	struct slot *slot;

	for (; (slot = g_queue_pop_head(&smtp->slots)) != NULL; oldest = FALSE) {
		if (slot->end && smtp->count >= slot->end)
			add_own_result(smtp, slot, SMTP_DOUBTFUL, why, FALSE);
		else if (slot->refused) {
			struct smtp_answer answer = {.code = slot->refused};

			smtp_text_words(slot->words, strlen(slot->words), slot->letter.to,
					answer.words, sizeof(answer.words));
			add_result(smtp, slot, judge(slot->refused, slot->refused_at, &answer),
				   &answer);
		} else if (oldest && was_its_turn(smtp, slot))
			add_own_result(smtp, slot, SMTP_DEFERRED, why, FALSE);
		else
			add_result(smtp, slot, SMTP_UNTRIED, NULL);
		slot_free(slot);
	}
	g_queue_clear_full(&smtp->expected, g_free);
	g_clear_pointer(&smtp->wire, wire_close);
	smtp->open = FALSE;
}

/* --- what is read --- */

static void note_offer(struct smtp_offers *offers, const char *keyword)
{
	g_auto(GStrv) words = g_strsplit_set(keyword, " =", 2);

	if (!words[0])
		return;
	offers->login |= g_ascii_strcasecmp(words[0], "AUTH") == 0;
	offers->eight_bit |= g_ascii_strcasecmp(words[0], "8BITMIME") == 0;
	offers->utf8 |= g_ascii_strcasecmp(words[0], "SMTPUTF8") == 0;
	offers->pipelining |= g_ascii_strcasecmp(words[0], "PIPELINING") == 0;
	offers->dsn |= g_ascii_strcasecmp(words[0], "DSN") == 0;
	if (g_ascii_strcasecmp(words[0], "SIZE") == 0) {
		offers->size = TRUE;
		offers->size_max = words[1] ? g_ascii_strtoull(words[1], NULL, 10) : 0;
	}
}

#define HOST_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-."

/* The first line of the answer to EHLO. */
static void note_name(struct smtp_offers *offers, const char *line)
{
	gsize length = line ? strcspn(line, " ") : 0;

	if (length > 0 && length < sizeof(offers->name) &&
	    strspn(line, HOST_CHARACTERS) == length && memchr(line, '.', length))
		g_strlcpy(offers->name, line, length + 1);
}

static gboolean greeted(struct smtp *smtp, int code, GError **error)
{
	g_auto(GStrv) keywords = g_strsplit(smtp->text->str, "\n", 0);

	if (code != 250) {
		g_set_error(error, PINGYI_ERROR,
			    code / 100 == 5 ? PINGYI_ERROR_PERMANENT : PINGYI_ERROR_TEMPORARY,
			    _("the mail server refused the greeting (%d)"), code);
		return FALSE;
	}
	note_name(&smtp->offers, keywords[0]);
	g_strlcpy(smtp->offers.tls, wire_tls(smtp->wire) ? wire_tls(smtp->wire) : "",
		  sizeof(smtp->offers.tls));
	for (guint i = 1; keywords[0] && keywords[i]; i++)
		note_offer(&smtp->offers, keywords[i]);
	if (smtp->login && !smtp->offers.login) {
		g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
				    _("there is a user, but the mail server offers no login"));
		return FALSE;
	}
	smtp->open = TRUE;
	return TRUE;
}

static gboolean fail_misfit(GError **error)
{
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
			    _("the mail server's answers do not fit the commands"));
	return FALSE;
}

/* DATA is answered, with 354 or a refusal. A server may say 354 although it has refused the
 * recipient (RFC 2920, 3.1): it gets an empty end, and what it answers counts for nothing. */
static void data_answered(struct smtp *smtp, struct slot *slot, int code)
{
	if (code != CODE_CONTINUE) {
		refuse(smtp, slot, code, DATA);
		finish_refused(smtp, slot);
	} else if (slot->refused) {
		put_command(smtp, EMPTY, slot, ".\r\n");
	} else {
		slot->granted = TRUE;
	}
}

/* An answer to MAIL or RCPT. Without PIPELINING the next command follows now. */
static void envelope_answered(struct smtp *smtp, struct slot *slot, enum command command, int code)
{
	if (code / 100 != 2)
		refuse(smtp, slot, code, command);
	if (smtp->offers.pipelining)
		return;
	if (slot->refused)
		finish_refused(smtp, slot);
	else if (command == MAIL)
		put_rcpt(smtp, slot);
	else
		put_command(smtp, DATA, slot, "DATA\r\n");
}

/* FALSE when the session cannot go on. */
static gboolean answered(struct smtp *smtp, int code, GError **error)
{
	g_autofree struct expected *expected = g_queue_pop_head(&smtp->expected);
	struct slot *slot = expected->slot;

	smtp->since = now_us();
	switch (expected->command) {
	case GREETING:
		return greeted(smtp, code, error);
	case MAIL:
	case RCPT:
		if (code / 100 == 3)
			return fail_misfit(error);
		envelope_answered(smtp, slot, expected->command, code);
		return TRUE;
	case DATA:
		if (code < 400 && code != CODE_CONTINUE)
			return fail_misfit(error);
		data_answered(smtp, slot, code);
		return TRUE;
	case EMPTY:
		finish_refused(smtp, slot);
		return TRUE;
	case BODY:
		if (code / 100 == 3)
			return fail_misfit(error);
		smtp->taken |= code / 100 == 2;
		finish(smtp, slot, code, BODY, smtp->text->str);
		return TRUE;
	case RSET:
		if (code / 100 != 2)
			return fail_misfit(error);
		smtp->reset = FALSE;
		if (slot)
			begin(smtp, slot);
		return TRUE;
	case QUIT:
		return FALSE;
	}
	return FALSE;
}

/* 421: the server closes. The letter whose turn it was has it as its answer, also where it comes
 * before the whole letter has left. */
static gboolean closing(struct smtp *smtp, GError **error)
{
	g_autofree struct expected *expected = g_queue_pop_head(&smtp->expected);
	struct slot *oldest = g_queue_peek_head(&smtp->slots);

	if (expected && expected->command == QUIT)
		return FALSE;
	if (expected && expected->command == BODY && smtp->count >= expected->slot->end) {
		finish(smtp, expected->slot, CODE_CLOSING, BODY, smtp->text->str);
		oldest = g_queue_peek_head(&smtp->slots);
		if (oldest)
			oldest->begun = FALSE; /* it was not its turn */
	} else if (expected && expected->slot && was_its_turn(smtp, expected->slot)) {
		refuse(smtp, expected->slot, CODE_CLOSING, expected->command);
	} else if (oldest && oldest->at > 0) {
		refuse(smtp, oldest, CODE_CLOSING, BODY);
	}
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
			    _("the mail server closes the connection (421)"));
	return FALSE;
}

/* A line of an answer (4.2.1). `code_out` is 0 while more of it follows. */
static gboolean take_line(struct smtp *smtp, const char *line, gsize length, int *code_out,
			  GError **error)
{
	*code_out = 0;
	if (length < 3 || !strchr("2345", line[0]) || !g_ascii_isdigit(line[1]) ||
	    !g_ascii_isdigit(line[2]) || (length > 3 && !strchr(" -", line[3])) ||
	    ++smtp->lines > ANSWER_LINES) {
		g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
				    _("the mail server's answer is not SMTP"));
		return FALSE;
	}
	if (smtp->lines == 1)
		g_string_truncate(smtp->text, 0);
	else
		g_string_append_c(smtp->text, '\n');
	if (length > 4 && smtp->text->len < ANSWER_BYTES)
		g_string_append_len(smtp->text, line + 4, (gssize)length - 4);
	if (length > 3 && line[3] == '-')
		return TRUE;
	smtp->lines = 0;
	*code_out = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
	return TRUE;
}

/* An answer to nothing. One that comes while a letter leaves refuses that letter. */
static gboolean unexpected(struct smtp *smtp, int code, GError **error)
{
	struct slot *oldest = g_queue_peek_head(&smtp->slots);

	if (oldest && oldest->at > 0 && code >= 400)
		refuse(smtp, oldest, code, BODY);
	return fail_misfit(error);
}

static gboolean read_answers(struct smtp *smtp, GError **error)
{
	GError *problem = NULL;
	const char *line;
	gsize length = 0;
	int code = 0;

	if (!wire_pull(smtp->wire, error))
		return FALSE;
	while ((line = wire_line_now(smtp->wire, &length, &problem)) != NULL) {
		if (!take_line(smtp, line, length, &code, error))
			return FALSE;
		if (code == 0)
			continue;
		if (code == CODE_CLOSING)
			return closing(smtp, error);
		if (g_queue_is_empty(&smtp->expected))
			return unexpected(smtp, code, error);
		if (!answered(smtp, code, error))
			return FALSE;
	}
	if (problem)
		g_propagate_error(error, problem);
	return !problem;
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
	put_command(smtp, GREETING, NULL, line);
}

/* Nothing can be written any more: what it said before it went counts, and tells why. */
static gboolean hear_last(struct smtp *smtp, GError **error)
{
	GError *said = NULL;

	if (!read_answers(smtp, &said) && said) {
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
	} else if (readable && !read_answers(smtp, error)) {
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
	settle(smtp, problem ? problem->message : "");
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

	return smtp->out->len > smtp->written || (oldest && oldest->at > 0 && !oldest->end);
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

	return slot && slot->granted && !slot->end &&
	       (slot->at > 0 || smtp->uncommitted < smtp->window);
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
		add_own_result(smtp, slot, SMTP_DEFERRED, _("SMTP cannot carry the sender"), TRUE);
	else if (!slot->to)
		add_own_result(smtp, slot, SMTP_FAILED, _("SMTP cannot carry this address"), FALSE);
	else if (slot->utf8 && !smtp->offers.utf8)
		add_own_result(smtp, slot, SMTP_FAILED,
			       _("the relay takes no addresses beyond ASCII (SMTPUTF8)"), FALSE);
	else if (smtp->offers.size_max && letter->size > smtp->offers.size_max)
		add_own_result(smtp, slot, SMTP_FAILED,
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
		slot_free(slot);
}

guint smtp_letters(const struct smtp *smtp)
{
	return smtp->slots.length;
}

gboolean smtp_awaits(const struct smtp *smtp)
{
	const struct slot *slot = smtp->slots.head ? smtp->slots.head->data : NULL;

	return slot && slot->end > 0;
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
	settle(smtp, "");
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
