#include "base/error.h"
#include "db/calendar.h"
#include "db/cluster.h"
#include "db/learnt_version.h"
#include "db/office.h"
#include "db/schema.h"

#include "base/asset.h"
#include "sql.h"

#include <check.h>
#include <glib/gstdio.h>
#include <string.h>

/* One office for all tests of this file: a private cluster with the whole schema. */
static char *folder;
static struct office *office;
static struct db *db; /* as the administrator */

static void run_ok(gboolean good, GError *error)
{
	/* also before the first test, where Check cannot report */
	if (!good)
		g_error("%s", error ? error->message : "?");
}

static void open_office(void)
{
	GError *error = NULL;

	folder = g_dir_make_tmp("pingyi-test-XXXXXX", &error);
	run_ok(folder != NULL, error);
	run_ok(office_make(folder, "测试办公室", NULL, "test", &error), error);
	office = office_open(folder, &error);
	run_ok(office != NULL, error);
	run_ok(cluster_create(office_folder(office), office_schema(office), &error), error);
	db = office_connect(office, NULL, &error);
	run_ok(db != NULL, error);
	run_ok(schema_apply(db, office_schema(office), NULL, &error), error);
	run_ok(calendar_load(db, asset_find("db/data/holidays-cn.tsv")->text, &error), error);
}

static void remove_all(const char *path)
{
	char *argv[] = {(char *)"rm", (char *)"-rf", (char *)"--", g_strdup(path), NULL};

	g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
	g_free(argv[3]);
}

static void close_office(void)
{
	g_autofree char *place = g_build_filename(folder, "cluster", NULL);
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autofree char *data = NULL;

	if (g_key_file_load_from_file(file, place, G_KEY_FILE_NONE, NULL))
		data = g_key_file_get_string(file, "cluster", "data", NULL);
	db_free(db);
	office_free(office);
	if (data && g_path_is_absolute(data))
		remove_all(data);
	remove_all(folder);
	g_free(folder);
}

/* The first column of the only row; the test fails with what the server says. */
static char *value(const char *sql)
{
	GError *error = NULL;
	g_autoptr(db_rows) rows = db_query(db, sql, DB_NONE, &error);

	run_ok(rows != NULL, error);
	ck_assert_uint_eq(db_rows_count(rows), 1);
	return g_strdup(db_get_text(rows, 0, 0));
}

static void is(const char *sql, const char *wanted)
{
	g_autofree char *got = value(sql);

	ck_assert_str_eq(got ? got : "(null)", wanted);
}

START_TEST(every_statement_prepares)
{
	const struct sql_statement *statement = &sql_statements[_i];
	g_autofree char *sql =
	    g_strdup_printf("PREPARE p_%s AS %s", statement->name, statement->text);
	GError *error = NULL;

	ck_assert_msg(db_script(db, sql, &error), "%s: %s", statement->name,
		      error ? error->message : "?");
}
END_TEST

START_TEST(functions_are_fenced)
{
	is("SELECT coalesce(string_agg(p.proname, ', '), '') FROM pg_proc p "
	   "JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'pingyi' "
	   "AND NOT coalesce(p.proconfig::text LIKE '%search_path=%', false)",
	   "");
	is("SELECT coalesce(string_agg(p.proname, ', '), '') FROM pg_proc p "
	   "JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'pingyi' "
	   "AND EXISTS (SELECT FROM pg_proc q WHERE q.proname = p.proname "
	   "AND q.pronamespace = 'pg_catalog'::regnamespace)",
	   "");
}
END_TEST

START_TEST(nobody_runs_what_was_not_granted)
{
	is("SELECT coalesce(string_agg(p.proname, ', '), '') FROM pg_proc p "
	   "JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'pingyi' "
	   "AND (p.proacl IS NULL OR p.proacl::text LIKE '%{=X%' OR p.proacl::text LIKE '%,=X%')",
	   "");
}
END_TEST

START_TEST(tables_have_keys_and_row_security)
{
	is("SELECT coalesce(string_agg(c.relname, ', '), '') FROM pg_class c "
	   "WHERE c.relnamespace = 'pingyi'::regnamespace AND c.relkind = 'r' "
	   "AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = "
	   "'p')",
	   "");
	is("SELECT coalesce(string_agg(c.relname, ', '), '') FROM pg_class c "
	   "WHERE c.relnamespace = 'pingyi'::regnamespace AND c.relkind = 'r' "
	   "AND NOT (c.relrowsecurity AND c.relforcerowsecurity)",
	   "");
	is("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal", "0");
}
END_TEST

START_TEST(applying_again_changes_nothing)
{
	GError *error = NULL;
	guint applied = 0;

	run_ok(schema_apply(db, office_schema(office), &applied, &error), error);
	ck_assert_uint_eq(applied, 0);
}
END_TEST

/* 春节 2026: 15 to 23 February rest, 14 and 28 February work (国务院's notice for 2026). */
START_TEST(deadlines_are_right)
{
	is("SELECT workday_add('2026-02-13', 1)", "2026-02-14");
	is("SELECT workday_add('2026-02-14', 1)", "2026-02-24");
	is("SELECT workday_add('2026-02-27', 1)", "2026-02-28");
	is("SELECT workday_add('2026-02-16', 1)", "2026-02-24");
	is("SELECT workday_add('2026-03-13', 15)", "2026-04-03");
	is("SELECT workdays_between('2026-02-13', '2026-02-24')", "2");
	is("SELECT workdays_between('2026-04-08', '2026-04-03')", "-2");
	is("SELECT published FROM calendar WHERE day = '2026-12-31'", "t");
	is("SELECT published FROM calendar WHERE day = '2027-01-04'", "f");
}
END_TEST

START_TEST(days_are_the_offices)
{
	is("SELECT office_day('2026-03-02T23:30:00Z')", "2026-03-03");
	is("SELECT office_day('2026-03-02T15:59:59Z')", "2026-03-02");
}
END_TEST

static void fails(const char *sql, enum pingyi_error code)
{
	g_autoptr(GError) error = NULL;

	ck_assert(!db_run(db, sql, DB_NONE, NULL, &error));
	ck_assert_msg(g_error_matches(error, PINGYI_ERROR, (gint)code), "%s: %d %s", sql,
		      error->code, error->message);
	db_rollback(db);
}

START_TEST(errors_say_what_can_be_done)
{
	fails("SELECT round_close(1, NULL, now())", PINGYI_ERROR_STATE);
	fails("SELECT account_password('nobody', 'x', NULL, now())", PINGYI_ERROR_INPUT);
	fails("INSERT INTO department VALUES (100, 'x', 'x', 'x')", PINGYI_ERROR_INPUT);
	fails("SELECT no_such_column", PINGYI_ERROR_BUG);
	fails("SELECT pg_terminate_backend(pg_backend_pid())", PINGYI_ERROR_TEMPORARY);
	db_free(db);
	db = office_connect(office, NULL, NULL);
	ck_assert_ptr_nonnull(db);
}
END_TEST

START_TEST(events_only_grow)
{
	GError *error = NULL;
	g_autoptr(db_handle) staff = office_connect(office, "staff", &error);
	g_autoptr(db_handle) worker = office_connect(office, "worker", &error);
	struct db *roles[] = {staff, worker};

	for (guint i = 0; i < G_N_ELEMENTS(roles); i++) {
		ck_assert_ptr_nonnull(roles[i]);
		for (const char *const *sql =
			 (const char *const[]){"UPDATE event SET verb = 'x'", "DELETE FROM event",
					       "INSERT INTO event SELECT * FROM event",
					       "UPDATE seal SET events = 0", "TRUNCATE event",
					       NULL};
		     *sql; sql++) {
			g_autoptr(GError) refused = NULL;

			ck_assert(!db_run(roles[i], *sql, DB_NONE, NULL, &refused));
			ck_assert_msg(g_error_matches(refused, PINGYI_ERROR, PINGYI_ERROR_DENIED),
				      "%s: %s", *sql, refused->message);
		}
	}
}
END_TEST

START_TEST(a_changed_history_is_found)
{
	GError *error = NULL;
	g_autoptr(db_rows) rows = NULL;

	run_ok(db_script(db,
			 "SET search_path = pingyi; "
			 "SELECT event_add('round', 7, 'new', NULL, 'draft', NULL, now()); "
			 "SELECT seal_add(now()); "
			 "SELECT event_add('round', 8, 'new', NULL, 'draft', NULL, now()); "
			 "SELECT seal_add(now())",
			 &error),
	       error);
	rows = db_query(db, sql_seal_check, DB_NONE, &error);
	run_ok(rows != NULL, error);
	ck_assert_uint_eq(db_rows_count(rows), 2);
	ck_assert(db_get_bool(rows, 0, 1) && db_get_bool(rows, 1, 1));
	run_ok(db_script(db, "UPDATE event SET noun_id = 9 WHERE noun_id = 7", &error), error);
	g_clear_pointer(&rows, db_rows_free);
	rows = db_query(db, sql_seal_check, DB_NONE, &error);
	run_ok(rows != NULL, error);
	ck_assert(!db_get_bool(rows, 0, 1));
}
END_TEST

/* A try that was changed, that moved in time, or that no commit tells of. */
START_TEST(a_changed_try_is_found)
{
	static const char *const changes[] = {
	    "UPDATE attempt SET words = 'other' WHERE mailing_id = 901",
	    "UPDATE attempt SET at = at + interval '1 second' WHERE mailing_id = 901",
	    "DELETE FROM attempt WHERE mailing_id = 901",
	    "INSERT INTO attempt SELECT 903, number, at, sender_id, event_id + 1000, outcome, "
	    "code, words FROM attempt WHERE mailing_id = 901",
	    "INSERT INTO attempt SELECT 903, number, at, sender_id, event_id, outcome, code, words "
	    "FROM attempt WHERE mailing_id = 901",
	};
	GError *error = NULL;

	run_ok(db_script(
		   db,
		   "SET search_path = pingyi; "
		   "INSERT INTO event (id, at, role, noun, noun_id, verb) VALUES (5000, "
		   "'2026-03-02', 'worker', 'sender', 1, 'record'); "
		   "INSERT INTO attempt VALUES (901, 1, '2026-03-02', 1, 5000, 'sent', 250, 'Ok'), "
		   "(902, 1, '2026-03-02', 1, 5000, 'failed', 550, 'no such mailbox'); "
		   "UPDATE event SET text_hash = attempt_digest(id) WHERE id = 5000",
		   &error),
	       error);
	for (guint i = 0; i < G_N_ELEMENTS(changes); i++) {
		g_autoptr(db_rows) before = db_query(db, sql_attempt_check, DB_NONE, &error);
		g_autoptr(db_rows) after = NULL;

		run_ok(before != NULL, error);
		ck_assert_uint_eq(db_rows_count(before), 0);
		run_ok(db_begin(db, &error), error);
		run_ok(db_run(db, changes[i], DB_NONE, NULL, &error), error);
		after = db_query(db, sql_attempt_check, DB_NONE, &error);
		run_ok(after != NULL, error);
		ck_assert_msg(db_rows_count(after) == 1, "%s", changes[i]);
		ck_assert_int_eq(db_get_int(after, 0, 0), i == 3 ? 6000 : 5000);
		db_rollback(db);
	}
	run_ok(db_script(db, "DELETE FROM attempt; DELETE FROM event WHERE id = 5000", &error),
	       error);
}
END_TEST

/* A round without letters, and no round at all, have figures too. */
START_TEST(sending_of_nothing_has_figures)
{
	is("SELECT send_status(NULL, true, now())->>'round' IS NULL", "t");
	is("SELECT send_status(NULL, true, now())->'letters'->>'letters'", "0");
	is("SELECT jsonb_array_length(send_list(NULL, true, 'failed', NULL, 10, now())->'mails')",
	   "0");
	is("SELECT jsonb_array_length(send_list(NULL, true, 'attention', NULL, 10, "
	   "now())->'mails')",
	   "0");
	fails("SELECT send_list(NULL, true, 'gone', NULL, 10, now())", PINGYI_ERROR_INPUT);
}
END_TEST

/* The strip's parts follow one another, and fill it. */
START_TEST(a_strip_is_whole)
{
	is("SELECT send_strip('{\"answered\": 1, \"sent\": 2, \"waiting\": 0, \"again\": 0, "
	   "\"lost\": 1, \"paper\": 0}')::text",
	   "[{\"n\": 1, \"w\": 25.00, \"x\": 0.00, \"name\": \"part answered\", "
	   "\"what\": \"answered\"}, {\"n\": 2, \"w\": 50.00, \"x\": 25.00, "
	   "\"name\": \"part sent\", \"what\": \"sent\"}, {\"n\": 1, \"w\": 25.00, "
	   "\"x\": 75.00, \"name\": \"part lost\", \"what\": \"lost\"}]");
	is("SELECT send_strip('{}')::text", "[]");
}
END_TEST

START_TEST(files_are_found_at_any_depth)
{
	is("SELECT string_agg(f->>'name', ' ') FROM jsonb_array_elements(reading_files("
	   "'{\"attachments\": [{\"name\": \"a\", \"sha256\": \"1\", \"text\": \"sha256\", "
	   "\"inside\": "
	   "[{\"name\": \"b\", \"sha256\": \"2\", \"inside\": []}]}, {\"name\": \"no file\"}, "
	   "{\"name\": \"c\", \"sha256\": \"3\", \"inside\": []}], \"sha256\": \"4\"}')) f",
	   "a b c");
	is("SELECT jsonb_array_length(reading_files('{}')) IS NULL AND reading_files(NULL) IS NULL",
	   "t");
}
END_TEST

START_TEST(figures_are_added_up)
{
	is("SELECT count(tally_add('item', 1, n % 3 + 1, 'closed', 'infinity', 1)) "
	   "FROM generate_series(1, 2100) n",
	   "2100");
	is("SELECT string_agg(n::text, ' ') FROM (SELECT sum(n) AS n FROM tally "
	   "GROUP BY department_no) t",
	   "700 700 700");
	is("SELECT count(*) < 1000 FROM tally", "t");
	is("SELECT count(tally_add('item', 1, n % 3 + 1, 'closed', 'infinity', -1)) "
	   "FROM generate_series(1, 2100) n",
	   "2100");
	is("SELECT sum(n) = 0 AND count(*) < 1000 FROM tally", "t");
}
END_TEST

/* What was learnt is kept byte by byte, and one at most is in use; stages may keep and use it. */
START_TEST(what_was_learnt_is_kept_in_versions)
{
	static const guint8 model[] = {0, 1, 2, 255, 0, '\'', '\\', 0};
	GError *error = NULL;
	g_autoptr(db_handle) worker = office_connect(office, "worker", &error);
	g_autoptr(db_handle) supervisor = office_connect(office, "supervisor", &error);
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autoptr(GBytes) bytes = g_bytes_new_static(model, sizeof model);
	g_autoptr(GBytes) none = g_bytes_new_static("", 0);
	g_autoptr(GError) refused = NULL;
	struct learnt_version *learnt = NULL;
	gint64 first = 0;
	gint64 second = 0;

	run_ok(worker && supervisor, error);
	run_ok(learnt_version_in_use(worker, &learnt, &error), error);
	ck_assert_ptr_null(learnt);
	run_ok(learnt_version_put(worker, bytes, "{\"corrections\": 250}", 0, now, &first, &error),
	       error);
	run_ok(learnt_version_put(worker, none, "{}", 0, now, &second, &error), error);
	ck_assert_int_ne(first, second);
	run_ok(learnt_version_in_use(worker, &learnt, &error), error);
	ck_assert_ptr_null(learnt);
	run_ok(learnt_version_use(worker, second, 0, now, &error), error);
	run_ok(learnt_version_use(worker, first, 0, now, &error), error);
	run_ok(learnt_version_in_use(worker, &learnt, &error), error);
	ck_assert_int_eq(learnt->version, first);
	ck_assert(g_bytes_equal(learnt->bytes, bytes));
	is("SELECT figures->>'corrections' FROM learnt WHERE in_use", "250");
	g_clear_pointer(&learnt, learnt_version_free);
	run_ok(learnt_version_use(worker, 0, 0, now, &error), error);
	run_ok(learnt_version_in_use(worker, &learnt, &error), error);
	ck_assert_ptr_null(learnt);
	ck_assert(!learnt_version_use(worker, 999, 0, now, &refused));
	ck_assert(g_error_matches(refused, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	g_clear_error(&refused);
	ck_assert(!learnt_version_put(worker, bytes, "no JSON", 0, now, NULL, &refused));
	g_clear_error(&refused);
	ck_assert(!learnt_version_use(supervisor, first, 0, now, &refused));
	ck_assert(g_error_matches(refused, PINGYI_ERROR, PINGYI_ERROR_DENIED));
	is("SELECT string_agg(verb || coalesce(from_state, '-') || coalesce(to_state, '-'), ' ' "
	   "ORDER BY id) FROM event WHERE noun = 'learnt'",
	   "put-- put-- use-2 use21 use1-");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sql");
	TCase *tc = tcase_create("sql");
	SRunner *runner = srunner_create(suite);
	guint statements = 0;
	int failed;

	while (sql_statements[statements].name)
		statements++;
	open_office();
	tcase_add_loop_test(tc, every_statement_prepares, 0, (int)statements);
	tcase_add_test(tc, functions_are_fenced);
	tcase_add_test(tc, nobody_runs_what_was_not_granted);
	tcase_add_test(tc, tables_have_keys_and_row_security);
	tcase_add_test(tc, applying_again_changes_nothing);
	tcase_add_test(tc, deadlines_are_right);
	tcase_add_test(tc, days_are_the_offices);
	tcase_add_test(tc, events_only_grow);
	tcase_add_test(tc, a_changed_history_is_found);
	tcase_add_test(tc, a_changed_try_is_found);
	tcase_add_test(tc, sending_of_nothing_has_figures);
	tcase_add_test(tc, a_strip_is_whole);
	tcase_add_test(tc, files_are_found_at_any_depth);
	tcase_add_test(tc, figures_are_added_up);
	tcase_add_test(tc, what_was_learnt_is_kept_in_versions);
	tcase_add_test(tc, errors_say_what_can_be_done);
	suite_add_tcase(suite, tc);
	/* one connection for all: no forking */
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	close_office();
	return failed == 0 ? 0 : 1;
}
