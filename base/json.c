#include "base/json.h"

void json_add_text(JsonBuilder *builder, const char *name, const char *text)
{
	json_builder_set_member_name(builder, name);
	if (text)
		json_builder_add_string_value(builder, text);
	else
		json_builder_add_null_value(builder);
}

void json_add_int(JsonBuilder *builder, const char *name, gint64 number)
{
	json_builder_set_member_name(builder, name);
	json_builder_add_int_value(builder, number);
}

void json_add_double(JsonBuilder *builder, const char *name, double number)
{
	json_builder_set_member_name(builder, name);
	json_builder_add_double_value(builder, number);
}

void json_add_bool(JsonBuilder *builder, const char *name, gboolean truth)
{
	json_builder_set_member_name(builder, name);
	json_builder_add_boolean_value(builder, truth);
}

void json_open_array(JsonBuilder *builder, const char *name)
{
	json_builder_set_member_name(builder, name);
	json_builder_begin_array(builder);
}

char *json_finish(JsonBuilder *builder)
{
	g_autoptr(JsonNode) root = json_builder_get_root(builder);

	return json_to_string(root, FALSE);
}
