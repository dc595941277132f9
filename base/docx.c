#include "base/error.h"
#include "base/ooxml.h"
#include "base/ooxml_reader.h"

#include <stdlib.h>
#include <string.h>

#define PARTS_LIMIT 64u /* headers, footers and the like of one document */

/* A table's cell that is being read, or the place outside of all tables. */
struct cell {
	gboolean begun;    /* has had a paragraph */
	guint breaks;      /* line breaks that come before its next text */
	gboolean row_used; /* the row within this cell (of a nested table) has had a cell */
};

struct docx {
	GString *text;
	GArray *cells; /* struct cell; the first stands for the body */
	gboolean in_text;
	int ticked; /* of the form field being read: -1 none, else 0 or 1 */
};

static struct cell *innermost(struct docx *docx)
{
	return &g_array_index(docx->cells, struct cell, docx->cells->len - 1);
}

static void put(struct docx *docx, const char *text)
{
	struct cell *cell = innermost(docx);

	for (; cell->breaks > 0; cell->breaks--)
		g_string_append_c(docx->text, '\n');
	g_string_append(docx->text, text);
}

/* Boxes and ticks that people choose from the fonts Wingdings (2); the code is F000 + theirs. */
static const char *symbol_text(const char *font, const char *code)
{
	gulong value = code ? strtoul(code, NULL, 16) & 0xFF : 0;

	if (!font || !g_str_has_prefix(font, "Wingdings"))
		return "";
	if (strcmp(font, "Wingdings 2") == 0) {
		switch (value) {
		case 0x50:
			return "√";
		case 0x52:
		case 0x53:
		case 0x54:
			return "☑";
		case 0xA3:
		case 0x30:
			return "☐";
		default:
			return "";
		}
	}
	switch (value) {
	case 0xFC:
		return "√";
	case 0xFD:
	case 0xFE:
	case 0x78:
		return "☑";
	case 0x6F:
	case 0x71:
	case 0x72:
	case 0xA8:
		return "☐";
	default:
		return "";
	}
}

static gboolean is_on(const struct ooxml_reader *reader)
{
	g_autofree char *value = ooxml_attribute(reader, "val");

	return !value || (strcmp(value, "0") != 0 && strcmp(value, "false") != 0 &&
			  strcmp(value, "off") != 0);
}

static void begin_paragraph(struct docx *docx)
{
	struct cell *cell = innermost(docx);

	if (docx->cells->len == 1)
		return;
	if (cell->begun)
		cell->breaks++;
	cell->begun = TRUE;
}

static void begin_cell(struct docx *docx)
{
	struct cell cell = {.begun = FALSE};
	struct cell *outer = innermost(docx);

	if (outer->row_used)
		g_string_append_c(docx->text, '\t');
	else
		put(docx, "");
	outer->row_used = TRUE;
	g_array_append_val(docx->cells, cell);
}

static void begin_element(struct docx *docx, struct ooxml_reader *reader, const char *name)
{
	if (strcmp(name, "t") == 0) {
		docx->in_text = !ooxml_is_empty(reader);
	} else if (strcmp(name, "p") == 0) {
		begin_paragraph(docx);
		if (ooxml_is_empty(reader) && docx->cells->len == 1)
			g_string_append_c(docx->text, '\n');
	} else if (strcmp(name, "tab") == 0 || strcmp(name, "ptab") == 0) {
		put(docx, "\t");
	} else if (strcmp(name, "br") == 0 || strcmp(name, "cr") == 0) {
		put(docx, "\n");
	} else if (strcmp(name, "noBreakHyphen") == 0) {
		put(docx, "-");
	} else if (strcmp(name, "sym") == 0) {
		g_autofree char *font = ooxml_attribute(reader, "font");
		g_autofree char *code = ooxml_attribute(reader, "char");

		put(docx, symbol_text(font, code));
	} else if (strcmp(name, "checkBox") == 0 && !ooxml_is_empty(reader)) {
		docx->ticked = 0;
	} else if (docx->ticked >= 0 &&
		   (strcmp(name, "checked") == 0 || strcmp(name, "default") == 0)) {
		docx->ticked = is_on(reader);
	} else if (strcmp(name, "tr") == 0) {
		innermost(docx)->row_used = FALSE;
	} else if (strcmp(name, "tc") == 0) {
		begin_cell(docx);
		if (ooxml_is_empty(reader))
			g_array_set_size(docx->cells, docx->cells->len - 1);
	} else if (strcmp(name, "txbxContent") == 0 && docx->text->len > 0 &&
		   docx->text->str[docx->text->len - 1] != '\n') {
		put(docx, "\n");
	}
}

static void end_element(struct docx *docx, const char *name)
{
	if (strcmp(name, "t") == 0) {
		docx->in_text = FALSE;
	} else if (strcmp(name, "p") == 0) {
		if (docx->cells->len == 1)
			g_string_append_c(docx->text, '\n');
	} else if (strcmp(name, "checkBox") == 0) {
		put(docx, docx->ticked == 1 ? "☑" : "☐");
		docx->ticked = -1;
	} else if (strcmp(name, "tc") == 0) {
		if (docx->cells->len > 1)
			g_array_set_size(docx->cells, docx->cells->len - 1);
	} else if (strcmp(name, "tr") == 0) {
		if (docx->cells->len == 1)
			g_string_append_c(docx->text, '\n');
		else
			innermost(docx)->breaks = 1;
		innermost(docx)->row_used = FALSE;
	}
}

/*
 * Elements without text for the reader: properties (they hold <w:tab/> of another meaning and old
 * values), the second face of a drawing for old programs, and phonetic guides.
 */
static gboolean is_left_out(const char *name)
{
	static const char *const names[] = {"pPr",   "sectPr",   "tblPr", "tcPr",    "trPr",
					    "sdtPr", "Fallback", "rt",    "delText", NULL};

	return g_strv_contains(names, name);
}

static gboolean read_part(struct docx *docx, struct ooxml *file, const char *part, gboolean needed,
			  GError **error)
{
	g_autoptr(GError) problem = NULL;
	g_autoptr(ooxml_reader) reader = ooxml_reader_open(file, part, OOXML_PART_LIMIT, &problem);

	docx->in_text = FALSE;
	docx->ticked = -1;
	g_array_set_size(docx->cells, 0);
	g_array_set_size(docx->cells, 1); /* cleared: the body */
	while (reader && ooxml_reader_next(reader, &problem)) {
		const char *name = (const char *)xmlTextReaderConstLocalName(reader->xml);
		int type = xmlTextReaderNodeType(reader->xml);

		if (type == XML_READER_TYPE_ELEMENT && is_left_out(name)) {
			if (!ooxml_skip(reader, &problem))
				break;
		} else if (type == XML_READER_TYPE_ELEMENT) {
			begin_element(docx, reader, name);
		} else if (type == XML_READER_TYPE_END_ELEMENT) {
			end_element(docx, name);
		} else if (docx->in_text && ooxml_text(reader)) {
			put(docx, ooxml_text(reader));
		}
		if (docx->text->len > OOXML_TEXT_LIMIT) {
			g_set_error_literal(&problem, PINGYI_ERROR, PINGYI_ERROR_INPUT,
					    _("the document is too long"));
			break;
		}
	}
	if (!reader && !problem && needed)
		g_set_error_literal(&problem, PINGYI_ERROR, PINGYI_ERROR_INPUT,
				    _("not a .docx file"));
	if (!problem)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&problem));
	return FALSE;
}

/* The parts that hang on the main one by a relation of this kind. */
static gboolean read_related(struct docx *docx, struct ooxml *file, GPtrArray *relations,
			     const char *kind, GError **error)
{
	guint parts = 0;

	for (guint i = 0; i < relations->len && parts < PARTS_LIMIT; i++) {
		const struct ooxml_relation *relation = g_ptr_array_index(relations, i);

		if (strcmp(relation->kind, kind) != 0)
			continue;
		parts++;
		if (!read_part(docx, file, relation->target, FALSE, error))
			return FALSE;
	}
	return TRUE;
}

/* A header of nothing but empty paragraphs leaves no trace. */
static void drop_blank_since(GString *text, gsize start)
{
	for (gsize i = start; i < text->len; i++) {
		if (!g_ascii_isspace(text->str[i]))
			return;
	}
	g_string_truncate(text, start);
}

static gboolean read_all(struct docx *docx, struct ooxml *file, GError **error)
{
	static const char *const kinds[] = {"header", "", "footnotes", "endnotes", "footer", NULL};
	g_autofree char *main_part = ooxml_main_part(file, "word/document.xml", error);
	g_autoptr(GPtrArray) relations = NULL;

	if (!main_part)
		return FALSE;
	relations = ooxml_relations(file, main_part, error);
	if (!relations)
		return FALSE;
	for (const char *const *kind = kinds; *kind; kind++) {
		gsize start = docx->text->len;
		gboolean done = **kind ? read_related(docx, file, relations, *kind, error)
				       : read_part(docx, file, main_part, TRUE, error);

		if (!done)
			return FALSE;
		if (**kind)
			drop_blank_since(docx->text, start);
	}
	return TRUE;
}

char *ooxml_docx_text(GBytes *file, guint64 *left_inout, GError **error)
{
	guint64 left = left_inout ? *left_inout : OOXML_ALL_LIMIT;
	g_autoptr(ooxml) opened = ooxml_open(file, left, error);
	struct docx docx = {.ticked = -1};
	gboolean done;

	if (!opened)
		return NULL;
	docx.text = g_string_new(NULL);
	docx.cells = g_array_new(FALSE, TRUE, sizeof(struct cell));
	done = read_all(&docx, opened, error);
	g_array_unref(docx.cells);
	if (left_inout)
		*left_inout = opened->left;
	return g_string_free(docx.text, !done);
}
