#include "db/letter.h"

#include <string.h>

char *letter_link(struct office *office, const char *number, guint turn)
{
	const char *url = office_setting(office, "office", "public_url", "http://127.0.0.1:8080");
	char secret[SECRET_LENGTH + 1];

	key_link_secret(office_key(office), number, turn, secret);
	return g_strconcat(url, g_str_has_suffix(url, "/") ? "" : "/", "l/", secret, NULL);
}

char *letter_domain(struct office *office)
{
	const char *from = office_setting(office, "mail", "from", "");
	const char *at = strrchr(from, '@');

	return g_strdup(at && at[1] ? at + 1 : "localhost");
}

char *letter_message_id(struct office *office, const char *number, const char *what)
{
	g_autofree char *domain = letter_domain(office);
	g_autofree char *whole = g_strconcat(number, "/", what, NULL);
	g_autofree char *token = key_token(office_key(office), "message-id", whole);

	return g_strdup_printf("<%s.%s@%s>", number, token, domain);
}
