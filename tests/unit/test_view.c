#include "templates/view.h"

#include "base/error.h"
#include "base/xml.h"
#include "templates/escape.h"
#include "templates/format.h"

#include <check.h>
#include <string.h>

#define HTML "<html xmlns='http://www.w3.org/1999/xhtml' xmlns:p='urn:pingyi:view' lang='zh'"

static const char *const data_text =
    "{\"round\":{\"title\":\"第一轮 <1> & \\\"2\\\"\",\"closes\":\"2026-11-23\",\"code\":\"a "
    "b/c\"},"
    "\"rate\":0.9754,\"sent\":1234567,\"none\":null,\"empty\":[],\"yes\":true,\"no\":false,"
    "\"link\":\"javascript:alert(1)\",\"good\":\"/o/1?a=1&b=2\",\"left\":-2,\"zero\":0,"
    "\"at\":\"2026-11-23T09:05:44+08:00\",\"grade\":\"4\","
    "\"items\":[{\"id\":7,\"name\":\"税务局\",\"tags\":[\"a\",\"b\"],\"state\":\"closed\"},"
    "{\"id\":8,\"name\":\"<消防>\",\"tags\":[],\"state\":\"due\"}],"
    "\"grades\":[{\"value\":\"5\"},{\"value\":\"4\"}]}";

static JsonNode *data(void)
{
	return json_from_string(data_text, NULL);
}

static const char *load(const char *path, gsize *size_out, void *user)
{
	static const char *const files[][2] = {
	    {"t/layout.xhtml", HTML
	     "><head><title p:slot='title'>none</title></head><body><h1 p:slot='title'>-</h1>"
	     "<div class='m' p:slot='content'>empty</div><p p:slot='foot'>own</p></body></html>"},
	    {"t/part.xhtml", "<div xmlns:p='urn:pingyi:view'><i p:text='grade'/>!</div>"},
	    {"t/self.xhtml", "<div xmlns:p='urn:pingyi:view'><b p:use='self.xhtml'/></div>"},
	};

	(void)user;
	for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
		if (strcmp(files[i][0], path) == 0) {
			*size_out = strlen(files[i][1]);
			return files[i][1];
		}
	}
	return NULL;
}

static char *render(const char *text, enum view_kind kind, GError **error)
{
	g_autoptr(view_handle) view =
	    view_compile_with("t/page.xhtml", text, strlen(text), kind, NULL, load, NULL, error);
	g_autoptr(JsonNode) node = data();
	g_autoptr(GString) out = g_string_new(NULL);

	if (!view || !view_fill_json(view, node, out, error))
		return NULL;
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static void gives(const char *inner, const char *expected)
{
	g_autofree char *text =
	    g_strconcat("<div xmlns:p='urn:pingyi:view'>", inner, "</div>", NULL);
	g_autofree char *whole = g_strconcat("<div>", expected, "</div>", NULL);
	g_autoptr(GError) error = NULL;
	g_autofree char *out = render(text, VIEW_PART, &error);

	ck_assert_msg(out != NULL, "%s: %s", inner, error ? error->message : "");
	ck_assert_str_eq(out, whole);
}

START_TEST(binds)
{
	gives("<b p:text='round.title'>x</b>", "<b>第一轮 &lt;1&gt; &amp; \"2\"</b>");
	gives("<b p:text='none'/><i p:text='nothing?'/>", "<b></b><i></i>");
	gives("<b p:text='共 {sent | number} 件，{rate | percent}'/>",
	      "<b>共 1,234,567 件，97.5%</b>");
	gives("<b p:text='round.closes | date'/>", "<b>2026-11-23 (周一)</b>");
	gives("<b p:text='at | time'/><b p:text='left | days'/><b p:text='zero | days'/>",
	      "<b>2026-11-23 09:05</b><b>超期 2 个工作日</b><b>今天到期</b>");
	gives("<b p:text='items | count'/>", "<b>2</b>");
	gives("<i p:if='yes'>a</i><i p:if='!yes'>b</i><i p:if='empty'>c</i><i p:if='nothing'>d</i>"
	      "<i p:if='zero'>e</i><i p:if=\"grade = '4'\">f</i><i p:if=\"grade != '4'\">g</i>",
	      "<i>a</i><i>f</i>");
	gives("<p p:each='o in items' p:if=\"o.state = 'closed'\" p:attr-id='o{o.id}'>"
	      "<b p:text='o.name'/><i p:each='t in o.tags' p:text='{o.id}{t}'/></p>",
	      "<p id=\"o7\"><b>税务局</b><i>7a</i><i>7b</i></p>");
	gives("<i p:each='o in items' p:omit='yes' p:text='o.name'/>", "税务局&lt;消防&gt;");
	gives("<i p:each='o in empty'>x</i><i p:each='o in none'>y</i>", "");
	gives("<p p:use='part.xhtml'/>", "<p><i>4</i>!</p>");
}
END_TEST

START_TEST(escapes_by_place)
{
	gives("<a href='#' title='t' p:attr-title='round.title'/>",
	      "<a href=\"#\" title=\"第一轮 &lt;1&gt; &amp; &quot;2&quot;\"></a>");
	gives("<a href='#' p:attr-href='link'/><a p:attr-href='good'/>",
	      "<a href=\"#\"></a><a href=\"/o/1?a=1&amp;b=2\"></a>");
	gives("<a href='#' p:attr-href='{link}'/><form p:attr-action='{good}/grade'/>",
	      "<a href=\"#\"></a><form action=\"/o/1?a=1&amp;b=2/grade\"></form>");
	gives("<a p:attr-href='/r/{round.code}?q={grade}&amp;x=1'/>",
	      "<a href=\"/r/a%20b%2Fc?q=4&amp;x=1\"></a>");
	gives("<input p:each='g in grades' p:attr-value='g.value' p:attr-checked='g.value = grade' "
	      "p:attr-disabled='yes' p:attr-required='no' p:attr-min='none'/>",
	      "<input value=\"5\" disabled=\"disabled\"><input value=\"4\" checked=\"checked\" "
	      "disabled=\"disabled\">");
	gives("<script>if (a &lt; b &amp;&amp; c) {}</script>",
	      "<script>if (a < b && c) {}</script>");
	gives("<br/><!-- gone --><textarea></textarea>&lt;", "<br><textarea></textarea>&lt;");
}
END_TEST

/* What strangers wrote cannot turn the page around, nor hide in it. */
START_TEST(hidden_characters_are_not_written)
{
	static const struct {
		const char *text, *as_text, *as_lines;
	} cases[] = {
	    {"a\u202eb\u202cc", "abc", "abc"},
	    {"\u202a\u202b\u202d\u2066\u2067\u2068\u2069x", "x", "x"},
	    {"\u2029a\u2028b\xc2\x85"
	     "c",
	     "\na\nb\nc", "<br>a<br>b<br>c"},
	    {"\x01\x08\x0b\x1b\x1f\x7f"
	     "\xc2\x80"
	     "\xc2\x9b"
	     "\xc2\x9f"
	     "!",
	     "!", "!"},
	    {"\t\r\n", "\t\r\n", "\t<br>"},
	    {"\uffff\ufffe\ufffd\ufeff", "\ufffd\ufeff", "\ufffd\ufeff"},
	    /* beside them, and in the same rows */
	    {"\u00a0\u00bf\u2027\u2030“”—…\u2065\u206a\u200b",
	     "\u00a0\u00bf\u2027\u2030“”—…\u2065\u206a\u200b",
	     "\u00a0\u00bf\u2027\u2030“”—…\u2065\u206a\u200b"},
	    {"<\u202e&", "&lt;&amp;", "&lt;&amp;"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) text = g_string_new(NULL);
		g_autoptr(GString) attribute = g_string_new(NULL);
		g_autoptr(GString) lines = g_string_new(NULL);

		escape_text(text, cases[i].text);
		escape_attribute(attribute, cases[i].text);
		escape_lines(lines, cases[i].text);
		ck_assert_str_eq(text->str, cases[i].as_text);
		ck_assert_str_eq(attribute->str, cases[i].as_text);
		ck_assert_str_eq(lines->str, cases[i].as_lines);
	}
}
END_TEST

START_TEST(uses_a_layout)
{
	g_autofree char *out =
	    render(HTML " p:use='layout.xhtml'><head><title p:fill='title' p:text='grade'>x</title>"
			"</head><body p:fill='content'><p>hi</p></body></html>",
		   VIEW_PAGE, NULL);

	ck_assert_str_eq(out, "<!DOCTYPE html>\n<html lang=\"zh\"><head><title>4</title></head>"
			      "<body><h1>4</h1><div class=\"m\"><p>hi</p></div><p>own</p></body>"
			      "</html>\n");
}
END_TEST

START_TEST(refuses)
{
	static const struct {
		const char *inner;
		const char *where;
		gboolean at_fill;
	} cases[] = {
	    {"\n<b p:text='a..b'/>", "t/page.xhtml:2", FALSE},
	    {"<b p:text='round.titel'/>", "t/page.xhtml:1", TRUE},
	    {"<b p:text='items'/>", "t/page.xhtml:1", TRUE},
	    {"\n\n<b p:each='x in grade'/>", "t/page.xhtml:3", TRUE},
	    {"<b p:each='x of items'/>", "t/page.xhtml:1", FALSE},
	    {"<b p:attr-onclick='grade'/>", "t/page.xhtml:1", FALSE},
	    {"<b p:attr-style='grade'/>", "t/page.xhtml:1", FALSE},
	    {"<b p:txt='grade'/>", "t/page.xhtml:1", FALSE},
	    {"<b q:text='grade'/>", "t/page.xhtml:1", FALSE},
	    {"<script p:text='grade'/>", "t/page.xhtml:1", FALSE},
	    {"<br p:text='grade'/>", "t/page.xhtml:1", FALSE},
	    {"<p p:use='../x.xhtml'/>", "t/page.xhtml:1", FALSE},
	    {"<p p:use='none.xhtml'/>", "t/page.xhtml:1", FALSE},
	    {"<p p:use='self.xhtml'/>", "t/self.xhtml:1", FALSE},
	    {"<p>", "t/page.xhtml:1", FALSE},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text =
		    g_strconcat("<div xmlns:p='urn:pingyi:view'>", cases[i].inner, "</div>", NULL);
		g_autoptr(GError) error = NULL;
		g_autofree char *out = render(text, VIEW_PART, &error);

		ck_assert_msg(!out, "%s", cases[i].inner);
		ck_assert(g_error_matches(
		    error, PINGYI_ERROR, cases[i].at_fill ? PINGYI_ERROR_BUG : PINGYI_ERROR_INPUT));
		ck_assert_msg(g_str_has_prefix(error->message, cases[i].where), "%s: %s",
			      cases[i].inner, error->message);
	}
}
END_TEST

START_TEST(knows_its_fields)
{
	static const char *const fields[] = {"round", "items", NULL};
	static const char good[] =
	    "<p xmlns:p='urn:pingyi:view' p:each='o in items' p:text='o.x'/>";
	static const char bad[] = "<p xmlns:p='urn:pingyi:view' p:text='rounds.x'/>";
	g_autoptr(GError) error = NULL;
	struct view *view = view_compile("a.xhtml", good, strlen(good), VIEW_PART, fields, NULL);

	ck_assert_ptr_nonnull(view);
	view_free(view);
	ck_assert_ptr_null(view_compile("a.xhtml", bad, strlen(bad), VIEW_PART, fields, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
}
END_TEST

/* --- the same by walking the tree, straightforwardly --- */

static GHashTable *scope; /* p:each variables */

static JsonNode *look_up(JsonNode *root, const char *path)
{
	g_auto(GStrv) names = g_strsplit(path, ".", -1);
	JsonNode *node = g_hash_table_lookup(scope, names[0]);

	if (!node)
		node = json_object_get_member(json_node_get_object(root), names[0]);
	for (char **p = names + 1; *p && node; p++)
		node = json_object_get_member(json_node_get_object(node), *p);
	return node;
}

static char *shown(JsonNode *root, const char *expression)
{
	g_auto(GStrv) parts = g_strsplit(expression, " | ", 2);
	JsonNode *node = look_up(root, parts[0]);
	g_autofree char *plain = NULL;
	GString *out = g_string_new(NULL);

	if (json_node_get_value_type(node) == G_TYPE_STRING)
		plain = g_strdup(json_node_get_string(node));
	else
		plain = json_to_string(node, FALSE);
	if (!parts[1])
		g_string_append(out, plain);
	else if (strcmp(parts[1], "date") == 0)
		format_date(out, plain, FALSE);
	else if (strcmp(parts[1], "number") == 0)
		format_number(out, plain);
	return g_string_free(out, FALSE);
}

static gboolean condition_holds(JsonNode *root, const char *condition)
{
	g_auto(GStrv) sides = g_strsplit(condition, " = ", 2);
	g_autofree char *left = NULL;

	if (!sides[1])
		return condition[0] == '!' ? !condition_holds(root, condition + 1)
					   : json_node_get_boolean(look_up(root, condition));
	left = shown(root, sides[0]);
	return strncmp(sides[1] + 1, left, strlen(left)) == 0 &&
	       strcmp(sides[1] + 1 + strlen(left), "'") == 0;
}

static void walk(const xmlNode *node, JsonNode *root, GString *out, gboolean each_done);

static void walk_once(const xmlNode *node, JsonNode *root, GString *out)
{
	xmlChar *condition = xmlGetNsProp(node, BAD_CAST "if", BAD_CAST VIEW_NS);
	xmlChar *text = xmlGetNsProp(node, BAD_CAST "text", BAD_CAST VIEW_NS);
	gboolean here = !condition || condition_holds(root, (const char *)condition);

	if (here) {
		g_string_append_printf(out, "<%s", (const char *)node->name);
		for (int bound = 0; bound < 2; bound++) {
			for (const xmlAttr *a = node->properties; a; a = a->next) {
				g_autofree char *value = xml_attribute(node, (const char *)a->name);
				const char *name = (const char *)a->name;

				if ((a->ns != NULL) != (bound == 1) ||
				    (bound && !g_str_has_prefix(name, "attr-")))
					continue;
				if (bound) {
					xmlChar *e = xmlGetNsProp(node, a->name, BAD_CAST VIEW_NS);

					g_free(value);
					value = shown(root, (const char *)e);
					name += strlen("attr-");
					xmlFree(e);
				}
				g_string_append_printf(out, " %s=\"", name);
				escape_attribute(out, value);
				g_string_append_c(out, '"');
			}
		}
		g_string_append_c(out, '>');
		if (text) {
			g_autofree char *value = shown(root, (const char *)text);

			escape_text(out, value);
		} else {
			for (const xmlNode *child = node->children; child; child = child->next)
				walk(child, root, out, FALSE);
		}
		g_string_append_printf(out, "</%s>", (const char *)node->name);
	}
	xmlFree(condition);
	xmlFree(text);
}

static void walk(const xmlNode *node, JsonNode *root, GString *out, gboolean each_done)
{
	xmlChar *each;

	if (node->type == XML_TEXT_NODE)
		escape_text(out, (const char *)node->content);
	if (node->type != XML_ELEMENT_NODE)
		return;
	each = xmlGetNsProp(node, BAD_CAST "each", BAD_CAST VIEW_NS);
	if (each && !each_done) {
		g_auto(GStrv) parts = g_strsplit((const char *)each, " in ", 2);
		JsonArray *array = json_node_get_array(look_up(root, parts[1]));

		for (guint i = 0; i < json_array_get_length(array); i++) {
			g_hash_table_insert(scope, parts[0], json_array_get_element(array, i));
			walk_once(node, root, out);
			g_hash_table_remove(scope, parts[0]);
		}
	} else {
		walk_once(node, root, out);
	}
	xmlFree(each);
}

/* A page of many rows and kinds of binding, made with a fixed seed. */
static char *random_page(GRand *random, int depth, int each_depth)
{
	static const char *const pieces[] = {
	    "<b p:text='round.title'>x</b>",
	    "<i class='a&amp;\"b' p:attr-title='round.title' p:attr-id='sent'>&lt;&#x4e2d;\n</i>",
	    "<u p:if='yes'>a<s p:text='sent | number'/></u>",
	    "<u p:if='!yes'>b</u>",
	    "<u p:if=\"grade = '4'\"><a p:text='round.closes | date'/></u>",
	    "text &amp; more 中文\n",
	};
	GString *out = g_string_new("<p>");

	for (int i = 0; i < 6; i++) {
		int what = g_rand_int_range(random, 0, 9);

		if (what < 6 || depth == 0) {
			g_string_append(out, pieces[what % 6]);
		} else if (what == 6 && each_depth == 0) {
			g_autofree char *inner = random_page(random, depth - 1, 1);

			g_string_append_printf(
			    out,
			    "<li p:each='o in items' p:if='yes' p:attr-id='o.id'><b "
			    "p:text='o.name'/><i p:each='t in o.tags' p:text='t'/>%s</li>",
			    inner);
		} else {
			g_autofree char *inner = random_page(random, depth - 1, each_depth);

			g_string_append_printf(out, "<div p:if=\"grade = '%d'\">%s</div>", what - 4,
					       inner);
		}
	}
	g_string_append(out, "</p>");
	return g_string_free(out, FALSE);
}

START_TEST(equals_the_tree)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(20260302);
	g_autoptr(JsonNode) node = data();

	scope = g_hash_table_new(g_str_hash, g_str_equal);
	for (int i = 0; i < 200; i++) {
		g_autofree char *inner = random_page(random, 4, 0);
		g_autofree char *text =
		    g_strconcat("<div xmlns:p='urn:pingyi:view'>", inner, "</div>", NULL);
		g_autoptr(xmlDoc) doc = xml_parse("t", text, strlen(text), NULL, NULL);
		g_autoptr(GString) expected = g_string_new(NULL);
		g_autoptr(GError) error = NULL;
		g_autofree char *out = render(text, VIEW_PART, &error);

		ck_assert_ptr_nonnull(doc);
		walk(xmlDocGetRootElement(doc), node, expected, FALSE);
		ck_assert_msg(out != NULL, "%s", error ? error->message : "");
		ck_assert_str_eq(out, expected->str);
	}
	g_hash_table_unref(scope);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("view");
	TCase *tc = tcase_create("view");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, binds);
	tcase_add_test(tc, escapes_by_place);
	tcase_add_test(tc, hidden_characters_are_not_written);
	tcase_add_test(tc, uses_a_layout);
	tcase_add_test(tc, refuses);
	tcase_add_test(tc, knows_its_fields);
	tcase_add_test(tc, equals_the_tree);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
