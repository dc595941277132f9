/* Our form on pages: where its words stand is all that is known. */
#include "tests/unit/form_sheet.h"

#include <check.h>
#include <string.h>

static void is_read(const struct sheet *sheet)
{
	guint doubt;
	g_autoptr(form_answers_handle) answers = sheet_answers(sheet, &doubt);
	char number[NUMBER_LENGTH + 1];

	ck_assert_ptr_nonnull(answers);
	ck_assert_uint_eq(doubt, FORM_SURE);
	number_make(LETTER, number);
	ck_assert_str_eq(answers->number, number);
	ck_assert_uint_eq(answers->ratings->len, 1);
	ck_assert_int_eq(form_file_grade(answers, "d02"), 2);
	ck_assert_uint_eq(answers->open->len, 2);
	ck_assert_str_eq(sheet_said(answers, 0),
			 "退税太慢，从去年十一月报到现在一直还没有到账，先后去了三趟税务所，每次说"
			 "的材料都不一样，希望说清楚。\n三月五日");
	ck_assert_str_eq(sheet_said(answers, 1), "");
	ck_assert_str_eq(answers->disclosure, "named");
}

START_TEST(pages_are_read)
{
	struct sheet sheet;

	sheet_begin(&sheet);
	sheet_put_form(&sheet);
	is_read(&sheet);
	g_array_unref(sheet.words);
}
END_TEST

/* In whatever order they come. */
START_TEST(the_order_of_words_does_not_matter)
{
	struct sheet sheet;

	sheet_begin(&sheet);
	sheet_put_form(&sheet);
	for (guint i = 0, j = sheet.words->len - 1; i < j; i++, j--) {
		struct form_word word = g_array_index(sheet.words, struct form_word, i);

		g_array_index(sheet.words, struct form_word, i) =
		    g_array_index(sheet.words, struct form_word, j);
		g_array_index(sheet.words, struct form_word, j) = word;
	}
	is_read(&sheet);
	g_array_unref(sheet.words);
}
END_TEST

/* A printer fits pages to its paper: smaller, and further in. */
START_TEST(printed_smaller)
{
	struct sheet sheet;

	sheet_begin(&sheet);
	sheet.scale = 0.96;
	sheet.off = 10;
	sheet_put_form(&sheet);
	is_read(&sheet);
	g_array_unref(sheet.words);
}
END_TEST

/* The row of grades stands on each page, and a long name has several lines. */
START_TEST(a_table_over_two_pages)
{
	struct sheet sheet;
	guint doubt;
	g_autoptr(form_answers_handle) answers = NULL;

	sheet_begin(&sheet);
	sheet_put_heading(&sheet, 188.9);
	sheet_put_department(&sheet, FIRST, "d01", "发展和改革局");
	sheet_put_department(&sheet, FIRST + ROW, "d02", "税务局");
	sheet_put_mark(&sheet, FIRST + ROW, 5, "√");
	sheet.page = 2;
	sheet_put_heading(&sheet, 69.5);
	sheet_put(&sheet, 88, 86, "市场监督管理局（知识产权局、");
	sheet_put_middle(&sheet, MIDDLE, 99.6, "d03", 6);
	sheet_put(&sheet, 88, 99.6, "食品药品安全委员会");
	sheet_put(&sheet, 88, 113.2, "办公室）");
	sheet_put_mark(&sheet, 99.6, 0, "○");
	sheet_put_question(&sheet, 200, "q-problems", "问题？▼");
	answers = sheet_answers(&sheet, &doubt);
	ck_assert_uint_eq(doubt, FORM_SURE);
	ck_assert_int_eq(form_file_grade(answers, "d02"), 5);
	ck_assert_int_eq(form_file_grade(answers, "d03"), 0);
	g_array_unref(sheet.words);
}
END_TEST

/* A hint below the question, an answer in the question's own cell, a code that the cell broke. */
START_TEST(answers_in_the_questions_cell)
{
	struct sheet sheet;
	guint doubt;
	g_autoptr(form_answers_handle) answers = NULL;

	sheet_begin(&sheet);
	sheet_put_heading(&sheet, 188.9);
	sheet_put_department(&sheet, FIRST, "d01", "发展和改革局");
	sheet_put_mark(&sheet, FIRST, 4, "x");
	sheet_put(&sheet, 108, 334, "您遇到了哪些问题？");
	sheet_put_middle(&sheet, MIDDLE + 10, 348.9, "q-problems", 6);
	sheet_put(&sheet, 108, 349.2, "一事一段。");
	sheet_put(&sheet, 165, 349.2, "▼窗口太少，");
	sheet_put(&sheet, 108, 364.4, "队太长。");
	sheet_put_middle(&sheet, MIDDLE + 10, 496, "q-", 6);
	sheet_put_middle(&sheet, MIDDLE + 10, 503.8, "sugges", 6);
	sheet_put_middle(&sheet, MIDDLE + 10, 511.6, "tions", 6);
	sheet_put(&sheet, 108, 503.8, "What could be improved? ▼");
	sheet_put(&sheet, 59.8, 522, "Open");
	sheet_put(&sheet, 83.9, 522, "earlier");
	answers = sheet_answers(&sheet, &doubt);
	ck_assert_uint_eq(doubt, FORM_SURE);
	ck_assert_uint_eq(answers->open->len, 2);
	ck_assert_str_eq(sheet_said(answers, 0), "窗口太少，\n队太长。");
	ck_assert_str_eq(sheet_said(answers, 1), "Open earlier");
	ck_assert_str_eq(((const struct form_open *)g_ptr_array_index(answers->open, 1))->question,
			 "suggestions");
	g_array_unref(sheet.words);
}
END_TEST

/* --- what is not sure --- */

static struct form_word *word_of(const struct sheet *sheet, const char *text)
{
	for (guint i = 0; i < sheet->words->len; i++)
		if (strcmp(g_array_index(sheet->words, struct form_word, i).text, text) == 0)
			return &g_array_index(sheet->words, struct form_word, i);
	ck_abort_msg("no word %s", text);
	return NULL;
}

static void shift(struct form_word *word, double right, double down)
{
	word->left += right;
	word->right += right;
	word->top += down;
	word->bottom += down;
}

static void is_doubtful(const struct sheet *sheet, guint expected, const char *what)
{
	guint doubt;
	g_autoptr(form_answers_handle) answers = sheet_answers(sheet, &doubt);

	ck_assert_ptr_nonnull(answers);
	ck_assert_msg((doubt & expected) == expected, "%s: %u", what, doubt);
}

START_TEST(what_cannot_be_placed)
{
	static const struct {
		const char *word;
		double right, down;
		guint doubt;
	} cases[] = {
	    {"√", 24, 0, FORM_MARKS},          /* between two columns */
	    {"√", 0, 8, FORM_MARKS},           /* between two rows */
	    {"√", 200, 0, FORM_MARKS},         /* beyond the table */
	    {"√", -200, 0, FORM_MARKS},        /* in the name's cell: no mark is left */
	    {"√", -345, 0, FORM_MARKS},        /* in the codes' column */
	    {"基本满意", 6, 0, FORM_MARKS},    /* columns that somebody moved */
	    {"满意", 0, -40, FORM_MARKS},      /* a heading that is not whole */
	    {"d03", 0.4, 0, FORM_MARKS},       /* a scanner's rows are not straight */
	    {"d03", 0, 400, FORM_MARKS},       /* a row that was moved behind the others */
	    {"q-other", 0, 9, FORM_WORDS},     /* a question that is not around its code */
	    {"q-problems", -8, 0, FORM_WORDS}, /* the other codes are elsewhere */
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct sheet sheet;

		sheet_begin(&sheet);
		sheet_put_form(&sheet);
		shift(word_of(&sheet, cases[i].word), cases[i].right, cases[i].down);
		is_doubtful(&sheet, cases[i].doubt, cases[i].word);
		g_array_unref(sheet.words);
	}
}
END_TEST

/* Who marks nothing that can be read may have drawn the marks. */
START_TEST(drawn_marks_cannot_be_seen)
{
	struct sheet sheet;

	sheet_begin(&sheet);
	sheet_put_form(&sheet);
	word_of(&sheet, "√")->text = "□";
	is_doubtful(&sheet, FORM_MARKS, "an empty box");
	word_of(&sheet, "□")->text = "";
	is_doubtful(&sheet, FORM_MARKS, "no mark");
	g_array_unref(sheet.words);
}
END_TEST

/* Words that are put on a page of the form. */
START_TEST(what_was_added)
{
	static const struct {
		guint page;
		double left, top;
		const char *text;
		double size;
		guint doubt;
	} cases[] = {
	    {1, 109, FIRST + 3 * ROW - 1, "其实很好", 10.5, FORM_WORDS}, /* below the table */
	    {2, 250, 300 + 2 * ROW, "还有一件", 10.5, FORM_WORDS},       /* below the last one */
	    {1, 130, FIRST + ROW, "√", 10.5, FORM_MARKS},                /* in the name's cell */
	    {1, 119.5, FIRST + ROW, "√", 10.5, FORM_MARKS},              /* the same, at the name */
	    {2, 200, 300 + ROW, "同意", 10.5, FORM_MARKS},               /* in the cell before */
	    {2, 59.8, 181, "d07", 10.5, FORM_WORDS},          /* a code that was written */
	    {2, 78, 181, "q-other", 6, FORM_WORDS},           /* twice, in its place */
	    {2, 560, 117, "批注", 10.5, FORM_WORDS},          /* beside the tables */
	    {2, 100, 119, "盖住", 10.5, FORM_WORDS},          /* on top of others */
	    {1, 554.9, 188.9, "备注", 8, FORM_MARKS},         /* one more column */
	    {1, 275, FIRST + 4 * ROW, "√", 10.5, FORM_MARKS}, /* of no row */
	    {1, 330, 188.9, "√", 8, FORM_MARKS},              /* in the heading */
	    {2, 450, 60, "PY-22222222", 9, FORM_SURE},        /* no letter's number */
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct sheet sheet;

		sheet_begin(&sheet);
		sheet_put_form(&sheet);
		sheet.page = cases[i].page;
		sheet_put_sized(&sheet, cases[i].left, cases[i].top, cases[i].text, cases[i].size);
		is_doubtful(&sheet, cases[i].doubt, cases[i].text);
		g_array_unref(sheet.words);
	}
}
END_TEST

/* Without their codes two rows' marks are nobody's, not those of the row before. */
START_TEST(rows_without_codes)
{
	struct sheet sheet;

	sheet_begin(&sheet);
	sheet_put_form(&sheet);
	word_of(&sheet, "d02")->text = "";
	word_of(&sheet, "d03")->text = "";
	is_doubtful(&sheet, FORM_MARKS, "the last rows");
	sheet.page = 1;
	sheet_put_department(&sheet, FIRST + 3 * ROW, "d04", "消防救援大队");
	is_doubtful(&sheet, FORM_MARKS, "rows between others");
	g_array_unref(sheet.words);
}
END_TEST

/* Five columns for marks, as wide as the names': none of them is the names'. */
START_TEST(a_column_was_taken_away)
{
	static const char *const heading[] = {"部门",     "非常满意", "满意",
					      "基本满意", "不满意",   "非常不满意"};
	struct sheet sheet;

	sheet_begin(&sheet);
	for (guint i = 0; i < G_N_ELEMENTS(heading); i++)
		sheet_put_middle(&sheet, 160 + 68.8 * i, 188.9, heading[i], 8);
	for (guint i = 0; i < 2; i++) {
		sheet_put_middle(&sheet, 91, FIRST + i * ROW, i ? "d02" : "d01", 6);
		sheet_put(&sheet, 128.5, FIRST + i * ROW, i ? "生态环境分局" : "发展和改革局");
	}
	sheet_put_middle(&sheet, 160 + 68.8, FIRST, "√", 10.5);
	sheet_put_question(&sheet, 300, "q-other", "还有什么想说的？▼");
	is_doubtful(&sheet, FORM_MARKS, "a column");
	g_array_unref(sheet.words);
}
END_TEST

/* The first row's name has two lines, the upper one as high as the heading's lowest. */
START_TEST(a_name_beside_the_heading)
{
	struct sheet sheet;
	guint doubt;
	g_autoptr(form_answers_handle) answers = NULL;

	sheet_begin(&sheet);
	sheet_put_heading(&sheet, 188.9);
	sheet_put_middle(&sheet, sheet_grade_middle(1), 193.4, "的", 8);
	sheet_put(&sheet, 88, FIRST - 0.3, "市场监督管理局（知识产权");
	sheet_put_middle(&sheet, MIDDLE, FIRST + 6.5, "d01", 6);
	sheet_put(&sheet, 88, FIRST + 13.3, "局）");
	sheet_put_mark(&sheet, FIRST + 6.5, 3, "√");
	sheet_put_department(&sheet, FIRST + 30.5, "d02", "税务局");
	sheet_put_question(&sheet, 300, "q-other", "还有什么想说的？▼");
	answers = sheet_answers(&sheet, &doubt);
	ck_assert_uint_eq(doubt, FORM_SURE);
	ck_assert_int_eq(form_file_grade(answers, "d01"), 3);
	g_array_unref(sheet.words);
}
END_TEST

/* An answer's lines that begin where questions do, on both sides of one. */
START_TEST(centred_answers)
{
	struct sheet sheet;
	guint doubt;
	g_autoptr(form_answers_handle) answers = NULL;

	sheet_begin(&sheet);
	sheet_put_ratings(&sheet);
	sheet_put_question(&sheet, 300, "q-praise", "谁做得好？▼");
	sheet_put(&sheet, 270, 317, "窗口的小李。");
	sheet_put(&sheet, 275, 330.7, "很耐心。");
	sheet_put_question(&sheet, 347, "q-other", "还有什么想说的？▼");
	sheet_put(&sheet, 275, 363.3, "没有了，");
	sheet_put(&sheet, 275, 377, "谢谢。");
	answers = sheet_answers(&sheet, &doubt);
	ck_assert_uint_eq(doubt, FORM_SURE);
	ck_assert_str_eq(sheet_said(answers, 0), "窗口的小李。\n很耐心。");
	ck_assert_str_eq(sheet_said(answers, 1), "没有了，\n谢谢。");
	g_array_unref(sheet.words);
}
END_TEST

/* Two columns' lines are no sentences; what stands behind numbers is. */
START_TEST(columns_in_an_answer)
{
	for (guint columns = 0; columns < 2; columns++) {
		double left = columns ? 59.8 : 280;
		struct sheet sheet;
		guint doubt;
		g_autoptr(form_answers_handle) answers = NULL;

		sheet_begin(&sheet);
		sheet_put_ratings(&sheet);
		sheet_put_question(&sheet, 300, "q-other", "还有什么想说的？▼");
		sheet_put(&sheet, left, 317, columns ? "税务局排队" : "1.");
		sheet_put(&sheet, left, 330.7, columns ? "太久了。" : "2.");
		sheet_put(&sheet, 301, 317, "公安局每次说的");
		sheet_put(&sheet, 301, 330.7, "都不一样。");
		answers = sheet_answers(&sheet, &doubt);
		ck_assert_uint_eq(answers->open->len, 1);
		ck_assert_uint_eq(doubt, columns ? FORM_WORDS : FORM_SURE);
		g_array_unref(sheet.words);
	}
}
END_TEST

/* --- the pages' edges --- */

/* An answer that goes on at the very edges of pages whose margins are narrow. */
START_TEST(an_answer_at_the_edges)
{
	struct sheet sheet;
	guint doubt;
	g_autoptr(form_answers_handle) answers = NULL;

	sheet_begin(&sheet);
	sheet_put_ratings(&sheet);
	sheet_put_question(&sheet, 300, "q-other", "还有什么想说的？▼");
	sheet_put(&sheet, 59.8, 782, "开头。");
	sheet_put(&sheet, 59.8, 797, "中间。");
	sheet_put(&sheet, 295, 815, "1");
	sheet.page = 2;
	sheet_put(&sheet, 59.8, 20, "1");
	sheet_put(&sheet, 59.8, 35, "末尾。");
	sheet_put(&sheet, 295, 815, "2");
	answers = sheet_answers(&sheet, &doubt);
	ck_assert_uint_eq(doubt, FORM_SURE);
	ck_assert_str_eq(sheet_said(answers, 0), "开头。\n中间。\n1\n末尾。");
	g_array_unref(sheet.words);
}
END_TEST

/* What somebody wrote on every page is not only the form's head. */
START_TEST(words_on_every_page)
{
	struct sheet sheet;
	char number[NUMBER_LENGTH + 1];

	sheet_begin(&sheet);
	sheet_put_form(&sheet);
	sheet.page = 1;
	sheet_put(&sheet, 56.8, 55, "税务局太慢");
	sheet.page = 2;
	sheet_put(&sheet, 56.8, 55, "税务局太慢");
	is_doubtful(&sheet, FORM_WORDS, "a line below the head");
	g_array_unref(sheet.words);
	sheet_begin(&sheet);
	sheet_put_form(&sheet);
	number_make(LETTER + 1, number);
	sheet_put(&sheet, 450, 55, number);
	is_doubtful(&sheet, FORM_MARKS | FORM_WORDS, "another letter's number");
	g_array_unref(sheet.words);
}
END_TEST

/* A page on its side has less room above. */
START_TEST(pages_on_their_side)
{
	struct sheet sheet;
	guint doubt;
	g_autoptr(form_answers_handle) answers = NULL;

	sheet_begin(&sheet);
	sheet_put_form(&sheet);
	for (guint i = 0; i < sheet.words->len; i++) {
		struct form_word *word = &g_array_index(sheet.words, struct form_word, i);

		word->page_height = 595;
		if (word->top > 800)
			shift(word, 123, 555 - word->top);
	}
	answers = sheet_answers(&sheet, &doubt);
	ck_assert_uint_eq(doubt, FORM_SURE);
	ck_assert_str_eq(sheet_said(answers, 1), "");
	g_array_unref(sheet.words);
}
END_TEST

/* Lines that never balance around as many codes: looked at a bounded number of times. */
START_TEST(strangers_pages_take_no_time)
{
	enum { CODES = 4000, LINES = 7500 };
	struct form_word word = {.page = 1, .page_height = 842};
	struct sheet sheet;
	guint doubt;
	gint64 begin = g_get_monotonic_time();
	g_autofree char *rows = NULL;
	g_autoptr(GStringChunk) codes = g_string_chunk_new(1024);

	sheet_begin(&sheet);
	for (guint i = 0; i < CODES; i++) {
		g_autofree char *code = g_strdup_printf("q-a%u", i);

		word.left = 71;
		word.right = 81;
		word.top = 350;
		word.bottom = 370;
		word.text = g_string_chunk_insert(codes, code);
		g_array_append_val(sheet.words, word);
	}
	for (guint i = 0; i < 2 * LINES; i++) {
		word.left = 100;
		word.right = 110;
		word.top = 60 + 0.04 * i + (i < LINES ? 0 : 0.02);
		word.bottom = word.top + 0.04;
		word.text = "▼";
		g_array_append_val(sheet.words, word);
	}
	rows =
	    form_page_rows((struct form_word *)(void *)sheet.words->data, sheet.words->len, &doubt);
	ck_assert_ptr_null(rows);
	ck_assert_uint_eq(doubt, FORM_MARKS | FORM_WORDS);
	ck_assert_int_lt(g_get_monotonic_time() - begin, 5 * G_USEC_PER_SEC);
	g_array_unref(sheet.words);
}
END_TEST

START_TEST(other_pages_are_no_form)
{
	struct sheet sheet;
	guint doubt;

	sheet_begin(&sheet);
	ck_assert_ptr_null(sheet_answers(&sheet, &doubt));
	sheet_put(&sheet, 57, 100, "d01");
	sheet_put(&sheet, 57, 120, "d02");
	sheet_put(&sheet, 90, 140, "d03"); /* not where a row begins */
	sheet_put(&sheet, 57, 140, "见");
	ck_assert_ptr_null(form_page_rows((struct form_word *)(void *)sheet.words->data,
					  sheet.words->len, &doubt));
	g_array_unref(sheet.words);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("form_page");
	TCase *tc = tcase_create("form_page");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, pages_are_read);
	tcase_add_test(tc, the_order_of_words_does_not_matter);
	tcase_add_test(tc, printed_smaller);
	tcase_add_test(tc, a_table_over_two_pages);
	tcase_add_test(tc, answers_in_the_questions_cell);
	tcase_add_test(tc, what_cannot_be_placed);
	tcase_add_test(tc, drawn_marks_cannot_be_seen);
	tcase_add_test(tc, what_was_added);
	tcase_add_test(tc, rows_without_codes);
	tcase_add_test(tc, a_column_was_taken_away);
	tcase_add_test(tc, a_name_beside_the_heading);
	tcase_add_test(tc, centred_answers);
	tcase_add_test(tc, columns_in_an_answer);
	tcase_add_test(tc, an_answer_at_the_edges);
	tcase_add_test(tc, words_on_every_page);
	tcase_add_test(tc, pages_on_their_side);
	tcase_add_test(tc, strangers_pages_take_no_time);
	tcase_add_test(tc, other_pages_are_no_form);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
