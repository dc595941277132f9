#include "templates/form.h"

#include "base/error.h"
#include "base/json.h"
#include "base/ooxml.h"
#include "base/xml.h"
#include "templates/escape.h"
#include "templates/form_rows.h"

#include <stdlib.h>
#include <string.h>

#define GRAMMAR        "templates/answers.rng"
#define SNIFF_BYTES    1024 /* of an attachment, to see whether it is <answers> */
#define TREE_DEPTH_MAX 200

/* --- answers --- */

static void open_free(struct form_open *open)
{
	g_free(open->question);
	g_free(open->text);
	g_free(open);
}

struct form_answers *form_answers_new(void)
{
	struct form_answers *answers = g_new0(struct form_answers, 1);

	answers->ratings = g_array_new(FALSE, TRUE, sizeof(struct form_rating));
	answers->open = g_ptr_array_new_with_free_func((GDestroyNotify)open_free);
	return answers;
}

void form_answers_free(struct form_answers *answers)
{
	if (!answers)
		return;
	g_free(answers->disclosure);
	g_array_unref(answers->ratings);
	g_ptr_array_unref(answers->open);
	g_free(answers);
}

void form_answers_rate(struct form_answers *answers, const char *department, int grade)
{
	struct form_rating rating = {.grade = grade};

	if (!form_row_is_department(department) || grade < 0 || grade >= FORM_GRADES)
		return;
	for (guint i = 0; i < answers->ratings->len; i++) {
		struct form_rating *known = &g_array_index(answers->ratings, struct form_rating, i);

		if (strcmp(known->department, department) == 0) {
			known->grade = grade;
			return;
		}
	}
	if (answers->ratings->len >= FORM_RATINGS_MAX) {
		answers->doubt |= FORM_MARKS;
		return;
	}
	g_strlcpy(rating.department, department, sizeof rating.department);
	g_array_append_val(answers->ratings, rating);
}

void form_answers_say(struct form_answers *answers, const char *question, const char *text)
{
	struct form_open *open;
	gsize length = strlen(text);
	char *copy;

	if (length >= FORM_TEXT_MAX || answers->open->len >= FORM_OPEN_FOUND_MAX)
		answers->doubt |= FORM_WORDS;
	if (answers->open->len >= FORM_OPEN_FOUND_MAX)
		return;
	copy = g_utf8_make_valid(text, (gssize)MIN(length, FORM_TEXT_MAX));
	open = g_new0(struct form_open, 1);
	open->question = g_strdup(question);
	open->text = g_strstrip(copy);
	g_ptr_array_add(answers->open, open);
}

char *form_answers_text(const struct form_answers *answers)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < answers->open->len; i++) {
		const struct form_open *open = g_ptr_array_index(answers->open, i);

		if (open->text[0] == '\0')
			continue;
		if (out->len > 0)
			g_string_append(out, "\n\n");
		g_string_append(out, open->text);
	}
	return g_string_free(out, FALSE);
}

char *form_answers_to_xml(const struct form_answers *answers)
{
	GString *out = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
				    "<answers xmlns=\"" FORM_ANSWERS_NS "\"");

	if (answers->number[0] != '\0')
		g_string_append_printf(out, " number=\"%s\"", answers->number);
	if (answers->disclosure) {
		g_string_append(out, " disclosure=\"");
		escape_attribute(out, answers->disclosure);
		g_string_append_c(out, '"');
	}
	g_string_append(out, ">\n");
	for (guint i = 0; i < answers->ratings->len; i++) {
		const struct form_rating *rating =
		    &g_array_index(answers->ratings, struct form_rating, i);

		g_string_append_printf(out, "  <rating department=\"%s\" grade=\"%d\"/>\n",
				       rating->department, rating->grade);
	}
	for (guint i = 0; i < answers->open->len; i++) {
		const struct form_open *open = g_ptr_array_index(answers->open, i);

		g_string_append(out, "  <open question=\"");
		escape_attribute(out, open->question);
		g_string_append(out, "\">");
		escape_text(out, open->text);
		g_string_append(out, "</open>\n");
	}
	g_string_append(out, "</answers>\n");
	return g_string_free(out, FALSE);
}

JsonNode *form_answers_json(const struct form_answers *answers)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_object(builder);
	json_add_text(builder, "number", answers->number[0] != '\0' ? answers->number : NULL);
	json_add_text(builder, "disclosure", answers->disclosure);
	json_open_array(builder, "ratings");
	for (guint i = 0; i < answers->ratings->len; i++) {
		const struct form_rating *rating =
		    &g_array_index(answers->ratings, struct form_rating, i);

		json_builder_begin_object(builder);
		json_add_text(builder, "department", rating->department);
		json_add_int(builder, "grade", rating->grade);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	json_open_array(builder, "open");
	for (guint i = 0; i < answers->open->len; i++) {
		const struct form_open *open = g_ptr_array_index(answers->open, i);

		json_builder_begin_object(builder);
		json_add_text(builder, "question", open->question);
		json_add_text(builder, "text", open->text);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	json_builder_end_object(builder);
	return json_builder_get_root(builder);
}

/* --- our own XML --- */

static struct form_answers *read_xml(const char *name, const char *text, gsize size, GError **error)
{
	g_autoptr(form_answers_handle) answers = NULL;
	g_autoptr(xmlDoc) doc = NULL;
	g_autofree char *number = NULL;
	const xmlNode *root;

	if (size > FORM_ANSWERS_MAX) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s: longer than %u KB"),
			    name, FORM_ANSWERS_MAX >> 10);
		return NULL;
	}
	doc = xml_parse(name, text, size, GRAMMAR, error);
	if (!doc)
		return NULL;
	root = xmlDocGetRootElement(doc);
	answers = form_answers_new();
	answers->disclosure = xml_attribute(root, "disclosure");
	number = xml_attribute(root, "number");
	if (number && !number_parse(number, answers->number, NULL)) {
		xml_fail(error, name, root, _("not a letter number"));
		return NULL;
	}
	for (const xmlNode *node = root->children; node; node = node->next) {
		if (xml_is(node, "rating")) {
			g_autofree char *department = xml_attribute(node, "department");
			g_autofree char *grade = xml_attribute(node, "grade");

			form_answers_rate(answers, department, atoi(grade));
		} else if (xml_is(node, "open")) {
			g_autofree char *question = xml_attribute(node, "question");
			g_autofree char *said = xml_text(node);

			form_answers_say(answers, question, said);
		}
	}
	return g_steal_pointer(&answers);
}

/* --- the .docx --- */

static int int_attribute(const xmlNode *node, const char *name, int fallback)
{
	xmlChar *text = xmlGetProp(node, (const xmlChar *)name);
	int value = text ? atoi((const char *)text) : fallback;

	xmlFree(text);
	return CLAMP(value, 0, FORM_CELLS_MAX);
}

/* A character drawn from a symbol font; those of Wingdings that are empty boxes are not a mark. */
static void symbol_text(const xmlNode *node, GString *out)
{
	xmlChar *code = xmlGetProp(node, (const xmlChar *)"char");
	guint64 value = code ? g_ascii_strtoull((const char *)code, NULL, 16) & 0xff : 0;

	xmlFree(code);
	if (value == 0xa8 || value == 0x6f || value == 0x71)
		g_string_append(out, "□");
	else
		g_string_append(out, "√");
}

/* The text below a node: what was deleted under "track changes" and fallback copies left out. */
static void node_text(const xmlNode *node, GString *out, int depth)
{
	for (; node && depth < TREE_DEPTH_MAX && out->len < FORM_TEXT_MAX; node = node->next) {
		if (node->type != XML_ELEMENT_NODE || xml_is(node, "Fallback") ||
		    xml_is(node, "del") || xml_is(node, "moveFrom") || xml_is(node, "instrText"))
			continue;
		if (xml_is(node, "t")) {
			xmlChar *text = xmlNodeGetContent(node);

			g_string_append(out, text ? (const char *)text : "");
			xmlFree(text);
			continue;
		}
		if (xml_is(node, "tab"))
			g_string_append_c(out, ' ');
		else if (xml_is(node, "br") || xml_is(node, "cr"))
			g_string_append_c(out, '\n');
		else if (xml_is(node, "noBreakHyphen"))
			g_string_append_c(out, '-');
		else if (xml_is(node, "sym"))
			symbol_text(node, out);
		else if (!xml_is(node, "pPr") && !xml_is(node, "rPr"))
			node_text(node->children, out, depth + 1);
		if (xml_is(node, "p"))
			g_string_append_c(out, '\n');
	}
}

/* The cells below a row, also within content controls; `column` counts the grid. */
static void row_cells(const xmlNode *node, GPtrArray *cells, int *column, int depth)
{
	for (; node && depth < TREE_DEPTH_MAX; node = node->next) {
		if (xml_is(node, "gridBefore")) {
			*column += int_attribute(node, "val", 0);
		} else if (xml_is(node, "tc") && cells->len < FORM_CELLS_MAX) {
			struct form_cell *cell = g_new0(struct form_cell, 1);
			int span = 1;

			for (const xmlNode *p = node->children; p; p = p->next) {
				if (!xml_is(p, "tcPr"))
					continue;
				for (const xmlNode *q = p->children; q; q = q->next) {
					if (xml_is(q, "gridSpan"))
						span = MAX(1, int_attribute(q, "val", 1));
				}
			}
			cell->column = *column;
			cell->text = g_string_new(NULL);
			node_text(node->children, cell->text, 0);
			g_strstrip(cell->text->str);
			cell->text->len = strlen(cell->text->str);
			*column += span;
			g_ptr_array_add(cells, cell);
		} else if (node->type == XML_ELEMENT_NODE) {
			row_cells(node->children, cells, column, depth + 1);
		}
	}
}

/* Begins an open question; what somebody typed behind the printed question and hint counts. */
static void begin_question(struct form_scan *scan, const char *id, GPtrArray *cells)
{
	form_scan_question(scan, id);
	if (cells->len > 1) {
		const struct form_cell *cell = g_ptr_array_index(cells, 1);
		const char *end = strstr(cell->text->str, FORM_PRINTED);

		if (end) {
			g_autofree char *rest = g_strdup(end + strlen(FORM_PRINTED));

			form_scan_say(scan, g_strstrip(rest));
		}
	}
}

/* Whether it is a row of the form. */
static gboolean read_row(struct form_scan *scan, const xmlNode *row)
{
	g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func((GDestroyNotify)form_cell_free);
	const char *code;
	int column = 0;

	row_cells(row->children, cells, &column, 0);
	if (cells->len == 0)
		return FALSE;
	code = ((struct form_cell *)g_ptr_array_index(cells, 0))->text->str;
	if (form_row_is_department(code)) {
		form_scan_end_question(scan);
		form_row_rate(scan, code, cells);
	} else if (form_row_is_question(code)) {
		begin_question(scan, code + 2, cells);
	} else if (strcmp(code, "c-hidden") == 0 || strcmp(code, "c-named") == 0) {
		const struct form_cell *last = g_ptr_array_index(cells, cells->len - 1);
		int mark = cells->len > 2 ? form_mark_of(last->text->str) : 0;

		form_scan_end_question(scan);
		if (cells->len > 1 &&
		    form_ends_with_mark(((struct form_cell *)cells->pdata[1])->text->str))
			scan->answers->doubt |= FORM_MARKS;
		if (code[2] == 'h')
			scan->marked_hidden = mark;
		else
			scan->marked_named = form_consents(last->text->str) ? mark : 0;
	} else if (scan->question) {
		for (guint i = 0; i < cells->len; i++)
			form_scan_say(scan,
				      ((struct form_cell *)g_ptr_array_index(cells, i))->text->str);
	} else {
		return FALSE;
	}
	return TRUE;
}

static void add_line(GString *text, const xmlNode *node)
{
	node_text(node->children, text, 0);
	if (text->len > 0 && text->str[text->len - 1] != '\n')
		g_string_append_c(text, '\n');
}

/* Every row of every table that does not stand in another table's cell. `behind` gets what follows
 * the last one: nothing is printed there. */
static void read_rows(struct form_scan *scan, const xmlNode *node, GString *behind, int depth)
{
	for (; node && depth < TREE_DEPTH_MAX; node = node->next) {
		if (xml_is(node, "tr")) {
			if (read_row(scan, node))
				g_string_truncate(behind, 0);
			else
				add_line(behind, node);
		} else if (node->type == XML_ELEMENT_NODE && !xml_is(node, "Fallback")) {
			gsize length;

			if (xml_is(node, "p"))
				add_line(behind, node);
			length = behind->len;
			read_rows(scan, node->children, behind, depth + 1);
			if (xml_is(node, "p") && behind->len > length)
				g_string_truncate(behind, length); /* it is among its text */
			if (xml_is(node, "tbl"))
				form_scan_end_question(scan);
		}
	}
}

static void find_number(struct form_answers *answers, const char *text, gsize size)
{
	g_autoptr(GPtrArray) numbers = number_find_all(text, size);

	if (answers->number[0] == '\0' && numbers->len > 0)
		g_strlcpy(answers->number, g_ptr_array_index(numbers, 0), sizeof answers->number);
}

/* The number from a header of `docx`, which may be NULL (Word may have renamed it), else the file's
 * name, else the text. */
static void read_number(struct form_answers *answers, const char *name, GBytes *docx,
			const xmlDoc *document)
{
	static const char *const headers[] = {"word/header1.xml", "word/header2.xml",
					      "word/header3.xml"};
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; docx && i < G_N_ELEMENTS(headers) && answers->number[0] == '\0'; i++) {
		g_autoptr(GBytes) part = ooxml_part(docx, headers[i], FORM_PART_MAX, NULL);
		g_autoptr(xmlDoc) doc = NULL;
		gsize size = 0;
		const char *bytes = part ? g_bytes_get_data(part, &size) : NULL;

		if (bytes)
			doc = xml_parse(headers[i], bytes, size, NULL, NULL);
		if (!doc)
			continue;
		g_string_truncate(text, 0);
		node_text(xmlDocGetRootElement(doc), text, 0);
		find_number(answers, text->str, text->len);
	}
	if (name)
		find_number(answers, name, strlen(name));
	if (answers->number[0] == '\0') {
		g_string_truncate(text, 0);
		node_text(xmlDocGetRootElement(document), text, 0);
		find_number(answers, text->str, text->len);
	}
}

/* The form in a document's XML; `docx` is the file it came from, or NULL. */
static struct form_answers *read_document(const char *name, GBytes *docx, const xmlDoc *doc)
{
	g_autoptr(form_answers_handle) answers = form_answers_new();
	struct form_scan scan = {.answers = answers, .said = g_string_new(NULL)};
	g_autoptr(GString) behind = g_string_new(NULL);

	read_rows(&scan, xmlDocGetRootElement(doc), behind, 0);
	form_scan_end_question(&scan);
	g_string_free(scan.said, TRUE);
	if (!scan.questions_seen && !scan.ratings_seen)
		return NULL;
	if (*g_strstrip(behind->str))
		form_answers_say(answers, FORM_BEHIND, behind->str);
	form_scan_disclose(&scan);
	read_number(answers, name, docx, doc);
	/* a stranger's table may have a cell "d01"; ours has open questions or a number as well */
	if (!scan.questions_seen && answers->number[0] == '\0')
		return NULL;
	return g_steal_pointer(&answers);
}

static struct form_answers *read_docx(const char *name, GBytes *docx)
{
	g_autoptr(GBytes) part = ooxml_part(docx, "word/document.xml", FORM_PART_MAX, NULL);
	g_autoptr(xmlDoc) doc = NULL;
	gsize size = 0;
	const char *bytes = part ? g_bytes_get_data(part, &size) : NULL;

	if (bytes)
		doc = xml_parse("word/document.xml", bytes, size, NULL, NULL);
	return doc ? read_document(name, docx, doc) : NULL;
}

/* What Word saves as .xml: the same elements, in one file. */
static struct form_answers *read_word_xml(const char *name, const char *bytes, gsize size)
{
	g_autoptr(xmlDoc) doc =
	    size <= FORM_PART_MAX ? xml_parse("document.xml", bytes, size, NULL, NULL) : NULL;

	return doc ? read_document(name, NULL, doc) : NULL;
}

gboolean form_recognise(const char *name, const char *type, GBytes *content,
			struct form_answers **answers_out, GError **error)
{
	gsize size = 0;
	const char *bytes = g_bytes_get_data(content, &size);

	(void)type; /* mail programs send application/octet-stream for everything */
	*answers_out = NULL;
	if (size >= 4 && memcmp(bytes, "PK\3\4", 4) == 0) {
		*answers_out = read_docx(name, content);
		return TRUE;
	}
	if (size > 0 && g_strstr_len(bytes, (gssize)MIN(size, SNIFF_BYTES), FORM_WORD_XML)) {
		*answers_out = read_word_xml(name, bytes, size);
		return TRUE;
	}
	if (size > 0 && g_strstr_len(bytes, (gssize)MIN(size, SNIFF_BYTES), FORM_ANSWERS_NS) &&
	    g_strstr_len(bytes, (gssize)MIN(size, SNIFF_BYTES), "<answers")) {
		*answers_out = read_xml(name ? name : "answers.xml", bytes, size, error);
		return *answers_out != NULL;
	}
	return TRUE;
}
