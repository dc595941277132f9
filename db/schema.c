#include "db/schema.h"

#include "base/asset.h"
#include "base/error.h"
#include "sql.h"

#include <string.h>

#define FOLDER "db/schema/"
#define ROLES  "001_roles.sql" /* runs as the administrator, before there is an owner */

gboolean schema_name_ok(const char *name)
{
	if (!g_ascii_islower(*name) || strlen(name) > 40)
		return FALSE;
	for (const char *at = name; *at; at++)
		if (!g_ascii_islower(*at) && !g_ascii_isdigit(*at) && *at != '_')
			return FALSE;
	return TRUE;
}

static gboolean has_migrations(struct db *admin, const char *name, gboolean *has_out,
			       GError **error)
{
	g_autoptr(db_rows) rows = db_query(admin, sql_migration_table, DB(db_text(name)), error);

	if (!rows)
		return FALSE;
	*has_out = db_rows_count(rows) > 0;
	return TRUE;
}

static gboolean is_applied(struct db *admin, const char *file, gboolean *is_out, GError **error)
{
	g_autoptr(db_rows) rows = db_query(admin, sql_migration_get, DB(db_text(file)), error);

	if (!rows)
		return FALSE;
	*is_out = db_rows_count(rows) > 0;
	return TRUE;
}

/* The text of a file with the office's name put in. */
static char *named(const struct asset *asset, const char *name)
{
	g_auto(GStrv) parts = g_strsplit(asset->text, "@office@", -1);

	return g_strjoinv(name, parts);
}

static gboolean become_owner(struct db *admin, const char *name, GError **error)
{
	g_autofree char *sql = g_strdup_printf(
	    "SET LOCAL ROLE %s_owner; SET LOCAL search_path = %s, pg_temp", name, name);

	return db_script(admin, sql, error);
}

static gboolean apply_all(struct db *admin, const char *name, guint *applied_out, GError **error)
{
	gboolean has = FALSE;
	gboolean is_owner = FALSE;

	if (!has_migrations(admin, name, &has, error))
		return FALSE;
	for (const struct asset *asset = asset_table; asset->path; asset++) {
		const char *file = asset->path + strlen(FOLDER);
		g_autofree char *sql = NULL;
		gboolean done = FALSE;

		if (!g_str_has_prefix(asset->path, FOLDER))
			continue;
		if (strcmp(file, ROLES) != 0 && !is_owner) {
			if (!become_owner(admin, name, error))
				return FALSE;
			is_owner = TRUE;
		}
		if (has && strcmp(file, ROLES) != 0 && !is_applied(admin, file, &done, error))
			return FALSE;
		if (done || (has && !is_owner))
			continue;
		sql = named(asset, name);
		if (!db_script(admin, sql, error)) {
			g_prefix_error(error, "%s: ", asset->path);
			return FALSE;
		}
		if (is_owner && !db_run(admin, sql_migration_add, DB(db_text(file)), NULL, error))
			return FALSE;
		(*applied_out)++;
	}
	return TRUE;
}

gboolean schema_apply(struct db *admin, const char *name, guint *applied_out, GError **error)
{
	guint applied = 0;

	if (!schema_name_ok(name)) {
		g_set_error(
		    error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("“%s” cannot name an office's schema: use small letters, digits and _"),
		    name);
		return FALSE;
	}
	if (!db_begin(admin, error))
		return FALSE;
	if (!apply_all(admin, name, &applied, error)) {
		db_rollback(admin);
		return FALSE;
	}
	if (applied_out)
		*applied_out = applied;
	return db_commit(admin, error);
}
