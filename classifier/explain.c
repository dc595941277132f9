#include "classifier/classifier.h"

#include "base/error.h"

static void add_reasons(JsonBuilder *builder, const GArray *reasons)
{
	json_builder_set_member_name(builder, "reasons");
	json_builder_begin_array(builder);
	for (guint i = 0; i < reasons->len; i++) {
		const struct reason *reason = &g_array_index(reasons, struct reason, i);

		json_builder_begin_object(builder);
		json_builder_set_member_name(builder, "word");
		json_builder_add_string_value(builder, reason->word);
		json_builder_set_member_name(builder, "start");
		json_builder_add_int_value(builder, reason->start);
		json_builder_set_member_name(builder, "end");
		json_builder_add_int_value(builder, reason->end);
		json_builder_set_member_name(builder, "weight");
		json_builder_add_double_value(builder, reason->weight);
		json_builder_set_member_name(builder, "what");
		json_builder_add_string_value(builder, reason->what);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
}

static void add_department(JsonBuilder *builder, const struct sorted *sorted)
{
	json_builder_begin_object(builder);
	json_builder_set_member_name(builder, "no");
	json_builder_add_int_value(builder, sorted->no);
	json_builder_set_member_name(builder, "code");
	json_builder_add_string_value(builder, sorted->code);
	json_builder_set_member_name(builder, "name");
	json_builder_add_string_value(builder, sorted->name);
	json_builder_set_member_name(builder, "score");
	json_builder_add_double_value(builder, sorted->score);
	json_builder_set_member_name(builder, "lead");
	json_builder_add_boolean_value(builder, sorted->lead);
	add_reasons(builder, sorted->reasons);
	json_builder_end_object(builder);
}

JsonNode *classified_to_json(const GPtrArray *opinions)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_object(builder);
	json_builder_set_member_name(builder, "opinions");
	json_builder_begin_array(builder);
	for (guint i = 0; i < opinions->len; i++) {
		const struct classified *classified = g_ptr_array_index(opinions, i);

		json_builder_begin_object(builder);
		json_builder_set_member_name(builder, "text");
		json_builder_add_string_value(builder, classified->text);
		json_builder_set_member_name(builder, "kind");
		json_builder_add_string_value(builder, opinion_kind_name(classified->kind));
		json_builder_set_member_name(builder, "needs_person");
		json_builder_add_boolean_value(builder, classified->needs_person);
		json_builder_set_member_name(builder, "why");
		if (classified->why)
			json_builder_add_string_value(builder, _(classified->why));
		else
			json_builder_add_null_value(builder);
		json_builder_set_member_name(builder, "departments");
		json_builder_begin_array(builder);
		for (guint j = 0; j < classified->departments->len; j++)
			add_department(builder, g_ptr_array_index(classified->departments, j));
		json_builder_end_array(builder);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	json_builder_end_object(builder);
	return json_builder_get_root(builder);
}
