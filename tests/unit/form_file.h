#pragma once

/* A fill-in form as .docx, and what is written into it. */
#include "templates/form.h"

#define FORM_FILE_DEPARTMENTS 3
extern const struct form_department form_file_departments[FORM_FILE_DEPARTMENTS];

/* A run of text in a document's XML. */
#define RUN(text) "<w:r><w:t>" text "</w:t></w:r>"

struct form *form_file_default(const char *path);

/* `number` may be NULL. (transfer full) */
GBytes *form_file_blank(const char *number);

/* Puts `run` into the n-th empty paragraph behind `code` in the document's XML. */
void form_file_fill(GString *xml, const char *code, int n, const char *run);

/* The XML of its document (transfer full), and the package again with another one. */
GString *form_file_document(GBytes *docx);
GBytes *form_file_with(GBytes *docx, const GString *xml);

/* -1 where there is none. */
int form_file_grade(const struct form_answers *answers, const char *department);

/* NULL where there is no such question. */
const char *form_file_said(const struct form_answers *answers, const char *question);
