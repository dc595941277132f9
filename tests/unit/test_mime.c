#include "collector/body.h"
#include "collector/mime.h"

#include <check.h>
#include <string.h>

static struct mime_message *parse(const char *text, gsize length, GPtrArray *problems)
{
	g_autoptr(GBytes) raw = g_bytes_new(text, length);

	return mime_parse(raw, problems);
}

static gboolean has_problem(const GPtrArray *problems, const char *what)
{
	for (guint i = 0; i < problems->len; i++)
		if (strcmp(g_ptr_array_index(problems, i), what) == 0)
			return TRUE;
	return FALSE;
}

START_TEST(headers_keep_their_bytes)
{
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
	const char *text = "subject: =?utf-8?B?5Zue5aSNOg==?=\n =?utf-8?B?UFk=?=\nX: y\n\nbody";
	struct mime_message *message = parse(text, strlen(text), problems);
	g_autofree char *subject = mime_header_text(message, "Subject");

	ck_assert_str_eq(subject, "回复:PY");
	ck_assert_ptr_null(mime_header_get(message, "Y"));
	mime_message_free(message);
}
END_TEST

START_TEST(an_encoded_message_part)
{
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
	const char *text = "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
			   "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
			   "U3ViamVjdDogaW5uZXIKCmJvZHkK\n--b--\n";
	struct mime_message *message = parse(text, strlen(text), problems);
	const struct mime_part *part = g_ptr_array_index(message->root->children, 0);
	g_autofree char *subject = NULL;

	ck_assert_ptr_nonnull(part->message);
	subject = mime_header_text(part->message, "Subject");
	ck_assert_str_eq(subject, "inner");
	mime_message_free(message);
}
END_TEST

static void content_is(const struct mime_part *part, const char *wanted)
{
	gsize size;
	const void *bytes = g_bytes_get_data(part->content, &size);

	ck_assert_uint_eq(size, strlen(wanted));
	ck_assert_mem_eq(bytes, wanted, size);
}

START_TEST(a_multipart_without_an_empty_line)
{
	static const char text[] =
	    "From a@b Mon Mar  2 09:30:00 2026\nSubject: x\n"
	    "Content-Type: multipart/mixed; boundary=\"a\"\n\n--a\n"
	    "Content-Type: multipart/alternative;\n boundary=ab\n--ab\n"
	    "Content-Type: text/plain\n\nwords\n--ab--\n--a\n\nmore\n--a--\n";
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
	struct mime_message *message = parse(text, sizeof text - 1, problems);
	const struct mime_part *inner;

	ck_assert_uint_eq(message->root->children->len, 2);
	inner = g_ptr_array_index(message->root->children, 0);
	ck_assert_str_eq(inner->type, "multipart/alternative");
	ck_assert_uint_eq(inner->children->len, 1);
	content_is(g_ptr_array_index(inner->children, 0), "words");
	content_is(g_ptr_array_index(message->root->children, 1), "more");
	mime_message_free(message);
}
END_TEST

START_TEST(line_ends_of_delimiters)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
	    {"--b\r\n\r\nwords\n--b--\r\n", "words"},
	    {"--b\r\n\r\nwords\r\n--b--\n", "words"},
	    {"--b\n\nwords\n--b--\r\n", "words"},
	    {"--b\r\n\r\n-- \nname\r\n--b--\n", "-- \nname"},
	    {"--b\r\n\r\nwords\n--c\r\n\r\n--b--\r\n", "words\n--c\r\n"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
		g_autofree char *text = g_strconcat(
		    "Content-Type: multipart/mixed; boundary=b\r\n\r\n", cases[i].text, NULL);
		struct mime_message *message = parse(text, strlen(text), problems);

		ck_assert_uint_eq(message->root->children->len, 1);
		content_is(g_ptr_array_index(message->root->children, 0), cases[i].wanted);
		mime_message_free(message);
	}
}
END_TEST

START_TEST(a_boundary_that_never_comes)
{
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
	const char *text = "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\nno boundary\n";
	struct mime_message *message = parse(text, strlen(text), problems);
	struct message_bodies bodies;

	message_bodies_read(message, &bodies);
	ck_assert(has_problem(problems, "no-boundary"));
	ck_assert_ptr_nonnull(strstr(bodies.marked, "no boundary"));
	message_bodies_clear(&bodies);
	mime_message_free(message);
}
END_TEST

START_TEST(limits)
{
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
	GString *text = g_string_new(NULL);
	struct mime_message *message;

	for (int i = 0; i < 200000; i++)
		g_string_append_printf(
		    text, "Content-Type: multipart/mixed; boundary=\"b%d\"\n\n--b%d\n", i, i);
	message = parse(text->str, text->len, problems);
	ck_assert(has_problem(problems, "too-many-parts"));
	ck_assert(has_problem(problems, "too-deep"));
	mime_message_free(message);

	g_ptr_array_set_size(problems, 0);
	g_string_assign(text, "Content-Type: multipart/mixed; boundary=b\n\n");
	for (int i = 0; i < 100000; i++)
		g_string_append(text, "--b\n\nx\n");
	message = parse(text->str, text->len, problems);
	ck_assert(has_problem(problems, "too-many-parts"));
	ck_assert_uint_le(message->root->children->len, MIME_PARTS_MAX);
	mime_message_free(message);

	g_ptr_array_set_size(problems, 0);
	g_string_assign(text, "Subject: ");
	for (int i = 0; i < 500000; i++)
		g_string_append(text, "xxxx");
	g_string_append(text, "\n\nbody");
	message = parse(text->str, text->len, problems);
	ck_assert(has_problem(problems, "header-cut"));
	mime_message_free(message);

	g_ptr_array_set_size(problems, 0);
	g_string_truncate(text, 0);
	for (int i = 0; i < 5000; i++)
		g_string_append_printf(text, "X-%d: y\n", i);
	message = parse(text->str, text->len, problems);
	ck_assert(has_problem(problems, "too-many-headers"));
	mime_message_free(message);
	g_string_free(text, TRUE);
}
END_TEST

START_TEST(nul_and_nonsense)
{
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
	static const char nul[] = "Subject: a\0b\n\nc\0d";
	struct mime_message *message = parse(nul, sizeof nul - 1, problems);

	mime_message_free(message);
	message = parse("\xff\xfe\xfd", 3, problems);
	mime_message_free(message);
	message = parse("\r\r\r", 3, problems);
	mime_message_free(message);
}
END_TEST

START_TEST(flowed)
{
	g_autofree char *text = body_unflow("one \ntwo\n> a \n> b\n-- \nsig \n", FALSE);
	g_autofree char *chinese = body_unflow("税务 \n局\n", TRUE);

	ck_assert_str_eq(text, "one two\n> a b\n-- \nsig ");
	ck_assert_str_eq(chinese, "税务局\n");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mime");
	TCase *tc = tcase_create("mime");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, headers_keep_their_bytes);
	tcase_add_test(tc, an_encoded_message_part);
	tcase_add_test(tc, a_multipart_without_an_empty_line);
	tcase_add_test(tc, line_ends_of_delimiters);
	tcase_add_test(tc, a_boundary_that_never_comes);
	tcase_add_test(tc, limits);
	tcase_add_test(tc, nul_and_nonsense);
	tcase_add_test(tc, flowed);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
