#include "templates/letter_inline.h"

#include "base/error.h"
#include "base/xml.h"
#include "templates/escape.h"

#include <string.h>

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

const char *letter_style_of(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(styles); i++) {
		if (strcmp(styles[i].name, name) == 0)
			return styles[i].style;
	}
	return NULL;
}

/* Text as it stands; a line end becomes CR LF. */
void letter_put(struct letter_writer *writer, const char *text)
{
	const char *end;

	for (; (end = strchr(text, '\n')) != NULL; text = end + 1) {
		view_build_literal(&writer->builder, text, end - text);
		view_build_literal(&writer->builder, "\r\n", 2);
	}
	view_build_literal(&writer->builder, text, -1);
}

void letter_start_block(struct letter_writer *writer)
{
	writer->start = TRUE;
	writer->space = FALSE;
	writer->line_end = FALSE;
	writer->wide = FALSE;
}

/* Writes the space that is due before something that begins with a wide character or not. */
static void put_space(struct letter_writer *writer, gboolean wide)
{
	if (writer->space && !writer->start && !(writer->line_end && writer->wide && wide))
		letter_put(writer, " ");
	writer->space = FALSE;
	writer->line_end = FALSE;
	writer->start = FALSE;
}

static void put_static(struct letter_writer *writer, const char *text)
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
	letter_put(writer, writer->html ? escaped->str : run->str);
}

static enum view_place place_of(const struct letter_writer *writer)
{
	if (writer->html)
		return PLACE_LINES;
	return writer->subject ? PLACE_PLAIN : PLACE_MAIL;
}

static gboolean put_slot(struct letter_writer *writer, const xmlNode *node, const char *text,
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

gboolean letter_check_bindings(struct letter_writer *writer, const xmlNode *node, GError **error)
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

static gboolean check_below(struct letter_writer *writer, const xmlNode *node, GError **error)
{
	for (const xmlNode *child = node->children; child; child = child->next) {
		if (child->type == XML_ELEMENT_NODE &&
		    (!letter_check_bindings(writer, child, error) ||
		     !check_below(writer, child, error)))
			return FALSE;
	}
	return TRUE;
}

/* An attribute, bound or as it stands; in the text part only its value. */
static gboolean put_attribute(struct letter_writer *writer, const xmlNode *node, const char *name,
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
		letter_put(writer, value);
		return TRUE;
	}
	g_string_append_printf(escaped, " %s=\"", name);
	if (place == PLACE_URL)
		escape_url(escaped, value);
	else
		escape_attribute(escaped, value);
	g_string_append_c(escaped, '"');
	letter_put(writer, escaped->str);
	return TRUE;
}

void letter_put_style(struct letter_writer *writer, const char *style)
{
	if (!style)
		return;
	letter_put(writer, " style=\"");
	letter_put(writer, style);
	letter_put(writer, "\"");
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

gboolean letter_write_link(struct letter_writer *writer, const xmlNode *node, const char *style,
			   GError **error)
{
	if (writer->html) {
		put_space(writer, writer->chinese);
		letter_put(writer, "<a");
		if (!put_attribute(writer, node, "href", PLACE_URL, error))
			return FALSE;
		letter_put_style(writer, style);
		letter_put(writer, ">");
		if (!letter_write_inline(writer, node, error))
			return FALSE;
		letter_put(writer, "</a>");
		return TRUE;
	}
	if (!letter_write_inline(writer, node, error))
		return FALSE;
	if (text_suffices(node))
		return TRUE;
	letter_put(writer, writer->chinese ? "：" : ": ");
	if (!put_attribute(writer, node, "href", PLACE_URL, error))
		return FALSE;
	if (has_text_after(node)) {
		letter_put(writer, " "); /* else mail programs take what follows into the address */
		letter_start_block(writer);
	}
	return TRUE;
}

static gboolean write_image(struct letter_writer *writer, const xmlNode *node, GError **error)
{
	g_autofree char *source = xml_attribute(node, "src"); /* cid:NAME, says the grammar */

	put_space(writer, FALSE);
	if (!writer->html) {
		letter_put(writer, "[");
		if (!put_attribute(writer, node, "alt", PLACE_ATTRIBUTE, error))
			return FALSE;
		letter_put(writer, "]");
		return TRUE;
	}
	letter_put(writer, "<img src=\"");
	letter_put(writer, source);
	letter_put(writer, LETTER_PICTURE_AT "\"");
	if (!put_attribute(writer, node, "alt", PLACE_ATTRIBUTE, error) ||
	    !put_attribute(writer, node, "width", PLACE_ATTRIBUTE, error) ||
	    !put_attribute(writer, node, "height", PLACE_ATTRIBUTE, error))
		return FALSE;
	letter_put_style(writer, letter_style_of("img"));
	letter_put(writer, ">");
	return TRUE;
}

static gboolean write_inline_element(struct letter_writer *writer, const xmlNode *node,
				     GError **error)
{
	if (xml_is(node, "a"))
		return letter_write_link(writer, node, letter_style_of("a"), error);
	if (xml_is(node, "img"))
		return write_image(writer, node, error);
	if (xml_is(node, "br")) {
		letter_put(writer, writer->html ? "<br>" : "\n");
		letter_start_block(writer);
		return TRUE;
	}
	if (writer->html) { /* strong, em */
		put_space(writer, writer->chinese);
		letter_put(writer, "<");
		letter_put(writer, (const char *)node->name);
		letter_put(writer, ">");
	}
	if (!letter_write_inline(writer, node, error))
		return FALSE;
	if (writer->html) {
		letter_put(writer, "</");
		letter_put(writer, (const char *)node->name);
		letter_put(writer, ">");
	}
	return TRUE;
}

gboolean letter_is_list(const xmlNode *node)
{
	return xml_is(node, "ul") || xml_is(node, "ol");
}

/* An element, where its p:if holds. */
gboolean letter_write_conditional(struct letter_writer *writer, const xmlNode *node,
				  letter_write_function *write, GError **error)
{
	g_autofree char *condition = view_binding(node, "if");
	guint op;

	if (!letter_check_bindings(writer, node, error))
		return FALSE;
	if (is_for_paper(node)) /* not written here, but wrong is wrong */
		return check_below(writer, node, error);
	if (!condition)
		return write(writer, node, error);
	if (!view_build_if(&writer->builder, node, condition, &op, error) ||
	    !write(writer, node, error))
		return FALSE;
	view_build_target(&writer->builder, op);
	return TRUE;
}

/* The content of an element: p:text, or text and inline elements (lists are written later). */
gboolean letter_write_inline(struct letter_writer *writer, const xmlNode *node, GError **error)
{
	g_autofree char *text = view_binding(node, "text");

	if (text)
		return put_slot(writer, node, text, error);
	for (const xmlNode *child = node->children; child; child = child->next) {
		if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) {
			put_static(writer, (const char *)child->content);
		} else if (child->type == XML_ELEMENT_NODE && !letter_is_list(child)) {
			if (!letter_write_conditional(writer, child, write_inline_element, error))
				return FALSE;
		}
	}
	return TRUE;
}
