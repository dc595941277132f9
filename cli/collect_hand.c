#include "cli/command.h"

#include "base/error.h"
#include "collector/hand.h"
#include "sql.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NOON 12

static gboolean find(struct app *app, const struct collect_hand_options *options, struct hand *hand,
		     GError **error)
{
	hand->account = app_account(app, error);
	hand->now = app->now;
	hand->anyway = options->anyway;
	return hand->account != 0 &&
	       hand_find_letter(app->db, options->from, options->round, hand, error);
}

gboolean collect_hand_files(struct app *app, const struct collect_hand_options *options,
			    char **paths, guint n, GError **error)
{
	struct hand hand = {0};
	gboolean good = find(app, options, &hand, error);

	for (guint i = 0; good && i < n; i++) {
		gboolean done = FALSE;

		good = hand_file(app->db, &hand, paths[i], &done, error);
		if (!good)
			break;
		fprintf(stderr,
			done ? _("%s: is an answer to letter %s already\n")
			     : _("%s: taken for letter %s\n"),
			paths[i], hand.number);
	}
	hand_clear(&hand);
	return good;
}

/* What stands on stdin, at most HAND_TEXT_MAX bytes. Returns: (transfer full) */
static char *read_stdin(GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	char chunk[4096];
	gsize got;

	if (isatty(STDIN_FILENO))
		fprintf(stderr, "%s\n", _("Type what was said; end with Ctrl-D."));
	while ((got = fread(chunk, 1, sizeof chunk, stdin)) > 0) {
		g_string_append_len(text, chunk, (gssize)got);
		if (text->len > HAND_TEXT_MAX)
			break;
	}
	if (ferror(stdin)) {
		g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
				    _("what was said cannot be read from stdin"));
		return NULL;
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

/* The words of the note, checked. Returns: (transfer full) */
static char *words(const struct collect_hand_options *options, GError **error)
{
	char *text = options->text ? g_strdup(options->text) : read_stdin(error);
	const char *problem = NULL;

	if (!text)
		return NULL;
	if (strlen(text) > HAND_TEXT_MAX)
		problem = _("what was said is longer than 1 MB");
	else if (!g_utf8_validate(text, -1, NULL))
		problem = _("what was said is not UTF-8");
	else if (!*g_strstrip(text) && !options->rates)
		problem = _("nothing was said");
	if (!problem)
		return text;
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, problem);
	g_free(text);
	return NULL;
}

static gboolean is_department(const struct db_rows *departments, const char *code)
{
	for (guint i = 0; i < db_rows_count(departments); i++)
		if (strcmp(db_get_text(departments, i, 0), code) == 0)
			return TRUE;
	return FALSE;
}

/* The department of "d12=5", which none of those `before` is. Returns: (transfer full) */
static char *rated(const struct db_rows *departments, GHashTable *before, const char *rate,
		   GError **error)
{
	g_autofree char *code = g_strndup(rate, strcspn(rate, "="));
	const char *grade = rate + strlen(code);

	if (grade[0] != '=')
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("--rate: “%s” is no rating: say DEPARTMENT=GRADE, as d12=4"), rate);
	else if (!is_department(departments, code))
		g_set_error(
		    error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("--rate %s: no department has the code “%s” (pingyi department list)"), rate,
		    code);
	else if (grade[1] < '0' || grade[1] > '5' || grade[2])
		g_set_error(
		    error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("--rate %s: a grade is 0 (cannot say), or 1 to 5, of which 5 is best"), rate);
	else if (g_hash_table_contains(before, code))
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("--rate %s: the department %s has a grade already"), rate, code);
	else
		return g_steal_pointer(&code);
	return NULL;
}

/* "d12=5" … as JSON. Returns: (transfer full) */
static char *ratings(struct db *db, char **rates, GError **error)
{
	g_autoptr(db_rows) departments = db_query(db, sql_department_list, DB_NONE, error);
	g_autoptr(GHashTable) before = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GString) json = g_string_new("[");

	if (!departments)
		return NULL;
	for (char **rate = rates; rate && *rate; rate++) {
		char *code = rated(departments, before, *rate, error);

		if (!code)
			return NULL;
		g_string_append_printf(json, "%s{\"department\":\"%s\",\"grade\":%c}",
				       json->len > 1 ? "," : "", code, (*rate)[strlen(code) + 1]);
		g_hash_table_add(before, code);
	}
	g_string_append_c(json, ']');
	return g_string_free(g_steal_pointer(&json), FALSE);
}

/* Noon of the day in the office, but neither before the round's release nor after now; for NULL
 * now. Returns: (transfer full) NULL with an error */
static GDateTime *when_said(struct app *app, const struct hand *hand, const char *day,
			    GError **error)
{
	g_autoptr(GTimeZone) zone = app_zone(app);
	g_autoptr(GDateTime) now = g_date_time_to_timezone(app->now, zone);
	g_autofree char *today = g_date_time_format(now, "%Y-%m-%d");
	g_autoptr(GDateTime) noon = NULL;
	g_autoptr(GDateTime) released = NULL;
	g_autofree char *iso = NULL;

	if (!day)
		return g_steal_pointer(&now);
	if (!app_date(day, "--on", error))
		return NULL;
	/* dates of YYYY-MM-DD compare as texts */
	if (strcmp(day, today) > 0) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("--on: %s is still to come"),
			    day);
		return NULL;
	}
	if (strcmp(day, hand->released) < 0) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("--on: %s is before %s, when round %s was released"), day,
			    hand->released, hand->round);
		return NULL;
	}
	iso = g_strdup_printf("%sT%d:00:00", day, NOON);
	noon = g_date_time_new_from_iso8601(iso, zone);
	if (g_date_time_compare(noon, now) > 0)
		return g_steal_pointer(&now);
	if (g_date_time_to_unix(noon) >= hand->released_at)
		return g_steal_pointer(&noon);
	released = g_date_time_new_from_unix_utc(hand->released_at);
	return g_date_time_to_timezone(released, zone);
}

static gboolean is_way(const char *way)
{
	return way &&
	       (strcmp(way, "phone") == 0 || strcmp(way, "visit") == 0 || strcmp(way, "post") == 0);
}

static gboolean take_down(struct app *app, const struct hand *hand,
			  const struct collect_hand_options *options, GError **error)
{
	g_autoptr(GDateTime) said = when_said(app, hand, options->on, error);
	g_autofree char *grades = said ? ratings(app->db, options->rates, error) : NULL;
	g_autofree char *text = grades ? words(options, error) : NULL;
	struct hand_note note = {options->by, text, grades, said};
	gboolean done = FALSE;

	if (!text || !hand_note(app->db, hand, &note, &done, error))
		return FALSE;
	fprintf(stderr,
		done ? _("That is an answer to letter %s already.\n")
		     : _("Filed to letter %s. Next: pingyi classify\n"),
		hand->number);
	return TRUE;
}

gboolean collect_hand_type(struct app *app, const struct collect_hand_options *options,
			   GError **error)
{
	struct hand hand = {0};
	gboolean good;

	if (!options->from || !is_way(options->by))
		return app_usage(error, "collect type --from ENTERPRISE --by phone|visit|post "
					"[--on DATE] [--rate DEPARTMENT=GRADE …] [--text TEXT]");
	good = find(app, options, &hand, error) && take_down(app, &hand, options, error);
	hand_clear(&hand);
	return good;
}
