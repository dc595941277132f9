#include "classifier/lexicon_reason.h"

#include "base/error.h"

#include <stdio.h>
#include <string.h>

#define TERM_CHARS 60

/* What an attribute must be like; classifier/lexicon.rng says the same to programs. */
struct attribute {
	const char *element;
	const char *name;
	const char *pattern;
	gboolean needed;
	const char *wanted; /* a msgid */
};

#define DATE    "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
#define WEIGHT  "^\\s*\\+?0*(100(\\.0*)?|[1-9][0-9]?(\\.[0-9]*)?|0?\\.0*[1-9][0-9]*)\\s*$"
#define A_DATE  N_("a date like 2018-11-30")
#define A_CODE  N_("1 to 7 small letters and digits, like d01")
#define A_RANGE N_("a number above 0, at most 100")

static const struct attribute attributes[] = {
    {"lexicon", "version", "^\\s*[A-Za-z0-9][A-Za-z0-9._-]{0,39}\\s*$", TRUE,
     N_("1 to 40 letters, digits and . _ -, like 2026-2")},
    {"target", "no", "^\\s*\\+?0*[1-9][0-9]?\\s*$", TRUE, N_("a whole number from 1 to 99")},
    {"target", "code", "^\\s*[a-z0-9]{1,7}\\s*$", TRUE, A_CODE},
    {"target", "category", "", FALSE, ""},
    {"short", "weight", WEIGHT, FALSE, A_RANGE},
    {"former", "weight", WEIGHT, FALSE, A_RANGE},
    {"former", "from", DATE, FALSE, A_DATE},
    {"former", "to", DATE, FALSE, A_DATE},
    {"word", "weight", WEIGHT, FALSE, A_RANGE},
    {"word", "also", "^\\s*[a-z0-9]{1,7}(\\s+[a-z0-9]{1,7})*\\s*$", FALSE,
     N_("codes of targets with spaces between, like d05 d40")},
};

static const char *const terms[] = {"name", "label", "short", "former", "word", "not", NULL};

/* The one problem that is told. */
struct search {
	const xmlNode *node;
	char *message;
};

static gboolean found(struct search *search, const xmlNode *node, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* Keeps what is wrong with `node`; always returns TRUE. */
static gboolean found(struct search *search, const xmlNode *node, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	search->node = node;
	search->message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	return TRUE;
}

/* The pattern lets 2004-02-30 pass. */
static gboolean is_like(const struct attribute *attribute, const char *value)
{
	int year;
	int month;
	int day;

	if (!g_regex_match_simple(attribute->pattern, value, 0, 0))
		return FALSE;
	return strcmp(attribute->pattern, DATE) != 0 ||
	       (sscanf(value, "%d-%d-%d", &year, &month, &day) == 3 &&
		g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year));
}

static const struct attribute *attribute_of(const char *element, const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(attributes); i++)
		if (strcmp(attributes[i].element, element) == 0 &&
		    strcmp(attributes[i].name, name) == 0)
			return &attributes[i];
	return NULL;
}

static gboolean look_at_attributes(struct search *search, const xmlNode *node)
{
	const char *element = (const char *)node->name;

	for (const xmlAttr *at = node->properties; at; at = at->next) {
		const char *name = (const char *)at->name;
		const struct attribute *known = attribute_of(element, name);
		g_autofree char *value = xml_attribute(node, name);

		if (!known || !value)
			return found(search, node, _("<%s> has no attribute %s"), element, name);
		if (!is_like(known, value))
			return found(search, node, _("%s=\"%s\": must be %s"), name, value,
				     _(known->wanted));
	}
	for (guint i = 0; i < G_N_ELEMENTS(attributes); i++)
		if (attributes[i].needed && strcmp(attributes[i].element, element) == 0 &&
		    !xmlHasProp(node, (const xmlChar *)attributes[i].name))
			return found(search, node, _("<%s> needs %s=\"…\": %s"), element,
				     attributes[i].name, _(attributes[i].wanted));
	return FALSE;
}

/* Words of its own within an element that has only elements. */
static gboolean is_stray(const xmlNode *node)
{
	return (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) &&
	       !xmlIsBlankNode(node);
}

static gboolean look_at_term(struct search *search, const xmlNode *node)
{
	g_autofree char *text = xml_text(node);

	if (look_at_attributes(search, node))
		return TRUE;
	if (xmlFirstElementChild((xmlNode *)(guintptr)node))
		return found(search, node, _("<%s> holds text only"), (const char *)node->name);
	if (!*text)
		return found(search, node, _("<%s> is empty"), (const char *)node->name);
	if (g_utf8_strlen(text, -1) > TERM_CHARS)
		return found(search, node, _("<%s> is longer than %d characters"),
			     (const char *)node->name, TERM_CHARS);
	return FALSE;
}

static gboolean look_at_target(struct search *search, const xmlNode *node)
{
	gboolean named = FALSE;

	if (look_at_attributes(search, node))
		return TRUE;
	for (const xmlNode *child = node->children; child; child = child->next) {
		const char *name = (const char *)child->name;
		gboolean names;

		if (is_stray(child))
			return found(search, child, _("text that stands in no element"));
		if (child->type != XML_ELEMENT_NODE)
			continue;
		names = xml_is(child, "name") || xml_is(child, "label");
		if (!g_strv_contains(terms, name))
			return found(search, child,
				     _("a target has no element <%s>: name, label, short, former, "
				       "word, not"),
				     name);
		if (names == named)
			return found(search, child,
				     _("a target begins with its one <name> or <label>"));
		named = TRUE;
		if (look_at_term(search, child))
			return TRUE;
	}
	return !named && found(search, node, _("a target begins with its one <name> or <label>"));
}

static gboolean look_at_root(struct search *search, const xmlNode *root)
{
	gboolean any = FALSE;

	if (!xml_is(root, "lexicon") || !root->ns ||
	    strcmp((const char *)root->ns->href, "urn:pingyi:lexicon") != 0)
		return found(search, root,
			     _("no lexicon: it begins with <lexicon xmlns=\"%s\" version=\"…\">"),
			     "urn:pingyi:lexicon");
	if (look_at_attributes(search, root))
		return TRUE;
	for (const xmlNode *child = root->children; child; child = child->next) {
		if (is_stray(child))
			return found(search, child, _("text that stands in no element"));
		if (child->type != XML_ELEMENT_NODE)
			continue;
		if (!xml_is(child, "target"))
			return found(search, child, _("a lexicon has no element <%s>: target"),
				     (const char *)child->name);
		any = TRUE;
		if (look_at_target(search, child))
			return TRUE;
	}
	return !any && found(search, root, _("a lexicon without a target"));
}

void lexicon_reason(const char *name, const char *xml, gsize size, GError **error)
{
	g_autoptr(xmlDoc) doc = xml_parse(name, xml, size, NULL, NULL);
	const xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
	struct search search = {NULL, NULL};

	if (!root || !error || !look_at_root(&search, root))
		return;
	g_clear_error(error);
	xml_fail(error, name, search.node, search.message);
	g_free(search.message);
}
