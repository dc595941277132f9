#include "collector/html_source.h"

#include "collector/html.h"
#include "collector/words.h"

#include <string.h>

#define NAME_MAX_BYTES 15 /* of an element; a longer one means nothing here */

/* Whether a quote at `at` begins an attribute's value. */
static gboolean begins_value(const char *html, const char *at)
{
	while (at > html && g_ascii_isspace(at[-1]))
		at--;
	return at > html && at[-1] == '=';
}

void html_source_bound_attributes(char *html, gsize size)
{
	guint attributes = 0;
	gboolean in_tag = FALSE, closed = FALSE; /* the character before ended a value */
	char quote = '\0';

	for (char *p = html; p < html + size; p++) {
		if (quote) {
			closed = *p == quote;
			quote = closed ? '\0' : quote;
			continue;
		}
		if (!in_tag) {
			in_tag = *p == '<' && g_ascii_isalpha(p[1]);
			attributes = 0;
		} else if (*p == '>') {
			in_tag = FALSE;
		} else if ((*p == '"' || *p == '\'') && begins_value(html, p)) {
			quote = *p;
		} else if ((closed || g_ascii_isspace(*p)) && ++attributes > HTML_ATTRIBUTES_MAX) {
			*p = '>';
			in_tag = FALSE;
		}
		closed = FALSE;
	}
}

struct tag {
	char name[NAME_MAX_BYTES + 1]; /* lower case */
	gboolean closing;
	gboolean empty;  /* "<x/>" */
	const char *end; /* behind ">", or the end of all */
};

/* The tag that begins at the "<" of `at`. Returns FALSE when none does. */
static gboolean tag_read(const char *at, struct tag *tag)
{
	const char *p = at + 1;
	gsize n = 0;
	char quote = '\0';

	tag->closing = *p == '/';
	p += tag->closing ? 1 : 0;
	if (!g_ascii_isalpha(*p))
		return FALSE;
	for (; g_ascii_isalnum(*p) || *p == ':' || *p == '-'; p++)
		if (n < NAME_MAX_BYTES)
			tag->name[n++] = g_ascii_tolower(*p);
	tag->name[n] = '\0';
	for (; *p && (quote || *p != '>'); p++) {
		if (quote)
			quote = *p == quote ? '\0' : quote;
		else if ((*p == '"' || *p == '\'') && begins_value(at, p))
			quote = *p;
	}
	tag->empty = p[-1] == '/';
	tag->end = *p ? p + 1 : p;
	return TRUE;
}

/* Where what holds no tags ends: a comment, or the content of such an element; else `tag`'s end. */
static const char *raw_end(const char *at, const struct tag *tag)
{
	static const char raw[] = "script|style|title";
	g_autofree char *closing = NULL;
	const char *end;

	if (!tag) {
		end = strncmp(at, "<!--", 4) == 0 ? strstr(at + 4, "-->") : at;
		return end ? end + (end == at ? 1 : strlen("-->")) : at + strlen(at);
	}
	if (tag->closing || !words_equal(tag->name, raw))
		return tag->end;
	closing = g_strconcat("</", tag->name, NULL);
	end = strcasestr(tag->end, closing);
	return end ? end + strlen(closing) : tag->end + strlen(tag->end);
}

static gboolean ends_with_break(const GString *flat)
{
	static const char mark[] = "<br>";
	const gsize size = sizeof mark - 1;

	return flat->len >= size && memcmp(flat->str + flat->len - size, mark, size) == 0;
}

/* What a tag that is left out leaves behind. */
static void trace(GString *flat, const char *name)
{
	static const char breaking[] =
	    "div|p|table|tr|ul|ol|li|dl|dt|dd|h1|h2|h3|h4|h5|h6|blockquote|pre|form|section|"
	    "article|header|footer|address|center|fieldset|tbody|thead|caption|main|figure";

	if (words_equal(name, "td|th"))
		g_string_append_c(flat, ' ');
	else if (words_equal(name, breaking) && !ends_with_break(flat))
		g_string_append(flat, "<br>");
}

GString *html_source_flatten(const char *html, guint depth, gboolean *lost_out)
{
	static const char looks[] =
	    "font|b|i|u|s|a|em|strong|big|small|strike|tt|sub|sup|o:p|code|ins|del|nobr";
	static const char alone[] =
	    "br|hr|img|input|meta|link|wbr|col|area|base|embed|param|frame|basefont";
	static const char closing_themselves[] =
	    "p|li|dt|dd|tr|td|th|thead|tbody|tfoot|colgroup|option|html|head|body|script|style|"
	    "title";
	GString *flat = g_string_sized_new(strlen(html));
	guint open = 0; /* elements */

	*lost_out = depth == 0;
	for (const char *p = html; *p;) {
		gsize text = strcspn(p, "<");
		struct tag tag;
		const char *end;
		gboolean is_tag, keep = open <= depth && depth > 0;

		g_string_append_len(flat, p, (gssize)text);
		p += text;
		if (!*p)
			break;
		is_tag = tag_read(p, &tag);
		end = raw_end(p, is_tag ? &tag : NULL);
		if (!is_tag || end != tag.end || tag.empty || words_equal(tag.name, alone)) {
			keep = TRUE;
		} else if (words_equal(tag.name, looks)) {
			p = end;
			continue;
		} else if (!words_equal(tag.name, closing_themselves)) {
			open += tag.closing ? 0 : 1;
			keep = open <= depth && depth > 0;
			open -= tag.closing && open > 0 ? 1 : 0;
			*lost_out |= !keep;
		}
		if (keep)
			g_string_append_len(flat, p, end - p);
		else
			trace(flat, tag.name);
		p = end;
	}
	return flat;
}
