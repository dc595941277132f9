#include "collector/attachment.h"

#include "base/charset.h"
#include "base/ooxml.h"
#include "collector/body.h"
#include "collector/html.h"
#include "collector/pdf.h"
#include "templates/form.h"

#include <string.h>

#define DEPTH_MAX 4 /* messages within messages whose attachments are read */

void reading_attachment_free(struct reading_attachment *attachment)
{
	if (!attachment)
		return;
	g_free(attachment->name);
	g_free(attachment->type);
	g_free(attachment->sha256);
	g_free(attachment->text);
	g_free(attachment);
}

static gboolean ends_with(const char *name, const char *ending)
{
	gsize n = name ? strlen(name) : 0, m = strlen(ending);

	return n > m && g_ascii_strcasecmp(name + n - m, ending) == 0;
}

static char *text_of(const struct mime_part *part, guint depth, GPtrArray *problems,
		     GError **error);

/* The text of a part, or a remark why there is none. */
static char *text_or_problem(const struct mime_part *part, guint depth, GPtrArray *problems)
{
	g_autoptr(GError) error = NULL;
	char *text = text_of(part, depth, problems, &error);

	if (error)
		g_ptr_array_add(problems, g_strdup_printf("attachment-unread: %s: %s",
							  part->name ? part->name : part->type,
							  error->message));
	return text;
}

/* What an attached message shows, and after it the text of what is attached to that one. */
static char *message_text(const struct mime_message *message, guint depth, GPtrArray *problems)
{
	struct message_bodies bodies;
	g_autofree char *shown = NULL;
	GString *text;

	message_bodies_read(message, &bodies);
	shown = html_unmark(bodies.marked);
	text = g_string_new(shown);
	for (guint i = 0; depth < DEPTH_MAX && i < bodies.attachments->len &&
			  text->len < READING_ATTACHMENT_TEXT_MAX;
	     i++) {
		g_autofree char *inner =
		    text_or_problem(g_ptr_array_index(bodies.attachments, i), depth + 1, problems);

		if (inner && *inner)
			g_string_append_printf(text, "\n%s", inner);
	}
	message_bodies_clear(&bodies);
	return g_string_free(text, FALSE);
}

static char *eml_text(GBytes *content, guint depth, GPtrArray *problems)
{
	g_autoptr(GPtrArray) remarks = g_ptr_array_new_with_free_func(g_free);
	struct mime_message *message = mime_parse(content, remarks);
	char *text = message_text(message, depth, problems);

	mime_message_free(message);
	return text;
}

static char *html_text(const struct mime_part *part)
{
	struct mime_part as_html = *part;
	g_autofree char *html = NULL;
	g_autofree char *marked = NULL;
	char type[] = "text/html";

	as_html.type = type;
	html = body_text(&as_html);
	marked = html_to_text(html, strlen(html));
	return html_unmark(marked);
}

#define OOXML "application/vnd.openxmlformats-officedocument."

/* Text of a .docx or .xlsx; NULL when it is neither, or with an error when it is broken. */
static char *office_text(const struct mime_part *part, GError **error)
{
	gsize size;
	const char *bytes = g_bytes_get_data(part->content, &size);

	if (size < 4 || memcmp(bytes, "PK", 2) != 0)
		return NULL;
	if (ends_with(part->name, ".docx") ||
	    strcmp(part->type, OOXML "wordprocessingml.document") == 0)
		return ooxml_docx_text(part->content, error);
	if (ends_with(part->name, ".xlsx") || strcmp(part->type, OOXML "spreadsheetml.sheet") == 0)
		return ooxml_xlsx_text(part->content, error);
	return NULL;
}

static char *text_of(const struct mime_part *part, guint depth, GPtrArray *problems, GError **error)
{
	char *office = office_text(part, error);

	if (office || (error && *error))
		return office;
	if (part->message)
		return message_text(part->message, depth, problems);
	if (pdf_is(part->content, part->type, part->name))
		return pdf_read(part->content, error);
	if (ends_with(part->name, ".eml"))
		return eml_text(part->content, depth, problems);
	if (strcmp(part->type, "text/html") == 0 || ends_with(part->name, ".html") ||
	    ends_with(part->name, ".htm"))
		return html_text(part);
	if (g_str_has_prefix(part->type, "text/") || ends_with(part->name, ".txt") ||
	    ends_with(part->name, ".xml") || ends_with(part->name, ".csv") ||
	    strcmp(part->type, "application/xml") == 0 ||
	    strcmp(part->type, "message/delivery-status") == 0)
		return body_text(part);
	return NULL;
}

static void cut(char *text, gsize max)
{
	const char *stop;

	if (!text || strlen(text) <= max)
		return;
	g_utf8_validate_len(text, max, &stop);
	text[stop - text] = '\0';
}

/* Looks for our form in a part's content, and in what is attached to a message that is attached. */
static void find_form(const struct mime_part *part, struct form_answers **form_inout,
		      GPtrArray *problems)
{
	g_autoptr(GError) error = NULL;
	struct message_bodies bodies;

	if (*form_inout)
		return;
	if (part->message) {
		message_bodies_read(part->message, &bodies);
		for (guint i = 0; i < bodies.attachments->len; i++)
			find_form(g_ptr_array_index(bodies.attachments, i), form_inout, problems);
		message_bodies_clear(&bodies);
		return;
	}
	attachment_form(part->name, part->type, part->content, form_inout, problems);
}

void attachment_form(const char *name, const char *type, GBytes *content,
		     struct form_answers **form_inout, GPtrArray *problems)
{
	g_autoptr(GError) error = NULL;

	if (*form_inout || g_bytes_get_size(content) == 0)
		return;
	if (!form_recognise(name, type, content, form_inout, &error))
		g_ptr_array_add(problems, g_strdup_printf("form-unread: %s", error->message));
}

struct reading_attachment *attachment_read(const struct mime_part *part,
					   struct form_answers **form_inout, GPtrArray *problems)
{
	struct reading_attachment *attachment = g_new0(struct reading_attachment, 1);

	attachment->name = g_strdup(part->name);
	attachment->type = g_strdup(part->type);
	attachment->bytes = g_bytes_get_size(part->content);
	attachment->sha256 = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, part->content);
	attachment->text = text_or_problem(part, 0, problems);
	cut(attachment->text, READING_ATTACHMENT_TEXT_MAX);
	find_form(part, form_inout, problems);
	return attachment;
}
