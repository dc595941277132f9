#include "classifier/classifier.h"

#include "base/error.h"
#include "base/json.h"

static void add_reasons(JsonBuilder *builder, const GArray *reasons, const char *text)
{
	json_open_array(builder, "reasons");
	for (guint i = 0; i < reasons->len; i++) {
		const struct reason *reason = &g_array_index(reasons, struct reason, i);

		g_autofree char *word =
		    g_strndup(text + reason->start, reason->end - reason->start);

		json_builder_begin_object(builder);
		json_add_text(builder, "word", reason->word ? reason->word : word);
		json_add_int(builder, "start", reason->start);
		json_add_int(builder, "end", reason->end);
		json_add_double(builder, "weight", reason->weight);
		json_add_text(builder, "what", reason->what);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
}

static void add_department(JsonBuilder *builder, const struct sorted *sorted, const char *text)
{
	json_builder_begin_object(builder);
	json_add_int(builder, "no", sorted->no);
	json_add_text(builder, "code", sorted->code);
	json_add_text(builder, "name", sorted->name);
	json_add_double(builder, "score", sorted->score);
	json_add_double(builder, "sure", sorted->sure);
	json_add_bool(builder, "lead", sorted->lead);
	add_reasons(builder, sorted->reasons, text);
	json_builder_end_object(builder);
}

static void add_second(JsonBuilder *builder, const struct classified *classified)
{
	json_builder_set_member_name(builder, "second");
	if (!classified->second_code) {
		json_builder_add_null_value(builder);
		return;
	}
	json_builder_begin_object(builder);
	json_add_text(builder, "code", classified->second_code);
	json_add_text(builder, "name", classified->second_name);
	json_add_double(builder, "sure", classified->second_sure);
	json_builder_end_object(builder);
}

JsonNode *classified_to_json(const GPtrArray *opinions)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_object(builder);
	json_open_array(builder, "opinions");
	for (guint i = 0; i < opinions->len; i++) {
		const struct classified *classified = g_ptr_array_index(opinions, i);

		json_builder_begin_object(builder);
		json_add_text(builder, "text", classified->text);
		json_add_text(builder, "kind", opinion_kind_name(classified->kind));
		json_add_bool(builder, "needs_person", classified->needs_person);
		json_add_text(builder, "why", classified->why);
		json_add_double(builder, "sure", classified->sure);
		add_second(builder, classified);
		json_open_array(builder, "departments");
		for (guint j = 0; j < classified->departments->len; j++)
			add_department(builder, g_ptr_array_index(classified->departments, j),
				       classified->text);
		json_builder_end_array(builder);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	json_builder_end_object(builder);
	return json_builder_get_root(builder);
}
