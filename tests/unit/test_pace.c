#include "mailer/pace.h"

#include <check.h>

static const struct pace_limit none = {0, 0};

START_TEST(limits_of_a_domain)
{
	static const struct pace_limit usual = {3, 100};
	static const struct pace_limit of_qq = {1, 20};
	struct pace *pace = pace_new(&usual);
	struct pace_domain *qq;
	struct pace_domain *other;

	pace_set_limit(pace, "QQ.com", &of_qq);
	qq = pace_domain(pace, "qq.com");
	other = pace_domain(pace, "firm.example");
	ck_assert_uint_eq(qq->limit.per_hour, 20);
	ck_assert_uint_eq(other->limit.per_hour, 100);
	ck_assert(!pace_is_full(qq));
	pace_begin(qq);
	ck_assert(pace_is_full(qq));
	for (guint i = 0; i < 3; i++) {
		ck_assert(!pace_is_full(other));
		pace_begin(other);
	}
	ck_assert(pace_is_full(other));
	pace_end(qq, TRUE, FALSE, 0);
	ck_assert(!pace_is_full(qq));
	ck_assert(pace_is_full(other));
	pace_free(pace);
	pace_free(NULL);
}
END_TEST

START_TEST(no_limit_is_never_reached)
{
	struct pace *pace = pace_new(&none);
	struct pace_domain *domain = pace_domain(pace, "firm.example");

	for (guint i = 0; i < 10000; i++)
		pace_begin(domain);
	ck_assert(!pace_is_full(domain));
	pace_free(pace);
}
END_TEST

/* A minute, then twice as long with each refusal that comes after the hold, up to an hour. */
START_TEST(holds_grow)
{
	static const gint64 lengths[] = {60, 120, 240, 480, 960, 1920, 3600, 3600, 3600};
	struct pace *pace = pace_new(&none);
	struct pace_domain *domain = pace_domain(pace, "firm.example");
	gint64 now = 1000;

	for (guint i = 0; i < 40; i++) {
		gint64 length = lengths[MIN(i, G_N_ELEMENTS(lengths) - 1)];

		ck_assert(!pace_is_held(domain, now));
		pace_begin(domain);
		pace_end(domain, FALSE, TRUE, now);
		ck_assert(pace_is_held(domain, now));
		ck_assert(pace_is_held(domain, now + length - 1));
		ck_assert(!pace_is_held(domain, now + length));
		now += length;
	}
	pace_free(pace);
}
END_TEST

/* Letters that were on their way when the first was refused change nothing, nor does one that is
 * neither taken nor refused. */
START_TEST(what_a_hold_is_not_changed_by)
{
	struct pace *pace = pace_new(&none);
	struct pace_domain *domain = pace_domain(pace, "firm.example");

	for (guint i = 0; i < 4; i++)
		pace_begin(domain);
	pace_end(domain, FALSE, TRUE, 10);
	ck_assert_int_eq(domain->hold_until, 70);
	pace_end(domain, FALSE, TRUE, 11);
	ck_assert_int_eq(domain->hold_until, 70);
	ck_assert_uint_eq(domain->strikes, 1);
	pace_end(domain, TRUE, FALSE, 12);
	ck_assert(pace_is_held(domain, 69));
	pace_end(domain, FALSE, FALSE, 80);
	ck_assert_uint_eq(domain->strikes, 1);
	ck_assert_uint_eq(domain->under_way, 0);
	pace_begin(domain);
	pace_end(domain, TRUE, FALSE, 81);
	ck_assert_uint_eq(domain->strikes, 0);
	ck_assert_int_eq(domain->hold_until, 0);
	pace_free(pace);
}
END_TEST

START_TEST(what_must_be_stored)
{
	struct pace *pace = pace_new(&none);
	struct pace_domain *a = pace_domain(pace, "a.example");
	struct pace_domain *b = pace_domain(pace, "b.example");
	struct pace_domain *one;
	struct pace_domain *two;

	ck_assert_ptr_null(pace_next_changed(pace));
	pace_begin(a);
	pace_begin(b);
	pace_end(a, FALSE, TRUE, 0);
	pace_end(b, FALSE, TRUE, 0);
	one = pace_next_changed(pace);
	two = pace_next_changed(pace);
	ck_assert((one == a && two == b) || (one == b && two == a));
	ck_assert_ptr_null(pace_next_changed(pace));
	/* each is told once, however often it changed */
	for (guint i = 0; i < 3; i++) {
		pace_begin(a);
		pace_end(a, i == 1, i != 1, 1000 * (i + 1));
	}
	ck_assert_ptr_eq(pace_next_changed(pace), a);
	ck_assert_ptr_null(pace_next_changed(pace));
	pace_free(pace);
}
END_TEST

/* A million domains are not kept; those with something to remember are. */
START_TEST(domains_are_forgotten)
{
	struct pace *pace = pace_new(&none);
	struct pace_domain *domain = pace_domain(pace, "held.example");

	pace_begin(domain);
	pace_end(domain, FALSE, TRUE, 0);
	pace_release(pace, domain);
	ck_assert_uint_eq(pace_domain(pace, "held.example")->strikes, 1);
	domain = pace_domain(pace, "used.example");
	ck_assert_ptr_eq(pace_domain(pace, "used.example"), domain);
	domain->limit.at_once = 77; /* a mark */
	pace_release(pace, domain);
	ck_assert_uint_eq(pace_domain(pace, "used.example")->limit.at_once, 77);
	pace_release(pace, domain);
	pace_release(pace, domain);
	ck_assert_uint_eq(pace_domain(pace, "used.example")->limit.at_once, 0);
	pace_free(pace);
}
END_TEST

/* What every domain of a round refuses is told without looking at all domains for each. */
START_TEST(many_changes)
{
	struct pace *pace = pace_new(&none);
	guint n = 0;

	for (guint i = 0; i < 50000; i++) {
		g_autofree char *name = g_strdup_printf("firm%u.example", i);
		struct pace_domain *domain = pace_domain(pace, name);

		pace_begin(domain);
		pace_end(domain, FALSE, TRUE, 0);
		pace_release(pace, domain);
	}
	while (pace_next_changed(pace))
		n++;
	ck_assert_uint_eq(n, 50000);
	pace_free(pace);
}
END_TEST

/* --- the brake --- */

static void add(struct brake *brake, guint n, gboolean bad)
{
	for (guint i = 0; i < n; i++)
		brake_add(brake, bad);
}

START_TEST(few_tries_say_nothing)
{
	struct brake brake = {0};

	add(&brake, BRAKE_LEAST - 1, TRUE);
	ck_assert(!brake_is_on(&brake, 5));
	add(&brake, 1, TRUE);
	ck_assert(brake_is_on(&brake, 5));
	ck_assert(brake_is_on(&brake, 100));
	ck_assert(!brake_is_on(&brake, 0));
}
END_TEST

START_TEST(exactly_so_many_percent)
{
	struct brake brake = {0};

	add(&brake, BRAKE_LAST - 9, FALSE);
	add(&brake, 9, TRUE);
	ck_assert(!brake_is_on(&brake, 5));
	ck_assert(brake_is_on(&brake, 4));
	/* the oldest one goes, a bad one comes: 10 of 200 */
	add(&brake, 1, TRUE);
	ck_assert_uint_eq(brake.n, BRAKE_LAST);
	ck_assert(brake_is_on(&brake, 5));
	ck_assert(!brake_is_on(&brake, 6));
}
END_TEST

START_TEST(old_refusals_are_forgotten)
{
	struct brake brake = {0};

	add(&brake, 20, TRUE);
	add(&brake, BRAKE_LAST - 20, FALSE);
	ck_assert(brake_is_on(&brake, 10));
	add(&brake, 20, FALSE);
	ck_assert_uint_eq(brake.bads, 0);
	ck_assert(!brake_is_on(&brake, 1));
	add(&brake, 5 * BRAKE_LAST, TRUE);
	ck_assert_uint_eq(brake.bads, BRAKE_LAST);
	add(&brake, BRAKE_LAST, FALSE);
	ck_assert_uint_eq(brake.bads, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pace");
	TCase *tc = tcase_create("pace");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, limits_of_a_domain);
	tcase_add_test(tc, no_limit_is_never_reached);
	tcase_add_test(tc, holds_grow);
	tcase_add_test(tc, what_a_hold_is_not_changed_by);
	tcase_add_test(tc, what_must_be_stored);
	tcase_add_test(tc, domains_are_forgotten);
	tcase_add_test(tc, many_changes);
	tcase_add_test(tc, few_tries_say_nothing);
	tcase_add_test(tc, exactly_so_many_percent);
	tcase_add_test(tc, old_refusals_are_forgotten);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
