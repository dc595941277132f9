#include "templates/letter_print.h"

#include "base/error.h"
#include "base/xml.h"
#include "templates/view_program.h"

#include <string.h>

/* Where the writing of the face stands; white space as in the mail's parts: one space between
 * words, none at the borders of a block, none where a line of Chinese was broken in the template.
 */
struct writer {
	struct view_builder builder;
	gboolean chinese;
	gboolean start;
	gboolean space;
	gboolean line_end;
	gboolean wide;
	guint list_depth;
};

typedef gboolean write_function(struct writer *writer, const xmlNode *node, GError **error);

static void put_mark(struct writer *writer, char mark, char kind)
{
	const char text[] = {mark, kind, '\0'};

	view_build_literal(&writer->builder, text, -1);
}

static void start_block(struct writer *writer)
{
	writer->start = TRUE;
	writer->space = FALSE;
	writer->line_end = FALSE;
	writer->wide = FALSE;
}

static gboolean take_space(struct writer *writer, gboolean wide)
{
	gboolean due =
	    writer->space && !writer->start && !(writer->line_end && writer->wide && wide);

	writer->space = FALSE;
	writer->line_end = FALSE;
	writer->start = FALSE;
	writer->wide = wide;
	return due;
}

static void put_text(struct writer *writer, const char *text)
{
	g_autoptr(GString) run = g_string_new(NULL);

	for (const char *p = text; *p; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
			writer->space = TRUE;
			writer->line_end |= c == '\n';
			continue;
		}
		if (take_space(writer,
			       g_unichar_iswide(c) || (writer->chinese && g_unichar_iswide_cjk(c))))
			g_string_append_c(run, ' ');
		g_string_append_unichar(run, c);
	}
	view_build_literal(&writer->builder, run->str, (gssize)run->len);
}

static gboolean put_value(struct writer *writer, const xmlNode *node, const char *text,
			  GError **error)
{
	guint expression;

	if (!view_build_expression(&writer->builder, node, text, FALSE, &expression, error))
		return FALSE;
	if (take_space(writer, writer->chinese))
		view_build_literal(&writer->builder, " ", 1);
	view_build_op(&writer->builder, OP_SLOT, expression, PLACE_PLAIN);
	return TRUE;
}

static gboolean write_where(struct writer *writer, const xmlNode *node, write_function *write,
			    GError **error)
{
	g_autofree char *face = view_binding(node, "face");
	g_autofree char *condition = view_binding(node, "if");
	guint op;

	if (face && strcmp(face, "paper") != 0)
		return TRUE;
	if (!condition)
		return write(writer, node, error);
	if (!view_build_if(&writer->builder, node, condition, &op, error) ||
	    !write(writer, node, error))
		return FALSE;
	view_build_target(&writer->builder, op);
	return TRUE;
}

static gboolean write_children(struct writer *writer, const xmlNode *node, write_function *write,
			       GError **error)
{
	for (const xmlNode *child = node->children; child; child = child->next) {
		if (child->type == XML_ELEMENT_NODE && !write_where(writer, child, write, error))
			return FALSE;
	}
	return TRUE;
}

/* --- inline --- */

static gboolean is_list(const xmlNode *node)
{
	return xml_is(node, "ul") || xml_is(node, "ol");
}

static gboolean write_content(struct writer *writer, const xmlNode *node, GError **error);

/* A picture is named: a letter's own ones stand for what paper has anyway, the seal and the code.
 */
static gboolean write_image(struct writer *writer, const xmlNode *node, GError **error)
{
	g_autofree char *binding = view_binding(node, "attr-alt");
	g_autofree char *alt = xml_attribute(node, "alt");

	if (binding)
		return put_value(writer, node, binding, error);
	put_text(writer, alt ? alt : "");
	return TRUE;
}

static gboolean write_inline(struct writer *writer, const xmlNode *node, GError **error)
{
	if (xml_is(node, "br")) {
		view_build_literal(&writer->builder, "\n", 1);
		start_block(writer);
		return TRUE;
	}
	if (xml_is(node, "img"))
		return write_image(writer, node, error);
	if (writer->space && !writer->start) { /* before the mark, where the mark is seen */
		if (take_space(writer, FALSE))
			view_build_literal(&writer->builder, " ", 1);
		writer->start = TRUE;
	}
	view_build_literal(&writer->builder,
			   (const char[]){xml_is(node, "a") ? PRINT_LINK : PRINT_STRONG, '\0'}, -1);
	if (!write_content(writer, node, error))
		return FALSE;
	view_build_literal(&writer->builder, (const char[]){PRINT_END, '\0'}, -1);
	return TRUE;
}

static gboolean write_content(struct writer *writer, const xmlNode *node, GError **error)
{
	g_autofree char *text = view_binding(node, "text");

	if (text)
		return put_value(writer, node, text, error);
	for (const xmlNode *child = node->children; child; child = child->next) {
		if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE)
			put_text(writer, (const char *)child->content);
		else if (child->type == XML_ELEMENT_NODE && !is_list(child) &&
			 !write_where(writer, child, write_inline, error))
			return FALSE;
	}
	return TRUE;
}

/* --- blocks --- */

static gboolean write_list(struct writer *writer, const xmlNode *node, GError **error);

static gboolean write_item(struct writer *writer, const xmlNode *node, GError **error)
{
	const char depth[] = {(char)('0' + writer->list_depth), '\0'};

	start_block(writer);
	put_mark(writer, PRINT_BLOCK, PRINT_ITEM);
	view_build_literal(&writer->builder, depth, 1);
	if (xml_is(node->parent, "ol"))
		view_build_op(&writer->builder, OP_LIST_NUMBER, writer->list_depth - 1, 0);
	view_build_literal(&writer->builder, (const char[]){PRINT_CELL, '\0'}, 1);
	if (!write_content(writer, node, error))
		return FALSE;
	for (const xmlNode *child = node->children; child; child = child->next) {
		if (is_list(child) && !write_where(writer, child, write_list, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean write_list(struct writer *writer, const xmlNode *node, GError **error)
{
	gboolean good;

	view_build_op(&writer->builder, OP_LIST, writer->list_depth, 0);
	writer->list_depth++;
	good = write_children(writer, node, write_item, error);
	writer->list_depth--;
	return good;
}

static gboolean write_cell(struct writer *writer, const xmlNode *node, GError **error)
{
	start_block(writer);
	put_mark(writer, PRINT_CELL, xml_is(node, "th") ? 'h' : 'd');
	return write_content(writer, node, error);
}

static gboolean write_row(struct writer *writer, const xmlNode *node, GError **error)
{
	put_mark(writer, PRINT_BLOCK, PRINT_ROW);
	return write_children(writer, node, write_cell, error);
}

static enum print_kind kind_of(const xmlNode *node)
{
	static const struct {
		const char *class;
		enum print_kind kind;
	} classes[] = {
	    {"opening", PRINT_OPENING},
	    {"sign", PRINT_SIGN},
	    {"small", PRINT_SMALL},
	    {"quote", PRINT_QUOTE},
	};
	g_autofree char *class = xml_attribute(node, "class");

	if (node->name[0] == 'h')
		return (enum print_kind)node->name[1];
	for (guint i = 0; class && i < G_N_ELEMENTS(classes); i++) {
		if (strcmp(class, classes[i].class) == 0)
			return classes[i].kind;
	}
	return PRINT_PARAGRAPH;
}

static gboolean write_block(struct writer *writer, const xmlNode *node, GError **error)
{
	if (is_list(node))
		return write_list(writer, node, error);
	start_block(writer);
	if (xml_is(node, "table")) {
		put_mark(writer, PRINT_BLOCK, PRINT_TABLE);
		return write_children(writer, node, write_row, error);
	}
	put_mark(writer, PRINT_BLOCK, (char)kind_of(node));
	return write_content(writer, node, error);
}

struct view_program *letter_print_compile(const char *language, const char *name,
					  const struct _xmlNode *body, GError **error)
{
	struct view_program *program = view_program_new(strcmp(language, "en") == 0);
	struct writer writer = {
	    .builder = {.program = program,
			.file = name,
			.fields = letter_field_names,
			.letter = TRUE},
	    .chinese = !program->english,
	};

	program->paper = TRUE;
	if (write_children(&writer, body, write_block, error))
		return program;
	view_program_free(program);
	return NULL;
}

/* --- taking it apart --- */

static gboolean has_text(const char *text, gsize size)
{
	for (gsize i = 0; i < size; i++) {
		if ((guchar)text[i] > ' ')
			return TRUE;
	}
	return FALSE;
}

static void take_item(struct print_block *block)
{
	const char *cell = memchr(block->text, PRINT_CELL, block->size);
	gsize head = cell ? (gsize)(cell - block->text) : block->size;

	block->depth = head > 0 ? (guint)(block->text[0] - '0') : 1;
	block->number = block->text + (head > 0);
	block->number_size = head - (head > 0);
	block->text += head + (cell != NULL);
	block->size -= head + (cell != NULL);
}

gboolean letter_print_next(const GString *stream, gsize *at, struct print_block *block_out)
{
	while (*at + 1 < stream->len) {
		const char *start = stream->str + *at;
		const char *end = memchr(start + 2, PRINT_BLOCK, stream->len - *at - 2);
		gsize size = end ? (gsize)(end - start) : stream->len - *at;

		*at += size;
		*block_out = (struct print_block){.kind = (enum print_kind)start[1],
						  .key = start,
						  .key_size = size,
						  .text = start + 2,
						  .size = size - 2,
						  .number = ""};
		if (block_out->kind == PRINT_ITEM)
			take_item(block_out);
		if (block_out->kind == PRINT_TABLE || block_out->kind == PRINT_ROW ||
		    has_text(block_out->text, block_out->size))
			return TRUE;
	}
	return FALSE;
}
