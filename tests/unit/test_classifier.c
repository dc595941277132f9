/*
 * The classifier with both layers, the texts it is taught with, and its measuring.
 */
#include "base/error.h"
#include "classifier/classifier.h"
#include "classifier/evaluation.h"
#include "classifier/labelled.h"

#include <check.h>
#include <math.h>
#include <string.h>

static const char xml[] = "<lexicon xmlns='urn:pingyi:lexicon' version='t-1'>"
			  "<target no='1' code='s'><name>社会保障</name><former>劳动局</former>"
			  "<word>社保</word></target>"
			  "<target no='2' code='e'><name>环境保护</name>"
			  "<word>污水</word><word>噪音</word></target>"
			  "<target no='3' code='t'><name>交通运输</name><word>公交</word></target>"
			  "</lexicon>";

static struct lexicon *lexicon;
static struct classifier *alone;

static GArray *parsed(const char *lines, GError **error)
{
	return labelled_parse("texts.tsv", lines, strlen(lines), lexicon, error);
}

/* Labelled texts: */

START_TEST(reads_labels_of_all_kinds)
{
	g_autoptr(GArray) all =
	    parsed("\xef\xbb\xbf社会保障\t退休\r\n\ne\t污水\t第二\n劳动局\t工龄", NULL);
	const struct labelled *texts = &g_array_index(all, struct labelled, 0);

	ck_assert_uint_eq(all->len, 3);
	ck_assert_uint_eq(texts[0].target, 0);
	ck_assert_str_eq(texts[0].text, "退休");
	ck_assert_uint_eq(texts[1].target, 1);
	ck_assert_str_eq(texts[1].text, "污水\t第二");
	ck_assert_uint_eq(texts[2].target, 0);
	ck_assert_str_eq(texts[2].text, "工龄");
}
END_TEST

static const struct {
	const char *lines;
	const char *where; /* and why */
} wrong[] = {
    {"e\t污水\n社会保障 退休\n", "line 2: a label"},
    {"e\t污水\n\n卫生\t医院\n", "line 3: the lexicon has no target “卫生”"},
    {"社保\t词不是标签\n", "line 1: the lexicon has no target “社保”"},
    {"e\t\xff\xfe\n", "line 1: this is not UTF-8"},
    {"", "line 0: there is no line"},
    {"\n\n", "line 2: there is no line"},
};

START_TEST(says_where_and_why)
{
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(parsed(wrong[_i].lines, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	ck_assert_msg(strstr(error->message, wrong[_i].where) != NULL, "%s", error->message);
}
END_TEST

/* Measuring: */

START_TEST(figures_are_right)
{
	static const struct verdict said[] = {
	    {0, 0, 0.9}, {0, 0, 0.8}, {0, 1, 0.3}, {1, 1, 0.7},  {1, -1, 0},
	    {0, 0, 0.6}, {1, 1, 0.5}, {1, 0, 0.4}, {0, 0, 0.55}, {1, 1, 0.95},
	};
	g_autoptr(GArray) verdicts = g_array_new(FALSE, FALSE, sizeof(struct verdict));
	g_autoptr(evaluation_handle) evaluation = NULL;
	g_autoptr(GString) out = g_string_new(NULL);

	g_array_append_vals(verdicts, said, G_N_ELEMENTS(said));
	evaluation = evaluation_new(verdicts, 3);
	ck_assert_double_eq_tol(evaluation->accuracy, 0.7, 1e-9);
	ck_assert_double_eq_tol(evaluation->accuracy_at[0], 1, 1e-9);       /* 5 of 5 */
	ck_assert_double_eq_tol(evaluation->accuracy_at[3], 7.0 / 8, 1e-9); /* 80 % */
	ck_assert_double_eq_tol(evaluation->accuracy_at[5], 0.7, 1e-9);
	/* first: 4 of 5 said are so, 4 of 5 that are so said; second: 3 of 4, 3 of 5 */
	ck_assert_double_eq_tol(evaluation->of[0].precision, 0.8, 1e-9);
	ck_assert_double_eq_tol(evaluation->of[1].recall, 0.6, 1e-9);
	ck_assert_double_eq_tol(evaluation->of[1].f1, 2 * 0.75 * 0.6 / 1.35, 1e-9);
	/* the third one occurs nowhere and does not count */
	ck_assert_double_eq_tol(evaluation->macro_f1, (0.8 + 2 * 0.75 * 0.6 / 1.35) / 2, 1e-9);
	evaluation_to_text(evaluation, lexicon, out);
	ck_assert_ptr_nonnull(strstr(out->str, "accuracy_at_80\t0.8750\n"));
	ck_assert_ptr_nonnull(strstr(out->str, "confusion[社会保障][环境保护]\t1\n"));
	ck_assert_ptr_nonnull(strstr(out->str, "confusion[环境保护][-]\t1\n"));
	ck_assert_ptr_null(strstr(out->str, "交通运输"));
}
END_TEST

/* Both layers: */

/* People hold that what is said of 广场舞 concerns the environment, of 站台 traffic, of 窗口 social
 * security: the lexicon knows none of these words. */
static GArray *corrections(guint n)
{
	static const char *const about[] = {"窗口排队的人", "广场舞的声音", "站台前面的人"};
	static const char *const rest[] = {"天天这样", "没有人管", "盼早日解决", "令人头疼",
					   "太多了"};
	static const char *const names[] = {"s", "e", "t"};
	g_autoptr(GString) lines = g_string_new(NULL);

	for (guint i = 0; i < n; i++)
		g_string_append_printf(lines, "%s\t%s%s。\n", names[i % 3], about[i % 3],
				       rest[i % 5]);
	return parsed(lines->str, NULL);
}

START_TEST(corrections_are_learnt)
{
	g_autoptr(GArray) texts = corrections(300);
	g_autoptr(learnt_handle) learnt = classifier_learn(alone, texts);
	g_autoptr(classifier_handle) both = classifier_new_learnt(lexicon, learnt);
	g_autoptr(GPtrArray) before = classifier_opinions(alone, "广场舞令人头疼。", NULL);
	g_autoptr(GPtrArray) after = classifier_opinions(both, "广场舞令人头疼。", NULL);
	const struct classified *one = g_ptr_array_index(before, 0);
	const struct sorted *best;
	gboolean shown = FALSE;

	ck_assert(one->needs_person);
	one = g_ptr_array_index(after, 0);
	ck_assert(!one->needs_person);
	best = g_ptr_array_index(one->departments, 0);
	ck_assert_str_eq(best->code, "e");
	ck_assert(best->lead);
	ck_assert_double_gt(one->sure, 0.5);
	for (guint i = 0; i < best->reasons->len; i++) {
		const struct reason *reason = &g_array_index(best->reasons, struct reason, i);

		ck_assert_str_eq(reason->what, "learnt");
		ck_assert_double_gt(reason->weight, 0);
		ck_assert_int_eq(
		    strncmp(one->text + reason->start, reason->word, reason->end - reason->start),
		    0);
		shown |= strstr(reason->word, "广场") || strstr(reason->word, "舞");
	}
	ck_assert(shown);
}
END_TEST

START_TEST(lexicon_counts_with_what_was_learnt)
{
	g_autoptr(GArray) texts = corrections(60);
	g_autoptr(learnt_handle) learnt = classifier_learn(alone, texts);
	g_autoptr(classifier_handle) both = classifier_new_learnt(lexicon, learnt);
	g_autoptr(GPtrArray) ranked = classifier_rank(both, "污水横流，噪音很大。");
	const struct sorted *best = g_ptr_array_index(ranked, 0);

	ck_assert_str_eq(best->code, "e");
	ck_assert_double_eq(best->score, 6);
	ck_assert_str_eq(g_array_index(best->reasons, struct reason, 0).what, "word");
}
END_TEST

START_TEST(in_doubt_a_person_decides)
{
	g_autoptr(GArray) texts = corrections(300);
	g_autoptr(learnt_handle) learnt = classifier_learn(alone, texts);
	g_autoptr(classifier_handle) both = classifier_new_learnt(lexicon, learnt);
	g_autoptr(GPtrArray) unknown = classifier_opinions(both, "QWERTY", NULL);
	g_autoptr(GPtrArray) torn = classifier_opinions(both, "广场舞的声音站台前面的人", NULL);
	const struct classified *one = g_ptr_array_index(unknown, 0);

	ck_assert(one->needs_person);
	ck_assert_uint_eq(one->departments->len, 0);
	one = g_ptr_array_index(torn, 0);
	ck_assert_ptr_nonnull(one->second_code);
	ck_assert_double_le(one->second_sure, one->sure);
	ck_assert(one->needs_person || one->departments->len > 1);
}
END_TEST

/* Of two that are as near as e^(-by/100) a person decides. */
static void close_by(gint32 by, gboolean asked)
{
	g_autoptr(GArray) texts = corrections(60);
	g_autoptr(learnt_handle) learnt = classifier_learn(alone, texts);
	g_autoptr(classifier_handle) both = classifier_new_learnt(lexicon, learnt);
	g_autoptr(GPtrArray) opinions = NULL;
	const struct classified *one;

	memset(learnt->weights, 0, learnt->grams * learnt->targets);
	learnt->fusion = (struct fusion){1, 0, 0};
	learnt->scale = 0.01;
	learnt->bias[0] = 0;
	learnt->bias[1] = 500;
	learnt->bias[2] = 500 - by;
	opinions = classifier_opinions(both, "广场舞令人头疼。", NULL);
	one = g_ptr_array_index(opinions, 0);
	ck_assert_double_eq_tol(one->second_sure, one->sure * exp(-by / 100.0), 1e-9);
	ck_assert(one->sure > 0.5 && one->needs_person == asked);
}

START_TEST(of_two_that_are_close_a_person_decides)
{
	close_by(8, TRUE);
	close_by(12, FALSE);
}
END_TEST

START_TEST(company_names_are_not_learnt)
{
	g_autoptr(GString) lines = g_string_new(NULL);
	g_autoptr(GArray) texts = NULL;
	g_autoptr(learnt_handle) learnt = NULL;

	for (guint i = 0; i < 60; i++)
		g_string_append_printf(lines, "%s\t%s\n", i % 2 ? "e" : "t",
				       i % 2 ? "我是鑫隆达实业有限公司，机器声音太吵。"
					     : "我们是茂源祥商贸有限公司，货车进不了城。");
	texts = parsed(lines->str, NULL);
	learnt = classifier_learn(alone, texts);
	ck_assert_ptr_nonnull(learnt);
	for (guint i = 0; i < learnt->grams; i++) {
		ck_assert_ptr_null(strstr(learnt->texts[i], "鑫"));
		ck_assert_ptr_null(strstr(learnt->texts[i], "茂"));
	}
}
END_TEST

START_TEST(unknown_targets_are_passed_over)
{
	g_autoptr(GArray) texts = corrections(60);
	g_autoptr(learnt_handle) learnt = classifier_learn(alone, texts);
	g_autoptr(classifier_handle) both = NULL;
	g_autoptr(GPtrArray) ranked = NULL;

	g_free(learnt->codes[1]);
	learnt->codes[1] = g_strdup("gone");
	both = classifier_new_learnt(lexicon, learnt);
	ranked = classifier_rank(both, "站台前面的人太多了");
	ck_assert_str_eq(((struct sorted *)g_ptr_array_index(ranked, 0))->code, "t");
}
END_TEST

/* What nobody has corrected yet is still the lexicon's to say. */
START_TEST(nothing_learnt_speaks_against)
{
	g_autoptr(GString) lines = g_string_new(NULL);
	g_autoptr(GArray) texts = NULL;
	g_autoptr(learnt_handle) learnt = NULL;
	g_autoptr(classifier_handle) both = NULL;
	g_autoptr(GPtrArray) ranked = NULL;

	for (guint i = 0; i < 400; i++)
		g_string_append_printf(lines, "%s\t%s，第%u次。\n", i % 2 ? "e" : "t",
				       i % 2 ? "广场舞声音太大" : "站台前面人太多", i);
	texts = parsed(lines->str, NULL);
	learnt = classifier_learn(alone, texts);
	ck_assert_uint_eq(learnt->targets, 2);
	both = classifier_new_learnt(lexicon, learnt);
	ranked = classifier_rank(both, "社保局办事");
	ck_assert_str_eq(((struct sorted *)g_ptr_array_index(ranked, 0))->code, "s");
}
END_TEST

START_TEST(second_and_sureness_are_told)
{
	g_autoptr(GPtrArray) opinions =
	    classifier_opinions(alone, "污水、噪音很大，公交太少，难受。", NULL);
	const struct classified *one = g_ptr_array_index(opinions, 0);
	const struct sorted *first = g_ptr_array_index(one->departments, 0);

	ck_assert_str_eq(first->code, "e");
	ck_assert_str_eq(one->second_code, "t");
	ck_assert_str_eq(one->second_name, "交通运输");
	ck_assert(first->sum >= first->score && first->score > 5.9);
	ck_assert(one->sure > 0.45 && one->sure < 0.6);
	ck_assert(one->second_sure > 0.2 && one->second_sure < one->sure);
}
END_TEST

#define OF_PIECES                                                                                                \
	"<lexicon xmlns='urn:pingyi:lexicon' version='1'>"                                                       \
	"<target no='1' code='a'><name>甲局</name><word>监理公司</word><word>监理人员</word>"          \
	"<word>道路</word></target>"                                                                           \
	"<target no='2' code='b'><name>乙局</name><word>养路</word><word>路灯</word>"                      \
	"<word>排水沟渠</word><word>雨水井盖</word><word>垃圾清运</word><word>花坛绿篱</word></" \
	"target>"                                                                                                \
	"<target no='3' code='c'><name>纪委监委</name><short>纪委</short>"                                 \
	"<word>监理他儿子</word></target></lexicon>"

/* Who of the departments is first, and with what. */
static void first_is(const char *text, const char *told)
{
	g_autoptr(lexicon_handle) own =
	    lexicon_parse("own.xml", OF_PIECES, strlen(OF_PIECES), NULL);
	g_autoptr(classifier_handle) classifier = classifier_new(own);
	g_autoptr(GPtrArray) ranked = classifier_rank(classifier, text);
	g_autoptr(GString) got = g_string_new("");

	if (ranked->len) {
		const struct sorted *first = g_ptr_array_index(ranked, 0);

		g_string_append(got, first->code);
		for (guint i = 0; i < first->reasons->len; i++) {
			const struct reason *reason =
			    &g_array_index(first->reasons, struct reason, i);

			g_string_append_printf(got, " %s:%.*s", reason->what,
					       (int)(reason->end - reason->start),
					       text + reason->start);
		}
	}
	ck_assert_str_eq(got->str, told);
}

START_TEST(pieces_of_words_speak)
{
	first_is("监理人员资格", "a word:监理人员");
	/* no word, but pieces; traditional and spaced ones too; conduct has none */
	first_is("监理和人员和监理和人员", "a piece:监理 piece:人员 piece:监理");
	first_is("監理和人员和监理和人 员", "a piece:監理 piece:人员 piece:监理");
	/* not where a company is named */
	first_is("东方监理人员监理人员公司", "");
	/* too little */
	first_is("养护", "");
	/* two words that say as much: the pieces settle it */
	first_is("路灯、道路，监理来了", "a word:道路");
}
END_TEST

/* One word speaks for all of them, and no other for any: in the departments' order, whatever the
 * order of the file. */
#define SHARED                                                                                       \
	"<lexicon xmlns='urn:pingyi:lexicon' version='t-3'>"                                         \
	"<target no='3' code='c'><name>交通运输</name><word also='a b d'>扬尘</word></target>" \
	"<target no='1' code='a'><name>环境保护</name></target>"                                 \
	"<target no='4' code='d'><name>社会保障</name><word>噪音</word></target>"              \
	"<target no='2' code='b'><name>城市管理</name></target></lexicon>"

static void order_is(const char *text, const char *wanted)
{
	g_autoptr(lexicon_handle) own = lexicon_parse("own.xml", SHARED, strlen(SHARED), NULL);
	g_autoptr(classifier_handle) classifier = classifier_new(own);
	g_autoptr(GPtrArray) ranked = classifier_rank(classifier, text);
	g_autoptr(GString) got = g_string_new("");

	for (guint i = 0; i < ranked->len; i++)
		g_string_append(got, ((const struct sorted *)ranked->pdata[i])->code);
	ck_assert_str_eq(got->str, wanted);
}

START_TEST(equal_scores_go_by_the_departments_order)
{
	order_is("扬尘太大", "abcd");
	order_is("扬尘太大，噪音太大", "dabc");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("classifier");
	TCase *tc = tcase_create("classifier");
	SRunner *runner = srunner_create(suite);
	int failed;

	lexicon = lexicon_parse("test.xml", xml, sizeof xml - 1, NULL);
	alone = classifier_new(lexicon);
	tcase_add_test(tc, reads_labels_of_all_kinds);
	tcase_add_loop_test(tc, says_where_and_why, 0, G_N_ELEMENTS(wrong));
	tcase_add_test(tc, figures_are_right);
	tcase_add_test(tc, pieces_of_words_speak);
	tcase_add_test(tc, equal_scores_go_by_the_departments_order);
	tcase_add_test(tc, corrections_are_learnt);
	tcase_add_test(tc, lexicon_counts_with_what_was_learnt);
	tcase_add_test(tc, in_doubt_a_person_decides);
	tcase_add_test(tc, of_two_that_are_close_a_person_decides);
	tcase_add_test(tc, company_names_are_not_learnt);
	tcase_add_test(tc, unknown_targets_are_passed_over);
	tcase_add_test(tc, nothing_learnt_speaks_against);
	tcase_add_test(tc, second_and_sureness_are_told);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	classifier_free(alone);
	lexicon_free(lexicon);
	return failed == 0 ? 0 : 1;
}
