#include "tests/unit/form_sheet.h"

#include <check.h>
#include <string.h>

#define GRADE 48.0 /* pt, the width of a grade's column */

void sheet_begin(struct sheet *sheet)
{
	*sheet = (struct sheet){.page = 1, .scale = 1};
	sheet->words = g_array_new(FALSE, FALSE, sizeof(struct form_word));
}

static double width_of(const char *text, double size)
{
	double width = 0;

	for (; *text; text = g_utf8_next_char(text))
		width += g_unichar_iswide(g_utf8_get_char(text)) ? size : size / 2;
	return width;
}

void sheet_put_sized(struct sheet *sheet, double left, double top, const char *text, double size)
{
	struct form_word word = {.page = sheet->page, .page_height = 842, .text = text};

	word.left = sheet->off + sheet->scale * left;
	word.top = sheet->off + sheet->scale * top;
	word.right = sheet->off + sheet->scale * (left + width_of(text, size));
	word.bottom = sheet->off + sheet->scale * (top + size * 1.3);
	g_array_append_val(sheet->words, word);
}

void sheet_put(struct sheet *sheet, double left, double top, const char *text)
{
	sheet_put_sized(sheet, left, top, text, 10.5);
}

void sheet_put_middle(struct sheet *sheet, double middle, double top, const char *text, double size)
{
	sheet_put_sized(sheet, middle - width_of(text, size) / 2, top + (10.5 - size) * 0.65, text,
			size);
}

double sheet_grade_middle(int grade)
{
	return MIDDLE + 203.9 + GRADE * (grade == 0 ? 5 : 5 - grade);
}

void sheet_put_heading(struct sheet *sheet, double top)
{
	static const char *const grades[] = {"非常满意", "满意",       "基本满意",
					     "不满意",   "非常不满意", "不了解"};

	sheet_put_middle(sheet, 168, top, "部门", 9);
	for (int i = 0; i < FORM_GRADES; i++)
		sheet_put_middle(sheet, sheet_grade_middle(i == 5 ? 0 : 5 - i), top, grades[i], 8);
}

void sheet_put_department(struct sheet *sheet, double top, const char *code, const char *name)
{
	sheet_put_middle(sheet, MIDDLE, top, code, 6);
	sheet_put(sheet, 88, top, name);
}

void sheet_put_mark(struct sheet *sheet, double top, int grade, const char *mark)
{
	sheet_put_middle(sheet, sheet_grade_middle(grade), top, mark, 10.5);
}

void sheet_put_question(struct sheet *sheet, double top, const char *code, const char *question)
{
	sheet_put_middle(sheet, MIDDLE + 10, top, code, 6);
	sheet_put(sheet, 108, top, question);
}

void sheet_put_disclosure(struct sheet *sheet, double top, const char *code, const char *words,
			  const char *mark)
{
	sheet_put_question(sheet, top, code, words);
	if (mark)
		sheet_put_middle(sheet, 514.9, top, mark, 10.5);
}

void sheet_put_ratings(struct sheet *sheet)
{
	sheet_put_heading(sheet, 188.9);
	sheet_put_department(sheet, FIRST, "d01", "发展和改革局");
	sheet_put_department(sheet, FIRST + ROW, "d02", "税务局");
	sheet_put_mark(sheet, FIRST, 4, "√");
}

void sheet_put_form(struct sheet *sheet)
{
	static char number[NUMBER_LENGTH + 1];

	number_make(LETTER, number);
	sheet_put(sheet, 56.8, 36, "某区办公室");
	sheet_put(sheet, 450, 36, number);
	sheet_put(sheet, 225, 80, "营商环境征求意见表");
	sheet_put(sheet, 225, 110, "二〇二六年第一轮");
	sheet_put(sheet, 57, 160, "您对下列部门的服务和执法是否满意？");
	sheet_put_heading(sheet, 188.9);
	sheet_put_department(sheet, FIRST, "d01", "发展和改革局");
	sheet_put_department(sheet, FIRST + ROW, "d02", "税务局");
	sheet_put_department(sheet, FIRST + 2 * ROW, "d03", "公安局");
	sheet_put_mark(sheet, FIRST + ROW, 2, "√");
	sheet_put(sheet, 295, 810, "1");
	sheet->page = 2;
	sheet_put(sheet, 450, 36, number);
	sheet_put_question(sheet, 100, "q-problems", "您遇到了哪些问题？");
	sheet_put_middle(sheet, 210, 100, "▼", 10.5);
	sheet_put(
	    sheet, 59.8, 117,
	    "退税太慢，从去年十一月报到现在一直还没有到账，先后去了三趟税务所，每次说的材料都不一样"
	    "，希");
	sheet_put(sheet, 59.8, 132, "望说清楚。");
	sheet_put(sheet, 400, 147, "三月五日");
	sheet_put_question(sheet, 164, "q-other", "还有什么想说的？");
	sheet_put_middle(sheet, 200, 164, "▼", 10.5);
	sheet_put_disclosure(sheet, 300, "c-hidden", "不告诉（不选即为此项）", NULL);
	sheet_put_disclosure(sheet, 300 + ROW, "c-named", "可以告诉", "√");
	sheet_put(sheet, 295, 810, "2");
}

struct form_answers *sheet_answers(const struct sheet *sheet, guint *doubt_out)
{
	guint placed = 0;
	g_autofree char *rest = NULL;
	g_autofree char *rows = form_page_rows((struct form_word *)(void *)sheet->words->data,
					       sheet->words->len, &placed);
	struct form_answers *answers = rows ? form_text_read(NULL, rows, &rest) : NULL;

	*doubt_out = placed | (answers ? answers->doubt : FORM_SURE);
	return answers;
}

const char *sheet_said(const struct form_answers *answers, guint i)
{
	return ((const struct form_open *)g_ptr_array_index(answers->open, i))->text;
}
