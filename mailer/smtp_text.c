#include "mailer/smtp_text.h"

#include "base/charset.h"

#include <string.h>

#define LOCAL_MAX   64  /* bytes, RFC 5321, 4.5.3.1.1 */
#define ADDRESS_MAX 254 /* bytes: a path of 256 with its brackets, 4.5.3.1.3 */

GByteArray *smtp_text_stuff(GBytes *message, gboolean *eight_bit_out)
{
	gsize size = 0;
	const guint8 *at = g_bytes_get_data(message, &size);
	const guint8 *end = at + size;
	GByteArray *out = g_byte_array_sized_new((guint)(size + size / 32 + 16));
	guint8 high = 0;

	for (const guint8 *byte = at; byte < end; byte++)
		high |= *byte;
	*eight_bit_out = high >= 0x80;
	while (at < end) {
		const guint8 *stop = at;

		while (stop < end && *stop != '\n' && *stop != '\r')
			stop++;
		if (*at == '.')
			g_byte_array_append(out, (const guint8 *)".", 1);
		g_byte_array_append(out, at, (guint)(stop - at));
		g_byte_array_append(out, (const guint8 *)"\r\n", 2);
		if (stop + 1 < end && stop[0] == '\r' && stop[1] == '\n')
			stop++;
		at = stop + 1;
	}
	return out;
}

static gboolean is_ascii(const char *text)
{
	for (; *text; text++)
		if ((guchar)*text >= 0x80)
			return FALSE;
	return TRUE;
}

char *smtp_text_address(const char *address, gboolean *utf8_out)
{
	const char *at = strrchr(address, '@');
	g_autofree char *domain = NULL;
	char *whole;

	*utf8_out = FALSE;
	if (!at || at == address || !at[1] || at - address > LOCAL_MAX ||
	    !g_utf8_validate(address, -1, NULL))
		return NULL;
	for (const char *byte = address; *byte; byte++)
		if ((guchar)*byte <= ' ' || *byte == 0x7f || strchr("<>,;:\\\"()", *byte))
			return NULL;
	domain = is_ascii(at + 1) ? g_strdup(at + 1) : g_hostname_to_ascii(at + 1);
	if (!domain || strchr(address, '@') != at)
		return NULL;
	whole = g_strdup_printf("%.*s@%s", (int)(at - address), address, domain);
	if (strlen(whole) > ADDRESS_MAX) {
		g_free(whole);
		return NULL;
	}
	*utf8_out = !is_ascii(whole);
	return whole;
}

static gboolean in_address(char byte)
{
	return g_ascii_isalnum(byte) || (byte && strchr("!#$%&'*+-/=?^_`{|}~.@", byte));
}

/* Where the address ends that begins here, `at` itself when none does: characters that addresses
 * are made of, an @ among them. */
static const char *address_end(const char *start, const char *at)
{
	gboolean found = FALSE;
	const char *end = at;

	if (at > start && in_address(at[-1]))
		return at;
	for (; in_address(*end); end++)
		found |= *end == '@';
	while (end > at && strchr(".-'", end[-1]))
		end--;
	return found ? end : at;
}

/* Whether `word` stands here by itself. */
static gboolean is_word(const char *start, const char *at, const char *word)
{
	gsize length = strlen(word);

	return length > 0 && strncmp(at, word, length) == 0 &&
	       (at == start || !g_ascii_isalnum(at[-1])) && !g_ascii_isalnum(at[length]);
}

/* Behind what says here who the recipient is, `at` itself when nothing does. The name without its
 * domain counts as it is written in the address: "User unknown" speaks of no one. */
static const char *person_end(const char *start, const char *at, const char *address,
			      const char *local)
{
	gsize length = strlen(address);

	if (length > 0 && g_ascii_strncasecmp(at, address, length) == 0)
		return at + length;
	if (strlen(local) >= 3 && is_word(start, at, local))
		return at + strlen(local);
	return address_end(start, at);
}

void smtp_text_words(const char *words, gsize length, const char *address, char *out, gsize size)
{
	g_autofree char *text = charset_to_utf8(words, MIN(length, 8192), NULL, NULL);
	g_autofree char *local = g_strndup(address, strcspn(address, "@"));
	GString *line = g_string_new(NULL);
	gsize keep;

	for (const char *at = text; *at;) {
		const char *end = person_end(text, at, address, local);

		if (end > at) {
			g_string_append(line, "…");
			at = end;
		} else if (g_ascii_isspace(*at) || (guchar)*at < ' ' || *at == 0x7f) {
			if (line->len && line->str[line->len - 1] != ' ')
				g_string_append_c(line, ' ');
			at++;
		} else {
			g_string_append_c(line, *at++);
		}
	}
	keep = MIN(line->len, size - 1);
	while (keep < line->len && keep > 0 && ((guchar)line->str[keep] & 0xc0) == 0x80)
		keep--;
	while (keep > 0 && line->str[keep - 1] == ' ')
		keep--;
	memcpy(out, line->str, keep);
	out[keep] = '\0';
	g_string_free(line, TRUE);
}

void smtp_text_copy(const char *words, char *out, gsize size)
{
	gsize keep = MIN(strlen(words), size - 1);

	while (keep > 0 && ((guchar)words[keep] & 0xc0) == 0x80)
		keep--;
	memcpy(out, words, keep);
	out[keep] = '\0';
}
