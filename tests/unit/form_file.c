#include "tests/unit/form_file.h"

#include "base/asset.h"
#include "base/ooxml.h"
#include "templates/package.h"

#include <check.h>
#include <string.h>

const struct form_department form_file_departments[FORM_FILE_DEPARTMENTS] = {
    {"d01", "发展和改革局"}, {"d02", "税务局 <一分局>"}, {"d27", "消防救援大队"}};

struct form *form_file_default(const char *path)
{
	const struct asset *asset = asset_find(path);
	g_autoptr(GError) error = NULL;
	struct form *form;

	ck_assert_ptr_nonnull(asset);
	form = form_parse(asset->text, asset->size, path, &error);
	ck_assert_msg(form != NULL, "%s", error ? error->message : "");
	return form;
}

GBytes *form_file_blank(const char *number)
{
	g_autoptr(form_handle) form = form_file_default("templates/zh/questionnaire.xml");
	g_autoptr(GBytes) docx = form_docx(form, form_file_departments, FORM_FILE_DEPARTMENTS,
					   "某区营商环境办公室 & 软环境办", "2026 年第一轮", "zh");

	return number ? form_docx_stamp(docx, number, NULL) : g_steal_pointer(&docx);
}

/* Puts `run` into the n-th empty paragraph behind `code` in the document's XML. */
void form_file_fill(GString *xml, const char *code, int n, const char *run)
{
	g_autofree char *what = g_strdup_printf(">%s<", code);
	char *at = strstr(xml->str, what);

	ck_assert_ptr_nonnull(at);
	for (int i = 0; i < n; i++) {
		at = strstr(at + 1, "</w:pPr></w:p>");
		ck_assert_ptr_nonnull(at);
	}
	g_string_insert(xml, at - xml->str + (gssize)strlen("</w:pPr>"), run);
}

GString *form_file_document(GBytes *docx)
{
	g_autoptr(GBytes) part = ooxml_part(docx, "word/document.xml", FORM_PART_MAX, NULL);
	gsize size;
	const char *text = g_bytes_get_data(part, &size);

	return g_string_new_len(text, (gssize)size);
}

/* The package again with another document, every part compressed, as Word writes it. */
GBytes *form_file_with(GBytes *docx, const GString *xml)
{
	g_autoptr(package_handle) package = package_new();
	g_autoptr(GBytes) header = ooxml_part(docx, "word/header1.xml", FORM_PART_MAX, NULL);
	gsize size;
	const char *text = g_bytes_get_data(header, &size);

	package_add(package, "word/document.xml", xml->str, xml->len, FALSE);
	package_add(package, "word/header1.xml", text, size, FALSE);
	return package_finish(package);
}

int form_file_grade(const struct form_answers *answers, const char *department)
{
	for (guint i = 0; i < answers->ratings->len; i++) {
		const struct form_rating *rating =
		    &g_array_index(answers->ratings, struct form_rating, i);

		if (strcmp(rating->department, department) == 0)
			return rating->grade;
	}
	return -1;
}

const char *form_file_said(const struct form_answers *answers, const char *question)
{
	for (guint i = 0; i < answers->open->len; i++) {
		const struct form_open *open = g_ptr_array_index(answers->open, i);

		if (strcmp(open->question, question) == 0)
			return open->text;
	}
	return NULL;
}
