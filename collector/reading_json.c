#include "collector/read.h"

#include "collector/bounce.h"
#include "collector/header.h"
#include "templates/form.h"

static void add_text(JsonObject *object, const char *name, const char *text)
{
	if (text)
		json_object_set_string_member(object, name, text);
	else
		json_object_set_null_member(object, name);
}

static JsonArray *addresses_json(const GPtrArray *addresses)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < addresses->len; i++) {
		const struct address *address = g_ptr_array_index(addresses, i);
		JsonObject *object = json_object_new();

		add_text(object, "name", address->name);
		add_text(object, "address", address->address);
		json_array_add_object_element(array, object);
	}
	return array;
}

static JsonArray *strings_json(const GPtrArray *strings)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < strings->len; i++)
		json_array_add_string_element(array, g_ptr_array_index(strings, i));
	return array;
}

static JsonArray *bodies_json(const GPtrArray *bodies)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < bodies->len; i++) {
		const struct reading_body *body = g_ptr_array_index(bodies, i);
		JsonObject *object = json_object_new();

		add_text(object, "type", body->type);
		add_text(object, "text", body->text);
		json_array_add_object_element(array, object);
	}
	return array;
}

static JsonArray *attachments_json(const GPtrArray *attachments)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < attachments->len; i++) {
		const struct reading_attachment *attachment = g_ptr_array_index(attachments, i);
		JsonObject *object = json_object_new();

		add_text(object, "name", attachment->name);
		add_text(object, "type", attachment->type);
		json_object_set_int_member(object, "bytes", (gint64)attachment->bytes);
		add_text(object, "sha256", attachment->sha256);
		add_text(object, "text", attachment->text);
		add_text(object, "unread", attachment->unread);
		json_object_set_array_member(object, "inside",
					     attachments_json(attachment->inside));
		json_array_add_object_element(array, object);
	}
	return array;
}

static JsonArray *bounces_json(const GPtrArray *bounces)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < bounces->len; i++) {
		const struct bounce *bounce = g_ptr_array_index(bounces, i);
		JsonObject *object = json_object_new();
		int hard = reason_is_hard(bounce->reason);

		add_text(object, "recipient", bounce->recipient);
		add_text(object, "status", bounce->status);
		add_text(object, "code", bounce->code);
		add_text(object, "action", bounce->action);
		add_text(object, "reason", reason_name(bounce->reason));
		add_text(object, "words", bounce->words);
		if (hard < 0)
			json_object_set_null_member(object, "hard");
		else
			json_object_set_boolean_member(object, "hard", hard);
		json_object_set_boolean_member(
		    object, "passes", reason_passes(bounce->reason, bounce->status, bounce->code));
		json_array_add_object_element(array, object);
	}
	return array;
}

static JsonArray *numbers_json(const GArray *numbers)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < numbers->len; i++) {
		const struct reading_number *number =
		    &g_array_index(numbers, struct reading_number, i);
		JsonObject *object = json_object_new();

		add_text(object, "number", number->number);
		add_text(object, "where", number->where);
		json_array_add_object_element(array, object);
	}
	return array;
}

static void add_original(JsonObject *object, const struct reading *reading)
{
	JsonObject *original;

	if (!reading->has_original) {
		json_object_set_null_member(object, "original");
		return;
	}
	original = json_object_new();
	add_text(original, "message_id", reading->original_message_id);
	add_text(original, "subject", reading->original_subject);
	json_object_set_object_member(object, "original", original);
}

JsonNode *reading_to_json(const struct reading *reading)
{
	JsonObject *object = json_object_new();
	JsonNode *node = json_node_new(JSON_NODE_OBJECT);
	g_autofree char *date =
	    reading->date ? g_date_time_format(reading->date, "%FT%T%:z") : NULL;

	if (reading->file)
		add_text(object, "file", reading->file);
	add_text(object, "kind", kind_name(reading->kind));
	json_object_set_boolean_member(object, "guessed", reading->guessed);
	json_object_set_array_member(object, "from", addresses_json(reading->from));
	json_object_set_array_member(object, "to", addresses_json(reading->to));
	json_object_set_array_member(object, "cc", addresses_json(reading->cc));
	json_object_set_array_member(object, "reply_to", addresses_json(reading->reply_to));
	add_text(object, "date", date);
	add_text(object, "subject", reading->subject);
	add_text(object, "message_id", reading->message_id);
	json_object_set_array_member(object, "in_reply_to", strings_json(reading->in_reply_to));
	json_object_set_array_member(object, "references", strings_json(reading->references));
	json_object_set_array_member(object, "bodies", bodies_json(reading->bodies));
	add_text(object, "text", reading->text);
	add_text(object, "own", reading->own.own);
	json_object_set_boolean_member(object, "own_doubtful", reading->own.doubtful);
	add_text(object, "quoted", reading->own.quoted);
	add_text(object, "signature", reading->own.signature);
	json_object_set_array_member(object, "attachments", attachments_json(reading->attachments));
	json_object_set_array_member(object, "bounces", bounces_json(reading->bounces));
	add_original(object, reading);
	json_object_set_array_member(object, "numbers", numbers_json(reading->numbers));
	json_object_set_member(object, "form",
			       reading->form ? form_answers_json(reading->form)
					     : json_node_new(JSON_NODE_NULL));
	json_object_set_array_member(object, "problems", strings_json(reading->problems));
	json_node_take_object(node, object);
	return node;
}

char *reading_to_line(const struct reading *reading)
{
	g_autoptr(JsonNode) node = reading_to_json(reading);

	return json_to_string(node, FALSE);
}
