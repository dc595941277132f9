#include "base/error.h"
#include "base/ooxml.h"
#include "base/ooxml_reader.h"
#include "base/table.h"
#include "base/xlsx_style.h"

#include <stdlib.h>
#include <string.h>

#define STYLES_LIMIT  65536u       /* Excel's own is 64,000 */
#define STRINGS_LIMIT (8u << 20)   /* shared strings */
#define SHARED_LIMIT  (256u << 20) /* bytes of them */
#define SHEETS_LIMIT  256u

struct xlsx {
	struct ooxml *file;
	char *main_part;
	GPtrArray *relations; /* of the workbook */
	GPtrArray *sheets;    /* parts of the visible ones, in the workbook's order */
	gboolean from_1904;
	GStringChunk *chunk;
	GPtrArray *shared; /* strings, in `chunk` */
	GArray *styles;    /* struct xlsx_style, by the cell's s */
};

/* Gets a row, owns it. */
typedef gboolean row_function(struct table_row *row, void *user, GError **error);

static gboolean fail(GError **error, const char *message)
{
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, message);
	return FALSE;
}

static void xlsx_clear(struct xlsx *xlsx)
{
	g_free(xlsx->main_part);
	g_clear_pointer(&xlsx->relations, g_ptr_array_unref);
	g_clear_pointer(&xlsx->sheets, g_ptr_array_unref);
	g_clear_pointer(&xlsx->shared, g_ptr_array_unref);
	g_clear_pointer(&xlsx->styles, g_array_unref);
	g_clear_pointer(&xlsx->chunk, g_string_chunk_free);
}

static const char *target_of_id(const struct xlsx *xlsx, const char *id)
{
	for (guint i = 0; id && i < xlsx->relations->len; i++) {
		const struct ooxml_relation *relation = g_ptr_array_index(xlsx->relations, i);

		if (relation->id && strcmp(relation->id, id) == 0)
			return strcmp(relation->kind, "worksheet") == 0 ? relation->target : NULL;
	}
	return NULL;
}

static const char *target_of_kind(const struct xlsx *xlsx, const char *kind)
{
	for (guint i = 0; i < xlsx->relations->len; i++) {
		const struct ooxml_relation *relation = g_ptr_array_index(xlsx->relations, i);

		if (strcmp(relation->kind, kind) == 0)
			return relation->target;
	}
	return NULL;
}

static gboolean is_true(const char *value)
{
	return value && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
}

static void add_sheet(struct xlsx *xlsx, const struct ooxml_reader *reader)
{
	g_autofree char *id = NULL;
	g_autofree char *state = ooxml_attribute(reader, "state");
	const char *target;

	if ((state && strcmp(state, "visible") != 0) || xlsx->sheets->len >= SHEETS_LIMIT)
		return;
	/* r:id, not sheetId; both have other local names */
	id = ooxml_attribute(reader, "id");
	target = target_of_id(xlsx, id);
	if (target)
		g_ptr_array_add(xlsx->sheets, g_strdup(target));
}

static gboolean read_workbook(struct xlsx *xlsx, GError **error)
{
	g_autoptr(GError) problem = NULL;
	g_autoptr(ooxml_reader) reader = NULL;

	xlsx->main_part = ooxml_main_part(xlsx->file, "xl/workbook.xml", error);
	if (!xlsx->main_part)
		return FALSE;
	xlsx->relations = ooxml_relations(xlsx->file, xlsx->main_part, error);
	if (!xlsx->relations)
		return FALSE;
	xlsx->sheets = g_ptr_array_new_with_free_func(g_free);
	reader = ooxml_reader_open(xlsx->file, xlsx->main_part, OOXML_RATIO_FREE, &problem);
	while (reader && ooxml_reader_next(reader, &problem)) {
		if (ooxml_begins(reader, "workbookPr")) {
			g_autofree char *value = ooxml_attribute(reader, "date1904");

			xlsx->from_1904 = is_true(value);
		} else if (ooxml_begins(reader, "sheet")) {
			add_sheet(xlsx, reader);
		}
	}
	if (!problem && xlsx->sheets->len == 0)
		fail(&problem, _("not an .xlsx file, or one without a sheet"));
	if (!problem)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&problem));
	return FALSE;
}

/* Excel writes a character that XML cannot hold as _x000D_ (ECMA-376 part 1, 22.9.2.19). */
static void append_text(GString *out, const char *text)
{
	for (const char *at = text; *at; at++) {
		guint value = 0;

		if (at[0] == '_' && at[1] == 'x') {
			guint n = 0;

			while (n < 4 && g_ascii_isxdigit(at[2 + n]))
				value = value * 16 + (guint)g_ascii_xdigit_value(at[2 + n++]);
			if (n < 4 || at[6] != '_')
				value = 0;
		}
		if (value == 0 || (value >= 0xD800 && value < 0xE000)) {
			g_string_append_c(out, *at);
			continue;
		}
		g_string_append_unichar(out, value < ' ' && value != '\n' ? ' ' : value);
		at += 6;
	}
}

/* The text of a string item (si, is): its runs, without phonetic guides. The reader stands at its
 * beginning, and at its end afterwards. */
static gboolean read_string(struct ooxml_reader *reader, const char *element, GString *out,
			    GError **error)
{
	gboolean in_text = FALSE;

	g_string_truncate(out, 0);
	if (ooxml_is_empty(reader))
		return TRUE;
	while (ooxml_reader_next(reader, error)) {
		if (ooxml_ends(reader, element))
			return TRUE;
		if (ooxml_begins(reader, "rPh")) {
			if (!ooxml_skip(reader, error))
				return FALSE;
		} else if (ooxml_begins(reader, "t")) {
			in_text = !ooxml_is_empty(reader);
		} else if (ooxml_ends(reader, "t")) {
			in_text = FALSE;
		} else if (in_text && ooxml_text(reader)) {
			append_text(out, ooxml_text(reader));
		}
		if (out->len > TABLE_CELL_LIMIT)
			return fail(error, _("a cell holds too much text"));
	}
	return FALSE;
}

static gboolean read_shared(struct xlsx *xlsx, GError **error)
{
	const char *part = target_of_kind(xlsx, "sharedStrings");
	g_autoptr(GError) problem = NULL;
	g_autoptr(ooxml_reader) reader = NULL;
	GString *text = g_string_new(NULL);
	gsize bytes = 0;

	xlsx->chunk = g_string_chunk_new(65536);
	xlsx->shared = g_ptr_array_new();
	if (part)
		reader = ooxml_reader_open(xlsx->file, part, OOXML_PART_LIMIT, &problem);
	while (reader && ooxml_reader_next(reader, &problem)) {
		if (!ooxml_begins(reader, "si"))
			continue;
		if (!read_string(reader, "si", text, &problem))
			break;
		bytes += text->len + 1;
		if (xlsx->shared->len >= STRINGS_LIMIT || bytes > SHARED_LIMIT) {
			fail(&problem, _("the table is too large"));
			break;
		}
		g_ptr_array_add(xlsx->shared, g_string_chunk_insert(xlsx->chunk, text->str));
	}
	g_string_free(text, TRUE);
	if (!problem)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&problem));
	return FALSE;
}

static guint attribute_number(const struct ooxml_reader *reader, const char *name)
{
	g_autofree char *value = ooxml_attribute(reader, name);
	guint64 number = 0;

	if (value && g_ascii_string_to_unsigned(value, 10, 0, G_MAXUINT32, &number, NULL))
		return (guint)number;
	return 0;
}

/* The number formats of xl/styles.xml, and of each cell format. */
static gboolean read_styles(struct xlsx *xlsx, GError **error)
{
	const char *part = target_of_kind(xlsx, "styles");
	g_autoptr(GError) problem = NULL;
	g_autoptr(ooxml_reader) reader = NULL;
	g_autoptr(GHashTable) codes = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	gboolean in_cells = FALSE;

	xlsx->styles = g_array_new(FALSE, TRUE, sizeof(struct xlsx_style));
	if (part)
		reader = ooxml_reader_open(xlsx->file, part, OOXML_PART_LIMIT, &problem);
	while (reader && ooxml_reader_next(reader, &problem)) {
		guint id;

		if (ooxml_begins(reader, "numFmt") && g_hash_table_size(codes) < STYLES_LIMIT) {
			id = attribute_number(reader, "numFmtId");
			g_hash_table_insert(codes, GUINT_TO_POINTER(id),
					    ooxml_attribute(reader, "formatCode"));
		} else if (ooxml_begins(reader, "cellXfs")) {
			in_cells = TRUE;
		} else if (ooxml_ends(reader, "cellXfs")) {
			in_cells = FALSE;
		} else if (in_cells && ooxml_begins(reader, "xf") &&
			   xlsx->styles->len < STYLES_LIMIT) {
			struct xlsx_style style;

			id = attribute_number(reader, "numFmtId");
			style = xlsx_style_of(id, g_hash_table_lookup(codes, GUINT_TO_POINTER(id)));
			g_array_append_val(xlsx->styles, style);
		}
	}
	if (!problem)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&problem));
	return FALSE;
}

/* The column of "AB12", from 0; `otherwise` where there is none. */
static guint column_of(const char *place, guint otherwise)
{
	guint column = 0;
	guint n = 0;

	for (; place && g_ascii_isalpha(place[n]) && n < 4; n++)
		column = column * 26 + (guint)(g_ascii_toupper(place[n]) - 'A') + 1;
	return n > 0 ? column - 1 : otherwise;
}

/* What the value of a cell stands for, by the cell's type. Returns: (transfer full) */
static char *value_text(const struct xlsx *xlsx, const char *type, guint style_no,
			const char *value)
{
	struct xlsx_style style = {.format = XLSX_GENERAL};
	guint64 index;

	if (!type || strcmp(type, "n") == 0) {
		if (style_no < xlsx->styles->len)
			style = g_array_index(xlsx->styles, struct xlsx_style, style_no);
		return xlsx_number_text(value, style, xlsx->from_1904);
	}
	if (strcmp(type, "s") == 0)
		return g_strdup(
		    g_ascii_string_to_unsigned(value, 10, 0, G_MAXUINT32, &index, NULL) &&
			    index < xlsx->shared->len
			? g_ptr_array_index(xlsx->shared, (guint)index)
			: "");
	if (strcmp(type, "b") == 0)
		return g_strdup(strcmp(value, "1") == 0 ? "TRUE" : "FALSE");
	return g_strdup(value); /* str, e, d */
}

/* A cell (c). The reader stands at its beginning, and at its end afterwards. */
static gboolean read_cell(const struct xlsx *xlsx, struct ooxml_reader *reader,
			  struct table_builder *builder, guint *column, GString *text,
			  GError **error)
{
	g_autofree char *place = ooxml_attribute(reader, "r");
	g_autofree char *type = ooxml_attribute(reader, "t");
	guint style = attribute_number(reader, "s");
	gboolean in_value = FALSE;
	gboolean is_inline = FALSE;
	g_autofree char *shown = NULL;

	*column = column_of(place, *column);
	g_string_truncate(text, 0);
	while (!ooxml_is_empty(reader)) {
		if (!ooxml_reader_next(reader, error))
			return FALSE;
		if (ooxml_ends(reader, "c"))
			break;
		if (ooxml_begins(reader, "is")) {
			if (!read_string(reader, "is", text, error))
				return FALSE;
			is_inline = TRUE;
		} else if (ooxml_begins(reader, "v") && !is_inline) {
			in_value = TRUE;
		} else if (ooxml_ends(reader, "v")) {
			in_value = FALSE;
		} else if (in_value && ooxml_text(reader)) {
			append_text(text, ooxml_text(reader));
		}
		if (text->len > TABLE_CELL_LIMIT)
			return fail(error, _("a cell holds too much text"));
	}
	if (text->len > 0 && !is_inline)
		shown = value_text(xlsx, type, style, text->str);
	else
		shown = g_strdup(text->str);
	return table_builder_cell(builder, (*column)++, shown, strlen(shown), error);
}

static gboolean end_row(struct table_builder *builder, guint line, row_function *take, void *user,
			GError **error)
{
	struct table_row *row = NULL;

	if (!table_builder_row(builder, line, &row, error))
		return FALSE;
	return !row || take(row, user, error);
}

static gboolean read_sheet(const struct xlsx *xlsx, const char *part, gsize bytes_limit,
			   row_function *take, void *user, GError **error)
{
	g_autoptr(GError) problem = NULL;
	g_autoptr(ooxml_reader) reader =
	    ooxml_reader_open(xlsx->file, part, OOXML_PART_LIMIT, &problem);
	g_autoptr(table_builder) builder = table_builder_new(bytes_limit);
	GString *text = g_string_new(NULL);
	guint line = 0;
	guint column = 0;

	while (reader && ooxml_reader_next(reader, &problem)) {
		gboolean good = TRUE;

		if (ooxml_begins(reader, "row")) {
			guint given = attribute_number(reader, "r");

			line = given > line ? given : line + 1;
			column = 0;
		} else if (ooxml_begins(reader, "c")) {
			good = read_cell(xlsx, reader, builder, &column, text, &problem);
		} else if (ooxml_ends(reader, "row")) {
			good = end_row(builder, line, take, user, &problem);
		} else if (ooxml_ends(reader, "sheetData")) {
			break;
		}
		if (!good) {
			if (problem)
				g_prefix_error(&problem, _("row %u: "), line);
			break;
		}
	}
	g_string_free(text, TRUE);
	if (!problem)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&problem));
	return FALSE;
}

static gboolean open_book(struct xlsx *xlsx, GError **error)
{
	return read_workbook(xlsx, error) && read_shared(xlsx, error) && read_styles(xlsx, error);
}

static gboolean collect_row(struct table_row *row, void *user, GError **error)
{
	(void)error;
	g_ptr_array_add(user, row);
	return TRUE;
}

GPtrArray *ooxml_xlsx_rows(const char *name, GBytes *file, GError **error)
{
	g_autoptr(ooxml) opened = ooxml_open(file, OOXML_ALL_LIMIT, error);
	struct xlsx xlsx = {.file = opened};
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);
	gboolean done = opened && open_book(&xlsx, error) &&
			read_sheet(&xlsx, g_ptr_array_index(xlsx.sheets, 0), TABLE_BYTES_LIMIT,
				   collect_row, rows, error);

	xlsx_clear(&xlsx);
	if (done)
		return g_steal_pointer(&rows);
	g_prefix_error(error, "%s: ", name);
	return NULL;
}

static gboolean write_row(struct table_row *row, void *user, GError **error)
{
	GString *text = user;

	for (guint i = 0; i < row->count; i++) {
		if (i > 0)
			g_string_append_c(text, '\t');
		g_string_append(text, g_strdelimit(row->cells[i], "\r\n\t", ' '));
	}
	g_string_append_c(text, '\n');
	g_free(row);
	return text->len <= OOXML_TEXT_LIMIT || fail(error, _("the document is too long"));
}

char *ooxml_xlsx_text(GBytes *file, guint64 *left_inout, GError **error)
{
	guint64 left = left_inout ? *left_inout : OOXML_ALL_LIMIT;
	g_autoptr(ooxml) opened = ooxml_open(file, left, error);
	struct xlsx xlsx = {.file = opened};
	GString *text = g_string_new(NULL);
	gboolean done = opened && open_book(&xlsx, error);

	for (guint i = 0; done && i < xlsx.sheets->len; i++)
		done = read_sheet(&xlsx, g_ptr_array_index(xlsx.sheets, i), OOXML_TEXT_LIMIT,
				  write_row, text, error);
	xlsx_clear(&xlsx);
	if (opened && left_inout)
		*left_inout = opened->left;
	return g_string_free(text, !done);
}
