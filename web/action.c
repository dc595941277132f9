#include "base/error.h"
#include "collector/collect.h"
#include "followup/follow.h"
#include "sql.h"
#include "web/web.h"

#include <string.h>

/* What a POST does: within a transaction under the caller's role; `id` is the number in the path.
 */
typedef gboolean action_function(struct web_call *call, gint64 id, GError **error);

static struct db_value who(const struct web_call *call)
{
	return db_int(call->session.account);
}

/* The departments whose boxes are ticked, as [{"no", "lead"}]. */
static gboolean assign(struct web_call *call, gint64 id, GError **error)
{
	g_autoptr(db_rows) rows = db_query(call->db, sql_department_list, DB_NONE, error);
	g_autoptr(GString) json = g_string_new("[");
	const char *lead = web_field(call, "lead");

	if (!rows)
		return FALSE;
	for (guint i = 0; i < db_rows_count(rows); i++) {
		const char *code = db_get_text(rows, i, 0);
		g_autofree char *name = g_strconcat("take-", code, NULL);
		gboolean leads = strcmp(lead, code) == 0;

		if (leads || *web_field(call, name))
			g_string_append_printf(json, "%s{\"no\":%s,\"lead\":%s}",
					       json->len > 1 ? "," : "", db_get_text(rows, i, 2),
					       leads ? "true" : "false");
	}
	g_string_append_c(json, ']');
	return db_run(call->db, sql_opinion_assign,
		      DB(db_int(id), db_null(), db_text(json->str), who(call), db_time(call->now)),
		      NULL, error) &&
	       follow_draft(call->db, id, call->session.account, call->now, NULL, error);
}

static gboolean draft(struct web_call *call, gint64 id, GError **error)
{
	return follow_draft(call->db, id, call->session.account, call->now, NULL, error);
}

static gboolean overtaken(gint64 opinion, GError **error)
{
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_STATE,
		    _("opinion %lld: somebody else has handed it over or assigned it anew"),
		    (long long)opinion);
	return FALSE;
}

/* How many masked copies the person was shown. */
static guint shown_count(const struct web_call *call)
{
	GHashTableIter fields;
	gpointer name;
	guint n = 0;

	g_hash_table_iter_init(&fields, call->request->form);
	while (g_hash_table_iter_next(&fields, &name, NULL))
		n += g_str_has_prefix(name, "masked-") ? 1 : 0;
	return n;
}

/* Hands over every masked copy of the opinion as the person left it in its field. */
static gboolean hand(struct web_call *call, gint64 id, GError **error)
{
	g_autoptr(db_rows) rows =
	    db_query(call->db, sql_rectification_drafts, DB(db_int(id)), error);

	if (!rows)
		return FALSE;
	if (db_rows_count(rows) == 0 || db_rows_count(rows) != shown_count(call))
		return overtaken(id, error); /* a department has gone, or has come */
	for (guint i = 0; i < db_rows_count(rows); i++) {
		g_autofree char *name = g_strconcat("masked-", db_get_text(rows, i, 0), NULL);
		const char *masked = g_hash_table_lookup(call->request->form, name);

		if (!masked) /* another has come in the place of one that has gone */
			return overtaken(id, error);
		if (!*masked) {
			g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
				    _("the masked copy for %s is empty"), db_get_text(rows, i, 1));
			return FALSE;
		}
		if (!db_run(call->db, sql_rectification_hand,
			    DB(db_int(db_get_int(rows, i, 0)), db_text(masked), who(call),
			       db_time(call->now)),
			    NULL, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean record(struct web_call *call, gint64 id, GError **error)
{
	return db_run(call->db, sql_opinion_record,
		      DB(db_int(id), db_null(), who(call), db_time(call->now)), NULL, error);
}

static gboolean decline(struct web_call *call, gint64 id, GError **error)
{
	return follow_decline(web_office(call->web), call->db, id, web_field(call, "why"),
			      call->session.account, call->now, error);
}

static gboolean sign(struct web_call *call, gint64 id, GError **error)
{
	return db_run(call->db, sql_rectification_sign,
		      DB(db_int(id), who(call), db_time(call->now)), NULL, error);
}

static gboolean answer(struct web_call *call, gint64 id, GError **error)
{
	return db_run(
	    call->db, sql_rectification_answer,
	    DB(db_int(id), db_text(web_field(call, "answer")), who(call), db_time(call->now)), NULL,
	    error);
}

static gboolean send_back(struct web_call *call, gint64 id, GError **error)
{
	return db_run(
	    call->db, sql_rectification_return,
	    DB(db_int(id), db_text(web_field(call, "why")), who(call), db_time(call->now)), NULL,
	    error);
}

static gboolean approve(struct web_call *call, gint64 id, GError **error)
{
	return db_run(call->db, sql_rectification_approve,
		      DB(db_int(id), who(call), db_time(call->now)), NULL, error);
}

static gboolean close_item(struct web_call *call, gint64 id, GError **error)
{
	return follow_close(web_office(call->web), call->db, id, call->session.account, call->now,
			    NULL, error);
}

static gboolean settle(struct web_call *call, gint64 id, GError **error)
{
	g_autofree char *number = g_strstrip(g_ascii_strup(web_field(call, "number"), -1));
	g_autofree char *typed = g_strstrip(g_strdup(web_field(call, "text")));
	gboolean aside = *web_field(call, "aside") != '\0';

	if (!aside && !*number) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("give the letter's number, or set the message aside"));
		return FALSE;
	}
	return collect_settle(call->db, id, aside ? NULL : number, *typed ? typed : NULL,
			      call->session.account, call->now, error);
}

static const struct {
	const char *before; /* the number stands between these two */
	const char *after;
	const char *kind;
	action_function *run;
} actions[] = {
    {"/opinion/", "/assign", "staff", assign},
    {"/opinion/", "/draft", "staff", draft},
    {"/opinion/", "/hand", "staff", hand},
    {"/opinion/", "/record", "staff", record},
    {"/opinion/", "/decline", "staff", decline},
    {"/item/", "/return", "staff", send_back},
    {"/item/", "/approve", "staff", approve},
    {"/item/", "/close", "staff", close_item},
    {"/item/", "/sign", "department", sign},
    {"/item/", "/answer", "department", answer},
    {"/pen/", "", "staff", settle},
};

static gboolean matches(guint i, const char *path, gint64 *id_out)
{
	g_autofree char *number = NULL;
	gsize before = strlen(actions[i].before);
	gsize after = strlen(actions[i].after);
	gsize length = strlen(path);

	if (length <= before + after || !g_str_has_prefix(path, actions[i].before) ||
	    !g_str_has_suffix(path, actions[i].after))
		return FALSE;
	number = g_strndup(path + before, length - before - after);
	return g_ascii_string_to_signed(number, 10, 1, G_MAXINT64, id_out, NULL);
}

static void run(struct web_call *call, guint i, gint64 id)
{
	GError *error = NULL;
	const char *back = web_field(call, "back");

	if (strcmp(web_field(call, "csrf"), call->session.csrf) != 0) {
		web_fail(call, g_error_new(PINGYI_ERROR, PINGYI_ERROR_DENIED,
					   _("this form is out of date: open the page again")));
		return;
	}
	if (!web_begin(call, call->session.role, &error) || !actions[i].run(call, id, &error) ||
	    !db_commit(call->db, &error)) {
		web_fail(call, error);
		return;
	}
	/* only a path of ours, never another site */
	web_redirect(call, back[0] == '/' && back[1] != '/' && back[1] != '\\' ? back : "/");
}

gboolean action_handle(struct web_call *call)
{
	for (guint i = 0; i < G_N_ELEMENTS(actions); i++) {
		gint64 id = 0;

		if (!matches(i, call->request->path, &id))
			continue;
		if (g_strcmp0(call->session.kind, actions[i].kind) == 0)
			run(call, i, id);
		else
			web_fail(call, g_error_new(PINGYI_ERROR, PINGYI_ERROR_DENIED,
						   _("this is not yours to do")));
		return TRUE;
	}
	return FALSE;
}
