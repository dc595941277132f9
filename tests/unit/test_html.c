#include "collector/html.h"

#include <check.h>
#include <string.h>
#include <time.h>

static void text_is(const char *html, const char *wanted)
{
	g_autofree char *marked = html_to_text(html, strlen(html));
	g_autofree char *text = html_unmark(marked);

	g_strchomp(text);
	ck_assert_str_eq(text, wanted);
}

START_TEST(paragraphs)
{
	text_is("<p>一</p><p>二<br>三</p>四", "一\n\n二\n三\n\n四");
	text_is("<div>一</div><div>二</div><div><br></div><div>三</div>", "一\n二\n\n三");
	text_is("a\n  b&nbsp;c<b>d</b> e", "a b cd e");
}
END_TEST

START_TEST(lists_and_tables)
{
	text_is("<ul><li>一</li><li>二<ol><li>三</li></ol></li></ul>", "- 一\n- 二\n  - 三");
	text_is("<table><tr><th>部门</th><th>评价</th></tr><tr><td><p>税务局</p></td><td>满意</td>"
		"</tr></table>",
		"部门 | 评价\n税务局 | 满意");
	text_is("<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc");
}
END_TEST

START_TEST(what_is_not_text)
{
	text_is("<style>p{}</style><script>x()</script><title>t</title>一", "一");
	text_is("<!-- x --><img src=x alt=y>一", "一");
	text_is("", "");
	text_is("<", "");
	text_is("<p", "");
	text_is("plain", "plain");
	text_is("&lt;a&gt; &amp; &#20013;", "<a> & 中");
}
END_TEST

START_TEST(marks_cannot_be_forged)
{
	static const char text[] = "&#17;a&#18;b\x11\x12";
	g_autofree char *marked = html_to_text(text, strlen(text));

	for (const char *p = marked; *p; p++)
		ck_assert(*p == '\n' || (unsigned char)*p >= 0x20);
}
END_TEST

START_TEST(quotes_are_marked)
{
	text_is("own<blockquote type=\"cite\">theirs</blockquote>", "own\n\n> theirs");
	text_is("<blockquote>the writer's own quotation</blockquote>",
		"the writer's own quotation");
}
END_TEST

/* Of `n` elements in one another, words in the midst and behind them. */
static char *nested(const char *open, const char *close, guint n, guint *lost_out)
{
	GString *html = g_string_new("<p>head</p>");
	g_autofree char *marked = NULL;

	for (guint i = 0; i < n; i++)
		g_string_append(html, open);
	g_string_append(html, "<p>deep <b>w</b>ords</p><div>more</div>");
	for (guint i = 0; i < n; i++)
		g_string_append(html, close);
	g_string_append(html, "<p>tail</p>");
	marked = html_read(html->str, html->len, lost_out);
	g_string_free(html, TRUE);
	return g_strchomp(g_steal_pointer(&marked));
}

START_TEST(behind_the_depth)
{
	static const char *const tags[][2] = {
	    {"<div>", "</div>"},
	    {"<font>", ""},
	    {"<font>", "</font>"},
	    {"<div><span title='>'>", "</span></div>"},
	    {"<table><tr><td>", "</td></tr></table>"},
	    {"<ul><li>", ""},
	    {"<li><q>", ""},
	    {"<blockquote type=cite>", "</blockquote>"},
	};
	static const guint depths[] = {100, 254, 256, 300, 1000, 20000};

	for (guint i = 0; i < G_N_ELEMENTS(tags); i++)
		for (guint j = 0; j < G_N_ELEMENTS(depths); j++) {
			guint lost;
			g_autofree char *text = nested(tags[i][0], tags[i][1], depths[j], &lost);

			ck_assert_msg(g_str_has_prefix(text, "head\n"), "%s", text);
			ck_assert_msg(strstr(text, "deep words\n") != NULL, "%s %u: %.200s",
				      tags[i][0], depths[j], text);
			ck_assert_msg(strstr(text, "more\n") != NULL, "%.200s", text);
			ck_assert_msg(g_str_has_suffix(text, "tail"), "%.200s", text);
			ck_assert_uint_eq(lost & HTML_LOST_TEXT, 0);
			if (depths[j] >= 1000 && strcmp(tags[i][0], "<font>") != 0)
				ck_assert_uint_eq(lost, HTML_LOST_FORM);
			if (depths[j] <= 100)
				ck_assert_uint_eq(lost, 0);
		}
}
END_TEST

/* What lies deep among them is quoted, and what is behind them is not. */
START_TEST(marks_around_the_depth)
{
	guint lost;
	g_autofree char *quotes = nested("<blockquote type=cite>", "</blockquote>", 500, &lost);
	const char *tail = strstr(quotes, "tail");

	ck_assert_ptr_nonnull(strstr(quotes, "\x11"
					     "deep words\n"));
	ck_assert_int_eq(tail[-1], '\n');
}
END_TEST

START_TEST(scripts_below_the_depth)
{
	static const char piece[] = "<style>a<b>c</style><!-- <p>x</p> --><p>one<br>two</p>";
	GString *html = g_string_new(NULL);
	g_autofree char *text = NULL;

	for (guint i = 0; i < 3000; i++)
		g_string_append(html, "<div>");
	g_string_append(html, piece);
	text = g_strstrip(html_to_text(html->str, html->len));
	ck_assert_str_eq(text, "one\ntwo");
	g_string_free(html, TRUE);
}
END_TEST

START_TEST(cut_at_a_character)
{
	GString *html = g_string_new("<p>");
	g_autofree char *text = NULL;
	guint lost;

	while (html->len < HTML_TEXT_MAX + 5000)
		g_string_append(html, "甲");
	text = html_read(html->str, html->len, &lost);
	ck_assert_uint_eq(lost, HTML_LOST_TEXT);
	ck_assert_uint_le(strlen(text), HTML_TEXT_MAX);
	ck_assert(g_str_has_suffix(g_strchomp(text), "甲"));
	g_clear_pointer(&text, g_free);
	g_string_assign(html, "<p>");
	while (html->len < HTML_SOURCE_MAX - 1)
		g_string_append(html, "<b></b>");
	g_string_append(html, "甲甲甲");
	text = html_read(html->str, html->len, &lost);
	ck_assert_uint_eq(lost, HTML_LOST_TEXT);
	ck_assert_ptr_null(strstr(text, "\xef\xbf\xbd"));
	g_string_free(html, TRUE);
}
END_TEST

/* Each end tag is looked for in all that is open: the limit of depth bounds that. */
START_TEST(end_tags_that_end_nothing)
{
	GString *html = g_string_new(NULL);
	g_autofree char *text = NULL;
	clock_t began = clock();

	for (guint i = 0; i < 390; i++)
		g_string_append(html, "<div>");
	while (html->len < HTML_SOURCE_MAX - 100)
		g_string_append(html, "</q>");
	g_string_append(html, "x");
	text = html_to_text(html->str, html->len);
	ck_assert_str_eq(g_strchomp(text), "x");
	ck_assert(clock() - began < 10 * CLOCKS_PER_SEC);
	g_string_free(html, TRUE);
}
END_TEST

START_TEST(deep_and_long)
{
	GString *html = g_string_new(NULL);
	g_autofree char *text = NULL;

	for (int i = 0; i < 100000; i++)
		g_string_append(html, "<div><span>");
	g_string_append(html, "x");
	text = html_to_text(html->str, html->len);
	ck_assert_uint_le(strlen(text), HTML_TEXT_MAX);
	g_free(g_steal_pointer(&text));
	g_string_truncate(html, 0);
	for (int i = 0; i < 300000; i++)
		g_string_append(html, "<p>一二三四</p>");
	text = html_to_text(html->str, html->len);
	ck_assert_uint_le(strlen(text), HTML_TEXT_MAX);
	g_string_free(html, TRUE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("html");
	TCase *tc = tcase_create("html");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, paragraphs);
	tcase_add_test(tc, lists_and_tables);
	tcase_add_test(tc, what_is_not_text);
	tcase_add_test(tc, marks_cannot_be_forged);
	tcase_add_test(tc, quotes_are_marked);
	tcase_add_test(tc, behind_the_depth);
	tcase_add_test(tc, marks_around_the_depth);
	tcase_add_test(tc, scripts_below_the_depth);
	tcase_add_test(tc, cut_at_a_character);
	tcase_add_test(tc, end_tags_that_end_nothing);
	tcase_add_test(tc, deep_and_long);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
