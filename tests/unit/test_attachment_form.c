/* Our form, whatever it was made into: attached, or written into the message itself. */
#include "base/number.h"
#include "collector/read.h"
#include "templates/sheet.h"
#include "tests/unit/got.h"
#include "tests/unit/zip_writer.h"

#include <check.h>
#include <string.h>

#define FORM_NUMBER 43

/* The lines of a filled form; `cut` divides the cells, `begin` and `end` surround a row. */
static char *form_lines(const char *begin, const char *cut, const char *end)
{
	static const char *const rows[][9] = {
	    {" ", "部门", "非常满意", "满意", "基本满意", "不满意", "非常不满意", "不了解", NULL},
	    {"d01", "发展和改革局", " ", " ", "√", " ", " ", " ", NULL},
	    {"d28", "税务局", " ", " ", " ", " ", "√", " ", NULL},
	    {"d46", "纪委监委", " ", " ", " ", " ", " ", " ", NULL},
	    {"q-problems", "遇到了哪些问题？ ▼", NULL},
	    {"退税太慢", NULL},
	    {"转办时可以把贵单位的名称告诉有关部门吗？", NULL},
	    {"c-hidden", "不告诉（不选即为此项）", "√", NULL},
	};
	char number[NUMBER_LENGTH + 1];
	GString *out = g_string_new(NULL);

	number_make(FORM_NUMBER, number);
	g_string_append_printf(out, "%s编号：%s%s", begin, number, end);
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_string_append(out, begin);
		for (guint j = 0; rows[i][j]; j++)
			g_string_append_printf(out, "%s%s", j ? cut : "", rows[i][j]);
		g_string_append(out, end);
	}
	return g_string_free(out, FALSE);
}

static void is_the_form(const struct form_answers *form, const char *what)
{
	char number[NUMBER_LENGTH + 1];
	g_autofree char *text = NULL;

	ck_assert_msg(form != NULL, "%s", what);
	number_make(FORM_NUMBER, number);
	text = form_answers_text(form);
	ck_assert_msg(strcmp(form->number, number) == 0, "%s: %s", what, form->number);
	ck_assert_msg(strcmp(text, "退税太慢") == 0, "%s: %s", what, text);
	ck_assert_msg(form->ratings->len == 2, "%s", what);
	ck_assert_int_eq(g_array_index(form->ratings, struct form_rating, 0).grade, 3);
	ck_assert_int_eq(g_array_index(form->ratings, struct form_rating, 1).grade, 1);
	ck_assert_str_eq(form->disclosure, "hidden");
}

static GBytes *form_xlsx(void)
{
	g_autofree char *lines = form_lines("", "\t", "\n");
	g_auto(GStrv) rows = g_strsplit(lines, "\n", -1);
	g_autoptr(grid_handle) grid = grid_new("意见");

	for (guint i = 0; i < 2 + FORM_GRADES; i++)
		grid_column(grid, "", GRID_TEXT);
	for (guint i = 0; rows[i]; i++) {
		g_auto(GStrv) cells = g_strsplit(rows[i], "\t", -1);
		const char *row[3 + FORM_GRADES] = {"", "", "", "", "", "", "", "", NULL};

		for (guint j = 0; cells[j]; j++)
			row[j] = g_strstrip(cells[j]);
		grid_row(grid, row);
	}
	return grid_to_xlsx(grid, NULL);
}

START_TEST(our_form_in_other_files)
{
	static const struct {
		const char *name, *begin, *cut, *end;
	} ways[] = {
	    {"表.txt", "", "\t", "\r\n"},
	    {"表.txt", "", " | ", "\n"},
	    /* as Word and WPS save it, and as a page where one types */
	    {"表.html", "<table><tr><td><p class=MsoNormal><span>",
	     "<o:p>&nbsp;</o:p></span></p></td>\n<td><p class=MsoNormal>\n<span>",
	     "</span></p></td></tr></table>\n"},
	    {"表.htm", "<table><tr><td><div>", "<br></div></td><td><div>",
	     "</div></td></tr></table>"},
	};
	g_autoptr(GBytes) xlsx = form_xlsx();
	struct got got;

	for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
		g_autofree char *lines = form_lines(ways[i].begin, ways[i].cut, ways[i].end);
		const struct zip_file file = {ways[i].name, lines, 0};
		g_autoptr(GBytes) content = g_bytes_new(lines, strlen(lines));
		g_autoptr(GBytes) zip = zip_of_files(&file, 1, NULL);

		got_read(ways[i].name, content, &got);
		is_the_form(got.form, ways[i].name);
		ck_assert_uint_eq(got.problems->len, 0);
		got_clear(&got);
		got_read("表.zip", zip, &got);
		is_the_form(got.form, "zip");
		got_clear(&got);
	}
	got_read("表.xlsx", xlsx, &got);
	is_the_form(got.form, "xlsx");
	ck_assert_uint_eq(got.problems->len, 0);
	got_clear(&got);
}
END_TEST

START_TEST(our_form_with_doubts)
{
	g_autofree char *lines = form_lines("", "  ", "\n");
	g_autoptr(GBytes) content = g_bytes_new(lines, strlen(lines));
	struct got got;

	got_read("表.txt", content, &got);
	ck_assert_ptr_nonnull(got.form);
	ck_assert_uint_eq(got.form->ratings->len, 0);
	ck_assert_uint_eq(got.problems->len, 1);
	ck_assert_str_eq(g_ptr_array_index(got.problems, 0), "form-unread: marks");
	got_clear(&got);
}
END_TEST

/* A message; the parts behind the first are attached. */
static struct reading *read_parts(const char *const *types, const char *const *parts)
{
	GString *raw = g_string_new("Subject: Re: x\nIn-Reply-To: <a@b>\n"
				    "Content-Type: multipart/mixed; boundary=b\n\n");
	g_autoptr(GBytes) bytes = NULL;

	for (guint i = 0; parts[i]; i++)
		g_string_append_printf(raw, "--b\nContent-Type: %s; charset=utf-8\n%s\n%s\n",
				       types[i], i ? "Content-Disposition: attachment\n" : "",
				       parts[i]);
	g_string_append(raw, "--b--\n");
	bytes = g_string_free_to_bytes(raw);
	return read_message(bytes, NULL, NULL);
}

START_TEST(our_form_in_the_body)
{
	static const struct {
		const char *type, *begin, *cut, *end;
	} ways[] = {
	    {"text/plain", "", " | ", "\n"},
	    {"text/plain", "", "\t", "\n"},
	    {"text/html", "<table><tr><td><p>", "</p></td><td><p>", "</p></td></tr></table>"},
	    {"text/html", "<table><tr><td><div>", "<br></div></td><td><div>",
	     "</div></td></tr></table>"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
		gboolean html = strcmp(ways[i].type, "text/html") == 0;
		g_autofree char *lines = form_lines(ways[i].begin, ways[i].cut, ways[i].end);
		g_autofree char *body =
		    html ? g_strdup_printf("<p>您好，电话打不通。</p>%s<p>谢谢！</p>", lines)
			 : g_strdup_printf("您好，电话打不通。\n\n%s\n谢谢！\n", lines);
		const char *const types[] = {ways[i].type, NULL};
		const char *const parts[] = {body, NULL};
		struct reading *reading = read_parts(types, parts);

		is_the_form(reading->form, ways[i].begin);
		ck_assert_str_eq(reading->own.own, "您好，电话打不通。\n\n谢谢！");
		ck_assert_uint_eq(reading->problems->len, 0);
		reading_free(reading);
	}
}
END_TEST

START_TEST(our_form_in_a_doubtful_body)
{
	g_autofree char *lines = form_lines("", "  ", "\n");
	const char *const types[] = {"text/plain", NULL};
	const char *const parts[] = {lines, NULL};
	struct reading *reading = read_parts(types, parts);

	ck_assert_ptr_nonnull(reading->form);
	ck_assert_uint_eq(reading->form->ratings->len, 0);
	ck_assert_uint_eq(reading->problems->len, 2);
	ck_assert_str_eq(g_ptr_array_index(reading->problems, 1), "form-unread: words");
	reading_free(reading);
}
END_TEST

/* What the plain text beside it has lost, the HTML still has. */
START_TEST(our_form_in_two_bodies)
{
	g_autofree char *plain = form_lines("", "\n", "\n");
	g_autofree char *html = form_lines("<table><tr><td>", "</td><td>", "</td></tr></table>");
	g_autofree char *raw = g_strdup_printf(
	    "Subject: Re: x\nContent-Type: multipart/alternative; boundary=b\n\n"
	    "--b\nContent-Type: text/plain; charset=utf-8\n\n您好！\n%s\n"
	    "--b\nContent-Type: text/html; charset=utf-8\n\n<p>您好！</p>%s\n--b--\n",
	    plain, html);
	g_autoptr(GBytes) bytes = g_bytes_new(raw, strlen(raw));
	struct reading *reading = read_message(bytes, NULL, NULL);

	is_the_form(reading->form, "alternative");
	ck_assert_str_eq(reading->own.own, "您好！");
	reading_free(reading);
}
END_TEST

START_TEST(every_form_is_read)
{
	static const char blank[] =
	    "<answers xmlns='urn:pingyi:answers'><open question='problems'/>"
	    "</answers>";
	g_autofree char *filled = got_answers_xml();
	g_autofree char *other = form_lines("", "\t", "\n");
	const char *const types[] = {"text/plain", "text/xml", "text/xml", "text/xml", NULL};
	const char *const first[] = {"见附件", blank, filled, blank, NULL};
	const char *const two[] = {"见附件", filled, other, NULL};
	const char *const none[] = {"见附件", blank, NULL};
	struct reading *reading = read_parts(types, first);

	ck_assert_uint_eq(reading->form->ratings->len, 1);
	ck_assert_uint_eq(reading->problems->len, 0);
	reading_free(reading);
	reading = read_parts(types, two);
	ck_assert_uint_eq(reading->form->ratings->len, 3);
	ck_assert_str_eq(g_ptr_array_index(reading->problems, 0), "form-numbers");
	reading_free(reading);
	reading = read_parts(types, none);
	ck_assert(form_answers_empty(reading->form));
	reading_free(reading);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("attachment_form");
	TCase *tc = tcase_create("attachment_form");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, our_form_in_other_files);
	tcase_add_test(tc, our_form_with_doubts);
	tcase_add_test(tc, our_form_in_the_body);
	tcase_add_test(tc, our_form_in_a_doubtful_body);
	tcase_add_test(tc, our_form_in_two_bodies);
	tcase_add_test(tc, every_form_is_read);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
