/* What goes with a letter: files of the round and the enterprise, pictures, settings. */
#include "tests/unit/compose_office.h"

#include "base/error.h"
#include "mailer/maildir.h"
#include "templates/view.h"

#include <check.h>
#include <string.h>

/* --- files --- */

START_TEST(files_of_round_and_enterprise)
{
	g_autoptr(GBytes) pdf = g_bytes_new_static("%PDF-1.7\0x", 10);
	g_autoptr(GBytes) empty = g_bytes_new_static("", 0);
	const struct compose_attachment rounds[] = {
	    {"关于征求意见的通知.pdf", "application/pdf", pdf}, {"空.txt", NULL, empty}};
	const struct compose_attachment own[] = {{"../贵单位\n清单.xlsx", "application/pdf", pdf}};
	g_autoptr(composer_handle) c = compose_composer(COMPOSE_LETTER, "zh", rounds, 2);
	struct compose_mail mail = compose_mail_of(COMPOSE_LETTER, "zh");
	static const char *const names[] = {"关于征求意见的通知.pdf", "空.txt",
					    "征求意见表 PY-22222222.docx", "_贵单位 清单.xlsx"};
	g_autoptr(GString) out = NULL;
	struct mime_message *message;

	mail.attachments = own;
	mail.attachment_count = 1;
	out = compose_whole(c, &mail);
	compose_keep("zh", "files", out);
	compose_check_wire(out->str, out->len);
	message = compose_parse(out);
	ck_assert_uint_eq(message->root->children->len, 5);
	for (guint i = 0; i < 4; i++) {
		ck_assert_str_eq(compose_child(message->root, i + 1)->name, names[i]);
		ck_assert(compose_child(message->root, i + 1)->attached);
	}
	ck_assert(g_bytes_equal(compose_child(message->root, 1)->content, pdf));
	ck_assert(g_bytes_equal(compose_child(message->root, 2)->content, empty));
	ck_assert(g_bytes_equal(compose_child(message->root, 4)->content, pdf));
	ck_assert_str_eq(compose_child(message->root, 2)->type, "application/octet-stream");
	mime_message_free(message);
}
END_TEST

START_TEST(a_round_may_have_no_form)
{
	struct round round = compose_round("zh");
	struct compose_mail mail = compose_mail_of(COMPOSE_LETTER, "zh");
	g_autoptr(composer_handle) c = NULL;
	g_autoptr(GString) out = NULL;
	struct mime_message *message;
	g_autofree char *text = NULL;

	g_clear_pointer(&round.form, g_bytes_unref);
	c = composer_new(compose_office, &round, COMPOSE_LETTER, NULL, 0, NULL);
	out = compose_whole(c, &mail);
	message = compose_parse(out);
	ck_assert_str_eq(message->root->type, "multipart/alternative");
	text = mime_part_text(compose_child(message->root, 0));
	ck_assert_ptr_null(strstr(text, "附件"));
	mime_message_free(message);
	compose_round_clear(&round);
}
END_TEST

#define PICTURE_LETTER                                                                             \
	"<html xmlns='http://www.w3.org/1999/xhtml' xmlns:p='urn:pingyi:view'>\n"                  \
	"<head><title p:text='number'>x</title></head><body>\n"                                    \
	"<p><img src='cid:seal.png' alt='印章'/></p></body></html>"

START_TEST(pictures_go_with_the_html)
{
	g_autoptr(GBytes) png = g_bytes_new_static("\x89PNG", 4);
	const struct compose_attachment files[] = {{"seal.png", "image/png", png},
						   {"seal.pdf", "application/pdf", png}};
	struct round round = compose_round("zh");
	struct compose_mail mail = compose_mail_of(COMPOSE_LETTER, "zh");
	g_autoptr(composer_handle) c = NULL;
	g_autoptr(GString) out = NULL;
	struct mime_message *message;
	const struct mime_part *related;
	g_autofree char *html = NULL;

	g_free(round.template_text);
	round.template_text = g_strdup(PICTURE_LETTER);
	c = composer_new(compose_office, &round, COMPOSE_LETTER, files, 2, NULL);
	out = compose_whole(c, &mail);
	compose_check_wire(out->str, out->len);
	message = compose_parse(out);
	ck_assert_uint_eq(message->root->children->len, 3); /* letter, seal.pdf, form */
	related = compose_child(compose_child(message->root, 0), 1);
	ck_assert_str_eq(related->type, "multipart/related");
	html = mime_part_text(compose_child(related, 0));
	ck_assert_str_eq(compose_child(related, 1)->type, "image/png");
	ck_assert_str_eq(compose_child(related, 1)->id, "seal.png" LETTER_PICTURE_AT);
	ck_assert(!compose_child(related, 1)->attached);
	ck_assert_ptr_nonnull(strstr(html, "src=\"cid:seal.png" LETTER_PICTURE_AT "\""));
	mime_message_free(message);
	compose_round_clear(&round);
}
END_TEST

static void refused(struct round *round, const struct compose_attachment *files, guint count,
		    const char *words)
{
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(
	    composer_new(compose_office, round, COMPOSE_LETTER, files, count, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	ck_assert_msg(strstr(error->message, words) != NULL, "%s", error->message);
}

START_TEST(wrong_files_are_refused)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static("x", 1);
	const struct compose_attachment gone[] = {{"a.pdf", "application/pdf", NULL}};
	const struct compose_attachment type[] = {{"b.eml", "message/rfc822", bytes}};
	const struct compose_attachment other[] = {{"Seal.png", "image/png", bytes}};
	const struct compose_attachment text[] = {{"seal.png", "text/plain", bytes}};
	struct round round = compose_round("zh");
	g_autoptr(composer_handle) c = compose_composer(COMPOSE_LETTER, "zh", NULL, 0);
	struct compose_mail mail = compose_mail_of(COMPOSE_LETTER, "zh");
	g_autoptr(compose_scratch_handle) scratch = compose_scratch_new();
	g_autoptr(GString) out = g_string_new("before");
	g_autoptr(GError) error = NULL;

	refused(&round, gone, 1, "a.pdf");
	refused(&round, type, 1, "b.eml");
	g_free(round.template_text);
	round.template_text = g_strdup(PICTURE_LETTER);
	refused(&round, NULL, 0, "letter.xhtml:3: ");
	refused(&round, other, 1, "letter.xhtml:3: ");
	refused(&round, text, 1, "seal.png");
	compose_round_clear(&round);
	mail.attachments = gone;
	mail.attachment_count = 1;
	ck_assert(!composer_append(c, &mail, compose_now, scratch, out, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	ck_assert_str_eq(out->str, "before");
}
END_TEST

START_TEST(settings_are_checked)
{
	struct round round = compose_round("zh");

	compose_set("mail", "from", "nobody");
	refused(&round, NULL, 0, "nobody");
	compose_set("mail", "from", "a@b.example");
	compose_set("office", "timezone", "Mars/Olympus");
	refused(&round, NULL, 0, "Mars/Olympus");
	compose_round_clear(&round);
}
END_TEST

/* --- a Maildir has files of its machine --- */

START_TEST(a_maildir_has_local_line_ends)
{
	static const char wire[] = "A: b\r\n\r\none\rtwo\r\r\nthree\nend\r";
	g_autoptr(GBytes) message = g_bytes_new_static(wire, sizeof wire - 1);
	g_autofree char *path = g_build_filename(compose_folder, "box", NULL);
	g_autofree char *file = g_build_filename(path, "new", "_a@b_.eml", NULL);
	g_autofree char *text = NULL;

	ck_assert(maildir_deliver(path, "<a@b>", message, NULL));
	ck_assert(g_file_get_contents(file, &text, NULL, NULL));
	ck_assert_str_eq(text, "A: b\n\none\rtwo\r\nthree\nend\r");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("compose_files");
	TCase *tc = tcase_create("compose_files");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, compose_setup, compose_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, files_of_round_and_enterprise);
	tcase_add_test(tc, a_round_may_have_no_form);
	tcase_add_test(tc, pictures_go_with_the_html);
	tcase_add_test(tc, wrong_files_are_refused);
	tcase_add_test(tc, settings_are_checked);
	tcase_add_test(tc, a_maildir_has_local_line_ends);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
