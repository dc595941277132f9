#include "collector/html.h"

#include "collector/html_source.h"
#include "collector/words.h"

#include <libxml/HTMLparser.h>
#include <libxml/SAX2.h>
#include <string.h>

#define DEPTH_MAX  400 /* elements within elements that a tree has */
#define FORM_DEPTH 90  /* of deeper documents: what is within so many keeps its form */

/* What is being written. */
struct sink {
	GString *out;
	GString *line;         /* the line under way */
	guint blank_wanted;    /* empty lines before the next text */
	gboolean space;        /* white space before the next word */
	guint quote;           /* quoted elements around */
	guint signature;       /* signature elements around */
	guint pre;             /* <pre> around */
	guint list_depth;      /* lists around */
	guint cell;            /* cells of the row so far */
	gboolean below_wanted; /* HTML_MARK_BELOW goes out before the next line */
	gboolean cut;          /* HTML_TEXT_MAX was reached */
	gboolean spans;        /* HTML_LOST_GRID */
	gboolean rows;         /* a row stays a line wherever its cells have one line each */
};

static void line_end(struct sink *sink)
{
	GString *line = sink->line;

	sink->space = FALSE;
	while (line->len > 0 && g_ascii_isspace(line->str[line->len - 1]))
		g_string_truncate(line, line->len - 1);
	if (line->len == 0)
		return;
	if (sink->out->len < HTML_TEXT_MAX) {
		if (sink->below_wanted)
			g_string_append_printf(sink->out, "%c\n", HTML_MARK_BELOW);
		sink->below_wanted = FALSE;
		for (guint i = 0; i < sink->blank_wanted && sink->out->len > 0; i++)
			g_string_append_c(sink->out, '\n');
		if (sink->quote)
			g_string_append_c(sink->out, HTML_MARK_QUOTE);
		else if (sink->signature)
			g_string_append_c(sink->out, HTML_MARK_SIGNATURE);
		g_string_append_len(sink->out, line->str, (gssize)line->len);
		g_string_append_c(sink->out, '\n');
	} else {
		sink->cut = TRUE;
	}
	sink->blank_wanted = 0;
	g_string_truncate(line, 0);
}

static void blank_line(struct sink *sink)
{
	line_end(sink);
	sink->blank_wanted = 1;
}

static void text_add(struct sink *sink, const char *text)
{
	for (const char *p = text; *p; p++) {
		guchar c = (guchar)*p;

		/* cut in front of a character, never within one */
		if ((c & 0xC0) != 0x80 && sink->out->len + sink->line->len >= HTML_TEXT_MAX) {
			sink->cut = TRUE;
			return;
		}
		if (c == '\n' && sink->pre) {
			if (sink->line->len == 0)
				sink->blank_wanted = MIN(sink->blank_wanted + 1, 2U);
			line_end(sink);
			continue;
		}
		/* A no-break space (C2 A0) is a space here, zero-width ones are nothing. */
		if (c == 0xC2 && (guchar)p[1] == 0xA0) {
			p++;
			if (sink->pre || sink->line->len > 0)
				sink->space = TRUE;
			continue;
		}
		if (c == 0xE2 && (guchar)p[1] == 0x80 && (guchar)p[2] >= 0x8B &&
		    (guchar)p[2] <= 0x8F) {
			p += 2;
			continue;
		}
		if (c == 0xEF && (guchar)p[1] == 0xBB && (guchar)p[2] == 0xBF) {
			p += 2;
			continue;
		}
		if (g_ascii_isspace(c) || c < 0x20 || c == 0x7f) {
			if (sink->pre)
				g_string_append_c(sink->line, ' ');
			else
				sink->space = sink->line->len > 0;
			continue;
		}
		if (sink->space)
			g_string_append_c(sink->line, ' ');
		sink->space = FALSE;
		g_string_append_c(sink->line, (char)c);
	}
}

static gboolean is_one_of(const char *name, const char *names)
{
	gsize length = strlen(name);
	const char *p = names;

	while ((p = strstr(p, name))) {
		if ((p == names || p[-1] == ' ') && (p[length] == ' ' || p[length] == '\0'))
			return TRUE;
		p += length;
	}
	return FALSE;
}

#define SKIPPED "head script style title meta link template noscript object svg iframe"
#define BLOCKS                                                                                     \
	"div p table tr ul ol li dl dt dd h1 h2 h3 h4 h5 h6 blockquote pre hr form section "       \
	"article header footer address center fieldset tbody thead caption body includetail main " \
	"figure"
#define SPACED "p h1 h2 h3 h4 h5 h6 ul ol table blockquote pre"

static char *attribute(xmlNodePtr node, const char *name)
{
	xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)name);
	char *copy = value ? g_ascii_strdown((const char *)value, -1) : NULL;

	xmlFree(value);
	return copy;
}

enum role { ROLE_NONE, ROLE_QUOTE, ROLE_BELOW, ROLE_SIGNATURE };

/* What the element's class, id or style says about it: each client's own way. */
static enum role role_of(xmlNodePtr node, const char *name)
{
	/* Elements that hold what is quoted. */
	static const char quotes[] =
	    "gmail_quote|gmail_extra|yahoo_quoted|protonmail_quote|moz-cite-prefix|"
	    "moz-forward-container|moz-email-headers|zmail_extra|tutanota_quote|"
	    "front-blockquote|ntes-mailmaster-quote|isreplycontent|qmbox_quote|"
	    "mailmaster-quote|reply-quote|quoted-mail|airmail_ext_on|history_container|"
	    "mcntmcntreply|ms-outlook-quote|replymessage";
	/* Elements with which the letter that is answered begins. */
	static const char belows[] =
	    "divrplyfwdmsg|appendonsend|stopspelling|olk_src_body_section|divrpfw|"
	    "mail-editor-reference-message|mailquote|x_divrplyfwdmsg|reply-intro|mailoriginal";
	static const char signatures[] =
	    "gmail_signature|moz-signature|applemailsignature|ms-outlook-mobile-signature|"
	    "outlookmobilesignature|foxmail_sign|ntes-mailmaster-signature|"
	    "protonmail_signature|mailsignature|yahoo-signature|mail-signature|qqmail_sign|"
	    "xm_write_signature";
	g_autofree char *id = attribute(node, "id");
	g_autofree char *class = attribute(node, "class");
	g_autofree char *style = attribute(node, "style");
	enum role role = ROLE_NONE;

	if ((id && strcmp(id, "signature") == 0) || strcmp(name, "sign") == 0)
		role = ROLE_SIGNATURE;
	else if (words_in(id, belows) || words_in(class, belows))
		role = ROLE_BELOW;
	else if (words_in(id, quotes) || words_in(class, quotes))
		role = ROLE_QUOTE;
	else if (words_in(id, signatures) || words_in(class, signatures))
		role = ROLE_SIGNATURE;
	if (role == ROLE_QUOTE && class && strstr(class, "gmail_extra"))
		role = ROLE_NONE; /* holds the answer itself when one answers in between */
	if (role != ROLE_NONE)
		return role;
	if (strcmp(name, "blockquote") == 0) {
		g_autofree char *type = attribute(node, "type");
		g_autofree char *cite = attribute(node, "cite");

		/* A plain blockquote may be the writer's; a client's has a type, cite or border. */
		if (type || cite || (style && strstr(style, "border-left")) ||
		    (class && strstr(class, "quote")))
			return ROLE_QUOTE;
	}
	/* Outlook and Foxmail: a block with nothing but a line above begins the header block. */
	if (style && strcmp(name, "div") == 0 && strstr(style, "border:none") &&
	    strstr(style, "border-top:solid") && strstr(style, "1.0pt"))
		return ROLE_BELOW;
	return ROLE_NONE;
}

static void node_write(struct sink *sink, xmlNodePtr node);

static void children_write(struct sink *sink, xmlNodePtr node)
{
	for (xmlNodePtr child = node->children; child; child = child->next)
		node_write(sink, child);
}

/* What an element puts before its children. */
static void element_open(struct sink *sink, const char *name)
{
	if (is_one_of(name, SPACED) && !(is_one_of(name, "ul ol") && sink->list_depth > 0))
		blank_line(sink);
	else if (is_one_of(name, BLOCKS))
		line_end(sink);
	if (strcmp(name, "li") == 0) {
		for (guint i = 1; i < MIN(sink->list_depth, 8U); i++)
			g_string_append(sink->line, "  ");
		g_string_append(sink->line, "- ");
	} else if (is_one_of(name, "td th")) {
		if (sink->cell++ > 0 && sink->line->len > 0) {
			g_string_append(sink->line, " | ");
			sink->space = FALSE;
		}
	} else if (strcmp(name, "tr") == 0) {
		sink->cell = 0;
	}
}

/* White space, no-break spaces too. */
static gboolean is_white(const char *text)
{
	while (g_ascii_isspace(*text) || g_str_has_prefix(text, "\xc2\xa0"))
		text += *text == '\xc2' ? 2 : 1;
	return *text == '\0';
}

/* Paragraphs within a cell would break its row: only one that holds several keeps them. */
static gboolean is_plain_cell(xmlNodePtr cell)
{
	guint blocks = 0;

	for (xmlNodePtr child = cell->children; child; child = child->next) {
		if (child->type != XML_ELEMENT_NODE)
			continue;
		if (is_one_of((const char *)child->name, "table ul ol blockquote pre br hr"))
			return FALSE;
		if (is_one_of((const char *)child->name, BLOCKS)) {
			blocks++;
			if (!is_plain_cell(child))
				return FALSE;
		}
	}
	return blocks <= 1;
}

/* The lines of text in an element, and more than one for a table; `within_inout` says whether a
 * line is under way. Ends with the second. */
static guint lines_in(xmlNodePtr node, gboolean *within_inout, guint depth)
{
	guint lines = 0;

	for (xmlNodePtr child = node->children; child && lines < 2; child = child->next) {
		const char *name = (const char *)child->name;
		gboolean breaks = FALSE;

		if (child->type == XML_ELEMENT_NODE) {
			if (depth > DEPTH_MAX || is_one_of(name, "table td th"))
				return 2;
			breaks = is_one_of(name, BLOCKS) || strcmp(name, "br") == 0;
			*within_inout &= !breaks;
			if (!is_one_of(name, SKIPPED))
				lines += lines_in(child, within_inout, depth + 1);
			*within_inout &= !breaks;
		} else if (child->type == XML_TEXT_NODE &&
			   !is_white((const char *)child->content)) {
			lines += *within_inout ? 0 : 1;
			*within_inout = TRUE;
		}
	}
	return lines;
}

static gboolean is_one_line(xmlNodePtr cell)
{
	gboolean within = FALSE;

	return lines_in(cell, &within, 0) <= 1;
}

static void text_of(struct sink *sink, xmlNodePtr node)
{
	for (xmlNodePtr child = node->children; child; child = child->next) {
		if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE)
			text_add(sink, (const char *)child->content);
		else if (child->type == XML_ELEMENT_NODE &&
			 !is_one_of((const char *)child->name, SKIPPED))
			text_of(sink, child);
	}
}

/* Whether a cell behind a department's code spans others. */
static gboolean spans_in_row(const struct sink *sink, xmlNodePtr cell)
{
	const char *line = sink->line->str;
	g_autofree char *across = NULL;
	g_autofree char *down = NULL;

	if (line[0] != 'd' || !g_ascii_isdigit(line[1]))
		return FALSE;
	across = attribute(cell, "colspan");
	down = attribute(cell, "rowspan");
	return (across && atoi(across) != 1) || (down && atoi(down) != 1);
}

static void element_write(struct sink *sink, xmlNodePtr node)
{
	const char *name = (const char *)node->name;
	enum role role;
	guint list, pre;

	if (is_one_of(name, SKIPPED))
		return;
	if (strcmp(name, "br") == 0) {
		if (sink->line->len == 0)
			sink->blank_wanted = MIN(sink->blank_wanted + 1, 2U);
		line_end(sink);
		return;
	}
	if (strcmp(name, "hr") == 0) {
		line_end(sink);
		g_string_append(sink->line, "----------");
		line_end(sink);
		return;
	}
	role = role_of(node, name);
	list = is_one_of(name, "ul ol") ? 1 : 0;
	pre = strcmp(name, "pre") == 0 ? 1 : 0;
	if (role != ROLE_NONE)
		line_end(sink);
	if (role == ROLE_BELOW)
		sink->below_wanted = TRUE;
	element_open(sink, name);
	if (is_one_of(name, "td th"))
		sink->spans |= spans_in_row(sink, node);
	sink->quote += role == ROLE_QUOTE ? 1 : 0;
	sink->signature += role == ROLE_SIGNATURE ? 1 : 0;
	sink->pre += pre;
	sink->list_depth += list;
	if (is_one_of(name, "td th") && (sink->rows ? is_one_line(node) : is_plain_cell(node)))
		text_of(sink, node);
	else
		children_write(sink, node);
	if (role != ROLE_NONE || is_one_of(name, BLOCKS))
		line_end(sink);
	if (is_one_of(name, SPACED))
		sink->blank_wanted = MAX(sink->blank_wanted, 1);
	sink->quote -= role == ROLE_QUOTE ? 1 : 0;
	sink->signature -= role == ROLE_SIGNATURE ? 1 : 0;
	sink->pre -= pre;
	sink->list_depth -= list;
}

static void node_write(struct sink *sink, xmlNodePtr node)
{
	if (sink->cut)
		return;
	if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE)
		text_add(sink, (const char *)node->content);
	else if (node->type == XML_ELEMENT_NODE)
		element_write(sink, node);
}

/* Marks and bullets at the very end may lie beyond HTML_TEXT_MAX. */
static void text_bound(struct sink *sink)
{
	gsize size = HTML_TEXT_MAX;

	if (sink->out->len <= size)
		return;
	while (((guchar)sink->out->str[size] & 0xC0) == 0x80)
		size--;
	g_string_truncate(sink->out, size);
	sink->cut = TRUE;
}

/* An element begins. Beyond DEPTH_MAX reading stops, and says so in the parser's own place. */
static void element_begin(void *data, const xmlChar *name, const xmlChar **attributes)
{
	htmlParserCtxtPtr parser = data;
	gboolean *too_deep = parser->_private;

	if (parser->nameNr > DEPTH_MAX) {
		*too_deep = TRUE;
		xmlStopParser(parser);
		return;
	}
	xmlSAX2StartElement(data, name, attributes);
}

/*
 * The document's tree, or NULL. libxml2's own limit of depth is half as deep and ends the document
 * without a word; its others lie above HTML_SOURCE_MAX. Ours bounds what it looks through at each
 * end tag, too.
 */
static htmlDocPtr document(const char *html, gsize size, gboolean *too_deep_out)
{
	htmlParserCtxtPtr parser = htmlNewParserCtxt();
	htmlDocPtr doc = NULL;

	*too_deep_out = FALSE;
	if (!parser || size == 0) {
		htmlFreeParserCtxt(parser);
		return NULL;
	}
	parser->sax->startElement = element_begin;
	parser->_private = too_deep_out;
	doc = htmlCtxtReadMemory(parser, html, (int)size, NULL, "UTF-8",
				 HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
				     HTML_PARSE_NONET | HTML_PARSE_COMPACT | (int)XML_PARSE_HUGE);
	htmlFreeParserCtxt(parser);
	return doc;
}

/* The tree of what is too deep in itself: with the form of what is not, else without any. */
static htmlDocPtr flat_document(const char *html, guint *lost)
{
	static const guint depths[] = {FORM_DEPTH, 0};
	htmlDocPtr doc = NULL;
	gboolean too_deep = TRUE;

	for (gsize i = 0; too_deep && i < G_N_ELEMENTS(depths); i++) {
		gboolean left_out;
		GString *flat = html_source_flatten(html, depths[i], &left_out);

		if (doc)
			xmlFreeDoc(doc);
		doc = document(flat->str, flat->len, &too_deep);
		*lost |= left_out ? HTML_LOST_FORM : 0;
		g_string_free(flat, TRUE);
	}
	*lost |= too_deep ? HTML_LOST_TEXT : 0;
	return doc;
}

static char *convert(const char *html, gsize length, gboolean rows, guint *lost_out)
{
	struct sink sink = {.out = g_string_new(NULL), .line = g_string_new(NULL), .rows = rows};
	gsize size = MIN(length, HTML_SOURCE_MAX);
	g_autofree char *bounded = NULL;
	htmlDocPtr doc;
	gboolean too_deep;
	guint lost = size < length ? HTML_LOST_TEXT : 0;

	while (size < length && size > 0 && ((guchar)html[size] & 0xC0) == 0x80)
		size--;
	bounded = g_strndup(html, size);
	html_source_bound_attributes(bounded, size);
	doc = document(bounded, size, &too_deep);
	if (too_deep) {
		if (doc)
			xmlFreeDoc(doc);
		doc = flat_document(bounded, &lost);
	}
	if (doc) {
		children_write(&sink, (xmlNodePtr)doc);
		line_end(&sink);
		xmlFreeDoc(doc);
	}
	text_bound(&sink);
	lost |= (sink.cut ? HTML_LOST_TEXT : 0) | (sink.spans ? HTML_LOST_GRID : 0);
	if (lost_out)
		*lost_out = lost;
	g_string_free(sink.line, TRUE);
	if (!g_utf8_validate(sink.out->str, -1, NULL)) {
		char *valid = g_utf8_make_valid(sink.out->str, -1);

		g_string_free(sink.out, TRUE);
		return valid;
	}
	return g_string_free(sink.out, FALSE);
}

char *html_read(const char *html, gsize length, guint *lost_out)
{
	return convert(html, length, FALSE, lost_out);
}

char *html_to_text(const char *html, gsize length)
{
	return html_read(html, length, NULL);
}

char *html_to_rows(const char *html, gsize length, guint *lost_out)
{
	return convert(html, length, TRUE, lost_out);
}

char *html_unmark(const char *text)
{
	GString *out = g_string_sized_new(strlen(text));

	for (const char *p = text; *p; p++) {
		if (*p == HTML_MARK_QUOTE)
			g_string_append(out, "> ");
		else if (*p == HTML_MARK_BELOW && p[1] == '\n')
			p++;
		else if (*p != HTML_MARK_SIGNATURE && *p != HTML_MARK_BELOW)
			g_string_append_c(out, *p);
	}
	return g_string_free(out, FALSE);
}
