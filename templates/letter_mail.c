#include "templates/letter_mail.h"

#include "base/error.h"
#include "base/xml.h"
#include "templates/letter_inline.h"

#include <string.h>

/* A Chinese face draws English quotation marks wide: in an English letter it comes second. */
#define FONT_CHINESE "font-family:'Songti SC',SimSun,'Noto Serif CJK SC',Georgia,serif"
#define FONT_ENGLISH "font-family:Georgia,'Songti SC',SimSun,serif"

static gboolean write_list(struct letter_writer *writer, const xmlNode *node, GError **error);

static gboolean write_item(struct letter_writer *writer, const xmlNode *node, GError **error)
{
	letter_start_block(writer);
	if (writer->html) {
		letter_put(writer, "<li");
		letter_put_style(writer, letter_style_of("li"));
		letter_put(writer, ">");
	} else {
		for (guint i = 1; i < writer->list_depth; i++)
			letter_put(writer, "   ");
		if (xml_is(node->parent, "ol"))
			view_build_op(&writer->builder, OP_LIST_NUMBER, writer->list_depth - 1, 0);
		else
			letter_put(writer, "- ");
	}
	if (!letter_write_inline(writer, node, error))
		return FALSE;
	if (!writer->html)
		letter_put(writer, "\n");
	for (const xmlNode *child = node->children; child; child = child->next) {
		if (letter_is_list(child) &&
		    !letter_write_conditional(writer, child, write_list, error))
			return FALSE;
	}
	if (writer->html)
		letter_put(writer, "</li>\n");
	return TRUE;
}

static gboolean write_children(struct letter_writer *writer, const xmlNode *node,
			       letter_write_function *write, GError **error)
{
	for (const xmlNode *child = node->children; child; child = child->next) {
		if (child->type == XML_ELEMENT_NODE &&
		    !letter_write_conditional(writer, child, write, error))
			return FALSE;
	}
	return TRUE;
}

static void open_tag(struct letter_writer *writer, const xmlNode *node, const char *style)
{
	if (!writer->html)
		return;
	letter_put(writer, "<");
	letter_put(writer, (const char *)node->name);
	letter_put_style(writer, style);
	letter_put(writer, ">");
}

static void close_tag(struct letter_writer *writer, const xmlNode *node, const char *in_text)
{
	if (!writer->html) {
		letter_put(writer, in_text);
		return;
	}
	letter_put(writer, "</");
	letter_put(writer, (const char *)node->name);
	letter_put(writer, ">\n");
}

static gboolean write_list(struct letter_writer *writer, const xmlNode *node, GError **error)
{
	if (writer->list_depth >= LIST_DEPTH_MAX)
		return view_refuse(&writer->builder, node, error, _("lists go too deep"));
	if (!writer->html)
		view_build_op(&writer->builder, OP_LIST, writer->list_depth, 0);
	writer->list_depth++;
	open_tag(writer, node, letter_style_of((const char *)node->name));
	if (!write_children(writer, node, write_item, error))
		return FALSE;
	writer->list_depth--;
	close_tag(writer, node, writer->list_depth == 0 ? "\n" : "");
	return TRUE;
}

static gboolean write_cell(struct letter_writer *writer, const xmlNode *node, GError **error)
{
	gboolean first = !xmlPreviousElementSibling((xmlNode *)(gsize)node);
	g_autofree char *class = xml_attribute(node, "class");

	letter_start_block(writer);
	if (!writer->html && !first)
		letter_put(writer, "  ");
	open_tag(writer, node, letter_style_of(class ? "td.n" : (const char *)node->name));
	if (!letter_write_inline(writer, node, error))
		return FALSE;
	close_tag(writer, node, "");
	return TRUE;
}

static gboolean write_row(struct letter_writer *writer, const xmlNode *node, GError **error)
{
	open_tag(writer, node, NULL);
	if (!write_children(writer, node, write_cell, error))
		return FALSE;
	close_tag(writer, node, "\n");
	return TRUE;
}

/* Outlook gives padding to table cells only, so a button is a table of one cell. */
static gboolean write_button(struct letter_writer *writer, const xmlNode *node, GError **error)
{
	const xmlNode *link = xmlFirstElementChild((xmlNode *)(gsize)node);

	if (!link || !xml_is(link, "a") || xmlNextElementSibling((xmlNode *)(gsize)link) ||
	    xmlHasNsProp((xmlNode *)(gsize)link, (const xmlChar *)"if", (const xmlChar *)VIEW_NS))
		return view_refuse(&writer->builder, node, error,
				   _("a button holds one link and nothing else"));
	if (!letter_check_bindings(writer, link, error))
		return FALSE;
	letter_put(writer,
		   "<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" "
		   "align=\"center\" style=\"margin:20px auto 24px\"><tr><td bgcolor=\"#1d4f91\" "
		   "style=\"border-radius:4px;background-color:#1d4f91;text-align:center\">");
	if (!letter_write_link(
		writer, link,
		"display:inline-block;padding:12px 32px;font-size:16px;line-height:20px;"
		"font-weight:bold;color:#ffffff;text-decoration:none",
		error))
		return FALSE;
	letter_put(writer, "</td></tr></table>\n");
	return TRUE;
}

static gboolean write_paragraph(struct letter_writer *writer, const xmlNode *node, GError **error)
{
	g_autofree char *class = xml_attribute(node, "class");
	g_autofree char *name = NULL;

	letter_start_block(writer);
	if (class && strcmp(class, "button") == 0 && writer->html)
		return write_button(writer, node, error);
	if (class)
		name = g_strconcat((const char *)node->name, ".", class, NULL);
	else if (xml_is(node, "p") && writer->chinese)
		name = g_strdup("p.zh");
	open_tag(writer, node, letter_style_of(name ? name : (const char *)node->name));
	if (!letter_write_inline(writer, node, error))
		return FALSE;
	close_tag(writer, node, "\n\n");
	return TRUE;
}

static gboolean write_block(struct letter_writer *writer, const xmlNode *node, GError **error)
{
	if (letter_is_list(node))
		return write_list(writer, node, error);
	if (!xml_is(node, "table"))
		return write_paragraph(writer, node, error);
	open_tag(writer, node, letter_style_of("table"));
	if (!write_children(writer, node, write_row, error))
		return FALSE;
	close_tag(writer, node, "\n");
	return TRUE;
}

/* --- the parts --- */

static gboolean compile_html(struct letter_writer *writer, const xmlNode *title,
			     const xmlNode *body, GError **error)
{
	writer->html = TRUE;
	letter_put(writer, "<!DOCTYPE html>\n<html lang=\"");
	letter_put(writer, writer->chinese ? "zh-CN" : "en");
	letter_put(writer, "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
			   "content=\"width=device-width,initial-scale=1\"><title>");
	letter_start_block(writer);
	if (!letter_write_inline(writer, title, error))
		return FALSE;
	letter_put(
	    writer,
	    "</title></head>\n<body style=\"margin:0;padding:0;background-color:#ffffff\">\n"
	    "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" "
	    "border=\"0\"><tr><td align=\"center\" style=\"padding:24px 16px\">\n"
	    "<!--[if mso]><table role=\"presentation\" width=\"600\"><tr><td><![endif]-->\n"
	    "<div align=\"left\" style=\"max-width:600px;margin:0 auto;font-size:16px;"
	    "line-height:1.7;color:#1a1a1a;");
	letter_put(writer, writer->chinese ? FONT_CHINESE : FONT_ENGLISH);
	letter_put(writer, "\">\n");
	if (!write_children(writer, body, write_block, error))
		return FALSE;
	letter_put(writer, "</div>\n<!--[if mso]></td></tr></table><![endif]-->\n"
			   "</td></tr></table>\n</body></html>\n");
	return TRUE;
}

struct view_program *letter_mail_compile(const char *language, const char *name, xmlNode *html,
					 enum letter_part part, GError **error)
{
	struct view_program *program = view_program_new(strcmp(language, "en") == 0);
	struct letter_writer writer = {.subject = part == LETTER_SUBJECT,
				       .chinese = !program->english};
	const xmlNode *head = xmlFirstElementChild(html); /* the grammar says so */
	const xmlNode *title = xmlFirstElementChild((xmlNode *)(gsize)head);
	const xmlNode *body = xmlNextElementSibling((xmlNode *)(gsize)head);
	gboolean good;

	writer.builder = (struct view_builder){
	    .program = program, .file = name, .fields = letter_field_names, .letter = TRUE};
	letter_start_block(&writer);
	if (part == LETTER_HTML)
		good = compile_html(&writer, title, body, error);
	else if (part == LETTER_TEXT)
		good = write_children(&writer, body, write_block, error);
	else
		good = letter_write_inline(&writer, title, error);
	if (good)
		return program;
	view_program_free(program);
	return NULL;
}
