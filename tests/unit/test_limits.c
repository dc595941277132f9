/*
 * What strangers may send to exhaust or confuse the reader: each is read within LIMIT_S of the
 * processor's time and LIMIT_MB, says what was left out, and loses nothing that can be kept.
 */
#include "base/number.h"
#include "collector/attachment.h"
#include "collector/read.h"
#include "templates/form.h"

#include <archive.h>
#include <archive_entry.h>
#include <check.h>
#include <string.h>
#include <sys/resource.h>

#ifdef __SANITIZE_ADDRESS__
#define LIMIT_S    60
#define LIMIT_MB   4096
#define HEAD_BYTES (1u << 20) /* growing a long header is slow there */
#else
#define LIMIT_S    10
#define LIMIT_MB   400
#define HEAD_BYTES (6u << 20)
#endif

#define HEAD       "From: a@b.invalid\nSubject: x\nMIME-Version: 1.0\n"
#define W_NS       "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
#define MEGABYTE   (1u << 20)
#define ZIP_ROOM   (16u << 20)
#define ZIP_STRIDE 65536u

static long used_mb(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss / 1024;
}

static double used_s(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / G_USEC_PER_SEC;
}

/* Reads bytes and makes the record, in time and memory. */
static struct reading *read_bytes(const char *bytes, gsize size)
{
	g_autoptr(GBytes) raw = g_bytes_new_static(bytes, size);
	double began = used_s();
	struct reading *reading = read_message(raw, NULL, NULL);
	g_autofree char *line = reading_to_line(reading);
	long mb = used_mb();
	double took = used_s() - began;

	ck_assert_msg(took < LIMIT_S, "it took %.1f s", took);
	ck_assert_msg(mb < LIMIT_MB, "it took %ld MB", mb);
	ck_assert_uint_le(strlen(line), READING_JSON_MAX);
	ck_assert(g_utf8_validate(line, -1, NULL));
	ck_assert_ptr_null(strstr(line, "\\u0000"));
	return reading;
}

static gboolean has_problem(const struct reading *reading, const char *what)
{
	for (guint i = 0; i < reading->problems->len; i++)
		if (g_str_has_prefix(g_ptr_array_index(reading->problems, i), what))
			return TRUE;
	return FALSE;
}

static void add_times(GString *text, const char *piece, guint n)
{
	for (guint i = 0; i < n; i++)
		g_string_append(text, piece);
}

/* Reads a message that consists of `head`, `n` times `piece`, and `tail`. */
static struct reading *read_times(const char *head, const char *piece, guint n, const char *tail)
{
	GString *text = g_string_new(head);
	struct reading *reading;

	add_times(text, piece, n);
	g_string_append(text, tail);
	reading = read_bytes(text->str, text->len);
	g_string_free(text, TRUE);
	return reading;
}

/* --- structure ------------------------------------------------------------------------------ */

START_TEST(multiparts_within_multiparts)
{
	GString *text = g_string_new(NULL);
	struct reading *reading;

	for (int i = 0; i < 200000; i++)
		g_string_append_printf(
		    text, "Content-Type: multipart/mixed; boundary=\"b%d\"\n\n--b%d\n", i, i);
	reading = read_bytes(text->str, text->len);
	ck_assert(has_problem(reading, "too-many-parts"));
	ck_assert(has_problem(reading, "too-deep"));
	reading_free(reading);
	g_string_free(text, TRUE);
	reading =
	    read_times("", "Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\n", 200000, "");
	ck_assert(has_problem(reading, "too-deep"));
	reading_free(reading);
}
END_TEST

START_TEST(messages_within_messages)
{
	struct reading *reading =
	    read_times(HEAD, "Content-Type: message/rfc822\n\n", 200000, "Subject: y\n\nbody\n");

	ck_assert(has_problem(reading, "too-deep"));
	reading_free(reading);
}
END_TEST

START_TEST(many_parts)
{
	struct reading *reading = read_times(HEAD "Content-Type: multipart/mixed; boundary=b\n\n",
					     "--b\n\nx\n", 1000000, "--b--\n");

	ck_assert(has_problem(reading, "too-many-parts"));
	reading_free(reading);
}
END_TEST

START_TEST(much_text_in_many_parts)
{
	g_autofree char *words = g_strnfill(500000, 'x');
	g_autofree char *plain = g_strconcat("--b\n\n", words, "\n", NULL);
	g_autofree char *attached = g_strconcat("--b\nContent-Type: text/plain; name=a.txt\n"
						"Content-Disposition: attachment\n\n",
						words, "\n", NULL);
	struct reading *reading =
	    read_times(HEAD "Content-Type: multipart/mixed; boundary=b\n\n", plain, 60, "--b--\n");

	ck_assert_uint_eq(reading->bodies->len, 60);
	reading_free(reading);
	reading = read_times(HEAD "Content-Type: multipart/mixed; boundary=b\n\n", attached, 60,
			     "--b--\n");
	ck_assert_uint_eq(reading->attachments->len, 60);
	ck_assert_ptr_nonnull(
	    ((struct reading_attachment *)g_ptr_array_index(reading->attachments, 59))->unread);
	reading_free(reading);
}
END_TEST

START_TEST(a_message_of_the_largest_size)
{
	gsize size = MIME_MESSAGE_MAX;
	char *bytes = g_malloc(size + 1);
	struct reading *reading;

	memset(bytes, '\n', size);
	memcpy(bytes, HEAD "\nwords", sizeof HEAD "\nwords" - 1);
	reading = read_bytes(bytes, size);
	ck_assert_str_eq(g_strchomp(reading->own.own), "words");
	reading_free(reading);
	g_free(bytes);
}
END_TEST

/* --- headers -------------------------------------------------------------------------------- */

START_TEST(headers_of_megabytes)
{
	static const struct {
		const char *head, *piece, *problem;
	} cases[] = {
	    {"Subject: ", "aaaaaaaa", "header-cut"},
	    {"Subject: ", "a\n ", "header-cut"},
	    {"Subject: ", "=?utf-8?B?5Zue?= ", "header-cut"},
	    {"References: ", "<a@b> ", "header-cut"},
	    {"From: ", "a@b.invalid, ", "header-cut"},
	    {"From: ", "(", "header-cut"},
	    {"From: ", "\"\\", "header-cut"},
	    {"X-From: a@b", ":", "header-cut"},
	    {"From: ", "g:", "too-many-headers"},
	    {"Subject: ", "=?utf-8?Q?a", "header-cut"},
	    {"From: ", "Mon, 2 Mar 2026 ", "too-many-headers"},
	    {"Subject: x\n", "X: y\n", "too-many-headers"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		guint n = HEAD_BYTES / (guint)strlen(cases[i].piece);
		struct reading *reading =
		    read_times(cases[i].head, cases[i].piece, n, "\n\nbody\n");

		ck_assert_msg(has_problem(reading, cases[i].problem), "case %u", i);
		reading_free(reading);
	}
}
END_TEST

START_TEST(parameters_without_end)
{
	struct reading *reading =
	    read_times(HEAD "Content-Type: text/plain; ", "a*0=b; ", 500000, "\n\nbody\n");

	ck_assert_str_eq(g_strchomp(reading->own.own), "body");
	reading_free(reading);
}
END_TEST

START_TEST(headers_of_parts)
{
	static const char *const heads[] = {HEAD
					    "Content-Type: multipart/mixed; boundary=b\n\n--b\n",
					    HEAD "Content-Type: message/rfc822\n\n"};

	for (guint i = 0; i < G_N_ELEMENTS(heads); i++) {
		struct reading *reading = read_times(heads[i], "X: y\n", 4000000, "\nbody\n");

		ck_assert(has_problem(reading, "too-many-headers"));
		reading_free(reading);
	}
}
END_TEST

START_TEST(dates_that_cannot_be)
{
	static const char *const dates[] = {
	    "Mon, 1 Jan 0000 00:00:00 +0000",    "Mon, 1 Jan -1 00:00:00 +0000",
	    "Mon, 1 Jan 99999 00:00:00 +0000",   "Mon, 1 Jan 99999999999999999999 00:00:00 +0000",
	    "Mon, 99 Jan 2026 00:00:00 +0000",   "Mon, 1 Jan 2026 99:99:99 +0000",
	    "Mon, 0 Jan 2026 00:00:00 +0000",    "9999999999",
	    "Mon, 1 Foo 2026 00:00:00 +0000",    "",
	    "Mon, 31 Feb 2026 00:00:00 +999999",
	};

	for (guint i = 0; i < G_N_ELEMENTS(dates); i++) {
		g_autofree char *text =
		    g_strdup_printf("From: a@b.invalid\nDate: %s\n\nbody\n", dates[i]);
		struct reading *reading = read_bytes(text, strlen(text));

		ck_assert_msg(!reading->date, "%s", dates[i]);
		ck_assert(has_problem(reading, "no-date"));
		reading_free(reading);
	}
}
END_TEST

/* --- bytes ---------------------------------------------------------------------------------- */

START_TEST(nul_bytes)
{
	static const char nul[] = "From: a@b.invalid\nSubject: a\0b\nX: y\n\nc\0d\n";
	g_autofree char *many = g_malloc0(20 * MEGABYTE);
	struct reading *reading = read_bytes(nul, sizeof nul - 1);

	ck_assert_ptr_nonnull(strstr(reading->text, "d"));
	reading_free(reading);
	reading = read_bytes(many, 20 * MEGABYTE);
	ck_assert(has_problem(reading, "no-headers"));
	reading_free(reading);
}
END_TEST

START_TEST(bare_carriage_returns)
{
	struct reading *reading =
	    read_times("Subject: x\rFrom: a@b.invalid\r\r", "line\r", 2000000, "");

	ck_assert_str_eq(reading->subject, "x");
	ck_assert(g_str_has_prefix(reading->own.own, "line\nline\n"));
	reading_free(reading);
	reading = read_times("Subject: x\r\nFrom: a@b.invalid\r\n\r\n", "line\r", 2000000, "");
	ck_assert(g_str_has_prefix(reading->own.own, "line\nline\n"));
	reading_free(reading);
}
END_TEST

START_TEST(html_of_all_sorts)
{
	static const char *const pieces[] = {
	    "<div>", "<table><tr><td>", "<a<b", "<!--", "&amp;&#x4e00;", "<p a=1 b=2 c=3 ",
	};
	GString *text = g_string_new(HEAD "Content-Type: text/html\n\n<p>words</p><p ");
	struct reading *reading;

	for (guint i = 0; i < 300000; i++)
		g_string_append_printf(text, i % 2 ? "a%u=1 " : "a%u=\"1\"", i);
	reading = read_bytes(text->str, text->len);
	ck_assert(g_str_has_prefix(reading->text, "words"));
	reading_free(reading);
	g_string_free(text, TRUE);
	for (guint i = 0; i < G_N_ELEMENTS(pieces); i++)
		reading_free(read_times(HEAD "Content-Type: text/html\n\n", pieces[i], 500000, ""));
}
END_TEST

/* --- attachments ---------------------------------------------------------------------------- */

struct zip {
	struct archive *archive;
	char *buffer;
	gsize size;
};

static void zip_begin(struct zip *zip)
{
	zip->buffer = g_malloc(ZIP_ROOM);
	zip->archive = archive_write_new();
	archive_write_set_format_zip(zip->archive);
	ck_assert_int_eq(archive_write_open_memory(zip->archive, zip->buffer, ZIP_ROOM, &zip->size),
			 ARCHIVE_OK);
}

/* A file of `piece`, `n` times. */
static void zip_add(struct zip *zip, const char *name, const char *piece, gsize length, guint n)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_size(entry, (gint64)length * n);
	ck_assert_int_eq(archive_write_header(zip->archive, entry), ARCHIVE_OK);
	for (guint i = 0; i < n; i++)
		ck_assert_int_eq(archive_write_data(zip->archive, piece, length), (gint64)length);
	archive_entry_free(entry);
}

static GBytes *zip_end(struct zip *zip)
{
	archive_write_close(zip->archive);
	archive_write_free(zip->archive);
	return g_bytes_new_take(g_steal_pointer(&zip->buffer), zip->size);
}

static GBytes *zip_of(const char *name, const char *piece, gsize length, guint n)
{
	struct zip zip;

	zip_begin(&zip);
	zip_add(&zip, name, piece, length, n);
	return zip_end(&zip);
}

/* A message with these bytes attached. */
static struct reading *read_attached(const char *name, GBytes *content)
{
	gsize size;
	const void *bytes = g_bytes_get_data(content, &size);
	g_autofree char *base64 = g_base64_encode(bytes, size);
	g_autofree char *text =
	    g_strdup_printf(HEAD "Content-Type: application/octet-stream; name=%s\n"
				 "Content-Disposition: attachment\n"
				 "Content-Transfer-Encoding: base64\n\n%s\n",
			    name, base64);
	struct reading *reading = read_bytes(text, strlen(text));

	ck_assert_uint_eq(reading->attachments->len, 1);
	return reading;
}

static const struct reading_attachment *first(const GPtrArray *attachments)
{
	ck_assert_uint_gt(attachments->len, 0);
	return g_ptr_array_index(attachments, 0);
}

START_TEST(a_zip_bomb)
{
	g_autofree char *zeros = g_malloc0(MEGABYTE);
	g_autoptr(GBytes) bomb = zip_of("a.txt", zeros, MEGABYTE, 1000);
	struct reading *reading = read_attached("a.zip", bomb);
	const struct reading_attachment *inner = first(first(reading->attachments)->inside);

	ck_assert_ptr_nonnull(inner->unread);
	ck_assert_ptr_null(inner->text);
	ck_assert(has_problem(reading, "attachment-unread: a.txt: "));
	reading_free(reading);
}
END_TEST

/* Each entry within its own bounds, all together beyond the message's; and the same bytes named by
 * many entries. */
START_TEST(a_zip_of_many_bombs)
{
	g_autofree char *noise = g_malloc(ZIP_STRIDE);
	g_autoptr(GBytes) file = NULL;
	struct reading *reading;
	const struct reading_attachment *outer;
	struct zip zip;

	for (gsize i = 0; i < ZIP_STRIDE; i++)
		noise[i] = (char)(i % 251);
	zip_begin(&zip);
	for (guint i = 0; i < 100; i++) {
		g_autofree char *name = g_strdup_printf("%u.bin", i);

		zip_add(&zip, name, noise, ZIP_STRIDE, 15);
	}
	file = zip_end(&zip);
	reading = read_attached("a.zip", file);
	outer = first(reading->attachments);
	ck_assert_uint_eq(outer->inside->len, 100);
	ck_assert(has_problem(reading, "attachment-unread: 99.bin: "));
	reading_free(reading);
}
END_TEST

/* No entry beyond its bounds, and yet far more than the archive holds. */
START_TEST(a_zip_of_small_bombs)
{
	g_autofree char *zeros = g_malloc0(MEGABYTE);
	g_autoptr(GBytes) file = NULL;
	struct reading *reading;
	struct zip zip;

	zip_begin(&zip);
	for (guint i = 0; i < 60; i++) {
		g_autofree char *name = g_strdup_printf("%u.bin", i);

		zip_add(&zip, name, zeros, MEGABYTE, 1);
	}
	file = zip_end(&zip);
	reading = read_attached("a.zip", file);
	ck_assert(!has_problem(reading, "attachment-unread: 0.bin: "));
	ck_assert(has_problem(reading, "attachment-unread: 59.bin: the file unpacks to far more"));
	reading_free(reading);
}
END_TEST

/* One file that the directory names many times. */
static GBytes *named_often(guint times)
{
	g_autoptr(GBytes) once = zip_of("a.txt", "words", 5, 1);
	gsize size, record;
	const guint8 *bytes = g_bytes_get_data(once, &size);
	const guint8 *end = bytes + size - 22; /* no comment behind it */
	gsize start = end[16] | (gsize)end[17] << 8;
	GByteArray *out = g_byte_array_new();
	guint8 last[22];

	record = size - 22 - start;
	memcpy(last, end, sizeof last);
	last[8] = last[10] = (guint8)times;
	last[12] = (guint8)(record * times);
	last[13] = (guint8)(record * times >> 8);
	g_byte_array_append(out, bytes, (guint)start);
	for (guint i = 0; i < times; i++)
		g_byte_array_append(out, bytes + start, (guint)record);
	g_byte_array_append(out, last, sizeof last);
	return g_byte_array_free_to_bytes(out);
}

START_TEST(a_zip_whose_files_overlap)
{
	for (guint times = 1; times <= 3; times++) {
		g_autoptr(GBytes) file = named_often(times);
		struct reading *reading = read_attached("a.zip", file);
		const struct reading_attachment *outer = first(reading->attachments);

		ck_assert_uint_eq(outer->inside->len, times == 1 ? 1 : 0);
		ck_assert((outer->unread != NULL) == (times > 1));
		reading_free(reading);
	}
}
END_TEST

/* Documents of 20 MB that are small when packed: they share what is unpacked. */
START_TEST(a_zip_of_large_documents)
{
	static const char head[] = "<w:document xmlns:w=\"" W_NS "\">";
	GString *block = g_string_new(NULL);
	g_autoptr(GBytes) docx = NULL;
	g_autoptr(GBytes) file = NULL;
	struct reading *reading;
	const struct reading_attachment *outer;
	struct zip zip;
	GString *text = g_string_new(head);

	for (guint i = 0, x = 1; i < 500; i++, x = x * 1103515245u + 12345u)
		g_string_append_printf(block, "<w:p w:rsid=\"%08X\"/>", x);
	while (text->len < 20 * MEGABYTE)
		g_string_append_len(text, block->str, (gssize)block->len);
	g_string_append(text, "</w:document>");
	docx = zip_of("word/document.xml", text->str, text->len, 1);
	zip_begin(&zip);
	for (guint i = 0; i < 60; i++) {
		gsize size;
		const char *bytes = g_bytes_get_data(docx, &size);

		zip_add(&zip, "a.docx", bytes, size, 1);
	}
	file = zip_end(&zip);
	reading = read_attached("a.zip", file);
	outer = first(reading->attachments);
	ck_assert_uint_eq(outer->inside->len, 60);
	ck_assert_ptr_nonnull(first(outer->inside)->text);
	ck_assert_ptr_nonnull(
	    ((struct reading_attachment *)g_ptr_array_index(outer->inside, 59))->unread);
	reading_free(reading);
	g_string_free(text, TRUE);
	g_string_free(block, TRUE);
}
END_TEST

START_TEST(zips_within_zips)
{
	g_autoptr(GBytes) file = zip_of("a.txt", "words", 5, 1);
	const struct reading_attachment *inner;
	struct reading *reading;
	guint depth = 0;

	for (guint i = 0; i < 20; i++) {
		gsize size;
		const char *bytes = g_bytes_get_data(file, &size);
		GBytes *outer = zip_of("n.zip", bytes, size, 1);

		g_bytes_unref(file);
		file = outer;
	}
	reading = read_attached("a.zip", file);
	for (inner = first(reading->attachments); inner->inside->len > 0; depth++)
		inner = first(inner->inside);
	ck_assert_uint_eq(depth, ATTACHMENT_DEPTH_MAX);
	ck_assert_ptr_nonnull(inner->unread);
	reading_free(reading);
}
END_TEST

/* Archives within one share what may be unpacked, with one another and with it. */
START_TEST(zips_beside_zips)
{
	g_autofree char *noise = g_malloc(ZIP_STRIDE);
	g_autoptr(GBytes) inner = NULL;
	g_autoptr(GBytes) file = NULL;
	const struct reading_attachment *outer;
	struct reading *reading;
	struct zip zip;
	gsize size;

	/* what packs to about a hundredth */
	for (guint i = 0, x = 1; i < ZIP_STRIDE; i++, x = x * 1103515245u + 12345u)
		noise[i] = i < 8192 ? (char)(x >> 16) : noise[i - 8192];
	inner = zip_of("a.bin", noise, ZIP_STRIDE, 320);
	zip_begin(&zip);
	for (guint i = 0; i < 5; i++)
		zip_add(&zip, "n.zip", g_bytes_get_data(inner, &size), g_bytes_get_size(inner), 1);
	file = zip_end(&zip);
	reading = read_attached("a.zip", file);
	outer = first(reading->attachments);
	ck_assert_uint_eq(outer->inside->len, 5);
	for (guint i = 0; i < 5; i++) {
		const struct reading_attachment *one = g_ptr_array_index(outer->inside, i);

		/* 20 MB each, 64 in all */
		ck_assert((first(one->inside)->sha256 != NULL) == (i < 3));
	}
	reading_free(reading);
}
END_TEST

START_TEST(a_zip_of_many_files)
{
	struct reading *reading;
	g_autoptr(GBytes) file = NULL;
	struct zip zip;

	zip_begin(&zip);
	for (guint i = 0; i <= ATTACHMENT_ENTRIES_MAX; i++)
		zip_add(&zip, "a.txt", "words", 5, 1);
	file = zip_end(&zip);
	reading = read_attached("a.zip", file);
	ck_assert_ptr_nonnull(first(reading->attachments)->unread);
	ck_assert_uint_eq(first(reading->attachments)->inside->len, 0);
	reading_free(reading);
}
END_TEST

/* Ten entities, each of ten of the one before. */
static char *laughs(const char *root)
{
	GString *text = g_string_new("<!DOCTYPE l [<!ENTITY a \"aaaaaaaaaa\">");

	for (int c = 'b'; c < 'l'; c++) {
		g_string_append_printf(text, "<!ENTITY %c \"", c);
		for (guint i = 0; i < 10; i++)
			g_string_append_printf(text, "&%c;", c - 1);
		g_string_append(text, "\">");
	}
	g_string_append_printf(text, "]>%s", root);
	return g_string_free(text, FALSE);
}

/* As the answers of a form, and as the words of a .docx: refused, and nothing is fetched. */
static void xml_is_refused(const char *answers, const char *document)
{
	g_autoptr(GBytes) form = g_bytes_new(answers, strlen(answers));
	g_autoptr(GBytes) docx = zip_of("word/document.xml", document, strlen(document), 1);
	struct reading *reading = read_attached("a.xml", form);

	ck_assert_ptr_null(reading->form);
	ck_assert(has_problem(reading, "form-unread: "));
	ck_assert_ptr_null(strstr(first(reading->attachments)->text, "root:"));
	reading_free(reading);
	reading = read_attached("a.docx", docx);
	ck_assert_ptr_null(first(reading->attachments)->text);
	ck_assert_ptr_nonnull(first(reading->attachments)->unread);
	reading_free(reading);
}

START_TEST(xml_bombs_and_external_entities)
{
	static const char external[] = "<!DOCTYPE l [<!ENTITY k SYSTEM \"file:///etc/passwd\">]>";
	static const char answers[] = "<answers xmlns=\"" FORM_ANSWERS_NS "\">"
				      "<open question=\"problems\">&k;</open></answers>";
	static const char in_attribute[] =
	    "<answers xmlns=\"" FORM_ANSWERS_NS "\" number=\"&k;\"/>";
	static const char document[] = "<w:document xmlns:w=\"" W_NS "\"><w:body><w:p><w:r>"
				       "<w:t>&k;</w:t></w:r></w:p></w:body></w:document>";
	g_autofree char *laugh_answers = laughs(answers);
	g_autofree char *laugh_attribute = laughs(in_attribute);
	g_autofree char *laugh_document = laughs(document);
	g_autofree char *external_answers = g_strconcat(external, answers, NULL);
	g_autofree char *external_document = g_strconcat(external, document, NULL);

	xml_is_refused(laugh_answers, laugh_document);
	xml_is_refused(laugh_attribute, laugh_document);
	xml_is_refused(external_answers, external_document);
}
END_TEST

START_TEST(a_deep_document)
{
	GString *text = g_string_new("<w:document xmlns:w=\"" W_NS "\"><w:body>");
	g_autoptr(GBytes) docx = NULL;
	struct reading *reading;

	add_times(text, "<w:tbl><w:tr><w:tc>", 100000);
	docx = zip_of("word/document.xml", text->str, text->len, 1);
	reading = read_attached("a.docx", docx);
	ck_assert_ptr_nonnull(first(reading->attachments)->unread);
	reading_free(reading);
	g_string_free(text, TRUE);
}
END_TEST

START_TEST(rich_text_and_winmail)
{
	GString *text = g_string_new("{\\rtf1\\ansi ");
	g_autoptr(GBytes) rtf = NULL;
	g_autoptr(GBytes) winmail = NULL;
	struct reading *reading;

	add_times(text, "{", 5000000);
	rtf = g_bytes_new(text->str, text->len);
	reading_free(read_attached("a.rtf", rtf));
	g_string_truncate(text, 0);
	g_string_append_len(text, "\x78\x9f\x3e\x22\1\0", 6);
	for (guint i = 0; i < 500000; i++) /* attachments that begin and have nothing */
		g_string_append_len(text, "\2\2\x90\6\0\0\0\0\0\0\0", 11);
	winmail = g_bytes_new(text->str, text->len);
	reading = read_attached("winmail.dat", winmail);
	ck_assert_ptr_nonnull(first(reading->attachments)->unread);
	reading_free(reading);
	g_string_free(text, TRUE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("limits");
	TCase *tc = tcase_create("limits");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 10 * LIMIT_S);
	tcase_add_test(tc, multiparts_within_multiparts);
	tcase_add_test(tc, messages_within_messages);
	tcase_add_test(tc, many_parts);
	tcase_add_test(tc, much_text_in_many_parts);
	tcase_add_test(tc, a_message_of_the_largest_size);
	tcase_add_test(tc, headers_of_megabytes);
	tcase_add_test(tc, parameters_without_end);
	tcase_add_test(tc, headers_of_parts);
	tcase_add_test(tc, dates_that_cannot_be);
	tcase_add_test(tc, nul_bytes);
	tcase_add_test(tc, bare_carriage_returns);
	tcase_add_test(tc, html_of_all_sorts);
	tcase_add_test(tc, a_zip_bomb);
	tcase_add_test(tc, a_zip_of_many_bombs);
	tcase_add_test(tc, a_zip_of_small_bombs);
	tcase_add_test(tc, a_zip_whose_files_overlap);
	tcase_add_test(tc, a_zip_of_large_documents);
	tcase_add_test(tc, zips_within_zips);
	tcase_add_test(tc, zips_beside_zips);
	tcase_add_test(tc, a_zip_of_many_files);
	tcase_add_test(tc, xml_bombs_and_external_entities);
	tcase_add_test(tc, a_deep_document);
	tcase_add_test(tc, rich_text_and_winmail);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
