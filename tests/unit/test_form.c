#include "tests/unit/form_file.h"

#include "base/error.h"
#include "templates/package.h"

#include <check.h>
#include <string.h>

START_TEST(parses_the_defaults)
{
	g_autoptr(form_handle) zh = form_file_default("templates/zh/questionnaire.xml");
	g_autoptr(form_handle) en = form_file_default("templates/en/questionnaire.xml");

	ck_assert_str_eq(zh->grades[5], "非常满意");
	ck_assert_str_eq(zh->grades[0], "不了解");
	ck_assert_uint_eq(zh->open->len, en->open->len);
	for (guint i = 0; i < zh->open->len; i++) {
		const struct form_question *a = g_ptr_array_index(zh->open, i);
		const struct form_question *b = g_ptr_array_index(en->open, i);

		ck_assert_str_eq(a->id, b->id);
	}
}
END_TEST

START_TEST(says_where_it_is_wrong)
{
	static const struct {
		const char *xml;
		const char *where;
	} cases[] = {
	    {"<questionnaire xmlns='urn:pingyi:questionnaire'>\n<title>a</title>\n<foo/>",
	     "q.xml:3"},
	    {"<questionnaire xmlns='urn:pingyi:questionnaire'>\n<title>a</title>\n<foo/>"
	     "</questionnaire>",
	     "q.xml:"},
	    {"<questionnaire xmlns='urn:pingyi:questionnaire'><title>a</title><number>n</number>"
	     "<guidance>g</guidance>\n<open id='a'><question>x</question></open>\n"
	     "<open id='a'><question>x</question></open></questionnaire>",
	     "q.xml:3"},
	    {"<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "q.xml"},
	    {"", "q.xml"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		struct form *form = form_parse(cases[i].xml, strlen(cases[i].xml), "q.xml", &error);

		ck_assert_ptr_null(form);
		ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
		ck_assert_msg(g_str_has_prefix(error->message, cases[i].where), "%s",
			      error->message);
	}
}
END_TEST

START_TEST(stamps_and_recognises_blank)
{
	char number[NUMBER_LENGTH + 1];
	g_autoptr(GBytes) docx = NULL;
	g_autoptr(GBytes) unstamped = form_file_blank(NULL);
	g_autoptr(form_answers_handle) answers = NULL;
	g_autoptr(form_answers_handle) without = NULL;

	number_make(77, number);
	docx = form_file_blank(number);
	ck_assert_uint_eq(g_bytes_get_size(docx), g_bytes_get_size(unstamped));
	ck_assert(form_recognise("form.docx", NULL, docx, &answers, NULL));
	ck_assert_ptr_nonnull(answers);
	ck_assert_str_eq(answers->number, number);
	ck_assert_ptr_null(answers->disclosure);
	ck_assert_uint_eq(answers->ratings->len, 0);
	ck_assert_uint_eq(answers->open->len, 4);
	ck_assert_str_eq(form_file_said(answers, "problems"), "");
	ck_assert(form_recognise(NULL, NULL, unstamped, &without, NULL));
	ck_assert_ptr_nonnull(without);
	ck_assert_str_eq(without->number, "");
	ck_assert_ptr_null(form_docx_stamp(docx, number, NULL)); /* has a number already */
}
END_TEST

START_TEST(reads_what_was_filled_in)
{
	char number[NUMBER_LENGTH + 1];
	g_autoptr(GBytes) docx = NULL;
	g_autoptr(GBytes) filled = NULL;
	g_autoptr(GString) xml = NULL;
	g_autoptr(form_answers_handle) answers = NULL;
	g_autofree char *text = NULL;
	char *end;

	number_make(78, number);
	docx = form_file_blank(number);
	xml = form_file_document(docx);
	form_file_fill(xml, "d01", 1, RUN("√"));
	form_file_fill(xml, "d02", 2, RUN("×"));
	form_file_fill(xml, "d02", 4, "<w:r><w:sym w:font=\"Wingdings\" w:char=\"F0FC\"/></w:r>");
	form_file_fill(xml, "d27", 6, RUN(" x "));
	form_file_fill(
	    xml, "q-problems", 1,
	    RUN("消防检查 &lt;太多&gt;") "<w:del><w:r><w:delText>删去</w:delText></w:r></w:del>"
					 "<w:ins><w:r><w:br/><w:t>第二件</w:t></w:r></w:ins>");
	form_file_fill(xml, "q-suggestions", 1, RUN("无"));
	form_file_fill(xml, "c-named", 1, RUN("☑"));
	end = strstr(xml->str, "值得表扬？ ▼");
	g_string_insert(xml, end - xml->str + (gssize)strlen("值得表扬？ ▼"), "税务局小李");
	filled = form_file_with(docx, xml);
	ck_assert(form_recognise("答复.docx", FORM_DOCX_TYPE, filled, &answers, NULL));
	ck_assert_ptr_nonnull(answers);
	ck_assert_str_eq(answers->number, number);
	ck_assert_str_eq(answers->disclosure, "named");
	ck_assert_int_eq(form_file_grade(answers, "d01"), 5);
	ck_assert_int_eq(form_file_grade(answers, "d02"), 1);
	ck_assert_int_eq(form_file_grade(answers, "d27"), 0);
	ck_assert_str_eq(form_file_said(answers, "problems"), "消防检查 <太多>\n第二件");
	ck_assert_str_eq(form_file_said(answers, "suggestions"), "无");
	ck_assert_str_eq(form_file_said(answers, "praise"), "税务局小李");
	text = form_answers_text(answers);
	ck_assert_str_eq(text, "消防检查 <太多>\n第二件\n\n无\n\n税务局小李");
}
END_TEST

/* Nothing is printed behind the form: what stands there was written. */
START_TEST(reads_what_stands_behind)
{
	static const char more[] =
	    "<w:p>" RUN("另：消防验收三个月没有结果") "<w:r><w:pict><w:txbxContent><w:p>" RUN(
		"在框里") "</w:p></w:txbxContent></w:pict></w:r></"
			  "w:p><w:tbl><w:tr><w:tc><w:p>" RUN("自己的表") "</w:p></w:tc></"
									 "w:tr></w:tbl>";
	g_autoptr(GBytes) docx = form_file_blank(NULL);
	g_autoptr(GBytes) filled = NULL;
	g_autoptr(GString) xml = form_file_document(docx);
	g_autoptr(form_answers_handle) before = NULL;
	g_autoptr(form_answers_handle) answers = NULL;

	ck_assert(form_recognise(NULL, NULL, docx, &before, NULL));
	ck_assert_ptr_null(form_file_said(before, FORM_BEHIND));
	g_string_insert(xml, strstr(xml->str, "<w:sectPr") - xml->str, more);
	filled = form_file_with(docx, xml);
	ck_assert(form_recognise(NULL, NULL, filled, &answers, NULL));
	ck_assert_ptr_nonnull(answers);
	ck_assert_str_eq(form_file_said(answers, FORM_BEHIND),
			 "另：消防验收三个月没有结果在框里\n自己的表");
}
END_TEST

/* Only what nobody writes for "no" lets an enterprise be named. */
START_TEST(names_nobody_by_mistake)
{
	static const struct {
		const char *mark;
		const char *disclosure;
	} cases[] = {{"√", "named"}, {"可以", "named"}, {"Y", "named"},          {"不同意", NULL},
		     {"No", NULL},   {"×", NULL},       {"只能告诉税务局", NULL}};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *run = g_strdup_printf("<w:r><w:t>%s</w:t></w:r>", cases[i].mark);
		g_autoptr(GBytes) docx = form_file_blank(NULL);
		g_autoptr(GString) xml = form_file_document(docx);
		g_autoptr(GBytes) filled = NULL;
		g_autoptr(form_answers_handle) answers = NULL;

		form_file_fill(xml, "c-named", 1, run);
		filled = form_file_with(docx, xml);
		ck_assert(form_recognise(NULL, NULL, filled, &answers, NULL));
		ck_assert_ptr_nonnull(answers);
		ck_assert_pstr_eq(answers->disclosure, cases[i].disclosure);
	}
}
END_TEST

START_TEST(takes_no_doubtful_mark)
{
	g_autoptr(GBytes) docx = form_file_blank(NULL);
	g_autoptr(GBytes) filled = NULL;
	g_autoptr(GString) xml = form_file_document(docx);
	g_autoptr(form_answers_handle) answers = NULL;

	form_file_fill(xml, "d01", 1, RUN("√"));
	form_file_fill(xml, "d01", 1, RUN("√")); /* the next empty one */
	form_file_fill(xml, "d02", 3, RUN("□"));
	form_file_fill(xml, "c-named", 1, RUN("√"));
	form_file_fill(xml, "c-hidden", 1, RUN("√"));
	filled = form_file_with(docx, xml);
	ck_assert(form_recognise("PY.docx", NULL, filled, &answers, NULL));
	ck_assert_int_eq(form_file_grade(answers, "d01"), -1);
	ck_assert_int_eq(form_file_grade(answers, "d02"), -1);
	ck_assert_str_eq(answers->disclosure, "hidden");
}
END_TEST

START_TEST(xml_round_trip)
{
	g_autoptr(form_answers_handle) answers = form_answers_new();
	g_autoptr(form_answers_handle) again = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *xml = NULL;
	g_autofree char *twice = NULL;
	g_autoptr(GBytes) bytes = NULL;

	number_make(5, answers->number);
	answers->disclosure = g_strdup("hidden");
	form_answers_rate(answers, "d12", 3);
	form_answers_rate(answers, "d12", 5);
	form_answers_rate(answers, "x12", 5);
	form_answers_rate(answers, "d13", 9);
	form_answers_say(answers, "problems", " a < b & \"c\"\x01\n第二行\xff ");
	xml = form_answers_to_xml(answers);
	bytes = g_bytes_new(xml, strlen(xml));
	ck_assert_msg(form_recognise(NULL, "application/xml", bytes, &again, &error), "%s",
		      error ? error->message : "");
	ck_assert_ptr_nonnull(again);
	ck_assert_uint_eq(again->ratings->len, 1);
	ck_assert_int_eq(form_file_grade(again, "d12"), 5);
	ck_assert_str_eq(form_file_said(again, "problems"), "a < b & \"c\"\n第二行\xef\xbf\xbd");
	twice = form_answers_to_xml(again);
	ck_assert_str_eq(xml, twice);
}
END_TEST

START_TEST(refuses_and_ignores)
{
	static const char *const bad[] = {
	    "<answers xmlns='urn:pingyi:answers' number='PY-22222223'/>",
	    "<answers xmlns='urn:pingyi:answers'><rating department='d1' grade='5'/></answers>",
	    "<answers xmlns='urn:pingyi:answers'><rating department='d01' grade='7'/></answers>",
	    "<answers xmlns='urn:pingyi:answers'>",
	};
	static const char *const others[] = {"", "PK", "PK\3\4 garbage", "hello", "<html/>"};

	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GBytes) bytes = g_bytes_new_static(bad[i], strlen(bad[i]));
		g_autoptr(GError) error = NULL;
		struct form_answers *answers = NULL;

		ck_assert(!form_recognise("a.xml", NULL, bytes, &answers, &error));
		ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
		ck_assert_ptr_null(answers);
	}
	for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
		g_autoptr(GBytes) bytes = g_bytes_new_static(others[i], strlen(others[i]));
		struct form_answers *answers = NULL;

		ck_assert(form_recognise(NULL, NULL, bytes, &answers, NULL));
		ck_assert_ptr_null(answers);
	}
}
END_TEST

/* No cut or changed file may break the reader, or be written behind its end by stamping. */
START_TEST(survives_damage)
{
	char number[NUMBER_LENGTH + 1];
	g_autoptr(GBytes) docx = form_file_blank(NULL);
	gsize size;
	const guint8 *bytes = g_bytes_get_data(docx, &size);

	number_make(9, number);
	for (gsize i = 0; i < size; i += 37) {
		g_autofree guint8 *copy = g_memdup2(bytes, size);
		g_autoptr(GBytes) cut = g_bytes_new(bytes, i);
		g_autoptr(GBytes) changed = NULL;
		g_autoptr(GBytes) stamped = form_docx_stamp(cut, number, NULL);
		g_autoptr(form_answers_handle) a = NULL;
		g_autoptr(form_answers_handle) b = NULL;

		copy[i] ^= 0xff;
		copy[size - 1 - i % 200] ^= 0xff;
		changed = g_bytes_new(copy, size);
		g_clear_pointer(&stamped, g_bytes_unref);
		stamped = form_docx_stamp(changed, number, NULL);
		form_recognise(NULL, NULL, cut, &a, NULL);
		form_recognise(NULL, NULL, changed, &b, NULL);
	}
}
END_TEST

START_TEST(bounds_a_bomb)
{
	g_autoptr(package_handle) package = package_new();
	g_autofree char *zeros = g_malloc0(64u << 20);
	g_autoptr(GBytes) bomb = NULL;
	struct form_answers *answers = NULL;

	memset(zeros, ' ', 64u << 20);
	package_add(package, "word/document.xml", zeros, 64u << 20, FALSE);
	bomb = package_finish(package);
	ck_assert(form_recognise("bomb.docx", NULL, bomb, &answers, NULL));
	ck_assert_ptr_null(answers);
}
END_TEST

START_TEST(shows_on_a_page)
{
	g_autoptr(form_handle) form = form_file_default("templates/zh/questionnaire.xml");
	g_autoptr(JsonNode) node =
	    form_fields_json(form, form_file_departments, FORM_FILE_DEPARTMENTS);
	JsonObject *ratings = json_object_get_object_member(json_node_get_object(node), "ratings");
	JsonArray *rows = json_object_get_array_member(ratings, "rows");
	JsonArray *grades = json_object_get_array_member(ratings, "grades");

	ck_assert_uint_eq(json_array_get_length(rows), 3);
	ck_assert_str_eq(
	    json_object_get_string_member(json_array_get_object_element(rows, 2), "code"), "d27");
	ck_assert_str_eq(
	    json_object_get_string_member(json_array_get_object_element(grades, 5), "value"), "0");
}
END_TEST

static struct form_answers *filled_form(guint64 number, int grade, const char *text)
{
	struct form_answers *answers = form_answers_new();

	if (number)
		number_make(number, answers->number);
	if (grade >= 0)
		form_answers_rate(answers, "d01", grade);
	form_answers_say(answers, "problems", text);
	form_answers_say(answers, "other", "");
	return answers;
}

START_TEST(merges_what_came_together)
{
	struct form_answers *all = NULL;

	ck_assert(form_answers_merge(&all, filled_form(1, -1, "")));
	ck_assert(form_answers_empty(all));
	ck_assert(form_answers_merge(&all, filled_form(2, 5, "慢"))); /* another's, empty */
	ck_assert(form_answers_merge(&all, filled_form(1, -1, "")));
	ck_assert(!form_answers_empty(all));
	ck_assert(form_answers_merge(&all, filled_form(2, 3, "慢")));
	ck_assert(form_answers_merge(&all, filled_form(0, -1, "贵")));
	ck_assert_int_eq(form_file_grade(all, "d01"), 3);
	ck_assert_uint_eq(all->open->len, 3);
	ck_assert_str_eq(((struct form_open *)g_ptr_array_index(all->open, 0))->text, "慢");
	ck_assert_str_eq(((struct form_open *)g_ptr_array_index(all->open, 2))->text, "贵");
	all->disclosure = g_strdup("named");
	for (guint i = 0; i < 2; i++) {
		struct form_answers *other = filled_form(2, -1, "");

		other->disclosure = g_strdup(i == 0 ? "hidden" : "named");
		ck_assert(form_answers_merge(&all, other));
		ck_assert_str_eq(all->disclosure, "hidden");
	}
	for (guint i = 0; i < FORM_OPEN_FOUND_MAX + 9; i++) {
		g_autofree char *text = g_strdup_printf("%u", i);

		form_answers_merge(&all, filled_form(2, -1, text));
	}
	ck_assert_uint_eq(all->open->len, FORM_OPEN_FOUND_MAX);
	ck_assert(strstr(
	    ((struct form_open *)g_ptr_array_index(all->open, all->open->len - 1))->text, "\n58"));
	ck_assert(!form_answers_merge(&all, filled_form(3, 1, "")));
	form_answers_free(all);
}
END_TEST

/* Two rows of one department: which of them holds is for a person to say. */
START_TEST(a_row_twice_is_doubtful)
{
	g_autoptr(GBytes) docx = form_file_blank(NULL);
	g_autoptr(GString) xml = form_file_document(docx);
	g_autoptr(GBytes) filled = NULL;
	g_autoptr(form_answers_handle) answers = NULL;

	form_file_fill(xml, "d01", 1, RUN("√"));
	form_file_fill(xml, "d02", 4, RUN("√"));
	ck_assert_uint_eq(g_string_replace(xml, ">d02<", ">d01<", 0), 1);
	filled = form_file_with(docx, xml);
	ck_assert(form_recognise(NULL, NULL, filled, &answers, NULL));
	ck_assert_uint_eq(answers->doubt, FORM_MARKS);
}
END_TEST

/* A mark behind a name stands in no column. */
START_TEST(a_mark_in_the_names_cell_is_doubtful)
{
	static const char *const cells[] = {"发展和改革局", "可以告诉，便于直接联系解决"};

	for (guint i = 0; i < G_N_ELEMENTS(cells); i++) {
		g_autoptr(GBytes) docx = form_file_blank(NULL);
		g_autoptr(GString) xml = form_file_document(docx);
		g_autofree char *marked = g_strconcat(cells[i], " √", NULL);
		g_autoptr(GBytes) filled = NULL;
		g_autoptr(form_answers_handle) answers = NULL;

		ck_assert_uint_eq(g_string_replace(xml, cells[i], marked, 0), 1);
		filled = form_file_with(docx, xml);
		ck_assert(form_recognise(NULL, NULL, filled, &answers, NULL));
		ck_assert_msg(answers->doubt == FORM_MARKS, "%s", cells[i]);
	}
}
END_TEST

/* What finds no room is not dropped unsaid. */
START_TEST(an_answer_too_long_is_doubtful)
{
	g_autofree char *half = g_strnfill(FORM_TEXT_MAX / 2, 'x');
	g_autofree char *other_half = g_strnfill(FORM_TEXT_MAX / 2, 'y');
	struct form_answers *one = form_answers_new(), *other = form_answers_new();

	for (guint i = 0; i < FORM_OPEN_FOUND_MAX; i++)
		form_answers_say(one, "problems", half);
	ck_assert_uint_eq(one->doubt, FORM_SURE);
	form_answers_say(other, "problems", other_half);
	ck_assert(form_answers_merge(&one, other));
	ck_assert_uint_eq(one->doubt, FORM_WORDS);
	form_answers_free(one);
}
END_TEST

/* An empty form counts for nothing beside another, but that somebody may have drawn on it. */
START_TEST(a_doubt_outlives_an_empty_form)
{
	struct form_answers *one = form_answers_new(), *other = form_answers_new();

	form_answers_say(one, "problems", "a");
	other->doubt = FORM_MARKS;
	ck_assert(form_answers_merge(&one, other));
	ck_assert_uint_eq(one->doubt, FORM_MARKS);
	form_answers_free(one);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("form");
	TCase *tc = tcase_create("form");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, parses_the_defaults);
	tcase_add_test(tc, says_where_it_is_wrong);
	tcase_add_test(tc, stamps_and_recognises_blank);
	tcase_add_test(tc, reads_what_was_filled_in);
	tcase_add_test(tc, reads_what_stands_behind);
	tcase_add_test(tc, names_nobody_by_mistake);
	tcase_add_test(tc, takes_no_doubtful_mark);
	tcase_add_test(tc, xml_round_trip);
	tcase_add_test(tc, refuses_and_ignores);
	tcase_add_test(tc, survives_damage);
	tcase_add_test(tc, bounds_a_bomb);
	tcase_add_test(tc, shows_on_a_page);
	tcase_add_test(tc, merges_what_came_together);
	tcase_add_test(tc, a_row_twice_is_doubtful);
	tcase_add_test(tc, a_mark_in_the_names_cell_is_doubtful);
	tcase_add_test(tc, an_answer_too_long_is_doubtful);
	tcase_add_test(tc, a_doubt_outlives_an_empty_form);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
