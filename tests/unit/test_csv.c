#include "base/csv.h"
#include "base/error.h"

#include <check.h>
#include <string.h>

static GPtrArray *parse_bytes(const char *text, gsize size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(text, size);
	g_autoptr(GError) error = NULL;
	GPtrArray *rows = csv_parse("a.csv", bytes, &error);

	ck_assert_msg(rows != NULL, "%s", error ? error->message : "?");
	return rows;
}

static GPtrArray *parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

static void parse_fails(const char *text, gsize size, const char *start)
{
	g_autoptr(GBytes) bytes = g_bytes_new(text, size);
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(csv_parse("a.csv", bytes, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	ck_assert_msg(g_str_has_prefix(error->message, start), "%s", error->message);
}

static const struct table_row *row_at(GPtrArray *rows, guint row)
{
	ck_assert_uint_lt(row, rows->len);
	return g_ptr_array_index(rows, row);
}

static void check_cell(GPtrArray *rows, guint row, guint column, const char *wanted)
{
	ck_assert_str_eq(table_cell(row_at(rows, row), column), wanted);
}

START_TEST(quotes_lines_and_numbers)
{
	g_autoptr(GPtrArray) rows = parse("名称,备注,末\r\n\"甲,\"\"乙\"\"\",\"一\r\n二\r\n\","
					  "x\r\n,,\r\n\r\n丙,'0546,=\"0012\"\r丁");

	ck_assert_uint_eq(rows->len, 4);
	check_cell(rows, 1, 0, "甲,\"乙\"");
	check_cell(rows, 1, 1, "一\n二");
	check_cell(rows, 1, 2, "x");
	ck_assert_uint_eq(row_at(rows, 1)->line, 2);
	ck_assert_uint_eq(row_at(rows, 2)->line, 7);
	check_cell(rows, 2, 1, "0546");
	check_cell(rows, 2, 2, "0012");
	ck_assert_uint_eq(row_at(rows, 3)->line, 8);
	check_cell(rows, 3, 0, "丁");
	check_cell(rows, 3, 7, "");
}
END_TEST

START_TEST(separators)
{
	g_autoptr(GPtrArray) semicolon = parse("名称;地址, 门牌;邮编\n甲;一路, 2号;257000\n");
	g_autoptr(GPtrArray) tab = parse("标题\n名称\t地址\n甲\t\"一,二,三\"\n");
	g_autoptr(GPtrArray) said = parse("sep=;\r\na,b;c\r\n");
	g_autoptr(GPtrArray) quoted = parse("\"a;b;c\",d\n");

	check_cell(semicolon, 1, 1, "一路, 2号");
	check_cell(tab, 1, 1, "地址");
	check_cell(tab, 2, 1, "一,二,三");
	check_cell(said, 0, 0, "a,b");
	check_cell(said, 0, 1, "c");
	ck_assert_uint_eq(row_at(said, 0)->line, 2);
	check_cell(quoted, 0, 0, "a;b;c");
}
END_TEST

START_TEST(charsets)
{
	static const char *const text = "企业名称,姓名\r\n东方㐀有限公司,𠮷\r\n";
	static const char *const labels[] = {"GB18030", "UTF-16LE", "UTF-16BE"};
	static const char *const marks[] = {"", "\xff\xfe", "\xfe\xff"};
	g_autofree char *utf8 = g_strconcat("\xef\xbb\xbf", text, NULL);
	g_autoptr(GPtrArray) plain = parse(text);
	g_autoptr(GPtrArray) marked = parse(utf8);

	check_cell(plain, 1, 1, "𠮷");
	check_cell(marked, 0, 0, "企业名称");
	for (guint i = 0; i < 3; i++) {
		gsize size = 0;
		g_autofree char *coded = g_convert(text, -1, labels[i], "UTF-8", NULL, &size, NULL);
		g_autoptr(GByteArray) bytes = g_byte_array_new();
		g_autoptr(GPtrArray) rows = NULL;

		g_byte_array_append(bytes, (const guint8 *)marks[i], (guint)strlen(marks[i]));
		g_byte_array_append(bytes, (const guint8 *)coded, (guint)size);
		rows = parse_bytes((const char *)bytes->data, bytes->len);
		check_cell(rows, 0, 0, "企业名称");
		check_cell(rows, 1, 0, "东方㐀有限公司");
		check_cell(rows, 1, 1, "𠮷");
	}
}
END_TEST

START_TEST(hostile_files)
{
	g_autofree char *long_cell = g_strnfill(TABLE_CELL_LIMIT + 9, 'x');
	g_autofree char *commas = g_strnfill(TABLE_COLUMN_LIMIT, ',');
	g_autofree char *wide = g_strconcat(commas, "x\n", NULL);
	g_autofree char *empty = g_strnfill(1u << 20, ',');
	g_autofree char *open = g_strconcat("a,b\nc,\"d\n\n", long_cell, NULL);
	g_autoptr(GPtrArray) nothing = parse("");
	g_autoptr(GPtrArray) nul = parse_bytes("a\0b,c\n\0", 7);
	g_autoptr(GPtrArray) none = parse(empty);

	ck_assert_uint_eq(nothing->len, 0);
	ck_assert_uint_eq(none->len, 0);
	check_cell(nul, 0, 0, "a b");
	check_cell(nul, 0, 1, "c");
	parse_fails(long_cell, strlen(long_cell), "a.csv:1: ");
	parse_fails(wide, strlen(wide), "a.csv:1: ");
	parse_fails(open, strlen(open), "a.csv:2: ");
	parse_fails("a\n\"b", 4, "a.csv:2: ");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("csv");
	TCase *tc = tcase_create("csv");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, quotes_lines_and_numbers);
	tcase_add_test(tc, separators);
	tcase_add_test(tc, charsets);
	tcase_add_test(tc, hostile_files);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
