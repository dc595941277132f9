/* Archives that strangers may attach to exhaust or confuse the reader (test_limits_message.c). */
#include "collector/attachment.h"
#include "tests/unit/bounded_read.h"
#include "tests/unit/zip_writer.h"

#include <check.h>
#include <string.h>

#define ZIP_STRIDE 65536u

START_TEST(a_zip_bomb)
{
	g_autofree char *zeros = g_malloc0(MEGABYTE);
	g_autoptr(GBytes) bomb = zip_of("a.txt", zeros, MEGABYTE, 1000);
	struct reading *reading = bounded_read_attached("a.zip", bomb);
	const struct reading_attachment *inner =
	    first_attachment(first_attachment(reading->attachments)->inside);

	ck_assert_ptr_nonnull(inner->unread);
	ck_assert_ptr_null(inner->text);
	ck_assert(has_problem(reading, "attachment-unread: a.txt: "));
	reading_free(reading);
}
END_TEST

/* An archive of `count` entries 0.bin, 1.bin … with the same bytes; `times`: as zip_writer_add().
 */
static GBytes *zip_of_many(guint count, const char *bytes, gsize size, guint times)
{
	struct zip_writer zip;

	zip_writer_begin(&zip);
	for (guint i = 0; i < count; i++) {
		g_autofree char *name = g_strdup_printf("%u.bin", i);

		zip_writer_add(&zip, name, bytes, size, times);
	}
	return zip_writer_end(&zip);
}

/* Each entry within its own bounds, all together beyond the message's; and the same bytes named by
 * many entries. */
START_TEST(a_zip_of_many_bombs)
{
	g_autofree char *noise = g_malloc(ZIP_STRIDE);
	g_autoptr(GBytes) file = NULL;
	struct reading *reading;
	const struct reading_attachment *outer;

	for (gsize i = 0; i < ZIP_STRIDE; i++)
		noise[i] = (char)(i % 251);
	file = zip_of_many(100, noise, ZIP_STRIDE, 15);
	reading = bounded_read_attached("a.zip", file);
	outer = first_attachment(reading->attachments);
	ck_assert_uint_eq(outer->inside->len, 100);
	ck_assert(has_problem(reading, "attachment-unread: 99.bin: "));
	reading_free(reading);
}
END_TEST

/* No entry beyond its bounds, and yet far more than the archive holds. */
START_TEST(a_zip_of_small_bombs)
{
	g_autofree char *zeros = g_malloc0(MEGABYTE);
	g_autoptr(GBytes) file = zip_of_many(60, zeros, MEGABYTE, 1);
	struct reading *reading = bounded_read_attached("a.zip", file);

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
		struct reading *reading = bounded_read_attached("a.zip", file);
		const struct reading_attachment *outer = first_attachment(reading->attachments);

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
	struct zip_writer zip;
	GString *text = g_string_new(head);

	for (guint i = 0, x = 1; i < 500; i++, x = x * 1103515245u + 12345u)
		g_string_append_printf(block, "<w:p w:rsid=\"%08X\"/>", x);
	while (text->len < 20 * MEGABYTE)
		g_string_append_len(text, block->str, (gssize)block->len);
	g_string_append(text, "</w:document>");
	docx = zip_of("word/document.xml", text->str, text->len, 1);
	zip_writer_begin(&zip);
	for (guint i = 0; i < 60; i++) {
		gsize size;
		const char *bytes = g_bytes_get_data(docx, &size);

		zip_writer_add(&zip, "a.docx", bytes, size, 1);
	}
	file = zip_writer_end(&zip);
	reading = bounded_read_attached("a.zip", file);
	outer = first_attachment(reading->attachments);
	ck_assert_uint_eq(outer->inside->len, 60);
	ck_assert_ptr_nonnull(first_attachment(outer->inside)->text);
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
	reading = bounded_read_attached("a.zip", file);
	for (inner = first_attachment(reading->attachments); inner->inside->len > 0; depth++)
		inner = first_attachment(inner->inside);
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
	struct zip_writer zip;
	gsize size;

	/* what packs to about a hundredth */
	for (guint i = 0, x = 1; i < ZIP_STRIDE; i++, x = x * 1103515245u + 12345u)
		noise[i] = i < 8192 ? (char)(x >> 16) : noise[i - 8192];
	inner = zip_of("a.bin", noise, ZIP_STRIDE, 320);
	zip_writer_begin(&zip);
	for (guint i = 0; i < 5; i++)
		zip_writer_add(&zip, "n.zip", g_bytes_get_data(inner, &size),
			       g_bytes_get_size(inner), 1);
	file = zip_writer_end(&zip);
	reading = bounded_read_attached("a.zip", file);
	outer = first_attachment(reading->attachments);
	ck_assert_uint_eq(outer->inside->len, 5);
	for (guint i = 0; i < 5; i++) {
		const struct reading_attachment *one = g_ptr_array_index(outer->inside, i);

		/* 20 MB each, 64 in all */
		ck_assert((first_attachment(one->inside)->sha256 != NULL) == (i < 3));
	}
	reading_free(reading);
}
END_TEST

START_TEST(a_zip_of_many_files)
{
	struct reading *reading;
	g_autoptr(GBytes) file = NULL;
	struct zip_writer zip;

	zip_writer_begin(&zip);
	for (guint i = 0; i <= ATTACHMENT_ENTRIES_MAX; i++)
		zip_writer_add(&zip, "a.txt", "words", 5, 1);
	file = zip_writer_end(&zip);
	reading = bounded_read_attached("a.zip", file);
	ck_assert_ptr_nonnull(first_attachment(reading->attachments)->unread);
	ck_assert_uint_eq(first_attachment(reading->attachments)->inside->len, 0);
	reading_free(reading);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("limits_zip");
	TCase *tc = tcase_create("limits");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 10 * LIMIT_S);
	tcase_add_test(tc, a_zip_bomb);
	tcase_add_test(tc, a_zip_of_many_bombs);
	tcase_add_test(tc, a_zip_of_small_bombs);
	tcase_add_test(tc, a_zip_whose_files_overlap);
	tcase_add_test(tc, a_zip_of_large_documents);
	tcase_add_test(tc, zips_within_zips);
	tcase_add_test(tc, zips_beside_zips);
	tcase_add_test(tc, a_zip_of_many_files);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
