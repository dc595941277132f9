/* Folding: what becomes what, and that every place leads back to the original's. */
#include "base/fold.h"

#include <check.h>
#include <string.h>

START_TEST(folds)
{
	static const char *const cases[][2] = {
	    {"", ""},
	    {"税务局上门辅导", "税务局上门辅导"},
	    {"稅務局上門輔導", "税务局上门辅导"},
	    {"瞭解帳戶，覆核", "了解帐户,复核"},
	    {"著作權、妳、衞生", "着作权、你、卫生"},
	    {"ＧＤＰ１２％（试）", "gdp12%(试)"},
	    {"Vat ÄÖ Пример", "vat äö пример"},
	    {"税 务 局", "税务局"},
	    {"稅　務\t局", "税务局"},
	    {"市场\xe2\x80\x8b监管", "市场监管"},
	    {"公  安    局", "公安局"},
	    {"公     安", "公     安"},
	    {"税务局　　　　　公安局", "税务局     公安局"},
	    {"税务\n局", "税务\n局"},
	    {"税 a 务", "税 a 务"},
	    {" 税务 ", " 税务 "},
	    {"a b", "a b"},
	    {"⼯商⾏", "工商行"},
	    {"工 ⾏", "工行"},
	    {"、､。｡", "、、。。"},
	    {"\xe7\xa8税\xff", "\xe7\xa8税\xff"},
	    {"A\xc1\x81", "a\xc1\x81"},
	    {"A\xe7\xa8", "a\xe7\xa8"},
	    {"𠮷A", "𠮷a"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *folded = fold_word(cases[i][0]);
		g_autofree char *again = fold_word(folded);

		ck_assert_str_eq(folded, cases[i][1]);
		ck_assert_str_eq(again, folded);
	}
}
END_TEST

/* The part of the original that a word of the folded text stands for. */
static char *original_of(const char *text, const char *word)
{
	struct folded folded;
	const char *at;
	char *part = NULL;

	fold_text(text, strlen(text), &folded);
	at = memmem(folded.text, folded.size, word, strlen(word));
	if (at) {
		guint place = (guint)(at - folded.text);
		guint start = fold_start(&folded, place);

		part =
		    g_strndup(text + start, fold_end(&folded, place + (guint)strlen(word)) - start);
	}
	fold_clear(&folded);
	return part;
}

START_TEST(folds_a_character)
{
	ck_assert_uint_eq(fold_character(g_utf8_get_char("稅")), g_utf8_get_char("税"));
	ck_assert_uint_eq(fold_character(g_utf8_get_char("税")), g_utf8_get_char("税"));
	ck_assert_uint_eq(fold_character(g_utf8_get_char("Ａ")), 'a');
	ck_assert_uint_eq(fold_character(g_utf8_get_char("　")), ' ');
	ck_assert_uint_eq(fold_character('\n'), '\n');
	ck_assert_uint_eq(fold_character(0x20bb7), 0x20bb7);
}
END_TEST

START_TEST(leads_back)
{
	static const char *const cases[][3] = {
	    {"去税务局办", "税务局", "税务局"},         {"去稅務局辦", "税务局", "稅務局"},
	    {"去 稅　務 局 辦", "税务局", "稅　務 局"}, {"ＧＤＰ 涨", "gdp", "ＧＤＰ"},
	    {"A公 安局 ", "公安局", "公 安局"},         {"Aé", "é", "é"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *part = original_of(cases[i][0], cases[i][1]);

		ck_assert_ptr_nonnull(part);
		ck_assert_str_eq(part, cases[i][2]);
	}
}
END_TEST

static const char *const letters[] = {
    "税",   "稅",   "A", "ａ", " ",  "　", "\n",   "。", "\t", "\xe2\x80\x8b",
    "\x80", "\xe7", "é", "İ",  "⼯", "𠮷", "\xc0", "1",  "，", "Ⱥ"};

/* Texts of anything: never longer, places that grow, and each character at its own. */
START_TEST(keeps_places)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(7);

	for (guint round = 0; round < 2000; round++) {
		g_autoptr(GString) text = g_string_new(NULL);
		g_autofree char *exact = NULL;
		struct folded folded, again;

		for (gint n = g_rand_int_range(rand, 0, 30); n > 0; n--)
			g_string_append(text,
					letters[g_rand_int_range(rand, 0, G_N_ELEMENTS(letters))]);
		exact = g_memdup2(text->str, MAX(text->len, 1));
		fold_text(exact, text->len, &folded);
		ck_assert_uint_le(folded.size, text->len);
		for (guint i = 0; i < folded.size; i++) {
			ck_assert_uint_le(fold_start(&folded, i), fold_start(&folded, i + 1));
			ck_assert_uint_lt(fold_start(&folded, i), fold_end(&folded, i + 1));
			ck_assert_uint_le(fold_end(&folded, i + 1), text->len);
		}
		fold_text(folded.text, folded.size, &again);
		ck_assert_uint_eq(again.size, folded.size);
		ck_assert_ptr_null(again.from);
		fold_clear(&again);
		fold_clear(&folded);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fold");
	TCase *tc = tcase_create("fold");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, folds);
	tcase_add_test(tc, leads_back);
	tcase_add_test(tc, folds_a_character);
	tcase_add_test(tc, keeps_places);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
