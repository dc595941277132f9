#include "templates/view_program.h"

#include "base/error.h"

#include <string.h>

static void piece_clear(void *data)
{
	struct view_piece *piece = data;

	g_free(piece->literal);
	g_strfreev(piece->path.names);
}

void view_expression_free(struct view_expression *expression)
{
	g_array_unref(expression->pieces);
	g_free(expression);
}

gboolean view_refuse(const struct view_builder *builder, const xmlNode *node, GError **error,
		     const char *format, ...)
{
	g_autofree char *message = NULL;
	va_list arguments;

	va_start(arguments, format);
	message = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, "%s:%ld: %s", builder->file,
		    xmlGetLineNo(node), message);
	return FALSE;
}

static gboolean is_name(const char *text)
{
	if (!g_ascii_isalpha(text[0]) && text[0] != '_')
		return FALSE;
	for (const char *p = text; *p; p++) {
		if (!g_ascii_isalnum(*p) && *p != '_')
			return FALSE;
	}
	return TRUE;
}

/* Says of a path where its first name leads. */
static gboolean resolve(struct view_builder *builder, const xmlNode *node, struct view_path *path,
			GError **error)
{
	const char *first = path->names[0];

	path->loop = -1;
	path->field = -1;
	for (guint i = builder->loop_count; i > 0; i--) {
		if (strcmp(builder->loops[i - 1], first) == 0) {
			path->loop = (int)i - 1;
			return TRUE;
		}
	}
	if (!builder->fields)
		return TRUE;
	for (int i = 0; builder->fields[i]; i++) {
		if (strcmp(builder->fields[i], first) != 0)
			continue;
		if (builder->letter)
			path->field = i;
		if (builder->letter && path->names[1])
			return view_refuse(builder, node, error,
					   _("\"%s\" has no fields of its own"), first);
		return TRUE;
	}
	return view_refuse(builder, node, error, _("no field is called \"%s\""), first);
}

static gboolean read_path(struct view_builder *builder, const xmlNode *node, const char *text,
			  struct view_path *path, GError **error)
{
	g_autofree char *copy = g_strstrip(g_strdup(text));
	gsize length = strlen(copy);

	path->optional = length > 0 && copy[length - 1] == '?';
	if (path->optional)
		copy[length - 1] = '\0';
	path->names = g_strsplit(copy, ".", -1);
	for (char **p = path->names; *p; p++) {
		if (!is_name(*p))
			return view_refuse(builder, node, error, _("\"%s\" is not a field"), text);
	}
	if (!path->names[0])
		return view_refuse(builder, node, error, _("a field is missing"));
	return resolve(builder, node, path, error);
}

static gboolean read_format(struct view_builder *builder, const xmlNode *node, const char *text,
			    enum view_format *format_out, GError **error)
{
	static const char *const names[] = {"",     "date",  "time", "number", "percent",
					    "days", "count", "word", "message"};
	g_autofree char *copy = g_strstrip(g_strdup(text));

	for (guint i = 1; i < G_N_ELEMENTS(names); i++) {
		if (strcmp(copy, names[i]) == 0) {
			*format_out = (enum view_format)i;
			return TRUE;
		}
	}
	return view_refuse(builder, node, error, _("\"%s\" is not a format"), copy);
}

/* P or P | FORMAT. */
static gboolean read_value(struct view_builder *builder, const xmlNode *node, const char *text,
			   struct view_expression *expression, GError **error)
{
	struct view_piece piece = {0};
	const char *bar = strchr(text, '|');
	g_autofree char *path = bar ? g_strndup(text, (gsize)(bar - text)) : g_strdup(text);
	gboolean good = read_path(builder, node, path, &piece.path, error) &&
			(!bar || read_format(builder, node, bar + 1, &piece.format, error));

	g_array_append_val(expression->pieces, piece);
	return good;
}

static void add_literal(struct view_expression *expression, const char *text, gsize length)
{
	struct view_piece piece = {.literal = g_strndup(text, length)};

	g_array_append_val(expression->pieces, piece);
}

/* Text with values in braces. */
static gboolean read_pieces(struct view_builder *builder, const xmlNode *node, const char *text,
			    struct view_expression *expression, GError **error)
{
	expression->braces = TRUE;
	for (const char *p = text; *p;) {
		gsize length = strcspn(p, "{}");
		const char *end;
		g_autofree char *inner = NULL;

		if (length > 0)
			add_literal(expression, p, length);
		p += length;
		if (*p == '\0')
			break;
		end = strchr(p, '}');
		if (*p == '}' || !end)
			return view_refuse(builder, node, error, _("a brace without its partner"));
		inner = g_strndup(p + 1, (gsize)(end - p - 1));
		if (!read_value(builder, node, inner, expression, error))
			return FALSE;
		p = end + 1;
	}
	return TRUE;
}

/* A side of a comparison: 'text' or a path. */
static gboolean read_side(struct view_builder *builder, const xmlNode *node, const char *text,
			  struct view_expression *expression, GError **error)
{
	g_autofree char *copy = g_strstrip(g_strdup(text));
	gsize length = strlen(copy);

	if (length >= 2 && copy[0] == '\'' && copy[length - 1] == '\'' &&
	    !memchr(copy + 1, '\'', length - 2)) {
		add_literal(expression, copy + 1, length - 2);
		return TRUE;
	}
	return read_value(builder, node, copy, expression, error);
}

static gboolean read_condition(struct view_builder *builder, const xmlNode *node, const char *text,
			       struct view_expression *expression, GError **error)
{
	const char *equal = strchr(text, '=');
	const char *stop;
	g_autofree char *left = NULL;

	if (!equal) {
		g_autofree char *copy = g_strstrip(g_strdup(text));

		expression->test = copy[0] == '!' ? TEST_FALSE : TEST_TRUE;
		return read_value(builder, node, copy[0] == '!' ? copy + 1 : copy, expression,
				  error);
	}
	expression->test = equal > text && equal[-1] == '!' ? TEST_DIFFERENT : TEST_EQUAL;
	stop = expression->test == TEST_DIFFERENT ? equal - 1 : equal;
	left = g_strndup(text, (gsize)(stop - text));
	return read_side(builder, node, left, expression, error) &&
	       read_side(builder, node, equal + 1, expression, error);
}

gboolean view_build_expression(struct view_builder *builder, const xmlNode *node, const char *text,
			       gboolean condition, guint *number_out, GError **error)
{
	struct view_expression *expression = g_new0(struct view_expression, 1);
	struct view_program *program = builder->program;

	expression->pieces = g_array_new(FALSE, TRUE, sizeof(struct view_piece));
	g_array_set_clear_func(expression->pieces, piece_clear);
	expression->file = g_string_chunk_insert_const(program->names, builder->file);
	expression->line = xmlGetLineNo(node);
	*number_out = program->expressions->len;
	g_ptr_array_add(program->expressions, expression);
	if (condition)
		return read_condition(builder, node, text, expression, error);
	if (strpbrk(text, "{}"))
		return read_pieces(builder, node, text, expression, error);
	if (strpbrk(text, "!="))
		return read_condition(builder, node, text, expression, error);
	return read_value(builder, node, text, expression, error);
}

gboolean view_build_if(struct view_builder *builder, const xmlNode *node, const char *condition,
		       guint *op_out, GError **error)
{
	guint expression;

	if (!view_build_expression(builder, node, condition, TRUE, &expression, error))
		return FALSE;
	*op_out = view_build_op(builder, OP_UNLESS, expression, 0);
	return TRUE;
}
