#include "base/table.h"

#include "base/error.h"

#include <string.h>

struct table_builder {
	GString *text;   /* of the present row, each cell NUL-terminated */
	GArray *offsets; /* gsize into `text`, a column each */
	gsize left;      /* bytes that may still be taken */
	guint rows;
};

const char *table_cell(const struct table_row *row, guint column)
{
	return column < row->count ? row->cells[column] : "";
}

struct table_builder *table_builder_new(gsize bytes_limit)
{
	struct table_builder *builder = g_new0(struct table_builder, 1);

	builder->text = g_string_new(NULL);
	builder->offsets = g_array_new(FALSE, FALSE, sizeof(gsize));
	builder->left = MIN(bytes_limit, TABLE_BYTES_LIMIT);
	return builder;
}

void table_builder_free(struct table_builder *builder)
{
	if (!builder)
		return;
	g_string_free(builder->text, TRUE);
	g_array_unref(builder->offsets);
	g_free(builder);
}

static gboolean too_large(GError **error)
{
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("the table is too large"));
	return FALSE;
}

/* A cell begins; those that were left out before it are empty. */
static void begin_cell(struct table_builder *builder, guint column)
{
	while (builder->offsets->len <= column) {
		gsize offset = builder->text->len;

		g_array_append_val(builder->offsets, offset);
		if (builder->offsets->len <= column)
			g_string_append_c(builder->text, '\0');
	}
}

gboolean table_builder_cell(struct table_builder *builder, guint column, const char *text,
			    gsize length, GError **error)
{
	if (length == 0)
		return TRUE;
	if (length > TABLE_CELL_LIMIT) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("a cell holds more than %u bytes"), TABLE_CELL_LIMIT);
		return FALSE;
	}
	if (column >= TABLE_COLUMN_LIMIT) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("more than %u columns"),
			    TABLE_COLUMN_LIMIT);
		return FALSE;
	}
	if (column < builder->offsets->len)
		return TRUE; /* a second cell of the same place: the first one stays */
	if (builder->text->len + length + column > builder->left)
		return too_large(error);
	begin_cell(builder, column);
	g_string_append_len(builder->text, text, (gssize)length);
	g_string_append_c(builder->text, '\0');
	return TRUE;
}

gboolean table_builder_row(struct table_builder *builder, guint line, struct table_row **row_out,
			   GError **error)
{
	guint count = builder->offsets->len;
	gsize head = sizeof(struct table_row) + count * sizeof(char *);
	struct table_row *row;
	char *text;

	*row_out = NULL;
	if (count == 0)
		return TRUE;
	if (builder->rows >= TABLE_ROW_LIMIT || head + builder->text->len > builder->left)
		return too_large(error);
	builder->rows++;
	builder->left -= head + builder->text->len;
	row = g_malloc(head + builder->text->len);
	text = (char *)row + head;
	memcpy(text, builder->text->str, builder->text->len);
	row->line = line;
	row->count = count;
	for (guint i = 0; i < count; i++)
		row->cells[i] = text + g_array_index(builder->offsets, gsize, i);
	g_string_truncate(builder->text, 0);
	g_array_set_size(builder->offsets, 0);
	*row_out = row;
	return TRUE;
}
