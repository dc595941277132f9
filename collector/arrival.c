#include "collector/arrival.h"

#include "collector/header.h"
#include "collector/mime.h"

#include <string.h>

#define PREFIX_MIN 14 /* hexadecimal digits that exmail puts before a Message-ID */
#define PREFIX_MAX 16
#define WORD_MAX   20 /* characters of a result */

void arrival_free(struct arrival *arrival)
{
	if (!arrival)
		return;
	g_free(arrival->spf);
	g_free(arrival->dkim);
	g_free(arrival->dmarc);
	g_free(arrival->authority);
	g_free(arrival->client_address);
	g_free(arrival->message_id);
	g_free(arrival->moved_id);
	g_free(arrival->return_path);
	g_clear_pointer(&arrival->references, g_ptr_array_unref);
	g_clear_pointer(&arrival->signatures, g_ptr_array_unref);
	g_free(arrival);
}

const char *arrival_own_id(const char *id)
{
	gsize digits = strspn(id, "0123456789ABCDEF");

	return digits >= PREFIX_MIN && digits <= PREFIX_MAX && id[digits] == '+' ? id + digits + 1
										 : id;
}

/* Without comments in brackets, nested ones too (RFC 5322, 3.2.2). Returns: (transfer full) */
static char *without_comments(const char *text)
{
	GString *out = g_string_new(NULL);
	guint depth = 0;

	for (; *text; text++) {
		if (*text == '(')
			depth++;
		else if (*text == ')' && depth)
			depth--;
		else if (!depth)
			g_string_append_c(out, *text);
	}
	return g_string_free(out, FALSE);
}

/* The word behind "method=" in one result, where it is of that method. Returns: (transfer full) */
static char *result_of(const char *text, const char *method)
{
	gsize length = strlen(method);
	const char *at = text + strspn(text, " \t\r\n");

	if (g_ascii_strncasecmp(at, method, length) != 0)
		return NULL;
	at += length;
	at += strspn(at, " \t\r\n");
	if (*at != '=')
		return NULL;
	at++;
	at += strspn(at, " \t\r\n");
	length = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
	return length > 0 && length <= WORD_MAX ? g_ascii_strdown(at, (gssize)length) : NULL;
}

static void note_result(char **into, const char *text, const char *method)
{
	g_autofree char *result = result_of(text, method);

	if (!result || (*into && strcmp(result, "pass") != 0))
		return;
	g_free(*into);
	*into = g_steal_pointer(&result);
}

/* RFC 8601, 2.2: "mx.example; spf=pass …; dkim=pass (good) header.d=… header.s=…". The first field
 * is the one that the receiver put on top; some put each result in a field of its own. */
static void note_results(struct arrival *arrival, const char *value)
{
	g_autofree char *text = without_comments(value);
	g_auto(GStrv) parts = g_strsplit(text, ";", -1);
	const char *who = parts[0] ? g_strstrip(parts[0]) : "";
	gsize length = strcspn(who, " \t\r\n=");

	if (arrival->authority &&
	    (strlen(arrival->authority) != length || strncmp(arrival->authority, who, length) != 0))
		return; /* somebody else's opinion, carried along */
	if (!arrival->authority)
		arrival->authority = g_strndup(who, length);
	for (char **part = parts[0] ? parts + 1 : parts; *part; part++) {
		note_result(&arrival->spf, *part, "spf");
		note_result(&arrival->dkim, *part, "dkim");
		note_result(&arrival->dmarc, *part, "dmarc");
	}
}

/* RFC 7208, 9.1: "pass (…) client-ip=192.0.2.1; envelope-from=…" */
static void note_received_spf(struct arrival *arrival, const char *value)
{
	const char *address = strstr(value, "client-ip=");
	gsize word = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

	if (!arrival->spf && word > 0 && word <= WORD_MAX)
		arrival->spf = g_ascii_strdown(value, (gssize)word);
	if (address && !arrival->client_address) {
		address += strlen("client-ip=");
		arrival->client_address =
		    g_strndup(address, strspn(address, "0123456789abcdefABCDEF.:"));
	}
}

static char *first_id(const struct mime_message *message, const char *name)
{
	const struct mime_header *header = mime_header_get(message, name);
	g_autoptr(GPtrArray) ids = header ? header_ids(header->value, header->length) : NULL;

	return ids && ids->len ? g_strdup(g_ptr_array_index(ids, 0)) : NULL;
}

/* The envelope's sender; "" for the empty one. */
static char *return_path(const struct mime_message *message)
{
	const struct mime_header *header = mime_header_get(message, "Return-Path");
	const char *open = header ? strchr(header->value, '<') : NULL;
	const char *close = open ? strchr(open, '>') : NULL;

	return close ? g_strndup(open + 1, (gsize)(close - open - 1)) : NULL;
}

/* Whether the From field is ours. */
static gboolean is_from(const struct mime_message *message, const char *from)
{
	const struct mime_header *header = mime_header_get(message, "From");
	g_autoptr(GPtrArray) addresses =
	    header ? header_addresses(header->value, header->length, NULL) : NULL;

	for (guint i = 0; addresses && i < addresses->len; i++) {
		const struct address *one = g_ptr_array_index(addresses, i);

		if (one->address && g_ascii_strcasecmp(one->address, from) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean has(GBytes *raw, const char *token)
{
	gsize size = 0;
	const char *bytes = g_bytes_get_data(raw, &size);

	return size > 0 && memmem(bytes, size, token, strlen(token)) != NULL;
}

struct arrival *arrival_read(GBytes *raw, const char *from, const char *token)
{
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
	const struct mime_header *references;
	struct mime_message *message;
	struct arrival *arrival;

	if (!has(raw, token))
		return NULL;
	message = mime_parse(raw, problems);
	arrival = g_new0(struct arrival, 1);
	arrival->bounced = !is_from(message, from);
	arrival->message_id = first_id(message, "Message-ID");
	arrival->moved_id = first_id(message, "X-OQ-MSGID");
	arrival->return_path = return_path(message);
	references = mime_header_get(message, "References");
	arrival->references = references ? header_ids(references->value, references->length)
					 : g_ptr_array_new_with_free_func(g_free);
	arrival->signatures = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < message->headers->len; i++) {
		const struct mime_header *header =
		    &g_array_index(message->headers, struct mime_header, i);
		g_autofree char *value = g_utf8_make_valid(header->value, (gssize)header->length);

		if (g_ascii_strcasecmp(header->name, "Authentication-Results") == 0)
			note_results(arrival, value);
		else if (g_ascii_strcasecmp(header->name, "Received-SPF") == 0)
			note_received_spf(arrival, value);
		else if (g_ascii_strcasecmp(header->name, "DKIM-Signature") == 0)
			g_ptr_array_add(arrival->signatures, g_steal_pointer(&value));
	}
	mime_message_free(message);
	return arrival;
}
