#include "base/csv.h"
#include "base/ooxml.h"
#include "templates/grid.h"

#include <check.h>
#include <string.h>

static struct grid *example(void)
{
	struct grid *grid = grid_new("台账");

	grid_column(grid, "部门", GRID_TEXT);
	grid_column(grid, "件数", GRID_NUMBER);
	grid_column(grid, "期限", GRID_DATE);
	grid_column(grid, "说了什么", GRID_LONG);
	grid_row(grid, (const char *const[]){"税务局", "12", "2026-04-03", "退税\n太慢", NULL});
	grid_row(grid, (const char *const[]){"=1+1", "3", "", "说“好”,\"不好\"", NULL});
	grid_row(grid, (const char *const[]){"0546-0000123", "", "2026-04-07", NULL, NULL});
	grid_foot(grid, "封存 1");
	return grid;
}

START_TEST(counts_display_width)
{
	ck_assert_uint_eq(grid_width("ab"), 2);
	ck_assert_uint_eq(grid_width("税务局"), 6);
	ck_assert_uint_eq(grid_width("d28 税务"), 8);
}
END_TEST

START_TEST(aligns_for_a_terminal)
{
	g_autoptr(grid_handle) grid = example();
	g_autofree char *text = grid_to_terminal(grid, 0, FALSE);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	ck_assert_str_eq(lines[0], "部门          件数  期限        说了什么");
	ck_assert_str_eq(lines[1], "税务局          12  2026-04-03  退税 太慢");
	ck_assert_str_eq(lines[4], "封存 1");
}
END_TEST

START_TEST(fits_into_its_width)
{
	g_autoptr(grid_handle) grid = example();
	g_autofree char *text = grid_to_terminal(grid, 42, FALSE);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (guint i = 0; lines[i]; i++)
		ck_assert_uint_le(grid_width(lines[i]), 42);
	ck_assert_uint_ge(g_strv_length(lines), 3);
	ck_assert_ptr_nonnull(strstr(lines[2], "…"));
}
END_TEST

static const char *cell(GPtrArray *table, guint row, guint column)
{
	return table_cell(g_ptr_array_index(table, row), column);
}

START_TEST(csv_comes_back)
{
	g_autoptr(grid_handle) grid = example();
	g_autoptr(GBytes) bytes = grid_to_csv(grid);
	g_autoptr(GPtrArray) table = csv_parse("x.csv", bytes, NULL);

	ck_assert_ptr_nonnull(table);
	ck_assert_uint_eq(table->len, 4);
	ck_assert_str_eq(cell(table, 1, 3), "退税\n太慢");
	ck_assert_str_eq(cell(table, 2, 3), "说“好”,\"不好\"");
	/* no formula: the apostrophe makes it text, and our own reader takes it off */
	ck_assert(memmem(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), "\"'=1+1\"", 7));
	ck_assert_str_eq(cell(table, 2, 0), "=1+1");
}
END_TEST

START_TEST(xlsx_comes_back)
{
	g_autoptr(grid_handle) grid = example();
	g_autoptr(GBytes) bytes = grid_to_xlsx(grid, NULL);
	g_autoptr(GPtrArray) table = NULL;

	ck_assert_ptr_nonnull(bytes);
	table = ooxml_xlsx_rows("x.xlsx", bytes, NULL);
	ck_assert_ptr_nonnull(table);
	ck_assert_str_eq(cell(table, 0, 0), "台账");
	ck_assert_str_eq(cell(table, 1, 3), "说了什么");
	ck_assert_str_eq(cell(table, 2, 1), "12");
	ck_assert_str_eq(cell(table, 2, 2), "2026-04-03");
	ck_assert_str_eq(cell(table, 3, 0), "=1+1");
	ck_assert_str_eq(cell(table, 4, 0), "0546-0000123");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("grid");
	TCase *tc = tcase_create("grid");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, counts_display_width);
	tcase_add_test(tc, aligns_for_a_terminal);
	tcase_add_test(tc, fits_into_its_width);
	tcase_add_test(tc, csv_comes_back);
	tcase_add_test(tc, xlsx_comes_back);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
