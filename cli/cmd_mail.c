#include "cli/command.h"

#include "base/error.h"
#include "cli/mail_check.h"
#include "mailer/gate.h"

#include <string.h>

#define WAIT_S     60
#define WAIT_S_MAX 3600

static char *to;
static char *outgoing;
static char *resolver;
static gint wait_s = WAIT_S;
static gboolean no_send;

static const GOptionEntry entries[] = {
    {"to", 0, 0, G_OPTION_ARG_STRING, &to, N_("send the letter there, not to the office itself"),
     "ADDRESS"},
    {"wait", 0, 0, G_OPTION_ARG_INT, &wait_s, N_("how long to wait for it (60)"), "SECONDS"},
    {"no-send", 0, 0, G_OPTION_ARG_NONE, &no_send, N_("log in and ask the DNS, send nothing"),
     NULL},
    {"outgoing", 0, 0, G_OPTION_ARG_STRING, &outgoing,
     N_("the address from which the relay sends, as others see it"), "ADDRESS"},
    {"resolver", 0, 0, G_OPTION_ARG_STRING, &resolver, N_("ask this name server, not the system's"),
     "ADDRESS[:PORT]"},
    G_OPTION_ENTRY_NULL};

void mail_check_fail(struct mail_check *check, GError *error)
{
	if (check->failure)
		g_error_free(error);
	else
		check->failure = error;
}

/* A relay to greet, and what is said of it. */
struct greeting {
	struct probe *probe;
	const char *group; /* of its settings */
	const char *login; /* names of findings */
	const char *offers;
};

/* What the relay is called, and how it is reached. */
static void tell_login(struct mail_check *check, const struct greeting *greeting,
		       const struct smtp_offers *offers)
{
	const char *host = probe_host(greeting->probe);
	const char *user = probe_user(greeting->probe);
	const char *tls = *offers->tls ? offers->tls : NULL;
	gboolean here = strcmp(host, "localhost") == 0 || g_str_has_prefix(host, "127.") ||
			strcmp(host, "::1") == 0;

	finding_add(check->findings, tls || here ? FINDING_GOOD : FINDING_WARN, greeting->login,
		    _("Connection"), "%s: %s%s%s", host, tls ? tls : _("not encrypted"),
		    *user ? _(", logged in as ") : _(", without a login"), user);
	if (!tls && !here)
		finding_advise(check->findings,
			       _("The letters can be read on their way: use smtps:// or "
				 "starttls = required."));
}

static void tell_offers(struct mail_check *check, const struct greeting *greeting,
			const struct smtp_offers *offers)
{
	g_autofree char *size = offers->size_max ? g_format_size(offers->size_max) : NULL;
	GString *has = g_string_new(NULL);
	g_autofree char *text = NULL;

	if (offers->pipelining)
		g_string_append(has, ", PIPELINING");
	if (offers->size)
		g_string_append_printf(has, ", SIZE%s%s", size ? " " : "", size ? size : "");
	if (offers->utf8)
		g_string_append(has, ", SMTPUTF8");
	if (offers->dsn)
		g_string_append(has, ", DSN");
	if (offers->login)
		g_string_append(has, ", AUTH");
	text = g_string_free(has, FALSE);
	finding_add(check->findings, FINDING_NOTE, greeting->offers, _("Offers"), "%s%s",
		    *text ? text + 2 : _("nothing beyond plain SMTP"),
		    offers->pipelining ? "" : _("; without PIPELINING it is slower"));
}

/* Logs in and tells how that went. Returns: (transfer none) NULL when it did not. */
static const struct smtp_offers *greet(struct mail_check *check, const struct greeting *greeting)
{
	GError *problem = NULL;
	const struct smtp_offers *offers = probe_greet(greeting->probe, &problem);

	if (offers) {
		tell_login(check, greeting, offers);
		tell_offers(check, greeting, offers);
		return offers;
	}
	finding_add(check->findings, FINDING_FAILED, greeting->login, _("Connection"), "%s: %s",
		    probe_host(greeting->probe), problem->message);
	if (problem->code == PINGYI_ERROR_PERMANENT && *probe_user(greeting->probe))
		finding_advise(check->findings,
			       _("Look at user and password_file under [%s]. At 163, 126 and QQ "
				 "the file holds the authorisation code (授权码), not the password "
				 "of the web pages."),
			       greeting->group);
	else
		finding_advise(check->findings,
			       _("Look at destination, starttls and ca_file under [%s], and "
				 "whether the port is open from here."),
			       greeting->group);
	mail_check_fail(check, problem);
	return NULL;
}

gboolean mail_check_relay(struct mail_check *check)
{
	const struct greeting greeting = {check->probe, "mail", "relay.login", "relay.offers"};
	const struct smtp_offers *offers;

	finding_section(check->findings, _("Relay"));
	if (!probe_host(check->probe)) {
		finding_add(check->findings, FINDING_WARN, "relay.login", _("Connection"), "%s",
			    _("[mail] destination is a folder: letters do not leave this machine"));
		finding_advise(check->findings, _("Name a relay in pingyi.conf: [mail] "
						  "destination = smtps://HOST (docs/relays.md)."));
		return FALSE;
	}
	offers = greet(check, &greeting);
	if (offers)
		check->offers = *offers;
	return offers != NULL;
}

/* Letters whose links nobody can open do not leave, however well the relay works. */
static void check_links(struct mail_check *check)
{
	g_autoptr(GError) problem = NULL;

	if (gate_check_link(check->office, &problem))
		return;
	finding_add(check->findings, FINDING_WARN, "relay.links", _("Links"), "%s",
		    problem->message);
	finding_advise(check->findings, "%s",
		       _("Set [office] public_url to the address at which enterprises reach the "
			 "pages."));
}

/* The relay that takes over while the first sends nothing: it is logged in to, letters are tried
 * through the first alone. */
static void check_second(struct mail_check *check, struct probe *second)
{
	const struct greeting greeting = {second, "mail second", "second.login", "second.offers"};

	finding_section(check->findings, _("Second relay"));
	if (probe_host(second)) {
		greet(check, &greeting);
		return;
	}
	finding_add(check->findings, FINDING_WARN, "second.login", _("Connection"), "%s",
		    _("[mail second] destination is a folder: letters that go there do not leave "
		      "this machine"));
}

static gboolean run_check(struct app *app, struct mail_check *check, GError **error)
{
	const char *done = _("nothing has to be mended; pingyi send sends.");
	g_autoptr(probe_handle) second = NULL;
	GError *problem = NULL;
	gboolean greeted;

	check->office = app_office(app, error);
	check->probe = check->office ? probe_new(check->office, "mail", error) : NULL;
	check->dns = check->probe ? dns_new(resolver, error) : NULL;
	if (!check->dns)
		return FALSE;
	second = probe_new(check->office, "mail second", &problem);
	if (problem) {
		g_propagate_error(error, problem);
		return FALSE;
	}
	greeted = mail_check_relay(check);
	check_links(check);
	if (greeted && !no_send)
		mail_check_letters(check);
	if (second)
		check_second(check, second);
	mail_check_domain(check);
	if (app->json)
		findings_print_json(check->findings, done);
	else
		findings_print(check->findings, done);
	if (!check->failure)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&check->failure));
	return FALSE;
}

gboolean cmd_mail(struct app *app, int argc, char **argv, GError **error)
{
	g_autoptr(findings_handle) findings = findings_new();
	struct mail_check check = {.findings = findings, .now = app->now};
	gboolean good;

	if (!app_options(&argc, &argv, entries, "check",
			 _("Logs in to the relays of pingyi.conf, sends the office a letter and "
			   "waits for it, tries VERP, and looks up SPF, DKIM, DMARC, PTR and MX of "
			   "the sending domain; prints the records to publish. Only a failed login "
			   "or letter is an error; the rest is advice."),
			 error))
		return FALSE;
	if (argc != 2 || strcmp(argv[1], "check") != 0)
		return app_usage(error, "mail check [--to ADDRESS] [--wait SECONDS] [--no-send] "
					"[--outgoing ADDRESS] [--resolver ADDRESS[:PORT]]");
	if (wait_s < 0 || wait_s > WAIT_S_MAX) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("--wait: from 0 to %d seconds"), WAIT_S_MAX);
		return FALSE;
	}
	check.wait_s = (guint)wait_s;
	check.to = to;
	check.outgoing = outgoing;
	good = run_check(app, &check, error);
	arrival_free(check.arrival);
	g_clear_error(&check.failure);
	dns_free(check.dns);
	probe_free(check.probe);
	return good;
}
