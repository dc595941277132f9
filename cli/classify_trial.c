#include "cli/command.h"

#include "base/error.h"
#include "base/json.h"
#include "classifier/lexicon_version.h"
#include "classifier/teaching.h"
#include "classifier/trial.h"
#include "sql.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROGRESS 20000 /* opinions between two lines of progress */

/* Every opinion of the office, page by page. */
static gboolean try_all(struct db *db, struct trial *trial, GError **error)
{
	gboolean show = isatty(STDERR_FILENO);
	gint64 last = 0;

	for (;;) {
		g_autoptr(db_rows) rows = db_query(db, sql_opinion_texts, DB(db_int(last)), error);
		guint n = rows ? db_rows_count(rows) : 0;

		if (!rows)
			return FALSE;
		for (guint i = 0; i < n; i++) {
			const char *names[] = {db_get_text(rows, i, 2), db_get_text(rows, i, 3),
					       NULL};

			last = db_get_int(rows, i, 0);
			trial_add(trial, last, db_get_text(rows, i, 1), names,
				  db_get_text(rows, i, 4), db_get_text(rows, i, 5));
			if (show && trial->texts % PROGRESS == 0)
				fprintf(stderr, "\r%" G_GUINT64_FORMAT, trial->texts);
		}
		if (n == 0)
			break;
	}
	if (show)
		fputs("\r", stderr);
	return TRUE;
}

static void say_summary(const struct trial *trial, const char *now, const char *then)
{
	fprintf(stderr,
		_("%llu opinions, by version %s now and by %s: %llu move, %llu only change who "
		  "takes part\n"),
		(unsigned long long)trial->texts, now, then, (unsigned long long)trial->moved,
		(unsigned long long)trial->others);
	fprintf(stderr, _("a person is newly asked about %llu, no longer about %llu\n"),
		(unsigned long long)trial->asks, (unsigned long long)trial->asks_not);
	if (trial->decided)
		fprintf(stderr,
			_("of %llu that people decided, %llu go where they said now, %llu then\n"),
			(unsigned long long)trial->decided, (unsigned long long)trial->right,
			(unsigned long long)trial->right_then);
	fputs(_("Nothing was changed.\n"), stderr);
}

static void add_number(JsonBuilder *builder, const char *name, guint64 number)
{
	json_add_int(builder, name, (gint64)number);
}

static void print_json(const struct trial *trial, const GPtrArray *moves)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();
	g_autofree char *text = NULL;

	json_builder_begin_object(builder);
	add_number(builder, "opinions", trial->texts);
	add_number(builder, "moved", trial->moved);
	add_number(builder, "others_changed", trial->others);
	add_number(builder, "newly_asked", trial->asks);
	add_number(builder, "no_longer_asked", trial->asks_not);
	add_number(builder, "decided", trial->decided);
	add_number(builder, "right_now", trial->right);
	add_number(builder, "right_then", trial->right_then);
	json_open_array(builder, "moves");
	for (guint i = 0; i < moves->len; i++) {
		const struct trial_move *move = g_ptr_array_index(moves, i);

		json_builder_begin_object(builder);
		add_number(builder, "count", move->count);
		json_add_text(builder, "from", move->from);
		json_add_text(builder, "to", move->to);
		json_open_array(builder, "examples");
		for (guint j = 0; j < TRIAL_EXAMPLES && move->ids[j]; j++)
			json_builder_add_int_value(builder, move->ids[j]);
		json_builder_end_array(builder);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	json_builder_end_object(builder);
	text = json_finish(builder);
	puts(text);
}

/* "d28", on a terminal with its name. Returns: (transfer full) */
static char *outcome_text(const struct lexicon *lexicon, const char *outcome)
{
	const struct target *target = lexicon_target(lexicon, outcome);

	if (!target || !isatty(STDOUT_FILENO))
		return g_strdup(outcome);
	return g_strdup_printf("%s %s", outcome, target->name);
}

/* Ids everywhere; what was said on a terminal alone. */
static void print_moves(const struct app *app, const struct lexicon *now,
			const struct lexicon *then, const GPtrArray *moves)
{
	static const struct app_column columns[] = {
	    {"count", N_("Opinions"), GRID_NUMBER, APP_TEXT},
	    {"from", N_("Now"), GRID_TEXT, APP_WORD},
	    {"to", N_("Then"), GRID_TEXT, APP_WORD},
	    {"examples", N_("Examples"), GRID_TEXT, APP_TEXT},
	    {"text", N_("What was said"), GRID_LONG, APP_TEXT},
	};
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);

	for (guint i = 0; i < moves->len; i++) {
		const struct trial_move *move = g_ptr_array_index(moves, i);
		g_autoptr(GString) ids = g_string_new("");
		char **cells = g_new0(char *, G_N_ELEMENTS(columns) + 1);

		for (guint j = 0; j < TRIAL_EXAMPLES && move->ids[j]; j++)
			g_string_append_printf(ids, "%s%" G_GINT64_FORMAT, j ? " " : "",
					       move->ids[j]);
		cells[0] = g_strdup_printf("%" G_GUINT64_FORMAT, move->count);
		cells[1] = outcome_text(now, move->from);
		cells[2] = outcome_text(then, move->to);
		cells[3] = g_strdup(ids->str);
		cells[4] = g_strdelimit(g_strdup(move->texts[0]), "\r\n\t", ' ');
		g_ptr_array_add(rows, cells);
	}
	app_print_cells(app, rows, columns, isatty(STDOUT_FILENO) ? 5 : 4);
}

gboolean classify_trial(struct app *app, const char *path, GError **error)
{
	g_autoptr(lexicon_handle) then = lexicon_read(path, NULL, error);
	struct db *db = then ? app_db(app, "staff", error) : NULL;
	g_autoptr(lexicon_handle) now = NULL;
	g_autoptr(learnt_handle) learnt = NULL;
	g_autoptr(classifier_handle) before = NULL;
	g_autoptr(classifier_handle) after = NULL;
	g_autoptr(trial_handle) trial = NULL;
	g_autoptr(GPtrArray) moves = NULL;
	gint64 version = 0;

	if (!db || !lexicon_fits(db, then, path, error))
		return FALSE;
	now = lexicon_in_use(db, NULL, error);
	if (!now || !teaching_in_use(db, &learnt, &version, error))
		return FALSE;
	before = classifier_new_learnt(now, learnt);
	after = classifier_new_learnt(then, learnt);
	trial = trial_new(before, after);
	if (!try_all(db, trial, error))
		return FALSE;
	moves = trial_moves(trial);
	if (app->json)
		print_json(trial, moves);
	else
		print_moves(app, now, then, moves);
	say_summary(trial, now->version, then->version);
	return TRUE;
}
