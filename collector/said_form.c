#include "collector/said_form.h"

#include "base/error.h"
#include "collector/record.h"
#include "templates/form.h"

#include <string.h>

static JsonObject *any_form(JsonObject *record)
{
	JsonNode *form = json_object_get_member(record, "form");

	return form && !JSON_NODE_HOLDS_NULL(form) ? json_node_get_object(form) : NULL;
}

JsonObject *said_form(JsonObject *record)
{
	JsonObject *form = any_form(record);
	JsonArray *open = form ? json_object_get_array_member(form, "open") : NULL;

	if (!form || json_object_get_string_member_with_default(form, "disclosure", NULL) ||
	    json_array_get_length(json_object_get_array_member(form, "ratings")) > 0)
		return form;
	for (guint i = 0; i < json_array_get_length(open); i++)
		if (*json_object_get_string_member(json_array_get_object_element(open, i), "text"))
			return form;
	return NULL;
}

gboolean said_form_is(const char *text)
{
	return form_text_rows(text) >= FORM_ROWS_MIN || strstr(text, FORM_ANSWERS_NS) ||
	       strstr(text, FORM_WORD_XML);
}

const char *said_form_why(JsonObject *record, gboolean silent)
{
	if (record_has_problem(record, "form-unread"))
		return N_("its form cannot be read for sure: look at the original");
	if (record_has_problem(record, "form-numbers"))
		return N_("its forms bear the numbers of different letters");
	return silent && any_form(record) && !said_form(record) ? N_("its form is empty") : NULL;
}

gboolean said_form_unreadable(JsonObject *record, const char *own)
{
	return record_has_problem(record, "form-unread: words") ||
	       (!*own && !said_form(record) && said_form_why(record, TRUE));
}
