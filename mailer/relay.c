#include "mailer/relay.h"

#include "base/error.h"

#include <gio/gio.h>
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

static char *host_of(const char *url)
{
	char *host = NULL;

	g_uri_split(url, G_URI_FLAGS_NONE, NULL, NULL, &host, NULL, NULL, NULL, NULL, NULL);
	return host;
}

gboolean relay_is_loopback(const char *url)
{
	g_autofree char *host = host_of(url);
	g_autoptr(GInetAddress) address = host ? g_inet_address_new_from_string(host) : NULL;

	if (address)
		return g_inet_address_get_is_loopback(address);
	return host &&
	       (g_ascii_strcasecmp(host, "localhost") == 0 || g_str_has_suffix(host, ".localhost"));
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

static gboolean count_of(struct office *office, const char *group, const char *name,
			 const char *fallback, guint max, guint *count_out, GError **error)
{
	const char *value = office_setting(office, group, name, fallback);
	guint64 count = 0;

	if (g_ascii_string_to_unsigned(value, 10, 1, max, &count, NULL)) {
		*count_out = (guint)count;
		return TRUE;
	}
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("[%s] %s is “%s”; it can be 1 to %u"), group, name, value, max);
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
	relay->loopback = relay_is_loopback(relay->url);
	if (!word_of(office, group, "starttls", "required", starttls_words, &starttls, error) ||
	    !word_of(office, group, "login", "auto", login_words, &relay->login, error) ||
	    !count_of(office, group, "connections", "4", RELAY_CONNECTIONS_MAX, &relay->connections,
		      error) ||
	    !count_of(office, group, "window", "1", 100, &relay->window, error) ||
	    !count_of(office, group, "answer_seconds", "300", 3600, &relay->answer_seconds, error))
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
		relay->loopback = TRUE;
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
