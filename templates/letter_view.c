#include "templates/view_program.h"

#include "base/error.h"
#include "base/xml.h"
#include "templates/escape.h"
#include "templates/letter_pictures.h"
#include "templates/letter_print.h"

#include <string.h>

#define GRAMMAR "templates/letter.rng"

const char *const letter_field_names[LETTER_FIELDS + 1] = {
    "enterprise", "contact",   "office",   "phone",      "address",    "round", "number",
    "link",       "opens",     "closes",   "keep_until", "signed_by",  "date",  "opinion",
    "answer",     "form",      "turn",     "turns",      "first_date", "name",  "to_sign",
    "working",    "due_today", "due_soon", "overdue",    "items",      NULL,
};

struct letter_view {
	struct view_program *html;
	struct view_program *text;
	struct view_program *subject;
	struct letter_pictures *pictures;
	struct view_program *print;
};

/* Where the writing of a part stands. White space is one space between words, none at the borders
 * of a block, and none where a line of Chinese was broken in the template. */
struct writer {
	struct view_builder builder;
	gboolean html;
	gboolean subject;
	gboolean chinese;
	gboolean start;    /* nothing of the block is written yet */
	gboolean space;    /* white space was seen since … */
	gboolean line_end; /* … and a line end was in it */
	gboolean wide;     /* the last character was a wide one */
	guint list_depth;
};

/* A Chinese face draws English quotation marks wide: in an English letter it comes second. */
#define FONT_CHINESE "font-family:'Songti SC',SimSun,'Noto Serif CJK SC',Georgia,serif"
#define FONT_ENGLISH "font-family:Georgia,'Songti SC',SimSun,serif"

static const struct {
	const char *name;
	const char *style;
} styles[] = {
    {"h1", "margin:0 0 24px;font-size:22px;line-height:1.4;text-align:center"},
    {"h2", "margin:24px 0 12px;font-size:18px;line-height:1.4"},
    {"h3", "margin:20px 0 8px;font-size:16px;line-height:1.4"},
    {"p", "margin:0 0 14px"},
    {"p.zh", "margin:0 0 14px;text-indent:2em"},
    {"p.opening", "margin:0 0 14px"},
    {"p.sign", "margin:0 0 6px;text-align:right"},
    {"p.small", "margin:0 0 10px;font-size:14px;line-height:1.6;color:#555555"},
    {"p.quote", "margin:0 0 14px;padding:8px 14px;border-left:3px solid #9aa5b1;"
		"background-color:#f5f6f7"},
    {"p.items", "margin:0 0 14px;padding:2px 0 2px 10px;border-left:3px solid #9aa5b1;"
		"font-size:14px;line-height:1.8"},
    {"ul", "margin:0 0 14px;padding:0 0 0 2em"},
    {"ol", "margin:0 0 14px;padding:0 0 0 2em"},
    {"li", "margin:0 0 6px"},
    {"table", "margin:0 0 14px;border-collapse:collapse"},
    {"th", "padding:6px 8px;border:1px solid #b5b5b5;text-align:left"},
    {"td", "padding:6px 8px;border:1px solid #b5b5b5"},
    {"td.n", "padding:6px 8px;border:1px solid #b5b5b5;text-align:right;white-space:nowrap"},
    {"a", "color:#1d4f91;word-break:break-word"},
    {"img", "max-width:100%;border:0"},
};

static const char *style_of(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(styles); i++) {
		if (strcmp(styles[i].name, name) == 0)
			return styles[i].style;
	}
	return NULL;
}

/* Text as it stands; a line end becomes CR LF. */
static void put(struct writer *writer, const char *text)
{
	const char *end;

	for (; (end = strchr(text, '\n')) != NULL; text = end + 1) {
		view_build_literal(&writer->builder, text, end - text);
		view_build_literal(&writer->builder, "\r\n", 2);
	}
	view_build_literal(&writer->builder, text, -1);
}

static void start_block(struct writer *writer)
{
	writer->start = TRUE;
	writer->space = FALSE;
	writer->line_end = FALSE;
	writer->wide = FALSE;
}

/* Writes the space that is due before something that begins with a wide character or not. */
static void put_space(struct writer *writer, gboolean wide)
{
	if (writer->space && !writer->start && !(writer->line_end && writer->wide && wide))
		put(writer, " ");
	writer->space = FALSE;
	writer->line_end = FALSE;
	writer->start = FALSE;
}

static void put_static(struct writer *writer, const char *text)
{
	g_autoptr(GString) run = g_string_new(NULL);
	g_autoptr(GString) escaped = g_string_new(NULL);

	for (const char *p = text; *p; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		gboolean wide;

		if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
			writer->space = TRUE;
			writer->line_end |= c == '\n';
			continue;
		}
		wide = g_unichar_iswide(c) || (writer->chinese && g_unichar_iswide_cjk(c));
		if (writer->space && !writer->start && !(writer->line_end && writer->wide && wide))
			g_string_append_c(run, ' ');
		writer->space = FALSE;
		writer->line_end = FALSE;
		writer->start = FALSE;
		writer->wide = wide;
		g_string_append_unichar(run, c);
	}
	if (writer->html)
		escape_text(escaped, run->str);
	put(writer, writer->html ? escaped->str : run->str);
}

static enum view_place place_of(const struct writer *writer)
{
	if (writer->html)
		return PLACE_LINES;
	return writer->subject ? PLACE_PLAIN : PLACE_MAIL;
}

static gboolean put_slot(struct writer *writer, const xmlNode *node, const char *text,
			 GError **error)
{
	guint expression;

	if (!view_build_expression(&writer->builder, node, text, FALSE, &expression, error))
		return FALSE;
	put_space(writer, writer->chinese);
	writer->wide = writer->chinese;
	view_build_op(&writer->builder, OP_SLOT, expression, place_of(writer));
	return TRUE;
}

static gboolean write_inline(struct writer *writer, const xmlNode *node, GError **error);

/* --- attributes --- */

/* p:face="mail" and p:face="paper": the element is on that face only. */
static gboolean is_face(const xmlAttr *attribute)
{
	const char *value = attribute->children ? (const char *)attribute->children->content : "";

	return strcmp((const char *)attribute->name, "face") == 0 &&
	       (strcmp(value, "mail") == 0 || strcmp(value, "paper") == 0);
}

static gboolean is_for_paper(const xmlNode *node)
{
	g_autofree char *face = view_binding(node, "face");

	return face && strcmp(face, "paper") == 0;
}

static gboolean check_bindings(struct writer *writer, const xmlNode *node, GError **error)
{
	for (const xmlAttr *a = node->properties; a; a = a->next) {
		const char *name = (const char *)a->name;
		gboolean bound = a->ns && strcmp((const char *)a->ns->href, VIEW_NS) == 0;

		if (!bound && strchr(name, ':'))
			return view_refuse(&writer->builder, node, error,
					   _("%s: its prefix is not declared"), name);
		if (!bound || strcmp(name, "if") == 0 || strcmp(name, "text") == 0 || is_face(a))
			continue;
		if (!(xml_is(node, "a") && strcmp(name, "attr-href") == 0) &&
		    !(xml_is(node, "img") && strcmp(name, "attr-alt") == 0))
			return view_refuse(&writer->builder, node, error,
					   _("p:%s is not known here"), name);
	}
	return TRUE;
}

static gboolean check_below(struct writer *writer, const xmlNode *node, GError **error)
{
	for (const xmlNode *child = node->children; child; child = child->next) {
		if (child->type == XML_ELEMENT_NODE &&
		    (!check_bindings(writer, child, error) || !check_below(writer, child, error)))
			return FALSE;
	}
	return TRUE;
}

/* An attribute, bound or as it stands; in the text part only its value. */
static gboolean put_attribute(struct writer *writer, const xmlNode *node, const char *name,
			      enum view_place place, GError **error)
{
	g_autofree char *binding_name = g_strconcat("attr-", name, NULL);
	g_autofree char *binding = view_binding(node, binding_name);
	g_autofree char *value = xml_attribute(node, name);
	g_autoptr(GString) escaped = g_string_new(NULL);
	guint expression;

	if (!binding && !value)
		return TRUE;
	if (binding) {
		if (!view_build_expression(&writer->builder, node, binding, FALSE, &expression,
					   error))
			return FALSE;
		if (writer->html)
			view_build_attribute(&writer->builder, name, expression, place);
		else
			view_build_op(&writer->builder, OP_SLOT, expression, place_of(writer));
		return TRUE;
	}
	if (!writer->html) {
		put(writer, value);
		return TRUE;
	}
	g_string_append_printf(escaped, " %s=\"", name);
	if (place == PLACE_URL)
		escape_url(escaped, value);
	else
		escape_attribute(escaped, value);
	g_string_append_c(escaped, '"');
	put(writer, escaped->str);
	return TRUE;
}

static void put_style(struct writer *writer, const char *style)
{
	if (!style)
		return;
	put(writer, " style=\"");
	put(writer, style);
	put(writer, "\"");
}

/* --- inline --- */

/* Whether a link shows its own address, or one that a reader of plain text cannot follow. */
static gboolean text_suffices(const xmlNode *node)
{
	g_autofree char *text = view_binding(node, "text");
	g_autofree char *binding = view_binding(node, "attr-href");
	g_autofree char *href = xml_attribute(node, "href");

	if (binding)
		return text && strcmp(text, binding) == 0;
	return g_str_has_prefix(href, "mailto:") || g_str_has_prefix(href, "tel:") ||
	       href[0] == '#';
}

static gboolean has_text_after(const xmlNode *node)
{
	for (node = node->next; node; node = node->next) {
		if (node->type == XML_ELEMENT_NODE)
			return TRUE;
		if (node->type == XML_TEXT_NODE && !xmlIsBlankNode(node))
			return TRUE;
	}
	return FALSE;
}

static gboolean write_link(struct writer *writer, const xmlNode *node, const char *style,
			   GError **error)
{
	if (writer->html) {
		put_space(writer, writer->chinese);
		put(writer, "<a");
		if (!put_attribute(writer, node, "href", PLACE_URL, error))
			return FALSE;
		put_style(writer, style);
		put(writer, ">");
		if (!write_inline(writer, node, error))
			return FALSE;
		put(writer, "</a>");
		return TRUE;
	}
	if (!write_inline(writer, node, error))
		return FALSE;
	if (text_suffices(node))
		return TRUE;
	put(writer, writer->chinese ? "：" : ": ");
	if (!put_attribute(writer, node, "href", PLACE_URL, error))
		return FALSE;
	if (has_text_after(node)) {
		put(writer, " "); /* else mail programs take what follows into the address */
		start_block(writer);
	}
	return TRUE;
}

static gboolean write_image(struct writer *writer, const xmlNode *node, GError **error)
{
	g_autofree char *source = xml_attribute(node, "src"); /* cid:NAME, says the grammar */

	put_space(writer, FALSE);
	if (!writer->html) {
		put(writer, "[");
		if (!put_attribute(writer, node, "alt", PLACE_ATTRIBUTE, error))
			return FALSE;
		put(writer, "]");
		return TRUE;
	}
	put(writer, "<img src=\"");
	put(writer, source);
	put(writer, LETTER_PICTURE_AT "\"");
	if (!put_attribute(writer, node, "alt", PLACE_ATTRIBUTE, error) ||
	    !put_attribute(writer, node, "width", PLACE_ATTRIBUTE, error) ||
	    !put_attribute(writer, node, "height", PLACE_ATTRIBUTE, error))
		return FALSE;
	put_style(writer, style_of("img"));
	put(writer, ">");
	return TRUE;
}

static gboolean write_inline_element(struct writer *writer, const xmlNode *node, GError **error)
{
	if (xml_is(node, "a"))
		return write_link(writer, node, style_of("a"), error);
	if (xml_is(node, "img"))
		return write_image(writer, node, error);
	if (xml_is(node, "br")) {
		put(writer, writer->html ? "<br>" : "\n");
		start_block(writer);
		return TRUE;
	}
	if (writer->html) { /* strong, em */
		put_space(writer, writer->chinese);
		put(writer, "<");
		put(writer, (const char *)node->name);
		put(writer, ">");
	}
	if (!write_inline(writer, node, error))
		return FALSE;
	if (writer->html) {
		put(writer, "</");
		put(writer, (const char *)node->name);
		put(writer, ">");
	}
	return TRUE;
}

static gboolean is_list(const xmlNode *node)
{
	return xml_is(node, "ul") || xml_is(node, "ol");
}

typedef gboolean write_function(struct writer *writer, const xmlNode *node, GError **error);

/* An element, where its p:if holds. */
static gboolean write_conditional(struct writer *writer, const xmlNode *node, write_function *write,
				  GError **error)
{
	g_autofree char *condition = view_binding(node, "if");
	guint expression, op;

	if (!check_bindings(writer, node, error))
		return FALSE;
	if (is_for_paper(node)) /* not written here, but wrong is wrong */
		return check_below(writer, node, error);
	if (!condition)
		return write(writer, node, error);
	if (!view_build_expression(&writer->builder, node, condition, TRUE, &expression, error))
		return FALSE;
	op = view_build_op(&writer->builder, OP_UNLESS, expression, 0);
	if (!write(writer, node, error))
		return FALSE;
	view_build_target(&writer->builder, op);
	return TRUE;
}

/* The content of an element: p:text, or text and inline elements (lists are written later). */
static gboolean write_inline(struct writer *writer, const xmlNode *node, GError **error)
{
	g_autofree char *text = view_binding(node, "text");

	if (text)
		return put_slot(writer, node, text, error);
	for (const xmlNode *child = node->children; child; child = child->next) {
		if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) {
			put_static(writer, (const char *)child->content);
		} else if (child->type == XML_ELEMENT_NODE && !is_list(child)) {
			if (!write_conditional(writer, child, write_inline_element, error))
				return FALSE;
		}
	}
	return TRUE;
}

/* --- blocks --- */

static gboolean write_list(struct writer *writer, const xmlNode *node, GError **error);

static gboolean write_item(struct writer *writer, const xmlNode *node, GError **error)
{
	start_block(writer);
	if (writer->html) {
		put(writer, "<li");
		put_style(writer, style_of("li"));
		put(writer, ">");
	} else {
		for (guint i = 1; i < writer->list_depth; i++)
			put(writer, "   ");
		if (xml_is(node->parent, "ol"))
			view_build_op(&writer->builder, OP_LIST_NUMBER, writer->list_depth - 1, 0);
		else
			put(writer, "- ");
	}
	if (!write_inline(writer, node, error))
		return FALSE;
	if (!writer->html)
		put(writer, "\n");
	for (const xmlNode *child = node->children; child; child = child->next) {
		if (is_list(child) && !write_conditional(writer, child, write_list, error))
			return FALSE;
	}
	if (writer->html)
		put(writer, "</li>\n");
	return TRUE;
}

static gboolean write_children(struct writer *writer, const xmlNode *node, write_function *write,
			       GError **error)
{
	for (const xmlNode *child = node->children; child; child = child->next) {
		if (child->type == XML_ELEMENT_NODE &&
		    !write_conditional(writer, child, write, error))
			return FALSE;
	}
	return TRUE;
}

static void open_tag(struct writer *writer, const xmlNode *node, const char *style)
{
	if (!writer->html)
		return;
	put(writer, "<");
	put(writer, (const char *)node->name);
	put_style(writer, style);
	put(writer, ">");
}

static void close_tag(struct writer *writer, const xmlNode *node, const char *in_text)
{
	if (!writer->html) {
		put(writer, in_text);
		return;
	}
	put(writer, "</");
	put(writer, (const char *)node->name);
	put(writer, ">\n");
}

static gboolean write_list(struct writer *writer, const xmlNode *node, GError **error)
{
	if (writer->list_depth >= LIST_DEPTH_MAX)
		return view_refuse(&writer->builder, node, error, _("lists go too deep"));
	if (!writer->html)
		view_build_op(&writer->builder, OP_LIST, writer->list_depth, 0);
	writer->list_depth++;
	open_tag(writer, node, style_of((const char *)node->name));
	if (!write_children(writer, node, write_item, error))
		return FALSE;
	writer->list_depth--;
	close_tag(writer, node, writer->list_depth == 0 ? "\n" : "");
	return TRUE;
}

static gboolean write_cell(struct writer *writer, const xmlNode *node, GError **error)
{
	gboolean first = !xmlPreviousElementSibling((xmlNode *)(gsize)node);
	g_autofree char *class = xml_attribute(node, "class");

	start_block(writer);
	if (!writer->html && !first)
		put(writer, "  ");
	open_tag(writer, node, style_of(class ? "td.n" : (const char *)node->name));
	if (!write_inline(writer, node, error))
		return FALSE;
	close_tag(writer, node, "");
	return TRUE;
}

static gboolean write_row(struct writer *writer, const xmlNode *node, GError **error)
{
	open_tag(writer, node, NULL);
	if (!write_children(writer, node, write_cell, error))
		return FALSE;
	close_tag(writer, node, "\n");
	return TRUE;
}

/* Outlook gives padding to table cells only, so a button is a table of one cell. */
static gboolean write_button(struct writer *writer, const xmlNode *node, GError **error)
{
	const xmlNode *link = xmlFirstElementChild((xmlNode *)(gsize)node);

	if (!link || !xml_is(link, "a") || xmlNextElementSibling((xmlNode *)(gsize)link) ||
	    xmlHasNsProp((xmlNode *)(gsize)link, (const xmlChar *)"if", (const xmlChar *)VIEW_NS))
		return view_refuse(&writer->builder, node, error,
				   _("a button holds one link and nothing else"));
	if (!check_bindings(writer, link, error))
		return FALSE;
	put(writer, "<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" "
		    "align=\"center\" style=\"margin:20px auto 24px\"><tr><td bgcolor=\"#1d4f91\" "
		    "style=\"border-radius:4px;background-color:#1d4f91;text-align:center\">");
	if (!write_link(writer, link,
			"display:inline-block;padding:12px 32px;font-size:16px;line-height:20px;"
			"font-weight:bold;color:#ffffff;text-decoration:none",
			error))
		return FALSE;
	put(writer, "</td></tr></table>\n");
	return TRUE;
}

static gboolean write_paragraph(struct writer *writer, const xmlNode *node, GError **error)
{
	g_autofree char *class = xml_attribute(node, "class");
	g_autofree char *name = NULL;

	start_block(writer);
	if (class && strcmp(class, "button") == 0 && writer->html)
		return write_button(writer, node, error);
	if (class)
		name = g_strconcat((const char *)node->name, ".", class, NULL);
	else if (xml_is(node, "p") && writer->chinese)
		name = g_strdup("p.zh");
	open_tag(writer, node, style_of(name ? name : (const char *)node->name));
	if (!write_inline(writer, node, error))
		return FALSE;
	close_tag(writer, node, "\n\n");
	return TRUE;
}

static gboolean write_block(struct writer *writer, const xmlNode *node, GError **error)
{
	if (is_list(node))
		return write_list(writer, node, error);
	if (!xml_is(node, "table"))
		return write_paragraph(writer, node, error);
	open_tag(writer, node, style_of("table"));
	if (!write_children(writer, node, write_row, error))
		return FALSE;
	close_tag(writer, node, "\n");
	return TRUE;
}

/* --- the parts --- */

static gboolean compile_html(struct writer *writer, const xmlNode *title, const xmlNode *body,
			     GError **error)
{
	writer->html = TRUE;
	put(writer, "<!DOCTYPE html>\n<html lang=\"");
	put(writer, writer->chinese ? "zh-CN" : "en");
	put(writer, "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
		    "content=\"width=device-width,initial-scale=1\"><title>");
	start_block(writer);
	if (!write_inline(writer, title, error))
		return FALSE;
	put(writer,
	    "</title></head>\n<body style=\"margin:0;padding:0;background-color:#ffffff\">\n"
	    "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" "
	    "border=\"0\"><tr><td align=\"center\" style=\"padding:24px 16px\">\n"
	    "<!--[if mso]><table role=\"presentation\" width=\"600\"><tr><td><![endif]-->\n"
	    "<div align=\"left\" style=\"max-width:600px;margin:0 auto;font-size:16px;"
	    "line-height:1.7;color:#1a1a1a;");
	put(writer, writer->chinese ? FONT_CHINESE : FONT_ENGLISH);
	put(writer, "\">\n");
	if (!write_children(writer, body, write_block, error))
		return FALSE;
	put(writer, "</div>\n<!--[if mso]></td></tr></table><![endif]-->\n"
		    "</td></tr></table>\n</body></html>\n");
	return TRUE;
}

static struct view_program *compile_part(const char *language, const char *name, xmlNode *html,
					 char part, GError **error)
{
	struct view_program *program = view_program_new(strcmp(language, "en") == 0);
	struct writer writer = {.subject = part == 's', .chinese = !program->english};
	const xmlNode *head = xmlFirstElementChild(html); /* the grammar says so */
	const xmlNode *title = xmlFirstElementChild((xmlNode *)(gsize)head);
	const xmlNode *body = xmlNextElementSibling((xmlNode *)(gsize)head);
	gboolean good;

	writer.builder = (struct view_builder){
	    .program = program, .file = name, .fields = letter_field_names, .letter = TRUE};
	start_block(&writer);
	if (part == 'h')
		good = compile_html(&writer, title, body, error);
	else if (part == 't')
		good = write_children(&writer, body, write_block, error);
	else
		good = write_inline(&writer, title, error);
	if (good)
		return program;
	view_program_free(program);
	return NULL;
}

struct letter_view *letter_view_new(const char *language, const char *name, const char *xhtml,
				    gsize size, GError **error)
{
	g_autoptr(letter_view_handle) view = NULL;
	g_autoptr(xmlDoc) doc = NULL;
	xmlNode *html;

	if (size > VIEW_SIZE_MAX) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s: longer than %u KB"),
			    name, VIEW_SIZE_MAX >> 10);
		return NULL;
	}
	doc = xml_parse(name, xhtml, size, GRAMMAR, error);
	if (!doc)
		return NULL;
	html = xmlDocGetRootElement(doc);
	view = g_new0(struct letter_view, 1);
	view->pictures = letter_pictures_find(name, html);
	view->html = compile_part(language, name, html, 'h', error);
	if (view->html)
		view->text = compile_part(language, name, html, 't', error);
	if (view->text)
		view->subject = compile_part(language, name, html, 's', error);
	if (view->subject)
		view->print =
		    letter_print_compile(language, name, xmlLastElementChild(html), error);
	return view->print ? g_steal_pointer(&view) : NULL;
}

/* At most one empty line in a row, none at the beginning, one line end at the end. */
static void tidy(GString *out, gsize from)
{
	static const char two_empty[] = "\r\n\r\n\r\n";
	gsize lead = strspn(out->str + from, "\r\n");
	gsize end = out->len;
	char *to;
	char *next;

	while (end > from + lead && g_ascii_isspace(out->str[end - 1]))
		end--;
	g_string_truncate(out, end);
	g_string_append_len(out, "\r\n", 2);
	if (lead > 0)
		g_string_erase(out, (gssize)from, (gssize)lead);
	to = next = strstr(out->str + from, two_empty);
	while (next) {
		const char *text = next + strspn(next, "\r\n");
		gsize length;

		next = strstr(text, two_empty);
		length = next ? (gsize)(next - text) : strlen(text);
		memcpy(to, "\r\n\r\n", 4);
		memmove(to + 4, text, length);
		to += 4 + length;
	}
	if (to)
		g_string_truncate(out, (gsize)(to - out->str));
}

gboolean letter_view_fill(const struct letter_view *view, const char *const *values,
			  GString *html_out, GString *text_out)
{
	gsize from = text_out->len;
	/* nothing can fail but a letter beyond VIEW_OUTPUT_MAX */
	gboolean good = view_run(view->html, NULL, values, html_out, NULL);

	good = view_run(view->text, NULL, values, text_out, NULL) && good;
	tidy(text_out, from);
	return good;
}

gboolean letter_view_fill_print(const struct letter_view *view, const char *const *values,
				GString *out)
{
	return view_run(view->print, NULL, values, out, NULL);
}

void letter_view_subject(const struct letter_view *view, const char *const *values, GString *out)
{
	gsize from = out->len;

	view_run(view->subject, NULL, values, out, NULL);
	for (char *p = out->str + from; *p; p++) {
		if (*p == '\n' || *p == '\t')
			*p = ' ';
	}
}

void letter_view_fix(struct letter_view *view, const char *const *values)
{
	view_fix(view->html, values);
	view_fix(view->text, values);
	view_fix(view->subject, values);
}

gboolean letter_view_shows(const struct letter_view *view, const char *name)
{
	return letter_pictures_have(view->pictures, name);
}

gboolean letter_view_check_pictures(const struct letter_view *view, const char *const *names,
				    GError **error)
{
	return letter_pictures_check(view->pictures, names, error);
}

void letter_view_free(struct letter_view *view)
{
	if (!view)
		return;
	letter_pictures_free(view->pictures);
	view_program_free(view->html);
	view_program_free(view->text);
	view_program_free(view->subject);
	view_program_free(view->print);
	g_free(view);
}
