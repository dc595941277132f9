#include "tests/unit/got.h"

#include "base/number.h"

#include <string.h>

void got_read_as(const char *name, const char *type, GBytes *content, struct got *got)
{
	g_autofree char *its_name = g_strdup(name);
	g_autofree char *its_type = g_strdup(type);
	struct mime_part part = {.name = its_name, .type = its_type, .content = content};
	struct attachment_run run;

	memset(got, 0, sizeof *got);
	got->problems = g_ptr_array_new_with_free_func(g_free);
	attachment_begin(&run, &got->form, got->problems);
	got->attachment = attachment_read(&run, &part);
}

void got_read(const char *name, GBytes *content, struct got *got)
{
	got_read_as(name, "application/octet-stream", content, got);
}

void got_clear(struct got *got)
{
	reading_attachment_free(got->attachment);
	form_answers_free(got->form);
	g_ptr_array_unref(got->problems);
}

char *got_answers_xml(void)
{
	struct form_answers *answers = form_answers_new();
	char *xml;

	number_make(42, answers->number);
	form_answers_rate(answers, "d07", 4);
	form_answers_say(answers, "problems", "检查太多");
	xml = form_answers_to_xml(answers);
	form_answers_free(answers);
	return xml;
}
