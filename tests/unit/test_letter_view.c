#include "templates/view.h"

#include "base/asset.h"
#include "base/error.h"
#include "base/xml.h"

#include <check.h>
#include <string.h>

#define HEAD                                                                                       \
	"<html xmlns='http://www.w3.org/1999/xhtml' xmlns:p='urn:pingyi:view'>\n"                  \
	"<head><title p:text='[{number}] {round}'>x</title></head>\n<body>\n"
#define TAIL "</body></html>"

static const char *const values[LETTER_FIELDS] = {
    [LETTER_ENTERPRISE] = "某某 <精密> 有限公司",
    [LETTER_OFFICE] = "某区营商环境办公室",
    [LETTER_PHONE] = "0546-0000000",
    [LETTER_ROUND] = "2026 年\n第一轮",
    [LETTER_NUMBER] = "PY-22222222",
    [LETTER_LINK] = "https://py.example.org/l/abc?x=1&y=2",
    [LETTER_CLOSES] = "2026-03-31",
    [LETTER_KEEP_UNTIL] = "2028-03-31",
    [LETTER_DATE] = "2026-03-02",
    [LETTER_OPINION] = "第一行\n第二行 & 更多\x01",
    [LETTER_ANSWER] = "已整改",
    [LETTER_NAME] = "税务局",
    [LETTER_TO_SIGN] = "3",
    [LETTER_WORKING] = "4",
    [LETTER_DUE_TODAY] = "1",
    [LETTER_DUE_SOON] = "2",
    [LETTER_OVERDUE] = "5",
    [LETTER_ITEMS] = "第 6 件\n第 7 件 & 后一行",
};

static struct letter_view *compile(const char *language, const char *text, GError **error)
{
	return letter_view_new(language, "l.xhtml", text, strlen(text), error);
}

static void fill(const char *body, const char *language, GString *html, GString *text)
{
	g_autofree char *whole = g_strconcat(HEAD, body, TAIL, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(letter_view_handle) view = compile(language, whole, &error);

	ck_assert_msg(view != NULL, "%s", error ? error->message : "");
	letter_view_fill(view, values, html, text);
}

/* The text part; every line end is CR LF. */
static void text_is(const char *body, const char *language, const char *expected)
{
	g_autoptr(GString) html = g_string_new(NULL);
	g_autoptr(GString) text = g_string_new(NULL);

	fill(body, language, html, text);
	for (gsize i = 0; i < text->len; i++)
		ck_assert((text->str[i] == '\n') == (i > 0 && text->str[i - 1] == '\r'));
	g_string_replace(text, "\r\n", "\n", 0);
	ck_assert_str_eq(text->str, expected);
}

START_TEST(writes_plain_text)
{
	text_is("<h1>标题</h1><p>一\n   二 <strong p:text='office'>x</strong>，三</p>", "zh",
		"标题\n\n一二 某区营商环境办公室，三\n");
	text_is("<p>one\n  two <em>three</em>\n</p>", "en", "one two three\n");
	text_is("<ol><li>a</li><li p:if='contact'>b</li><li>c<ul><li>d</li></ul></li></ol><p>e</p>",
		"en", "1. a\n2. c\n   - d\n\ne\n");
	text_is("<p><a href='#' p:attr-href='link'>open</a> now</p>", "en",
		"open: https://py.example.org/l/abc?x=1&y=2 now\n");
	text_is("<p>see <a href='#' p:attr-href='link' p:text='link'>x</a></p>", "en",
		"see https://py.example.org/l/abc?x=1&y=2\n");
	text_is("<table><tr><th>a</th><td>b</td></tr><tr><th>c</th><td p:text='date'/></tr></table>"
		"<p>x<br/>y</p>",
		"en", "a  b\nc  2026-03-02\n\nx\ny\n");
	text_is("<p p:text='contact'/><p p:text='contact'/><p class='quote' p:text='opinion'/>",
		"zh", "第一行\n第二行 & 更多\n");
	text_is("<p p:text='contact'/><p>a</p><p p:text='contact'/><p p:text='contact'/><p>b</p>"
		"<p p:text='contact'/><p p:text='contact'/><p>c</p><p p:text='contact'/>",
		"zh", "a\n\nb\n\nc\n");
	text_is("<p p:text='contact'/>", "zh", "\n");
	text_is("<p p:text='closes | date'/>", "zh", "2026-03-31 (周二)\n");
	text_is("<p p:text='closes | date'/>", "en", "2026-03-31 (Tue)\n");
}
END_TEST

START_TEST(escapes_html)
{
	g_autoptr(GString) html = g_string_new(NULL);
	g_autoptr(GString) text = g_string_new(NULL);

	fill("<p class='button'><a href='#' p:attr-href='link'>打开</a></p>"
	     "<p p:text='enterprise'/><p p:text='opinion'/><p p:if=\"round = 'x'\">not here</p>",
	     "zh", html, text);
	ck_assert_ptr_nonnull(
	    strstr(html->str, "href=\"https://py.example.org/l/abc?x=1&amp;y=2\""));
	ck_assert_ptr_nonnull(strstr(html->str, "某某 &lt;精密&gt; 有限公司"));
	ck_assert_ptr_nonnull(strstr(html->str, "第一行<br>第二行 &amp; 更多</p>"));
	ck_assert_ptr_nonnull(strstr(html->str, "bgcolor"));
	ck_assert_ptr_null(strstr(html->str, "not here"));
}
END_TEST

START_TEST(refuses_a_bad_address)
{
	const char *bad[LETTER_FIELDS] = {[LETTER_LINK] = "javascript:alert(1)"};
	g_autoptr(letter_view_handle) view =
	    compile("en", HEAD "<p><a href='#' p:attr-href='link'>x</a></p>" TAIL, NULL);
	g_autoptr(GString) html = g_string_new(NULL);
	g_autoptr(GString) text = g_string_new(NULL);

	letter_view_fill(view, bad, html, text);
	ck_assert_ptr_null(strstr(html->str, "javascript"));
}
END_TEST

START_TEST(refuses_with_line)
{
	static const struct {
		const char *body;
		const char *where;
	} cases[] = {
	    {"<p>a</p>\n<p p:text='enterprize'/>", "l.xhtml:5"},
	    {"<p>a\n</b></p>", "l.xhtml:5"},
	    {"<p>a</p>\n\n<script>x</script>", "l.xhtml:6"},
	    {"<div>a</div>", "l.xhtml:4"},
	    {"<p><img src='https://x/y.png' alt=''/></p>", "l.xhtml:4"},
	    {"<p p:attr-class='link'>a</p>", "l.xhtml:4"},
	    {"<p p:each='x in link'>a</p>", "l.xhtml:4"},
	    {"<p p:text='link | shout'/>", "l.xhtml:4"},
	    {"<p p:text='{link'/>", "l.xhtml:4"},
	    {"<p p:text='link.a'/>", "l.xhtml:4: \"link\" has no fields"},
	    {"<p p:if=''>a</p>", "l.xhtml:4"},
	    {"<p class='button'>no link</p>", "l.xhtml:4"},
	    {"<p onclick='x'>a</p>", "l.xhtml:4"},
	    {"<p>&nbsp;</p>", "l.xhtml:4"},
	    {"<p>a</p>\n<p>b", "l.xhtml:5"},
	    {"<p>a</p>\n<ul><li>b</li>\n<p>c</p></ul>", "l.xhtml:6"},
	    {"<p>a</p>\n<p><span>b</span></p>", "l.xhtml:5"},
	    {"<p>a</p>\n<p style='color:red'>b</p>", "l.xhtml:5"},
	    {"<p>a</p>\n<iframe src='https://x/'/>", "l.xhtml:5"},
	    {"<p>a</p>\n<form action='https://x/'><input/></form>", "l.xhtml:5"},
	    {"<p>a</p>\n<p><a href='#' p:attr-href='{link}/{secret}'>b</a></p>", "l.xhtml:5"},
	    {"<p>a</p>\n<p p:if='enterprise = numbr'>b</p>", "l.xhtml:5"},
	    {"<p>a</p>\n<p><img src='cid:../x.png' alt=''/></p>", "l.xhtml:5"},
	    {"<p>a</p>\n<p><img src='cid:' alt=''/></p>", "l.xhtml:5"},
	    {"<p>a</p>\n<p><img src='cid:x.png'/></p>", "l.xhtml:5"},
	    {"<p>a</p>\n<p><img src='cid:x.png' alt='' p:attr-src='link'/></p>", "l.xhtml:5"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *whole = g_strconcat(HEAD, cases[i].body, TAIL, NULL);
		g_autoptr(GError) error = NULL;

		ck_assert_msg(compile("en", whole, &error) == NULL, "%s", cases[i].body);
		ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
		ck_assert_msg(g_str_has_prefix(error->message, cases[i].where), "%s: %s",
			      cases[i].body, error->message);
	}
}
END_TEST

static const char *const shipped[] = {
    "templates/zh/letter.xhtml",   "templates/en/letter.xhtml", "templates/zh/reminder.xhtml",
    "templates/en/reminder.xhtml", "templates/zh/reply.xhtml",  "templates/en/reply.xhtml",
    "templates/zh/digest.xhtml",   "templates/en/digest.xhtml", "templates/zh/notice.xhtml",
    "templates/en/notice.xhtml",
};

static struct letter_view *shipped_view(guint i)
{
	const struct asset *asset = asset_find(shipped[i]);
	g_autoptr(GError) error = NULL;
	struct letter_view *view;

	ck_assert_ptr_nonnull(asset);
	view = letter_view_new(strstr(shipped[i], "/zh/") ? "zh" : "en", shipped[i], asset->text,
			       asset->size, &error);
	ck_assert_msg(view != NULL, "%s", error ? error->message : "");
	return view;
}

START_TEST(fills_the_shipped_letters)
{
	for (guint i = 0; i < G_N_ELEMENTS(shipped); i++) {
		gboolean to_enterprise =
		    !strstr(shipped[i], "digest") && !strstr(shipped[i], "notice");
		g_autoptr(letter_view_handle) view = shipped_view(i);
		g_autoptr(GString) html = g_string_new(NULL);
		g_autoptr(GString) text = g_string_new(NULL);
		g_autoptr(GString) subject = g_string_new(NULL);

		ck_assert(letter_view_fill(view, values, html, text));
		letter_view_subject(view, values, subject);
		ck_assert_ptr_null(strchr(subject->str, '\n'));
		ck_assert_ptr_nonnull(strstr(text->str, values[LETTER_LINK]));
		ck_assert_ptr_null(strstr(text->str, "\r\n\r\n\r\n"));
		ck_assert_ptr_null(strstr(html->str, "src=\""));
		ck_assert_ptr_nonnull(strstr(text->str, values[LETTER_OFFICE]));
		if (to_enterprise) {
			ck_assert_ptr_nonnull(strstr(subject->str, "PY-22222222"));
			ck_assert_ptr_nonnull(strstr(text->str, values[LETTER_ENTERPRISE]));
			ck_assert_ptr_nonnull(strstr(text->str, values[LETTER_NUMBER]));
		} else {
			/* a department never learns who spoke, nor what was said */
			ck_assert_ptr_null(strstr(text->str, values[LETTER_ENTERPRISE]));
			ck_assert_ptr_null(strstr(text->str, values[LETTER_NUMBER]));
			ck_assert_ptr_null(strstr(text->str, "第二行"));
			ck_assert_ptr_nonnull(strstr(text->str, values[LETTER_NAME]));
			ck_assert_ptr_nonnull(strstr(text->str, "\r\n第 7 件 & 后一行"));
		}
	}
}
END_TEST

/* Filled from a view with `fixed` and from one without, the same comes out. */
static void same_when_fixed(guint i, const char *const *all, guint32 fixed)
{
	g_autoptr(letter_view_handle) plain = shipped_view(i);
	g_autoptr(letter_view_handle) bound = shipped_view(i);
	GString *out[6];
	const char *now[LETTER_FIELDS] = {NULL};
	const char *later[LETTER_FIELDS] = {NULL};

	for (guint field = 0; field < LETTER_FIELDS; field++)
		*((fixed >> field & 1) ? &now[field] : &later[field]) =
		    all[field] ? all[field] : "";
	for (guint k = 0; k < G_N_ELEMENTS(out); k++)
		out[k] = g_string_new(NULL);
	letter_view_fix(bound, now);
	letter_view_fill(plain, all, out[0], out[1]);
	letter_view_subject(plain, all, out[2]);
	letter_view_fill(bound, later, out[3], out[4]);
	letter_view_subject(bound, later, out[5]);
	for (guint k = 0; k < 3; k++)
		ck_assert_str_eq(out[k]->str, out[k + 3]->str);
	for (guint k = 0; k < G_N_ELEMENTS(out); k++)
		g_string_free(out[k], TRUE);
}

START_TEST(fixing_changes_nothing)
{
	const char *other[LETTER_FIELDS] = {[LETTER_OVERDUE] = "0",
					    [LETTER_FORM] = "docx",
					    [LETTER_SIGNED_BY] = "某某",
					    [LETTER_TURN] = "1",
					    [LETTER_TURNS] = "2",
					    [LETTER_FIRST_DATE] = "2026-03-02",
					    [LETTER_LINK] = "javascript:alert(1)"};
	guint32 bits = 0x9e3779b9;

	for (guint i = 0; i < G_N_ELEMENTS(shipped); i++) {
		same_when_fixed(i, values, 0);
		same_when_fixed(i, values, G_MAXUINT32);
		same_when_fixed(i, other, 0);
		same_when_fixed(i, other, G_MAXUINT32);
		for (guint n = 0; n < 40; n++) {
			bits = bits * 1664525 + 1013904223;
			same_when_fixed(i, n % 2 ? values : other, bits >> 3);
		}
	}
}
END_TEST

START_TEST(pictures_are_named)
{
	static const char *const names[] = {"seal.png", NULL};
	g_autoptr(letter_view_handle) view =
	    compile("en",
		    HEAD "<p><img src='cid:seal.png' alt='seal'/></p>\n<ul><li>a\n"
			 "<img src='cid:map.png' alt='map'/></li></ul>" TAIL,
		    NULL);
	g_autoptr(GString) html = g_string_new(NULL);
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	ck_assert(letter_view_shows(view, "seal.png"));
	ck_assert(!letter_view_shows(view, "seal"));
	ck_assert(!letter_view_check_pictures(view, names, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	ck_assert_msg(g_str_has_prefix(error->message, "l.xhtml:6: "), "%s", error->message);
	ck_assert_ptr_nonnull(strstr(error->message, "map.png"));
	letter_view_fill(view, values, html, text);
	ck_assert_ptr_nonnull(strstr(html->str, "<img src=\"cid:seal.png" LETTER_PICTURE_AT "\""));
	ck_assert_ptr_nonnull(strstr(text->str, "[seal]"));
}
END_TEST

START_TEST(stops_at_a_huge_value)
{
	g_autofree char *huge = g_strnfill(9u << 20, '<');
	const char *big[LETTER_FIELDS] = {[LETTER_ANSWER] = huge};
	g_autoptr(letter_view_handle) view = compile(
	    "en", HEAD "<p p:text='answer'/><p p:text='answer'/><p p:text='answer'/>" TAIL, NULL);
	g_autoptr(GString) html = g_string_new(NULL);
	g_autoptr(GString) text = g_string_new(NULL);

	ck_assert(!letter_view_fill(view, big, html, text));
	ck_assert_uint_eq(html->len, 0);
	ck_assert_uint_eq(text->len, 3 * (9u << 20) + 2 * 4 + 2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("letter_view");
	TCase *tc = tcase_create("letter_view");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, writes_plain_text);
	tcase_add_test(tc, escapes_html);
	tcase_add_test(tc, refuses_a_bad_address);
	tcase_add_test(tc, refuses_with_line);
	tcase_add_test(tc, fills_the_shipped_letters);
	tcase_add_test(tc, fixing_changes_nothing);
	tcase_add_test(tc, pictures_are_named);
	tcase_add_test(tc, stops_at_a_huge_value);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
