#include "collector/body.h"

#include "base/charset.h"
#include "collector/html.h"

#include <string.h>

#define META_LOOKED_AT 2048 /* bytes of HTML in which its charset is looked for */
#define SHOWN_MAX      (4u * 1024 * 1024)

static void body_free(struct body *body)
{
	g_free(body->text);
	g_free(body);
}

/* The charset that an HTML document itself names, or NULL. (transfer full) */
static char *meta_charset(const char *bytes, gsize size)
{
	g_autofree char *head = g_ascii_strdown(bytes, (gssize)MIN(size, META_LOOKED_AT));
	const char *found = strstr(head, "charset=");
	gsize length;

	if (!found)
		return NULL;
	found += strlen("charset=");
	found += strspn(found, "\"' ");
	length = strcspn(found, "\"' />;\r\n");
	return length > 0 && length < 40 ? g_strndup(found, length) : NULL;
}

char *body_text(const struct mime_part *part)
{
	gsize size = 0;
	const char *bytes = part->content ? g_bytes_get_data(part->content, &size) : NULL;
	g_autofree char *meta = NULL;

	if (!bytes)
		return g_strdup("");
	size = MIN(size, BODY_TEXT_MAX);
	if (!part->charset && strcmp(part->type, "text/html") == 0)
		meta = meta_charset(bytes, size);
	return charset_to_utf8(bytes, size, part->charset ? part->charset : meta, NULL);
}

/* Counts the quote marks in front and skips them and a stuffed space. */
static const char *flowed_line(const char *line, guint *depth_out)
{
	for (*depth_out = 0; *line == '>'; line++)
		(*depth_out)++;
	return *line == ' ' ? line + 1 : line;
}

char *body_unflow(const char *text, gboolean delsp)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	GString *out = g_string_sized_new(strlen(text));
	gboolean open = FALSE; /* the line before goes on */
	guint depth_before = 0;

	for (guint i = 0; lines[i]; i++) {
		guint depth;
		const char *line;
		gsize length = strlen(lines[i]);

		if (length > 0 && lines[i][length - 1] == '\r')
			lines[i][--length] = '\0';
		line = flowed_line(lines[i], &depth);
		length = strlen(line);
		if (open && depth != depth_before)
			g_string_append_c(out, '\n');
		if (!open || depth != depth_before) {
			for (guint d = 0; d < depth; d++)
				g_string_append_c(out, '>');
			if (depth > 0)
				g_string_append_c(out, ' ');
		}
		open = length > 0 && line[length - 1] == ' ' && strcmp(line, "-- ") != 0;
		depth_before = depth;
		if (open && delsp)
			length--;
		g_string_append_len(out, line, (gssize)length);
		if (!open && lines[i + 1])
			g_string_append_c(out, '\n');
	}
	return g_string_free(out, FALSE);
}

static gboolean is_text(const struct mime_part *part)
{
	return strcmp(part->type, "text/plain") == 0 || strcmp(part->type, "text/html") == 0 ||
	       strcmp(part->type, "text/enriched") == 0 || strcmp(part->type, "text/richtext") == 0;
}

/* What is collected on the way. */
struct walk {
	struct message_bodies *out;
	GString *html;
	gsize left; /* bytes of text that are still read */
};

/* Text of a body as it is shown. (transfer full) */
static char *shown_text(const struct body *body)
{
	if (strcmp(body->part->type, "text/html") == 0 ||
	    strcmp(body->part->type, "text/enriched") == 0 ||
	    strcmp(body->part->type, "text/richtext") == 0)
		return html_to_text(body->text, strlen(body->text));
	if (body->part->flowed)
		return body_unflow(body->text, body->part->delsp);
	return g_strdup(body->text);
}

static gboolean is_blank(const char *text)
{
	return strspn(text, " \t\r\n") == strlen(text);
}

static void show(GString *shown, const char *text)
{
	if (is_blank(text) || shown->len > SHOWN_MAX)
		return;
	if (shown->len > 0 && shown->str[shown->len - 1] != '\n')
		g_string_append_c(shown, '\n');
	g_string_append(shown, text);
}

static void walk_part(struct walk *walk, const struct mime_part *part,
		      const struct mime_part *parent, guint index, GString *shown);

/* Of alternatives the first whose text is not empty; the plain one stands first. */
static void walk_alternative(struct walk *walk, const struct mime_part *part, GString *shown)
{
	g_autoptr(GString) chosen = NULL;

	for (guint i = 0; i < part->children->len; i++) {
		GString *one = g_string_new(NULL);

		walk_part(walk, g_ptr_array_index(part->children, i), part, i, one);
		if (one->len > 0 && !chosen)
			chosen = one;
		else
			g_string_free(one, TRUE);
	}
	if (chosen)
		show(shown, chosen->str);
}

static void walk_text(struct walk *walk, const struct mime_part *part, GString *shown)
{
	struct body *body = g_new0(struct body, 1);
	g_autofree char *text = NULL;

	body->part = part;
	body->text = walk->left > 0 ? body_text(part) : g_strdup("");
	walk->left -= MIN(walk->left, strlen(body->text));
	g_ptr_array_add(walk->out->bodies, body);
	if (strcmp(part->type, "text/html") == 0 && walk->html->len < SHOWN_MAX)
		g_string_append(walk->html, body->text);
	text = shown_text(body);
	show(shown, text);
}

static void walk_part(struct walk *walk, const struct mime_part *part,
		      const struct mime_part *parent, guint index, GString *shown)
{
	gboolean related = parent && strcmp(parent->type, "multipart/related") == 0;

	if (part->children) {
		if (strcmp(part->type, "multipart/alternative") == 0) {
			walk_alternative(walk, part, shown);
			return;
		}
		for (guint i = 0; i < part->children->len; i++)
			walk_part(walk, g_ptr_array_index(part->children, i), part, i, shown);
		return;
	}
	if (!part->attached && is_text(part) && (index == 0 || (!related && !part->name))) {
		walk_text(walk, part, shown);
		return;
	}
	g_ptr_array_add(walk->out->attachments, (gpointer)(guintptr)part);
}

void message_bodies_read(const struct mime_message *message, struct message_bodies *out)
{
	GString *shown = g_string_new(NULL);
	struct walk walk = {out, g_string_new(NULL), BODY_TEXTS_MAX};

	memset(out, 0, sizeof *out);
	out->bodies = g_ptr_array_new_with_free_func((GDestroyNotify)body_free);
	out->attachments = g_ptr_array_new();
	walk_part(&walk, message->root, NULL, 0, shown);
	out->marked = g_string_free(shown, FALSE);
	out->html = g_string_free(walk.html, walk.html->len == 0);
}

void message_bodies_clear(struct message_bodies *bodies)
{
	g_clear_pointer(&bodies->bodies, g_ptr_array_unref);
	g_clear_pointer(&bodies->attachments, g_ptr_array_unref);
	g_clear_pointer(&bodies->marked, g_free);
	g_clear_pointer(&bodies->html, g_free);
}
