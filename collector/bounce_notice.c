#include "collector/bounce_notice.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define NOTICE_MAX (256u * 1024)

/* The JSON object on the first line of `text`, or NULL. */
static JsonNode *parse(const char *text)
{
	gsize length;
	g_autofree char *line = NULL;
	JsonNode *node;

	while (g_ascii_isspace(*text))
		text++;
	length = strcspn(text, "\n");
	if (*text != '{' || length > NOTICE_MAX)
		return NULL;
	line = g_strndup(text, length);
	node = json_from_string(line, NULL);
	if (node && !JSON_NODE_HOLDS_OBJECT(node))
		g_clear_pointer(&node, json_node_unref);
	return node;
}

static const char *member(JsonObject *object, const char *name)
{
	JsonNode *node = object ? json_object_get_member(object, name) : NULL;

	return node && JSON_NODE_HOLDS_VALUE(node) &&
		       json_node_get_value_type(node) == G_TYPE_STRING
		   ? json_node_get_string(node)
		   : NULL;
}

static JsonObject *object_member(JsonObject *object, const char *name)
{
	JsonNode *node = object ? json_object_get_member(object, name) : NULL;

	return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static JsonArray *array_member(JsonObject *object, const char *name)
{
	JsonNode *node = object ? json_object_get_member(object, name) : NULL;

	return node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
}

char *bounce_notice_type(const char *text)
{
	g_autoptr(JsonNode) node = parse(text);
	const char *type;

	if (!node)
		return NULL;
	type = member(json_node_get_object(node), "notificationType");
	if (!type)
		type = member(json_node_get_object(node), "eventType");
	return g_strdup(type);
}

static struct bounce *bounce_new(const char *recipient, const char *words, const char *action)
{
	struct bounce *bounce = g_new0(struct bounce, 1);
	const char *said = words && g_str_has_prefix(words, "smtp;") ? words + 5 : words;

	bounce->recipient = g_strdup(recipient);
	bounce->words =
	    said ? g_strstrip(g_strndup(said, MIN(strlen(said), BOUNCE_WORDS_MAX))) : NULL;
	bounce->action = g_strdup(action);
	bounce->status = reason_find_status(bounce->words);
	bounce->code = reason_find_code(bounce->words);
	return bounce;
}

static void read_delivery(JsonObject *delivery, GPtrArray *bounces)
{
	JsonArray *recipients = array_member(delivery, "recipients");

	for (guint i = 0;
	     recipients && i < json_array_get_length(recipients) && bounces->len < BOUNCES_MAX;
	     i++) {
		JsonNode *one = json_array_get_element(recipients, i);
		struct bounce *bounce;

		if (!JSON_NODE_HOLDS_VALUE(one))
			continue;
		bounce = bounce_new(json_node_get_string(one), member(delivery, "smtpResponse"),
				    "delivered");
		bounce->reason = REASON_DELIVERED;
		g_ptr_array_add(bounces, bounce);
	}
}

static void read_bounced(JsonObject *object, GPtrArray *bounces)
{
	JsonArray *recipients = array_member(object, "bouncedRecipients");

	for (guint i = 0;
	     recipients && i < json_array_get_length(recipients) && bounces->len < BOUNCES_MAX;
	     i++) {
		JsonNode *one = json_array_get_element(recipients, i);
		JsonObject *recipient =
		    JSON_NODE_HOLDS_OBJECT(one) ? json_node_get_object(one) : NULL;
		struct bounce *bounce = bounce_new(member(recipient, "emailAddress"),
						   member(recipient, "diagnosticCode"), "failed");

		if (!bounce->status)
			bounce->status = reason_find_status(member(recipient, "status"));
		bounce->reason =
		    reason_classify(bounce->words, bounce->status, bounce->code, STEP_UNKNOWN);
		g_ptr_array_add(bounces, bounce);
	}
}

gboolean bounce_notice_read(const char *text, GPtrArray *bounces)
{
	g_autoptr(JsonNode) node = parse(text);
	JsonObject *object = node ? json_node_get_object(node) : NULL;
	JsonObject *delivery = object_member(object, "delivery");
	JsonObject *bounced = object_member(object, "bounce");

	if (!object || !object_member(object, "mail"))
		return FALSE;
	if (delivery)
		read_delivery(delivery, bounces);
	if (bounced)
		read_bounced(bounced, bounces);
	return delivery || bounced;
}
