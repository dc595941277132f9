#include "collector/header.h"

#include <check.h>
#include <string.h>

static void addresses_are(const char *value, ...) G_GNUC_NULL_TERMINATED;

/* Pairs of name and address; "" stands for none. */
static void addresses_are(const char *value, ...)
{
	g_autoptr(GPtrArray) found = header_addresses(value, strlen(value), NULL);
	va_list args;
	const char *name;
	guint i = 0;

	va_start(args, value);
	while ((name = va_arg(args, const char *))) {
		const char *wanted = va_arg(args, const char *);
		const struct address *address;

		ck_assert_msg(i < found->len, "too few in: %s", value);
		address = g_ptr_array_index(found, i++);
		ck_assert_str_eq(address->name ? address->name : "", name);
		ck_assert_str_eq(address->address ? address->address : "", wanted);
	}
	va_end(args);
	ck_assert_uint_eq(found->len, i);
}

START_TEST(addresses)
{
	addresses_are("a@b.invalid", "", "a@b.invalid", NULL);
	addresses_are("\"Zhang, San\" <z@b.invalid>, <c@d.invalid>", "Zhang, San", "z@b.invalid",
		      "", "c@d.invalid", NULL);
	addresses_are("=?gb2312?B?1cXI/Q==?= <z@b.invalid>", "张三", "z@b.invalid", NULL);
	addresses_are("\"=?gb2312?B?1cXI/Q==?=\" <z@b.invalid>", "张三", "z@b.invalid", NULL);
	addresses_are("\xd5\xc5\xc8\xfd<z@b.invalid>;", "张三", "z@b.invalid", NULL);
	addresses_are("z@b.invalid (Zhang San)", "Zhang San", "z@b.invalid", NULL);
	addresses_are("friends: a@b.invalid, C <c@d.invalid>;", "", "a@b.invalid", "C",
		      "c@d.invalid", NULL);
	addresses_are("undisclosed-recipients:;", NULL);
	addresses_are("Nobody", "Nobody", "", NULL);
	addresses_are("<@r.invalid:a@b.invalid>", "", "a@b.invalid", NULL);
	addresses_are("=?utf-8?Q?a,_b?= <a@b.invalid>", "a, b", "a@b.invalid", NULL);
	addresses_are("", NULL);
	addresses_are("(", NULL);
	addresses_are("\"", NULL);
	addresses_are("<", NULL);
}
END_TEST

START_TEST(ids)
{
	const char *value = "<a@b>\r\n <c@ d>junk<e@f";
	g_autoptr(GPtrArray) found = header_ids(value, strlen(value));
	g_autoptr(GPtrArray) bare = header_ids("a@b c@d", 7);
	g_autoptr(GPtrArray) none = header_ids("", 0);

	ck_assert_uint_eq(found->len, 3);
	ck_assert_str_eq(g_ptr_array_index(found, 0), "a@b");
	ck_assert_str_eq(g_ptr_array_index(found, 1), "c@d");
	ck_assert_str_eq(g_ptr_array_index(found, 2), "e@f");
	ck_assert_uint_eq(bare->len, 2);
	ck_assert_uint_eq(none->len, 0);
}
END_TEST

START_TEST(many_ids_keep_root_and_tail)
{
	GString *value = g_string_new("<root@x>");
	g_autoptr(GPtrArray) found = NULL;

	for (int i = 0; i < 1000; i++)
		g_string_append_printf(value, " <%d@x>", i);
	found = header_ids(value->str, value->len);
	g_string_free(value, TRUE);
	ck_assert_uint_eq(found->len, HEADER_IDS_MAX);
	ck_assert_str_eq(g_ptr_array_index(found, 0), "root@x");
	ck_assert_str_eq(g_ptr_array_index(found, HEADER_IDS_MAX - 1), "999@x");
}
END_TEST

static void parameter_is(const char *value, const char *label, const char *name, const char *wanted)
{
	g_autofree char *first = NULL;
	g_autoptr(GHashTable) found = header_parameters(value, strlen(value), label, &first);

	ck_assert_pstr_eq(g_hash_table_lookup(found, name), wanted);
}

START_TEST(parameters)
{
	g_autofree char *first = NULL;
	g_autoptr(GHashTable) found =
	    header_parameters("Text/Plain (c); Charset=\"GB2312\"", 33, NULL, &first);

	ck_assert_str_eq(first, "text/plain");
	ck_assert_str_eq(g_hash_table_lookup(found, "charset"), "GB2312");
	parameter_is("attachment; filename=\"=?gb2312?B?0uK8+w==?=.docx\"", NULL, "filename",
		     "意见.docx");
	parameter_is("attachment; filename*=GB18030''%D2%E2%BC%FB.docx", NULL, "filename",
		     "意见.docx");
	parameter_is("attachment; filename*0*=utf-8''%E6%84%8F%E8%A7;\r\n filename*1*=%81.do;"
		     " filename*2=cx",
		     NULL, "filename", "意见.docx");
	parameter_is("attachment; filename=\"\xd2\xe2\xbc\xfb.docx\"", NULL, "filename",
		     "意见.docx");
	parameter_is("attachment; filename=\"=?utf-8?B?5oSP6KeB?=\r\n =?utf-8?B?LmRvY3g=?=\"", NULL,
		     "filename", "意见.docx");
	parameter_is("attachment; filename=x.txt; filename*=utf-8''%E6%84%8F.txt", NULL, "filename",
		     "意.txt");
	parameter_is("a/b; name=\"x;y\"; charset = utf-8 ; z", NULL, "charset", "utf-8");
	parameter_is("a/b; name=\"unended", NULL, "name", "unended");
	parameter_is("a/b", NULL, "name", NULL);
}
END_TEST

START_TEST(dates)
{
	g_autoptr(GDateTime) date = header_date("Mon, 2 Mar 2026 10:11:12 +0800");
	g_autofree char *text = date ? g_date_time_format(date, "%FT%T%:z") : NULL;

	ck_assert_pstr_eq(text, "2026-03-02T10:11:12+08:00");
	ck_assert_ptr_null(header_date("Mon, 2 Mar 0000 10:11:12 +0800"));
	ck_assert_ptr_null(header_date("yesterday"));
	ck_assert_ptr_null(header_date(""));
	ck_assert_ptr_null(header_date(NULL));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("header");
	TCase *tc = tcase_create("header");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, addresses);
	tcase_add_test(tc, ids);
	tcase_add_test(tc, many_ids_keep_root_and_tail);
	tcase_add_test(tc, parameters);
	tcase_add_test(tc, dates);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
