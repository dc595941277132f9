#include "collector/said.h"

#include "base/error.h"
#include "collector/own.h"
#include "collector/said_form.h"
#include "collector/words.h"

#include <string.h>

#define COVER_NOTE_MAX 24 /* characters */

static JsonArray *attachments_of(JsonObject *record)
{
	return json_object_get_array_member(record, "attachments");
}

/* "见附件。" beside a filled form: a few words that only speak of the form. */
static gboolean is_cover_note(const char *own)
{
	static const char *const words[] = {"附件",     "查收",       "意见表",  "已填",
					    "attached", "attachment", "enclosed"};
	g_autofree char *low = words_fold(own, -1);

	if (g_utf8_strlen(own, -1) > COVER_NOTE_MAX)
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		if (strstr(low, words[i]))
			return TRUE;
	return FALSE;
}

char *said_own(JsonObject *record)
{
	g_autofree char *own = own_strip_quotes(json_object_get_string_member(record, "own"));
	GString *text = g_string_new(g_strstrip(own));
	JsonObject *form = said_form(record);
	JsonArray *open;

	if (!form)
		return g_string_free(text, FALSE);
	if (is_cover_note(text->str))
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

gboolean said_nothing(JsonObject *record, const char *own)
{
	return !said_form(record) && (!*own || is_cover_note(own)) &&
	       json_array_get_length(attachments_of(record)) > 0;
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

char *said_attached(JsonObject *record)
{
	GString *text = g_string_new(NULL);

	add_attached(attachments_of(record), text);
	return g_string_free(text, FALSE);
}

gboolean said_unreadably(JsonObject *record)
{
	return any_unread(attachments_of(record));
}

const char *said_why(JsonObject *record, const char *own)
{
	const char *why = said_form_why(record, !*own || is_cover_note(own));
	g_autofree char *words = NULL;

	if (!said_nothing(record, own))
		return why;
	if (said_unreadably(record))
		return N_("what it says is in an attachment that only a person can read");
	words = said_attached(record);
	return *words ? N_("what it says is in an attachment: is it the answer?") : why;
}
