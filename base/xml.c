#include "base/xml.h"

#include "base/asset.h"
#include "base/error.h"
#include "base/xml_fault.h"

#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <string.h>

/* The first thing that was wrong; of a grammar's findings the first whose place is known. What ends
 * parsing comes before what does not, as an undeclared prefix. */
struct trouble {
	const char *name;
	int line; /* 0: unknown */
	xmlErrorLevel level;
	char *message;
};

static void keep_first(void *user, xmlError *problem)
{
	struct trouble *trouble = user;

	if (!problem || problem->level < XML_ERR_ERROR)
		return;
	if (trouble->message && problem->level <= trouble->level &&
	    (trouble->line || !problem->line))
		return;
	g_free(trouble->message);
	trouble->line = problem->line;
	trouble->level = problem->level;
	trouble->message = xml_fault(problem);
}

static void report(struct trouble *trouble, GError **error)
{
	const char *what = trouble->message ? trouble->message : _("not well-formed");

	if (trouble->line)
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, "%s:%d: %s", trouble->name,
			    trouble->line, what);
	else
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, "%s: %s", trouble->name, what);
	g_clear_pointer(&trouble->message, g_free);
}

static gboolean validate(xmlDoc *doc, const char *name, const char *grammar, GError **error)
{
	const struct asset *asset = asset_find(grammar);
	xmlRelaxNGParserCtxt *parser;
	xmlRelaxNG *schema;
	xmlRelaxNGValidCtxt *valid;
	struct trouble trouble = {.name = name};
	int result;

	if (!asset) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_BUG, "no grammar %s", grammar);
		return FALSE;
	}
	parser = xmlRelaxNGNewMemParserCtxt(asset->text, (int)asset->size);
	schema = xmlRelaxNGParse(parser);
	xmlRelaxNGFreeParserCtxt(parser);
	if (!schema) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_BUG, "grammar %s is wrong", grammar);
		return FALSE;
	}
	valid = xmlRelaxNGNewValidCtxt(schema);
	xmlRelaxNGSetValidStructuredErrors(valid, keep_first, &trouble);
	result = xmlRelaxNGValidateDoc(valid, doc);
	xmlRelaxNGFreeValidCtxt(valid);
	xmlRelaxNGFree(schema);
	if (result == 0) {
		g_free(trouble.message);
		return TRUE;
	}
	report(&trouble, error);
	return FALSE;
}

xmlDoc *xml_parse(const char *name, const char *text, gsize size, const char *grammar,
		  GError **error)
{
	struct trouble trouble = {.name = name};
	xmlParserCtxt *parser;
	g_autoptr(xmlDoc) doc = NULL;

	if (size > XML_SIZE_LIMIT) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s: longer than %u MB"),
			    name, XML_SIZE_LIMIT >> 20);
		return NULL;
	}
	parser = xmlNewParserCtxt();
	xmlSetStructuredErrorFunc(&trouble, keep_first);
	doc = xmlCtxtReadMemory(parser, text, (int)size, name, NULL,
				XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	xmlSetStructuredErrorFunc(NULL, NULL);
	if (!trouble.message && !doc)
		keep_first(&trouble, &parser->lastError);
	xmlFreeParserCtxt(parser);
	if (!doc) {
		report(&trouble, error);
		return NULL;
	}
	g_free(trouble.message);
	if (doc->intSubset) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, "%s: %s", name,
			    _("a document type is not allowed"));
		return NULL;
	}
	if (grammar && !validate(doc, name, grammar, error))
		return NULL;
	return g_steal_pointer(&doc);
}

gboolean xml_fail(GError **error, const char *name, const xmlNode *node, const char *message)
{
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, "%s:%ld: %s", name, xmlGetLineNo(node),
		    message);
	return FALSE;
}

char *xml_text(const xmlNode *node)
{
	xmlChar *text = xmlNodeGetContent(node);
	char *copy = g_strdup(text ? (const char *)text : "");

	xmlFree(text);
	return g_strstrip(copy);
}

char *xml_attribute(const xmlNode *node, const char *name)
{
	xmlChar *text = xmlGetNoNsProp(node, (const xmlChar *)name);
	char *copy = text ? g_strdup((const char *)text) : NULL;

	xmlFree(text);
	return copy;
}

gboolean xml_is(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}
