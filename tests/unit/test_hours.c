#include "base/error.h"
#include "mailer/hours.h"

#include <check.h>
#include <string.h>

static const struct {
	const char *text;
	guint from;
	guint until;
} good[] = {
    {"", 0, 0},
    {"09:00-17:30", 540, 1050},
    {"9:00-17:30", 540, 1050},
    {"00:00-24:00", 0, 1440},
    {"23:59-24:00", 1439, 1440},
    {"00:00-00:01", 0, 1},
};

START_TEST(what_hours_are)
{
	struct hours hours = {1, 1};

	ck_assert(hours_parse(good[_i].text, &hours, NULL));
	ck_assert_uint_eq(hours.from, good[_i].from);
	ck_assert_uint_eq(hours.until, good[_i].until);
}
END_TEST

static const char *const bad[] = {" ",           "9-17",         "09:00",       "09:00-",
				  "-17:30",      "17:30-09:00",  "09:00-09:00", "09:60-17:30",
				  "09:00-17:60", "09:00-24:01",  "09:00-25:00", "09:00-17:30 ",
				  "09:00-17:3x", "whenever",     "09:00–17:30", "009:00-17:30",
				  "-9:00-17:30", "09:00-17:300", "+9:00-17:30", "0x9:00-17:30"};

START_TEST(what_hours_are_not)
{
	struct hours hours;
	GError *error = NULL;

	ck_assert_msg(!hours_parse(bad[_i], &hours, &error), "%s", bad[_i]);
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	ck_assert_ptr_nonnull(strstr(error->message, "hours"));
	ck_assert_ptr_nonnull(strstr(error->message, bad[_i]));
	g_error_free(error);
}
END_TEST

static gboolean contains(const char *text, gint hour, gint minute, gdouble second)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_offset(8 * 3600);
	g_autoptr(GDateTime) local = g_date_time_new(zone, 2026, 3, 2, hour, minute, second);
	struct hours hours;

	ck_assert(hours_parse(text, &hours, NULL));
	return hours_contain(&hours, local);
}

START_TEST(when_mail_may_leave)
{
	ck_assert(contains("", 0, 0, 0));
	ck_assert(contains("", 23, 59, 59));
	ck_assert(!contains("09:00-17:30", 8, 59, 59));
	ck_assert(contains("09:00-17:30", 9, 0, 0));
	ck_assert(contains("09:00-17:30", 17, 29, 59));
	ck_assert(!contains("09:00-17:30", 17, 30, 0));
	ck_assert(contains("00:00-24:00", 23, 59, 59));
	ck_assert(contains("00:00-24:00", 0, 0, 0));
	ck_assert(!contains("00:00-00:01", 0, 1, 0));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("hours");
	TCase *tc = tcase_create("hours");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tc, what_hours_are, 0, G_N_ELEMENTS(good));
	tcase_add_loop_test(tc, what_hours_are_not, 0, G_N_ELEMENTS(bad));
	tcase_add_test(tc, when_mail_may_leave);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
