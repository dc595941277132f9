#pragma once

/* What printing needs before a page can be set: fonts, text, the office's name. */
#include "templates/print_inside.h"

/* Cleared by print_office_teardown(). */
void print_office_setup(struct print_set *set, const char *language);
void print_office_teardown(struct print_set *set);

struct print_page *print_office_page(const struct print_pages *pages, guint index);
