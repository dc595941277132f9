/*
 * Forms that come back. The first byte tells what the others are: q a questionnaire, d the document
 * part of a .docx, t text, h HTML whose rows are a form's, p where the words of a PDF stand, else
 * an attachment as it is. What was recognised must survive being written and read once more, and
 * coming twice.
 */
#include "collector/html.h"
#include "collector/pdf_form.h"
#include "templates/form.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void see_questionnaire(const char *xml, gsize size)
{
	static const struct form_department departments[] = {{"d01", "One"}, {"d02", "Two"}};
	struct form *form = form_parse(xml, size, "q.xml", NULL);
	g_autoptr(JsonNode) fields = NULL;
	g_autoptr(GBytes) docx = NULL;

	if (!form)
		return;
	fuzz_require(form->open->len <= FORM_OPEN_MAX, "questions have their bound");
	fields = form_fields_json(form, departments, G_N_ELEMENTS(departments));
	docx = form_docx(form, departments, G_N_ELEMENTS(departments), "office", "round", "en");
	fuzz_require(fields && docx, "a questionnaire can be shown, and filled in");
	form_free(form);
}

/* What came twice is said once; where there is room for all, that is. */
static void see_twice(struct form_answers *answers, GBytes *xml)
{
	struct form_answers *other = NULL;
	guint ratings = answers->ratings->len, open = answers->open->len;
	gboolean empty = form_answers_empty(answers);

	fuzz_require(form_recognise(NULL, NULL, xml, &other, NULL), "answers are recognised again");
	fuzz_require(form_answers_merge(&answers, other), "a form has its own number");
	fuzz_require(answers->ratings->len == ratings && answers->open->len == open &&
			 form_answers_empty(answers) == empty,
		     "what came twice is said once");
}

static void see_answers(const struct form_answers *answers)
{
	g_autofree char *xml = form_answers_to_xml(answers);
	g_autofree char *text = form_answers_text(answers);
	g_autoptr(JsonNode) json = form_answers_json(answers);
	g_autoptr(GBytes) bytes = g_bytes_new(xml, strlen(xml));
	g_autofree char *again = NULL;
	struct form_answers *twice = NULL;

	fuzz_require(answers->ratings->len <= FORM_RATINGS_MAX, "ratings have their bound");
	fuzz_require(answers->open->len <= FORM_OPEN_FOUND_MAX, "open answers have their bound");
	fuzz_require_utf8(text, "answers are UTF-8");
	if (strlen(xml) > FORM_ANSWERS_MAX)
		return;
	fuzz_require(form_recognise(NULL, NULL, bytes, &twice, NULL) && twice,
		     "answers are recognised again");
	again = form_answers_to_xml(twice);
	fuzz_require(strcmp(xml, again) == 0, "answers stay the same");
	see_twice(twice, bytes);
	form_answers_free(twice);
}

/* XML has no place for controls, which a text may have: what was written once stays the same. */
static void see_written(const struct form_answers *answers)
{
	g_autofree char *xml = form_answers_to_xml(answers);
	g_autofree char *text = form_answers_text(answers);
	g_autoptr(GBytes) bytes = g_bytes_new(xml, strlen(xml));
	struct form_answers *written = NULL;

	fuzz_require_utf8(text, "answers are UTF-8");
	if (strlen(xml) > FORM_ANSWERS_MAX)
		return;
	fuzz_require(form_recognise(NULL, NULL, bytes, &written, NULL) && written,
		     "answers of a text are recognised");
	see_answers(written);
	form_answers_free(written);
}

static void see_text(const char *text)
{
	g_autofree char *rest = NULL;
	struct form_answers *answers = form_text_read(NULL, text, &rest);

	fuzz_require(!answers == !rest, "a form leaves a rest, and nothing else does");
	if (!answers)
		return;
	fuzz_require(form_text_rows(text) == FORM_ROWS_MIN, "a form has its rows");
	fuzz_require(form_text_rows(rest) == 0, "no row is left over");
	fuzz_require_utf8(rest, "the rest is UTF-8");
	fuzz_require(!(answers->doubt & FORM_MARKS) || answers->ratings->len == 0,
		     "doubtful marks are not read");
	fuzz_require(!(answers->doubt & FORM_MARKS) || g_strcmp0(answers->disclosure, "named") != 0,
		     "nobody is named by a doubtful mark");
	see_written(answers);
	form_answers_free(answers);
}

/* Text, or HTML that is text by then. */
static void see_rows(gboolean html, const char *bytes, gsize size)
{
	g_autofree char *valid = g_utf8_make_valid(bytes, (gssize)size);
	g_autofree char *rows = html ? html_to_rows(valid, strlen(valid), NULL) : NULL;
	g_autofree char *unmarked = rows ? html_unmark(rows) : NULL;

	see_text(unmarked ? unmarked : valid);
}

static void see_places(const char *bytes, gsize size)
{
	g_autofree char *valid = g_utf8_make_valid(bytes, (gssize)size);
	guint doubt = 0;
	g_autofree char *rows = pdf_form_place(valid, &doubt);

	if (!rows)
		return;
	fuzz_require_utf8(rows, "rows are UTF-8");
	see_text(rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) content = NULL;
	struct form_answers *answers = NULL;

	if (size && data[0] == 'q') {
		see_questionnaire((const char *)data + 1, size - 1);
		return 0;
	}
	if (size && (data[0] == 't' || data[0] == 'h')) {
		see_rows(data[0] == 'h', (const char *)data + 1, size - 1);
		return 0;
	}
	if (size && data[0] == 'p') {
		see_places((const char *)data + 1, size - 1);
		return 0;
	}
	content = size && data[0] == 'd' ? fuzz_docx(data + 1, size - 1) : g_bytes_new(data, size);
	if (form_recognise(NULL, NULL, content, &answers, NULL) && answers) {
		see_answers(answers);
		form_answers_free(answers);
	}
	return 0;
}
