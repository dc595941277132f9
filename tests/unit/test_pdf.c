#include "base/error.h"
#include "collector/cage.h"
#include "collector/pdf.h"
#include "collector/reader.h"
#include "tests/unit/built_program.h"
#include "tests/unit/zip_writer.h"

#include <check.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <string.h>

static char *program; /* build/pingyi */

/* 税务局很好 PY, in UTF-16BE as the font's encoding wants it */
#define WORDS "<7A0E52A15C405F88597D002000500059>"

/* --- PDFs by hand --------------------------------------------------------------------------- */

struct pdf {
	GString *text;
	GArray *offsets; /* of gsize */
};

static void object(struct pdf *pdf, const char *bytes, gsize size)
{
	g_array_append_val(pdf->offsets, pdf->text->len);
	g_string_append_printf(pdf->text, "%u 0 obj\n", pdf->offsets->len);
	g_string_append_len(pdf->text, bytes, (gssize)size);
	g_string_append(pdf->text, "\nendobj\n");
}

static void stream(struct pdf *pdf, GBytes *bytes, const char *filter)
{
	gsize size;
	const char *data = g_bytes_get_data(bytes, &size);
	g_autoptr(GString) whole = g_string_new(NULL);

	g_string_printf(whole, "<< /Length %" G_GSIZE_FORMAT " %s >>\nstream\n", size, filter);
	g_string_append_len(whole, data, (gssize)size);
	g_string_append(whole, "\nendstream");
	object(pdf, whole->str, whole->len);
}

/* One page in a font that is not embedded: its encoding is one of poppler-data's. `kids` are the
 * page tree's; when NULL, `pages` pages of the same content. */
static GBytes *make_pdf(GBytes *content, const char *filter, const char *kids, guint pages)
{
	static const char *const tail[] = {
	    "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H "
	    "/DescendantFonts [6 0 R] >>",
	    "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo "
	    "<< /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /FontDescriptor 7 0 R >>",
	    "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [0 -200 1000 900] "
	    "/ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 700 /StemV 80 >>"};
	struct pdf pdf = {g_string_new("%PDF-1.4\n"), g_array_new(FALSE, FALSE, sizeof(gsize))};
	g_autoptr(GString) tree = g_string_new("<< /Type /Pages /Kids [");
	const char page[] =
	    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 2000 2000] /Contents 4 0 R "
	    "/Resources << /Font << /F1 5 0 R >> >> >>";
	const char root[] = "<< /Type /Catalog /Pages 2 0 R >>";
	gsize table;

	g_string_append(tree, kids ? kids : "3 0 R");
	for (guint i = 1; !kids && i < pages; i++)
		g_string_append_printf(tree, " %zu 0 R", 4 + G_N_ELEMENTS(tail) + i);
	g_string_append_printf(tree, "] /Count %u >>", pages);
	object(&pdf, root, strlen(root));
	object(&pdf, tree->str, tree->len);
	object(&pdf, page, strlen(page));
	stream(&pdf, content, filter);
	for (gsize i = 0; i < G_N_ELEMENTS(tail); i++)
		object(&pdf, tail[i], strlen(tail[i]));
	for (guint i = 1; i < pages; i++)
		object(&pdf, page, strlen(page));
	table = pdf.text->len;
	g_string_append_printf(pdf.text, "xref\n0 %u\n0000000000 65535 f \n", pdf.offsets->len + 1);
	for (guint i = 0; i < pdf.offsets->len; i++)
		g_string_append_printf(pdf.text, "%010" G_GSIZE_FORMAT " 00000 n \n",
				       g_array_index(pdf.offsets, gsize, i));
	g_string_append_printf(pdf.text,
			       "trailer << /Size %u /Root 1 0 R >>\nstartxref\n%" G_GSIZE_FORMAT
			       "\n%%%%EOF\n",
			       pdf.offsets->len + 1, table);
	g_array_unref(pdf.offsets);
	return g_string_free_to_bytes(pdf.text);
}

static GBytes *plain_pdf(const char *content)
{
	g_autoptr(GBytes) bytes = g_bytes_new(content, strlen(content));

	return make_pdf(bytes, "", NULL, 1);
}

#define SAID "BT /F1 24 Tf 72 700 Td " WORDS " Tj ET"

/* `bytes` packed, again and again. */
static GBytes *packed(GBytes *bytes, guint times)
{
	GBytes *now = g_bytes_ref(bytes);

	for (guint i = 0; i < times; i++) {
		g_autoptr(GZlibCompressor) zlib =
		    g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 9);
		g_autoptr(GInputStream) from = g_memory_input_stream_new_from_bytes(now);
		g_autoptr(GInputStream) through =
		    g_converter_input_stream_new(from, G_CONVERTER(zlib));
		g_autoptr(GByteArray) all = g_byte_array_new();
		guint8 some[65536];
		gssize n;

		while ((n = g_input_stream_read(through, some, sizeof some, NULL, NULL)) > 0)
			g_byte_array_append(all, some, (guint)n);
		g_bytes_unref(now);
		now = g_byte_array_free_to_bytes(g_steal_pointer(&all));
	}
	return now;
}

/* --- tests ---------------------------------------------------------------------------------- */

START_TEST(tells_a_pdf)
{
	g_autoptr(GBytes) pdf = g_bytes_new_static("%PDF-1.4\n", 9);
	g_autoptr(GBytes) late = g_bytes_new_static("\r\n\r\n%PDF-1.4\n", 13);
	g_autoptr(GBytes) none = g_bytes_new_static("%PDF", 4);

	ck_assert(pdf_is(pdf, "application/octet-stream", NULL));
	ck_assert(!pdf_is(late, "text/plain", "x.txt"));
	ck_assert(pdf_is(late, "application/pdf", NULL));
	ck_assert(pdf_is(late, "application/octet-stream", "意见.PDF"));
	ck_assert(!pdf_is(none, "application/pdf", "x.pdf"));
}
END_TEST

START_TEST(reads_chinese)
{
	g_autoptr(GBytes) pdf = plain_pdf(SAID);
	g_autoptr(GError) error = NULL;
	g_autofree char *text = pdf_caged_text(program, pdf, PDF_TEXT, PDF_TIMEOUT_MS, &error);

	ck_assert_msg(text != NULL, "%s", error ? error->message : "no text");
	ck_assert_ptr_nonnull(strstr(text, "税务局很好"));
	ck_assert_ptr_null(strchr(text, '\f'));
}
END_TEST

START_TEST(says_where_words_stand)
{
	g_autoptr(GBytes) pdf = plain_pdf(SAID);
	g_autofree char *places = pdf_caged_text(program, pdf, PDF_PLACES, PDF_TIMEOUT_MS, NULL);

	ck_assert_ptr_nonnull(places);
	ck_assert_ptr_nonnull(strstr(places, "\t72.00"));
	ck_assert_ptr_nonnull(strstr(places, "税务局很好\n"));
}
END_TEST

START_TEST(a_scanned_page_has_no_text)
{
	g_autoptr(GBytes) pdf = plain_pdf("0 0 100 100 re f");
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(pdf_caged_text(program, pdf, PDF_TEXT, PDF_TIMEOUT_MS, &error));
	ck_assert_ptr_null(error);
}
END_TEST

START_TEST(what_is_none)
{
	g_autoptr(GBytes) pdf = g_bytes_new_static("%PDF-1.4\nhello\n", 15);
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(pdf_caged_text(program, pdf, PDF_TEXT, PDF_TIMEOUT_MS, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
}
END_TEST

static gint64 read_hostile(GBytes *pdf, guint timeout_ms)
{
	gint64 begin = g_get_monotonic_time();
	g_autoptr(GError) error = NULL;
	g_autofree char *text = pdf_caged_text(program, pdf, PDF_TEXT, timeout_ms, &error);

	ck_assert(!error || g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	ck_assert(!text || strlen(text) <= PDF_TEXT_MAX);
	return (g_get_monotonic_time() - begin) / 1000;
}

/* More text than is taken: the beginning is kept, the rest is not waited for. */
START_TEST(a_talker_is_cut)
{
	g_autoptr(GString) content = g_string_new("BT /F1 4 Tf 0 1900 Td 20 TL ");
	g_autoptr(GBytes) bytes = NULL, small = NULL, pdf = NULL;
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;

	for (guint line = 0; line < 50; line++) {
		g_string_append(content, "T* ");
		for (guint i = 0; i < 30; i++)
			g_string_append(content, WORDS " Tj ");
	}
	g_string_append(content, "ET");
	bytes = g_bytes_new(content->str, content->len);
	small = packed(bytes, 1);
	pdf = make_pdf(small, "/Filter /FlateDecode", NULL, 60);
	ck_assert_uint_lt(g_bytes_get_size(pdf), 200000);
	text = pdf_caged_text(program, pdf, PDF_TEXT, PDF_TIMEOUT_MS, NULL);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_le(strlen(text), PDF_TEXT_MAX);
	ck_assert_uint_gt(strlen(text), PDF_TEXT_MAX / 2);
	/* some of the places would be none: a row may be among those that are missing */
	ck_assert_ptr_null(pdf_caged_text(program, pdf, PDF_PLACES, PDF_TIMEOUT_MS, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
}
END_TEST

/* 512 MB of blanks, packed twice to a few kilobytes. */
START_TEST(a_bomb_is_bounded)
{
	gsize size = 512u << 20;
	g_autoptr(GBytes) blanks = g_bytes_new_take(g_strnfill(size, ' '), size);
	g_autoptr(GBytes) small = packed(blanks, 2);
	g_autoptr(GBytes) pdf = make_pdf(small, "/Filter [/FlateDecode /FlateDecode]", NULL, 1);

	ck_assert_uint_lt(g_bytes_get_size(pdf), 100000);
	ck_assert_int_lt(read_hostile(pdf, 3000), 6000);
}
END_TEST

START_TEST(loops_and_depth_are_bounded)
{
	g_autoptr(GBytes) content = g_bytes_new_static("", 0);
	g_autoptr(GBytes) loop = make_pdf(content, "", "2 0 R", 1);
	g_autofree char *deep_array = g_strnfill(4u << 20, '[');
	g_autoptr(GBytes) deep = make_pdf(content, "", deep_array, 1);
	g_autofree char *deep_content = g_strnfill(8u << 20, '[');
	g_autoptr(GBytes) deeper = plain_pdf(deep_content);

	ck_assert_int_lt(read_hostile(loop, 3000), 6000);
	ck_assert_int_lt(read_hostile(deep, 3000), 6000);
	ck_assert_int_lt(read_hostile(deeper, 3000), 6000);
}
END_TEST

/* --- through the reader --------------------------------------------------------------------- */

static char *part_of(GBytes *pdf)
{
	gsize size;
	const guchar *bytes = g_bytes_get_data(pdf, &size);
	g_autofree char *base64 = g_base64_encode(bytes, size);
	GString *part = g_string_new("Content-Type: application/pdf; name=\"yj.pdf\"\n"
				     "Content-Transfer-Encoding: base64\n\n");

	for (gsize i = 0, n = strlen(base64); i < n; i += 76)
		g_string_append_printf(part, "%.76s\n", base64 + i);
	return g_string_free(part, FALSE);
}

static JsonNode *read_with(struct reader *reader, const char *part)
{
	g_autofree char *text = g_strdup_printf(
	    "From: a@b.invalid\nSubject: x\nContent-Type: multipart/mixed; boundary=o\n\n"
	    "--o\nContent-Type: text/plain; charset=utf-8\n\n见附件\n--o\n%s\n--o--\n",
	    part);
	g_autoptr(GBytes) raw = g_bytes_new(text, strlen(text));
	g_autoptr(GError) error = NULL;
	JsonNode *record = reader_read(reader, raw, &error);

	ck_assert_msg(record != NULL, "%s", error ? error->message : "");
	return record;
}

/* The text of the PDF, which may lie within one or two others. */
static const char *attachment_text(JsonNode *record)
{
	JsonArray *list = json_object_get_array_member(json_node_get_object(record), "attachments");
	JsonObject *one = NULL;

	while (json_array_get_length(list) > 0) {
		ck_assert_uint_eq(json_array_get_length(list), 1);
		one = json_array_get_object_element(list, 0);
		list = json_object_get_array_member(one, "inside");
	}
	ck_assert_ptr_nonnull(one);
	return json_object_get_string_member_with_default(one, "text", NULL);
}

/* A zip archive that holds the PDF, as a part. */
static char *zipped(GBytes *pdf)
{
	gsize size;
	const char *bytes = g_bytes_get_data(pdf, &size);
	g_autoptr(GBytes) zip = zip_of("yj.pdf", bytes, size, 1);
	const guchar *packed = g_bytes_get_data(zip, &size);
	g_autofree char *base64 = g_base64_encode(packed, size);

	return g_strdup_printf("Content-Type: application/zip; name=\"x.zip\"\n"
			       "Content-Transfer-Encoding: base64\n\n%s\n",
			       base64);
}

START_TEST(an_attachment_is_read)
{
	struct reader *reader = reader_start(program, 0);
	g_autoptr(GBytes) pdf = plain_pdf(SAID);
	g_autofree char *part = part_of(pdf);
	g_autofree char *attached = g_strdup_printf(
	    "Content-Type: message/rfc822\n\nFrom: c@d.invalid\nSubject: y\n"
	    "Content-Type: multipart/mixed; boundary=i\n\n--i\nContent-Type: text/plain\n\n"
	    "inner\n--i\n%s\n--i--\n",
	    part);
	g_autofree char *named = g_strdup_printf(
	    "Content-Type: application/octet-stream; name=\"x.eml\"\n\nFrom: c@d.invalid\n"
	    "Subject: y\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\ninner\n--i\n%s\n"
	    "--i--\n",
	    part);
	g_autofree char *zip = zipped(pdf);
	const char *const parts[] = {part, attached, named, zip};

	for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_autoptr(JsonNode) record = read_with(reader, parts[i]);
		const char *text = attachment_text(record);

		ck_assert_msg(text && strstr(text, "税务局很好"), "%zu: %s", i, text);
	}
	reader_free(reader);
}
END_TEST

/* It costs its own text, with a reason; the message and the next one are read. */
START_TEST(a_broken_attachment_is_named)
{
	struct reader *reader = reader_start(program, 0);
	g_autoptr(GBytes) pdf = g_bytes_new_static("%PDF-1.4\nhello\n", 15);
	g_autofree char *part = part_of(pdf);
	int pid = 0;

	for (guint i = 0; i < 2; i++) {
		g_autoptr(JsonNode) record = read_with(reader, part);
		JsonArray *problems =
		    json_object_get_array_member(json_node_get_object(record), "problems");

		ck_assert_ptr_null(attachment_text(record));
		ck_assert_uint_eq(json_array_get_length(problems), 1);
		ck_assert(g_str_has_prefix(json_array_get_string_element(problems, 0),
					   "attachment-unread: yj.pdf: "));
		ck_assert(pid == 0 || pid == reader_pid(reader));
		pid = reader_pid(reader);
	}
	reader_free(reader);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pdf");
	TCase *tc = tcase_create("pdf");
	SRunner *runner = srunner_create(suite);
	int failed;

	signal(SIGPIPE, SIG_IGN);
	program = built_program();
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, tells_a_pdf);
	tcase_add_test(tc, reads_chinese);
	tcase_add_test(tc, says_where_words_stand);
	tcase_add_test(tc, a_scanned_page_has_no_text);
	tcase_add_test(tc, what_is_none);
	tcase_add_test(tc, a_talker_is_cut);
	tcase_add_test(tc, a_bomb_is_bounded);
	tcase_add_test(tc, loops_and_depth_are_bounded);
	tcase_add_test(tc, an_attachment_is_read);
	tcase_add_test(tc, a_broken_attachment_is_named);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	g_free(program);
	return failed == 0 ? 0 : 1;
}
