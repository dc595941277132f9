#pragma once

/*
 * What is attached: name, size, hash, and the text of what can be read (.txt .html .xml .docx
 * .xlsx, .pdf by pdf_read(), .eml with what is attached to it); our own fill-in form is recognised
 * in it. Pure but for the PDFs.
 */
#include "collector/mime.h"
#include "collector/read.h"

/* Reads one; when it is our form and *form_inout is still NULL, the answers go there.
 * (transfer full) */
struct reading_attachment *attachment_read(const struct mime_part *part,
					   struct form_answers **form_inout, GPtrArray *problems);
void reading_attachment_free(struct reading_attachment *attachment);

/* Looks for our form in `content`; does nothing when one was found already. */
void attachment_form(const char *name, const char *type, GBytes *content,
		     struct form_answers **form_inout, GPtrArray *problems);
