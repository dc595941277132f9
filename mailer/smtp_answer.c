#include "mailer/smtp_session.h"

#include "base/error.h"
#include "base/refusal.h"
#include "mailer/smtp_text.h"

#include <string.h>

#define ANSWER_LINES  100
#define ANSWER_BYTES  16384
#define CODE_TOO_BIG  552
#define CODE_CLOSING  421
#define CODE_CONTINUE 354

/* --- what becomes of letters --- */

static void add_result(struct smtp *smtp, struct slot *slot, enum smtp_outcome outcome,
		       const struct smtp_answer *answer)
{
	struct smtp_result *result = g_new0(struct smtp_result, 1);

	result->user = slot->letter.user;
	result->in_window = slot->end > 0;
	result->outcome = outcome;
	if (answer)
		result->answer = *answer;
	g_queue_push_tail(&smtp->results, result);
}

/* An outcome without an answer of the server: `words` are ours. */
void smtp_add_own_result(struct smtp *smtp, struct slot *slot, enum smtp_outcome outcome,
			 const char *words, gboolean about_sender)
{
	struct smtp_answer answer = {.about_sender = about_sender};

	smtp_text_copy(words, answer.words, sizeof(answer.words));
	add_result(smtp, slot, outcome, &answer);
}

/* Whether the words of a 4yz are about the mailbox (RFC 3463: x.2.z), not about its domain.
 * Greylists hold a letter up until it comes again, each for itself (RFC 6647). */
static gboolean about_mailbox(const char *words)
{
	g_autofree char *lower = g_ascii_strdown(words, -1);

	return g_str_has_prefix(words, "4.2.") || strstr(lower, "greylist") ||
	       strstr(lower, "graylist");
}

/* Whether a refusal with which it does not close is for all letters, for now: it comes before the
 * recipient is known, or is about the relay's own state. What a body is answered is about that. */
static gboolean is_for_all(int code, enum command at, const char *words)
{
	return code / 100 == 4 && (at == MAIL || (at != BODY && g_str_has_prefix(words, "4.3.")));
}

/* Whether the server closes, or should: NetEase's MI:DMC refuses all that would come over this
 * connection, which has carried enough. */
static gboolean is_closing(int code, const char *words)
{
	return code == CODE_CLOSING || (code / 100 == 4 && strstr(words, "MI:DMC"));
}

static enum smtp_outcome judge(int code, enum command at, struct smtp_answer *answer)
{
	gboolean login = code == 530 || code == 535 || code == 538;
	gboolean too_big = code == CODE_TOO_BIG || strstr(answer->words, "5.3.4");
	gboolean too_fast = refusal_is_too_fast(answer->words);
	/* a letter that has left was not refused for what the connection has carried */
	gboolean closes = code == CODE_CLOSING || (at == BODY && is_closing(code, answer->words));

	if (code / 100 == 2)
		return SMTP_SENT;
	answer->about_sender = code / 100 == 5 && (login || (at == MAIL && !too_big && !too_fast));
	answer->about_relay =
	    !answer->about_sender && ((too_fast && (at == MAIL || closes)) ||
				      (!closes && is_for_all(code, at, answer->words)));
	answer->about_domain =
	    !answer->about_sender && !answer->about_relay &&
	    (too_fast || (code / 100 == 4 && !closes && !about_mailbox(answer->words)));
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
	smtp_slot_free(slot);
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

/* Whether a letter is leaving, or has left. One whose end only waits for a commit does not: what a
 * server says or does then is about the letters before. */
static gboolean is_leaving(const struct slot *slot)
{
	return slot->at > 0 && (slot->end > 0 || slot->at < slot->letter.size);
}

/* Whether the session ended over this letter, the oldest one: not where it only waited for a
 * commit, or had not begun, or the server has had enough letters of this connection. */
static gboolean was_its_turn(const struct smtp *smtp, const struct slot *slot)
{
	return is_leaving(slot) ||
	       (slot->begun && !smtp->taken && (!slot->granted || smtp->expected.length > 0));
}

/* The session is over: what that means for each letter. The oldest one is tried; nothing was said
 * to those behind it yet. */
void smtp_settle(struct smtp *smtp, const char *why)
{
	gboolean oldest = TRUE;
	struct slot *slot;

	for (; (slot = g_queue_pop_head(&smtp->slots)) != NULL; oldest = FALSE) {
		if (slot->end && smtp->count >= slot->end)
			smtp_add_own_result(smtp, slot, SMTP_DOUBTFUL, why, FALSE);
		else if (slot->refused) {
			struct smtp_answer answer = {.code = slot->refused};

			smtp_text_words(slot->words, strlen(slot->words), slot->letter.to,
					answer.words, sizeof(answer.words));
			add_result(smtp, slot, judge(slot->refused, slot->refused_at, &answer),
				   &answer);
		} else if (oldest && was_its_turn(smtp, slot))
			smtp_add_own_result(smtp, slot, SMTP_DEFERRED, why, FALSE);
		else
			add_result(smtp, slot, SMTP_UNTRIED, NULL);
		smtp_slot_free(slot);
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

/* The first line of the answer to EHLO. */
static void note_name(struct smtp_offers *offers, const char *line)
{
	gsize length = line ? strcspn(line, " ") : 0;

	if (length > 0 && length < sizeof(offers->name) &&
	    strspn(line, HOST_CHARACTERS) == length && memchr(line, '.', length))
		g_strlcpy(offers->name, line, length + 1);
}

/* The answer that has come, for people. Returns: (transfer full) */
static char *said(const struct smtp *smtp, int code)
{
	g_autofree char *words = refusal_words(smtp->text->str);

	return *words ? g_strdup_printf("%d %s", code, words) : g_strdup_printf("%d", code);
}

static gboolean greeted(struct smtp *smtp, int code, GError **error)
{
	g_auto(GStrv) keywords = g_strsplit(smtp->text->str, "\n", 0);
	g_autofree char *words = said(smtp, code);

	if (code != 250) {
		g_set_error(error, PINGYI_ERROR,
			    code / 100 == 5 && !refusal_is_too_fast(words) ? PINGYI_ERROR_PERMANENT
									   : PINGYI_ERROR_TEMPORARY,
			    _("the mail server refused the greeting: %s"), words);
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
		smtp_put_command(smtp, EMPTY, slot, ".\r\n");
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
		smtp_put_rcpt(smtp, slot);
	else
		smtp_put_command(smtp, DATA, slot, "DATA\r\n");
}

/* FALSE when the session cannot go on. */
static gboolean answered(struct smtp *smtp, int code, GError **error)
{
	g_autofree struct expected *expected = g_queue_pop_head(&smtp->expected);
	struct slot *slot = expected->slot;

	smtp->since = g_get_monotonic_time();
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
		/* nor can it have taken what has not left */
		if (code / 100 == 3 || (code / 100 == 2 && smtp->count < slot->end))
			return fail_misfit(error);
		smtp->taken |= code / 100 == 2;
		finish(smtp, slot, code, BODY, smtp->text->str);
		return TRUE;
	case RSET:
		if (code / 100 != 2)
			return fail_misfit(error);
		smtp->reset = FALSE;
		if (slot)
			smtp_begin(smtp, slot);
		return TRUE;
	case QUIT:
		return FALSE;
	}
	return FALSE;
}

/* 421: the server closes. The letter whose turn it was has it as its answer, also where it comes
 * before the whole letter has left. */
static gboolean closing(struct smtp *smtp, int code, GError **error)
{
	g_autofree struct expected *expected = g_queue_pop_head(&smtp->expected);
	struct slot *oldest = g_queue_peek_head(&smtp->slots);
	char words[SMTP_WORDS_MAX + 1];

	if (expected && expected->command == QUIT)
		return FALSE;
	smtp_text_words(smtp->text->str, smtp->text->len, oldest ? oldest->letter.to : "", words,
			sizeof(words));
	if (expected && expected->command == BODY && smtp->count >= expected->slot->end) {
		finish(smtp, expected->slot, code, BODY, smtp->text->str);
		oldest = g_queue_peek_head(&smtp->slots);
		if (oldest)
			oldest->begun = FALSE; /* it was not its turn */
	} else if (expected && expected->slot && was_its_turn(smtp, expected->slot)) {
		refuse(smtp, expected->slot, code, expected->command);
	} else if (oldest && is_leaving(oldest)) {
		refuse(smtp, oldest, code, BODY);
	}
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
		    _("the mail server closes the connection: %d %s"), code, words);
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

	if (oldest && is_leaving(oldest) && code >= 400)
		refuse(smtp, oldest, code, BODY);
	return fail_misfit(error);
}

gboolean smtp_read_answers(struct smtp *smtp, GError **error)
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
		if (is_closing(code, smtp->text->str))
			return closing(smtp, code, error);
		if (g_queue_is_empty(&smtp->expected))
			return unexpected(smtp, code, error);
		if (!answered(smtp, code, error))
			return FALSE;
	}
	if (problem)
		g_propagate_error(error, problem);
	return !problem;
}
