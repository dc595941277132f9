#include "collector/mime.h"

#include "base/charset.h"
#include "collector/header.h"
#include "collector/mime_bound.h"
#include "collector/mime_mend.h"

#include <gmime/gmime.h>
#include <string.h>

#define AGAIN_MAX      3   /* encoded messages within encoded messages */
#define NAME_MAX_BYTES 500 /* of a file name */

struct walk {
	GPtrArray *problems;
	const char *bytes; /* of the whole message, as GMime got it */
	gsize size;
	guint again; /* messages read anew from their slice */
	guint parts;
};

static void header_clear(struct mime_header *header)
{
	g_free(header->name);
	g_free(header->value);
}

static void part_free(struct mime_part *part)
{
	if (!part)
		return;
	g_free(part->type);
	g_free(part->charset);
	g_free(part->name);
	g_free(part->id);
	g_free(part->report_type);
	g_clear_pointer(&part->content, g_bytes_unref);
	g_clear_pointer(&part->children, g_ptr_array_unref);
	mime_message_free(part->message);
	g_free(part);
}

void mime_message_free(struct mime_message *message)
{
	if (!message)
		return;
	g_clear_pointer(&message->headers, g_array_unref);
	part_free(message->root);
	g_free(message);
}

static struct mime_message *message_new(void)
{
	struct mime_message *message = g_new0(struct mime_message, 1);

	message->headers = g_array_new(FALSE, TRUE, sizeof(struct mime_header));
	g_array_set_clear_func(message->headers, (GDestroyNotify)header_clear);
	return message;
}

static void headers_add(struct mime_message *message, GMimeObject *object, struct walk *walk)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(object);
	int n = g_mime_header_list_get_count(list);

	for (int i = 0; i < n; i++) {
		GMimeHeader *from = g_mime_header_list_get_header_at(list, i);
		const char *raw = g_mime_header_get_raw_value(from);
		const char *name = g_mime_header_get_name(from);
		struct mime_header header;

		if (!raw || !name)
			continue;
		if (message->headers->len >= MIME_HEADERS_MAX) {
			mime_remark(walk->problems, "too-many-headers");
			return;
		}
		header.length = strlen(raw);
		if (header.length > MIME_HEADER_MAX) {
			mime_remark(walk->problems, "header-cut");
			header.length = MIME_HEADER_MAX;
		}
		header.name = g_utf8_make_valid(name, -1);
		header.value = g_strndup(raw, header.length);
		g_array_append_val(message->headers, header);
	}
}

/* The part's own header, raw, or NULL. */
static const char *part_header(GMimeObject *object, const char *name)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(object);
	GMimeHeader *header = g_mime_header_list_get_header(list, name);

	return header ? g_mime_header_get_raw_value(header) : NULL;
}

/* A name, not too long; NULL for an empty one. */
static char *clean_name(const char *name)
{
	const char *stop;
	char *clean;

	if (!name)
		return NULL;
	g_utf8_validate_len(name, MIN(strlen(name), NAME_MAX_BYTES), &stop);
	clean = g_strndup(name, (gsize)(stop - name));
	g_strstrip(clean);
	if (*clean)
		return clean;
	g_free(clean);
	return NULL;
}

static void part_describe(struct mime_part *part, GMimeObject *object)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	const char *raw_type = part_header(object, "Content-Type");
	const char *raw_disposition = part_header(object, "Content-Disposition");
	const char *id = g_mime_object_get_content_id(object);
	g_autofree char *mime_type = type ? g_mime_content_type_get_mime_type(type) : NULL;
	g_autoptr(GHashTable) of_type = NULL;
	g_autoptr(GHashTable) of_disposition = NULL;
	g_autofree char *ignored = NULL, *disposition = NULL;
	const char *name = NULL;

	part->type = mime_type ? g_ascii_strdown(mime_type, -1) : g_strdup("text/plain");
	if (!g_utf8_validate(part->type, -1, NULL)) {
		g_free(part->type);
		part->type = g_strdup("text/plain");
	}
	part->id = id ? g_utf8_make_valid(id, -1) : NULL;
	if (raw_type) {
		const char *format, *delsp;

		of_type = header_parameters(raw_type, strlen(raw_type), NULL, &ignored);
		part->charset = g_strdup(g_hash_table_lookup(of_type, "charset"));
		if (part->charset) {
			/* Once more: raw bytes in a name are in the part's own charset. */
			g_hash_table_unref(of_type);
			g_clear_pointer(&ignored, g_free);
			of_type =
			    header_parameters(raw_type, strlen(raw_type), part->charset, &ignored);
		}
		part->report_type = g_strdup(g_hash_table_lookup(of_type, "report-type"));
		format = g_hash_table_lookup(of_type, "format");
		delsp = g_hash_table_lookup(of_type, "delsp");
		part->flowed = format && g_ascii_strcasecmp(format, "flowed") == 0;
		part->delsp = delsp && g_ascii_strcasecmp(delsp, "yes") == 0;
		name = g_hash_table_lookup(of_type, "name");
	}
	if (raw_disposition) {
		const char *file;

		of_disposition =
		    header_parameters(raw_disposition, strlen(raw_disposition), NULL, &disposition);
		file = g_hash_table_lookup(of_disposition, "filename");
		part->attached = strcmp(disposition, "attachment") == 0;
		name = file && *file ? file : name;
	}
	part->name = clean_name(name);
}

static GBytes *decoded_content(GMimePart *part)
{
	GMimeDataWrapper *wrapper = g_mime_part_get_content(part);
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	GMimeStream *stream;

	if (!wrapper)
		return g_bytes_new(NULL, 0);
	stream = g_mime_stream_mem_new_with_byte_array(bytes);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	g_mime_data_wrapper_write_to_stream(wrapper, stream);
	g_object_unref(stream);
	return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}

static GBytes *written(GMimeObject *object)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(bytes);

	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	g_mime_object_write_to_stream(object, NULL, stream);
	g_object_unref(stream);
	return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}

static struct mime_part *part_of_text(const char *bytes, gsize length)
{
	struct mime_part *part = g_new0(struct mime_part, 1);

	part->type = g_strdup("text/plain");
	part->content = g_bytes_new(bytes, length);
	return part;
}

/* A multipart whose boundary never comes: what it holds is text. */
static void add_prologue(struct mime_part *part, GMimeMultipart *multipart, struct walk *walk)
{
	const char *prologue = g_mime_multipart_get_prologue(multipart);

	mime_remark(walk->problems, "no-boundary");
	if (prologue && *prologue)
		g_ptr_array_add(part->children, part_of_text(prologue, strlen(prologue)));
}

static struct mime_message *message_build(GMimeMessage *from, struct walk *walk, guint depth);
static struct mime_message *parse(GBytes *raw, GPtrArray *problems, guint again);

/* The bytes of a part's content as they stand in the message, up to its parent's boundary. */
static gboolean slice(GMimeObject *object, GMimeObject *parent, const struct walk *walk,
		      const char **start_out, gsize *length_out)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(object);
	const char *boundary = GMIME_IS_MULTIPART(parent)
				   ? g_mime_multipart_get_boundary(GMIME_MULTIPART(parent))
				   : NULL;
	const char *end = walk->bytes + walk->size, *start, *stop;
	g_autofree char *delimiter = NULL;
	gint64 offset;
	int n = g_mime_header_list_get_count(list);

	if (n == 0 || !boundary)
		return FALSE;
	offset = g_mime_header_get_offset(g_mime_header_list_get_header_at(list, n - 1));
	if (offset < 0 || (guint64)offset >= walk->size)
		return FALSE;
	/* The header block ends with the first empty line. */
	for (start = walk->bytes + offset; start < end; start++) {
		start = memchr(start, '\n', (gsize)(end - start));
		if (!start)
			return FALSE;
		if (start + 1 < end && start[1] == '\n') {
			start += 2;
			break;
		}
		if (start + 2 < end && start[1] == '\r' && start[2] == '\n') {
			start += 3;
			break;
		}
	}
	if (start >= end)
		return FALSE;
	delimiter = g_strconcat("\n--", boundary, NULL);
	stop = memmem(start - 1, (gsize)(end - start) + 1, delimiter, strlen(delimiter));
	if (!stop)
		stop = end;
	if (stop > start && stop[-1] == '\r')
		stop--;
	*start_out = start;
	*length_out = (gsize)(MAX(stop, start) - start);
	return TRUE;
}

/* A message that came encoded, which RFC 2046 forbids: read when it has headers. */
static void message_decoded(struct mime_part *part, struct walk *walk)
{
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
	struct mime_message *message;

	if (walk->again >= AGAIN_MAX || g_bytes_get_size(part->content) == 0)
		return;
	message = parse(part->content, problems, walk->again + 1);
	if (message->headers->len > 0)
		part->message = message;
	else
		mime_message_free(message);
}

/* A message part in which GMime found no headers: encoded, or no message at all. */
static void message_again(struct mime_part *part, GMimeObject *object, GMimeObject *parent,
			  struct walk *walk)
{
	const char *encoding = part_header(object, "Content-Transfer-Encoding");
	GMimeContentEncoding kind = encoding ? g_mime_content_encoding_from_string(encoding)
					     : GMIME_CONTENT_ENCODING_DEFAULT;
	GMimeEncoding state;
	const char *start;
	gsize length, n;
	char *decoded;

	if (!slice(object, parent, walk, &start, &length))
		return;
	g_mime_encoding_init_decode(&state, kind);
	decoded = g_malloc(g_mime_encoding_outlen(&state, length) + 1);
	n = g_mime_encoding_step(&state, start, length, decoded);
	g_bytes_unref(part->content);
	part->content = g_bytes_new_take(decoded, n);
	mime_message_free(g_steal_pointer(&part->message));
	message_decoded(part, walk);
}

static struct mime_part *part_build(GMimeObject *object, GMimeObject *parent, struct walk *walk,
				    guint depth)
{
	struct mime_part *part;

	if (walk->parts >= MIME_PARTS_MAX || depth > MIME_DEPTH_MAX) {
		mime_remark(walk->problems, depth > MIME_DEPTH_MAX ? "too-deep" : "too-many-parts");
		return NULL;
	}
	walk->parts++;
	part = g_new0(struct mime_part, 1);
	part_describe(part, object);
	if (GMIME_IS_MULTIPART(object)) {
		GMimeMultipart *multipart = GMIME_MULTIPART(object);
		int n = g_mime_multipart_get_count(multipart);

		part->children = g_ptr_array_new_with_free_func((GDestroyNotify)part_free);
		for (int i = 0; i < n; i++) {
			struct mime_part *child = part_build(
			    g_mime_multipart_get_part(multipart, i), object, walk, depth + 1);

			if (!child)
				break;
			g_ptr_array_add(part->children, child);
		}
		if (n == 0)
			add_prologue(part, multipart, walk);
	} else if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));

		if (inner) {
			part->content = written(GMIME_OBJECT(inner));
			part->message = message_build(inner, walk, depth + 1);
		}
		if (!part->content)
			part->content = g_bytes_new(NULL, 0);
		if (!part->message || part->message->headers->len == 0)
			message_again(part, object, parent, walk);
	} else if (GMIME_IS_PART(object)) {
		part->content = decoded_content(GMIME_PART(object));
		if (strcmp(part->type, "message/rfc822") == 0)
			message_decoded(part, walk);
	} else {
		part->content = g_bytes_new(NULL, 0);
	}
	return part;
}

static struct mime_message *message_build(GMimeMessage *from, struct walk *walk, guint depth)
{
	struct mime_message *message = message_new();
	GMimeObject *root = g_mime_message_get_mime_part(from);

	headers_add(message, GMIME_OBJECT(from), walk);
	if (root) {
		headers_add(message, root, walk);
		message->root = part_build(root, NULL, walk, depth);
	}
	if (!message->root)
		message->root = part_of_text("", 0);
	return message;
}

static void mime_start(void)
{
	static gsize started;

	if (g_once_init_enter(&started)) {
		g_mime_init();
		g_once_init_leave(&started, 1);
	}
}

/* GMime's tree of the bytes. Its own decoding of headers is not used: the strict one is the only
 * one that does not take the square of their number for words that never end. */
static GMimeMessage *construct(const char *bytes, gsize size)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, size);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeParserOptions *options = g_mime_parser_options_new();
	GMimeMessage *message;

	g_mime_parser_options_set_rfc2047_compliance_mode(options, GMIME_RFC_COMPLIANCE_STRICT);
	message = g_mime_parser_construct_message(parser, options);
	g_mime_parser_options_free(options);
	g_object_unref(parser);
	g_object_unref(stream);
	return message;
}

static struct mime_message *parse(GBytes *raw, GPtrArray *problems, guint again)
{
	g_autoptr(GBytes) lines = mime_bound_lines(raw);
	g_autoptr(GBytes) plain = mime_mend(lines);
	struct walk walk = {.problems = problems, .again = again};
	struct mime_message *message = NULL;
	GMimeMessage *parsed;

	mime_start();
	walk.bytes = mime_bound(plain, &walk.size, problems);
	parsed = walk.size > 0 ? construct(walk.bytes, walk.size) : NULL;
	if (parsed) {
		message = message_build(parsed, &walk, 0);
		g_object_unref(parsed);
	}
	if (!message || message->headers->len == 0) {
		mime_message_free(message);
		message = message_new();
		message->root = part_of_text(walk.bytes, walk.size);
		mime_remark(problems, "no-headers");
	}
	return message;
}

struct mime_message *mime_parse(GBytes *raw, GPtrArray *problems)
{
	return parse(raw, problems, 0);
}

const char *mime_label(const struct mime_message *message)
{
	const struct mime_part *part = message->root;

	while (part && part->children && part->children->len > 0)
		part = g_ptr_array_index(part->children, 0);
	return part ? part->charset : NULL;
}

const struct mime_header *mime_header_get(const struct mime_message *message, const char *name)
{
	for (guint i = 0; i < message->headers->len; i++) {
		const struct mime_header *header =
		    &g_array_index(message->headers, struct mime_header, i);

		if (g_ascii_strcasecmp(header->name, name) == 0)
			return header;
	}
	return NULL;
}

char *mime_header_text(const struct mime_message *message, const char *name)
{
	const struct mime_header *header = mime_header_get(message, name);

	if (!header)
		return NULL;
	return charset_decode_header(header->value, header->length, mime_label(message));
}

char *mime_part_text(const struct mime_part *part)
{
	gsize size = 0;
	const char *bytes = part->content ? g_bytes_get_data(part->content, &size) : NULL;

	return charset_to_utf8(bytes ? bytes : "", size, part->charset, NULL);
}
