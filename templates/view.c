#include "templates/view_program.h"

#include "base/error.h"
#include "templates/escape.h"
#include "templates/format.h"

#include <string.h>

/* --- building --- */

struct view_program *view_program_new(gboolean english)
{
	struct view_program *program = g_new0(struct view_program, 1);

	program->text = g_string_new(NULL);
	program->ops = g_array_new(FALSE, TRUE, sizeof(struct view_op));
	program->expressions = g_ptr_array_new_with_free_func((GDestroyNotify)view_expression_free);
	program->names = g_string_chunk_new(256);
	program->english = english;
	return program;
}

void view_program_free(struct view_program *program)
{
	if (!program)
		return;
	g_string_free(program->text, TRUE);
	g_array_unref(program->ops);
	g_ptr_array_unref(program->expressions);
	g_string_chunk_free(program->names);
	g_free(program);
}

guint view_build_op(struct view_builder *builder, enum view_op_kind kind, guint a, guint b)
{
	struct view_op op = {.kind = kind, .a = a, .b = b};

	builder->program->joint = FALSE;
	g_array_append_val(builder->program->ops, op);
	return builder->program->ops->len - 1;
}

void view_build_target(struct view_builder *builder, guint op)
{
	g_array_index(builder->program->ops, struct view_op, op).c = builder->program->ops->len;
	builder->program->joint = TRUE;
}

void view_build_literal(struct view_builder *builder, const char *text, gssize length)
{
	struct view_program *program = builder->program;
	gsize size = length < 0 ? strlen(text) : (gsize)length;
	guint last = program->ops->len;

	if (size == 0)
		return;
	if (last > 0 && !program->joint) {
		struct view_op *op = &g_array_index(program->ops, struct view_op, last - 1);

		if (op->kind == OP_LITERAL && op->a + op->b == program->text->len) {
			op->b += (guint)size;
			g_string_append_len(program->text, text, (gssize)size);
			return;
		}
	}
	view_build_op(builder, OP_LITERAL, (guint)program->text->len, (guint)size);
	g_string_append_len(program->text, text, (gssize)size);
}

void view_build_attribute(struct view_builder *builder, const char *name, guint expression,
			  enum view_place place)
{
	guint op = view_build_op(builder, OP_ATTRIBUTE, expression, place);
	struct view_op *written = &g_array_index(builder->program->ops, struct view_op, op);

	written->c = (guint)builder->program->text->len;
	written->d = (guint)strlen(name);
	g_string_append(builder->program->text, name);
}

/* --- values --- */

enum value_kind {
	VALUE_NULL,
	VALUE_TEXT,
	VALUE_BOOLEAN,
	VALUE_NUMBER,
	VALUE_ARRAY,
	VALUE_OBJECT,
};

struct value {
	enum value_kind kind;
	const char *text; /* of text, boolean, number; "" of null */
	double number;    /* of a number, boolean; members of an array */
	char buffer[G_ASCII_DTOSTR_BUF_SIZE];
};

struct run {
	const struct view_program *program;
	JsonObject *data;
	const char *const *values;
	JsonArray *arrays[VIEW_LOOPS_MAX];
	guint index[VIEW_LOOPS_MAX];
	guint list[LIST_DEPTH_MAX];
	GString *scratch; /* of formats; made when first needed */
	GString *out;
};

static gboolean fail(const struct view_expression *expression, GError **error, const char *message,
		     const char *what)
{
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_BUG, "%s:%ld: %s%s%s", expression->file,
		    expression->line, message, what ? " " : "", what ? what : "");
	return FALSE;
}

static void number_value(JsonNode *node, struct value *value)
{
	if (json_node_get_value_type(node) == G_TYPE_INT64) {
		g_snprintf(value->buffer, sizeof value->buffer, "%" G_GINT64_FORMAT,
			   json_node_get_int(node));
		value->number = (double)json_node_get_int(node);
	} else {
		value->number = json_node_get_double(node);
		g_ascii_formatd(value->buffer, sizeof value->buffer, "%.15g", value->number);
	}
	value->kind = VALUE_NUMBER;
	value->text = value->buffer;
}

static void node_value(JsonNode *node, struct value *value)
{
	value->kind = VALUE_NULL;
	value->text = "";
	value->number = 0;
	if (!node || json_node_get_node_type(node) == JSON_NODE_NULL)
		return;
	if (json_node_get_node_type(node) == JSON_NODE_ARRAY) {
		value->kind = VALUE_ARRAY;
		value->number = json_array_get_length(json_node_get_array(node));
	} else if (json_node_get_node_type(node) == JSON_NODE_OBJECT) {
		value->kind = VALUE_OBJECT;
	} else if (json_node_get_value_type(node) == G_TYPE_STRING) {
		value->kind = VALUE_TEXT;
		value->text = json_node_get_string(node);
	} else if (json_node_get_value_type(node) == G_TYPE_BOOLEAN) {
		value->kind = VALUE_BOOLEAN;
		value->number = json_node_get_boolean(node);
		value->text = value->number != 0 ? "true" : "false";
	} else {
		number_value(node, value);
	}
}

/* The node at a path; `*absent_out` says that an object on the way has no such member. */
static JsonNode *find_node(const struct run *run, const struct view_path *path,
			   gboolean *absent_out)
{
	JsonNode *node = NULL;
	char **name = path->names;

	*absent_out = FALSE;
	if (path->loop >= 0) {
		node = json_array_get_element(run->arrays[path->loop], run->index[path->loop]);
		name++;
	}
	for (; *name; name++) {
		JsonObject *object = run->data;

		if (node) {
			if (JSON_NODE_HOLDS_NULL(node))
				return node;
			if (!JSON_NODE_HOLDS_OBJECT(node)) {
				*absent_out = TRUE;
				return NULL;
			}
			object = json_node_get_object(node);
		}
		node = json_object_get_member(object, *name);
		if (!node) {
			*absent_out = TRUE;
			return NULL;
		}
	}
	return node;
}

static gboolean piece_value(const struct run *run, const struct view_expression *expression,
			    const struct view_piece *piece, gboolean lenient, struct value *value,
			    GError **error)
{
	gboolean absent = FALSE;

	if (piece->literal) {
		*value = (struct value){.kind = VALUE_TEXT, .text = piece->literal};
		return TRUE;
	}
	if (piece->path.field >= 0) {
		const char *text = run->values[piece->path.field];

		*value = (struct value){.kind = VALUE_TEXT, .text = text ? text : ""};
		return TRUE;
	}
	node_value(find_node(run, &piece->path, &absent), value);
	if (absent && !lenient && !piece->path.optional) {
		g_autofree char *path = g_strjoinv(".", piece->path.names);

		return fail(expression, error, _("the data have no field"), path);
	}
	return TRUE;
}

static gboolean is_true(const struct value *value)
{
	switch (value->kind) {
	case VALUE_NULL:
		return FALSE;
	case VALUE_TEXT:
		return value->text[0] != '\0';
	case VALUE_OBJECT:
		return TRUE;
	default:
		return value->number != 0;
	}
}

static gboolean holds(const struct run *run, const struct view_expression *expression,
		      gboolean *holds_out, GError **error)
{
	struct value left, right;

	if (!piece_value(run, expression, &g_array_index(expression->pieces, struct view_piece, 0),
			 expression->test <= TEST_FALSE, &left, error))
		return FALSE;
	if (expression->test <= TEST_FALSE) {
		*holds_out = is_true(&left) == (expression->test == TEST_TRUE);
		return TRUE;
	}
	if (!piece_value(run, expression, &g_array_index(expression->pieces, struct view_piece, 1),
			 FALSE, &right, error))
		return FALSE;
	*holds_out = (strcmp(left.text, right.text) == 0) == (expression->test == TEST_EQUAL);
	return TRUE;
}

/* --- writing --- */

static void write_plain(GString *out, const char *text, const char *line_end)
{
	for (const char *p = text;; p++) {
		if ((guchar)*p >= ' ' || *p == '\t')
			continue;
		g_string_append_len(out, text, p - text);
		if (*p == '\0')
			return;
		if (*p == '\n')
			g_string_append(out, line_end);
		text = p + 1;
	}
}

static void write_text(GString *out, const char *text, enum view_place place)
{
	switch (place) {
	case PLACE_TEXT:
		escape_text(out, text);
		break;
	case PLACE_ATTRIBUTE:
		escape_attribute(out, text);
		break;
	case PLACE_URL:
		escape_url(out, text);
		break;
	case PLACE_URL_PART:
		escape_url_part(out, text);
		break;
	case PLACE_LINES:
		escape_lines(out, text);
		break;
	case PLACE_PLAIN:
		write_plain(out, text, "\n");
		break;
	case PLACE_MAIL:
		write_plain(out, text, "\r\n");
		break;
	}
}

static const char *formatted(struct run *run, const struct value *value, enum view_format format)
{
	gboolean english = run->program->english;

	if (value->kind == VALUE_NULL)
		return "";
	if (!run->scratch)
		run->scratch = g_string_new(NULL);
	g_string_truncate(run->scratch, 0);
	switch (format) {
	case FORMAT_DATE:
		if (run->program->paper)
			format_day(run->scratch, value->text, english);
		else
			format_date(run->scratch, value->text, english);
		break;
	case FORMAT_TIME:
		format_time(run->scratch, value->text);
		break;
	case FORMAT_NUMBER:
		format_number(run->scratch, value->text);
		break;
	case FORMAT_PERCENT:
		format_percent(run->scratch, value->kind == VALUE_TEXT
						 ? g_ascii_strtod(value->text, NULL)
						 : value->number);
		break;
	case FORMAT_DAYS:
		format_days(run->scratch,
			    value->kind == VALUE_TEXT ? g_ascii_strtoll(value->text, NULL, 10)
						      : (gint64)value->number,
			    english);
		break;
	case FORMAT_WORD:
		format_word(run->scratch, value->text, english);
		break;
	case FORMAT_MESSAGE:
		format_message(run->scratch, value->text, english);
		break;
	case FORMAT_COUNT:
		g_string_append_printf(run->scratch, "%.0f", value->number);
		break;
	case FORMAT_NONE:
		break;
	}
	return run->scratch->str;
}

static gboolean write_piece(struct run *run, const struct view_expression *expression, guint index,
			    enum view_place place, GError **error)
{
	const struct view_piece *piece =
	    &g_array_index(expression->pieces, struct view_piece, index);
	struct value value;

	if (!piece_value(run, expression, piece, FALSE, &value, error))
		return FALSE;
	if (piece->format != FORMAT_NONE) {
		write_text(run->out, formatted(run, &value, piece->format), place);
		return TRUE;
	}
	if (value.kind == VALUE_ARRAY || value.kind == VALUE_OBJECT)
		return fail(expression, error, _("a list or object cannot be shown as text"), NULL);
	/* what the template itself writes into an address is not encoded, only what is filled in;
	 * and what an address begins with is one itself */
	if (piece->literal && place == PLACE_URL_PART)
		place = PLACE_ATTRIBUTE;
	else if (index == 0 && place == PLACE_URL_PART)
		place = PLACE_URL;
	write_text(run->out, value.text, place);
	return TRUE;
}

static gboolean write_expression(struct run *run, const struct view_expression *expression,
				 enum view_place place, GError **error)
{
	if (expression->test != TEST_NONE) {
		gboolean yes = FALSE;

		if (!holds(run, expression, &yes, error))
			return FALSE;
		g_string_append(run->out, yes ? "true" : "false");
		return TRUE;
	}
	for (guint i = 0; i < expression->pieces->len; i++) {
		if (!write_piece(run, expression, i, place, error))
			return FALSE;
	}
	return TRUE;
}

/* Whether an attribute is there at all, and whether as NAME="NAME". */
static gboolean attribute_shape(struct run *run, const struct view_expression *expression,
				gboolean *there_out, gboolean *boolean_out, GError **error)
{
	struct value value;

	*there_out = TRUE;
	*boolean_out = FALSE;
	if (expression->test != TEST_NONE) {
		*boolean_out = TRUE;
		return holds(run, expression, there_out, error);
	}
	if (expression->braces || expression->pieces->len != 1)
		return TRUE;
	if (!piece_value(run, expression, &g_array_index(expression->pieces, struct view_piece, 0),
			 FALSE, &value, error))
		return FALSE;
	*boolean_out = value.kind == VALUE_BOOLEAN;
	*there_out = value.kind != VALUE_NULL && (!*boolean_out || value.number != 0);
	return TRUE;
}

static gboolean write_attribute(struct run *run, const struct view_op *op, GError **error)
{
	const struct view_expression *expression =
	    g_ptr_array_index(run->program->expressions, op->a);
	const char *name = run->program->text->str + op->c;
	gboolean there, boolean;

	if (!attribute_shape(run, expression, &there, &boolean, error))
		return FALSE;
	if (!there)
		return TRUE;
	g_string_append_c(run->out, ' ');
	g_string_append_len(run->out, name, op->d);
	g_string_append(run->out, "=\"");
	if (boolean)
		g_string_append_len(run->out, name, op->d);
	else if (!write_expression(run, expression, (enum view_place)op->b, error))
		return FALSE;
	g_string_append_c(run->out, '"');
	return TRUE;
}

/* Begins a loop; `*empty_out` says that it has nothing to go over. */
static gboolean begin_loop(struct run *run, const struct view_op *op, gboolean *empty_out,
			   GError **error)
{
	const struct view_expression *expression =
	    g_ptr_array_index(run->program->expressions, op->a);
	const struct view_piece *piece = &g_array_index(expression->pieces, struct view_piece, 0);
	gboolean absent;
	JsonNode *node = find_node(run, &piece->path, &absent);

	*empty_out = TRUE;
	if (absent && !piece->path.optional)
		return fail(expression, error, _("the data have no list"), piece->path.names[0]);
	if (!node || JSON_NODE_HOLDS_NULL(node))
		return TRUE;
	if (!JSON_NODE_HOLDS_ARRAY(node))
		return fail(expression, error, _("not a list:"), piece->path.names[0]);
	run->arrays[op->b] = json_node_get_array(node);
	run->index[op->b] = 0;
	*empty_out = json_array_get_length(run->arrays[op->b]) == 0;
	return TRUE;
}

/* Does one op; `*at` is its place, and becomes that of the next. */
static gboolean step(struct run *run, guint *at, GError **error)
{
	const struct view_program *program = run->program;
	const struct view_op *op = &g_array_index(program->ops, struct view_op, *at);
	gboolean flag = FALSE;

	(*at)++;
	switch (op->kind) {
	case OP_LITERAL:
		g_string_append_len(run->out, program->text->str + op->a, op->b);
		return TRUE;
	case OP_SLOT:
		return write_expression(run, g_ptr_array_index(program->expressions, op->a),
					(enum view_place)op->b, error);
	case OP_ATTRIBUTE:
		return write_attribute(run, op, error);
	case OP_UNLESS:
		if (!holds(run, g_ptr_array_index(program->expressions, op->a), &flag, error))
			return FALSE;
		if (!flag)
			*at = op->c;
		return TRUE;
	case OP_EACH:
		if (!begin_loop(run, op, &flag, error))
			return FALSE;
		if (flag)
			*at = op->c;
		return TRUE;
	case OP_NEXT:
		if (++run->index[op->b] < json_array_get_length(run->arrays[op->b]))
			*at = op->c;
		return TRUE;
	case OP_LIST:
		run->list[op->a] = 0;
		return TRUE;
	case OP_LIST_NUMBER:
		g_string_append_printf(run->out, "%u. ", ++run->list[op->a]);
		return TRUE;
	}
	return TRUE;
}

gboolean view_run(const struct view_program *program, JsonNode *data, const char *const *values,
		  GString *out, GError **error)
{
	struct run run = {.program = program, .values = values, .out = out};
	gsize before = out->len;
	gboolean good = TRUE;
	guint at = 0;

	if (data)
		run.data = json_node_get_object(data);
	while (good && at < program->ops->len) {
		good = step(&run, &at, error);
		if (good && out->len - before > VIEW_OUTPUT_MAX) {
			g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_BUG,
				    _("a page would be larger than %u MB"), VIEW_OUTPUT_MAX >> 20);
			good = FALSE;
		}
	}
	if (run.scratch)
		g_string_free(run.scratch, TRUE);
	if (!good)
		g_string_truncate(out, before);
	return good;
}
