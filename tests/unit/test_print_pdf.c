#include "tests/unit/print_office.h"

#include "base/error.h"
#include "templates/print_cff.h"

#include <check.h>
#include <hb-ot.h>
#include <math.h>
#include <string.h>

static struct print_set set;

START_TEST(names_a_font_that_is_missing)
{
	struct print_style style = {.office = "x"};
	g_autoptr(GError) error = NULL;

	style.fonts[PRINT_KAITI] = "No Such 楷体";
	ck_assert_ptr_null(print_fonts_new(&style, 1000, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	ck_assert_ptr_nonnull(strstr(error->message, "No Such 楷体"));
	ck_assert_ptr_nonnull(strstr(error->message, "kaiti_font"));
}
END_TEST

START_TEST(notices_characters_that_no_font_has)
{
	struct print_look look;
	g_autoptr(print_para_handle) para = NULL;
	struct print_report report = {0};

	print_office_setup(&set, "zh");
	memset(&look, 0, sizeof look);
	look.size = 16;
	para = print_text_set(set.text, &look, "国\xee\x80\x80国", 9);
	ck_assert_uint_eq(para->glyphs->len, 3);
	print_fonts_report(set.fonts, &report);
	ck_assert_str_eq(report.missing, "\xee\x80\x80");
	ck_assert_str_eq(report.fonts[0], "Noto Serif CJK SC");
	g_strfreev(report.fonts);
	g_strfreev(report.lent);
	g_free(report.missing);
	print_office_teardown(&set);
}
END_TEST

struct box {
	float left, right, low, high;
	guint points;
};

static void see(struct box *box, float x, float y)
{
	box->left = MIN(box->left, x);
	box->right = MAX(box->right, x);
	box->low = MIN(box->low, y);
	box->high = MAX(box->high, y);
	box->points++;
}

static void see_point(hb_draw_funcs_t *funcs, void *data, hb_draw_state_t *state, float x, float y,
		      void *user)
{
	(void)funcs, (void)state, (void)user;
	see(data, x, y);
}

static void see_curve(hb_draw_funcs_t *funcs, void *data, hb_draw_state_t *state, float x1,
		      float y1, float x2, float y2, float x, float y, void *user)
{
	(void)funcs, (void)state, (void)user;
	(void)x1, (void)y1, (void)x2, (void)y2;
	see(data, x, y);
}

static struct box shape_of(hb_font_t *font, guint glyph)
{
	hb_draw_funcs_t *funcs = hb_draw_funcs_create();
	struct box box = {1e6f, -1e6f, 1e6f, -1e6f, 0};

	hb_draw_funcs_set_move_to_func(funcs, see_point, NULL, NULL);
	hb_draw_funcs_set_line_to_func(funcs, see_point, NULL, NULL);
	hb_draw_funcs_set_cubic_to_func(funcs, see_curve, NULL, NULL);
	hb_font_get_glyph_shape(font, glyph, funcs, &box);
	hb_draw_funcs_destroy(funcs);
	return box;
}

/* A CFF table and the few others without which a font is none, as one font file. */
static hb_font_t *font_of(const GByteArray *cff, guint glyphs)
{
	hb_face_t *builder = hb_face_builder_create();
	guint8 head[54] = {0, 1}, maxp[6] = {0, 0, 0x50, 0, 0, (guint8)glyphs};
	hb_blob_t *blob, *tables[3];
	hb_face_t *face;
	hb_font_t *font;

	head[12] = 0x5f, head[13] = 0x0f, head[14] = 0x3c, head[15] = 0xf5; /* the magic number */
	head[18] = 1000 >> 8, head[19] = 1000 & 0xff;
	tables[0] =
	    hb_blob_create((const char *)cff->data, cff->len, HB_MEMORY_MODE_DUPLICATE, NULL, NULL);
	tables[1] =
	    hb_blob_create((const char *)head, sizeof head, HB_MEMORY_MODE_DUPLICATE, NULL, NULL);
	tables[2] =
	    hb_blob_create((const char *)maxp, sizeof maxp, HB_MEMORY_MODE_DUPLICATE, NULL, NULL);
	hb_face_builder_add_table(builder, HB_TAG('C', 'F', 'F', ' '), tables[0]);
	hb_face_builder_add_table(builder, HB_TAG('h', 'e', 'a', 'd'), tables[1]);
	hb_face_builder_add_table(builder, HB_TAG('m', 'a', 'x', 'p'), tables[2]);
	blob = hb_face_reference_blob(builder);
	face = hb_face_create(blob, 0);
	font = hb_font_create(face);
	for (guint i = 0; i < 3; i++)
		hb_blob_destroy(tables[i]);
	hb_blob_destroy(blob);
	hb_face_destroy(face);
	hb_face_destroy(builder);
	return font;
}

/* Glyphs drawn from a font that was written are those of the font it was written from. */
START_TEST(writes_fonts_that_can_be_read)
{
	const char *const *files;
	g_autoptr(GPtrArray) outlines =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	g_autoptr(GByteArray) cff = NULL;
	hb_codepoint_t glyphs[64] = {0};
	const char *words = "营商环境征求意见书：PY-2 国，。《》";
	hb_font_t *from, *written;
	hb_blob_t *blob;
	hb_face_t *face;
	guint n = 1;

	print_office_setup(&set, "zh");
	files = print_fonts_files(set.fonts);
	blob = hb_blob_create_from_file(strchr(files[PRINT_FANGSONG], '\t') + 1);
	face = hb_face_create(blob, 0);
	from = hb_font_create(face);
	for (const char *p = words; *p; p = g_utf8_next_char(p))
		hb_font_get_nominal_glyph(from, g_utf8_get_char(p), &glyphs[n++]);
	for (guint i = 0; i < n; i++)
		g_ptr_array_add(outlines, print_cff_outline(from, glyphs[i], 1000, 1000));
	cff = print_cff("Test", outlines, 1000);
	written = font_of(cff, n);
	ck_assert_uint_eq(hb_face_get_glyph_count(hb_font_get_face(written)), n);
	for (guint i = 1; i < n; i++) {
		struct box a = shape_of(from, glyphs[i]), b = shape_of(written, i);

		/* a closing line may be said or not */
		ck_assert_uint_le(a.points > b.points ? a.points - b.points : b.points - a.points,
				  20);
		if (a.points == 0)
			continue;
		ck_assert_double_eq_tol((double)a.left, (double)b.left, 1);
		ck_assert_double_eq_tol((double)a.right, (double)b.right, 1);
		ck_assert_double_eq_tol((double)a.low, (double)b.low, 1);
		ck_assert_double_eq_tol((double)a.high, (double)b.high, 1);
	}
	hb_font_destroy(written);
	hb_font_destroy(from);
	hb_face_destroy(face);
	hb_blob_destroy(blob);
	print_office_teardown(&set);
}
END_TEST

static void number_is(double value, const char *expected)
{
	g_autoptr(GString) out = g_string_new(NULL);

	pdf_number(out, value);
	ck_assert_str_eq(out->str, expected);
}

START_TEST(writes_numbers_and_texts)
{
	g_autoptr(GString) out = g_string_new(NULL);

	number_is(0, "0 ");
	number_is(-0.001, "0 ");
	number_is(1.5, "1.5 ");
	number_is(-12.345, "-12.35 ");
	number_is(0.05, "0.05 ");
	number_is(841.89, "841.89 ");
	pdf_text(out, "a (b)");
	pdf_text(out, "plain");
	pdf_text(out, "国𠮷");
	ck_assert_str_eq(out->str, "<FEFF00610020002800620029>(plain)<FEFF56FDD842DFB7>");
}
END_TEST

/* startxref leads to a stream whose rows lead to the objects. */
START_TEST(writes_a_pdf_again)
{
	g_autoptr(pdf_handle) pdf = pdf_new(NULL);
	g_autofree char *first = NULL;
	const char *bytes;
	gsize size, again;
	guint resources = pdf_reserve(pdf);

	pdf_resources(pdf, resources);
	pdf_object(pdf, resources, "<<>>");
	pdf_mark(pdf);
	for (guint turn = 0; turn < 2; turn++) {
		guint contents = pdf_reserve(pdf);
		const char *at;

		pdf_stream(pdf, contents, "", "0 g", 3, 6);
		pdf_page(pdf, 595.28, 841.89, contents, 0);
		ck_assert(pdf_finish(pdf, "title", "zh-CN", NULL));
		bytes = pdf_bytes(pdf, &size);
		ck_assert(g_str_has_prefix(bytes, "%PDF-1.5\n"));
		ck_assert_mem_eq(bytes + size - 6, "%%EOF\n", 6);
		at = memmem(bytes + size - 40, 40, "startxref\n", strlen("startxref\n"));
		ck_assert_ptr_nonnull(at);
		at = bytes + g_ascii_strtoull(at + strlen("startxref\n"), NULL, 10);
		ck_assert_ptr_nonnull(memmem(at, 80, "/Type/XRef", strlen("/Type/XRef")));
		if (turn == 0) {
			first = g_memdup2(bytes, size);
			again = size;
			pdf_back(pdf);
		}
	}
	ck_assert_uint_eq(size, again);
	ck_assert_int_eq(memcmp(first, bytes, size), 0);
}
END_TEST

START_TEST(says_number_and_link)
{
	g_autofree char *page = print_code("https://a/l/x", "PY-22222222", 0);
	g_autofree char *sheet = print_code("https://a/l/x", "PY-22222222", 2);
	g_autoptr(GByteArray) bits = NULL;
	guint width;

	ck_assert_str_eq(page, "https://a/l/x#PY-22222222");
	ck_assert_str_eq(sheet, "https://a/l/x#PY-22222222.2");
	bits = print_qr(page, &width);
	ck_assert_uint_eq(width % 4, 1);
	ck_assert_uint_eq(bits->len, width * ((width + 7) / 8));
	ck_assert_uint_eq(bits->data[0] & 0xff,
			  0x01); /* a corner: seven dark modules, a light one */
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("print_pdf");
	TCase *tc = tcase_create("print_pdf");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, names_a_font_that_is_missing);
	tcase_add_test(tc, notices_characters_that_no_font_has);
	tcase_add_test(tc, writes_fonts_that_can_be_read);
	tcase_add_test(tc, writes_numbers_and_texts);
	tcase_add_test(tc, writes_a_pdf_again);
	tcase_add_test(tc, says_number_and_link);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
