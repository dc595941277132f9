#include "base/csv.h"

#include "base/charset.h"
#include "base/error.h"

#include <string.h>

static void row_free(gpointer data)
{
	struct table_row *row = data;

	g_ptr_array_unref(row->cells);
	g_free(row);
}

GPtrArray *table_new(void)
{
	return g_ptr_array_new_with_free_func(row_free);
}

struct table_row *table_add(GPtrArray *table, guint line)
{
	struct table_row *row = g_new0(struct table_row, 1);

	row->line = line;
	row->cells = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(table, row);
	return row;
}

/* UTF-16 by its byte order mark, everything else by the house's rule. */
static char *to_utf8(GBytes *bytes)
{
	gsize size = 0;
	const char *text = g_bytes_get_data(bytes, &size);

	if (size >= 2 && memcmp(text, "\xff\xfe", 2) == 0)
		return g_convert(text + 2, (gssize)size - 2, "UTF-8", "UTF-16LE", NULL, NULL, NULL);
	if (size >= 2 && memcmp(text, "\xfe\xff", 2) == 0)
		return g_convert(text + 2, (gssize)size - 2, "UTF-8", "UTF-16BE", NULL, NULL, NULL);
	return charset_to_utf8(text ? text : "", size, NULL, NULL);
}

static char separator_of(const char *text)
{
	gsize count[3] = {0};
	static const char candidates[] = ",;\t";
	char best = ',';
	gsize most = 0;

	for (const char *at = text; *at && *at != '\n'; at++) {
		const char *found = strchr(candidates, *at);

		if (found)
			count[found - candidates]++;
	}
	for (guint i = 0; i < 3; i++)
		if (count[i] > most) {
			most = count[i];
			best = candidates[i];
		}
	return best;
}

/* ="0546" is how Excel users keep a zero; so is an apostrophe in front. */
static char *cell_value(const char *raw)
{
	g_autofree char *text = g_strstrip(g_strdup(raw));
	gsize length = strlen(text);

	if (length >= 3 && g_str_has_prefix(text, "=\"") && text[length - 1] == '"')
		return g_strndup(text + 2, length - 3);
	if (*text == '\'')
		return g_strdup(text + 1);
	return g_steal_pointer(&text);
}

struct reader {
	const char *name;
	const char *at;
	guint line;
	char separator;
};

static gboolean fail(const struct reader *reader, GError **error, const char *message)
{
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, "%s:%u: %s", reader->name, reader->line,
		    message);
	return FALSE;
}

/* One cell; reader->at stops at the separator, the line's end or the text's. */
static gboolean read_cell(struct reader *reader, GString *cell, GError **error)
{
	gboolean quoted = FALSE;
	guint began = reader->line;

	g_string_truncate(cell, 0);
	if (*reader->at == '"') {
		quoted = TRUE;
		reader->at++;
	}
	for (; *reader->at; reader->at++) {
		char c = *reader->at;

		if (quoted && c == '"' && reader->at[1] == '"') {
			reader->at++;
		} else if (quoted && c == '"') {
			quoted = FALSE;
			continue;
		} else if (!quoted && (c == reader->separator || c == '\n' || c == '\r')) {
			return TRUE;
		}
		if (c == '\n')
			reader->line++;
		if (cell->len >= CSV_CELL_LIMIT)
			return fail(reader, error, _("a cell is too long"));
		g_string_append_c(cell, c);
	}
	if (!quoted)
		return TRUE;
	reader->line = began;
	return fail(reader, error, _("a quoted cell has no end"));
}

static gboolean read_row(struct reader *reader, GPtrArray *table, GString *cell, GError **error)
{
	struct table_row *row = table_add(table, reader->line);
	gboolean empty = TRUE;

	for (;;) {
		char *value;

		if (!read_cell(reader, cell, error))
			return FALSE;
		if (row->cells->len >= CSV_COLUMN_LIMIT)
			return fail(reader, error, _("too many columns"));
		value = cell_value(cell->str);
		empty &= *value == '\0';
		g_ptr_array_add(row->cells, value);
		if (*reader->at != reader->separator)
			break;
		reader->at++;
	}
	if (*reader->at == '\r')
		reader->at++;
	if (*reader->at == '\n')
		reader->at++;
	reader->line++;
	if (empty)
		g_ptr_array_set_size(table, (gint)table->len - 1);
	return TRUE;
}

GPtrArray *csv_parse(const char *name, GBytes *bytes, GError **error)
{
	g_autoptr(GPtrArray) table = table_new();
	g_autoptr(GString) cell = g_string_new(NULL);
	struct reader reader = {.name = name, .line = 1};
	g_autofree char *text = NULL;

	if (g_bytes_get_size(bytes) > CSV_SIZE_LIMIT) {
		fail(&reader, error, _("the file is too large"));
		return NULL;
	}
	text = to_utf8(bytes);
	if (!text) {
		fail(&reader, error, _("the text cannot be decoded"));
		return NULL;
	}
	reader.at = text;
	reader.separator = separator_of(text);
	while (*reader.at) {
		if (table->len >= CSV_ROW_LIMIT) {
			fail(&reader, error, _("too many rows"));
			return NULL;
		}
		if (!read_row(&reader, table, cell, error))
			return NULL;
	}
	return g_steal_pointer(&table);
}
