#include "base/error.h"
#include "base/zip.h"
#include "tests/unit/zip_writer.h"

#include <check.h>
#include <string.h>

static const struct zip_bounds bounds = {100000, 250, 1u << 20};

/* `n` files of `size` bytes each, their names "0.txt" and so on. */
static GBytes *make_zip(guint n, const char *bytes, gsize size)
{
	struct zip_writer zip;

	zip_writer_begin(&zip);
	for (guint i = 0; i < n; i++) {
		g_autofree char *name = g_strdup_printf("%u.txt", i);

		zip_writer_add(&zip, name, bytes, size, 1);
	}
	return zip_writer_end(&zip);
}

static const struct zip_entry *entry_at(const struct zip *zip, guint i)
{
	ck_assert_uint_lt(i, zip_entries(zip)->len);
	return g_ptr_array_index(zip_entries(zip), i);
}

START_TEST(more_files_than_16_bits_count)
{
	g_autoptr(GBytes) file = make_zip(66000, "words", 5);
	g_autoptr(GError) error = NULL;
	g_autoptr(zip_archive) zip = zip_open(file, &bounds, &error);
	g_autoptr(GBytes) last = NULL;

	ck_assert_msg(zip != NULL, "%s", error ? error->message : "");
	ck_assert_uint_eq(zip_entries(zip)->len, 66000);
	ck_assert_str_eq(entry_at(zip, 65999)->name, "65999.txt");
	ck_assert_uint_eq(entry_at(zip, 65999)->number, 66000);
	last = zip_unpack(zip, entry_at(zip, 65999), 5, &error);
	ck_assert_ptr_nonnull(last);
	ck_assert_mem_eq(g_bytes_get_data(last, NULL), "words", 5);
}
END_TEST

START_TEST(bounds_are_kept)
{
	static const struct zip_bounds few = {3, 250, 1u << 20};
	g_autofree char *zeros = g_malloc0(1u << 20);
	g_autoptr(GBytes) file = make_zip(4, zeros, 1u << 20);
	g_autoptr(GError) error = NULL;
	g_autoptr(zip_archive) zip = NULL;

	ck_assert_ptr_null(zip_open(file, &few, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	g_clear_error(&error);
	zip = zip_open(file, &bounds, NULL);
	ck_assert_ptr_null(zip_unpack(zip, entry_at(zip, 0), (1u << 20) - 1, &error));
	ck_assert_ptr_nonnull(strstr(error->message, "too large"));
	g_clear_error(&error);
	/* each is as large as may be, all of them are not */
	for (guint i = 0; i < 4; i++) {
		g_autoptr(GBytes) one = zip_unpack(zip, entry_at(zip, i), 1u << 20, NULL);

		ck_assert((one != NULL) == (i == 0));
	}
	ck_assert_uint_eq(zip_taken(zip), 1u << 20);
}
END_TEST

START_TEST(a_stream)
{
	g_autoptr(GBytes) file = make_zip(2, "words of an answer", 18);
	g_autoptr(GError) error = NULL;
	g_autoptr(zip_archive) zip = zip_open(file, &bounds, NULL);
	g_autoptr(zip_stream) stream = zip_stream_open(zip, entry_at(zip, 1), 18, &error);
	g_autoptr(GString) got = g_string_new(NULL);
	char buffer[4];
	gssize n;

	while ((n = zip_stream_read(stream, buffer, sizeof buffer, &error)) > 0)
		g_string_append_len(got, buffer, n);
	ck_assert_int_eq(n, 0);
	ck_assert_str_eq(got->str, "words of an answer");
}
END_TEST

/* Any byte wrong: nothing breaks, and what is unpacked has the size that was told. */
START_TEST(broken_archives)
{
	g_autoptr(GBytes) file = make_zip(2, "words of an answer", 18);
	gsize size;
	const guint8 *bytes = g_bytes_get_data(file, &size);

	for (gsize i = 0; i < size; i++) {
		g_autofree guint8 *wrong = g_memdup2(bytes, size);
		g_autoptr(GBytes) changed = NULL;
		g_autoptr(zip_archive) zip = NULL;

		wrong[i] ^= 0xff;
		changed = g_bytes_new(wrong, size);
		zip = zip_open(changed, &bounds, NULL);
		for (guint k = 0; zip && k < zip_entries(zip)->len; k++) {
			g_autoptr(GBytes) one = zip_unpack(zip, entry_at(zip, k), 1u << 20, NULL);

			ck_assert(!one || g_bytes_get_size(one) == entry_at(zip, k)->size);
		}
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("zip");
	TCase *tc = tcase_create("zip");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, more_files_than_16_bits_count);
	tcase_add_test(tc, bounds_are_kept);
	tcase_add_test(tc, a_stream);
	tcase_add_test(tc, broken_archives);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
