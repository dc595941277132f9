#include "mailer/smtp.h"

#include "base/error.h"
#include "base/wire.h"
#include "mailer/smtp_text.h"

#include <string.h>

#define OPEN_MS       30000
#define ANSWER_MS     300000
#define LETTER_MS     600000
#define QUIT_MS       2000
#define LINE_BYTES    4096
#define ANSWER_LINES  100
#define ANSWER_BYTES  16384
#define CODE_TOO_BIG  552
#define CODE_CLOSING  421
#define CODE_CONTINUE 354

/* What the server offers besides RFC 5321. */
struct offers {
	gboolean login;
	gboolean size;
	gboolean eight_bit;
	gboolean utf8;
	gboolean pipelining;
};

struct smtp {
	struct wire *wire; /* NULL when it was lost */
	struct offers offers;
	guint answer_ms;
	guint letter_ms;
	GString *text; /* of the last answer */
};

/* Reads one answer (4.2.1); its lines go to smtp->text. Returns: its code, 0 with an error. */
static int read_answer(struct smtp *smtp, GError **error)
{
	gsize length = 0;
	const char *line;

	g_string_truncate(smtp->text, 0);
	for (guint lines = 0; lines < ANSWER_LINES; lines++) {
		line = wire_line(smtp->wire, &length, error);
		if (!line)
			return 0;
		if (length < 3 || !strchr("2345", line[0]) || !g_ascii_isdigit(line[1]) ||
		    !g_ascii_isdigit(line[2]) || (length > 3 && !strchr(" -", line[3])))
			break;
		if (smtp->text->len)
			g_string_append_c(smtp->text, '\n');
		if (length > 4 && smtp->text->len < ANSWER_BYTES)
			g_string_append_len(smtp->text, line + 4, (gssize)length - 4);
		if (length == 3 || line[3] == ' ')
			return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
	}
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
			    _("the mail server's answer is not SMTP"));
	return 0;
}

static void lose(struct smtp *smtp)
{
	g_clear_pointer(&smtp->wire, wire_close);
}

/* Writes a command line and reads its answer. Returns: the code, 0 with an error. */
static int command(struct smtp *smtp, const char *line, GError **error)
{
	return wire_write(smtp->wire, line, strlen(line), NULL, error) ? read_answer(smtp, error)
								       : 0;
}

static void note_offer(struct offers *offers, const char *keyword)
{
	g_auto(GStrv) words = g_strsplit_set(keyword, " =", 2);

	if (!words[0])
		return;
	offers->login |= g_ascii_strcasecmp(words[0], "AUTH") == 0;
	offers->size |= g_ascii_strcasecmp(words[0], "SIZE") == 0;
	offers->eight_bit |= g_ascii_strcasecmp(words[0], "8BITMIME") == 0;
	offers->utf8 |= g_ascii_strcasecmp(words[0], "SMTPUTF8") == 0;
	offers->pipelining |= g_ascii_strcasecmp(words[0], "PIPELINING") == 0;
}

/* The opening has greeted already, but keeps what was offered to itself. */
static gboolean greet(struct smtp *smtp, gboolean login, GError **error)
{
	const char *host = g_get_host_name();
	g_autofree char *line = NULL;
	g_auto(GStrv) keywords = NULL;
	int code;

	if (!*host || strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789-.") != strlen(host))
		host = "localhost";
	line = g_strdup_printf("EHLO %s\r\n", host);
	code = command(smtp, line, error);
	if (code == 0)
		return FALSE;
	if (code != 250) {
		g_set_error(error, PINGYI_ERROR,
			    code / 100 == 5 ? PINGYI_ERROR_PERMANENT : PINGYI_ERROR_TEMPORARY,
			    _("the mail server refused the greeting (%d)"), code);
		return FALSE;
	}
	keywords = g_strsplit(smtp->text->str, "\n", 0);
	for (char **keyword = keywords; *keyword; keyword++)
		note_offer(&smtp->offers, *keyword);
	if (login && !smtp->offers.login) {
		g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
				    _("there is a user, but the mail server offers no login"));
		return FALSE;
	}
	return TRUE;
}

struct smtp *smtp_open(const struct smtp_options *options, GError **error)
{
	struct wire_options wire = {
	    .url = options->url,
	    .user = options->user,
	    .password = options->password,
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
	smtp->answer_ms = wire.answer_ms;
	smtp->letter_ms = options->answer_ms ? options->answer_ms : LETTER_MS;
	smtp->wire = wire_open(&wire, error);
	if (smtp->wire && greet(smtp, options->user && *options->user, error))
		return smtp;
	smtp_close(smtp);
	return NULL;
}

gboolean smtp_usable(const struct smtp *smtp)
{
	return smtp->wire != NULL;
}

void smtp_close(struct smtp *smtp)
{
	if (!smtp)
		return;
	if (smtp->wire) {
		/* Politeness only: nothing depends on whether it is heard. */
		wire_set_answer_ms(smtp->wire, QUIT_MS);
		command(smtp, "QUIT\r\n", NULL);
	}
	lose(smtp);
	g_string_free(smtp->text, TRUE);
	g_free(smtp);
}

/* One letter on its way. */
struct parcel {
	const char *recipient; /* as it was given */
	char *from;
	char *to;
	GByteArray *body;
	gboolean eight_bit;
	gboolean utf8;
};

static void parcel_clear(struct parcel *parcel)
{
	g_free(parcel->from);
	g_free(parcel->to);
	if (parcel->body)
		g_byte_array_unref(parcel->body);
}

static enum smtp_outcome own_words(struct smtp_answer *answer, const char *words,
				   enum smtp_outcome outcome)
{
	g_strlcpy(answer->words, words, sizeof(answer->words));
	return outcome;
}

static gboolean pack(struct parcel *parcel, const char *from, GBytes *message)
{
	gboolean from_utf8 = FALSE;
	gboolean to_utf8 = FALSE;

	parcel->from = *from ? smtp_text_address(from, &from_utf8) : g_strdup("");
	parcel->to = smtp_text_address(parcel->recipient, &to_utf8);
	parcel->utf8 = from_utf8 || to_utf8;
	if (parcel->from && parcel->to)
		parcel->body = smtp_text_stuff(message, &parcel->eight_bit);
	return parcel->body != NULL;
}

/* The connection is gone: what that means for the letter. */
static enum smtp_outcome lost(struct smtp *smtp, struct smtp_answer *answer,
			      enum smtp_outcome outcome, GError *problem)
{
	lose(smtp);
	answer->code = 0;
	own_words(answer, problem->message, outcome);
	g_error_free(problem);
	return outcome;
}

/* After a refusal the session goes on (4.1.1.5); where that fails it is over. */
static void start_over(struct smtp *smtp, int code)
{
	if (code == CODE_CLOSING || command(smtp, "RSET\r\n", NULL) != 250)
		lose(smtp);
}

/* What an answer that is no consent means. `mail` tells that it was to MAIL. */
static enum smtp_outcome refused(struct smtp *smtp, int code, gboolean mail,
				 struct smtp_answer *answer)
{
	gboolean login = code == 530 || code == 535 || code == 538;
	gboolean too_big = code == CODE_TOO_BIG || strstr(answer->words, "5.3.4");

	if (code / 100 == 5)
		answer->about_sender =
		    login || (mail && !too_big) || smtp_text_too_fast(answer->words);
	start_over(smtp, code);
	return code / 100 == 5 && !answer->about_sender ? SMTP_FAILED : SMTP_DEFERRED;
}

/* Reads an answer for the letter. Returns: its code, 0 with an error. */
static int answered(struct smtp *smtp, const struct parcel *parcel, struct smtp_answer *answer,
		    GError **error)
{
	answer->code = read_answer(smtp, error);
	if (answer->code)
		smtp_text_words(smtp->text->str, smtp->text->len, parcel->recipient, answer->words,
				sizeof(answer->words));
	return answer->code;
}

/* MAIL and RCPT, in one write where the server allows it (RFC 2920). Returns: SMTP_SENT when both
 * were taken. */
static enum smtp_outcome envelope(struct smtp *smtp, const struct parcel *parcel,
				  struct smtp_answer *answer)
{
	g_autofree char *size = g_strdup_printf(" SIZE=%u", parcel->body->len);
	g_autofree char *mail =
	    g_strdup_printf("MAIL FROM:<%s>%s%s%s\r\n", parcel->from, smtp->offers.size ? size : "",
			    parcel->eight_bit && smtp->offers.eight_bit ? " BODY=8BITMIME" : "",
			    parcel->utf8 ? " SMTPUTF8" : "");
	g_autofree char *rcpt = g_strdup_printf("RCPT TO:<%s>\r\n", parcel->to);
	g_autofree char *both = g_strconcat(mail, rcpt, NULL);
	gboolean together = smtp->offers.pipelining;
	const char *first = together ? both : mail;
	GError *problem = NULL;
	int code = 0;

	if (wire_write(smtp->wire, first, strlen(first), NULL, &problem))
		code = answered(smtp, parcel, answer, &problem);
	if (code && code / 100 != 2) {
		/* The answer to RCPT comes too, and says nothing new. */
		if (together && code != CODE_CLOSING && !read_answer(smtp, &problem))
			return lost(smtp, answer, SMTP_DEFERRED, problem);
		return refused(smtp, code, TRUE, answer);
	}
	if (code && !together && !wire_write(smtp->wire, rcpt, strlen(rcpt), NULL, &problem))
		code = 0;
	if (code)
		code = answered(smtp, parcel, answer, &problem);
	if (!code)
		return lost(smtp, answer, SMTP_DEFERRED, problem);
	return code / 100 == 2 ? SMTP_SENT : refused(smtp, code, FALSE, answer);
}

/* DATA, the letter, and the one answer that counts. */
static enum smtp_outcome content(struct smtp *smtp, const struct parcel *parcel,
				 struct smtp_answer *answer)
{
	static const char dot[] = ".\r\n";
	GError *problem = NULL;
	int code = 0;

	if (wire_write(smtp->wire, "DATA\r\n", 6, NULL, &problem))
		code = answered(smtp, parcel, answer, &problem);
	if (!code)
		return lost(smtp, answer, SMTP_DEFERRED, problem);
	if (code != CODE_CONTINUE)
		return refused(smtp, code, FALSE, answer);
	/* The closing dot leaves by itself: before its last byte the relay cannot have the letter.
	 */
	if (!wire_write(smtp->wire, parcel->body->data, parcel->body->len, NULL, &problem))
		return lost(smtp, answer, SMTP_DEFERRED, problem);
	if (!wire_write(smtp->wire, dot, strlen(dot), NULL, &problem))
		return lost(smtp, answer, SMTP_DEFERRED, problem);
	wire_set_answer_ms(smtp->wire, smtp->letter_ms);
	code = answered(smtp, parcel, answer, &problem);
	if (!code)
		return lost(smtp, answer, SMTP_DOUBTFUL, problem);
	wire_set_answer_ms(smtp->wire, smtp->answer_ms);
	if (code / 100 == 3) {
		lose(smtp);
		return SMTP_DOUBTFUL;
	}
	return code / 100 == 2 ? SMTP_SENT : refused(smtp, code, FALSE, answer);
}

enum smtp_outcome smtp_send(struct smtp *smtp, const char *from, const char *recipient,
			    GBytes *message, struct smtp_answer *answer_out)
{
	struct parcel parcel = {.recipient = recipient};
	enum smtp_outcome outcome;

	memset(answer_out, 0, sizeof(*answer_out));
	if (!smtp->wire)
		return own_words(answer_out, _("the connection to the mail server was lost"),
				 SMTP_DEFERRED);
	if (!pack(&parcel, from, message)) {
		answer_out->about_sender = !parcel.from;
		outcome =
		    parcel.from
			? own_words(answer_out, _("SMTP cannot carry this address"), SMTP_FAILED)
			: own_words(answer_out, _("SMTP cannot carry the sender"), SMTP_DEFERRED);
	} else if (parcel.utf8 && !smtp->offers.utf8) {
		outcome =
		    own_words(answer_out, _("the relay takes no addresses beyond ASCII (SMTPUTF8)"),
			      SMTP_FAILED);
	} else {
		outcome = envelope(smtp, &parcel, answer_out);
		if (outcome == SMTP_SENT)
			outcome = content(smtp, &parcel, answer_out);
	}
	parcel_clear(&parcel);
	return outcome;
}
