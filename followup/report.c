#include "followup/report.h"

#include "base/error.h"
#include "sql.h"
#include "templates/format.h"

#include <string.h>

#define FEW 10 /* a share of fewer than these says little */

struct heading {
	const char *text;
	enum grid_kind kind;
	gboolean is_word; /* its cells are states, kinds, strata */
};

static const struct heading staff_ledger[] = {
    {N_("Opinion"), GRID_TEXT, FALSE},       {N_("Letter"), GRID_TEXT, FALSE},
    {N_("Enterprise"), GRID_TEXT, FALSE},    {N_("Stratum"), GRID_TEXT, TRUE},
    {N_("Received"), GRID_DATE, FALSE},      {N_("Kind"), GRID_TEXT, TRUE},
    {N_("What was said"), GRID_LONG, FALSE}, {N_("State"), GRID_TEXT, TRUE},
    {N_("Department"), GRID_TEXT, FALSE},    {N_("Part"), GRID_TEXT, TRUE},
    {N_("Item"), GRID_TEXT, TRUE},           {N_("Handed over"), GRID_DATE, FALSE},
    {N_("Signed"), GRID_DATE, FALSE},        {N_("Due"), GRID_DATE, FALSE},
    {N_("Answered"), GRID_DATE, FALSE},      {N_("Answer"), GRID_LONG, FALSE},
    {N_("Closed"), GRID_DATE, FALSE},        {N_("Overdue (working days)"), GRID_NUMBER, FALSE},
    {N_("Replied"), GRID_DATE, FALSE},       {N_("Grade"), GRID_NUMBER, FALSE},
};

static const struct heading department_ledger[] = {
    {N_("Item"), GRID_TEXT, FALSE},        {N_("What was said (masked)"), GRID_LONG, FALSE},
    {N_("Part"), GRID_TEXT, TRUE},         {N_("State"), GRID_TEXT, TRUE},
    {N_("Handed over"), GRID_DATE, FALSE}, {N_("Signed"), GRID_DATE, FALSE},
    {N_("Due"), GRID_DATE, FALSE},         {N_("Answered"), GRID_DATE, FALSE},
    {N_("Answer"), GRID_LONG, FALSE},      {N_("Sent back because"), GRID_LONG, FALSE},
    {N_("Closed"), GRID_DATE, FALSE},      {N_("Overdue (working days)"), GRID_NUMBER, FALSE},
};

/* Short, so that the table fits into 80 columns. */
static const struct heading by_department[] = {
    {N_("Department"), GRID_TEXT, FALSE}, {N_("Items"), GRID_NUMBER, FALSE},
    {N_("New"), GRID_NUMBER, FALSE},      {N_("Open"), GRID_NUMBER, FALSE},
    {N_("Ans."), GRID_NUMBER, FALSE},     {N_("Done"), GRID_NUMBER, FALSE},
    {N_("Late"), GRID_NUMBER, FALSE},     {N_("Rated"), GRID_NUMBER, FALSE},
    {N_("Good"), GRID_NUMBER, FALSE},     {N_("Mean"), GRID_NUMBER, FALSE},
};

/* In the language of the messages: the translation of "en" names the other. */
static char *word(const char *text)
{
	GString *out = g_string_new(NULL);

	format_word(out, text, strcmp(_("en"), "en") == 0);
	return g_string_free(out, FALSE);
}

/* The latest seal stands on every report, so that a rewritten history contradicts paper. */
static gboolean add_seal(struct db *db, struct grid *grid, GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql_seal_last, DB_NONE, error);
	g_autofree char *foot = NULL;

	if (!rows)
		return FALSE;
	if (db_rows_count(rows) == 0)
		return TRUE;
	foot = g_strdup_printf(_("Seal %s: %s"), db_get_text(rows, 0, 0), db_get_text(rows, 0, 1));
	grid_foot(grid, foot);
	return TRUE;
}

static struct grid *from_rows(const char *title, const struct heading *headings, guint n,
			      const struct db_rows *rows)
{
	struct grid *grid = grid_new(title);

	for (guint i = 0; i < n; i++)
		grid_column(grid, _(headings[i].text), headings[i].kind);
	for (guint r = 0; r < db_rows_count(rows); r++) {
		g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);

		for (guint i = 0; i < n; i++) {
			const char *text = db_get_text(rows, r, i);

			g_ptr_array_add(cells,
					headings[i].is_word && text ? word(text) : g_strdup(text));
		}
		grid_row(grid, (const char *const *)cells->pdata);
	}
	return grid;
}

struct grid *report_rates(struct db *db, gint64 round, const char *title, GDateTime *now,
			  GError **error)
{
	g_autoptr(db_rows) rows =
	    db_query(db, sql_report_rates, DB(db_int(round), db_time(now)), error);
	g_autoptr(grid_handle) grid = grid_new(title);

	if (!rows)
		return NULL;
	grid_column(grid, _("Rate"), GRID_TEXT);
	grid_column(grid, _("Count"), GRID_NUMBER);
	grid_column(grid, _("Of"), GRID_NUMBER);
	grid_column(grid, _("Share"), GRID_TEXT);
	for (guint r = 0; r < db_rows_count(rows); r++) {
		gint64 n = db_get_int(rows, r, 1);
		gint64 of = db_get_int(rows, r, 2);
		g_autoptr(GString) share = g_string_new(NULL);

		if (of > 0)
			format_percent(share, (double)n / (double)of);
		else
			g_string_append(share, "–");
		if (of > 0 && of < FEW)
			g_string_append(share, _(" (few)"));
		grid_row(grid,
			 (const char *const[]){_(db_get_text(rows, r, 0)), db_get_text(rows, r, 1),
					       db_get_text(rows, r, 2), share->str, NULL});
	}
	return add_seal(db, grid, error) ? g_steal_pointer(&grid) : NULL;
}

struct grid *report_departments(struct db *db, gint64 round, const char *title, GDateTime *now,
				GError **error)
{
	g_autoptr(db_rows) rows =
	    db_query(db, sql_report_departments, DB(db_int(round), db_time(now)), error);

	return rows ? from_rows(title, by_department, G_N_ELEMENTS(by_department), rows) : NULL;
}

struct grid *report_ledger(struct db *db, gint64 round, const char *title, gboolean department,
			   GDateTime *now, GError **error)
{
	g_autoptr(db_rows) rows =
	    db_query(db, department ? sql_report_ledger_department : sql_report_ledger,
		     DB(db_int(round), db_time(now)), error);
	g_autoptr(grid_handle) grid = NULL;

	if (!rows)
		return NULL;
	grid = department
		   ? from_rows(title, department_ledger, G_N_ELEMENTS(department_ledger), rows)
		   : from_rows(title, staff_ledger, G_N_ELEMENTS(staff_ledger), rows);
	/* a department's role does not read seals */
	return department || add_seal(db, grid, error) ? g_steal_pointer(&grid) : NULL;
}
