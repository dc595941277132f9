#include "collector/said.h"

#include "base/error.h"
#include "collector/cover.h"
#include "collector/name.h"
#include "collector/own.h"
#include "collector/said_form.h"
#include "collector/words.h"

#include <string.h>

static JsonArray *attachments_of(JsonObject *record)
{
	return json_object_get_array_member(record, "attachments");
}

char *said_own(JsonObject *record)
{
	g_autofree char *own = own_strip_quotes(json_object_get_string_member(record, "own"));
	GString *text = g_string_new(g_strstrip(own));
	JsonObject *form = said_form(record);
	JsonArray *open;

	if (!form)
		return g_string_free(text, FALSE);
	if (cover_is_note(text->str))
		g_string_truncate(text, 0);
	open = json_object_get_array_member(form, "open");
	for (guint i = 0; i < json_array_get_length(open); i++) {
		const char *said =
		    json_object_get_string_member(json_array_get_object_element(open, i), "text");

		if (text->len && *said)
			g_string_append_c(text, '\n');
		g_string_append(text, said);
	}
	return g_string_free(text, FALSE);
}

char *said_ratings(JsonObject *record)
{
	JsonObject *form = said_form(record);

	return form ? json_to_string(json_object_get_member(form, "ratings"), FALSE)
		    : g_strdup("[]");
}

const char *said_disclosure(JsonObject *record)
{
	JsonObject *form = said_form(record);

	return form ? json_object_get_string_member_with_default(form, "disclosure", NULL) : NULL;
}

/* Whether it is more than what signatures and mail programs attach by themselves. */
static gboolean is_document(JsonObject *attachment)
{
	static const char types[] =
	    "image/|audio/|video/|text/calendar|text/vcard|text/x-vcard|application/pgp-signature|"
	    "application/pkcs7-signature|application/x-pkcs7-signature";
	static const char *const ends[] = {".png",  ".jpg",  ".jpeg", ".gif",  ".bmp",
					   ".webp", ".heic", ".tif",  ".tiff", ".vcf",
					   ".ics",  ".p7s",  ".asc"};
	const char *name = json_object_get_string_member_with_default(attachment, "name", NULL);

	for (guint i = 0; i < G_N_ELEMENTS(ends); i++)
		if (name_ends_with(name, ends[i]))
			return FALSE;
	return !words_begin(json_object_get_string_member(attachment, "type"), types);
}

static gboolean any_document(JsonArray *attachments)
{
	for (guint i = 0; i < json_array_get_length(attachments); i++)
		if (is_document(json_array_get_object_element(attachments, i)))
			return TRUE;
	return FALSE;
}

gboolean said_elsewhere(JsonObject *record, const char *own)
{
	JsonArray *attachments = attachments_of(record);
	gboolean document;

	if (said_form(record) || json_array_get_length(attachments) == 0)
		return FALSE;
	if (!*own || cover_is_note(own))
		return TRUE;
	document = any_document(attachments);
	return cover_points(own, document) || cover_is_polite(own, document);
}

gboolean said_silence(JsonObject *record, const char *own)
{
	return !said_form(record) && !*own;
}

static gboolean any_unread(JsonArray *attachments)
{
	guint n = attachments ? json_array_get_length(attachments) : 0;

	for (guint i = 0; i < n; i++) {
		JsonObject *one = json_array_get_object_element(attachments, i);

		if (json_object_get_string_member_with_default(one, "unread", NULL) ||
		    any_unread(json_object_get_array_member(one, "inside")))
			return TRUE;
	}
	return FALSE;
}

static void add_attached(JsonArray *attachments, GString *text)
{
	guint n = attachments ? json_array_get_length(attachments) : 0;

	for (guint i = 0; i < n; i++) {
		JsonObject *one = json_array_get_object_element(attachments, i);
		const char *its = json_object_get_string_member_with_default(one, "text", NULL);
		g_autofree char *words = g_strstrip(g_strdup(its ? its : ""));

		if (*words && !said_form_is(words))
			g_string_append_printf(text, "%s%s", text->len ? "\n\n" : "", words);
		add_attached(json_object_get_array_member(one, "inside"), text);
	}
}

char *said_with_attached(JsonObject *record, const char *own)
{
	GString *text = g_string_new(cover_is_note(own) ? "" : own);

	add_attached(attachments_of(record), text);
	return g_string_free(text, FALSE);
}

gboolean said_unreadably(JsonObject *record)
{
	return any_unread(attachments_of(record));
}

const char *said_why(JsonObject *record, const char *own)
{
	const char *why = said_form_why(record, !*own || cover_is_note(own));
	g_autofree char *words = NULL;

	if (!said_elsewhere(record, own))
		return why;
	if (said_unreadably(record))
		return N_("what it says is in an attachment that only a person can read");
	words = said_with_attached(record, "");
	return *words ? N_("what it says is in an attachment: is it the answer?") : why;
}
