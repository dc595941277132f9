/* Whose links nobody but this machine could open, and through what letters with such links leave.
 */
#include "base/error.h"
#include "mailer/gate.h"
#include "mailer/relay.h"
#include "tests/unit/compose_office.h"

#include <check.h>
#include <string.h>

static const char *const here[] = {
    "http://127.0.0.1:8080",
    "http://127.0.0.1",
    "https://127.8.9.10/letters",
    "http://127.1",
    "http://127.0.1",
    "http://0x7f.1",
    "http://0177.0.0.1",
    "http://2130706433",
    "http://0x7f000001:80/",
    "http://0.0.0.0",
    "http://0:8080",
    "http://127.0.0.1.",
    "http://someone@127.0.0.1",
    "http://py.example.org@127.0.0.1/",
    "http://１２７.0.0.1",
    "http://127。0。0。1",
    "http://[::1]:8080",
    "http://[::]",
    "http://[0:0:0:0:0:0:0:1]",
    "http://[::ffff:127.0.0.1]",
    "http://[::ffff:7f00:1]",
    "http://[::ffff:0.0.0.0]",
    "http://localhost",
    "http://localhost.",
    "http://LocalHost:8080",
    "http://localhost.localdomain",
    "http://pingyi.localhost",
    "http://pingyi.localhost.",
    "http://localhost6",
    "http://ip6-localhost",
    "http://ip6-loopback",
    "smtp://127.0.0.1:25",
};

static const char *const elsewhere[] = {
    "https://opinion.office.example",
    "https://localhost.office.example",
    "https://localhost-office.example",
    "https://mylocalhost",
    "https://127.0.0.1.office.example",
    "https://127-0-0-1.example",
    "http://128.0.0.1",
    "http://1.127.0.1",
    "http://10.0.0.1:8080",
    "http://192.168.1.1",
    "http://3232235777",
    "http://[2001:db8::1]",
    "http://[2001:db8::7f00:1]",
    "http://[::ffff:192.0.2.1]",
    "http://[fe80::1]",
    "http://评议.example",
    "py.example.org",
    "",
};

START_TEST(what_is_this_machine)
{
	ck_assert_msg(relay_is_loopback(here[_i]), "%s", here[_i]);
}
END_TEST

START_TEST(what_is_not)
{
	ck_assert_msg(!relay_is_loopback(elsewhere[_i]), "%s", elsewhere[_i]);
}
END_TEST

/* The code of the error, -1: links and destinations fit. */
static int code_of(const char *url, const char *first, const char *second, char **said_out)
{
	g_autoptr(GError) error = NULL;

	compose_set("office", "public_url", url);
	compose_set("mail", "destination", first);
	compose_set("mail second", "destination", second);
	if (gate_check_link(compose_office, &error))
		return -1;
	g_free(*said_out);
	*said_out = g_strdup(error->message);
	return error->code;
}

START_TEST(links_to_this_machine_do_not_leave_it)
{
	static const char *const relays[] = {
	    "smtp://127.0.0.1:25",   "smtp://localhost",      "smtp://[::1]:2525",
	    "smtps://localhost:465", "smtps://relay.example", "smtp://0.0.0.0:25",
	};
	g_autofree char *said = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(relays); i++) {
		ck_assert_int_eq(code_of("http://127.0.0.1:8080", relays[i], "", &said),
				 PINGYI_ERROR_STATE);
		ck_assert_ptr_nonnull(strstr(said, relays[i]));
		ck_assert_ptr_nonnull(strstr(said, "[office] public_url is http://127.0.0.1:8080"));
		ck_assert_ptr_nonnull(strstr(said, "[mail] destination = maildir:outbox"));
		ck_assert_int_eq(code_of("http://[::]", "maildir:outbox", relays[i], &said),
				 PINGYI_ERROR_STATE);
		ck_assert_int_eq(code_of("https://py.example.org", relays[i], relays[i], &said),
				 -1);
	}
	ck_assert_int_eq(code_of("http://127.0.0.1:8080", "maildir:outbox", "", &said), -1);
	ck_assert_int_eq(code_of("http://127.0.0.1", "maildir:a", "maildir:/b", &said), -1);
}
END_TEST

START_TEST(what_is_no_link_at_all)
{
	static const char *const urls[] = {
	    "py.example.org",
	    "ftp://py.example.org",
	    "https://",
	    "https:///l",
	    "http://:8080",
	    "https:py.example",
	    "http://127.0.0.1:99999",
	    "https://py.example.org:port",
	    "/l",
	};
	g_autofree char *said = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(urls); i++) {
		ck_assert_msg(code_of(urls[i], "maildir:outbox", "", &said) == PINGYI_ERROR_INPUT,
			      "%s", urls[i]);
		ck_assert_ptr_nonnull(strstr(said, urls[i]));
	}
	ck_assert_int_eq(
	    code_of("HTTPS://py.example.org:8443/office", "smtp://relay.example", "", &said), -1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("relay");
	TCase *hosts = tcase_create("hosts");
	TCase *gate = tcase_create("gate");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(hosts, what_is_this_machine, 0, G_N_ELEMENTS(here));
	tcase_add_loop_test(hosts, what_is_not, 0, G_N_ELEMENTS(elsewhere));
	suite_add_tcase(suite, hosts);
	tcase_add_checked_fixture(gate, compose_setup, compose_teardown);
	tcase_add_test(gate, links_to_this_machine_do_not_leave_it);
	tcase_add_test(gate, what_is_no_link_at_all);
	suite_add_tcase(suite, gate);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
