#include "collector/body.h"

#include "base/charset.h"
#include "collector/html.h"
#include "collector/words.h"

#include <string.h>

#define META_LOOKED_AT 2048 /* bytes of HTML in which its charset is looked for */
#define SHOWN_MAX      (4u * 1024 * 1024)
#define CHARACTER_MAX  4   /* bytes of one in UTF-8 */
#define NOTICE_MAX     400 /* bytes of a plain part that only sends its reader to the HTML */

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

/* Where bytes may be cut at BODY_TEXT_MAX: in front of a character if it is UTF-8, which must stay
 * valid to be told. */
static gsize cut_size(const char *bytes)
{
	const char *end;

	g_utf8_validate_len(bytes, BODY_TEXT_MAX, &end);
	return bytes + BODY_TEXT_MAX - end < CHARACTER_MAX ? (gsize)(end - bytes) : BODY_TEXT_MAX;
}

char *body_text_cut(const struct mime_part *part, gboolean *cut_out)
{
	static const char unknown[] = "\xef\xbf\xbd";
	gsize size = 0;
	const char *bytes = part->content ? g_bytes_get_data(part->content, &size) : NULL;
	g_autofree char *meta = NULL;
	char *text;

	*cut_out = size > BODY_TEXT_MAX;
	if (!bytes)
		return g_strdup("");
	if (*cut_out)
		size = cut_size(bytes);
	if (!part->charset && strcmp(part->type, "text/html") == 0)
		meta = meta_charset(bytes, size);
	text = charset_to_utf8(bytes, size, part->charset ? part->charset : meta, NULL);
	/* half a character of another encoding */
	if (*cut_out && g_str_has_suffix(text, unknown))
		text[strlen(text) - strlen(unknown)] = '\0';
	return text;
}

char *body_text(const struct mime_part *part)
{
	gboolean cut;

	return body_text_cut(part, &cut);
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
	gsize left;  /* bytes of text that are still read */
	guint lost;  /* HTML_LOST_ of what is shown so far */
	guint shown; /* parts so far */
};

/* HTML's way of writing a character, at the beginning of `text`: its length, or 0. */
static gsize entity_length(const char *text, char *character_out)
{
	static const struct {
		const char *name;
		char character;
	} entities[] = {
	    {"&nbsp;", ' '}, {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}};

	for (gsize i = 0; *text == '&' && i < G_N_ELEMENTS(entities); i++)
		if (g_str_has_prefix(text, entities[i].name)) {
			*character_out = entities[i].character;
			return strlen(entities[i].name);
		}
	return 0;
}

/* Whether a line holds nothing but spaces written as HTML does, which nobody types. */
static gboolean has_written_space(const char *text)
{
	static const char space[] = "&nbsp;";

	for (const char *p = text; (p = strstr(p, space)); p += strlen(space)) {
		const char *from = p, *to = p;

		while (from > text && strchr(" \t\r", from[-1]))
			from--;
		while (g_str_has_prefix(to, space) || (*to && strchr(" \t\r", *to)))
			to += *to == '&' ? strlen(space) : 1;
		if ((from == text || from[-1] == '\n') && (*to == '\n' || *to == '\0'))
			return TRUE;
		p = MAX(p, to - strlen(space));
	}
	return FALSE;
}

/*
 * QQ Mail writes its plain part with HTML's entities left in it. Told by such spaces in its divider
 * or headers, or alone on a line: who merely speaks of "&nbsp;" keeps it. Returns: (transfer full)
 * the text without entities, or NULL.
 */
static char *without_entities(const char *text)
{
	static const char marks[] =
	    "---&nbsp;|&nbsp;---|发件人:&nbsp;|发件人: &nbsp;|发送时间:&nbsp;|收件人:&nbsp;|"
	    "主题:&nbsp;|From:&nbsp;|From: &nbsp;|Date:&nbsp;|Date: &nbsp;|Subject:&nbsp;|"
	    "Subject: &nbsp;";
	GString *plain;

	if (!words_in(text, marks) && !has_written_space(text))
		return NULL;
	plain = g_string_sized_new(strlen(text));
	while (*text) {
		char character = *text;
		gsize length = entity_length(text, &character);

		g_string_append_c(plain, character);
		text += MAX(length, 1);
	}
	return g_string_free(plain, FALSE);
}

/* Text of a body as it is shown. (transfer full) */
static char *shown_text(struct walk *walk, const struct body *body)
{
	char *text, *plain;
	guint lost;

	if (strcmp(body->part->type, "text/html") == 0 ||
	    strcmp(body->part->type, "text/enriched") == 0 ||
	    strcmp(body->part->type, "text/richtext") == 0) {
		text = html_read(body->text, strlen(body->text), &lost);
		walk->lost |= lost;
		return text;
	}
	text =
	    body->part->flowed ? body_unflow(body->text, body->part->delsp) : g_strdup(body->text);
	plain = without_entities(text);
	if (plain)
		g_free(text);
	return plain ? plain : text;
}

static gboolean is_blank(const char *text)
{
	return strspn(text, " \t\r\n") == strlen(text);
}

/* What a plain part says that has no words of its own but stands beside HTML. */
static gboolean is_notice(const char *text)
{
	g_autofree char *low = NULL;

	if (strlen(text) > NOTICE_MAX)
		return FALSE;
	low = words_fold(text, -1);
	return strstr(low, "html") && words_in(low, "支持|显示|查看|浏览|support|display|view|"
						    "capable|compatible|enabled");
}

static void show(struct walk *walk, GString *shown, const char *text)
{
	if (is_blank(text))
		return;
	walk->shown++;
	if (shown->len > SHOWN_MAX) {
		walk->lost |= HTML_LOST_TEXT;
		return;
	}
	if (shown->len > 0 && shown->str[shown->len - 1] != '\n')
		g_string_append_c(shown, '\n');
	g_string_append(shown, text);
}

static void walk_part(struct walk *walk, const struct mime_part *part,
		      const struct mime_part *parent, guint index, GString *shown);

/* Of alternatives the first whose text says something; the plain one stands first. */
static void walk_alternative(struct walk *walk, const struct mime_part *part, GString *shown)
{
	g_autoptr(GString) chosen = NULL;
	guint lost = walk->lost, lost_of_chosen = 0;
	guint before = walk->shown, shown_of_chosen = 0;
	gboolean weak = FALSE; /* what is chosen is a notice */

	for (guint i = 0; i < part->children->len; i++) {
		const struct mime_part *child = g_ptr_array_index(part->children, i);
		GString *one = g_string_new(NULL);

		walk->lost = 0;
		walk->shown = 0;
		walk_part(walk, child, part, i, one);
		if (one->len > 0 && (!chosen || weak)) {
			if (chosen)
				g_string_free(chosen, TRUE);
			chosen = one;
			lost_of_chosen = walk->lost;
			shown_of_chosen = walk->shown;
			weak = strcmp(child->type, "text/plain") == 0 && is_notice(one->str);
		} else {
			g_string_free(one, TRUE);
		}
	}
	walk->lost = lost | lost_of_chosen;
	if (chosen)
		show(walk, shown, chosen->str);
	walk->shown = before + shown_of_chosen;
}

static void walk_text(struct walk *walk, const struct mime_part *part, GString *shown)
{
	struct body *body = g_new0(struct body, 1);
	g_autofree char *text = NULL;
	gboolean cut = part->content && g_bytes_get_size(part->content) > 0;

	body->part = part;
	body->text = walk->left > 0 ? body_text_cut(part, &cut) : g_strdup("");
	walk->lost |= cut ? HTML_LOST_TEXT : 0;
	body->cut = cut;
	walk->left -= MIN(walk->left, strlen(body->text));
	g_ptr_array_add(walk->out->bodies, body);
	if (strcmp(part->type, "text/html") == 0 && walk->html->len < SHOWN_MAX)
		g_string_append(walk->html, body->text);
	text = shown_text(walk, body);
	show(walk, shown, text);
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
	struct walk walk = {.out = out, .html = g_string_new(NULL), .left = BODY_TEXTS_MAX};

	memset(out, 0, sizeof *out);
	out->bodies = g_ptr_array_new_with_free_func((GDestroyNotify)body_free);
	out->attachments = g_ptr_array_new();
	walk_part(&walk, message->root, NULL, 0, shown);
	out->marked = g_string_free(shown, FALSE);
	out->html = g_string_free(walk.html, walk.html->len == 0);
	out->lost = walk.lost;
	out->shown = walk.shown;
}

void message_bodies_clear(struct message_bodies *bodies)
{
	g_clear_pointer(&bodies->bodies, g_ptr_array_unref);
	g_clear_pointer(&bodies->attachments, g_ptr_array_unref);
	g_clear_pointer(&bodies->marked, g_free);
	g_clear_pointer(&bodies->html, g_free);
}
