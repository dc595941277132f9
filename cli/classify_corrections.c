#include "cli/command.h"

#include "base/error.h"
#include "classifier/lexicon_version.h"
#include "classifier/suggest.h"
#include "classifier/teaching.h"
#include "db/correction.h"
#include "sql.h"

#include <stdio.h>
#include <unistd.h>

#define WORDS 50 /* proposed at most */

/* How many were printed, and how many had no department. */
struct printed {
	guint count;
	guint left_out;
};

static void print_decided(void *user, const struct correction *correction)
{
	struct printed *printed = user;
	g_autofree char *text = NULL;

	if (!correction->code) {
		printed->left_out++;
		return;
	}
	text = suggest_without_names(correction->text, correction->names, _("our enterprise"));
	printf("%s\t%s\n", correction->code, g_strdelimit(text, "\t\r\n", ' '));
	printed->count++;
}

gboolean classify_corrections(struct app *app, GError **error)
{
	struct db *db = app_db(app, "staff", error);
	struct printed printed = {0};

	if (!db || !correction_each(db, print_decided, &printed, error))
		return FALSE;
	fprintf(stderr, _("%u opinions that people decided; %u without a department left out\n"),
		printed.count, printed.left_out);
	return TRUE;
}

static void add_decided(void *user, const struct correction *correction)
{
	if (correction->code)
		suggest_add(user, correction->opinion, correction->enterprise, correction->code,
			    correction->text, correction->names);
}

/* Every enterprise's names, also of those that are not asked any more. */
static gboolean look_for_names(struct db *db, GPtrArray *words, GError **error)
{
	g_autoptr(suggest_names_handle) names = suggest_names_new(words);
	gint64 last = 0;

	for (;;) {
		g_autoptr(db_rows) rows =
		    db_query(db, sql_enterprise_names_all, DB(db_int(last)), error);
		guint n = rows ? db_rows_count(rows) : 0;

		for (guint i = 0; i < n; i++) {
			const char *one[] = {db_get_text(rows, i, 1), db_get_text(rows, i, 2),
					     NULL};

			last = db_get_int(rows, i, 0);
			suggest_names_add(names, one);
		}
		if (n == 0)
			return rows != NULL;
	}
}

static void print_words(const struct app *app, const struct lexicon *lexicon,
			const GPtrArray *words)
{
	static const struct app_column columns[] = {
	    {"code", N_("Department"), GRID_TEXT, APP_TEXT},
	    {"word", N_("Word"), GRID_TEXT, APP_TEXT},
	    {"for", N_("For it"), GRID_NUMBER, APP_TEXT},
	    {"against", N_("Against"), GRID_NUMBER, APP_TEXT},
	    {"log_odds", N_("Log-odds"), GRID_NUMBER, APP_TEXT},
	    {"examples", N_("Examples"), GRID_TEXT, APP_TEXT},
	};
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);

	for (guint i = 0; i < words->len; i++) {
		const struct suggestion *one = g_ptr_array_index(words, i);
		g_autoptr(GString) ids = g_string_new("");
		char **cells = g_new0(char *, G_N_ELEMENTS(columns) + 1);

		for (guint j = 0; j < SUGGEST_SAMPLES && one->samples[j]; j++)
			g_string_append_printf(ids, "%s%" G_GINT64_FORMAT, j ? " " : "",
					       one->samples[j]);
		cells[0] = isatty(STDOUT_FILENO) && !app->json
			       ? g_strdup_printf("%s %s", one->code,
						 lexicon_target(lexicon, one->code)->name)
			       : g_strdup(one->code);
		cells[1] = g_strdup(one->word);
		cells[2] = g_strdup_printf("%u", one->for_it);
		cells[3] = g_strdup_printf("%u", one->against);
		cells[4] = g_strdup_printf("%.2f", one->log_odds);
		cells[5] = g_strdup(ids->str);
		g_ptr_array_add(rows, cells);
	}
	app_print_cells(app, rows, columns, G_N_ELEMENTS(columns));
}

gboolean classify_suggest_words(struct app *app, GError **error)
{
	struct db *db = app_db(app, "staff", error);
	g_autoptr(lexicon_handle) lexicon = db ? lexicon_in_use(db, NULL, error) : NULL;
	g_autoptr(suggest_handle) suggest = lexicon ? suggest_new(lexicon) : NULL;
	g_autoptr(GPtrArray) words = NULL;

	if (!suggest || !correction_each(db, add_decided, suggest, error))
		return FALSE;
	words = suggest_words(suggest);
	if (!look_for_names(db, words, error))
		return FALSE;
	suggest_choose(words, WORDS);
	print_words(app, lexicon, words);
	if (words->len == 0)
		fputs(_("Nothing speaks for one department often enough yet.\n"), stderr);
	return TRUE;
}

gboolean classify_learn(struct app *app, GError **error)
{
	struct db *db = app_db(app, "staff", error);
	struct taught taught;
	gint64 account = db ? app_account(app, error) : 0;

	if (!account || !teach(db, TRUE, account, app->now, &taught, error))
		return FALSE;
	if (!taught.version) {
		fprintf(stderr, _("%u corrections are too few to learn from\n"),
			taught.corrections);
		return TRUE;
	}
	printf(
	    _("%u corrections; right by the lexicon alone %.1f %%, by what was learnt %.1f %%, by "
	      "both %.1f %%\n"),
	    taught.corrections, taught.lexicon * 100, taught.learnt * 100, taught.both * 100);
	fputs(taught.in_use ? _("From now on both decide.\n")
			    : _("The lexicon alone goes on deciding.\n"),
	      stderr);
	return TRUE;
}
