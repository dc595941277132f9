#include "classifier/lexicon_version.h"

#include "base/error.h"
#include "sql.h"

#include <string.h>

/* Row: version and text; the label is the database's, which may differ from the file's. */
static struct lexicon *parse_row(const struct db_rows *rows, char **text_out, GError **error)
{
	const char *version = db_get_text(rows, 0, 0);
	const char *text = db_get_text(rows, 0, 1);
	g_autofree char *name = g_strdup_printf(_("lexicon %s"), version);
	struct lexicon *lexicon = lexicon_parse(name, text, strlen(text), error);

	if (!lexicon)
		return NULL;
	g_free(lexicon->version);
	lexicon->version = g_strdup(version);
	if (text_out)
		*text_out = g_strdup(text);
	return lexicon;
}

static struct lexicon *own(char **text_out, GError **error)
{
	if (text_out)
		*text_out = g_strdup(lexicon_default_text());
	return lexicon_default(error);
}

struct lexicon *lexicon_in_use(struct db *db, char **text_out, GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql_lexicon_get, DB(db_null()), error);

	if (!rows)
		return NULL;
	return db_rows_count(rows) ? parse_row(rows, text_out, error) : own(text_out, error);
}

struct lexicon *lexicon_to_decide(struct db *db, GDateTime *now, GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql_lexicon_get, DB(db_null()), error);
	g_autoptr(db_rows) kept = NULL;
	g_autoptr(lexicon_handle) lexicon = NULL;

	if (!rows)
		return NULL;
	if (db_rows_count(rows))
		return parse_row(rows, NULL, error);
	lexicon = lexicon_default(error);
	if (!lexicon)
		return NULL;
	kept = db_query(
	    db, sql_lexicon_keep,
	    DB(db_text(lexicon->version), db_text(lexicon_default_text()), db_time(now)), error);
	if (!kept)
		return NULL;
	g_free(lexicon->version);
	lexicon->version = g_strdup(db_get_text(kept, 0, 0));
	return g_steal_pointer(&lexicon);
}

struct lexicon *lexicon_of_version(struct db *db, const char *version, char **text_out,
				   GError **error)
{
	g_autoptr(db_rows) rows = NULL;
	g_autoptr(lexicon_handle) lexicon = NULL;

	if (strcmp(version, LEXICON_BUILT_IN) == 0)
		return own(text_out, error);
	rows = db_query(db, sql_lexicon_get, DB(db_text(version)), error);
	if (!rows)
		return NULL;
	if (db_rows_count(rows))
		return parse_row(rows, text_out, error);
	lexicon = lexicon_default(error);
	if (lexicon && strcmp(lexicon->version, version) == 0) {
		if (text_out)
			*text_out = g_strdup(lexicon_default_text());
		return g_steal_pointer(&lexicon);
	}
	if (lexicon)
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("no lexicon has the version %s; pingyi lexicon list shows them"),
			    version);
	return NULL;
}

static gboolean is_department(const struct db_rows *departments, const struct target *target)
{
	for (guint i = 0; !target->label && i < db_rows_count(departments); i++)
		if (strcmp(db_get_text(departments, i, 0), target->code) == 0 &&
		    db_get_int(departments, i, 2) == target->no)
			return TRUE;
	return FALSE;
}

gboolean lexicon_fits(struct db *db, const struct lexicon *lexicon, const char *name,
		      GError **error)
{
	g_autoptr(db_rows) departments = db_query(db, sql_department_list, DB_NONE, error);

	if (!departments)
		return FALSE;
	for (guint i = 0; i < lexicon->targets->len; i++) {
		const struct target *target = &g_array_index(lexicon->targets, struct target, i);

		if (is_department(departments, target))
			continue;
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("%s:%u: no department of this office has the code %s and the "
			      "number %d; pingyi department list shows them"),
			    name, target->line, target->code, target->no);
		return FALSE;
	}
	return TRUE;
}

/* Whether other words stand under the version already, at the office or in the program. */
static gboolean is_taken(struct db *db, const char *version, const char *text, gboolean *taken_out,
			 GError **error)
{
	g_autofree char *there = NULL;
	g_autoptr(GError) none = NULL;
	g_autoptr(lexicon_handle) lexicon = lexicon_of_version(db, version, &there, &none);

	*taken_out = lexicon && strcmp(there, text) != 0;
	if (lexicon || g_error_matches(none, PINGYI_ERROR, PINGYI_ERROR_INPUT))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&none));
	return FALSE;
}

gboolean lexicon_import(struct db *db, const struct lexicon *lexicon, const char *name,
			const char *text, gint64 account, GDateTime *now, gboolean *is_new_out,
			GError **error)
{
	gboolean taken = FALSE;
	g_autoptr(db_rows) rows = NULL;

	if (!lexicon_fits(db, lexicon, name, error) ||
	    !is_taken(db, lexicon->version, text, &taken, error))
		return FALSE;
	if (taken) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("%s:%u: version %s is there with other words: give this file a "
			      "version of its own"),
			    name, lexicon->line, lexicon->version);
		return FALSE;
	}
	rows = db_query(db, sql_lexicon_put,
			DB(db_text(lexicon->version), db_text(text),
			   account ? db_int(account) : db_null(), db_time(now)),
			error);
	if (rows)
		*is_new_out = db_get_bool(rows, 0, 0);
	return rows != NULL;
}
