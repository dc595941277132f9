#include "cli/round_attach.h"

#include "base/error.h"
#include "db/enterprise.h"
#include "db/round.h"
#include "mailer/attach.h"
#include "sql.h"

#include <stdio.h>
#include <string.h>

/* What one command changes. */
struct work {
	struct app *app;
	const struct attach_request *request;
	gint64 account;
	gint64 round;
	guint done;
};

static struct db_value or_null(gint64 enterprise)
{
	return enterprise ? db_int(enterprise) : db_null();
}

static gboolean put_file(struct work *work, const char *path, gint64 enterprise, gboolean follow,
			 GError **error)
{
	g_autofree char *name = g_path_get_basename(path);
	g_autoptr(GBytes) bytes =
	    attach_name_ok(name, error) ? attach_read(path, follow, error) : NULL;

	if (!bytes)
		return FALSE;
	if (!db_run(work->app->db, sql_attachment_put,
		    DB(db_int(work->round), or_null(enterprise), db_text(name),
		       db_text(attach_type(name)), db_bytes(bytes), db_int(work->account),
		       db_time(work->app->now)),
		    NULL, error))
		return FALSE;
	work->done++;
	return TRUE;
}

static gboolean remove_file(struct work *work, const char *path, gint64 enterprise, GError **error)
{
	g_autofree char *name = g_path_get_basename(path);
	g_autoptr(db_rows) rows = NULL;

	if (!attach_name_ok(name, error))
		return FALSE;
	rows = db_query(work->app->db, sql_attachment_remove,
			DB(db_int(work->round), or_null(enterprise), db_text(name),
			   db_int(work->account), db_time(work->app->now)),
			error);
	if (!rows)
		return FALSE;
	work->done++;
	if (db_get_bool(rows, 0, 0))
		return TRUE;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("there is no attachment “%s”"),
		    name);
	return FALSE;
}

static gboolean change_files(struct work *work, char **files, guint n, GError **error)
{
	const char *key = work->request->enterprise;
	gint64 enterprise = key ? enterprise_find(work->app->db, key, error) : 0;

	if (key && enterprise == 0)
		return FALSE;
	for (guint i = 0; i < n; i++)
		if (!(work->request->remove ? remove_file(work, files[i], enterprise, error)
					    : put_file(work, files[i], enterprise, TRUE, error)))
			return FALSE;
	return TRUE;
}

/* The names in a folder but for hidden ones. Returns: (transfer full) */
static char **names_in(const char *folder, GError **error)
{
	g_autoptr(GError) problem = NULL;
	GDir *dir = g_dir_open(folder, 0, &problem);
	GPtrArray *names = g_ptr_array_new();
	const char *name;

	if (!dir) {
		g_ptr_array_unref(names);
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, "%s", problem->message);
		return NULL;
	}
	while ((name = g_dir_read_name(dir)))
		if (*name != '.')
			g_ptr_array_add(names, g_strdup(name));
	g_dir_close(dir);
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}

/* Tries all active enterprises on the files. */
static gboolean match_all(struct db *db, struct attach_match *match, GError **error)
{
	gint64 last = 0;

	for (;;) {
		g_autoptr(db_rows) rows =
		    db_query(db, sql_enterprise_names, DB(db_int(last)), error);

		if (!rows || db_rows_count(rows) == 0)
			return rows != NULL;
		for (guint i = 0; i < db_rows_count(rows); i++)
			attach_match_try(match, db_get_int(rows, i, 0), db_get_text(rows, i, 1),
					 db_get_text(rows, i, 2), db_get_text(rows, i, 3));
		last = db_get_int(rows, db_rows_count(rows) - 1, 0);
	}
}

/* Says of each file that it is nobody's, or two's. Returns how many. */
static guint tell_unmatched(const GPtrArray *files)
{
	guint bad = 0;

	for (guint i = 0; i < files->len; i++) {
		const struct attach_file *file = g_ptr_array_index(files, i);

		if (file->enterprise && !file->other)
			continue;
		bad++;
		fprintf(stderr, "%s: %s\n", file->name,
			file->other ? _("its name fits several enterprises")
				    : _("its name begins with no enterprise's name or code"));
	}
	return bad;
}

static gboolean put_folder(struct work *work, GError **error)
{
	const char *folder = work->request->each;
	g_auto(GStrv) names = names_in(folder, error);
	g_autoptr(attach_match_handle) match = NULL;
	const GPtrArray *files;
	guint bad;

	for (char **name = names; name && *name; name++)
		if (!attach_name_ok(*name, error))
			return FALSE;
	if (!names)
		return FALSE;
	match = attach_match_new((const char *const *)names);
	if (!match_all(work->app->db, match, error))
		return FALSE;
	files = attach_match_files(match);
	bad = tell_unmatched(files);
	if (bad && !work->request->skip) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("%u of %u files are for no one enterprise; nothing was added (--skip "
			      "leaves them out)"),
			    bad, files->len);
		return FALSE;
	}
	for (guint i = 0; i < files->len; i++) {
		const struct attach_file *file = g_ptr_array_index(files, i);
		g_autofree char *path = g_build_filename(folder, file->name, NULL);

		if (!file->enterprise || file->other)
			continue;
		printf("%s\t%s\n", file->name, file->enterprise_name);
		if (!put_file(work, path, file->enterprise, FALSE, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean change_all(struct work *work, char **files, guint n, GError **error)
{
	struct db *db = work->app->db;

	if (!db_begin(db, error))
		return FALSE;
	if ((work->request->each ? put_folder(work, error) : change_files(work, files, n, error)) &&
	    attach_fits(db, work->round, 0, error)) {
		if (!work->request->dry_run)
			return db_commit(db, error);
		db_rollback(db);
		return TRUE;
	}
	db_rollback(db);
	return FALSE;
}

gboolean round_attach(struct app *app, const char *code, char **files, guint n,
		      const struct attach_request *request, GError **error)
{
	struct work work = {.app = app, .request = request, .account = app_account(app, error)};
	g_autoptr(round_handle) round = work.account ? round_get(app->db, code, error) : NULL;

	if (!round)
		return FALSE;
	if (strcmp(round->state, "draft") != 0) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_STATE,
			    _("round %s is released: what goes with its letters is settled"),
			    round->code);
		return FALSE;
	}
	work.round = round->id;
	if (!change_all(&work, files, n, error))
		return FALSE;
	fprintf(stderr,
		request->dry_run  ? _("would be changed: %u files of round %s\n")
		: request->remove ? _("%u files taken away from round %s\n")
				  : _("%u files go with the letters of round %s\n"),
		work.done, round->code);
	return TRUE;
}

gboolean round_attachments(struct app *app, const char *code, GError **error)
{
	static const struct app_column columns[] = {
	    {"name", N_("File"), GRID_TEXT, APP_TEXT},
	    {"type", N_("Type"), GRID_TEXT, APP_TEXT},
	    {"bytes", N_("Bytes"), GRID_NUMBER, APP_TEXT},
	    {"enterprise", N_("Enterprise"), GRID_TEXT, APP_TEXT},
	};
	struct db *db = app_db(app, "staff", error);
	g_autoptr(round_handle) round = db ? round_get(db, code, error) : NULL;
	g_autoptr(db_rows) rows =
	    round ? db_query(db, sql_attachment_list, DB(db_int(round->id)), error) : NULL;

	if (!rows)
		return FALSE;
	app_print(app, rows, columns, G_N_ELEMENTS(columns));
	return TRUE;
}
