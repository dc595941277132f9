#include "base/charset.h"

#include <check.h>
#include <string.h>

static void same(const char *bytes, gsize length, const char *label, const char *wanted)
{
	g_autofree char *text = charset_to_utf8(bytes, length, label, NULL);

	ck_assert_str_eq(text, wanted);
}

#define SAME(bytes, label, wanted) same(bytes, sizeof(bytes) - 1, label, wanted)

START_TEST(utf8_goes_before_any_label)
{
	SAME("\xe7\xa8\x8e\xe5\x8a\xa1", "gb2312", "税务");
	SAME("\xe7\xa8\x8e\xe5\x8a\xa1", NULL, "税务");
	SAME("plain", "gbk", "plain");
	SAME("\xef\xbb\xbfplain", NULL, "plain");
}
END_TEST

START_TEST(gb_labels_mean_gb18030)
{
	/* 镕 is not in GB2312, 㐂 needs four bytes. */
	SAME("\xe9\x46", "gb2312", "镕");
	SAME("\xce\xd2\xb5\xc4\x81\x39\xee\x39", "GBK", "我的㐀");
	SAME("\xcb\xb0\xce\xf1\xbe\xd6", "x-gbk", "税务局");
	SAME("\xcb\xb0\xce\xf1\xbe\xd6", "\"CP936\"", "税务局");
}
END_TEST

START_TEST(wrong_labels_are_not_believed)
{
	SAME("\xcb\xb0\xce\xf1\xbe\xd6", NULL, "税务局");
	SAME("\xcb\xb0\xce\xf1\xbe\xd6", "utf-8", "税务局");
	SAME("\xcb\xb0\xce\xf1\xbe\xd6", "x-unknown", "税务局");
	SAME("\xcb\xb0\xce\xf1\xbe\xd6", "us-ascii", "税务局");
	SAME("\xcb\xb0\xce\xf1\xbe\xd6", "iso-8859-1", "税务局");
	SAME("Fr\xf6sche caf\xe9", NULL, "Frösche café");
	SAME("caf\xe9 noir", "iso-8859-1", "café noir");
	SAME("\xe7\xa8\x8e\xe5\x8a\xa1\xff", "utf-8", "税务\xef\xbf\xbd");
}
END_TEST

START_TEST(other_encodings_by_label)
{
	SAME("\xb5\x7c\xb0\xc8", "big5", "稅務");
	SAME("~{K0Nq>V~} ok", "HZ-GB-2312", "税务局 ok");
	SAME("\x1b$B@GL3=p\x1b(B", "iso-2022-jp", "税務署");
	/* eight-bit Japanese under the label of the seven-bit encoding */
	SAME("\xc0\xc7\xcc\xb3\xbd\xf0", "iso-2022-jp", "税務署");
	SAME("\x90\xc5\x96\xb1\x8f\x90\x82\xc5\x82\xb7", "iso-2022-jp", "税務署です");
	SAME("a\0b", NULL, "a b");
	SAME("a\x1f\x11z", NULL, "a  z");
}
END_TEST

static void header(const char *value, const char *wanted)
{
	g_autofree char *text = charset_decode_header(value, strlen(value), NULL);

	ck_assert_str_eq(text, wanted);
}

START_TEST(encoded_words)
{
	header("=?UTF-8?B?5Zue5aSNOg==?= PY", "回复: PY");
	/* A padded word followed by another: nothing is lost. */
	header("=?gb2312?B?u9i4tDqhvlBZ?= =?gb2312?B?ob8=?=\r\n =?gb2312?B?0uK8+w==?=",
	       "回复:【PY】意见");
	/* A character cut in two between words. */
	header("=?utf-8?B?56iO5Q==?= =?utf-8?B?iqE=?=", "税务");
	header("=?utf-8?Q?a=E7=A8=8E_b?=", "a税 b");
	header("\"=?utf-8?q?=E7=A8=8E?=\" <a@b>", "\"税\" <a@b>");
	header("=?utf-8?B?56iO?==?utf-8?B?5Yqh?=", "税务");
	header("=?nonsense?B?56iO?= x", "税 x");
	header("=?utf-8?B?broken", "=?utf-8?B?broken");
	header("\xcb\xb0\xce\xf1\xbe\xd6", "税务局");
	header("a =? b ?= c", "a =? b ?= c");
}
END_TEST

START_TEST(words_cut_anywhere_do_no_harm)
{
	const char *whole = "=?gb2312*zh?B?u9i4tDo=?= =?utf-8?Q?=E7=A8=8E?= \xcb\xb0 =?=?=";

	for (gsize n = 0; n <= strlen(whole); n++) {
		g_autofree char *exact = g_memdup2(whole, n);
		g_autofree char *text = charset_decode_header(n ? exact : "", n, NULL);

		ck_assert(g_utf8_validate(text, -1, NULL));
	}
}
END_TEST

START_TEST(strangers_words_are_harmless_on_a_line)
{
	g_autofree char *line = charset_line("a\x1b[31m\xc2\x9b"
					     "5m\r\nb\xe2\x80\xae\xe2\x80\xa9\xff评");
	g_autofree char *mail = charset_to_utf8("x\xc2\x9d"
						"0;T\xc2\x9c",
						8, "utf-8", NULL);

	ck_assert_str_eq(line, "a [31m 5m  b  \xef\xbf\xbd评");
	ck_assert_str_eq(mail, "x  0;T  ");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("charset");
	TCase *tc = tcase_create("charset");
	SRunner *runner = srunner_create(suite);
	int failed;

	charset_preload();
	tcase_add_test(tc, strangers_words_are_harmless_on_a_line);
	tcase_add_test(tc, utf8_goes_before_any_label);
	tcase_add_test(tc, gb_labels_mean_gb18030);
	tcase_add_test(tc, wrong_labels_are_not_believed);
	tcase_add_test(tc, other_encodings_by_label);
	tcase_add_test(tc, encoded_words);
	tcase_add_test(tc, words_cut_anywhere_do_no_harm);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
