#include "collector/bounce.h"

#include "base/charset.h"
#include "collector/bounce_notice.h"
#include "collector/bounce_text.h"
#include "collector/header.h"

#include <string.h>

#define OWN_MAX      (128u * 1024) /* bytes of a report's own text that are looked at */
#define ORIGINAL_MAX (256u * 1024) /* bytes of a letter that came back that are looked at */

void bounce_free(struct bounce *bounce)
{
	if (!bounce)
		return;
	g_free(bounce->recipient);
	g_free(bounce->status);
	g_free(bounce->code);
	g_free(bounce->action);
	g_free(bounce->words);
	g_free(bounce);
}

/* --- the parts ------------------------------------------------------------------------------ */

/* The first part, embedded messages left out, that `wanted` accepts. */
static const struct mime_part *part_find(const struct mime_part *part,
					 gboolean (*wanted)(const struct mime_part *))
{
	if (!part)
		return NULL;
	if (wanted(part))
		return part;
	for (guint i = 0; part->children && i < part->children->len; i++) {
		const struct mime_part *found =
		    part_find(g_ptr_array_index(part->children, i), wanted);

		if (found)
			return found;
	}
	return NULL;
}

static gboolean is_status(const struct mime_part *part)
{
	return strcmp(part->type, "message/delivery-status") == 0 ||
	       strcmp(part->type, "message/global-delivery-status") == 0;
}

const struct mime_part *bounce_status_part(const struct mime_message *message)
{
	return part_find(message->root, is_status);
}

static gboolean is_embedded(const struct mime_part *part)
{
	return part->message || strcmp(part->type, "text/rfc822-headers") == 0 ||
	       strcmp(part->type, "message/global-headers") == 0 ||
	       strcmp(part->type, "text/rfc822") == 0;
}

/* Aliyun sends the letter back as application/octet-stream: it begins with headers. */
static gboolean is_disguised(const struct mime_part *part)
{
	gsize size = 0;
	const char *bytes = part->content ? g_bytes_get_data(part->content, &size) : NULL;
	const char *colon;

	if (!bytes || strcmp(part->type, "application/octet-stream") != 0)
		return FALSE;
	colon = memchr(bytes, ':', MIN(size, 60));
	return colon && !memchr(bytes, ' ', (gsize)(colon - bytes)) &&
	       !memchr(bytes, '\n', (gsize)(colon - bytes)) &&
	       (memmem(bytes, MIN(size, 16384), "\nFrom:", 6) ||
		memmem(bytes, MIN(size, 16384), "\nSubject:", 9));
}

GBytes *bounce_original(const struct mime_message *message, const char *text)
{
	const struct mime_part *part = part_find(message->root, is_embedded);
	const char *start;

	if (!part)
		part = part_find(message->root, is_disguised);
	if (part && part->content) {
		gsize size = g_bytes_get_size(part->content);

		return g_bytes_new_from_bytes(part->content, 0, MIN(size, ORIGINAL_MAX));
	}
	start = bounce_text_end(text);
	if (!*start)
		return NULL;
	/* Behind the line that announces it, unless it is a header itself. */
	if (!g_str_has_prefix(start, "Received: ") && !g_str_has_prefix(start, "Return-Path: ")) {
		start += strcspn(start, "\n");
		start += strspn(start, "\r\n ");
	}
	return g_bytes_new(start, MIN(strlen(start), ORIGINAL_MAX));
}

/* --- delivery-status ------------------------------------------------------------------------ */

/* "rfc822; user@host" -> user@host */
static char *status_address(const char *value)
{
	const char *semicolon = strchr(value, ';');
	g_autofree char *copy = g_strdup(semicolon ? semicolon + 1 : value);
	char *start = g_strstrip(copy), *end;

	if (*start == '<')
		start++;
	end = start + strcspn(start, "> \t");
	*end = '\0';
	return *start ? g_strdup(start) : NULL;
}

static char *status_words(const char *value)
{
	const char *semicolon = strchr(value, ';');
	const char *space = strpbrk(value, " \t");
	const char *start = value;

	if (semicolon && (!space || semicolon < space || space == semicolon + 1))
		start = semicolon + 1;
	return g_strstrip(g_strdup(start));
}

static char *cut(const char *words)
{
	const char *stop;

	g_utf8_validate_len(words, MIN(strlen(words), BOUNCE_WORDS_MAX), &stop);
	return g_strndup(words, (gsize)(stop - words));
}

/* "5.1.1 (bad destination)" -> 5.1.1 */
static char *status_number(const char *value)
{
	return reason_find_status(value);
}

/* A block's fields, lower-case names. */
static GHashTable *block_fields(char **lines, guint *at)
{
	GHashTable *fields = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_autofree char *name = NULL;
	GString *value = g_string_new(NULL);
	guint i;

	for (i = *at; lines[i]; i++) {
		char *line = lines[i], *colon;

		g_strchomp(line);
		if (!*line)
			break;
		colon = strchr(line, ':');
		if ((*line == ' ' || *line == '\t' || !colon) && name) {
			g_string_append_printf(value, " %s", g_strchug(line));
			continue;
		}
		if (name && !g_hash_table_contains(fields, name))
			g_hash_table_insert(fields, g_strdup(name), g_strdup(value->str));
		if (!colon)
			continue;
		/* Some forget the empty line between two recipients. */
		if (g_ascii_strncasecmp(line, "Final-Recipient", 15) == 0 &&
		    g_hash_table_contains(fields, "final-recipient")) {
			g_clear_pointer(&name, g_free);
			break;
		}
		g_free(name);
		name = g_ascii_strdown(line, colon - line);
		g_strstrip(name);
		g_string_assign(value, g_strchug(colon + 1));
	}
	if (name && !g_hash_table_contains(fields, name))
		g_hash_table_insert(fields, g_strdup(name), g_strdup(value->str));
	g_string_free(value, TRUE);
	while (lines[i] && !*g_strchomp(lines[i]))
		i++;
	*at = i;
	return fields;
}

/* A zero says nothing: 5.0.0 gives way to any other of its class. */
static gboolean is_vague(const char *status)
{
	return !status || g_str_has_suffix(status, ".0.0");
}

static struct bounce *block_bounce(GHashTable *fields)
{
	const char *final = g_hash_table_lookup(fields, "final-recipient");
	const char *original = g_hash_table_lookup(fields, "original-recipient");
	const char *action = g_hash_table_lookup(fields, "action");
	const char *status = g_hash_table_lookup(fields, "status");
	const char *diagnostic = g_hash_table_lookup(fields, "diagnostic-code");
	struct bounce *bounce;

	if (!final && !original && !action && !status)
		return NULL;
	bounce = g_new0(struct bounce, 1);
	if (final)
		bounce->recipient = status_address(final);
	if (!bounce->recipient && original)
		bounce->recipient = status_address(original);
	if (action) {
		g_autofree char *low = g_ascii_strdown(action, -1);
		static const char *const known[] = {"failed",     "failure", "delayed",
						    "delivered",  "relayed", "expanded",
						    "deliverable"};

		for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
			if (g_str_has_prefix(g_strstrip(low), known[i])) {
				bounce->action = g_strdup(i == 1   ? "failed"
							  : i == 6 ? "delivered"
								   : known[i]);
				break;
			}
	}
	if (status)
		bounce->status = status_number(status);
	if (diagnostic) {
		g_autofree char *words = status_words(diagnostic);

		bounce->words = cut(words);
	}
	return bounce;
}

static void read_status_lines(const char *text, GPtrArray *bounces)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", 20000);
	guint at = 0;

	while (lines[at] && !*g_strchomp(lines[at]))
		at++;
	while (lines[at] && bounces->len < BOUNCES_MAX) {
		guint before = at;
		g_autoptr(GHashTable) fields = block_fields(lines, &at);
		struct bounce *bounce = block_bounce(fields);

		if (bounce)
			g_ptr_array_add(bounces, bounce);
		if (at == before)
			at++;
	}
}

static void read_status(const struct mime_part *part, GPtrArray *bounces)
{
	g_autofree char *text = mime_part_text(part);

	read_status_lines(text, bounces);
}

/* --- text ----------------------------------------------------------------------------------- */

static struct bounce *add_recipient(GPtrArray *bounces, const char *recipient)
{
	struct bounce *bounce;

	if (bounces->len >= BOUNCES_MAX)
		return NULL;
	bounce = g_new0(struct bounce, 1);
	bounce->recipient = g_strdup(recipient);
	g_ptr_array_add(bounces, bounce);
	return bounce;
}

/* X-Failed-Recipients of Exim and Gmail: they are certain. */
static void read_failed_recipients(const struct mime_message *message, GPtrArray *bounces)
{
	const struct mime_header *header = mime_header_get(message, "X-Failed-Recipients");
	g_autoptr(GPtrArray) addresses = NULL;

	if (!header)
		return;
	addresses = header_addresses(header->value, header->length, NULL);
	for (guint i = 0; i < addresses->len; i++) {
		const struct address *address = g_ptr_array_index(addresses, i);

		if (address->address)
			add_recipient(bounces, address->address);
	}
}

/* The standard's fields in a report's plain text, as some services write them. */
static void read_status_text(const char *own, GPtrArray *bounces)
{
	const char *start = strstr(own, "Final-Recipient:");

	if (!start || !strstr(own, "Action:"))
		return;
	while (start > own && !(start[-1] == '\n' && (start - own < 2 || start[-2] == '\n')))
		start--;
	read_status_lines(start, bounces);
}

static void find_recipients(const struct mime_message *message, const char *own, GPtrArray *bounces)
{
	g_autoptr(GPtrArray) named = NULL;

	read_failed_recipients(message, bounces);
	if (bounces->len == 0)
		read_status_text(own, bounces);
	if (bounces->len > 0)
		return;
	named = bounce_text_recipients(message, own);
	for (guint i = 0; i < named->len; i++)
		add_recipient(bounces, g_ptr_array_index(named, i));
	if (bounces->len == 0)
		g_ptr_array_add(bounces, g_new0(struct bounce, 1));
}

/* --- what it means -------------------------------------------------------------------------- */

/* What the server said tells more than the reporting host's own guess. */
static void choose_status(struct bounce *bounce, const char *words)
{
	g_autofree char *said = reason_find_status(words);

	if (!said || (is_vague(said) && bounce->status))
		return;
	g_free(bounce->status);
	bounce->status = g_steal_pointer(&said);
}

static void complete(struct bounce *bounce, const char *own, const GPtrArray *recipients)
{
	g_autofree char *about = bounce->recipient
				     ? bounce_text_about(own, bounce->recipient, recipients)
				     : g_strdup("");
	const char *ground = *about ? about : own;
	g_autofree char *reply = bounce_text_reply(ground);
	enum reason_step step = bounce_text_step(ground);

	if (!bounce->words || !*bounce->words) {
		g_free(bounce->words);
		bounce->words = cut(reply ? reply : ground);
		g_strstrip(bounce->words);
	}
	choose_status(bounce, bounce->words);
	if (!bounce->status)
		choose_status(bounce, own);
	bounce->code = reason_find_code(bounce->words);
	if (!bounce->code)
		bounce->code = reason_find_code(reply);
	bounce->reason = reason_classify(bounce->words, bounce->status, bounce->code, step);
	/* The server's words stand elsewhere in the report. */
	if (bounce->reason == REASON_UNKNOWN && reply)
		bounce->reason = reason_classify(reply, bounce->status, bounce->code, step);
	if (bounce->reason == REASON_UNKNOWN && *about)
		bounce->reason = reason_classify(about, bounce->status, bounce->code, step);
	if (bounce->reason == REASON_UNKNOWN)
		bounce->reason = reason_classify(own, bounce->status, bounce->code, step);
}

/* The report's own text: what stands above the copy of the letter, or all where nothing does. */
static char *own_text(const char *text)
{
	gsize length = (gsize)(bounce_text_end(text) - text);

	if (strspn(text, " \t\r\n") >= length)
		length = strlen(text);
	return g_strndup(text, MIN(length, OWN_MAX));
}

GPtrArray *bounce_read(const struct mime_message *message, const char *text)
{
	GPtrArray *bounces = g_ptr_array_new_with_free_func((GDestroyNotify)bounce_free);
	const struct mime_part *status = bounce_status_part(message);
	g_autofree char *own = own_text(text);
	g_autoptr(GPtrArray) recipients = g_ptr_array_new();

	if (bounce_notice_read(own, bounces))
		return bounces;
	if (status)
		read_status(status, bounces);
	if (bounces->len == 0)
		find_recipients(message, own, bounces);
	for (guint i = 0; i < bounces->len; i++) {
		struct bounce *bounce = g_ptr_array_index(bounces, i);

		if (bounce->recipient)
			g_ptr_array_add(recipients, bounce->recipient);
	}
	for (guint i = 0; i < bounces->len; i++) {
		struct bounce *bounce = g_ptr_array_index(bounces, i);

		complete(bounce, own, recipients);
		if (!bounce->action)
			bounce->action = g_strdup("failed");
	}
	return bounces;
}
