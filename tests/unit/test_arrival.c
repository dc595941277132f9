#include "collector/arrival.h"

#include <check.h>
#include <string.h>

#define FROM  "rhj@office.example"
#define TOKEN "check-1a2b3c4da"

/* A letter with some lines above its own. */
static struct arrival *read_text(const char *above, const char *from, const char *id)
{
	g_autofree char *text = g_strdup_printf(
	    "%sFrom: \"Office\" <%s>\r\nTo: <rhj@office.example>\r\nSubject: Mail check " TOKEN
	    "\r\nMessage-ID: <%s>\r\nReferences: <letter." TOKEN "@office.example>\r\n"
	    "Auto-Submitted: auto-generated\r\n\r\nhello\r\n",
	    above, from, id);
	g_autoptr(GBytes) raw = g_bytes_new(text, strlen(text));

	return arrival_read(raw, FROM, TOKEN);
}

START_TEST(test_plain)
{
	g_autoptr(arrival_handle) arrival =
	    read_text("Return-Path: <rhj+x@office.example>\r\n", FROM, TOKEN "@office.example");

	ck_assert_ptr_nonnull(arrival);
	ck_assert(!arrival->bounced);
	ck_assert_str_eq(arrival->message_id, TOKEN "@office.example");
	ck_assert_str_eq(arrival->return_path, "rhj+x@office.example");
	ck_assert_uint_eq(arrival->references->len, 1);
	ck_assert_str_eq(g_ptr_array_index(arrival->references, 0),
			 "letter." TOKEN "@office.example");
	ck_assert_uint_eq(arrival->signatures->len, 0);
	ck_assert_ptr_null(arrival->spf);
	ck_assert_ptr_null(arrival->dkim);
	ck_assert_ptr_null(arrival->dmarc);
	ck_assert_ptr_null(arrival->client_address);
}
END_TEST

START_TEST(test_not_ours)
{
	static const char text[] = "From: <a@b.example>\r\nSubject: Hello\r\n\r\nHello\r\n";
	g_autoptr(GBytes) other = g_bytes_new_static(text, strlen(text));
	g_autoptr(GBytes) empty = g_bytes_new_static("", 0);
	g_autoptr(arrival_handle) bounce =
	    read_text("Return-Path: <>\r\n", "MAILER-DAEMON@relay.example", "x@relay.example");

	ck_assert_ptr_null(arrival_read(other, FROM, TOKEN));
	ck_assert_ptr_null(arrival_read(empty, FROM, TOKEN));
	ck_assert(bounce->bounced);
	ck_assert_str_eq(bounce->return_path, "");
}
END_TEST

START_TEST(test_results)
{
	g_autoptr(arrival_handle) arrival = read_text(
	    "Authentication-Results: mx.office.example;\r\n"
	    "\tspf=pass (mx.office.example: domain of x@y; spf=fail) smtp.mailfrom=x@y;\r\n"
	    "\tdkim=fail (bad (very) key) header.d=list.example;\r\n"
	    "\tdkim = PASS header.d=office.example header.s=py; dmarc=none\r\n"
	    "Received-SPF: fail (mx) client-ip=203.0.113.5; envelope-from=x@y;\r\n"
	    "Authentication-Results: liar.example; dmarc=pass; spf=fail\r\n"
	    "DKIM-Signature: v=1; a=rsa-sha256; d=office.example;\r\n s=py; b=x\r\n"
	    "DKIM-Signature: v=1; d=list.example; s=l\r\n",
	    FROM, TOKEN "@office.example");

	ck_assert_str_eq(arrival->authority, "mx.office.example");
	ck_assert_str_eq(arrival->spf, "pass");
	ck_assert_str_eq(arrival->dkim, "pass");
	ck_assert_str_eq(arrival->dmarc, "none");
	ck_assert_str_eq(arrival->client_address, "203.0.113.5");
	ck_assert_uint_eq(arrival->signatures->len, 2);
	ck_assert_ptr_nonnull(strstr(g_ptr_array_index(arrival->signatures, 0), "s=py"));
}
END_TEST

START_TEST(test_results_malformed)
{
	static const char *const values[] = {
	    "",
	    ";",
	    ";;;;=",
	    "spf",
	    "(",
	    "mx; spf",
	    "mx; spf=",
	    "mx; spf=()",
	    "mx; =pass",
	    "mx; spf==pass",
	    "mx;dkim",
	    "mx (((( spf=pass",
	    "mx; spf=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};

	for (guint i = 0; i < G_N_ELEMENTS(values); i++) {
		g_autofree char *line = g_strdup_printf(
		    "Authentication-Results: %s\r\nReceived-SPF: %s\r\n", values[i], values[i]);
		g_autoptr(arrival_handle) arrival = read_text(line, FROM, TOKEN "@office.example");

		ck_assert_ptr_nonnull(arrival);
		ck_assert(!arrival->spf || strcmp(arrival->spf, "pass") != 0);
	}
}
END_TEST

/* What QQ and exmail make of a Message-ID. */
START_TEST(test_message_id)
{
	g_autoptr(arrival_handle) qq = read_text("X-OQ-MSGID: <" TOKEN "@office.example>\r\n", FROM,
						 "tencent_0123456789ABCDEF@qq.com");

	ck_assert_str_eq(qq->message_id, "tencent_0123456789ABCDEF@qq.com");
	ck_assert_str_eq(qq->moved_id, TOKEN "@office.example");
	ck_assert_str_eq(arrival_own_id("64B0656069715534+check-1@x"), "check-1@x");
	ck_assert_str_eq(arrival_own_id("64B06560697155+check-1@x"), "check-1@x");
	ck_assert_str_eq(arrival_own_id("64B065606971553+a@x"), "a@x");
	ck_assert_str_eq(arrival_own_id("64B0+check-1@x"), "64B0+check-1@x");
	ck_assert_str_eq(arrival_own_id("check-1@x"), "check-1@x");
	ck_assert_str_eq(arrival_own_id(""), "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("arrival");
	TCase *tc = tcase_create("arrival");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, test_plain);
	tcase_add_test(tc, test_not_ours);
	tcase_add_test(tc, test_results);
	tcase_add_test(tc, test_results_malformed);
	tcase_add_test(tc, test_message_id);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
