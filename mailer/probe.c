#include "mailer/probe.h"

#include "base/error.h"
#include "mailer/base64.h"
#include "mailer/mime.h"
#include "mailer/relay.h"
#include "mailer/smtp_text.h"

#include <string.h>

struct probe {
	struct relay *relay;
	char *host;   /* NULL: letters go to a folder */
	char *office; /* its name */
	char *from;
	char *home;
	char *bounce_domain;
	enum verp verp;
	struct smtp *smtp;
};

struct probe *probe_new(struct office *office, const char *group, GError **error)
{
	g_autoptr(probe_handle) probe = g_new0(struct probe, 1);
	const char *from = office_setting(office, "mail", "from", "");
	const char *at = strrchr(from, '@');

	probe->office = g_strdup(office_setting(office, "office", "name", ""));
	probe->from = g_strdup(from);
	probe->home = g_strdup(office_setting(office, "mail", "reply_to", from));
	probe->bounce_domain = g_strdup(office_setting(office, "mail", "bounce_domain", ""));
	if (!at || at == from || !at[1]) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("[mail] from is “%s”, which is no address"), from);
		return NULL;
	}
	if (!verp_parse(office_setting(office, "mail", "verp", "off"), &probe->verp, error) ||
	    !(probe->relay = relay_new(office, group, error)))
		return NULL;
	if (probe->relay->url)
		g_uri_split(probe->relay->url, G_URI_FLAGS_NONE, NULL, NULL, &probe->host, NULL,
			    NULL, NULL, NULL, NULL);
	return g_steal_pointer(&probe);
}

void probe_free(struct probe *probe)
{
	if (!probe)
		return;
	smtp_close(probe->smtp);
	relay_free(probe->relay);
	g_free(probe->host);
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
	return probe->relay->user;
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

static gboolean open_relay(struct probe *probe, GError **error)
{
	struct smtp_options options = relay_options(probe->relay);

	if (probe->smtp && !smtp_usable(probe->smtp))
		g_clear_pointer(&probe->smtp, smtp_close);
	if (!probe->smtp)
		probe->smtp = smtp_open(&options, error);
	return probe->smtp != NULL;
}

const struct smtp_offers *probe_greet(struct probe *probe, GError **error)
{
	return open_relay(probe, error) ? smtp_offers(probe->smtp) : NULL;
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
	mime_text_head(out, "text/plain");
	base64_lines(out, text, strlen(text));
	return g_string_free_to_bytes(out);
}

enum smtp_outcome probe_send(struct probe *probe, const char *token, const char *sender,
			     const char *recipient, GDateTime *now, struct smtp_answer *answer_out)
{
	g_autoptr(GBytes) message = compose(probe, token, recipient, now);
	g_autoptr(GError) problem = NULL;

	if (open_relay(probe, &problem))
		return smtp_send(probe->smtp, sender, recipient, message, answer_out);
	memset(answer_out, 0, sizeof(*answer_out));
	smtp_text_copy(problem->message, answer_out->words, sizeof(answer_out->words));
	return SMTP_DEFERRED;
}
