#include "classifier/suggest.h"
#include "classifier/trial.h"

#include <check.h>
#include <string.h>

#define LEXICON                                                                                    \
	"<lexicon xmlns='urn:pingyi:lexicon' version='t-1'>\n"                                     \
	"<target no='12' code='d12'><name>住建局</name><word>验收</word>%s</target>\n"        \
	"<target no='13' code='d13'><name>城管局</name><word>占道</word></target>\n"          \
	"</lexicon>\n"

static struct lexicon *lexicon_with(const char *words)
{
	g_autofree char *text = g_strdup_printf(LEXICON, words);
	g_autoptr(GError) error = NULL;
	struct lexicon *lexicon = lexicon_parse("f.xml", text, strlen(text), &error);

	ck_assert_msg(lexicon != NULL, "%s", error ? error->message : "?");
	return lexicon;
}

/* What is proposed, in order: "code word for against|". */
static char *proposed(GPtrArray *words)
{
	GString *all = g_string_new("");

	for (guint i = 0; i < words->len; i++) {
		const struct suggestion *one = g_ptr_array_index(words, i);

		g_string_append_printf(all, "%s %s %u %u|", one->code, one->word, one->for_it,
				       one->against);
	}
	return g_string_free(all, FALSE);
}

/* Opinions of d12 that say each word in surroundings of their own, and as many of d13. */
static void fill(struct suggest *suggest, const char *const *words, gint64 enterprises)
{
	static const char *const none[] = {NULL};
	static const char *const around[] = {"甲%s乙", "丙%s丁", "戊%s己", "庚%s辛"};
	gint64 opinion = 0;

	for (; *words; words++)
		for (guint i = 0; i < G_N_ELEMENTS(around); i++) {
			g_auto(GStrv) parts = g_strsplit(around[i], "%s", 2);
			g_autofree char *text = g_strconcat(parts[0], *words, parts[1], NULL);

			opinion++;
			suggest_add(suggest, opinion, opinion % enterprises, "d12", text, none);
		}
	for (guint i = 0; i < 40; i++) {
		g_autofree char *text = g_strdup_printf("第%u件占道", i);

		suggest_add(suggest, opinion + i + 1, i, "d13", text, none);
	}
}

static void proposes(const char *extra, const char *const *said, gint64 enterprises,
		     const char *wanted)
{
	g_autoptr(lexicon_handle) lexicon = lexicon_with(extra);
	g_autoptr(suggest_handle) suggest = suggest_new(lexicon);
	g_autoptr(GPtrArray) words = NULL;
	g_autofree char *got = NULL;

	fill(suggest, said, enterprises);
	words = suggest_words(suggest);
	suggest_choose(words, 50);
	got = proposed(words);
	ck_assert_str_eq(got, wanted);
}

START_TEST(words_that_speak_for_one_are_proposed)
{
	static const char *const said[] = {"充电桩", NULL};

	/* the whole word, none of its pieces */
	proposes("", said, 4, "d12 充电桩 4 0|");
	/* fewer than three enterprises said it */
	proposes("", said, 2, "");
	/* the lexicon has it, or a word of the same department in it */
	proposes("<word>充电桩</word>", said, 4, "");
	proposes("<word>充电</word>", said, 4, "");
	proposes("<not>充电桩</not>", said, 4, "");
}
END_TEST

START_TEST(what_names_an_enterprise_is_not)
{
	static const char *const said[] = {"充电桩", "海纳", "北辰园区", NULL};
	static const char *const named[] = {"海纳机械有限公司", NULL};
	static const char *const short_name[] = {"东方实业有限公司", "北辰", NULL};
	static const char *const own[] = {"充电桩", "甲", NULL};
	g_autoptr(lexicon_handle) lexicon = lexicon_with("");
	g_autoptr(suggest_handle) suggest = suggest_new(lexicon);
	g_autoptr(GPtrArray) words = NULL;
	g_autoptr(suggest_names_handle) names = NULL;
	g_autofree char *got = NULL;
	g_autofree char *without = suggest_without_names("问充电桩甲", own, " ");

	ck_assert_str_eq(without, "问 甲");
	fill(suggest, said, 20);
	words = suggest_words(suggest);
	names = suggest_names_new(words);
	suggest_names_add(names, named);
	suggest_names_add(names, short_name);
	/* a word in many names names nobody */
	for (guint i = 0; i <= SUGGEST_NAMED_MAX; i++) {
		g_autofree char *many = g_strdup_printf("充电桩第%u公司", i);
		const char *const one[] = {many, NULL};

		suggest_names_add(names, one);
	}
	suggest_choose(words, 50);
	got = proposed(words);
	ck_assert_str_eq(got, "d12 充电桩 4 0|");
}
END_TEST

START_TEST(anything_can_be_read)
{
	static const char *const none[] = {NULL};
	g_autoptr(lexicon_handle) lexicon = lexicon_with("");
	g_autoptr(suggest_handle) suggest = suggest_new(lexicon);
	g_autoptr(GPtrArray) empty = suggest_words(suggest);
	g_autoptr(GPtrArray) words = NULL;
	g_autoptr(GString) longest = g_string_new("");

	ck_assert_uint_eq(empty->len, 0);
	for (guint i = 0; i < 20000; i++)
		g_string_append(longest, i % 7 ? "长" : "短");
	suggest_add(suggest, 1, 1, "d12", "", none);
	suggest_add(suggest, 2, 2, "d12", "abc 123 、。", none);
	suggest_add(suggest, 3, 3, "d12", longest->str, none);
	suggest_add(suggest, 4, 4, "d99", "没有这个部门", none);
	words = suggest_words(suggest);
	ck_assert_uint_eq(words->len, 0);
}
END_TEST

START_TEST(a_trial_counts_what_moves)
{
	g_autoptr(lexicon_handle) now = lexicon_with("");
	g_autoptr(lexicon_handle) then = lexicon_with("<word weight='9'>占道</word>"
						      "<word weight='4.5'>堵路</word>");
	struct classifier *a = classifier_new(now);
	struct classifier *b = classifier_new(then);
	g_autoptr(trial_handle) same = trial_new(a, a);
	g_autoptr(trial_handle) other = trial_new(a, b);
	g_autoptr(GPtrArray) moves = NULL;
	const struct trial_move *move;
	static const char *const texts[] = {"占道太多。", "堵路太久。", "验收太慢。",
					    "都很满意。", "占道了。",   "货款不还。"};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		trial_add(same, i + 1, texts[i], NULL, NULL, NULL);
		trial_add(other, i + 1, texts[i], NULL, NULL, i == 0 ? "d13" : NULL);
	}
	ck_assert_uint_eq(same->texts, 6);
	ck_assert_uint_eq(same->moved + same->others + same->asks + same->asks_not, 0);
	moves = trial_moves(other);
	ck_assert_uint_eq(moves->len, 2);
	move = g_ptr_array_index(moves, 0);
	ck_assert_str_eq(move->from, "d13");
	ck_assert_str_eq(move->to, "d12");
	ck_assert_uint_eq(move->count, 2);
	ck_assert_int_eq(move->ids[0], 1);
	ck_assert_int_eq(move->ids[1], 5);
	ck_assert_int_eq(move->ids[2], 0);
	move = g_ptr_array_index(moves, 1);
	ck_assert_str_eq(move->from, "person");
	ck_assert_str_eq(move->to, "d12");
	ck_assert_uint_eq(other->moved, 3);
	ck_assert_uint_eq(other->asks, 0);
	ck_assert_uint_eq(other->asks_not, 1);
	ck_assert_uint_eq(other->decided, 1);
	ck_assert_uint_eq(other->right, 1);
	ck_assert_uint_eq(other->right_then, 0);
	classifier_free(a);
	classifier_free(b);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("suggest");
	TCase *tc = tcase_create("suggest");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, words_that_speak_for_one_are_proposed);
	tcase_add_test(tc, what_names_an_enterprise_is_not);
	tcase_add_test(tc, anything_can_be_read);
	tcase_add_test(tc, a_trial_counts_what_moves);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
