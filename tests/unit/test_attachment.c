#include "collector/pdf.h"
#include "collector/rtf.h"
#include "collector/tnef.h"
#include "tests/unit/got.h"
#include "tests/unit/zip_writer.h"

#include <check.h>
#include <string.h>

static const struct reading_attachment *inside(const struct reading_attachment *outer, guint i)
{
	ck_assert_uint_lt(i, outer->inside->len);
	return g_ptr_array_index(outer->inside, i);
}

/* --- HTML ----------------------------------------------------------------------------------- */

/* What stands behind a large picture is not read; that is told. */
START_TEST(html_that_is_cut)
{
	g_autofree char *picture = g_strnfill(1200000, 'A');
	g_autofree char *html = g_strdup_printf(
	    "<html><body><p>前</p><img src=\"data:image/png;base64,%s\"><p>后</p></body></html>",
	    picture);
	g_autoptr(GBytes) long_one = g_bytes_new(html, strlen(html));
	g_autoptr(GBytes) short_one = g_bytes_new_static("<p>前</p>", strlen("<p>前</p>"));
	struct got got;

	got_read_as("a.html", "text/html", long_one, &got);
	ck_assert_ptr_nonnull(strstr(got.attachment->text, "前"));
	ck_assert_ptr_nonnull(got.attachment->unread);
	got_clear(&got);
	got_read_as("a.html", "text/html", short_one, &got);
	ck_assert_ptr_null(got.attachment->unread);
	got_clear(&got);
}
END_TEST

/* --- zip ------------------------------------------------------------------------------------ */

START_TEST(a_zip_with_names_in_gbk_and_utf8)
{
	const struct zip_file files[] = {
	    {"\xd2\xe2\xbc\xfb/\xcb\xb0\xce\xf1.txt", "\xcb\xb0\xce\xf1\xbe\xd6", 0},
	    {"意见\\城管.txt", "城管局", 0},
	    {"__MACOSX/._x", "x", 0},
	    {"a/Thumbs.db", "x", 0},
	    {"照片.jpg", "\xff\xd8\xff\xe0", 0},
	};
	g_autoptr(GBytes) zip = zip_of_files(files, G_N_ELEMENTS(files), NULL);
	struct got got;

	got_read("材料.zip", zip, &got);
	ck_assert_ptr_null(got.attachment->unread);
	ck_assert_uint_eq(got.attachment->inside->len, 3);
	ck_assert_str_eq(inside(got.attachment, 0)->name, "意见/税务.txt");
	ck_assert_str_eq(inside(got.attachment, 0)->text, "税务局");
	ck_assert_str_eq(inside(got.attachment, 1)->name, "意见/城管.txt");
	ck_assert_str_eq(inside(got.attachment, 1)->text, "城管局");
	ck_assert_ptr_null(inside(got.attachment, 2)->text);
	ck_assert_ptr_nonnull(inside(got.attachment, 2)->unread);
	ck_assert_uint_eq(got.problems->len, 0);
	got_clear(&got);
}
END_TEST

START_TEST(our_form_in_a_zip_in_a_message_in_a_zip)
{
	g_autofree char *xml = got_answers_xml();
	const struct zip_file form = {"回执.xml", xml, 0};
	g_autoptr(GBytes) first = zip_of_files(&form, 1, NULL);
	g_autofree char *packed =
	    g_base64_encode(g_bytes_get_data(first, NULL), g_bytes_get_size(first));
	g_autofree char *mail = g_strdup_printf("Subject: x\nMIME-Version: 1.0\n"
						"Content-Type: application/zip; name=a.zip\n"
						"Content-Disposition: attachment\n"
						"Content-Transfer-Encoding: base64\n\n%s\n",
						packed);
	const struct zip_file message = {"转发.eml", mail, 0};
	g_autoptr(GBytes) second = zip_of_files(&message, 1, NULL);
	const struct reading_attachment *eml;
	struct got got;

	got_read("b.zip", second, &got);
	ck_assert_ptr_nonnull(got.form);
	ck_assert_uint_eq(got.form->ratings->len, 1);
	eml = inside(got.attachment, 0);
	ck_assert_str_eq(inside(inside(eml, 0), 0)->name, "回执.xml");
	got_clear(&got);
}
END_TEST

START_TEST(a_locked_zip_keeps_its_names)
{
	static const char *const ways[] = {"zipcrypt", "aes256"};
	const struct zip_file files[] = {{"a.txt", "secret", 0}, {"b.txt", "secret", 0}};

	for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
		g_autoptr(GBytes) zip = zip_of_files(files, G_N_ELEMENTS(files), ways[i]);
		struct got got;

		ck_assert_ptr_nonnull(zip);
		got_read("a.zip", zip, &got);
		ck_assert_uint_eq(got.attachment->inside->len, 2);
		ck_assert_str_eq(inside(got.attachment, 1)->name, "b.txt");
		ck_assert_ptr_nonnull(strstr(inside(got.attachment, 1)->unread, "password"));
		ck_assert_ptr_null(inside(got.attachment, 1)->text);
		got_clear(&got);
	}
}
END_TEST

START_TEST(a_broken_zip_is_named)
{
	const struct zip_file file = {"a.txt", "words of an answer", 0};
	g_autoptr(GBytes) zip = zip_of_files(&file, 1, NULL);
	gsize size;
	const guint8 *bytes = g_bytes_get_data(zip, &size);

	for (gsize n = 0; n < size; n++) { /* broken off anywhere, and any byte wrong */
		g_autoptr(GBytes) part = g_bytes_new(bytes, n);
		g_autofree guint8 *wrong = g_memdup2(bytes, size);
		g_autoptr(GBytes) other = NULL;
		struct got got;

		got_read("a.zip", part, &got);
		ck_assert(n == 0 || got.attachment->unread);
		got_clear(&got);
		wrong[n] ^= 0xff;
		other = g_bytes_new(wrong, size);
		got_read("a.zip", other, &got);
		got_clear(&got);
	}
}
END_TEST

static char *count_pdf(void *user, GBytes *pdf, enum pdf_want want, GError **error)
{
	(void)pdf;
	(void)want;
	(void)error;
	(*(guint *)user)++;
	return g_strdup("words");
}

/* What would not be kept is not converted. */
START_TEST(no_text_is_left)
{
	g_autofree char *words = g_strnfill(READING_ATTACHMENT_TEXT_MAX, 'x');
	struct zip_file files[11] = {{"0.pdf", "%PDF-1.4", 0}};
	g_autoptr(GBytes) zip = NULL;
	guint pdfs = 0;
	struct got got;

	for (guint i = 0, x = 1; i < READING_ATTACHMENT_TEXT_MAX; i++, x = x * 1103515245u + 12345u)
		words[i] = (char)('a' + (x >> 16) % 26);
	for (guint i = 1; i < 9; i++)
		files[i] = (struct zip_file){"a.txt", words, 0};
	files[9] = (struct zip_file){"9.pdf", "%PDF-1.4", 0};
	files[10] = (struct zip_file){"b.txt", "words", 0};
	zip = zip_of_files(files, G_N_ELEMENTS(files), NULL);
	pdf_use(count_pdf, &pdfs);
	got_read("a.zip", zip, &got);
	pdf_use(NULL, NULL);
	ck_assert_uint_eq(pdfs, 1);
	ck_assert_str_eq(inside(got.attachment, 0)->text, "words");
	for (guint i = 9; i < 11; i++) {
		ck_assert_ptr_null(inside(got.attachment, i)->text);
		ck_assert_ptr_nonnull(inside(got.attachment, i)->unread);
	}
	got_clear(&got);
}
END_TEST

START_TEST(documents_are_no_archives)
{
	const struct zip_file odt[] = {{"mimetype", "application/vnd.oasis.opendocument.text", 0},
				       {"content.xml", "<x/>", 0}};
	const struct zip_file docx[] = {
	    {"[Content_Types].xml", "<Types/>", 0},
	    {"word/document.xml",
	     "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">"
	     "<w:body><w:p><w:r><w:t>税务局</w:t></w:r></w:p></w:body></w:document>",
	     0}};
	g_autoptr(GBytes) open = zip_of_files(odt, G_N_ELEMENTS(odt), NULL);
	g_autoptr(GBytes) word = zip_of_files(docx, G_N_ELEMENTS(docx), NULL);
	struct got got;

	got_read("a.odt", open, &got);
	ck_assert_uint_eq(got.attachment->inside->len, 0);
	ck_assert_ptr_nonnull(got.attachment->unread);
	got_clear(&got);
	got_read(NULL, word, &got); /* whatever it is called */
	ck_assert_ptr_null(got.attachment->unread);
	ck_assert_str_eq(g_strstrip(got.attachment->text), "税务局");
	got_clear(&got);
}
END_TEST

START_TEST(only_a_person_reads_these)
{
	static const struct {
		const char *name;
		const char *bytes;
	} files[] = {{"a.doc", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"},
		     {"a.wps", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"},
		     {"a.docx", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}, /* locked */
		     {"a.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"},
		     {"a.png", "\x89PNG\r\n"},
		     {"a.rar", "Rar!\x1a\x07"},
		     {"a.pdf", "%PDF-1.7\n"},
		     {"a", "whatever"}};

	for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autoptr(GBytes) content = g_bytes_new(files[i].bytes, strlen(files[i].bytes));
		struct got got;

		got_read(files[i].name, content, &got);
		ck_assert_msg(got.attachment->unread && !got.attachment->text, "%s", files[i].name);
		ck_assert_uint_eq(got.problems->len, 0);
		got_clear(&got);
	}
}
END_TEST

/* --- winmail.dat ---------------------------------------------------------------------------- */

static void add32(GByteArray *out, guint32 value)
{
	guint32 little = GUINT32_TO_LE(value);

	g_byte_array_append(out, (const guint8 *)&little, 4);
}

static void add_bytes(GByteArray *out, const void *bytes, gsize n)
{
	g_byte_array_append(out, bytes, (guint)n);
}

static void add_attribute(GByteArray *out, guint8 level, guint32 id, const void *bytes, gsize n)
{
	g_byte_array_append(out, &level, 1);
	add32(out, id);
	add32(out, (guint32)n);
	add_bytes(out, bytes, n);
	add_bytes(out, "\0", 2);
}

/* A property whose length stands before it. */
static void add_property(GByteArray *out, guint32 type, guint32 id, const void *bytes, gsize n)
{
	add32(out, type | id << 16);
	add32(out, 1);
	add32(out, (guint32)n);
	add_bytes(out, bytes, n);
	add_bytes(out, "\0\0\0", (4 - n % 4) % 4);
}

static GByteArray *tnef_begin(void)
{
	GByteArray *out = g_byte_array_new();

	add32(out, 0x223e9f78);
	add_bytes(out, "\1", 2);
	return out;
}

/* "意见.txt" in UTF-16. */
static const char wide_name[] = "\x0f\x61\xc1\x89.\0t\0x\0t\0\0";
/* MS-OXRTFCP 4.1.1: "hello world" */
static const char packed[] =
    "\x2d\0\0\0\x2b\0\0\0\x4c\x5a\x46\x75\xf1\xc5\xc7\xa7\x03\0\x0a\0\x72\x63\x70\x67\x31\x32\x35"
    "\x42\x32\x0a\xf3\x20\x68\x65\x6c\x09\0\x20\x62\x77\x05\xb0\x6c\x64\x7d\x0a\x80\x0f\xa0";

static GBytes *make_tnef(gboolean plain)
{
	g_autofree char *xml = got_answers_xml();
	GByteArray *out = tnef_begin();
	g_autoptr(GByteArray) message = g_byte_array_new();
	g_autoptr(GByteArray) attached = g_byte_array_new();

	add32(message, plain ? 1 : 2);
	if (!plain) { /* a named property of a number stands before */
		add32(message, 0x0003 | 0x8001u << 16);
		add_bytes(message, "0123456789abcdef\0\0\0\0\7\0\0\0\1\0\0\0", 28);
	}
	add_property(message, 0x0102, 0x1009, packed, sizeof packed - 1);
	if (plain)
		add_attribute(out, 1, 0x2800c, "\xcb\xb0\xce\xf1\xbe\xd6\r\n", 9);
	add_attribute(out, 1, 0x69003, message->data, message->len);
	add_attribute(out, 2, 0x69002, "\1\0\0\0\0\0\0\0\0\0\0\0\0\0", 14);
	add_attribute(out, 2, 0x18010, "YIJIAN~1.TXT", 13);
	add_attribute(out, 2, 0x6800f, "abc", 3);
	add32(attached, 1);
	add_property(attached, 0x001f, 0x3707, wide_name, sizeof wide_name - 1);
	add_attribute(out, 2, 0x69005, attached->data, attached->len);
	add_attribute(out, 2, 0x69002, "\1\0\0\0\0\0\0\0\0\0\0\0\0\0", 14);
	add_attribute(out, 2, 0x18010, "form.xml", 9);
	add_attribute(out, 2, 0x6800f, xml, strlen(xml));
	return g_byte_array_free_to_bytes(out);
}

START_TEST(winmail_dat)
{
	g_autoptr(GBytes) plain = make_tnef(TRUE);
	g_autoptr(GBytes) rich = make_tnef(FALSE);
	struct got got;

	got_read_as("winmail.dat", "application/ms-tnef", plain, &got);
	ck_assert_ptr_null(got.attachment->unread);
	ck_assert_str_eq(got.attachment->text, "税务局\n");
	ck_assert_uint_eq(got.attachment->inside->len, 2);
	ck_assert_str_eq(inside(got.attachment, 0)->name, "意见.txt");
	ck_assert_str_eq(inside(got.attachment, 0)->text, "abc");
	ck_assert_str_eq(inside(got.attachment, 1)->name, "form.xml");
	ck_assert_ptr_nonnull(got.form);
	got_clear(&got);
	got_read(NULL, rich, &got);
	ck_assert_str_eq(got.attachment->text, "hello world");
	got_clear(&got);
}
END_TEST

START_TEST(a_broken_winmail_dat)
{
	g_autoptr(GBytes) whole = make_tnef(FALSE);
	gsize size;
	const guint8 *bytes = g_bytes_get_data(whole, &size);

	for (gsize n = 0; n < size; n++) {
		g_autoptr(GBytes) part = g_bytes_new(bytes, n);
		g_autofree guint8 *wrong = g_memdup2(bytes, size);
		g_autoptr(GBytes) other = NULL;
		struct got got;

		got_read("winmail.dat", part, &got);
		got_clear(&got);
		wrong[n] ^= 0xff;
		other = g_bytes_new(wrong, size);
		got_read("winmail.dat", other, &got);
		got_clear(&got);
	}
}
END_TEST

START_TEST(rtf)
{
	static const struct {
		const char *rtf;
		const char *text;
	} cases[] = {
	    {"{\\rtf1\\ansi\\ansicpg936{\\fonttbl{\\f0\\fcharset134 SimSun;}}\\f0 "
	     "\\'cb\\'b0\\'ce\\'f1\\par \\'be\\'d6}",
	     "税务\n局"},
	    {"{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0\\fcharset0 Arial;}{\\f1\\fcharset134 X;}}"
	     "{\\info{\\title hidden}}{\\f1\\'cb\\'b0}caf\\'e9}",
	     "税café"},
	    {"{\\rtf1\\uc1 \\u31246?\\u21153?{\\*\\generator hidden;}\\{\\}\\u-10179?\\u-8704?}",
	     "税务{}😀"},
	    {"{\\rtf1\\ansi\\fromhtml1{\\*\\htmltag64 <p>}one{\\*\\htmltag72 </p>}"
	     "\\htmlrtf\\par hidden\\htmlrtf0{\\*\\htmltag64 <p>}two}",
	     "one\n\ntwo\n"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = rtf_to_text(cases[i].rtf, strlen(cases[i].rtf));

		ck_assert_str_eq(text, cases[i].text);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("attachment");
	TCase *tc = tcase_create("attachment");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, html_that_is_cut);
	tcase_add_test(tc, a_zip_with_names_in_gbk_and_utf8);
	tcase_add_test(tc, our_form_in_a_zip_in_a_message_in_a_zip);
	tcase_add_test(tc, a_locked_zip_keeps_its_names);
	tcase_add_test(tc, a_broken_zip_is_named);
	tcase_add_test(tc, no_text_is_left);
	tcase_add_test(tc, documents_are_no_archives);
	tcase_add_test(tc, only_a_person_reads_these);
	tcase_add_test(tc, winmail_dat);
	tcase_add_test(tc, a_broken_winmail_dat);
	tcase_add_test(tc, rtf);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
