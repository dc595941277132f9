#pragma once

/* Reading XML with limits: no network, no entities, no external anything; validation by RELAX NG
 * with name and line in the error. */
#include <glib.h>
#include <libxml/tree.h>

#define XML_SIZE_LIMIT (16u << 20) /* bytes of a document */

/* Parses a document; `name` is what errors call it. With `grammar` (the path of an asset, or NULL)
 * it is validated. PINGYI_ERROR_INPUT. Returns: (transfer full) free with xmlFreeDoc(). */
xmlDoc *xml_parse(const char *name, const char *text, gsize size, const char *grammar,
		  GError **error);

/* PINGYI_ERROR_INPUT "name:line: message"; always returns FALSE. */
gboolean xml_fail(GError **error, const char *name, const xmlNode *node, const char *message);

/* The text of an element, white space around it removed. Returns: (transfer full) */
char *xml_text(const xmlNode *node);

/* An attribute, or NULL. Returns: (transfer full) free with g_free(). */
char *xml_attribute(const xmlNode *node, const char *name);

/* Whether the node is an element of that local name. */
gboolean xml_is(const xmlNode *node, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlDoc, xmlFreeDoc)
