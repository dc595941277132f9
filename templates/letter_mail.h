#pragma once

/* A letter as it is mailed: the template compiled to the HTML part, the plain text, and the
 * subject. */
#include "templates/view_program.h"

enum letter_part {
	LETTER_HTML,
	LETTER_TEXT,
	LETTER_SUBJECT,
};

/*
 * Compiles one part of the letter whose root element is `html`, which letter.rng allows. `language`
 * is "zh" or "en". Returns: (transfer full) NULL with PINGYI_ERROR_INPUT, "name:line: …".
 */
struct view_program *letter_mail_compile(const char *language, const char *name, xmlNode *html,
					 enum letter_part part, GError **error);
