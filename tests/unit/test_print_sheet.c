#include "tests/unit/print_office.h"

#include "base/asset.h"

#include <check.h>
#include <math.h>
#include <string.h>

static struct print_set set;

static struct form *shipped_form(const char *language)
{
	g_autofree char *path = g_strdup_printf("templates/%s/questionnaire.xml", language);
	const struct asset *asset = asset_find(path);
	struct form *form = form_parse(asset->text, asset->size, path, NULL);

	ck_assert_ptr_nonnull(form);
	return form;
}

static struct form_department *make_departments(guint count)
{
	struct form_department *departments = g_new0(struct form_department, count + 1);

	for (guint i = 0; i < count; i++) {
		departments[i].code = g_strdup_printf("d%02u", i + 1);
		departments[i].name = "住房和城乡建设管理局";
	}
	return departments;
}

static void free_departments(struct form_department *departments, guint count)
{
	for (guint i = 0; i < count; i++)
		g_free((char *)(gsize)departments[i].code);
	g_free(departments);
}

static gboolean apart(const struct print_box *a, const struct print_box *b)
{
	return a->page != b->page || fabs(a->x - b->x) >= PRINT_BOX + 1 ||
	       fabs(a->y - b->y) >= PRINT_BOX + 1;
}

static void check_sheet(const struct form *form, guint count, guint pages)
{
	struct form_department *departments = make_departments(count);
	g_autoptr(GArray) boxes = NULL;
	g_autoptr(GArray) rooms = NULL;

	ck_assert_uint_eq(print_sheet_boxes(form, departments, count, &boxes, &rooms), pages);
	ck_assert_uint_eq(boxes->len, count * FORM_GRADES + 2);
	ck_assert_uint_eq(rooms->len, form->open->len);
	for (guint i = 0; i < boxes->len; i++) {
		const struct print_box *box = &g_array_index(boxes, struct print_box, i);

		ck_assert_uint_ge(box->page, 1);
		ck_assert_uint_le(box->page, pages);
		ck_assert_double_ge(box->x, 15);
		ck_assert_double_le(box->x + PRINT_BOX, 195.01);
		ck_assert_double_ge(box->y, 33);
		ck_assert_double_le(box->y + PRINT_BOX, 280);
		for (guint k = 0; k < i; k++)
			ck_assert(apart(box, &g_array_index(boxes, struct print_box, k)));
	}
	for (guint i = 0; i < rooms->len; i++) {
		const struct print_room *room = &g_array_index(rooms, struct print_room, i);
		const struct form_question *question = g_ptr_array_index(form->open, i);

		ck_assert_str_eq(room->question, question->id);
		ck_assert_double_ge(room->height, (pages == 1 ? 2 : question->lines) * 9 - 0.01);
		ck_assert_double_le(room->y + room->height,
				    room->page == pages ? 279 - 15 + 0.01 : 279.01);
	}
	free_departments(departments, count);
}

START_TEST(places_the_boxes)
{
	g_autoptr(form_handle) form = shipped_form("zh");

	check_sheet(form, 1, 1);
	check_sheet(form, 7, 1); /* fewer lines, so that it goes on the back of a letter */
	check_sheet(form, 20, 2);
	check_sheet(form, 46, 2);
	check_sheet(form, 99, 3);
}
END_TEST

START_TEST(draws_boxes_and_marks)
{
	static const double edges[] = {PRINT_MARK_EDGE,
				       PRINT_PAGE_WIDTH - PRINT_MARK_EDGE - PRINT_MARK,
				       PRINT_PAGE_HEIGHT - PRINT_MARK_EDGE - PRINT_MARK};
	static const char *const languages[] = {"zh", "en"};
	struct form_department *departments = make_departments(46);

	for (guint l = 0; l < G_N_ELEMENTS(languages); l++) {
		g_autoptr(form_handle) form = shipped_form(languages[l]);
		g_autoptr(print_pages_handle) pages = NULL;
		guint frames = 0;

		print_office_setup(&set, languages[l]);
		pages = print_set_sheet(&set, form, departments, 46, "第一轮");
		ck_assert_uint_eq(pages->pages->len, 2);
		for (guint p = 0; p < 2; p++) {
			const GArray *items = print_office_page(pages, p)->items;

			for (guint i = 0; i < 4; i++) {
				const struct print_item *mark =
				    &g_array_index(items, struct print_item, i);

				ck_assert_int_eq(mark->kind, ITEM_FILL);
				ck_assert_double_eq_tol((double)mark->x, MM(edges[i % 2 ? 1 : 0]),
							0.01);
				ck_assert_double_eq_tol((double)mark->y, MM(edges[i / 2 ? 2 : 0]),
							0.01);
				ck_assert_double_eq_tol((double)mark->width, MM(PRINT_MARK), 0.01);
			}
			for (guint i = 0; i < items->len; i++)
				frames +=
				    g_array_index(items, struct print_item, i).kind == ITEM_FRAME;
		}
		ck_assert_uint_eq(frames, 46 * FORM_GRADES + 2);
		print_office_teardown(&set);
	}
	free_departments(departments, 46);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("print_sheet");
	TCase *tc = tcase_create("print_sheet");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, places_the_boxes);
	tcase_add_test(tc, draws_boxes_and_marks);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
