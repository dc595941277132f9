#include "base/number.h"

#include <check.h>

START_TEST(makes_and_parses)
{
	char number[NUMBER_LENGTH + 1];
	char again[NUMBER_LENGTH + 1];
	gsize length = 0;

	number_make(123456789, number);
	ck_assert_uint_eq(strlen(number), NUMBER_LENGTH);
	ck_assert(number_parse(number, again, &length));
	ck_assert_str_eq(number, again);
	ck_assert_uint_eq(length, NUMBER_LENGTH);
	number[5] = number[5] == 'A' ? 'B' : 'A';
	ck_assert(!number_parse(number, again, NULL));
}
END_TEST

START_TEST(finds_in_text)
{
	char number[NUMBER_LENGTH + 1];
	g_autofree char *text = NULL;
	g_autoptr(GPtrArray) found = NULL;
	g_autofree char *lower = NULL;

	number_make(42, number);
	lower = g_ascii_strdown(number, -1);
	text = g_strdup_printf("回复:【%s】征求意见 xPY-22222222 %s.", number, lower);
	found = number_find_all(text, strlen(text));
	ck_assert_uint_eq(found->len, 1);
	ck_assert_str_eq(g_ptr_array_index(found, 0), number);
}
END_TEST

/* What was meant to be a number is told, and nothing else. */
START_TEST(finds_mistyped)
{
	char number[NUMBER_LENGTH + 1];
	g_autofree char *good = NULL;
	g_autofree char *bad = NULL;
	g_autofree char *found = NULL;
	static const char *const none[] = {
	    "", "PY-", "PY-2345678", "PY-234567890", "xPY-23456789", "PY-2345 678", "PYTHON3456"};

	number_make(42, number);
	good = g_strdup_printf("【%s】", number);
	ck_assert_ptr_null(number_find_wrong(good, strlen(good)));
	number[NUMBER_LENGTH - 1] = number[NUMBER_LENGTH - 1] == 'A' ? 'B' : 'A';
	bad = g_ascii_strdown(number, -1);
	found = number_find_wrong(bad, strlen(bad));
	ck_assert_str_eq(found, number);
	for (gsize i = 0; i < G_N_ELEMENTS(none); i++)
		ck_assert_ptr_null(number_find_wrong(none[i], strlen(none[i])));
}
END_TEST

START_TEST(stops_after_a_hundred)
{
	GString *text = g_string_new(NULL);
	g_autoptr(GPtrArray) found = NULL;
	char number[NUMBER_LENGTH + 1];

	for (guint i = 0; i < 200000; i++) {
		number_make(i, number);
		g_string_append_printf(text, "%s ", number);
	}
	found = number_find_all(text->str, text->len);
	ck_assert_uint_eq(found->len, NUMBERS_FOUND_MAX);
	number_make(99, number);
	ck_assert_str_eq(g_ptr_array_index(found, 99), number);
	g_string_free(text, TRUE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("number");
	TCase *tc = tcase_create("number");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, makes_and_parses);
	tcase_add_test(tc, finds_in_text);
	tcase_add_test(tc, finds_mistyped);
	tcase_add_test(tc, stops_after_a_hundred);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
