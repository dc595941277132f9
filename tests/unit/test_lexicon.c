#include "classifier/classifier.h"

#include "base/error.h"

#include <check.h>
#include <string.h>

#define HEAD                                                                                       \
	"<?xml version='1.0' encoding='UTF-8'?>\n"                                                 \
	"<lexicon xmlns='urn:pingyi:lexicon' version='t-1'>\n"
#define TAIL "</lexicon>\n"
/* lines 3 and 6 */
#define TWO                                                                                        \
	"<target no='1' code='d01'><name>甲局</name>\n"                                          \
	"<word>立项</word>\n"                                                                    \
	"</target>\n"                                                                              \
	"<target no='2' code='d02'><name>乙局</name>\n"

static struct lexicon *parse(const char *text, GError **error)
{
	return lexicon_parse("f.xml", text, strlen(text), error);
}

static struct lexicon *good(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct lexicon *lexicon = parse(text, &error);

	ck_assert_msg(lexicon != NULL, "%s", error ? error->message : "?");
	return lexicon;
}

/* What is wrong, and the line that is told. */
static const struct bad {
	const char *text;
	const char *told;
} bad[] = {
    {"", "f.xml:1: no XML"},
    {"<lexicon>", "f.xml:1: <lexicon> of line 1 does not end"},
    {HEAD TWO "<word>x</wrod></target>" TAIL, "f.xml:7: <word> of line 7 ends with </wrod>"},
    {HEAD TWO "<word weight=3>x</word></target>" TAIL, "f.xml:7: the value of an attribute stands"},
    {HEAD TWO "<word>x & y</word></target>" TAIL, "f.xml:7: no name behind < or &"},
    {HEAD TWO "<word>x&nbsp;y</word></target>" TAIL, "f.xml:7: &nbsp; is not known"},
    {HEAD TWO "<word>\xb9\xa4</word></target>" TAIL, "f.xml:7: not UTF-8"},
    {HEAD TWO "<word weight='1' weight='2'>x</word></target>" TAIL,
     "f.xml:7: the attribute weight stands there twice"},
    {"<other/>", "f.xml:1: no lexicon"},
    {"<lexicon version='1'><target no='1' code='a'><name>x</name></target></lexicon>",
     "f.xml:1: no lexicon"},
    {HEAD TAIL, "f.xml:2: a lexicon without a target"},
    {"<lexicon xmlns='urn:pingyi:lexicon'/>", "f.xml:1: <lexicon> needs version"},
    {"<lexicon xmlns='urn:pingyi:lexicon' version='a b'/>", "f.xml:1: version=\"a b\""},
    {"<lexicon xmlns='urn:pingyi:lexicon' version='built-in'>"
     "<target no='1' code='a'><name>x</name></target></lexicon>",
     "f.xml:1: this version's name"},
    {HEAD "\n<goal/>" TAIL, "f.xml:4: a lexicon has no element <goal>"},
    {HEAD "<target code='d01'><name>x</name></target>" TAIL, "f.xml:3: <target> needs no"},
    {HEAD "<target no='100' code='d01'><name>x</name></target>" TAIL, "f.xml:3: no=\"100\""},
    {HEAD "<target no='1' code='D1'><name>x</name></target>" TAIL, "f.xml:3: code=\"D1\""},
    {HEAD "<target no='1' code='d1'><word>x</word></target>" TAIL,
     "f.xml:3: a target begins with its one <name>"},
    {HEAD "<target no='1' code='d1'/>" TAIL, "f.xml:3: a target begins with its one <name>"},
    {HEAD TWO "<name>x</name></target>" TAIL, "f.xml:7: a target begins with its one <name>"},
    {HEAD TWO "<wrod>x</wrod></target>" TAIL, "f.xml:7: a target has no element <wrod>"},
    {HEAD TWO "<word wieght='1'>x</word></target>" TAIL, "f.xml:7: <word> has no attribute wieght"},
    {HEAD TWO "<word weight='heavy'>x</word></target>" TAIL, "f.xml:7: weight=\"heavy\""},
    {HEAD TWO "<word weight='0'>x</word></target>" TAIL, "f.xml:7: weight=\"0\""},
    {HEAD TWO "<word weight='101'>x</word></target>" TAIL, "f.xml:7: weight=\"101\""},
    {HEAD TWO "<word/></target>" TAIL, "f.xml:7: <word> is empty"},
    {HEAD TWO "<word>x<b/></word></target>" TAIL, "f.xml:7: <word> holds text only"},
    {HEAD TWO "<former to='2004-2-1'>x</former></target>" TAIL, "f.xml:7: to=\"2004-2-1\""},
    {HEAD TWO "<former to='2004-02-30'>x</former></target>" TAIL, "f.xml:7: to=\"2004-02-30\""},
    {HEAD TWO "<former from='2004-02-02' to='2004-02-01'>x</former></target>" TAIL,
     "f.xml:7: the name ends before it begins"},
    {HEAD TWO "<former from='2004-02-01' to='2004-02-01'>x</former></target>" TAIL,
     "f.xml:7: the name ends before it begins"},
    {HEAD TWO "<word also='d01 d09'>x</word></target>" TAIL, "f.xml:7: no target has the code d09"},
    {HEAD TWO "</target><target no='3' code='d01'><name>x</name></target>" TAIL,
     "f.xml:7: the target of line 3 has the code d01 too"},
    {HEAD TWO "</target><target no='2' code='d03'><name>x</name></target>" TAIL,
     "f.xml:7: the target of line 6 has the number 2 too"},
    {HEAD TWO "</target><target no='3' code='d03'><label>甲局</label></target>" TAIL,
     "f.xml:7: the target of line 3 has the name 甲局 too"},
    {"<!DOCTYPE lexicon [<!ENTITY a 'b'>]>" HEAD TWO "</target>" TAIL, "f.xml:"},
    {"<!DOCTYPE lexicon>\n<x:lexicon/>", "f.xml: a document type is not allowed"},
    {HEAD TWO "<x:word>x</x:word>\n<word>x</wrod></target>" TAIL,
     "f.xml:8: <word> of line 8 ends with </wrod>"},
};

START_TEST(what_is_wrong_is_told_with_its_line)
{
	g_autoptr(GError) error = NULL;
	struct lexicon *lexicon = parse(bad[_i].text, &error);

	ck_assert_ptr_null(lexicon);
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	ck_assert_msg(g_str_has_prefix(error->message, bad[_i].told), "%s\nis not: %s",
		      error->message, bad[_i].told);
}
END_TEST

START_TEST(too_long_words_and_too_many_are_refused)
{
	g_autoptr(GString) text = g_string_new(HEAD TWO "<word>");
	g_autoptr(GString) many = g_string_new(HEAD TWO);
	g_autofree char *large = g_strnfill(LEXICON_SIZE_MAX + 1, ' ');
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < 61; i++)
		g_string_append(text, "字");
	g_string_append(text, "</word></target>" TAIL);
	ck_assert_ptr_null(parse(text->str, &error));
	ck_assert_str_eq(error->message, "f.xml:7: <word> is longer than 60 characters");
	for (guint i = 0; i <= LEXICON_TERMS_MAX; i++)
		g_string_append_printf(many, "<word>%u</word>\n", i);
	g_string_append(many, "</target>" TAIL);
	g_clear_error(&error);
	ck_assert_ptr_null(parse(many->str, &error));
	ck_assert_msg(strstr(error->message, "too many") != NULL, "%s", error->message);
	g_clear_error(&error);
	ck_assert_ptr_null(parse(large, &error));
	ck_assert_str_eq(error->message, "f.xml: longer than 4 MB");
}
END_TEST

START_TEST(it_is_read)
{
	g_autoptr(lexicon_handle) lexicon =
	    good(HEAD TWO "<former from='1990-01-01' to='2001-01-01'>丙局</former>\n"
			  "<word weight='4.5' also='d01 d03'>\n 扬尘 </word></target>\n"
			  "<target no='3' code='d03'><label>城乡建设</label></target>" TAIL);
	const struct term *term = &g_array_index(lexicon->terms, struct term, 3);

	ck_assert_str_eq(lexicon->version, "t-1");
	ck_assert_uint_eq(lexicon->targets->len, 3);
	ck_assert_str_eq(lexicon_target(lexicon, "d03")->name, "城乡建设");
	ck_assert(lexicon_target(lexicon, "d03")->label);
	ck_assert(!lexicon_target(lexicon, "d02")->label);
	ck_assert_ptr_null(lexicon_target(lexicon, "d04"));
	ck_assert_str_eq(term->text, "丙局");
	ck_assert_str_eq(term->until, "2001-01-01");
	ck_assert_uint_eq(term->line, 7);
	/* a label is no name that is looked for; the shared word stands three times */
	ck_assert_uint_eq(lexicon->terms->len, 7);
	term = &g_array_index(lexicon->terms, struct term, 6);
	ck_assert_str_eq(term->text, "扬尘");
	ck_assert_uint_eq(term->target, 2);
	ck_assert(term->weight > 4.4 && term->weight < 4.6);
}
END_TEST

static void warns(const char *text, const char *told)
{
	g_autoptr(lexicon_handle) lexicon = good(text);
	g_autoptr(GArray) warnings = lexicon_warnings(lexicon);
	g_autoptr(GString) all = g_string_new("");

	for (guint i = 0; i < warnings->len; i++) {
		const struct lexicon_warning *one =
		    &g_array_index(warnings, struct lexicon_warning, i);

		g_string_append_printf(all, "%u %s (%u)|", one->line, one->text, one->other);
	}
	ck_assert_str_eq(all->str, told);
}

START_TEST(what_collides_is_warned_of)
{
	warns(HEAD TWO "<word>备案</word></target>" TAIL, "");
	warns(HEAD TWO "<word>立项</word></target>" TAIL,
	      "7 “立项” speaks for d02 and for d01 (4)|");
	warns(HEAD TWO "<word>扬尘</word><word>扬尘</word></target>" TAIL,
	      "7 “扬尘” stands twice in d02: once is enough (7)|");
	warns(HEAD TWO "<word>立项难</word></target>" TAIL,
	      "7 “立项难” of d02 swallows “立项” of d01 (4)|");
	warns(HEAD TWO "<word weight='2'>立项难</word></target>" TAIL,
	      "7 “立项难” of d02 (weight 2) swallows “立项” of d01 (weight 3) (4)|");
	/* within a department only what weakens is worth a word */
	warns(HEAD TWO "<word>扬尘</word><word>扬尘大</word></target>" TAIL, "");
	warns(HEAD TWO "<word>扬尘</word><word weight='1'>扬尘大</word></target>" TAIL,
	      "7 “扬尘大” of d02 (weight 1) swallows “扬尘” of d02 (weight 3) (7)|");
	/* by kind, then line */
	warns(HEAD TWO "<word>立项难</word><word>立项</word></target>" TAIL,
	      "7 “立项” speaks for d02 and for d01 (4)|"
	      "7 “立项难” of d02 swallows “立项” of d01 (4)|");
	warns(HEAD TWO "<former>甲局</former></target>" TAIL,
	      "7 “甲局” was a name of d02 and is one of d01 today (3)|");
	warns(HEAD TWO "<former>丙局</former></target>"
		       "<target no='3' code='d03'><name>丙局</name></target>" TAIL,
	      "7 “丙局” is a name of d03 today and was one of d02 (7)|");
	/* a former name of two, one after the other, is none; at one time it is */
	warns(HEAD TWO "<former to='2001-01-01'>丙局</former></target>\n"
		       "<target no='3' code='d03'><name>丁局</name>\n"
		       "<former from='2001-01-01'>丙局</former></target>" TAIL,
	      "");
	warns(HEAD TWO "<former to='2001-01-02'>丙局</former></target>\n"
		       "<target no='3' code='d03'><name>丁局</name>\n"
		       "<former from='2001-01-01'>丙局</former></target>" TAIL,
	      "9 “丙局” was a name of d03 and of d02 at one time (7)|");
	/* on purpose */
	warns(HEAD TWO "<word also='d01'>扬尘</word></target>" TAIL, "");
	warns(HEAD TWO "<not>立项难</not><not>立项</not></target>" TAIL, "");
}
END_TEST

/* The departments whose words count in a text of a day, by code. */
static char *sorted_on(const struct lexicon *lexicon, const char *text, const char *day)
{
	struct classifier *classifier = classifier_new(lexicon);
	g_autoptr(GPtrArray) opinions = classifier_opinions_on(classifier, text, NULL, day);
	GString *codes = g_string_new("");

	for (guint i = 0; i < opinions->len; i++) {
		const struct classified *one = g_ptr_array_index(opinions, i);

		for (guint j = 0; j < one->departments->len; j++)
			g_string_append_printf(
			    codes, "%s ",
			    ((struct sorted *)g_ptr_array_index(one->departments, j))->code);
	}
	classifier_free(classifier);
	return g_string_free(codes, FALSE);
}

static void means(const struct lexicon *lexicon, const char *text, const char *day,
		  const char *wanted)
{
	g_autofree char *got = sorted_on(lexicon, text, day);

	ck_assert_msg(strcmp(got, wanted) == 0, "%s on %s: %s", text, day ? day : "?", got);
}

START_TEST(names_go_by_the_day)
{
	/* 商务 was d01's until 2003, and is d02's today; 外贸 was d01's, then d02's */
	g_autoptr(lexicon_handle) lexicon =
	    good(HEAD "<target no='1' code='d01'><name>甲甲局</name>"
		      "<former to='2003-01-01'>商务局</former>"
		      "<former from='1980-01-01' to='1990-01-01'>外贸局</former></target>\n"
		      "<target no='2' code='d02'><name>商务局</name>"
		      "<former from='1990-01-01' to='2000-01-01'>外贸局</former>"
		      "<former to='2019-01-01'>工商局</former></target>\n" TAIL);

	means(lexicon, "工商局太慢。", "2004-05-01", "d02 ");
	means(lexicon, "工商局太慢。", "2026-05-01", "d02 ");
	means(lexicon, "工商局太慢。", NULL, "d02 ");
	means(lexicon, "商务局太慢。", "2002-12-31", "d01 ");
	means(lexicon, "商务局太慢。", "2003-01-01", "d02 ");
	means(lexicon, "商务局太慢。", NULL, "d02 ");
	means(lexicon, "外贸局太慢。", "1985-01-01", "d01 ");
	means(lexicon, "外贸局太慢。", "1990-01-01", "d02 ");
	means(lexicon, "外贸局太慢。", "2026-01-01", "d02 ");
	means(lexicon, "外贸局太慢。", NULL, "d02 ");
}
END_TEST

START_TEST(a_word_that_stands_twice_counts_once)
{
	g_autoptr(lexicon_handle) once = good(HEAD TWO "<word>扬尘</word></target>" TAIL);
	g_autoptr(lexicon_handle) twice =
	    good(HEAD TWO "<word>扬尘</word><word>扬尘</word></target>" TAIL);
	struct classifier *a = classifier_new(once);
	struct classifier *b = classifier_new(twice);
	g_autoptr(GPtrArray) of_once = classifier_opinions(a, "扬尘太多。", NULL);
	g_autoptr(GPtrArray) of_twice = classifier_opinions(b, "扬尘太多。", NULL);
	const struct classified *one = g_ptr_array_index(of_once, 0);
	const struct classified *two = g_ptr_array_index(of_twice, 0);

	ck_assert_uint_eq(one->departments->len, 1);
	ck_assert_uint_eq(two->departments->len, 1);
	ck_assert(((struct sorted *)g_ptr_array_index(one->departments, 0))->score ==
		  ((struct sorted *)g_ptr_array_index(two->departments, 0))->score);
	classifier_free(a);
	classifier_free(b);
}
END_TEST

static char *diff_of(const char *one, const char *two)
{
	g_autoptr(lexicon_handle) a = good(one);
	g_autoptr(lexicon_handle) b = good(two);
	g_autoptr(GArray) changes = lexicon_diff(a, b);
	GString *all = g_string_new("");

	for (guint i = 0; i < changes->len; i++) {
		const struct lexicon_change *c = &g_array_index(changes, struct lexicon_change, i);

		g_string_append_printf(all, "%c %s %s %s %s>%s|", c->sign, c->code, c->what,
				       c->text, c->from ? c->from : "", c->to ? c->to : "");
	}
	return g_string_free(all, FALSE);
}

START_TEST(what_differs_is_told)
{
	g_autofree char *none = diff_of(HEAD TWO "</target>" TAIL, HEAD TWO "</target>" TAIL);
	g_autofree char *some =
	    diff_of(HEAD TWO "<word>扬尘</word><former to='2001-01-01'>丙局</former></target>" TAIL,
		    HEAD "<target no='1' code='d01'><name>甲局</name><word weight='4'>立项</word>"
			 "<word>扬尘</word></target>"
			 "<target no='2' code='d02' category='c'><name>乙局</name>"
			 "<former from='1999-01-01' to='2001-01-01'>丙局</former></target>"
			 "<target no='3' code='d03'><label>丁</label></target>" TAIL);

	ck_assert_str_eq(none, "");
	ck_assert_str_eq(some, "~ d02 target d02 2 乙局>2 乙局, c|+ d03 target d03 >3 丁*|"
			       "+ d01 word 扬尘 >3|~ d01 word 立项 3>4|"
			       "~ d02 former 丙局 6 …2001-01-01>6 1999-01-01…2001-01-01|"
			       "- d02 word 扬尘 3>|");
}
END_TEST

START_TEST(the_programs_own_is_whole)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(lexicon_handle) lexicon = lexicon_default(&error);
	g_autoptr(GArray) warnings = NULL;

	ck_assert_msg(lexicon != NULL, "%s", error ? error->message : "?");
	warnings = lexicon_warnings(lexicon);
	/* the given table has words of both kinds; a name that means two would be a mistake */
	for (guint i = 0; i < warnings->len; i++)
		ck_assert_ptr_null(
		    strstr(g_array_index(warnings, struct lexicon_warning, i).text, "twice"));
	means(lexicon, "工商局注册太慢。", "2004-06-01", "d23 ");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lexicon");
	TCase *tc = tcase_create("lexicon");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tc, what_is_wrong_is_told_with_its_line, 0, G_N_ELEMENTS(bad));
	tcase_add_test(tc, too_long_words_and_too_many_are_refused);
	tcase_add_test(tc, it_is_read);
	tcase_add_test(tc, what_collides_is_warned_of);
	tcase_add_test(tc, names_go_by_the_day);
	tcase_add_test(tc, a_word_that_stands_twice_counts_once);
	tcase_add_test(tc, what_differs_is_told);
	tcase_add_test(tc, the_programs_own_is_whole);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
