/*
 * Forms that come back. The first byte tells what the others are: q a questionnaire, d the document
 * part of a .docx, else an attachment as it is. What was recognised must survive being written and
 * read once more.
 */
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
	form_answers_free(twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) content = NULL;
	struct form_answers *answers = NULL;

	if (size && data[0] == 'q') {
		see_questionnaire((const char *)data + 1, size - 1);
		return 0;
	}
	content = size && data[0] == 'd' ? fuzz_docx(data + 1, size - 1) : g_bytes_new(data, size);
	if (form_recognise(NULL, NULL, content, &answers, NULL) && answers) {
		see_answers(answers);
		form_answers_free(answers);
	}
	return 0;
}
