#include "collector/record.h"

#include "collector/read.h"

#include <check.h>
#include <string.h>

static char *record(void)
{
	static const char raw[] =
	    "From: a@b.invalid\nDate: Mon, 2 Mar 2026 09:30:00 +0800\nSubject: x\n\n税务局很好\n";
	g_autoptr(GBytes) bytes = g_bytes_new_static(raw, strlen(raw));
	struct reading *reading = read_message(bytes, NULL, NULL);
	char *line = reading_to_line(reading);

	reading_free(reading);
	return line;
}

START_TEST(takes_a_record)
{
	g_autofree char *line = record();
	g_autoptr(JsonNode) checked = record_check(line, strlen(line), NULL);
	g_autofree char *written = json_to_string(checked, FALSE);

	ck_assert_str_eq(written, line);
}
END_TEST

/* The record with `old` replaced; refused because of `why`. */
static const struct {
	const char *old, *new, *why;
} wrong[] = {
    {"\"kind\":\"reply\"", "\"kind\":\"gift\"", "kind"},
    {"\"kind\":\"reply\"", "\"kind\":null", "kind"},
    {"\"kind\":\"reply\",", "", "kind"},
    {"\"address\":\"a@b.invalid\"", "\"address\":[]", "from"},
    {"\"from\":[{", "\"from\":[null,{", "from"},
    {"2026-03-02T", "2026-02-30T", "date"},
    {"2026-03-02T", "yesterday ", "date"},
    {"+08:00", "+23:00", "date"},
    {"\"own\":\"税务局很好\"", "\"own\":{}", "own"},
    {"\"own\":\"税务局很好\"", "\"own\":1", "own"},
    {"\"own\":\"税务局很好\"", "\"own\":\"\\u0000\"", "json"},
    {"\"own\":\"税务局很好\"", "\"own\":\"\\uD800\"", "json"},
    {"\"own\":\"税务局很好\"", "\"own\":\"\xff\"", "json"},
    {"\"form\":null", "\"form\":[]", "form"},
    {"\"form\":null",
     "\"form\":{\"number\":null,\"disclosure\":\"all\",\"ratings\":[],\"open\":[]}", "disclosure"},
    {"\"form\":null",
     "\"form\":{\"number\":null,\"disclosure\":null,\"ratings\":[{\"department\":\"d01\","
     "\"grade\":6}],\"open\":[]}",
     "form"},
    {"\"attachments\":[]",
     "\"attachments\":[{\"name\":null,\"type\":\"a/"
     "b\",\"bytes\":-1,\"sha256\":\"\",\"text\":null}]",
     "attachments"},
    {"\"problems\":[]", "\"problems\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]", "json"},
    {"\"problems\":[]", "\"problems\":[[]]", "problems"},
    {"\"attachments\":[]",
     "\"attachments\":[{\"name\":null,\"type\":\"a/b\",\"bytes\":1,\"sha256\":\"\",\"text\":null,"
     "\"unread\":null,\"inside\":[{\"name\":1}]}]",
     "attachments"},
};

START_TEST(refuses_what_is_none)
{
	g_autofree char *line = record();
	g_auto(GStrv) halves = g_strsplit(line, wrong[_i].old, 2);
	g_autofree char *changed = g_strjoinv(wrong[_i].new, halves);
	const char *why = NULL;

	ck_assert_msg(halves[1] != NULL, "%s", wrong[_i].old);
	ck_assert_ptr_null(record_check(changed, strlen(changed), &why));
	ck_assert_str_eq(why, wrong[_i].why);
}
END_TEST

/* Depth and number are counted before anything is built. */
START_TEST(refuses_bombs)
{
	const gsize size = 30u << 20;
	g_autofree char *deep = g_malloc(size);
	g_autoptr(GString) many = g_string_new("{\"problems\":[1");
	gint64 begin = g_get_monotonic_time();

	memset(deep, '[', size);
	ck_assert_ptr_null(record_check(deep, size, NULL));
	for (guint i = 0; i < RECORD_NODES_MAX + 1; i++)
		g_string_append(many, ",1");
	g_string_append(many, "]}");
	ck_assert_ptr_null(record_check(many->str, many->len, NULL));
	ck_assert_ptr_null(record_check("", 0, NULL));
	ck_assert_ptr_null(record_check("null", 4, NULL));
	ck_assert_ptr_null(record_check("{\"own\":\"\\", 9, NULL));
	ck_assert_int_lt(g_get_monotonic_time() - begin, 5 * G_USEC_PER_SEC);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("record");
	TCase *tc = tcase_create("record");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, takes_a_record);
	tcase_add_loop_test(tc, refuses_what_is_none, 0, (int)G_N_ELEMENTS(wrong));
	tcase_add_test(tc, refuses_bombs);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
