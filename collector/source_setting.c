#include "collector/source_setting.h"

#include <string.h>

/* The value of a setting, NULL where it is empty. */
static char *value(struct office *office, const char *group, const char *name)
{
	const char *text = office_setting(office, group, name, "");

	return *text ? g_strdup(text) : NULL;
}

static char *url_of(struct office *office, const char *group)
{
	const char *url = office_setting(office, group, "url", "");
	const char *colon = strchr(url, ':');
	g_autofree char *path = NULL;

	if (!g_str_has_prefix(url, "maildir:") && !g_str_has_prefix(url, "mbox:"))
		return g_strdup(url);
	path = office_path(office, colon + 1);
	return g_strdup_printf("%.*s%s", (int)(colon + 1 - url), url, path);
}

gboolean source_setting_read(struct office *office, const char *group,
			     struct source_setting *setting, GError **error)
{
	const char *secret = office_setting(office, group, "password_file", "");
	const char *ca_file = office_setting(office, group, "ca_file", "");

	*setting = (struct source_setting){
	    .url = url_of(office, group),
	    .user = value(office, group, "user"),
	    .ca_file = *ca_file ? office_path(office, ca_file) : NULL,
	    .starttls = strcmp(office_setting(office, group, "starttls", "required"), "off") != 0,
	    .after = value(office, group, "after"),
	};
	if (*secret)
		setting->password = office_secret(office, secret, error);
	return !*secret || setting->password;
}

void source_setting_clear(struct source_setting *setting)
{
	g_free(setting->url);
	g_free(setting->user);
	g_free(setting->password);
	g_free(setting->ca_file);
	g_free(setting->after);
}

gboolean source_setting_is_imap(const char *url)
{
	return g_str_has_prefix(url, "imap://") || g_str_has_prefix(url, "imaps://");
}

gboolean source_setting_is_pop3(const char *url)
{
	return g_str_has_prefix(url, "pop3://") || g_str_has_prefix(url, "pop3s://");
}

struct imap_options source_setting_imap(const struct source_setting *setting)
{
	return (struct imap_options){.url = setting->url,
				     .user = setting->user,
				     .password = setting->password,
				     .starttls = setting->starttls,
				     .ca_file = setting->ca_file};
}

struct pop3_options source_setting_pop3(const struct source_setting *setting)
{
	return (struct pop3_options){.url = setting->url,
				     .user = setting->user,
				     .password = setting->password,
				     .starttls = setting->starttls,
				     .ca_file = setting->ca_file};
}
