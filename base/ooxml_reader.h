#pragma once

/* One XML part of an Office file, read node by node. For base/docx.c and base/xlsx.c. */
#include <glib.h>
#include <libxml/xmlreader.h>

#define OOXML_ATTRIBUTE_LIMIT 300u /* of one element: looking for doubles takes their square */

/* An Office file that is open. */
struct ooxml {
	struct zip *zip;
	guint64 left; /* bytes that may still be unpacked */
};

/* At most `left` bytes are unpacked. Returns: (transfer full) NULL with an error. */
struct ooxml *ooxml_open(GBytes *file, guint64 left, GError **error);
void ooxml_close(struct ooxml *file);

struct ooxml_reader {
	xmlTextReader *xml; /* stands at a node after ooxml_reader_next() gave TRUE */
	struct ooxml_stream *stream;
	GError *problem;
};

/* `max_bytes` are of the unpacked part; `file` outlives the reader. Returns: (transfer full) NULL
 * without an error when there is no such part. */
struct ooxml_reader *ooxml_reader_open(struct ooxml *file, const char *part, gsize max_bytes,
				       GError **error);

/* The next node; FALSE at the end, or with an error. */
gboolean ooxml_reader_next(struct ooxml_reader *reader, GError **error);

void ooxml_reader_free(struct ooxml_reader *reader);

/* Of the present node: whether an element of this local name begins (or ends) here. */
gboolean ooxml_begins(const struct ooxml_reader *reader, const char *name);
gboolean ooxml_ends(const struct ooxml_reader *reader, const char *name);

/* Whether the present node is an element without content; it has no end. */
gboolean ooxml_is_empty(const struct ooxml_reader *reader);

/* Text, or NULL when the node is none. Valid until the next node. */
const char *ooxml_text(const struct ooxml_reader *reader);

/* An attribute by its local name, whatever its namespace. Returns: (transfer full) NULL when
 * absent; free with g_free(). */
char *ooxml_attribute(const struct ooxml_reader *reader, const char *name);

/* Leaves out the present element with all that is in it; the reader then stands at its end. */
gboolean ooxml_skip(struct ooxml_reader *reader, GError **error);

/* A relation of one part to another (ECMA-376 part 2, 9.3). */
struct ooxml_relation {
	char *id;
	char *kind;   /* the last step of its type: "header", "worksheet" */
	char *target; /* a part's full name */
};

/* The relations of a part ("" is the archive's own), perhaps none; those that lead outside are
 * left out. Returns: (transfer full) NULL with an error. */
GPtrArray *ooxml_relations(struct ooxml *file, const char *part, GError **error);

/* The archive's main document. Returns: (transfer full) its part's name, `otherwise` when the
 * archive names none; NULL with an error. */
char *ooxml_main_part(struct ooxml *file, const char *otherwise, GError **error);

typedef struct ooxml ooxml;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ooxml, ooxml_close)
typedef struct ooxml_reader ooxml_reader;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ooxml_reader, ooxml_reader_free)
