#include "base/csv.h"

#include "base/charset.h"
#include "base/error.h"

#include <string.h>

struct reader {
	const char *name;
	const char *at;
	guint line;
	char separator;
	GString *cell;
	struct table_builder *builder;
};

static gboolean fail(const struct reader *reader, GError **error, const char *message)
{
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, "%s:%u: %s", reader->name,
		    reader->line, message);
	return FALSE;
}

/* UTF-16 by its byte order mark, everything else by the house's rule. */
static char *to_utf8(GBytes *bytes)
{
	gsize size = 0;
	const char *text = g_bytes_get_data(bytes, &size);
	const char *label = NULL;
	g_autofree char *wide = NULL;
	gsize length = 0;

	if (size >= 2 && memcmp(text, "\xff\xfe", 2) == 0)
		label = "UTF-16LE";
	else if (size >= 2 && memcmp(text, "\xfe\xff", 2) == 0)
		label = "UTF-16BE";
	if (!label)
		return charset_to_utf8(text ? text : "", size, NULL, NULL);
	wide = g_convert(text + 2, (gssize)size - 2, "UTF-8", label, NULL, &length, NULL);
	return wide ? charset_to_utf8(wide, length, "UTF-8", NULL) : NULL;
}

/* "sep=;" as the first line is Excel's own way to say so. */
static char separator_of(struct reader *reader)
{
	static const char candidates[] = ",;\t";
	gsize count[3] = {0};
	gboolean quoted = FALSE;
	guint best = 0;

	if (g_ascii_strncasecmp(reader->at, "sep=", 4) == 0 && reader->at[4] &&
	    strchr(candidates, reader->at[4]) && strchr("\r\n", reader->at[5])) {
		char separator = reader->at[4];

		reader->at += 5;
		reader->at += *reader->at == '\r';
		reader->at += *reader->at == '\n';
		reader->line++;
		return separator;
	}
	for (const char *at = reader->at; *at; at++) {
		const char *found = quoted ? NULL : strchr(candidates, *at);

		if (*at == '"')
			quoted = !quoted;
		else if (found)
			count[found - candidates]++;
		else if (!quoted && (*at == '\n' || *at == '\r') && count[0] + count[1] + count[2])
			break;
	}
	for (guint i = 1; i < 3; i++) {
		if (count[i] > count[best])
			best = i;
	}
	return candidates[best];
}

/* Past a line's end, if we stand at one: CR LF, LF or CR. */
static gboolean skip_line_end(struct reader *reader)
{
	const char *start = reader->at;

	if (*reader->at == '\r')
		reader->at++;
	if (*reader->at == '\n')
		reader->at++;
	if (reader->at == start)
		return FALSE;
	reader->line++;
	return TRUE;
}

/* The rest of a quoted cell, after its first quote. Line breaks become LF. */
static gboolean read_quoted(struct reader *reader, GError **error)
{
	guint began = reader->line;

	while (*reader->at) {
		if (reader->at[0] == '"' && reader->at[1] == '"') {
			g_string_append_c(reader->cell, '"');
			reader->at += 2;
		} else if (*reader->at == '"') {
			reader->at++;
			return TRUE;
		} else if (skip_line_end(reader)) {
			g_string_append_c(reader->cell, '\n');
		} else {
			g_string_append_c(reader->cell, *reader->at++);
		}
		if (reader->cell->len > TABLE_CELL_LIMIT)
			break;
	}
	reader->line = began;
	return fail(reader, error,
		    *reader->at ? _("a cell is too long, or its closing quote is missing")
				: _("a quoted cell has no end"));
}

/* One cell; reader->at stops at the separator, the line's end or the text's. */
static gboolean read_cell(struct reader *reader, GError **error)
{
	g_string_truncate(reader->cell, 0);
	while (*reader->at == ' ')
		reader->at++;
	if (*reader->at == '"') {
		reader->at++;
		if (!read_quoted(reader, error))
			return FALSE;
	}
	for (; *reader->at && *reader->at != reader->separator && *reader->at != '\n' &&
	       *reader->at != '\r';
	     reader->at++) {
		if (reader->cell->len > TABLE_CELL_LIMIT)
			return fail(reader, error, _("a cell is too long"));
		g_string_append_c(reader->cell, *reader->at);
	}
	return TRUE;
}

/* What a cell means: without white space around it; ="0546" is how Excel users keep a zero, and
 * so is an apostrophe in front. The text is the given one, changed in place. */
static char *cell_value(char *text)
{
	gsize length;

	g_strstrip(text);
	length = strlen(text);
	if (length >= 3 && g_str_has_prefix(text, "=\"") && text[length - 1] == '"') {
		text[length - 1] = '\0';
		return text + 2;
	}
	return *text == '\'' ? text + 1 : text;
}

static gboolean read_row(struct reader *reader, GPtrArray *table, GError **error)
{
	g_autoptr(GError) problem = NULL;
	struct table_row *row = NULL;
	guint line = reader->line;

	for (guint column = 0;; column++) {
		const char *value;

		if (!read_cell(reader, error))
			return FALSE;
		value = cell_value(reader->cell->str);
		if (!table_builder_cell(reader->builder, column, value, strlen(value), &problem))
			return fail(reader, error, problem->message);
		if (*reader->at != reader->separator)
			break;
		reader->at++;
	}
	skip_line_end(reader);
	if (!table_builder_row(reader->builder, line, &row, &problem))
		return fail(reader, error, problem->message);
	if (row)
		g_ptr_array_add(table, row);
	return TRUE;
}

GPtrArray *csv_parse(const char *name, GBytes *bytes, GError **error)
{
	g_autoptr(GPtrArray) table = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) cell = g_string_new(NULL);
	g_autoptr(table_builder) builder = table_builder_new(TABLE_BYTES_LIMIT);
	struct reader reader = {.name = name, .line = 1, .cell = cell, .builder = builder};
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
	reader.separator = separator_of(&reader);
	while (*reader.at) {
		if (!read_row(&reader, table, error))
			return NULL;
	}
	return g_steal_pointer(&table);
}
