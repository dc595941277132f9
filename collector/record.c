#include "collector/record.h"

#include "collector/bounce.h"
#include "collector/header.h"
#include "collector/read.h"
#include "templates/form.h"

#include <string.h>

#define OFFSET_MAX (15 * 60 + 59) /* minutes that PostgreSQL takes for a time zone */

/* --- before anything is built --------------------------------------------------------------- */

/* Behind a backslash: \u0000 and surrogates are refused. Our own writer needs neither. */
static gboolean escape_allowed(const char *at)
{
	static const char *const refused[] = {"u0000", "ud8", "ud9", "uda", "udb",
					      "udc",   "udd", "ude", "udf"};

	for (gsize i = 0; i < G_N_ELEMENTS(refused); i++)
		if (g_ascii_strncasecmp(at, refused[i], strlen(refused[i])) == 0)
			return FALSE;
	return TRUE;
}

/* Counts values and depth without building them: a parser would take memory for each. */
static gboolean is_bounded(const char *json, gsize size)
{
	gboolean in_string = FALSE;
	guint depth = 0, nodes = 0;

	for (gsize i = 0; i < size; i++) {
		char c = json[i];

		if (in_string && c == '\\') {
			if (!escape_allowed(json + ++i))
				return FALSE;
		} else if (c == '"') {
			in_string = !in_string;
		} else if (!in_string && (c == '{' || c == '[')) {
			if (++depth > RECORD_DEPTH_MAX || ++nodes > RECORD_NODES_MAX)
				return FALSE;
		} else if (!in_string && (c == '}' || c == ']')) {
			depth -= depth > 0;
		} else if (!in_string && c == ',') {
			if (++nodes > RECORD_NODES_MAX)
				return FALSE;
		}
	}
	return TRUE;
}

/* --- shapes --------------------------------------------------------------------------------- */

enum shape {
	TEXT,
	TEXT_OR_NULL,
	NUMBER, /* a whole one from 0 to `max` */
	TRUTH,
	TRUTH_OR_NULL,
	OBJECT_OR_NULL, /* of `fields` */
	TEXTS,          /* at most `max` */
	OBJECTS,        /* at most `max`, of `fields` */
};

struct field {
	const char *name; /* NULL ends a list of fields */
	enum shape shape;
	guint64 max;
	const struct field *fields;
};

static const struct field address_fields[] = {
    {"name", TEXT_OR_NULL, 0, NULL}, {"address", TEXT_OR_NULL, 0, NULL}, {NULL, TEXT, 0, NULL}};
static const struct field body_fields[] = {
    {"type", TEXT, 0, NULL}, {"text", TEXT, 0, NULL}, {NULL, TEXT, 0, NULL}};
/* What is within one has the same fields; RECORD_DEPTH_MAX ends that. */
static const struct field attachment_fields[8] = {
    {"name", TEXT_OR_NULL, 0, NULL},
    {"type", TEXT, 0, NULL},
    {"bytes", NUMBER, G_MAXINT64, NULL},
    {"sha256", TEXT_OR_NULL, 0, NULL},
    {"text", TEXT_OR_NULL, 0, NULL},
    {"unread", TEXT_OR_NULL, 0, NULL},
    {"inside", OBJECTS, RECORD_LIST_MAX, attachment_fields},
    {NULL, TEXT, 0, NULL}};
static const struct field bounce_fields[] = {
    {"recipient", TEXT_OR_NULL, 0, NULL}, {"status", TEXT_OR_NULL, 0, NULL},
    {"code", TEXT_OR_NULL, 0, NULL},      {"action", TEXT_OR_NULL, 0, NULL},
    {"reason", TEXT_OR_NULL, 0, NULL},    {"words", TEXT_OR_NULL, 0, NULL},
    {"hard", TRUTH_OR_NULL, 0, NULL},     {NULL, TEXT, 0, NULL}};
static const struct field original_fields[] = {{"message_id", TEXT_OR_NULL, 0, NULL},
					       {"subject", TEXT_OR_NULL, 0, NULL},
					       {NULL, TEXT, 0, NULL}};
static const struct field number_fields[] = {
    {"number", TEXT, 0, NULL}, {"where", TEXT, 0, NULL}, {NULL, TEXT, 0, NULL}};
static const struct field rating_fields[] = {
    {"department", TEXT, 0, NULL}, {"grade", NUMBER, 5, NULL}, {NULL, TEXT, 0, NULL}};
static const struct field open_fields[] = {
    {"question", TEXT, 0, NULL}, {"text", TEXT, 0, NULL}, {NULL, TEXT, 0, NULL}};
static const struct field form_fields[] = {{"number", TEXT_OR_NULL, 0, NULL},
					   {"disclosure", TEXT_OR_NULL, 0, NULL},
					   {"ratings", OBJECTS, FORM_RATINGS_MAX, rating_fields},
					   {"open", OBJECTS, FORM_OPEN_FOUND_MAX, open_fields},
					   {NULL, TEXT, 0, NULL}};
static const struct field record_fields[] = {
    {"kind", TEXT, 0, NULL},
    {"guessed", TRUTH, 0, NULL},
    {"from", OBJECTS, RECORD_LIST_MAX, address_fields},
    {"to", OBJECTS, RECORD_LIST_MAX, address_fields},
    {"cc", OBJECTS, RECORD_LIST_MAX, address_fields},
    {"reply_to", OBJECTS, RECORD_LIST_MAX, address_fields},
    {"date", TEXT_OR_NULL, 0, NULL},
    {"subject", TEXT_OR_NULL, 0, NULL},
    {"message_id", TEXT_OR_NULL, 0, NULL},
    {"in_reply_to", TEXTS, HEADER_IDS_MAX, NULL},
    {"references", TEXTS, HEADER_IDS_MAX, NULL},
    {"bodies", OBJECTS, RECORD_LIST_MAX, body_fields},
    {"text", TEXT, 0, NULL},
    {"own", TEXT, 0, NULL},
    {"own_doubtful", TRUTH, 0, NULL},
    {"quoted", TEXT, 0, NULL},
    {"signature", TEXT, 0, NULL},
    {"attachments", OBJECTS, RECORD_LIST_MAX, attachment_fields},
    {"bounces", OBJECTS, BOUNCES_MAX, bounce_fields},
    {"original", OBJECT_OR_NULL, 0, original_fields},
    {"numbers", OBJECTS, READING_NUMBERS_MAX, number_fields},
    {"form", OBJECT_OR_NULL, 0, form_fields},
    {"problems", TEXTS, RECORD_LIST_MAX, NULL},
    {NULL, TEXT, 0, NULL}};

static gboolean has_fields(JsonNode *node, const struct field *fields, const char **why_out);

static gboolean is_value(JsonNode *node, GType type)
{
	return JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == type;
}

static gboolean is_list(JsonNode *node, const struct field *field, const char **why_out)
{
	JsonArray *array;

	if (!JSON_NODE_HOLDS_ARRAY(node))
		return FALSE;
	array = json_node_get_array(node);
	if (json_array_get_length(array) > field->max)
		return FALSE;
	for (guint i = 0; i < json_array_get_length(array); i++) {
		JsonNode *element = json_array_get_element(array, i);

		if (field->shape == TEXTS ? !is_value(element, G_TYPE_STRING)
					  : !has_fields(element, field->fields, why_out))
			return FALSE;
	}
	return TRUE;
}

static gboolean is_number(JsonNode *node, guint64 max)
{
	return is_value(node, G_TYPE_INT64) && json_node_get_int(node) >= 0 &&
	       (guint64)json_node_get_int(node) <= max;
}

/* As deep as the tables are, and what is attached: is_bounded() has ended that. */
static gboolean has_shape(JsonNode *node, const struct field *field, const char **why_out)
{
	switch (field->shape) {
	case TEXT:
		return is_value(node, G_TYPE_STRING);
	case TEXT_OR_NULL:
		return JSON_NODE_HOLDS_NULL(node) || is_value(node, G_TYPE_STRING);
	case NUMBER:
		return is_number(node, field->max);
	case TRUTH:
		return is_value(node, G_TYPE_BOOLEAN);
	case TRUTH_OR_NULL:
		return JSON_NODE_HOLDS_NULL(node) || is_value(node, G_TYPE_BOOLEAN);
	case OBJECT_OR_NULL:
		return JSON_NODE_HOLDS_NULL(node) || has_fields(node, field->fields, why_out);
	case TEXTS:
	case OBJECTS:
		return is_list(node, field, why_out);
	}
	return FALSE;
}

static gboolean has_fields(JsonNode *node, const struct field *fields, const char **why_out)
{
	if (!JSON_NODE_HOLDS_OBJECT(node))
		return FALSE;
	for (; fields->name; fields++) {
		JsonNode *member = json_object_get_member(json_node_get_object(node), fields->name);

		if (!member || !has_shape(member, fields, why_out)) {
			*why_out = fields->name;
			return FALSE;
		}
	}
	return TRUE;
}

/* --- meanings ------------------------------------------------------------------------------- */

static gboolean is_kind(const char *name)
{
	for (enum kind kind = KIND_REPLY; kind <= KIND_OTHER; kind++)
		if (strcmp(name, kind_name(kind)) == 0)
			return TRUE;
	return FALSE;
}

/* "2026-03-02T09:30:00+08:00", a day that there is, and an offset that the database takes. */
static gboolean is_date(const char *text)
{
	static const char pattern[] = "dddd-dd-ddTdd:dd:dd?dd:dd";
	g_autoptr(GDateTime) date = NULL;
	GTimeSpan minutes;

	if (strlen(text) != strlen(pattern) || (text[19] != '+' && text[19] != '-'))
		return FALSE;
	for (gsize i = 0; pattern[i]; i++)
		if (pattern[i] == 'd' ? !g_ascii_isdigit(text[i])
				      : pattern[i] != '?' && pattern[i] != text[i])
			return FALSE;
	date = g_date_time_new_from_iso8601(text, NULL);
	if (!date)
		return FALSE;
	minutes = g_date_time_get_utc_offset(date) / G_TIME_SPAN_MINUTE;
	return minutes >= -OFFSET_MAX && minutes <= OFFSET_MAX;
}

static gboolean is_disclosure(JsonObject *record)
{
	JsonNode *form = json_object_get_member(record, "form");
	const char *word;

	if (JSON_NODE_HOLDS_NULL(form))
		return TRUE;
	word = json_object_get_string_member_with_default(json_node_get_object(form), "disclosure",
							  NULL);
	return !word || strcmp(word, "named") == 0 || strcmp(word, "hidden") == 0;
}

static const char *wrong_meaning(JsonObject *record)
{
	const char *date = json_object_get_string_member_with_default(record, "date", NULL);

	if (!is_kind(json_object_get_string_member(record, "kind")))
		return "kind";
	if (date && !is_date(date))
		return "date";
	return is_disclosure(record) ? NULL : "disclosure";
}

JsonNode *record_check(const char *json, gsize size, const char **why_out)
{
	g_autoptr(JsonParser) parser = NULL;
	const char *why = "json";
	JsonNode *root;

	if (why_out)
		*why_out = "json";
	if (size > READING_JSON_MAX || !g_utf8_validate_len(json, size, NULL) ||
	    !is_bounded(json, size))
		return NULL;
	parser = json_parser_new_immutable();
	if (!json_parser_load_from_data(parser, json, (gssize)size, NULL))
		return NULL;
	root = json_parser_get_root(parser);
	if (root && has_fields(root, record_fields, &why))
		why = wrong_meaning(json_node_get_object(root));
	if (why_out)
		*why_out = why;
	return why ? NULL : json_parser_steal_root(parser);
}

const char *record_sender(JsonObject *record)
{
	JsonArray *from = json_object_get_array_member(record, "from");

	return json_array_get_length(from) > 0
		   ? json_object_get_string_member_with_default(
			 json_array_get_object_element(from, 0), "address", NULL)
		   : NULL;
}

gboolean record_has_problem(JsonObject *record, const char *problem)
{
	JsonArray *problems = json_object_has_member(record, "problems")
				  ? json_object_get_array_member(record, "problems")
				  : NULL;

	for (guint i = 0; problems && i < json_array_get_length(problems); i++)
		if (g_str_has_prefix(json_array_get_string_element(problems, i), problem))
			return TRUE;
	return FALSE;
}
