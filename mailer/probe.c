#include "mailer/probe.h"

#include "base/error.h"
#include "base/wire.h"
#include "mailer/mime.h"

#include <string.h>

#define OPEN_MS      30000
#define ANSWER_MS    60000
#define LINE_BYTES   4096
#define ANSWER_LINES 100

struct probe {
	char *url; /* NULL: letters go to a folder */
	char *host;
	char *user;
	char *password;
	char *ca_file;
	gboolean starttls;
	char *office; /* its name */
	char *from;
	char *home;
	char *bounce_domain;
	enum verp verp;
	struct smtp *smtp;
};

static gboolean read_relay(struct probe *probe, struct office *office, GError **error)
{
	const char *secret = office_setting(office, "mail", "password_file", "");
	const char *ca_file = office_setting(office, "mail", "ca_file", "");
	const char *url = office_setting(office, "mail", "destination", "maildir:outbox");
	g_autofree char *person = NULL;

	if (g_str_has_prefix(url, "maildir:"))
		return TRUE;
	if (!g_uri_split(url, G_URI_FLAGS_NONE, NULL, &person, &probe->host, NULL, NULL, NULL, NULL,
			 NULL) ||
	    person || !probe->host || !*probe->host) {
		g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
				    _("[mail] destination names no relay (smtp://HOST or "
				      "smtps://HOST; user and password_file stand by themselves)"));
		return FALSE;
	}
	probe->url = g_strdup(url);
	probe->ca_file = *ca_file ? office_path(office, ca_file) : NULL;
	if (*secret)
		probe->password = office_secret(office, secret, error);
	return !*secret || probe->password;
}

struct probe *probe_new(struct office *office, GError **error)
{
	g_autoptr(probe_handle) probe = g_new0(struct probe, 1);
	const char *from = office_setting(office, "mail", "from", "");
	const char *at = strrchr(from, '@');

	probe->office = g_strdup(office_setting(office, "office", "name", ""));
	probe->from = g_strdup(from);
	probe->home = g_strdup(office_setting(office, "mail", "reply_to", from));
	probe->bounce_domain = g_strdup(office_setting(office, "mail", "bounce_domain", ""));
	probe->user = g_strdup(office_setting(office, "mail", "user", ""));
	probe->starttls =
	    strcmp(office_setting(office, "mail", "starttls", "required"), "off") != 0;
	if (!at || at == from || !at[1]) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("[mail] from is “%s”, which is no address"), from);
		return NULL;
	}
	if (!verp_parse(office_setting(office, "mail", "verp", "off"), &probe->verp, error) ||
	    !read_relay(probe, office, error))
		return NULL;
	return g_steal_pointer(&probe);
}

void probe_free(struct probe *probe)
{
	if (!probe)
		return;
	smtp_close(probe->smtp);
	g_free(probe->url);
	g_free(probe->host);
	g_free(probe->user);
	g_free(probe->password);
	g_free(probe->ca_file);
	g_free(probe->office);
	g_free(probe->from);
	g_free(probe->home);
	g_free(probe->bounce_domain);
	g_free(probe);
}

const char *probe_host(const struct probe *probe)
{
	return probe->host;
}

const char *probe_user(const struct probe *probe)
{
	return probe->user;
}

const char *probe_from(const struct probe *probe)
{
	return probe->from;
}

const char *probe_home(const struct probe *probe)
{
	return probe->home;
}

const char *probe_bounce_domain(const struct probe *probe)
{
	return probe->bounce_domain;
}

enum verp probe_verp(const struct probe *probe)
{
	return probe->verp;
}

/* One line of the answer to EHLO, without its code. */
static void note_offer(struct probe_offers *offers, const char *line)
{
	g_auto(GStrv) words = g_strsplit_set(line, " =", 3);

	if (!words[0])
		return;
	offers->pipelining |= g_ascii_strcasecmp(words[0], "PIPELINING") == 0;
	offers->utf8 |= g_ascii_strcasecmp(words[0], "SMTPUTF8") == 0;
	offers->dsn |= g_ascii_strcasecmp(words[0], "DSN") == 0;
	offers->login |= g_ascii_strcasecmp(words[0], "AUTH") == 0;
	if (g_ascii_strcasecmp(words[0], "SIZE") == 0) {
		offers->size = TRUE;
		if (words[1])
			g_ascii_string_to_unsigned(words[1], 10, 0, G_MAXINT64, &offers->size_max,
						   NULL);
	}
}

/* EHLO and its answer. */
static gboolean ask_offers(struct wire *wire, struct probe_offers *offers, GError **error)
{
	g_autofree char *name = NULL;
	gsize length = 0;

	if (!wire_write(wire, "EHLO localhost\r\n", 16, NULL, error))
		return FALSE;
	for (guint i = 0; i < ANSWER_LINES; i++) {
		const char *line = wire_line(wire, &length, error);

		if (!line)
			return FALSE;
		if (length < 4 || !g_str_has_prefix(line, "250"))
			break;
		if (i == 0)
			name = g_strndup(line + 4, strcspn(line + 4, " "));
		else
			note_offer(offers, line + 4);
		if (line[3] == ' ') {
			if (strchr(name, '.') && strspn(name, "abcdefghijklmnopqrstuvwxyz"
							      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
							      "0123456789.-") == strlen(name))
				offers->name = g_steal_pointer(&name);
			return TRUE;
		}
	}
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
			    _("the mail server's answer is not SMTP"));
	return FALSE;
}

gboolean probe_greet(struct probe *probe, struct probe_offers *offers_out, GError **error)
{
	struct wire_options options = {.url = probe->url,
				       .user = probe->user,
				       .password = probe->password,
				       .starttls = probe->starttls,
				       .ca_file = probe->ca_file,
				       .open_ms = OPEN_MS,
				       .answer_ms = ANSWER_MS,
				       .line_max = LINE_BYTES};
	g_autoptr(wire_handle) wire = NULL;

	memset(offers_out, 0, sizeof(*offers_out));
	wire = wire_open(&options, error);
	if (!wire || !ask_offers(wire, offers_out, error))
		return FALSE;
	offers_out->tls = g_strdup(wire_tls(wire));
	/* politeness only */
	wire_write(wire, "QUIT\r\n", 6, NULL, NULL);
	return TRUE;
}

void probe_offers_clear(struct probe_offers *offers)
{
	g_clear_pointer(&offers->name, g_free);
	g_clear_pointer(&offers->tls, g_free);
}

char *probe_message_id(const struct probe *probe, const char *token)
{
	return g_strdup_printf("%s%s", token, strrchr(probe->from, '@'));
}

/* As a real letter, so that a relay treats it as one. */
static GBytes *compose(const struct probe *probe, const char *token, const char *recipient,
		       GDateTime *now)
{
	const char *domain = strrchr(probe->from, '@');
	GString *out = g_string_new(NULL);
	g_autofree char *subject = g_strdup_printf(_("Mail check %s"), token);
	g_autofree char *id = g_strdup_printf("<%s%s>", token, domain);
	g_autofree char *parent = g_strdup_printf("<letter.%s%s>", token, domain);
	const char *text = _("This is a test that pingyi sent to its own office, to see whether "
			     "letters leave and come back. Nothing needs to be done; it may be "
			     "deleted.\n");

	mime_address(out, "From", probe->office, probe->from);
	mime_address(out, "To", NULL, recipient);
	mime_header(out, "Subject", subject);
	mime_date(out, now);
	mime_header(out, "Message-ID", id);
	mime_header(out, "References", parent);
	mime_header(out, "Auto-Submitted", "auto-generated");
	mime_header(out, "X-Auto-Response-Suppress", "OOF, AutoReply");
	mime_header(out, "X-Pingyi-Check", token);
	mime_header(out, "MIME-Version", "1.0");
	mime_text(out, "text/plain", text, strlen(text));
	return g_string_free_to_bytes(out);
}

enum smtp_outcome probe_send(struct probe *probe, const char *token, const char *sender,
			     const char *recipient, GDateTime *now, struct smtp_answer *answer_out)
{
	struct smtp_options options = {.url = probe->url,
				       .user = probe->user,
				       .password = probe->password,
				       .starttls = probe->starttls,
				       .ca_file = probe->ca_file};
	g_autoptr(GBytes) message = compose(probe, token, recipient, now);
	g_autoptr(GError) problem = NULL;

	if (probe->smtp && !smtp_usable(probe->smtp))
		g_clear_pointer(&probe->smtp, smtp_close);
	if (!probe->smtp)
		probe->smtp = smtp_open(&options, &problem);
	if (probe->smtp)
		return smtp_send(probe->smtp, sender, recipient, message, answer_out);
	memset(answer_out, 0, sizeof(*answer_out));
	g_strlcpy(answer_out->words, problem->message, sizeof(answer_out->words));
	return SMTP_DEFERRED;
}
