#include "tests/unit/carried_classifier.h"

#include <check.h>

struct classifier *carried_classifier;
static struct lexicon *lexicon;

void carried_classifier_setup(void)
{
	lexicon = lexicon_default(NULL);
	ck_assert_ptr_nonnull(lexicon);
	carried_classifier = classifier_new(lexicon);
}

void carried_classifier_teardown(void)
{
	classifier_free(carried_classifier);
	lexicon_free(lexicon);
}

void append_departments(GString *text, const struct classified *one)
{
	for (guint i = 0; i < one->departments->len; i++) {
		const struct sorted *sorted = g_ptr_array_index(one->departments, i);

		g_string_append_printf(text, " %s", sorted->code);
	}
}
