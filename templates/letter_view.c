#include "templates/view_program.h"

#include "base/error.h"
#include "base/xml.h"
#include "templates/letter_mail.h"
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
	view->html = letter_mail_compile(language, name, html, LETTER_HTML, error);
	if (view->html)
		view->text = letter_mail_compile(language, name, html, LETTER_TEXT, error);
	if (view->text)
		view->subject = letter_mail_compile(language, name, html, LETTER_SUBJECT, error);
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
