#pragma once

/* What the reader makes of one file. */
#include "collector/attachment.h"
#include "templates/form.h"

/* What one attachment gives. */
struct got {
	struct reading_attachment *attachment;
	struct form_answers *form;
	GPtrArray *problems;
};

void got_read_as(const char *name, const char *type, GBytes *content, struct got *got);
void got_read(const char *name, GBytes *content, struct got *got);
void got_clear(struct got *got);

/* Answers to the letter with the 42nd number: d07 has a 4, "problems" is 检查太多. (transfer full)
 */
char *got_answers_xml(void);
