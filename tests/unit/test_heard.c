#include "base/heard.h"

#include <check.h>
#include <string.h>

/* Lines of a server in a row, and what is told of them. */
static const struct {
	const char *lines[4];
	const char *quote; /* NULL: nothing is refused */
	gboolean strange;
} cases[] = {
    {{"220 peer ESMTP\r\n"}, NULL, FALSE},
    {{"220 peer\r\n", "421 4.3.2 going down\r\n"}, "421 4.3.2 going down", FALSE},
    {{"421 not now\r\n", "250 peer\r\n"}, NULL, FALSE},
    {{"550\r\n"}, "550", FALSE},
    {{"535-5.7.8 not accepted, see\r\n", "535 5.7.8 http://help.example\r\n"},
     "535 5.7.8 not accepted, see 5.7.8 http://help.example",
     FALSE},
    {{"550-a\r\n", "550-b\r\n", "550\r\n"}, "550", FALSE},
    {{"250-peer\r\n", "250 AUTH\r\n", "454 4.7.0 no TLS\n"}, "454 4.7.0 no TLS", FALSE},
    {{"* OK ready\r\n", "A001 NO [AUTHENTICATIONFAILED] no\r\n"},
     "NO [AUTHENTICATIONFAILED] no",
     FALSE},
    {{"* BYE too many connections\r\n"}, "BYE too many connections", FALSE},
    {{"* BYE\r\n"}, "BYE", FALSE},
    {{"A001 BAD what\r\n"}, "BAD what", FALSE},
    {{"A001 OK done\r\n"}, NULL, FALSE},
    {{"+OK ready\r\n", "-ERR [AUTH] no\r\n"}, "-ERR [AUTH] no", FALSE},
    {{"+ go on\r\n"}, NULL, FALSE},
    {{"HTTP/1.1 400 Bad Request\r\n"}, "HTTP/1.1 400 Bad Request", TRUE},
    {{"SSH-2.0-OpenSSH_9.2\r\n"}, "SSH-2.0-OpenSSH_9.2", TRUE},
    {{"\xd3\xc3\xbb\xa7\r\n"}, "用户", TRUE},
    {{"\r\n"}, NULL, FALSE},
    /* neither people nor passwords */
    {{"535 no <rhj@office.example>, RHJ or rhjx\r\n"}, "535 no <…>, … or rhjx", FALSE},
    {{"500 what is AUTH PLAIN AHJoakBvZmZpY2UuZXhhbXBsZQBnZWhlaW0= ?\r\n"}, "500", FALSE},
    {{"500 what is Z2VoZWlt ?\r\n"}, "500", FALSE},
    {{"-ERR PASS geheim: no\r\n"}, "-ERR", FALSE},
    {{"geheim geheim\r\n"}, "", TRUE},
};

START_TEST(what_is_told)
{
	struct heard *heard = heard_new("rhj@office.example", "geheim");
	g_autofree char *quote = NULL;

	for (guint i = 0; i < 4 && cases[_i].lines[i]; i++)
		heard_add(heard, cases[_i].lines[i], strlen(cases[_i].lines[i]));
	quote = heard_quote(heard);
	ck_assert_msg(g_strcmp0(quote, cases[_i].quote) == 0, "%s", quote);
	ck_assert_int_eq(heard_is_strange(heard), cases[_i].strange);
	ck_assert_int_eq(heard_refusal(heard) != NULL, quote && !cases[_i].strange);
	heard_free(heard);
}
END_TEST

/* Forms of a password in which it could slip through. */
START_TEST(passwords_in_disguise)
{
	static const char password[] = "ge\"heim\\中文";
	g_autofree char *gbk = g_convert(password, -1, "GB18030", "UTF-8", NULL, NULL, NULL);
	g_autofree char *far = g_strnfill(1000 - strlen("535 ") - 5, 'x');
	g_autofree char *cut = g_strdup_printf("535 %s%s", far, password);
	g_autofree char *decoded = g_strdup_printf("535 %s", gbk);
	const char *const lines[] = {"A001 BAD LOGIN \"rhj\" \"ge\\\"heim\\\\中文\"", cut, decoded};
	const char *const quotes[] = {"BAD", "535", "535"};

	for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
		struct heard *heard = heard_new("rhj@office.example", password);
		g_autofree char *quote = NULL;

		heard_add(heard, lines[i], strlen(lines[i]));
		quote = heard_quote(heard);
		ck_assert_pstr_eq(quote, quotes[i]);
		heard_free(heard);
	}
}
END_TEST

/* Without a login nothing is secret, and nobody is named. */
START_TEST(without_a_login)
{
	struct heard *heard = heard_new(NULL, NULL);
	g_autofree char *quote = NULL;

	heard_add(heard, "421 no", 6);
	quote = heard_quote(heard);
	ck_assert_str_eq(quote, "421 no");
	heard_free(heard);
}
END_TEST

START_TEST(much_is_cut)
{
	struct heard *heard = heard_new("rhj", "geheim");
	g_autofree char *line = g_strnfill(100000, 'x');
	g_autofree char *quote = NULL;

	memcpy(line, "550-", 4);
	for (guint i = 0; i < 1000; i++)
		heard_add(heard, line, 100000);
	ck_assert_uint_le(strlen(heard_refusal(heard)), 3000);
	quote = heard_quote(heard);
	ck_assert_uint_eq(strlen(quote), 200);
	heard_free(heard);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("heard");
	TCase *tc = tcase_create("heard");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tc, what_is_told, 0, G_N_ELEMENTS(cases));
	tcase_add_test(tc, passwords_in_disguise);
	tcase_add_test(tc, without_a_login);
	tcase_add_test(tc, much_is_cut);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
