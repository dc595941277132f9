/* The MIME layer: structure, headers and what they hold, parts and their text. */
#include "collector/header.h"
#include "collector/mime.h"
#include "tests/fuzz/fuzz.h"

struct seen {
	guint parts;
	guint depth;
};

static void see_message(const struct mime_message *message, struct seen *seen);

static void see_header(const struct mime_header *header, const char *label)
{
	g_autoptr(GPtrArray) addresses = header_addresses(header->value, header->length, label);
	g_autoptr(GPtrArray) ids = header_ids(header->value, header->length);
	g_autoptr(GDateTime) date = header_date(header->value);
	g_autofree char *main = NULL;
	g_autoptr(GHashTable) parameters =
	    header_parameters(header->value, header->length, label, &main);

	fuzz_require(header->length <= MIME_HEADER_MAX, "a header has its bound");
	fuzz_require(addresses->len <= HEADER_ADDRESSES_MAX, "addresses have their bound");
	fuzz_require(ids->len <= HEADER_IDS_MAX, "message ids have their bound");
	fuzz_require(g_hash_table_size(parameters) <= HEADER_PARAMETERS_MAX,
		     "parameters have their bound");
	for (guint i = 0; i < addresses->len; i++) {
		const struct address *address = g_ptr_array_index(addresses, i);

		fuzz_require_utf8(address->name, "a name is UTF-8");
		fuzz_require_utf8(address->address, "an address is UTF-8");
	}
}

static void see_part(const struct mime_part *part, struct seen *seen)
{
	seen->parts++;
	seen->depth++;
	fuzz_require(part->type != NULL, "a part has a type");
	fuzz_require(seen->depth <= MIME_DEPTH_MAX + 2, "depth has its bound");
	fuzz_require_utf8(part->name, "a file's name is UTF-8");
	if (part->content) {
		g_autofree char *text = mime_part_text(part);

		fuzz_require_utf8(text, "a part's text is UTF-8");
	}
	for (guint i = 0; part->children && i < part->children->len; i++)
		see_part(g_ptr_array_index(part->children, i), seen);
	if (part->message)
		see_message(part->message, seen);
	seen->depth--;
}

static void see_message(const struct mime_message *message, struct seen *seen)
{
	g_autofree char *subject = mime_header_text(message, "subject");

	fuzz_require_utf8(subject, "a subject is UTF-8");
	fuzz_require(message->headers->len <= MIME_HEADERS_MAX, "headers have their bound");
	for (guint i = 0; i < message->headers->len; i++)
		see_header(&g_array_index(message->headers, struct mime_header, i),
			   mime_label(message));
	if (message->root)
		see_part(message->root, seen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) raw = g_bytes_new(data, size);
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
	struct mime_message *message = mime_parse(raw, problems);
	struct seen seen = {0, 0};

	see_message(message, &seen);
	fuzz_require(seen.parts <= MIME_PARTS_MAX + 1, "parts have their bound");
	mime_message_free(message);
	return 0;
}
