#include "tests/unit/print_office.h"

#include <check.h>
#include <string.h>

void print_office_setup(struct print_set *set, const char *language)
{
	struct print_style style = {.office = "x"};

	memset(set, 0, sizeof *set);
	set->english = strcmp(language, "en") == 0;
	set->window = TRUE;
	set->fonts = print_fonts_new(&style, 1000, NULL);
	ck_assert_ptr_nonnull(set->fonts);
	set->text = print_text_new(set->fonts, set->english);
	set->office = g_strdup("某某区软环境建设办公室");
	set->stream = g_string_new(NULL);
}

void print_office_teardown(struct print_set *set)
{
	print_text_free(set->text);
	print_fonts_free(set->fonts);
	g_string_free(set->stream, TRUE);
	g_free(set->office);
}

struct print_page *print_office_page(const struct print_pages *pages, guint index)
{
	return g_ptr_array_index(pages->pages, index);
}
