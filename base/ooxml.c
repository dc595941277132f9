#include "base/ooxml.h"

#include "base/error.h"
#include "base/ooxml_reader.h"
#include "base/zip.h"

#include <string.h>

#define RELATION_LIMIT 4096u

/* A part while it is unpacked. */
struct ooxml_stream {
	struct ooxml *file;
	struct zip_stream *part;
	guint equals;   /* attributes since the last '<' */
	gboolean after; /* an '=' stands before, perhaps with white space */
	guint8 first[2];
	gsize first_left; /* of `first` that the XML reader has not had yet */
	GError *problem;
};

static gboolean fail(GError **error, const char *message)
{
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, message);
	return FALSE;
}

static void stream_free(struct ooxml_stream *stream)
{
	if (!stream)
		return;
	zip_stream_free(stream->part);
	g_clear_error(&stream->problem);
	g_free(stream);
}

typedef struct ooxml_stream ooxml_stream;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ooxml_stream, stream_free)

/* Part names are compared without regard to ASCII case; some writers use backslashes. */
static gboolean same_part(const char *entry, const char *part)
{
	while (*entry == '/' || *entry == '\\')
		entry++;
	for (; *entry && *part; entry++, part++) {
		char c = *entry == '\\' ? '/' : *entry;

		if (g_ascii_tolower(c) != g_ascii_tolower(*part))
			return FALSE;
	}
	return *entry == *part;
}

static gboolean check_kind(GBytes *file, GError **error)
{
	gsize size;
	const guint8 *bytes = g_bytes_get_data(file, &size);
	static const guint8 ole[] = {0xD0, 0xCF, 0x11, 0xE0};

	if (size > OOXML_FILE_LIMIT)
		return fail(error, _("the file is too large"));
	if (size >= sizeof ole && memcmp(bytes, ole, sizeof ole) == 0)
		return fail(error, _("an old .doc or .xls file, or one locked by a password; "
				     "save it as .docx or .xlsx"));
	if (size < 4 || memcmp(bytes, "PK", 2) != 0)
		return fail(error, _("not a .docx or .xlsx file"));
	return TRUE;
}

struct ooxml *ooxml_open(GBytes *file, guint64 left, GError **error)
{
	static const struct zip_bounds bounds = {OOXML_ENTRY_LIMIT, OOXML_RATIO_LIMIT,
						 OOXML_RATIO_FREE};
	struct zip *zip = check_kind(file, error) ? zip_open(file, &bounds, error) : NULL;
	struct ooxml *opened = zip ? g_new0(struct ooxml, 1) : NULL;

	if (!opened)
		return NULL;
	opened->zip = zip;
	opened->left = left;
	return opened;
}

void ooxml_close(struct ooxml *file)
{
	if (!file)
		return;
	zip_free(file->zip);
	g_free(file);
}

static const struct zip_entry *find_part(const struct ooxml *file, const char *part)
{
	const GPtrArray *entries = zip_entries(file->zip);

	for (guint i = 0; i < entries->len; i++) {
		const struct zip_entry *entry = g_ptr_array_index(entries, i);

		if (same_part(entry->name, part))
			return entry;
	}
	return NULL;
}

static struct ooxml_stream *stream_open(struct ooxml *file, const char *part, gsize max,
					GError **error)
{
	const struct zip_entry *entry = find_part(file, part);
	struct zip_stream *opened =
	    entry ? zip_stream_open(file->zip, entry, MIN(max, file->left), error) : NULL;
	struct ooxml_stream *stream = opened ? g_new0(struct ooxml_stream, 1) : NULL;

	if (!stream)
		return NULL;
	stream->file = file;
	stream->part = opened;
	return stream;
}

/* Up to `n` unpacked bytes; 0 at the end, -1 with stream->problem. */
static gssize stream_read(struct ooxml_stream *stream, void *buffer, gsize n)
{
	gssize got =
	    stream->problem ? -1 : zip_stream_read(stream->part, buffer, n, &stream->problem);

	if (got > 0)
		stream->file->left -= MIN(stream->file->left, (guint64)got);
	return got;
}

GBytes *ooxml_part(GBytes *file, const char *part, gsize max_bytes, GError **error)
{
	g_autoptr(ooxml) opened = ooxml_open(file, OOXML_ALL_LIMIT, error);
	const struct zip_entry *entry = opened ? find_part(opened, part) : NULL;

	return entry ? zip_unpack(opened->zip, entry, max_bytes, error) : NULL;
}

/*
 * libxml2 before 2.12 looks for double attributes in the square of their number, so we count: an
 * '=' with a quote after it, since the last '<', which no attribute may hold. Zero bytes are
 * passed over, for UTF-16.
 */
static gboolean count_attributes(struct ooxml_stream *stream, const guint8 *bytes, gsize n)
{
	for (gsize i = 0; i < n; i++) {
		guint8 c = bytes[i];

		if (c == '<')
			stream->equals = 0;
		else if (stream->after && (c == '"' || c == '\''))
			stream->equals++;
		if (c == '=')
			stream->after = TRUE;
		else if (c > ' ')
			stream->after = FALSE;
		if (stream->equals > OOXML_ATTRIBUTE_LIMIT)
			return fail(&stream->problem, _("an element has too many attributes"));
	}
	return TRUE;
}

static int xml_read(void *user, char *buffer, int n)
{
	struct ooxml_stream *stream = user;
	gssize got;

	if (stream->first_left > 0 && n > 0) {
		buffer[0] = (char)stream->first[2 - stream->first_left--];
		return 1;
	}
	got = stream_read(stream, buffer, (gsize)n);
	if (got > 0 && !count_attributes(stream, (const guint8 *)buffer, (gsize)got))
		return -1;
	return (int)got;
}

static void keep_first(void *user, xmlError *problem)
{
	struct ooxml_reader *reader = user;

	if (reader->problem || !problem || problem->level < XML_ERR_ERROR)
		return;
	g_set_error(&reader->problem, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("the file is broken: line %d of a part: %s"), problem->line,
		    problem->message ? g_strchomp(problem->message) : "?");
}

/* A part is in UTF-8 or UTF-16 (ECMA-376 part 2, 8.1.4), whatever it says. */
static const char *encoding_of(struct ooxml_stream *stream)
{
	while (stream->first_left < 2) {
		gssize got =
		    stream_read(stream, stream->first + stream->first_left, 2 - stream->first_left);

		if (got <= 0)
			break;
		stream->first_left += (gsize)got;
	}
	if (stream->first_left == 1) { /* keep it at the end, where xml_read() looks */
		stream->first[1] = stream->first[0];
		return "UTF-8";
	}
	if (stream->first_left == 2 && ((stream->first[0] == 0xFF && stream->first[1] == 0xFE) ||
					(stream->first[0] == 0xFE && stream->first[1] == 0xFF)))
		return "UTF-16";
	return "UTF-8";
}

struct ooxml_reader *ooxml_reader_open(struct ooxml *file, const char *part, gsize max_bytes,
				       GError **error)
{
	g_autoptr(ooxml_reader) reader = NULL;
	struct ooxml_stream *stream = stream_open(file, part, max_bytes, error);

	if (!stream)
		return NULL;
	reader = g_new0(struct ooxml_reader, 1);
	reader->stream = stream;
	reader->xml = xmlReaderForIO(xml_read, NULL, stream, NULL, encoding_of(stream),
				     XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_COMPACT |
					 XML_PARSE_IGNORE_ENC);
	if (!reader->xml) {
		fail(error, _("the file is broken: a part cannot be read"));
		return NULL;
	}
	xmlTextReaderSetStructuredErrorHandler(reader->xml, keep_first, reader);
	return g_steal_pointer(&reader);
}

void ooxml_reader_free(struct ooxml_reader *reader)
{
	if (!reader)
		return;
	xmlFreeTextReader(reader->xml);
	stream_free(reader->stream);
	g_clear_error(&reader->problem);
	g_free(reader);
}

gboolean ooxml_reader_next(struct ooxml_reader *reader, GError **error)
{
	int result = xmlTextReaderRead(reader->xml);

	if (reader->stream->problem) {
		g_propagate_error(error, g_steal_pointer(&reader->stream->problem));
		return FALSE;
	}
	if (result < 0 || reader->problem) {
		if (reader->problem)
			g_propagate_error(error, g_steal_pointer(&reader->problem));
		else
			fail(error, _("the file is broken: a part is not XML"));
		return FALSE;
	}
	if (result == 1 && xmlTextReaderNodeType(reader->xml) == XML_READER_TYPE_DOCUMENT_TYPE)
		return fail(error, _("the file is broken: a document type is not allowed"));
	return result == 1;
}

static gboolean is_node(const struct ooxml_reader *reader, xmlReaderTypes type, const char *name)
{
	const xmlChar *local;

	if (xmlTextReaderNodeType(reader->xml) != (int)type)
		return FALSE;
	local = xmlTextReaderConstLocalName(reader->xml);
	return local && strcmp((const char *)local, name) == 0;
}

gboolean ooxml_begins(const struct ooxml_reader *reader, const char *name)
{
	return is_node(reader, XML_READER_TYPE_ELEMENT, name);
}

gboolean ooxml_ends(const struct ooxml_reader *reader, const char *name)
{
	return is_node(reader, XML_READER_TYPE_END_ELEMENT, name);
}

gboolean ooxml_is_empty(const struct ooxml_reader *reader)
{
	return xmlTextReaderIsEmptyElement(reader->xml) == 1;
}

const char *ooxml_text(const struct ooxml_reader *reader)
{
	switch (xmlTextReaderNodeType(reader->xml)) {
	case XML_READER_TYPE_TEXT:
	case XML_READER_TYPE_CDATA:
	case XML_READER_TYPE_WHITESPACE:
	case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
		return (const char *)xmlTextReaderConstValue(reader->xml);
	default:
		return NULL;
	}
}

char *ooxml_attribute(const struct ooxml_reader *reader, const char *name)
{
	char *value = NULL;

	for (int more = xmlTextReaderMoveToFirstAttribute(reader->xml); more == 1;
	     more = xmlTextReaderMoveToNextAttribute(reader->xml)) {
		const xmlChar *local = xmlTextReaderConstLocalName(reader->xml);

		if (local && strcmp((const char *)local, name) == 0) {
			value = g_strdup((const char *)xmlTextReaderConstValue(reader->xml));
			break;
		}
	}
	xmlTextReaderMoveToElement(reader->xml);
	return value;
}

gboolean ooxml_skip(struct ooxml_reader *reader, GError **error)
{
	int depth = xmlTextReaderDepth(reader->xml);

	if (ooxml_is_empty(reader))
		return TRUE;
	while (ooxml_reader_next(reader, error)) {
		if (xmlTextReaderNodeType(reader->xml) == XML_READER_TYPE_END_ELEMENT &&
		    xmlTextReaderDepth(reader->xml) <= depth)
			return TRUE;
	}
	return FALSE;
}

static void relation_free(void *data)
{
	struct ooxml_relation *relation = data;

	g_free(relation->id);
	g_free(relation->kind);
	g_free(relation->target);
	g_free(relation);
}

/* "word/_rels/document.xml.rels" of "word/document.xml"; `folder_out` gets "word/". */
static char *relations_part(const char *part, char **folder_out)
{
	const char *slash = strrchr(part, '/');
	const char *name = slash ? slash + 1 : part;

	*folder_out = g_strndup(part, (gsize)(name - part));
	return g_strconcat(*folder_out, "_rels/", name, ".rels", NULL);
}

/* A target as a part's name: absolute, or from the folder of its source; "." and ".." resolved. */
static char *resolve(const char *folder, const char *target)
{
	g_autofree char *whole =
	    *target == '/' ? g_strdup(target) : g_strconcat("/", folder, target, NULL);
	g_autofree char *path = g_canonicalize_filename(whole, "/");

	return g_strdup(path + 1);
}

static void add_relation(GPtrArray *relations, const struct ooxml_reader *reader,
			 const char *folder)
{
	g_autofree char *mode = ooxml_attribute(reader, "TargetMode");
	g_autofree char *type = ooxml_attribute(reader, "Type");
	g_autofree char *target = ooxml_attribute(reader, "Target");
	const char *slash = type ? strrchr(type, '/') : NULL;
	struct ooxml_relation *relation;

	if (!slash || !target || (mode && g_ascii_strcasecmp(mode, "External") == 0))
		return;
	relation = g_new0(struct ooxml_relation, 1);
	relation->id = ooxml_attribute(reader, "Id");
	relation->kind = g_strdup(slash + 1);
	relation->target = resolve(folder, target);
	g_ptr_array_add(relations, relation);
}

GPtrArray *ooxml_relations(struct ooxml *file, const char *part, GError **error)
{
	g_autoptr(GPtrArray) relations = g_ptr_array_new_with_free_func(relation_free);
	g_autofree char *folder = NULL;
	g_autofree char *name = relations_part(part, &folder);
	g_autoptr(GError) problem = NULL;
	g_autoptr(ooxml_reader) reader = ooxml_reader_open(file, name, OOXML_RATIO_FREE, &problem);

	while (reader && relations->len < RELATION_LIMIT && ooxml_reader_next(reader, &problem)) {
		if (ooxml_begins(reader, "Relationship"))
			add_relation(relations, reader, folder);
	}
	if (!problem)
		return g_steal_pointer(&relations);
	g_propagate_error(error, g_steal_pointer(&problem));
	return NULL;
}

char *ooxml_main_part(struct ooxml *file, const char *otherwise, GError **error)
{
	g_autoptr(GPtrArray) relations = ooxml_relations(file, "", error);

	if (!relations)
		return NULL;
	for (guint i = 0; i < relations->len; i++) {
		const struct ooxml_relation *relation = g_ptr_array_index(relations, i);

		if (strcmp(relation->kind, "officeDocument") == 0)
			return g_strdup(relation->target);
	}
	return g_strdup(otherwise);
}
