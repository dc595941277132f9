#include "tests/unit/print_office.h"

#include "base/asset.h"
#include "base/error.h"

#include <check.h>
#include <math.h>
#include <string.h>

#define HEAD                                                                                       \
	"<html xmlns='http://www.w3.org/1999/xhtml' xmlns:p='urn:pingyi:view'>"                    \
	"<head><title>x</title></head><body>"
#define TAIL "</body></html>"

static const char *const values[LETTER_FIELDS] = {
    [LETTER_ENTERPRISE] = "某某（东澄）精密机械有限公司",
    [LETTER_CONTACT] = "张三",
    [LETTER_OFFICE] = "某某区软环境建设办公室",
    [LETTER_PHONE] = "0546-0000000",
    [LETTER_ADDRESS] = "某某路 1 号",
    [LETTER_ROUND] = "2026年第一轮征求意见",
    [LETTER_NUMBER] = "PY-22222222",
    [LETTER_LINK] = "https://pingyi.example/l/abcdefghijkmnpqrstuvwxyz23",
    [LETTER_CLOSES] = "2026-03-31",
    [LETTER_KEEP_UNTIL] = "2028-03-31",
    [LETTER_DATE] = "2026-03-02",
};

static const struct print_letter letter = {
    .values = values, .address = "东澄市澄湾一路 207 号", .postcode = "257000"};

static struct print_set set;
static struct letter_view *view;

static void teardown(void)
{
	print_office_teardown(&set);
	g_clear_pointer(&view, letter_view_free);
}

static void use_body(const char *body, const char *language)
{
	g_autofree char *whole = g_strconcat(HEAD, body, TAIL, NULL);
	g_autoptr(GError) error = NULL;

	g_clear_pointer(&view, letter_view_free);
	view = letter_view_new(language, "l.xhtml", whole, strlen(whole), &error);
	ck_assert_msg(view != NULL, "%s", error ? error->message : "");
	set.view = view;
}

static void use_shipped(const char *language)
{
	g_autofree char *path = g_strdup_printf("templates/%s/letter.xhtml", language);
	const struct asset *asset = asset_find(path);

	g_clear_pointer(&view, letter_view_free);
	view = letter_view_new(language, path, asset->text, asset->size, NULL);
	ck_assert_ptr_nonnull(view);
	set.view = view;
}

static struct print_pages *pages_of(void)
{
	g_autoptr(GError) error = NULL;
	struct print_pages *pages = print_set_letter(&set, &letter, &error);

	ck_assert_msg(pages != NULL, "%s", error ? error->message : "");
	return pages;
}

/* The base lines of a page's lines of this size, from above, without the address and furniture. */
static GArray *base_lines(const struct print_page *page, double size, double below)
{
	GArray *lines = g_array_new(FALSE, FALSE, sizeof(double));

	for (guint i = 0; i < page->items->len; i++) {
		const struct print_item *item = &g_array_index(page->items, struct print_item, i);
		double y = (double)item->y;

		if (item->kind == ITEM_LINE && fabs((double)item->para->size - size) < 0.01 &&
		    y > below)
			g_array_append_val(lines, y);
	}
	return lines;
}

START_TEST(writes_the_third_face)
{
	g_autoptr(GString) stream = g_string_new(NULL);
	struct print_block block;
	gsize at = 0;

	print_office_setup(&set, "zh");
	use_body(
	    "<h1>标题</h1><p class='button' p:face='mail'><a href='#' p:attr-href='link'>x</a></p>"
	    "<p class='opening' p:face='paper'><strong p:text='enterprise'>x</strong>：</p>"
	    "<p>一\n  二<br/>三</p><p p:if='opinion' p:text='opinion'/>"
	    "<ol><li p:face='mail'>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ol>"
	    "<table><tr><th>a</th><td>b</td></tr></table>"
	    "<p class='sign' p:text='date | date'/>",
	    "zh");
	ck_assert(letter_view_fill_print(view, values, stream));
	ck_assert_str_eq(stream->str,
			 "\x01"
			 "1标题\x01o\x03某某（东澄）精密机械有限公司\x05：\x01p一二\n三"
			 "\x01i11. \x02"
			 "b\x01i2\x02"
			 "c\x01i12. \x02"
			 "d\x01t\x01r\x02"
			 "ha\x02"
			 "db\x01s2026年3月2日");
	ck_assert(letter_print_next(stream, &at, &block));
	ck_assert_int_eq(block.kind, PRINT_TITLE);
	ck_assert_int_eq((int)block.size, (int)strlen("标题"));
	for (guint i = 0; i < 3; i++)
		ck_assert(letter_print_next(stream, &at, &block));
	ck_assert_int_eq(block.kind, PRINT_ITEM);
	ck_assert_uint_eq(block.depth, 1);
	ck_assert(strncmp(block.number, "1. ", block.number_size) == 0);
	ck_assert(strncmp(block.text, "b", block.size) == 0);
	ck_assert(letter_print_next(stream, &at, &block));
	ck_assert_uint_eq(block.depth, 2);
	ck_assert_uint_eq(block.number_size, 0);
	teardown();
}
END_TEST

START_TEST(leaves_paper_out_of_mail)
{
	g_autoptr(GString) html = g_string_new(NULL);
	g_autoptr(GString) text = g_string_new(NULL);

	print_office_setup(&set, "zh");
	use_body("<p p:face='paper'>纸面</p><p p:face='mail'>邮件</p>", "zh");
	letter_view_fill(view, values, html, text);
	ck_assert_ptr_null(strstr(html->str, "纸面"));
	ck_assert_ptr_nonnull(strstr(html->str, "邮件"));
	ck_assert_ptr_null(strstr(text->str, "纸面"));
	teardown();
}
END_TEST

/* What is wrong is said with its line, also where only paper has it. */
START_TEST(refuses_with_line)
{
	static const char *const bodies[] = {"<p p:face='fax'>x</p>",
					     "<p p:face='paper'><em p:text='enterprize'/></p>",
					     "<p p:face='paper'><em p:each='a in b'>x</em></p>"};

	for (guint i = 0; i < G_N_ELEMENTS(bodies); i++) {
		g_autofree char *whole = g_strconcat(HEAD "\n", bodies[i], TAIL, NULL);
		g_autoptr(GError) error = NULL;

		ck_assert_ptr_null(letter_view_new("zh", "l.xhtml", whole, strlen(whole), &error));
		ck_assert_msg(g_str_has_prefix(error->message, "l.xhtml:2: "), "%s",
			      error->message);
	}
}
END_TEST

/* GB/T 9704: 22 lines a page of 28.95 pt, 28 characters a line, the first 37 mm from the top. */
START_TEST(keeps_the_standard)
{
	g_autoptr(GString) body = g_string_new(NULL);
	g_autoptr(print_pages_handle) pages = NULL;
	g_autoptr(GArray) lines = NULL;
	const struct print_item *item;

	print_office_setup(&set, "zh");
	for (guint i = 0; i < 60; i++)
		g_string_append(body, "<p>行</p>");
	use_body(body->str, "zh");
	pages = pages_of();
	lines = base_lines(print_office_page(pages, 1), 16, MM(37));
	ck_assert_uint_eq(lines->len, PRINT_LINES);
	for (guint i = 1; i < lines->len; i++)
		ck_assert_double_eq_tol(g_array_index(lines, double, i) -
					    g_array_index(lines, double, i - 1),
					PRINT_PITCH, 0.001);
	ck_assert_double_eq_tol(g_array_index(lines, double, 0),
				MM(37) + (PRINT_PITCH - 16) / 2 + 0.88 * 16, 0.01);
	ck_assert_double_le(g_array_index(lines, double, 21), MM(262));
	/* the rules are 170 mm wide, the second 20 mm from the bottom, thin above thick */
	for (guint i = 0, rules = 0; i < print_office_page(pages, 0)->items->len; i++) {
		item = &g_array_index(print_office_page(pages, 0)->items, struct print_item, i);
		if (item->kind != ITEM_FILL || item->colour != PRINT_RED)
			continue;
		ck_assert_double_eq_tol((double)item->width, MM(170), 0.01);
		if (++rules == 3) {
			ck_assert_double_eq_tol((double)item->y, MM(277), 0.01);
			ck_assert_double_lt((double)item->height, (double)item[1].height);
		}
	}
	teardown();
}
END_TEST

START_TEST(sets_28_characters_a_line)
{
	g_autoptr(print_pages_handle) pages = NULL;
	g_autoptr(GString) body = g_string_new("<p class='opening'>");

	print_office_setup(&set, "zh");
	for (guint i = 0; i < 60; i++)
		g_string_append(body, "国");
	g_string_append(body, "</p>");
	use_body(body->str, "zh");
	pages = pages_of();
	for (guint i = 0; i < pages->paras->len; i++) {
		const struct print_para *para = g_ptr_array_index(pages->paras, i);
		const struct print_line *line = &g_array_index(para->lines, struct print_line, 0);

		if (para->glyphs->len != 60)
			continue;
		ck_assert_uint_eq(para->lines->len, 3);
		ck_assert_uint_eq(
		    g_array_index(para->runs, struct print_run, line->first_run).count, 28);
		ck_assert_double_eq_tol((double)line->width, MM(156), 0.6);
		teardown();
		return;
	}
	ck_abort_msg("the paragraph is not there");
}
END_TEST

/* The first character of each line but the first of a paragraph. */
static gunichar line_start(const struct print_para *para, guint number)
{
	const struct print_line *line = &g_array_index(para->lines, struct print_line, number);
	const struct print_run *run = &g_array_index(para->runs, struct print_run, line->first_run);

	return g_array_index(para->glyphs, struct print_glyph, run->first).glyph;
}

START_TEST(begins_no_line_with_a_stop)
{
	struct print_look look;
	g_autoptr(print_para_handle) stops = NULL;

	print_office_setup(&set, "zh");
	memset(&look, 0, sizeof look);
	look.size = 16;
	look.width = (float)MM(156);
	stops =
	    print_text_set(set.text, &look, "，。、；：？！）》”", strlen("，。、；：？！）》”"));
	for (guint n = 20; n < 40; n++) {
		g_autoptr(GString) words = g_string_new(NULL);
		g_autoptr(print_para_handle) para = NULL;

		for (guint i = 0; i < 80; i++)
			g_string_append(words, i % n == n - 1 ? "，" : i % 9 == 8 ? "。" : "国");
		para = print_text_set(set.text, &look, words->str, words->len);
		ck_assert_uint_gt(para->lines->len, 2);
		for (guint i = 1; i < para->lines->len; i++) {
			for (guint k = 0; k < stops->glyphs->len; k++)
				ck_assert_uint_ne(
				    line_start(para, i),
				    g_array_index(stops->glyphs, struct print_glyph, k).glyph);
		}
	}
	teardown();
}
END_TEST

/* Of the last page's text the signature is never alone, whatever the length. */
START_TEST(keeps_the_signature_with_text)
{
	print_office_setup(&set, "zh");
	for (guint n = 8; n < 40; n++) {
		g_autoptr(GString) body = g_string_new(NULL);
		g_autoptr(print_pages_handle) pages = NULL;
		g_autoptr(GArray) lines = NULL;

		for (guint i = 0; i < n; i++)
			g_string_append(body, "<p>行</p>");
		g_string_append(body, "<p class='sign' p:text='office'/>"
				      "<p class='sign' p:text='date | date'/>");
		use_body(body->str, "zh");
		pages = pages_of();
		lines = base_lines(print_office_page(pages, pages->pages->len - 1), 16,
				   pages->pages->len > 1 ? MM(37) : MM(95));
		ck_assert_uint_ge(lines->len, 3);
	}
	teardown();
}
END_TEST

START_TEST(sets_the_shipped_letters)
{
	static const char *const languages[] = {"zh", "en"};

	for (guint i = 0; i < G_N_ELEMENTS(languages); i++) {
		g_autoptr(print_pages_handle) pages = NULL;

		print_office_setup(&set, languages[i]);
		use_shipped(languages[i]);
		pages = pages_of();
		ck_assert_uint_eq(pages->pages->len, 2);
		/* the address is in the window */
		for (guint k = 0; k < print_office_page(pages, 0)->items->len; k++) {
			const struct print_item *item = &g_array_index(
			    print_office_page(pages, 0)->items, struct print_item, k);

			if (item->kind != ITEM_LINE || (double)item->y < MM(50) ||
			    (double)item->y > MM(100) || (double)item->x > MM(100))
				continue;
			ck_assert_double_ge((double)item->x, MM(PRINT_WINDOW_X) - 0.01);
			ck_assert_double_ge((double)item->y, MM(PRINT_WINDOW_Y));
			ck_assert_double_le((double)item->y,
					    MM(PRINT_WINDOW_Y + PRINT_WINDOW_HEIGHT));
		}
		teardown();
	}
}
END_TEST

START_TEST(bounds_a_letter)
{
	g_autoptr(GString) body = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	print_office_setup(&set, "zh");
	for (guint i = 0; i < 1500; i++)
		g_string_append(body, "<p>行</p>");
	use_body(body->str, "zh");
	ck_assert_ptr_null(print_set_letter(&set, &letter, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	teardown();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("print");
	TCase *tc = tcase_create("print");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, writes_the_third_face);
	tcase_add_test(tc, leaves_paper_out_of_mail);
	tcase_add_test(tc, refuses_with_line);
	tcase_add_test(tc, keeps_the_standard);
	tcase_add_test(tc, sets_28_characters_a_line);
	tcase_add_test(tc, begins_no_line_with_a_stop);
	tcase_add_test(tc, keeps_the_signature_with_text);
	tcase_add_test(tc, sets_the_shipped_letters);
	tcase_add_test(tc, bounds_a_letter);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
