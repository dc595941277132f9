#include "base/heard.h"

#include "base/refusal.h"

#include <string.h>

#define SAID_BYTES 1000 /* of an answer, that are kept */
#define NAME_LEAST 3    /* bytes of a name that is not quoted; shorter ones name nobody */
#define FORMS      5    /* in which a server is given a password */

struct heard {
	GString *said;    /* the last answer, as one line */
	gboolean goes_on; /* more of it follows */
	gboolean secret;  /* a secret stood in it, perhaps behind what is kept */
	char *name;       /* of the login, without its domain; NULL: none */
	char *secrets[FORMS + 1];
};

/* As IMAP quotes it in LOGIN. */
static char *escaped(const char *password)
{
	GString *out = g_string_new(NULL);

	for (const char *p = password; *p; p++)
		g_string_append_printf(out, "%s%c", strchr("\"\\", *p) ? "\\" : "", *p);
	return g_string_free(out, FALSE);
}

struct heard *heard_new(const char *user, const char *password)
{
	struct heard *heard = g_new0(struct heard, 1);
	g_autofree char *token = g_strdup_printf("user=%s\1auth=Bearer %s\1\1", user ? user : "",
						 password ? password : "");
	GString *plain = g_string_new(NULL);

	heard->said = g_string_new(NULL);
	heard->name = user ? g_strndup(user, strcspn(user, "@")) : NULL;
	g_string_append_c(plain, '\0');
	g_string_append(plain, user ? user : "");
	g_string_append_c(plain, '\0');
	g_string_append(plain, password ? password : "");
	if (password && *password) {
		heard->secrets[0] = g_strdup(password);
		heard->secrets[1] = g_base64_encode((const guchar *)password, strlen(password));
		heard->secrets[2] = g_base64_encode((const guchar *)plain->str, plain->len);
		heard->secrets[3] = g_base64_encode((const guchar *)token, strlen(token));
		heard->secrets[4] = escaped(password);
	}
	g_string_free(plain, TRUE);
	return heard;
}

void heard_free(struct heard *heard)
{
	if (!heard)
		return;
	g_string_free(heard->said, TRUE);
	g_free(heard->name);
	for (guint i = 0; i < FORMS; i++)
		g_free(heard->secrets[i]);
	g_free(heard);
}

/* Whether a line begins as an answer of SMTP does. */
static gboolean has_code(const char *line)
{
	return g_ascii_isdigit(line[0]) && g_ascii_isdigit(line[1]) && g_ascii_isdigit(line[2]);
}

static gboolean is_secret(const struct heard *heard, const char *words)
{
	for (guint i = 0; heard->secrets[i]; i++)
		if (strstr(words, heard->secrets[i]))
			return TRUE;
	return FALSE;
}

void heard_add(struct heard *heard, const char *bytes, gsize size)
{
	g_autofree char *line = g_strndup(bytes, size);
	gboolean more, secret = is_secret(heard, line);

	line[strcspn(line, "\r\n")] = '\0';
	if (strlen(line) > SAID_BYTES)
		line[SAID_BYTES] = '\0';
	more = heard->goes_on && has_code(line) && line[3];
	heard->goes_on = has_code(line) && line[3] == '-';
	if (!more) {
		if (heard->goes_on)
			line[3] = ' ';
		g_string_assign(heard->said, line);
		heard->secret = secret;
	} else if (heard->said->len < SAID_BYTES) {
		heard->secret |= secret;
		g_string_append_c(heard->said, ' ');
		g_string_append(heard->said, line + 4);
	}
}

const char *heard_refusal(const struct heard *heard)
{
	const char *said = heard->said->str;
	const char *state = strchr(said, ' ');

	if (has_code(said))
		return strchr("45", said[0]) ? said : NULL;
	if (g_str_has_prefix(said, "-ERR"))
		return said;
	state = state ? state + 1 : "";
	return g_str_has_prefix(state, "NO ") || g_str_has_prefix(state, "BAD ") ||
		       g_str_has_prefix(state, "BYE")
		   ? state
		   : NULL;
}

gboolean heard_is_strange(const struct heard *heard)
{
	const char *said = heard->said->str;

	return *said && !has_code(said) && !strchr("*+-", *said) && !heard_refusal(heard) &&
	       !(g_ascii_isupper(said[0]) && g_ascii_isdigit(said[1])); /* libcurl's tags */
}

/* Puts "…" where the name stands by itself. */
static char *without_name(const char *name, const char *words)
{
	g_autofree char *escaped = g_regex_escape_string(name, -1);
	g_autofree char *pattern = g_strdup_printf("(?<![[:alnum:]])%s(?![[:alnum:]])", escaped);
	g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_CASELESS, 0, NULL);
	char *masked = regex ? g_regex_replace_literal(regex, words, -1, 0, "…", 0, NULL) : NULL;

	return masked ? masked : g_strdup("");
}

char *heard_quote(const struct heard *heard)
{
	const char *refusal = heard_refusal(heard);
	const char *words = refusal ? refusal : heard->said->str;
	g_autofree char *shown = NULL;

	if (!refusal && !heard_is_strange(heard))
		return NULL;
	shown = refusal_words(words);
	if (heard->secret || is_secret(heard, words) || is_secret(heard, shown))
		return g_strndup(words, refusal ? strcspn(words, " ") : 0);
	return heard->name && strlen(heard->name) >= NAME_LEAST ? without_name(heard->name, shown)
								: g_steal_pointer(&shown);
}
