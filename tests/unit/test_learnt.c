/*
 * The second layer: n-grams, the machine, the weighing of both layers, and what is kept of it.
 */
#include "base/error.h"
#include "classifier/fuse.h"
#include "classifier/gram.h"
#include "classifier/learn.h"
#include "classifier/svm.h"

#include <check.h>
#include <math.h>
#include <string.h>

static guint gram_count(const struct grams *grams, guint text, const char *word)
{
	for (guint i = grams->start[text]; i < grams->start[text + 1]; i++) {
		const struct gram_entry *entry =
		    &g_array_index(grams->entries, struct gram_entry, i);
		g_autofree char *letters = gram_text(grams->keys[entry->gram]);

		if (strcmp(letters, word) == 0)
			return entry->count;
	}
	return 0;
}

START_TEST(counts_runs_of_letters)
{
	static const char *const texts[] = {"社保卡", "我的社保，保卡2社保卡", "无"};
	g_autoptr(grams_handle) grams = grams_count(texts, 3);

	ck_assert_uint_eq(grams->texts, 3);
	/* an opening counts three times */
	ck_assert_uint_eq(gram_count(grams, 0, "社保"), GRAM_OPENS);
	ck_assert_uint_eq(gram_count(grams, 1, "社保"), 2 * GRAM_OPENS);
	ck_assert_uint_eq(gram_count(grams, 1, "社保卡"), GRAM_OPENS);
	/* no run goes over punctuation or digits, and what one text alone has is left out */
	ck_assert_uint_eq(gram_count(grams, 1, "保保"), 0);
	ck_assert_uint_eq(gram_count(grams, 1, "我的"), 0);
	ck_assert_uint_eq(gram_count(grams, 2, "无"), 0);
	for (guint i = 0; i < grams->distinct; i++)
		ck_assert_uint_eq(grams->in[i], 2);
}
END_TEST

START_TEST(counts_behind_the_opening_once)
{
	g_autoptr(GString) text = g_string_new(NULL);
	const char *texts[2];
	g_autoptr(grams_handle) grams = NULL;

	for (guint i = 0; i < GRAM_OPENING; i++)
		g_string_append(text, "，");
	g_string_append(text, "医院");
	texts[0] = texts[1] = text->str;
	grams = grams_count(texts, 2);
	ck_assert_uint_eq(gram_count(grams, 0, "医院"), 1);
}
END_TEST

START_TEST(a_long_text_is_bounded)
{
	g_autoptr(GString) text = g_string_new(NULL);
	const char *texts[2];
	g_autoptr(grams_handle) grams = NULL;

	for (guint i = 0; i < GRAM_TEXT_CHARS; i++)
		g_string_append(text, "税");
	g_string_append(text, "医院");
	texts[0] = texts[1] = text->str;
	grams = grams_count(texts, 2);
	ck_assert_uint_eq(gram_count(grams, 0, "医院"), 0);
	ck_assert_uint_eq(grams->distinct, 3);
}
END_TEST

/* Rows of two dimensions that a line tells apart. */
START_TEST(machine_separates)
{
	static const guint start[] = {0, 2, 4, 6, 8, 10, 12};
	static const guint32 at[] = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
	static const float value[] = {1, 0, 0.9f, 0.2f, 0.8f, 0.1f, 0, 1, 0.2f, 0.9f, 0.1f, 0.8f};
	static const guint8 yes[] = {1, 1, 1, 0, 0, 0};
	static const guint of[] = {0, 1, 2, 3, 4, 5};
	const struct svm_rows rows = {2, start, at, value};
	float weights[3];
	float again[3];

	svm_learn(&rows, of, 6, yes, 10, 10, 1000, weights);
	for (guint i = 0; i < 6; i++)
		ck_assert_msg((svm_margin(&rows, i, weights) > 0) == yes[i], "row %u", i);
	svm_learn(&rows, of, 6, yes, 10, 10, 1000, again);
	ck_assert_mem_eq(weights, again, sizeof weights);
}
END_TEST

/*
 * Two points at distance 1 on both sides, cost 1 each: by symmetry the bias is 0 and the weight w
 * minimises w²/2 + 2 (1 - w)², so it is 4/5.
 */
START_TEST(machine_finds_the_minimum)
{
	static const guint start[] = {0, 1, 2};
	static const guint32 at[] = {0, 0};
	static const float value[] = {1, -1};
	static const guint8 yes[] = {1, 0};
	static const guint of[] = {0, 1};
	const struct svm_rows rows = {1, start, at, value};
	float weights[2];

	svm_learn(&rows, of, 2, yes, 1, 1, 1000, weights);
	ck_assert_double_eq_tol((double)weights[0], 0.8, 0.03);
	ck_assert_double_eq_tol((double)weights[1], 0, 0.03);
}
END_TEST

START_TEST(sureness_adds_up)
{
	const struct fusion fusion = {2, 1, 0.5};
	const double margins[] = {-1, 0.5, -0.2};
	const double evidence[] = {0, 1, 3};
	double sure[3];

	fuse_sureness(&fusion, margins, evidence, 3, sure);
	ck_assert_double_eq_tol(sure[0] + sure[1] + sure[2], 1, 1e-12);
	ck_assert_double_eq_tol(log(sure[1] / sure[0]), 2 * 1.5 + 1, 1e-9);
}
END_TEST

#define TEXTS 600

/* Texts of three targets; a layer is right about `of_ten` of ten, and else says another. */
static void make_voices(double *numbers, guint *truth, guint of_ten, guint shift)
{
	for (guint i = 0; i < TEXTS; i++) {
		guint said = (i * 7 + shift) % 10 < of_ten ? i % 3 : (i + 1 + i / 10 % 2) % 3;

		truth[i] = i % 3;
		for (guint j = 0; j < 3; j++)
			numbers[i * 3 + j] = j == said ? 1 : -1;
	}
}

START_TEST(trust_goes_to_who_is_right)
{
	g_autofree double *good = g_new(double, TEXTS * 3);
	g_autofree double *bad = g_new(double, TEXTS * 3);
	g_autofree guint *truth = g_new(guint, TEXTS);
	struct fusion fusion;

	make_voices(good, truth, 9, 0);
	make_voices(bad, truth, 3, 3);
	fuse_fit(good, bad, truth, TEXTS, 3, &fusion);
	ck_assert_double_gt(fusion.learnt, fusion.lexicon);
	ck_assert_double_lt(fusion.lexicon_share, 0.25);
	fuse_fit(bad, good, truth, TEXTS, 3, &fusion);
	ck_assert_double_gt(fusion.lexicon, fusion.learnt);
	ck_assert_double_gt(fusion.lexicon_share, 0.6);
}
END_TEST

START_TEST(lexicon_fades_with_corrections)
{
	g_autofree double *learnt = g_new(double, TEXTS * 3);
	g_autofree double *lexicon = g_new(double, TEXTS * 3);
	g_autofree guint *truth = g_new(guint, TEXTS);
	struct fusion fusion;
	double before = 1;

	make_voices(learnt, truth, 8, 0);
	make_voices(lexicon, truth, 8, 5);
	for (guint n = 30; n <= TEXTS; n *= 2) {
		fuse_fit(learnt, lexicon, truth, n, 3, &fusion);
		ck_assert_double_lt(fusion.lexicon_share, before);
		before = fusion.lexicon_share;
	}
}
END_TEST

START_TEST(nothing_learnt_nothing_trusted)
{
	struct fusion fusion;

	fuse_fit(NULL, NULL, NULL, 0, 3, &fusion);
	ck_assert_double_eq(fusion.learnt, 0);
	ck_assert_double_gt(fusion.lexicon, 0);
	ck_assert_double_eq(fusion.lexicon_share, 1);
}
END_TEST

/* Lessons: */

static const char *const codes[] = {"a", "b", "c", NULL};

static struct lesson *make_lessons(guint n, GPtrArray *texts)
{
	static const char *const about[][3] = {
	    {"社保", "医保", "工伤"}, {"噪音", "污水", "废气"}, {"公交", "修路", "路灯"}};
	static const char *const rest[] = {"一直没有人管", "请尽快处理", "希望解决",
					   "已经多次反映"};
	static const double nothing[3] = {0, 0, 0};
	struct lesson *lessons = g_new0(struct lesson, n);

	for (guint i = 0; i < n; i++) {
		guint target = i % 3;

		g_ptr_array_add(
		    texts, g_strdup_printf("%s的事，%s。", about[target][i / 3 % 3], rest[i % 4]));
		lessons[i] = (struct lesson){g_ptr_array_index(texts, i), target, nothing};
	}
	return lessons;
}

static struct learnt *taught(guint n)
{
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
	g_autofree struct lesson *lessons = make_lessons(n, texts);

	return learn(lessons, n, codes, 3);
}

START_TEST(learns_what_tells_apart)
{
	g_autoptr(learnt_handle) learnt = taught(90);
	double margins[3];
	double value;

	ck_assert_ptr_nonnull(learnt);
	ck_assert_uint_eq(learnt->corrections, 90);
	ck_assert_double_eq(learnt->accuracy, 1);
	ck_assert_double_eq(learnt->lexicon_accuracy, 0);
	for (guint i = 0; i < learnt->grams; i++) {
		const struct gram_entry entry = {i, 1};

		if (strcmp(learnt->texts[i], "污水") != 0)
			continue;
		learnt_margins(learnt, &entry, 1, &value, margins);
		ck_assert_double_eq_tol(value, 1, 1e-9);
		ck_assert_double_gt(margins[1], margins[0]);
		ck_assert_double_gt(margins[1], margins[2]);
		ck_assert_double_gt(learnt_part(learnt, i, 1, value), 0);
		return;
	}
	ck_abort_msg("污水 was not learnt");
}
END_TEST

START_TEST(too_little_teaches_nothing)
{
	static const double nothing[3] = {0, 0, 0};
	struct lesson one_target[LEARN_TEXTS_MIN];

	ck_assert_ptr_null(taught(LEARN_TEXTS_MIN - 1));
	for (guint i = 0; i < LEARN_TEXTS_MIN; i++)
		one_target[i] = (struct lesson){"社保卡", 1, nothing};
	ck_assert_ptr_null(learn(one_target, LEARN_TEXTS_MIN, codes, 3));
	ck_assert_ptr_null(learn(NULL, 0, codes, 3));
}
END_TEST

START_TEST(same_lessons_same_result)
{
	g_autoptr(learnt_handle) one = taught(60);
	g_autoptr(learnt_handle) two = taught(60);
	g_autofree char *json_one = learnt_to_json(one);
	g_autofree char *json_two = learnt_to_json(two);

	ck_assert_str_eq(json_one, json_two);
}
END_TEST

START_TEST(kept_and_read_back)
{
	g_autoptr(learnt_handle) learnt = taught(60);
	g_autofree char *json = learnt_to_json(learnt);
	g_autofree char *figures = learnt_figures(learnt);
	g_autoptr(learnt_handle) back = learnt_parse("kept", json, strlen(json), NULL);
	g_autofree char *again = NULL;

	ck_assert_ptr_nonnull(back);
	again = learnt_to_json(back);
	ck_assert_str_eq(json, again);
	ck_assert_ptr_nonnull(strstr(figures, "\"corrections\":60"));
	ck_assert_ptr_null(strstr(figures, "社保"));
}
END_TEST

static void refused(const char *json, const char *what)
{
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(learnt_parse("kept", json, strlen(json), &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	ck_assert_msg(strstr(error->message, what) != NULL, "%s", error->message);
}

/* The document with the first `from` replaced. */
static void refused_with(const char *json, const char *from, const char *to, const char *what)
{
	const char *at = strstr(json, from);
	g_autofree char *changed = NULL;

	ck_assert_ptr_nonnull(at);
	changed = g_strdup_printf("%.*s%s%s", (int)(at - json), json, to, at + strlen(from));
	refused(changed, what);
}

START_TEST(damaged_is_refused)
{
	g_autoptr(learnt_handle) learnt = taught(60);
	g_autofree char *json = learnt_to_json(learnt);

	refused("", "JSON");
	refused("[1]", "JSON");
	refused("{}", "corrections");
	refused_with(json, "\"format\":1", "\"format\":2", "format");
	refused_with(json, "\"bias\":[", "\"bias\":[1,", "bias");
	refused_with(json, "\"weights\":[", "\"weights\":[1,", "weights");
	refused_with(json, "\"rarity\":[", "\"rarity\":[0,", "rarity");
	refused_with(json, "\"weights\":[", "\"weights\":[999,", "weights");
	refused_with(json, "\"grams\":[", "\"grams\":[\"\",", "grams");
	refused_with(json, "\"grams\":[", "\"grams\":[{},", "grams");
	refused_with(json, "\"targets\":[", "\"targets\":[],\"x\":[", "targets");
	refused_with(json, "\"scale\":", "\"scale\":-", "scale");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("learnt");
	TCase *tc = tcase_create("learnt");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, counts_runs_of_letters);
	tcase_add_test(tc, counts_behind_the_opening_once);
	tcase_add_test(tc, a_long_text_is_bounded);
	tcase_add_test(tc, machine_separates);
	tcase_add_test(tc, machine_finds_the_minimum);
	tcase_add_test(tc, sureness_adds_up);
	tcase_add_test(tc, trust_goes_to_who_is_right);
	tcase_add_test(tc, lexicon_fades_with_corrections);
	tcase_add_test(tc, nothing_learnt_nothing_trusted);
	tcase_add_test(tc, learns_what_tells_apart);
	tcase_add_test(tc, too_little_teaches_nothing);
	tcase_add_test(tc, same_lessons_same_result);
	tcase_add_test(tc, kept_and_read_back);
	tcase_add_test(tc, damaged_is_refused);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
