#include "collector/bounce.h"

#include "base/charset.h"
#include "collector/header.h"

#include <string.h>

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

/* Lines above which a report's text carries the letter. */
static const char *const copies[] = {
    "Below this line is a copy of the message",
    "Original message follows",
    "original message follows",
    "----- Original message -----",
    "-----Original message-----",
    "------ This is a copy of the message",
    "------ This is a copy of your message",
    "----- Unsent message follows",
    "----- Message header follows",
    "----- Message headers follow",
    "----- Header of message follows",
    "Original message headers:",
    "Original message header:",
    "--- Below the next line is a copy of the message",
    "--- Undelivered message follows ---",
    "--- The header of the original message is following.",
    "--- The header of the original message is following",
    "Message header follows",
    "Message headers follow",
    "----- Original Message -----",
    "原邮件信息",
    "以下是原邮件",
    "----Unsent message follows----",
    "Content of the original message",
    "*** Original Message Headers ***",
    "Returned message follows",
    "Received: from ",
    "Return-Path: <",
};

const char *bounce_text_end(const char *text)
{
	const char *end = text + strlen(text);

	for (gsize i = 0; i < G_N_ELEMENTS(copies); i++) {
		const char *found = strstr(text, copies[i]);

		if (found && found < end)
			end = found;
	}
	return end;
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
		static const char *const known[] = {"failed",    "failure", "delayed",
						    "delivered", "relayed", "expanded"};

		for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
			if (g_str_has_prefix(g_strstrip(low), known[i])) {
				bounce->action = g_strdup(i == 1 ? "failed" : known[i]);
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

static void read_status(const struct mime_part *part, GPtrArray *bounces)
{
	g_autofree char *text = mime_part_text(part);
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

/* --- text ----------------------------------------------------------------------------------- */

static gboolean is_address_char(char c)
{
	return g_ascii_isalnum(c) || strchr(".!#$%&'*+/=?^_`{|}~-", c);
}

/* The next address in `text`; its bounds go out. */
static gboolean address_next(const char *text, const char *end, const char **start_out,
			     const char **end_out)
{
	const char *p = text, *at;

	while ((at = memchr(p, '@', (gsize)(end - p)))) {
		const char *from = at, *to = at + 1;

		while (from > text && from[-1] && is_address_char(from[-1]))
			from--;
		while (to < end && (g_ascii_isalnum(*to) || *to == '.' || *to == '-' || *to == '_'))
			to++;
		while (to > at + 1 && (to[-1] == '.' || to[-1] == '-'))
			to--;
		if (from < at && memchr(at, '.', (gsize)(to - at))) {
			*start_out = from;
			*end_out = to;
			return TRUE;
		}
		p = at + 1;
	}
	return FALSE;
}

/* Addresses that are never the failing one: the report's own sender, its reader, robots. */
static gboolean is_own_side(const char *address, const struct mime_message *message)
{
	static const char *const robots[] = {
	    "postmaster@", "mailer-daemon@", "mailerdaemon@", "mail-daemon@", "mdaemon@",
	    "noreply@",    "no-reply@",      "abuse@",        "mailmaster@",  "info@mailer"};
	static const char *const own[] = {"From", "To", "Return-Path", "Delivered-To"};
	g_autofree char *low = g_ascii_strdown(address, -1);

	for (gsize i = 0; i < G_N_ELEMENTS(robots); i++)
		if (g_str_has_prefix(low, robots[i]))
			return TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(own); i++) {
		const struct mime_header *header = mime_header_get(message, own[i]);
		g_autofree char *value = header ? g_ascii_strdown(header->value, -1) : NULL;

		if (value && strstr(value, low))
			return TRUE;
	}
	return FALSE;
}

static struct bounce *bounce_of(GPtrArray *bounces, const char *recipient)
{
	struct bounce *bounce;

	for (guint i = 0; i < bounces->len; i++) {
		bounce = g_ptr_array_index(bounces, i);
		if (bounce->recipient && g_ascii_strcasecmp(bounce->recipient, recipient) == 0)
			return bounce;
	}
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
			bounce_of(bounces, address->address);
	}
}

/* The words that follow `from` up to `to`, in one line each. */
static void add_words(struct bounce *bounce, const char *from, const char *to)
{
	g_autofree char *piece = g_strndup(from, (gsize)(to - from));
	g_autofree char *all = NULL;

	g_strstrip(piece);
	if (!*piece)
		return;
	all = bounce->words ? g_strdup_printf("%s\n%s", bounce->words, piece) : g_strdup(piece);
	g_free(bounce->words);
	bounce->words = cut(all);
}

/* Every address of the text with what is said behind it, up to the next address. */
static void read_text(const struct mime_message *message, const char *text, GPtrArray *bounces)
{
	const char *end = bounce_text_end(text), *p = text, *from, *to, *next, *next_end;
	gboolean certain = bounces->len > 0;

	while (p < end && address_next(p, end, &from, &to)) {
		g_autofree char *address = g_strndup(from, (gsize)(to - from));
		struct bounce *bounce = NULL;

		p = to;
		if (!is_own_side(address, message)) {
			for (guint i = 0; i < bounces->len && certain; i++) {
				struct bounce *known = g_ptr_array_index(bounces, i);

				if (g_ascii_strcasecmp(known->recipient, address) == 0)
					bounce = known;
			}
			if (!certain)
				bounce = bounce_of(bounces, address);
		}
		if (!bounce)
			continue;
		if (!address_next(p, end, &next, &next_end))
			next = end;
		add_words(bounce, to, next);
	}
}

/* One report, one reason, no address that could be read. */
static void read_bare(const char *text, GPtrArray *bounces)
{
	struct bounce *bounce = g_new0(struct bounce, 1);
	const char *end = bounce_text_end(text);

	add_words(bounce, text, end);
	g_ptr_array_add(bounces, bounce);
}

/* --- both ----------------------------------------------------------------------------------- */

static gboolean refused_at_data(const char *words, const char *text)
{
	static const char *const signs[] = {"end of DATA", "DATA command", "end of data",
					    ">>> DATA", "(DATA)"};

	for (gsize i = 0; i < G_N_ELEMENTS(signs); i++)
		if ((words && strstr(words, signs[i])) || strstr(text, signs[i]))
			return TRUE;
	return FALSE;
}

static void complete(struct bounce *bounce, const char *text)
{
	const char *end = bounce_text_end(text);
	g_autofree char *own = g_strndup(text, (gsize)(end - text));
	g_autofree char *found = reason_find_status(bounce->words);

	if (is_vague(bounce->status) && found) {
		g_free(bounce->status);
		bounce->status = g_steal_pointer(&found);
	}
	bounce->code = reason_find_code(bounce->words);
	bounce->reason = reason_classify(bounce->words, bounce->status, bounce->code,
					 refused_at_data(bounce->words, own));
	if (bounce->reason != REASON_UNKNOWN)
		return;
	/* The server's words stand elsewhere in the report. */
	bounce->reason =
	    reason_classify(own, bounce->status, bounce->code, refused_at_data(NULL, own));
	if (!bounce->code)
		bounce->code = reason_find_code(own);
	if (is_vague(bounce->status)) {
		char *other = reason_find_status(own);

		if (other) {
			g_free(bounce->status);
			bounce->status = other;
		}
	}
	if (!bounce->words)
		bounce->words = cut(g_strstrip(own));
}

GPtrArray *bounce_read(const struct mime_message *message, const char *text)
{
	GPtrArray *bounces = g_ptr_array_new_with_free_func((GDestroyNotify)bounce_free);
	const struct mime_part *status = bounce_status_part(message);

	if (status)
		read_status(status, bounces);
	if (bounces->len == 0) {
		read_failed_recipients(message, bounces);
		read_text(message, text, bounces);
	}
	if (bounces->len == 0)
		read_bare(text, bounces);
	for (guint i = 0; i < bounces->len; i++) {
		struct bounce *bounce = g_ptr_array_index(bounces, i);

		complete(bounce, text);
		if (!bounce->action)
			bounce->action = g_strdup("failed");
	}
	return bounces;
}
