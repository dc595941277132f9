#include "collector/html.h"

#include <check.h>
#include <string.h>

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
	ck_assert_uint_le(strlen(text), HTML_TEXT_MAX + 100);
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
	tcase_add_test(tc, deep_and_long);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
