#include "base/ooxml.h"

#include "base/error.h"
#include "base/xml.h"

#include <archive.h>
#include <archive_entry.h>
#include <math.h>
#include <string.h>

static gboolean fail(GError **error, const char *message)
{
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, "%s", message);
	return FALSE;
}

static GBytes *read_entry(struct archive *archive, gsize max_bytes, GError **error)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	guint8 buffer[65536];
	la_ssize_t n;

	while ((n = archive_read_data(archive, buffer, sizeof buffer)) > 0) {
		if (out->len + (gsize)n > max_bytes) {
			fail(error, _("a part of the file is too large"));
			return NULL;
		}
		g_byte_array_append(out, buffer, (guint)n);
	}
	if (n < 0) {
		fail(error, _("the file is damaged"));
		return NULL;
	}
	return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}

GBytes *ooxml_part(GBytes *file, const char *part, gsize max_bytes, GError **error)
{
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	gsize size = 0;
	const void *bytes = g_bytes_get_data(file, &size);
	GBytes *found = NULL;
	int code;

	archive_read_support_format_zip(archive);
	if (size == 0 || archive_read_open_memory(archive, bytes, size) != ARCHIVE_OK) {
		fail(error, _("not an Office file (.docx, .xlsx)"));
		archive_read_free(archive);
		return NULL;
	}
	for (guint i = 0; (code = archive_read_next_header(archive, &entry)) == ARCHIVE_OK; i++) {
		const char *path = archive_entry_pathname(entry);

		if (i >= OOXML_ENTRY_LIMIT) {
			fail(error, _("the file has too many parts"));
			break;
		}
		if (path && strcmp(path, part) == 0) {
			found = read_entry(archive, max_bytes, error);
			break;
		}
	}
	if (code != ARCHIVE_OK && code != ARCHIVE_EOF)
		fail(error, _("not an Office file (.docx, .xlsx)"));
	archive_read_free(archive);
	return found;
}

static xmlDoc *part_xml(GBytes *file, const char *part, GError **error)
{
	g_autoptr(GBytes) bytes = ooxml_part(file, part, OOXML_PART_LIMIT, error);
	gsize size = 0;
	const char *text;

	if (!bytes)
		return NULL;
	text = g_bytes_get_data(bytes, &size);
	return xml_parse(part, text ? text : "", size, NULL, error);
}

/* The text of a WordprocessingML part: w:t, w:tab, w:br; a paragraph a line, in a table cell a space
 * instead, cells end with tabs and rows with lines. */
static void docx_walk(const xmlNode *node, gboolean in_cell, GString *out)
{
	for (; node; node = node->next) {
		if (xml_is(node, "t")) {
			xmlChar *text = xmlNodeGetContent(node);

			g_string_append(out, text ? (const char *)text : "");
			xmlFree(text);
			continue;
		}
		if (xml_is(node, "tab"))
			g_string_append_c(out, '\t');
		if (xml_is(node, "br"))
			g_string_append_c(out, '\n');
		if (node->type == XML_ELEMENT_NODE && !xml_is(node, "AlternateContent"))
			docx_walk(node->children, in_cell || xml_is(node, "tc"), out);
		if (xml_is(node, "p") && (!in_cell || (node->next && xml_is(node->next, "p"))))
			g_string_append_c(out, '\n');
		if (xml_is(node, "tc"))
			g_string_append_c(out, '\t');
		if (xml_is(node, "tr"))
			g_string_append_c(out, '\n');
	}
}

char *ooxml_docx_text(GBytes *docx, GError **error)
{
	static const char *const headers[] = {"word/header1.xml", "word/header2.xml"};
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GError) problem = NULL;
	g_autoptr(xmlDoc) body = part_xml(docx, "word/document.xml", &problem);

	if (!body) {
		if (problem)
			g_propagate_error(error, g_steal_pointer(&problem));
		else
			fail(error, _("not a Word document"));
		return NULL;
	}
	for (guint i = 0; i < G_N_ELEMENTS(headers); i++) {
		g_autoptr(xmlDoc) header = part_xml(docx, headers[i], NULL);

		if (header)
			docx_walk(xmlDocGetRootElement(header), FALSE, out);
	}
	docx_walk(xmlDocGetRootElement(body), FALSE, out);
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/* Every t element below, without phonetic guides (rPh). */
static void rich_text(const xmlNode *node, GString *out)
{
	for (; node; node = node->next) {
		if (xml_is(node, "t")) {
			xmlChar *text = xmlNodeGetContent(node);

			g_string_append(out, text ? (const char *)text : "");
			xmlFree(text);
		} else if (node->type == XML_ELEMENT_NODE && !xml_is(node, "rPh")) {
			rich_text(node->children, out);
		}
	}
}

static GPtrArray *shared_strings(GBytes *xlsx)
{
	GPtrArray *strings = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(xmlDoc) doc = part_xml(xlsx, "xl/sharedStrings.xml", NULL);
	const xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;

	for (const xmlNode *node = root ? root->children : NULL; node; node = node->next) {
		GString *text;

		if (!xml_is(node, "si"))
			continue;
		text = g_string_new(NULL);
		rich_text(node->children, text);
		g_ptr_array_add(strings, g_string_free(text, FALSE));
	}
	return strings;
}

/* Excel stores 13800001111 as 13800001111 or 1.3800001111E10: whole numbers are written whole. */
static char *number_text(const char *raw)
{
	char *end = NULL;
	double value = g_ascii_strtod(raw, &end);

	if (end == raw || *end || !isfinite(value) || value != floor(value) || fabs(value) > 9e15)
		return g_strdup(raw);
	return g_strdup_printf("%.0f", value);
}

static char *cell_text(const xmlNode *cell, const GPtrArray *strings)
{
	g_autofree char *type = xml_attribute(cell, "t");
	g_autofree char *value = NULL;
	GString *inline_text;

	for (const xmlNode *node = cell->children; node; node = node->next)
		if (xml_is(node, "v") && !value)
			value = xml_text(node);
	if (g_strcmp0(type, "s") == 0 && value) {
		guint64 index = g_ascii_strtoull(value, NULL, 10);

		return g_strdup(index < strings->len ? g_ptr_array_index(strings, index) : "");
	}
	if (g_strcmp0(type, "inlineStr") == 0) {
		inline_text = g_string_new(NULL);
		rich_text(cell->children, inline_text);
		return g_string_free(inline_text, FALSE);
	}
	if (!type || strcmp(type, "n") == 0)
		return number_text(value ? value : "");
	return g_strdup(value ? value : "");
}

/* The column of a reference such as "AB12", from 0; -1 without one. */
static int column_of(const char *reference)
{
	int column = 0;

	if (!reference || !g_ascii_isupper(*reference))
		return -1;
	for (; g_ascii_isupper(*reference) && column <= CSV_COLUMN_LIMIT; reference++)
		column = column * 26 + (*reference - 'A' + 1);
	return column - 1;
}

static gboolean read_row(const xmlNode *node, guint line, const GPtrArray *strings, GPtrArray *table,
			 GError **error)
{
	struct table_row *row = table_add(table, line);
	gboolean empty = TRUE;

	for (const xmlNode *cell = node->children; cell; cell = cell->next) {
		g_autofree char *reference = xml_attribute(cell, "r");
		int column = column_of(reference);
		char *text;

		if (!xml_is(cell, "c"))
			continue;
		if (column < 0)
			column = (int)row->cells->len;
		if (column >= CSV_COLUMN_LIMIT)
			return fail(error, _("the sheet has too many columns"));
		while (row->cells->len < (guint)column)
			g_ptr_array_add(row->cells, g_strdup(""));
		text = g_strstrip(cell_text(cell, strings));
		if (*text == '\'')
			memmove(text, text + 1, strlen(text));
		empty &= *text == '\0';
		if (strlen(text) > CSV_CELL_LIMIT) {
			g_free(text);
			return fail(error, _("a cell is too long"));
		}
		g_ptr_array_add(row->cells, text);
	}
	if (empty)
		g_ptr_array_set_size(table, (gint)table->len - 1);
	return TRUE;
}

/* The first worksheet's part: sheet1.xml, or the one that the relations name first. */
static xmlDoc *first_sheet(GBytes *xlsx, GError **error)
{
	g_autoptr(GError) problem = NULL;
	g_autoptr(xmlDoc) doc = part_xml(xlsx, "xl/worksheets/sheet1.xml", &problem);
	g_autoptr(xmlDoc) relations = NULL;

	if (doc)
		return g_steal_pointer(&doc);
	if (problem) {
		g_propagate_error(error, g_steal_pointer(&problem));
		return NULL;
	}
	relations = part_xml(xlsx, "xl/_rels/workbook.xml.rels", NULL);
	for (const xmlNode *node = relations ? xmlDocGetRootElement(relations)->children : NULL; node;
	     node = node->next) {
		g_autofree char *type = xml_attribute(node, "Type");
		g_autofree char *target = xml_attribute(node, "Target");

		if (type && target && g_str_has_suffix(type, "/worksheet")) {
			g_autofree char *part = *target == '/' ? g_strdup(target + 1)
							       : g_strconcat("xl/", target, NULL);

			doc = part_xml(xlsx, part, error);
			break;
		}
	}
	if (!doc && error && !*error)
		fail(error, _("not an Excel workbook"));
	return g_steal_pointer(&doc);
}

GPtrArray *ooxml_xlsx_rows(const char *name, GBytes *xlsx, GError **error)
{
	g_autoptr(GPtrArray) table = table_new();
	g_autoptr(GPtrArray) strings = NULL;
	g_autoptr(xmlDoc) sheet = first_sheet(xlsx, error);
	guint line = 0;

	if (!sheet) {
		g_prefix_error(error, "%s: ", name);
		return NULL;
	}
	strings = shared_strings(xlsx);
	for (const xmlNode *part = xmlDocGetRootElement(sheet)->children; part; part = part->next) {
		for (const xmlNode *node = xml_is(part, "sheetData") ? part->children : NULL; node;
		     node = node->next) {
			g_autofree char *number = xml_attribute(node, "r");

			if (!xml_is(node, "row"))
				continue;
			line = number ? (guint)g_ascii_strtoull(number, NULL, 10) : line + 1;
			if (table->len >= CSV_ROW_LIMIT) {
				g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, "%s:%u: %s", name,
					    line, _("too many rows"));
				return NULL;
			}
			if (!read_row(node, line, strings, table, error)) {
				g_prefix_error(error, "%s:%u: ", name, line);
				return NULL;
			}
		}
	}
	return g_steal_pointer(&table);
}

char *ooxml_xlsx_text(GBytes *xlsx, GError **error)
{
	g_autoptr(GPtrArray) table = ooxml_xlsx_rows("xlsx", xlsx, error);
	GString *out;

	if (!table)
		return NULL;
	out = g_string_new(NULL);
	for (guint i = 0; i < table->len; i++) {
		const struct table_row *row = g_ptr_array_index(table, i);

		for (guint j = 0; j < row->cells->len; j++)
			g_string_append_printf(out, "%s%s", j ? "\t" : "",
					       (const char *)g_ptr_array_index(row->cells, j));
		g_string_append_c(out, '\n');
	}
	return g_string_free(out, FALSE);
}
