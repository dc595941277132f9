#include "cli/command.h"

#include "base/error.h"
#include "base/json.h"
#include "classifier/lexicon_version.h"
#include "db/learnt_version.h"
#include "sql.h"

#include <stdio.h>
#include <string.h>

#define SHOWN 5u /* warnings of a kind */

static gboolean use_at_once;
static gboolean all;
static char *output;

static const GOptionEntry entries[] = {
    {"use", 0, 0, G_OPTION_ARG_NONE, &use_at_once, N_("import: it decides from now on"), NULL},
    {"all", 0, 0, G_OPTION_ARG_NONE, &all, N_("check: every warning, not the first 5 of each kind"),
     NULL},
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output, N_("export: write here, not to stdout"),
     "FILE"},
    G_OPTION_ENTRY_NULL};

static void print_warnings_json(const GArray *warnings)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();
	g_autofree char *text = NULL;

	json_builder_begin_array(builder);
	for (guint i = 0; i < warnings->len; i++) {
		const struct lexicon_warning *warning =
		    &g_array_index(warnings, struct lexicon_warning, i);

		json_builder_begin_object(builder);
		json_add_text(builder, "kind", lexicon_warning_name(warning->kind));
		json_add_int(builder, "line", warning->line);
		json_add_int(builder, "other_line", warning->other);
		json_add_text(builder, "text", warning->text);
		json_add_bool(builder, "added", warning->added);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	text = json_finish(builder);
	puts(text);
}

static void print_summary(const char *path, const struct lexicon *lexicon, guint warnings)
{
	fprintf(stderr, _("%s: version %s, %u targets, %u names and words, %u warnings\n"), path,
		lexicon->version, lexicon->targets->len, lexicon->terms->len, warnings);
}

static void print_warning(const char *path, const struct lexicon_warning *warning)
{
	printf(_("%s:%u: %s (line %u)\n"), path, warning->line, warning->text, warning->other);
}

/* Those that this file brings in: an editor's own mistakes are among them. */
static void print_added(const char *path, const GArray *warnings, guint added, const char *version)
{
	fprintf(stderr, _("%s: %u warnings that version %s does not have\n"), path, added, version);
	for (guint i = 0; added && i < warnings->len; i++)
		if (g_array_index(warnings, struct lexicon_warning, i).added)
			print_warning(path, &g_array_index(warnings, struct lexicon_warning, i));
	fflush(stdout);
}

/* The other warnings of one kind, which begins at `from`: how many on stderr, the first ones on
 * stdout. `more_out`: whether some are not shown. Returns where the next kind begins. */
static guint print_kind(const char *path, const GArray *warnings, guint from, gboolean *more_out)
{
	enum lexicon_warning_kind kind = g_array_index(warnings, struct lexicon_warning, from).kind;
	g_autoptr(GPtrArray) others = g_ptr_array_new();
	guint end = from;

	for (; end < warnings->len; end++) {
		struct lexicon_warning *warning =
		    &g_array_index(warnings, struct lexicon_warning, end);

		if (warning->kind != kind)
			break;
		if (!warning->added)
			g_ptr_array_add(others, warning);
	}
	if (others->len)
		fprintf(stderr, _("%s: %u times %s\n"), path, others->len,
			_(lexicon_warning_meaning(kind)));
	for (guint i = 0; i < others->len && (all || i < SHOWN); i++)
		print_warning(path, g_ptr_array_index(others, i));
	fflush(stdout);
	*more_out |= !all && others->len > SHOWN;
	return end;
}

/* What a file is compared with: the version that the office uses; without an office, or where it
 * does not tell, the program's own. Returns: (transfer full) */
static struct lexicon *lexicon_before(struct app *app, GError **error)
{
	g_autofree char *settings = g_build_filename(app->office_path, "pingyi.conf", NULL);
	g_autoptr(GError) problem = NULL;
	struct lexicon *before = NULL;

	if (g_file_test(settings, G_FILE_TEST_EXISTS)) {
		struct db *db = app_db(app, "staff", &problem);

		before = db ? lexicon_in_use(db, NULL, &problem) : NULL;
		if (!before)
			fprintf(stderr, _("The version in use cannot be read: %s\n"),
				problem->message);
	}
	return before ? before : lexicon_default(error);
}

static gboolean check(struct app *app, const char *path, GError **error)
{
	g_autoptr(lexicon_handle) lexicon = lexicon_read(path, NULL, error);
	g_autoptr(lexicon_handle) before = lexicon ? lexicon_before(app, error) : NULL;
	g_autoptr(GArray) warnings = before ? lexicon_warnings(lexicon) : NULL;
	gboolean more = FALSE;
	guint added;

	if (!warnings)
		return FALSE;
	added = lexicon_warnings_compare(warnings, before);
	if (app->json) {
		print_warnings_json(warnings);
		return TRUE;
	}
	print_added(path, warnings, added, before->version);
	for (guint at = 0; at < warnings->len;)
		at = print_kind(path, warnings, at, &more);
	print_summary(path, lexicon, warnings->len);
	if (more)
		fprintf(
		    stderr,
		    _("At most %u of each kind are shown; all: pingyi lexicon check %s --all\n"),
		    SHOWN, path);
	return TRUE;
}

/* Takes it into use; the program's own, named by its version, becomes one of the office's, which
 * stays when a newer program comes. `version_out` (transfer full) gets its version. */
static gboolean use_version(struct app *app, const char *version, gint64 account,
			    char **version_out, GError **error)
{
	gboolean own = strcmp(version, LEXICON_BUILT_IN) == 0;
	g_autofree char *text = NULL;
	g_autoptr(lexicon_handle) lexicon = lexicon_of_version(app->db, version, &text, error);
	gboolean is_new = FALSE;

	if (!lexicon || !lexicon_fits(app->db, lexicon, version, error))
		return FALSE;
	if (!own &&
	    !lexicon_import(app->db, lexicon, version, text, account, app->now, &is_new, error))
		return FALSE;
	*version_out = g_strdup(lexicon->version);
	return db_run(app->db, sql_lexicon_use,
		      DB(db_text(own ? NULL : version), db_int(account), db_time(app->now)), NULL,
		      error);
}

static void say_used(const char *version)
{
	fprintf(stderr, _("Version %s sorts opinions from now on; what was sorted before stays.\n"),
		version);
}

static gboolean use(struct app *app, const char *version, GError **error)
{
	gint64 account = app_account(app, error);
	g_autofree char *used = NULL;

	if (account == 0 || !db_begin(app->db, error))
		return FALSE;
	if (!use_version(app, version, account, &used, error) || !db_commit(app->db, error)) {
		db_rollback(app->db);
		return FALSE;
	}
	say_used(used);
	return TRUE;
}

static gboolean import_file(struct app *app, const char *path, const struct lexicon *lexicon,
			    const char *text, gboolean *is_new_out, GError **error)
{
	gint64 account = app_account(app, error);
	g_autofree char *used = NULL;

	if (account == 0 || !db_begin(app->db, error))
		return FALSE;
	if (lexicon_import(app->db, lexicon, path, text, account, app->now, is_new_out, error) &&
	    (!use_at_once || use_version(app, lexicon->version, account, &used, error)) &&
	    db_commit(app->db, error))
		return TRUE;
	db_rollback(app->db);
	return FALSE;
}

static gboolean import(struct app *app, const char *path, GError **error)
{
	g_autofree char *text = NULL;
	g_autoptr(lexicon_handle) lexicon = lexicon_read(path, &text, error);
	struct db *db = lexicon ? app_db(app, "staff", error) : NULL;
	g_autoptr(lexicon_handle) before = db ? lexicon_in_use(db, NULL, error) : NULL;
	g_autoptr(GArray) warnings = NULL;
	gboolean is_new = FALSE;

	if (!before || !import_file(app, path, lexicon, text, &is_new, error))
		return FALSE;
	warnings = lexicon_warnings(lexicon);
	print_added(path, warnings, lexicon_warnings_compare(warnings, before), before->version);
	print_summary(path, lexicon, warnings->len);
	if (!is_new)
		fprintf(stderr, _("Version %s was there already.\n"), lexicon->version);
	if (use_at_once)
		say_used(lexicon->version);
	else
		fprintf(stderr, _("Next: pingyi classify --trial %s, then pingyi lexicon use %s\n"),
			path, lexicon->version);
	return TRUE;
}

static gboolean list(struct app *app, GError **error)
{
	static const struct app_column columns[] = {
	    {"version", N_("Version"), GRID_TEXT, APP_TEXT},
	    {"in_use", N_("State"), GRID_TEXT, APP_MESSAGE},
	    {"since", N_("Since"), GRID_TEXT, APP_TEXT},
	    {"from", N_("Imported by"), GRID_TEXT, APP_MESSAGE},
	    {"opinions", N_("Opinions it sorted"), GRID_NUMBER, APP_TEXT},
	};
	struct db *db = app_db(app, "staff", error);
	g_autoptr(lexicon_handle) own = db ? lexicon_default(error) : NULL;
	g_autoptr(db_rows) rows =
	    own ? db_query(db, sql_lexicon_list,
			   DB(db_text(own->version), db_text(lexicon_default_text())), error)
		: NULL;

	if (!rows)
		return FALSE;
	app_print(app, rows, columns, G_N_ELEMENTS(columns));
	return TRUE;
}

static gboolean learnt_list(struct app *app, GError **error)
{
	static const struct app_column columns[] = {
	    {"version", N_("Version"), GRID_NUMBER, APP_TEXT},
	    {"in_use", N_("State"), GRID_TEXT, APP_MESSAGE},
	    {"since", N_("Since"), GRID_TEXT, APP_TEXT},
	    {"by", N_("By"), GRID_TEXT, APP_TEXT},
	    {"corrections", N_("Corrections"), GRID_NUMBER, APP_TEXT},
	    {"lexicon", N_("Lexicon %"), GRID_NUMBER, APP_TEXT},
	    {"learnt", N_("Learnt %"), GRID_NUMBER, APP_TEXT},
	    {"both", N_("Both %"), GRID_NUMBER, APP_TEXT},
	};
	struct db *db = app_db(app, "staff", error);
	g_autoptr(db_rows) rows = db ? db_query(db, sql_learnt_list, DB_NONE, error) : NULL;

	if (!rows)
		return FALSE;
	app_print(app, rows, columns, G_N_ELEMENTS(columns));
	return TRUE;
}

/* What was learnt decides beside the lexicon, or ("none") no longer, until it is learnt anew. */
static gboolean learnt_use(struct app *app, const char *version, GError **error)
{
	gint64 account = app_account(app, error);
	gint64 id = 0;

	if (!account ||
	    (strcmp(version, "none") != 0 && !app_number(version, _("version"), &id, error)))
		return FALSE;
	if (!learnt_version_use(app->db, id, account, app->now, error))
		return FALSE;
	fputs(id ? _("From now on both decide.\n") : _("The lexicon alone goes on deciding.\n"),
	      stderr);
	return TRUE;
}

/* `name`: a version, also as opinions name it, with that of the second layer: "2026-2/1". */
static gboolean export(struct app *app, const char *name, GError **error)
{
	struct db *db = app_db(app, "staff", error);
	g_autofree char *version = name ? g_strndup(name, strcspn(name, "/")) : NULL;
	g_autofree char *text = NULL;
	g_autoptr(lexicon_handle) lexicon = NULL;
	g_autoptr(GError) problem = NULL;

	if (db)
		lexicon = version ? lexicon_of_version(db, version, &text, error)
				  : lexicon_in_use(db, &text, error);
	if (!lexicon)
		return FALSE;
	if (!output) {
		fputs(text, stdout);
		return TRUE;
	}
	if (g_file_set_contents(output, text, -1, &problem))
		return TRUE;
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, problem->message);
	return FALSE;
}

/* A file, else a version: with both of one name the file is meant, for it can be named ./so. */
static struct lexicon *side(struct app *app, const char *name, GError **error)
{
	struct db *db;

	if (g_file_test(name, G_FILE_TEST_IS_REGULAR) || strchr(name, '/'))
		return lexicon_read(name, NULL, error);
	if (strcmp(name, LEXICON_BUILT_IN) == 0)
		return lexicon_default(error);
	db = app_db(app, "staff", error);
	return db ? lexicon_of_version(db, name, NULL, error) : NULL;
}

static gboolean diff(struct app *app, const char *one, const char *two, GError **error)
{
	static const struct app_column columns[] = {
	    {"change", N_("Change"), GRID_TEXT, APP_TEXT},
	    {"code", N_("Code"), GRID_TEXT, APP_TEXT},
	    {"what", N_("Element"), GRID_TEXT, APP_MESSAGE},
	    {"text", N_("Word"), GRID_TEXT, APP_TEXT},
	    {"from", N_("Before"), GRID_TEXT, APP_TEXT},
	    {"to", N_("After"), GRID_TEXT, APP_TEXT},
	};
	g_autoptr(lexicon_handle) a = side(app, one, error);
	g_autoptr(lexicon_handle) b = a ? side(app, two, error) : NULL;
	g_autoptr(GArray) changes = b ? lexicon_diff(a, b) : NULL;
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);

	if (!changes)
		return FALSE;
	for (guint i = 0; i < changes->len; i++) {
		const struct lexicon_change *change =
		    &g_array_index(changes, struct lexicon_change, i);
		const char *cells[] = {change->sign == '+'   ? "+"
				       : change->sign == '-' ? "-"
							     : "~",
				       change->code,
				       change->what,
				       change->text,
				       change->from,
				       change->to};

		g_ptr_array_add(rows, g_memdup2(cells, sizeof cells));
	}
	app_print_cells(app, rows, columns, G_N_ELEMENTS(columns));
	return TRUE;
}

gboolean cmd_lexicon(struct app *app, int argc, char **argv, GError **error)
{
	if (!app_options(
		&argc, &argv, entries,
		"check FILE | import FILE | use VERSION | list |\n"
		"  export [VERSION] | diff A B | learnt [VERSION | none]",
		_("The lexicon says which words speak for which department. It is an XML\n"
		  "file that a person can edit: export it, change it, give it a version of\n"
		  "its own, check it, try it (pingyi classify --trial FILE), import it, use\n"
		  "it. Versions are never changed; what was sorted stays sorted. An office\n"
		  "that uses none of its own goes by the program's: built-in.\n"
		  "check warns of words in two departments and of words that longer ones\n"
		  "swallow: first what the file adds to the version in use (without an\n"
		  "office: to the program's), then the rest by kind, what is often meant\n"
		  "last. import tells what it adds.\n"
		  "A and B of diff are versions or files. check and diff of files need no\n"
		  "office. learnt lists what corrections have taught, and says which decides\n"
		  "beside the lexicon."),
		error))
		return FALSE;
	if (argc == 3 && strcmp(argv[1], "check") == 0)
		return check(app, argv[2], error);
	if (argc == 3 && strcmp(argv[1], "import") == 0)
		return import(app, argv[2], error);
	if (argc == 3 && strcmp(argv[1], "use") == 0)
		return use(app, argv[2], error);
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return list(app, error);
	if (argc == 2 && strcmp(argv[1], "learnt") == 0)
		return learnt_list(app, error);
	if (argc == 3 && strcmp(argv[1], "learnt") == 0)
		return learnt_use(app, argv[2], error);
	if ((argc == 2 || argc == 3) && strcmp(argv[1], "export") == 0)
		return export(app, argv[2], error);
	if (argc == 4 && strcmp(argv[1], "diff") == 0)
		return diff(app, argv[2], argv[3], error);
	return app_usage(error, "lexicon check FILE | import FILE | use VERSION | list | "
				"export [VERSION] | diff A B | learnt [VERSION | none]");
}
