#include "mailer/relay.h"

#include "base/error.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#define OPEN_SECONDS 30 /* to connect, secure and log in, at most */

static char *shown_of(const char *destination)
{
	const char *slashes = strstr(destination, "://");
	const char *at = strrchr(destination, '@');

	if (!slashes || !at || at < slashes)
		return g_strdup(destination);
	return g_strdup_printf("%.*s…%s", (int)(slashes + 3 - destination), destination, at);
}

/* 127/8 is this host (RFC 1122, 3.2.1.3), and so is where 0.0.0.0 leads. */
static gboolean is_loopback_v4(guint32 address)
{
	return address >> 24 == 127 || address >> 24 == 0;
}

static gboolean is_loopback_v6(const struct in6_addr *address)
{
	guint32 last;

	memcpy(&last, address->s6_addr + sizeof *address - sizeof last, sizeof last);
	return IN6_IS_ADDR_LOOPBACK(address) || IN6_IS_ADDR_UNSPECIFIED(address) ||
	       (IN6_IS_ADDR_V4MAPPED(address) && is_loopback_v4(g_ntohl(last)));
}

/* In small letters, without the dot of the root. */
static gboolean is_loopback_name(const char *name)
{
	/* RFC 6761, 6.3, and what /etc/hosts of Debian and Red Hat call it */
	static const char *const names[] = {
	    "localhost",  "localhost.localdomain",   "localhost4",    "localhost4.localdomain4",
	    "localhost6", "localhost6.localdomain6", "ip6-localhost", "ip6-loopback",
	    NULL};

	return g_strv_contains(names, name) || g_str_has_suffix(name, ".localhost");
}

gboolean relay_is_loopback(const char *url)
{
	g_autofree char *given = NULL;
	g_autofree char *host = NULL;
	struct in_addr v4;
	struct in6_addr v6;

	g_uri_split(url, G_URI_FLAGS_NONE, NULL, NULL, &given, NULL, NULL, NULL, NULL, NULL);
	if (!given)
		return FALSE;
	host = g_ascii_strdown(given, -1);
	for (gsize end = strlen(host); end > 0 && host[end - 1] == '.'; end--)
		host[end - 1] = '\0';
	if (inet_aton(host, &v4)) /* as browsers do: 127.1, 0x7f.1 and 2130706433, too */
		return is_loopback_v4(g_ntohl(v4.s_addr));
	if (inet_pton(AF_INET6, host, &v6) == 1)
		return is_loopback_v6(&v6);
	return is_loopback_name(host);
}

static gboolean is_relay(const char *destination)
{
	g_autofree char *person = NULL;
	g_autofree char *host = NULL;

	return (g_str_has_prefix(destination, "smtp://") ||
		g_str_has_prefix(destination, "smtps://")) &&
	       g_uri_split(destination, G_URI_FLAGS_NONE, NULL, &person, &host, NULL, NULL, NULL,
			   NULL, NULL) &&
	       !person && host && *host;
}

/* One of a few words; FALSE with an error naming the setting. */
static gboolean word_of(struct office *office, const char *group, const char *name,
			const char *fallback, const char *const *words, char **word_out,
			GError **error)
{
	const char *value = office_setting(office, group, name, fallback);
	g_autofree char *list = g_strjoinv(", ", (char **)(guintptr)words);

	*word_out = g_strdup(value);
	if (g_strv_contains(words, value))
		return TRUE;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("[%s] %s is “%s”; it can be one of: %s"), group, name, value, list);
	return FALSE;
}

static gboolean read_relay(struct relay *relay, struct office *office, const char *group,
			   GError **error)
{
	static const char *const starttls_words[] = {"required", "off", NULL};
	static const char *const login_words[] = {"auto", "plain", "login", "xoauth2", NULL};
	const char *secret = office_setting(office, group, "password_file", "");
	const char *ca_file = office_setting(office, group, "ca_file", "");
	g_autofree char *starttls = NULL;

	relay->user = g_strdup(office_setting(office, group, "user", ""));
	relay->ca_file = *ca_file ? office_path(office, ca_file) : NULL;
	if (!word_of(office, group, "starttls", "required", starttls_words, &starttls, error) ||
	    !word_of(office, group, "login", "auto", login_words, &relay->login, error) ||
	    !office_number(office, group, "connections", "4", 1, RELAY_CONNECTIONS_MAX,
			   &relay->connections, error) ||
	    !office_number(office, group, "window", "1", 1, 100, &relay->window, error) ||
	    !office_number(office, group, "answer_seconds", "300", 1, 3600, &relay->answer_seconds,
			   error))
		return FALSE;
	relay->starttls = strcmp(starttls, "off") != 0;
	if (*secret)
		relay->password = office_secret(office, secret, error);
	return !*secret || relay->password != NULL;
}

struct relay *relay_new(struct office *office, const char *group, GError **error)
{
	gboolean first = strcmp(group, "mail") == 0;
	const char *destination =
	    office_setting(office, group, "destination", first ? "maildir:outbox" : "");
	g_autoptr(relay_handle) relay = NULL;

	if (!*destination)
		return NULL;
	relay = g_new0(struct relay, 1);
	relay->shown = shown_of(destination);
	if (g_str_has_prefix(destination, "maildir:")) {
		relay->maildir = office_path(office, destination + strlen("maildir:"));
		return g_steal_pointer(&relay);
	}
	if (!is_relay(destination)) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("[%s] destination is “%s”; it can be maildir:FOLDER, smtp://HOST or "
			      "smtps://HOST (user and password_file are settings of their own)"),
			    group, relay->shown);
		return NULL;
	}
	relay->url = g_strdup(destination);
	return read_relay(relay, office, group, error) ? g_steal_pointer(&relay) : NULL;
}

void relay_free(struct relay *relay)
{
	if (!relay)
		return;
	g_free(relay->shown);
	g_free(relay->maildir);
	g_free(relay->url);
	g_free(relay->user);
	g_free(relay->password);
	g_free(relay->login);
	g_free(relay->ca_file);
	g_free(relay);
}

struct smtp_options relay_options(const struct relay *relay)
{
	return (struct smtp_options){.url = relay->url,
				     .user = relay->user,
				     .password = relay->password,
				     .login = relay->login,
				     .starttls = relay->starttls,
				     .ca_file = relay->ca_file,
				     .open_ms = MIN(relay->answer_seconds, OPEN_SECONDS) * 1000,
				     .answer_ms = relay->answer_seconds * 1000,
				     .window = relay->window};
}
