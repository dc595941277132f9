#include "base/xml_fault.h"

#include "base/charset.h"
#include "base/error.h"

#include <libxml/relaxng.h>

#define NOT_UTF_8                                                                                  \
	N_("not UTF-8, or a character that XML does not allow: save it as UTF-8, or name its "     \
	   "encoding in the first line")

/* {1}, {2}: what libxml2 names; {line}: the line of the begin. */
static const struct fault {
	int domain;
	int code;
	const char *words;
} faults[] = {
    {XML_FROM_PARSER, XML_ERR_TAG_NAME_MISMATCH, N_("<{1}> of line {line} ends with </{2}>")},
    {XML_FROM_PARSER, XML_ERR_TAG_NOT_FINISHED, N_("<{1}> of line {line} does not end")},
    {XML_FROM_PARSER, XML_ERR_LTSLASH_REQUIRED, N_("an element does not end")},
    {XML_FROM_PARSER, XML_ERR_GT_REQUIRED, N_("a tag does not end with >")},
    {XML_FROM_PARSER, XML_ERR_SPACE_REQUIRED, N_("a space is missing, as before an attribute")},
    {XML_FROM_PARSER, XML_ERR_ATTRIBUTE_NOT_STARTED,
     N_("the value of an attribute stands in quotation marks: name=\"value\"")},
    {XML_FROM_PARSER, XML_ERR_ATTRIBUTE_NOT_FINISHED,
     N_("the value of an attribute lacks its closing quotation mark")},
    {XML_FROM_PARSER, XML_ERR_ATTRIBUTE_WITHOUT_VALUE, N_("the attribute {1} has no value")},
    {XML_FROM_PARSER, XML_ERR_LT_IN_ATTRIBUTE,
     N_("there is a < in the value of an attribute (write &lt;), or its closing quotation mark is "
	"missing")},
    {XML_FROM_PARSER, XML_ERR_ATTRIBUTE_REDEFINED, N_("the attribute {1} stands there twice")},
    {XML_FROM_PARSER, XML_ERR_NAME_REQUIRED,
     N_("no name behind < or &: in a text write &lt; for < and &amp; for &")},
    {XML_FROM_PARSER, XML_ERR_ENTITYREF_SEMICOL_MISSING,
     N_("no ; behind &…: in a text write &amp; for &")},
    {XML_FROM_PARSER, XML_WAR_UNDECLARED_ENTITY,
     N_("&{1}; is not known: write the character itself")},
    {XML_FROM_PARSER, XML_ERR_UNDECLARED_ENTITY,
     N_("&{1}; is not known: write the character itself")},
    {XML_FROM_PARSER, XML_ERR_DOCUMENT_EMPTY, N_("no XML: it begins with <")},
    {XML_FROM_PARSER, XML_ERR_DOCUMENT_END, N_("something stands behind the end of the document")},
    {XML_FROM_PARSER, XML_ERR_INVALID_CHAR, NOT_UTF_8},
    {XML_FROM_PARSER, XML_ERR_INVALID_ENCODING, NOT_UTF_8},
    {XML_FROM_PARSER, XML_ERR_UNSUPPORTED_ENCODING, N_("the encoding {1} is not known")},
    {XML_FROM_PARSER, XML_ERR_HYPHEN_IN_COMMENT, N_("no -- may stand within a comment")},
    {XML_FROM_PARSER, XML_ERR_COMMENT_NOT_FINISHED, N_("a comment does not end with -->")},
    {XML_FROM_NAMESPACE, XML_NS_ERR_UNDEFINED_NAMESPACE,
     N_("{1}: is not declared; the first element needs xmlns:{1}=\"…\"")},
    {XML_FROM_RELAXNGV, XML_RELAXNG_ERR_ELEMNAME, N_("<{1}> is expected here, not <{2}>")},
    {XML_FROM_RELAXNGV, XML_RELAXNG_ERR_ELEMWRONG, N_("no <{1}> is allowed here")},
    {XML_FROM_RELAXNGV, XML_RELAXNG_ERR_EXTRACONTENT, N_("<{1}> holds more than is allowed")},
    {XML_FROM_RELAXNGV, XML_RELAXNG_ERR_ELEMWRONGNS,
     N_("<{1}> has another namespace: xmlns=\"{2}\" is expected")},
    {XML_FROM_RELAXNGV, XML_RELAXNG_ERR_ELEMNONS, N_("<{1}> lacks its namespace (xmlns)")},
    {XML_FROM_RELAXNGV, XML_RELAXNG_ERR_ELEMNOTEMPTY, N_("<{1}> must be empty")},
    {XML_FROM_RELAXNGV, XML_RELAXNG_ERR_NOELEM, N_("an element is missing at the end")},
    {XML_FROM_RELAXNGV, XML_RELAXNG_ERR_NOTELEM, N_("an element is expected here, not text")},
    {XML_FROM_RELAXNGV, XML_RELAXNG_ERR_TEXTWRONG, N_("no text may stand in <{1}>")},
    {XML_FROM_RELAXNGV, XML_RELAXNG_ERR_INVALIDATTR,
     N_("<{2}> may have no attribute {1}, or not with this value")},
    {XML_FROM_RELAXNGV, XML_RELAXNG_ERR_ATTRVALID,
     N_("<{1}> lacks an attribute, or one has a wrong value")},
    {XML_FROM_RELAXNGV, XML_RELAXNG_ERR_CONTENTVALID, N_("what stands in <{1}> is not right")},
    {XML_FROM_RELAXNGV, XML_RELAXNG_ERR_VALUE, N_("a value is not one of those allowed")},
    {XML_FROM_RELAXNGV, XML_RELAXNG_ERR_DATATYPE,
     N_("a text or value is empty, or not of the kind expected")},
};

static void fill(GString *words, const char *place, const char *text)
{
	g_string_replace(words, place, text ? text : "…", 0);
}

char *xml_fault(const xmlError *problem)
{
	for (guint i = 0; i < G_N_ELEMENTS(faults); i++)
		if (faults[i].domain == problem->domain && faults[i].code == problem->code) {
			g_autoptr(GString) words = g_string_new(_(faults[i].words));
			g_autofree char *line = g_strdup_printf("%d", problem->int1);

			fill(words, "{line}", line);
			fill(words, "{1}", problem->str1 && *problem->str1 ? problem->str1 : NULL);
			fill(words, "{2}", problem->str2);
			return charset_line(words->str);
		}
	return g_strchomp(charset_line(problem->message ? problem->message : "?"));
}
