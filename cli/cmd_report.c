#include "cli/command.h"

#include "base/error.h"
#include "db/round.h"
#include "followup/report.h"

#include <stdio.h>
#include <string.h>

static char *output;
static gint department;

static const GOptionEntry entries[] = {
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output, N_("ledger: the file to write"),
     "FILE.csv|FILE.xlsx"},
    {"department", 0, 0, G_OPTION_ARG_INT, &department,
     N_("ledger: what this department may have, with its own rights"), "NO"},
    G_OPTION_ENTRY_NULL};

static gboolean rates(struct app *app, const char *code, GError **error)
{
	struct db *db = app_db(app, "staff", error);
	g_autoptr(round_handle) round = db ? round_get(db, code, error) : NULL;
	g_autoptr(grid_handle) overall =
	    round ? report_rates(db, round->id, round->title, app->now, error) : NULL;
	g_autoptr(grid_handle) by =
	    overall ? report_departments(db, round->id, round->title, app->now, error) : NULL;

	if (!by)
		return FALSE;
	printf("%s  %s\n\n", round->code, round->title);
	app_print_grid(overall);
	putchar('\n');
	app_print_grid(by);
	return TRUE;
}

/* The round is looked up as staff; the rows come with the rights of whom they are for. */
static struct grid *ledger_grid(struct app *app, const char *code, GError **error)
{
	struct db *db = app_db(app, "staff", error);
	g_autoptr(round_handle) round = db ? round_get(db, code, error) : NULL;
	g_autofree char *role = department ? g_strdup_printf("d%d", department) : g_strdup("staff");

	if (!round)
		return NULL;
	if (department < 0 || department > 99) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("no department has the number %d"), department);
		return NULL;
	}
	db = app_db(app, role, error);
	return db ? report_ledger(db, round->id, round->title, department != 0, app->now, error)
		  : NULL;
}

static gboolean ledger(struct app *app, const char *code, GError **error)
{
	g_autoptr(grid_handle) grid = NULL;
	g_autoptr(GBytes) bytes = NULL;
	gboolean csv = output && g_str_has_suffix(output, ".csv");
	const char *data;
	gsize size = 0;

	if (!output || (!csv && !g_str_has_suffix(output, ".xlsx")))
		return app_usage(error, "report ledger [ROUND] --output FILE.csv|FILE.xlsx");
	grid = ledger_grid(app, code, error);
	if (!grid)
		return FALSE;
	bytes = csv ? grid_to_csv(grid) : grid_to_xlsx(grid, error);
	if (!bytes)
		return FALSE;
	data = g_bytes_get_data(bytes, &size);
	/* written beside it and renamed: never half a file; it holds who said what */
	return g_file_set_contents_full(output, data, (gssize)size, G_FILE_SET_CONTENTS_CONSISTENT,
					0600, error);
}

gboolean cmd_report(struct app *app, int argc, char **argv, GError **error)
{
	if (!app_options(&argc, &argv, entries, "[ROUND] | ledger [ROUND]",
			 _("The rates of a round, each with its numerator and denominator, and the "
			   "departments; or the ledger as CSV or XLSX. Without a code the newest "
			   "round is meant."),
			 error))
		return FALSE;
	if (argc >= 2 && strcmp(argv[1], "ledger") == 0 && argc <= 3)
		return ledger(app, argv[2], error);
	if (argc <= 2)
		return rates(app, argv[1], error);
	return app_usage(error, "report [ROUND] | ledger [ROUND] --output FILE");
}
