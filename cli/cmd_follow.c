#include "cli/command.h"

#include "base/charset.h"
#include "base/error.h"
#include "base/language.h"
#include "cli/follow_show.h"
#include "followup/follow.h"
#include "sql.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static gboolean yes;
static gboolean all;
static char *why;
static char *text;
static char *state;
static char *lead;
static char *kind;
static GHashTable
    *unread; /* hand: the numbers of departments without an account that got something */

static const GOptionEntry entries[] = {
    {"all", 0, 0, G_OPTION_ARG_NONE, &all, N_("hand: every opinion that is sorted"), NULL},
    {"yes", 0, 0, G_OPTION_ARG_NONE, &yes, N_("hand: the masked copies are right, do not ask"),
     NULL},
    {"state", 0, 0, G_OPTION_ARG_STRING, &state, N_("opinions, list: only these"), "STATE"},
    {"why", 0, 0, G_OPTION_ARG_STRING, &why, N_("decline, return: the reason"), "TEXT"},
    {"text", 0, 0, G_OPTION_ARG_STRING, &text, N_("answer: what the department says"), "TEXT"},
    {"lead", 0, 0, G_OPTION_ARG_STRING, &lead, N_("assign: the department that leads"), "CODE"},
    {"kind", 0, 0, G_OPTION_ARG_STRING, &kind,
     N_("assign: it is of this kind (opinion, suggestion …)"), "KIND"},
    G_OPTION_ENTRY_NULL};

static gboolean show_opinions(struct app *app, GError **error)
{
	static const struct app_column columns[] = {
	    {"opinion", N_("No."), GRID_NUMBER, APP_TEXT},
	    {"state", N_("State"), GRID_TEXT, APP_WORD},
	    {"kind", N_("Kind"), GRID_TEXT, APP_WORD},
	    {"due", N_("Due"), GRID_DATE, APP_TEXT},
	    {"departments", N_("Department"), GRID_TEXT, APP_TEXT},
	    {"text", N_("What was said"), GRID_LONG, APP_TEXT},
	    {"why", N_("Why a person decides"), GRID_LONG, APP_MESSAGE},
	};
	struct db *db = app_db(app, "staff", error);
	g_autoptr(db_rows) rows =
	    db ? db_query(db, sql_opinion_list, DB(db_text(state)), error) : NULL;

	if (!rows)
		return FALSE;
	/* on a terminal the text comes last, where it is cut */
	app_print(app, rows, columns,
		  G_N_ELEMENTS(columns) - (isatty(STDOUT_FILENO) && !app->json ? 1 : 0));
	return TRUE;
}

static gboolean show_items(struct app *app, GError **error)
{
	static const struct app_column columns[] = {
	    {"item", N_("No."), GRID_NUMBER, APP_TEXT},
	    {"code", N_("Code"), GRID_TEXT, APP_TEXT},
	    {"department", N_("Department"), GRID_TEXT, APP_TEXT},
	    {"state", N_("State"), GRID_TEXT, APP_WORD},
	    {"due", N_("Due"), GRID_DATE, APP_TEXT},
	    {"days_left", N_("Days left"), GRID_NUMBER, APP_TEXT},
	    {"text", N_("What was said (masked)"), GRID_LONG, APP_TEXT},
	};
	struct db *db = app_db(app, "staff", error);
	g_autoptr(db_rows) rows =
	    db ? db_query(db, sql_rectification_list, DB(db_text(state), db_time(app->now)), error)
	       : NULL;

	if (!rows)
		return FALSE;
	app_print(app, rows, columns, G_N_ELEMENTS(columns));
	return TRUE;
}

static gboolean orphans(struct app *app, GError **error)
{
	static const struct app_column columns[] = {
	    {"what", N_("What"), GRID_TEXT, APP_MESSAGE},
	    {"number", N_("No."), GRID_NUMBER, APP_TEXT},
	    {"why", N_("Why"), GRID_LONG, APP_MESSAGE},
	};
	struct db *db = app_db(app, "staff", error);
	g_autoptr(db_rows) rows = db ? db_query(db, sql_follow_orphans, DB_NONE, error) : NULL;

	if (!rows)
		return FALSE;
	if (db_rows_count(rows) || app->json)
		app_print(app, rows, columns, G_N_ELEMENTS(columns));
	fprintf(stderr, _("%u orphans\n"), db_rows_count(rows));
	return TRUE;
}

/* `follow show OPINION` */
static gboolean show(struct app *app, int argc, char **argv, GError **error)
{
	gint64 opinion = 0;

	if (argc != 3)
		return app_usage(error, "follow show OPINION");
	return app_number(argv[2], _("opinion"), &opinion, error) &&
	       follow_show(app, opinion, error);
}

/* Says which departments would get a copy that nobody there could see: where no person is asked,
 * once a department. Rows: see sql_rectification_drafts. */
static void warn_unread(const struct db_rows *rows)
{
	for (guint i = 0; i < db_rows_count(rows); i++) {
		gint64 no = db_get_int(rows, i, 5);

		if (db_get_bool(rows, i, 6) &&
		    !(yes && g_hash_table_contains(unread, GINT_TO_POINTER(no))))
			fprintf(stderr,
				_("%s (number %lld) has no account: nobody there will see it\n"),
				db_get_text(rows, i, 1), (long long)no);
	}
}

/* Shows both texts and asks. *go: whether they are handed over. */
static gboolean confirm_copies(const struct db_rows *rows, gint64 opinion, gboolean *go,
			       GError **error)
{
	char line[20] = "";

	if (yes) {
		warn_unread(rows);
		return TRUE;
	}
	if (!isatty(STDIN_FILENO)) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("not on a terminal: look at the masked copies with “follow draft”, "
			      "then say --yes"));
		return FALSE;
	}
	for (guint i = 0; i < db_rows_count(rows); i++) {
		g_autofree char *said = charset_line(db_get_text(rows, i, 3));
		g_autofree char *masked = charset_line(db_get_text(rows, i, 2));

		fprintf(stderr, _("Opinion %lld\n  said:    %s\n  masked:  %s\n  goes to: %s%s\n"),
			(long long)opinion, said, masked, db_get_text(rows, i, 1),
			db_get_bool(rows, i, 4) ? "" : _(" (takes part)"));
	}
	warn_unread(rows);
	fprintf(stderr, "%s ", _("Hand over? y/n"));
	*go = fgets(line, sizeof line, stdin) && (line[0] == 'y' || line[0] == 'Y');
	return TRUE;
}

/* The last step of hand_one(), which ends the transaction. */
static gboolean hand_drafts(struct app *app, gint64 opinion, const struct db_rows *shown,
			    gint64 account, guint *items, GError **error)
{
	if (!follow_hand(app->db, opinion, shown, account, app->now, error) ||
	    !db_commit(app->db, error)) {
		db_rollback(app->db);
		return FALSE;
	}
	for (guint i = 0; i < db_rows_count(shown); i++)
		if (db_get_bool(shown, i, 6))
			g_hash_table_add(unread, GINT_TO_POINTER(db_get_int(shown, i, 5)));
	*items += db_rows_count(shown);
	return TRUE;
}

/* One opinion in one transaction, so that of two who hand it over one does, to all its departments;
 * where a person is asked the drafts are kept before. */
static gboolean hand_one(struct app *app, gint64 opinion, gint64 account, guint *items,
			 GError **error)
{
	g_autoptr(db_rows) shown = NULL;
	gboolean go = TRUE;

	if (!db_begin(app->db, error))
		return FALSE;
	if (follow_draft(app->db, opinion, account, app->now, NULL, error))
		shown = db_query(app->db, sql_rectification_drafts, DB(db_int(opinion)), error);
	if (!shown || (!yes && !db_commit(app->db, error)) ||
	    !confirm_copies(shown, opinion, &go, error)) {
		db_rollback(app->db);
		return FALSE;
	}
	if (!yes && go && !db_begin(app->db, error))
		return FALSE;
	return !go || hand_drafts(app, opinion, shown, account, items, error);
}

/* One that somebody else was quicker with is told, and the others are handed over. */
static gboolean hand_all(struct app *app, gint64 account, guint *items, GError **error)
{
	g_autoptr(db_rows) rows = db_query(app->db, sql_opinion_list, DB(db_text("sorted")), error);

	if (!rows)
		return FALSE;
	for (guint i = 0; i < db_rows_count(rows); i++) {
		g_autoptr(GError) problem = NULL;
		g_autofree char *words = NULL;

		if (hand_one(app, db_get_int(rows, i, 0), account, items, &problem))
			continue;
		if (!g_error_matches(problem, PINGYI_ERROR, PINGYI_ERROR_STATE)) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return FALSE;
		}
		words = language_kept(problem->message);
		fprintf(stderr, "%s\n", words);
	}
	return TRUE;
}

static gboolean hand_named(struct app *app, int argc, char **argv, gint64 account, guint *items,
			   GError **error)
{
	for (int i = 2; i < argc; i++) {
		gint64 opinion = 0;

		if (!app_number(argv[i], _("opinion"), &opinion, error) ||
		    !hand_one(app, opinion, account, items, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean hand(struct app *app, int argc, char **argv, GError **error)
{
	g_autoptr(GHashTable) named = g_hash_table_new(NULL, NULL);
	gint64 account = app_account(app, error);
	guint items = 0;
	gboolean good;

	unread = named;
	if (account == 0)
		return FALSE;
	if (all ? argc != 2 : argc < 3)
		return app_usage(error, "follow hand OPINION… | --all [--yes]");
	good = all ? hand_all(app, account, &items, error)
		   : hand_named(app, argc, argv, account, &items, error);
	/* they stay handed over, also where the next one cannot be */
	if (good || items > 0)
		fprintf(stderr, _("%u items handed over\n"), items);
	if (g_hash_table_size(named) > 0)
		fputs(_("What is to go on paper, once for each round:\n"
			"  pingyi report ledger ROUND --department NUMBER -o items.xlsx\n"),
		      stderr);
	return good;
}

static gboolean draft(struct app *app, int argc, char **argv, GError **error)
{
	gint64 account = app_account(app, error);

	for (int i = 2; account && i < argc; i++) {
		g_autoptr(db_rows) rows = NULL;
		gint64 opinion = 0;

		if (!app_number(argv[i], _("opinion"), &opinion, error) ||
		    !follow_draft(app->db, opinion, account, app->now, NULL, error))
			return FALSE;
		rows = db_query(app->db, sql_rectification_drafts, DB(db_int(opinion)), error);
		if (!rows)
			return FALSE;
		for (guint r = 0; r < db_rows_count(rows); r++) {
			g_autofree char *masked = charset_line(db_get_text(rows, r, 2));

			printf("%s\t%s\t%s\n", db_get_text(rows, r, 0), db_get_text(rows, r, 1),
			       masked);
		}
	}
	return account != 0;
}

/* The departments named by code as [{"no", "lead"}]; the first leads unless --lead names another.
 */
static char *departments_json(struct db *db, int argc, char **argv, GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql_department_list, DB_NONE, error);
	GString *json = g_string_new("[");

	for (int i = 3; rows && i < argc; i++) {
		guint found = 0;

		while (found < db_rows_count(rows) &&
		       strcmp(db_get_text(rows, found, 0), argv[i]) != 0)
			found++;
		if (found == db_rows_count(rows)) {
			g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
				    _("no department has the code “%s”"), argv[i]);
			g_clear_pointer(&rows, db_rows_free);
			break;
		}
		g_string_append_printf(json, "%s{\"no\":%s,\"lead\":%s}", i > 3 ? "," : "",
				       db_get_text(rows, found, 2),
				       (lead ? strcmp(lead, argv[i]) == 0 : i == 3) ? "true"
										    : "false");
	}
	g_string_append_c(json, ']');
	if (rows)
		return g_string_free(json, FALSE);
	g_string_free(json, TRUE);
	return NULL;
}

static gboolean assign(struct app *app, int argc, char **argv, GError **error)
{
	gint64 account = app_account(app, error);
	gint64 opinion = 0;
	g_autofree char *json = NULL;

	if (account == 0)
		return FALSE;
	if (argc < 4)
		return app_usage(error, "follow assign OPINION DEPARTMENT…");
	if (!app_number(argv[2], _("opinion"), &opinion, error))
		return FALSE;
	json = departments_json(app->db, argc, argv, error);
	if (!json || !db_run(app->db, sql_opinion_assign,
			     DB(db_int(opinion), db_text(kind), db_text(json), db_int(account),
				db_time(app->now)),
			     NULL, error))
		return FALSE;
	fprintf(stderr, _("Opinion %lld is assigned. Next: pingyi follow hand %lld\n"),
		(long long)opinion, (long long)opinion);
	return TRUE;
}

/* What staff and departments do to one opinion or item after the other. */
enum step { RECORD, DECLINE, SIGN, ANSWER, RETURN, APPROVE, CLOSE };

static gboolean step_one(struct app *app, enum step step, gint64 id, gint64 account, guint *replies,
			 GError **error)
{
	gboolean replied = FALSE;

	switch (step) {
	case RECORD:
		return db_run(app->db, sql_opinion_record,
			      DB(db_int(id), db_null(), db_int(account), db_time(app->now)), NULL,
			      error);
	case DECLINE:
		return follow_decline(app->office, app->db, id, why, account, app->now, error);
	case SIGN:
		return db_run(app->db, sql_rectification_sign,
			      DB(db_int(id), db_int(account), db_time(app->now)), NULL, error);
	case ANSWER:
		return db_run(app->db, sql_rectification_answer,
			      DB(db_int(id), db_text(text), db_int(account), db_time(app->now)),
			      NULL, error);
	case RETURN:
		return db_run(app->db, sql_rectification_return,
			      DB(db_int(id), db_text(why), db_int(account), db_time(app->now)),
			      NULL, error);
	case APPROVE:
		return db_run(app->db, sql_rectification_approve,
			      DB(db_int(id), db_int(account), db_time(app->now)), NULL, error);
	case CLOSE:
		if (!follow_close(app->office, app->db, id, account, app->now, &replied, error))
			return FALSE;
		*replies += replied ? 1 : 0;
		return TRUE;
	}
	g_assert_not_reached();
}

/* The account of a department's person (--as), and a connection with its department's role. */
static gint64 department_account(struct app *app, GError **error)
{
	struct db *db = app_db(app, "worker", error);
	g_autoptr(db_rows) rows = NULL;
	g_autofree char *role = NULL;
	gint64 account;

	if (!db)
		return 0;
	rows = db_query(db, sql_account_by_login, DB(db_text(app->as)), error);
	if (!rows)
		return 0;
	if (db_rows_count(rows) == 0 || strcmp(db_get_text(rows, 0, 1), "department") != 0) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_DENIED,
			    _("a department does this: --as LOGIN of one of its people"));
		return 0;
	}
	account = db_get_int(rows, 0, 0);
	role = g_strdup_printf("d%s", db_get_text(rows, 0, 2));
	return app_db(app, role, error) ? account : 0;
}

static gboolean steps(struct app *app, enum step step, int argc, char **argv, GError **error)
{
	gint64 account = step == SIGN || step == ANSWER ? department_account(app, error)
							: app_account(app, error);
	guint replies = 0;

	if (account == 0)
		return FALSE;
	if (argc < 3 || ((step == DECLINE || step == RETURN) && !why) || (step == ANSWER && !text))
		return app_usage(error, "follow VERB NUMBER… (--why TEXT, --text TEXT)");
	for (int i = 2; i < argc; i++) {
		gint64 id = 0;

		if (!app_number(argv[i], argv[1], &id, error))
			return FALSE;
		if (!step_one(app, step, id, account, &replies, error)) {
			g_prefix_error(error, "%s %s: ", argv[1], argv[i]);
			return FALSE;
		}
	}
	fprintf(stderr, _("%s: %d done\n"), argv[1], argc - 2);
	if (replies)
		fprintf(stderr, _("%u replies are ready. Next: pingyi send\n"), replies);
	return TRUE;
}

gboolean cmd_follow(struct app *app, int argc, char **argv, GError **error)
{
	static const char *const names[] = {"record", "decline", "sign", "answer",
					    "return", "approve", "close"};
	const char *verb;

	if (!app_options(
		&argc, &argv, entries,
		"opinions | show OPINION | assign OPINION CODE… | record OPINION… | "
		"decline OPINION… | draft OPINION… | hand OPINION… | list | sign ITEM… | "
		"answer ITEM… | return ITEM… | approve ITEM… | close ITEM… | orphans",
		_("Hands opinions to departments and sees each to its end. “opinions” shows what "
		  "waits for a person, “show” one of them, “list” what departments have, “orphans” "
		  "what has neither "
		  "an end nor a clock. Departments sign and answer (--as their login), staff do "
		  "the rest."),
		error))
		return FALSE;
	verb = argc > 1 ? argv[1] : "";
	if (strcmp(verb, "opinions") == 0)
		return show_opinions(app, error);
	if (strcmp(verb, "show") == 0)
		return show(app, argc, argv, error);
	if (strcmp(verb, "list") == 0)
		return show_items(app, error);
	if (strcmp(verb, "orphans") == 0)
		return orphans(app, error);
	if (strcmp(verb, "draft") == 0)
		return draft(app, argc, argv, error);
	if (strcmp(verb, "hand") == 0)
		return hand(app, argc, argv, error);
	if (strcmp(verb, "assign") == 0)
		return assign(app, argc, argv, error);
	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		if (strcmp(verb, names[i]) == 0)
			return steps(app, (enum step)i, argc, argv, error);
	return app_usage(
	    error, "follow opinions | show | assign | record | decline | draft | hand | list | "
		   "sign | answer | return | approve | close | orphans");
}
