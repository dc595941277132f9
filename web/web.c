#include "web/web.h"

#include "base/asset.h"
#include "base/error.h"
#include "base/language.h"
#include "sql.h"
#include "templates/view.h"

#include <stdio.h>
#include <string.h>

struct web {
	struct office *office;
	GDateTime *start;
	gint64 started;    /* monotonic, microseconds */
	GHashTable *views; /* "zh/home" -> struct view */
	GMutex lock;       /* of the office and of what follows */
	GQueue idle;       /* struct db *, connected as "web" */
};

/* What a page is besides. */
enum {
	IDENTITY = 1, /* it shows who said it: reading it is an event */
	PAGED = 2,    /* it is one of many: behind $1 stand "?" and the query's `after` or `q` */
};

/* A page: who may see it, what it shows. $1 is what stands in the place of each "*" of the path,
 * with
 * "/" between. */
static const struct {
	const char *path;
	const char *kind;
	const char *sql;
	const char *template;
	guint flags;
} pages[] = {
    {"", "staff", sql_page_home, "home", 0},
    {"", "department", sql_page_department, "department", PAGED},
    {"", "supervisor", sql_page_supervisor, "supervisor", 0},
    {"round/*", "staff", sql_page_round, "round", 0},
    {"round/*/letters/*", "staff", sql_page_letters, "letters", PAGED},
    {"letter/*", "staff", sql_page_letter, "history", 0},
    {"opinions/*", "staff", sql_page_opinions, "opinions", PAGED},
    {"opinions/*/*", "staff", sql_page_opinions, "opinions", PAGED},
    {"opinion/*", "staff", sql_page_opinion, "opinion", IDENTITY},
    {"pen", "staff", sql_page_pen, "pen", PAGED},
    {"pen/*", "staff", sql_page_pen, "pen", PAGED},
    {"progress", "staff", sql_page_supervisor, "supervisor", 0},
    {"items/*", "staff", sql_page_items, "items", PAGED},
    {"items/*/*", "staff", sql_page_items, "items", PAGED},
    {"items/*", "supervisor", sql_page_items, "items", PAGED},
    {"items/*/*", "supervisor", sql_page_items, "items", PAGED},
    {"item/*", "department", sql_page_item, "item", 0},
};

static const char *const template_names[] = {
    "home",       "round", "letters",    "history", "opinions", "opinion", "pen",
    "department", "item",  "supervisor", "items",   "login",    "link",    "error",
};

static gboolean compile(struct web *web, const char *language, const char *name, GError **error)
{
	g_autofree char *path = g_strdup_printf("templates/%s/%s.xhtml", language, name);
	const struct asset *asset = asset_find(path);
	struct view *view;

	if (!asset) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_BUG, "%s: is not built in", path);
		return FALSE;
	}
	view = view_compile(path, asset->text, asset->size, VIEW_PAGE, NULL, error);
	if (!view)
		return FALSE;
	g_hash_table_insert(web->views, g_strdup_printf("%s/%s", language, name), view);
	return TRUE;
}

struct web *web_new(struct office *office, GDateTime *now, GError **error)
{
	struct web *web = g_new0(struct web, 1);

	web->office = office;
	web->start = g_date_time_ref(now);
	web->started = g_get_monotonic_time();
	web->views =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)view_free);
	g_mutex_init(&web->lock);
	g_queue_init(&web->idle);
	for (guint i = 0; i < G_N_ELEMENTS(template_names); i++)
		if (!compile(web, "zh", template_names[i], error) ||
		    !compile(web, "en", template_names[i], error)) {
			web_free(web);
			return NULL;
		}
	return web;
}

void web_free(struct web *web)
{
	if (!web)
		return;
	g_queue_clear_full(&web->idle, (GDestroyNotify)db_free);
	g_hash_table_unref(web->views);
	g_date_time_unref(web->start);
	g_mutex_clear(&web->lock);
	g_free(web);
}

struct office *web_office(const struct web *web)
{
	return web->office;
}

/* A connection for one request: an idle one, else a new one in the office's time zone. */
static struct db *take_db(struct web *web, GError **error)
{
	struct db *db;
	const char *zone;
	g_autofree char *sql = NULL;

	g_mutex_lock(&web->lock);
	db = g_queue_pop_head(&web->idle);
	if (!db)
		db = office_connect(web->office, "web", error);
	zone = office_setting(web->office, "office", "timezone", "Asia/Shanghai");
	g_mutex_unlock(&web->lock);
	if (!db ||
	    strspn(zone, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_/+-") !=
		strlen(zone))
		return db;
	sql = g_strdup_printf("SET timezone TO '%s'", zone);
	if (db_script(db, sql, error))
		return db;
	db_free(db);
	return NULL;
}

static void give_db(struct web *web, struct db *db)
{
	if (db_in_transaction(db))
		db_rollback(db);
	g_mutex_lock(&web->lock);
	g_queue_push_head(&web->idle, db);
	g_mutex_unlock(&web->lock);
}

gboolean web_begin(struct web_call *call, const char *role, GError **error)
{
	g_autofree char *name = g_strdup_printf("%s_%s", office_schema(call->web->office), role);

	return db_begin(call->db, error) && db_set_local_role(call->db, name, error);
}

const char *web_field(const struct web_call *call, const char *name)
{
	const char *value = g_hash_table_lookup(call->request->form, name);

	return value ? value : "";
}

static gboolean wants_json(const struct web_call *call)
{
	return call->request->accept && strstr(call->request->accept, "application/json");
}

/* Which of many pages is asked for: the query's `after` or `q`, with its name; NULL: the first.
 */
static const char *asked_part(const struct http_request *request, const char **name_out)
{
	static const char *const names[] = {"after", "q"};

	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		const char *value = g_hash_table_lookup(request->query, names[i]);

		*name_out = names[i];
		if (value && *value)
			return value;
	}
	return NULL;
}

/* The page's address, which says which of many it is. (transfer full) */
static char *address_of(const struct http_request *request)
{
	const char *name, *part = asked_part(request, &name);
	g_autofree char *escaped = part ? g_uri_escape_string(part, NULL, FALSE) : NULL;

	return part ? g_strdup_printf("%s?%s=%s", request->path, name, escaped)
		    : g_strdup(request->path);
}

static gboolean is_post(const struct web_call *call)
{
	return strcmp(call->request->method, "POST") == 0;
}

/* What every page shows besides its own. */
static void add_common(struct web_call *call, JsonObject *data)
{
	const struct web_session *session = &call->session;
	JsonObject *me = json_object_new();
	const char *other = strcmp(call->language, "zh") == 0 ? "en" : "zh";
	g_autofree char *here = address_of(call->request);
	/* the private link's page speaks its round's language, and what a form does has no page */
	g_autofree char *switch_to =
	    g_str_has_prefix(here, "/l/") || (is_post(call) && strcmp(here, "/login") != 0)
		? g_strdup("")
		: g_strdup_printf("%s%clang=%s", here, strchr(here, '?') ? '&' : '?', other);

	json_object_set_string_member(me, "name", session->name ? session->name : "");
	json_object_set_string_member(me, "kind", session->kind ? session->kind : "");
	json_object_set_string_member(me, "place", session->place ? session->place : "");
	json_object_set_object_member(data, "me", me);
	json_object_set_string_member(data, "csrf", session->csrf ? session->csrf : "");
	json_object_set_string_member(data, "office",
				      office_setting(call->web->office, "office", "name", ""));
	json_object_set_string_member(data, "phone",
				      office_setting(call->web->office, "office", "phone", ""));
	json_object_set_string_member(data, "path", here);
	json_object_set_string_member(data, "switch_to", switch_to);
}

void web_show(struct web_call *call, guint status, const char *name, JsonNode *data)
{
	g_autoptr(JsonNode) node = data;
	g_autofree char *key = g_strdup_printf("%s/%s", call->language, name);
	const struct view *view = g_hash_table_lookup(call->web->views, key);
	g_autoptr(GError) error = NULL;

	call->response->status = status;
	if (wants_json(call)) {
		g_autofree char *json = json_to_string(node, FALSE);

		call->response->type = "application/json; charset=utf-8";
		g_string_assign(call->response->body, json);
		g_string_append_c(call->response->body, '\n');
		return;
	}
	add_common(call, json_node_get_object(node));
	if (view_fill_json(view, node, call->response->body, &error))
		return;
	/* names a template and a member, nothing of the data */
	fprintf(stderr, "pingyi: page=%s problem=%s\n", key, error->message);
	call->response->status = 500;
	call->response->type = "text/plain; charset=utf-8";
	g_string_assign(call->response->body, "500\n");
}

void web_redirect(struct web_call *call, const char *location)
{
	call->response->status = 303;
	call->response->location = g_strdup(location);
}

/* Whether a field is one that people write in. */
static gboolean is_written(const char *name)
{
	static const char *const names[] = {"answer", "why", "text"};

	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		if (strcmp(name, names[i]) == 0)
			return TRUE;
	return g_str_has_prefix(name, "masked-") || g_str_has_prefix(name, "q-");
}

/* What was written in the form that could not be taken: our pages are not kept, so a browser's Back
 * may bring empty fields. Not what another site's page sends in somebody's name. */
static JsonArray *written(const struct web_call *call)
{
	JsonArray *texts = json_array_new();
	g_autoptr(GList) names = g_hash_table_get_keys(call->request->form);

	if (call->request->site && strcmp(call->request->site, "same-origin") != 0)
		return texts;
	names = g_list_sort(names, (GCompareFunc)strcmp);
	for (const GList *link = names; link; link = link->next)
		if (is_written(link->data) && *web_field(call, link->data))
			json_array_add_string_element(texts, web_field(call, link->data));
	return texts;
}

static void show_error(struct web_call *call, guint status, const char *words)
{
	JsonObject *data = json_object_new();
	JsonNode *node = json_node_new(JSON_NODE_OBJECT);
	g_autofree char *number = g_strdup_printf("%u", status);

	json_object_set_string_member(data, "status", number);
	json_object_set_string_member(data, "words", words);
	json_object_set_array_member(data, "written", written(call));
	json_node_take_object(node, data);
	web_show(call, status, "error", node);
}

void web_not_found(struct web_call *call)
{
	show_error(call, 404, "");
}

void web_not_for(struct web_call *call)
{
	web_fail(call, g_error_new(PINGYI_ERROR, PINGYI_ERROR_DENIED,
				   _("this page is not for “%s”, as whom you are logged in"),
				   call->session.name));
}

void web_fail(struct web_call *call, GError *error)
{
	static const guint statuses[] = {
	    [PINGYI_ERROR_INPUT] = 400,     [PINGYI_ERROR_STATE] = 409,
	    [PINGYI_ERROR_DENIED] = 403,    [PINGYI_ERROR_TEMPORARY] = 503,
	    [PINGYI_ERROR_PERMANENT] = 500, [PINGYI_ERROR_BUG] = 500,
	};
	guint status = error->domain == PINGYI_ERROR && error->code >= 0 &&
			       (guint)error->code < G_N_ELEMENTS(statuses)
			   ? statuses[error->code]
			   : 500;

	if (db_in_transaction(call->db))
		db_rollback(call->db);
	if (status >= 500)
		fprintf(stderr, "pingyi: status=%u problem=%s\n", status, error->message);
	/* what a function of the schema said about a state is for the log */
	show_error(call, status, status < 500 && status != 409 ? error->message : "");
	g_error_free(error);
}

/* The page's document. *found_out: whether the query gave one. */
static gboolean query_page(struct web_call *call, guint i, const char *argument,
			   JsonNode **node_out, GError **error)
{
	g_autoptr(db_rows) rows = NULL;

	*node_out = NULL;
	if (!web_begin(call, call->session.role, error))
		return FALSE;
	rows = db_query(call->db, pages[i].sql,
			DB(db_text(argument), db_time(call->now), db_int(call->session.account)),
			error);
	if (!rows)
		return FALSE;
	if (db_rows_count(rows) == 1 && !db_is_null(rows, 0, 0)) {
		*node_out = json_from_string(db_get_text(rows, 0, 0), error);
		if (!*node_out)
			return FALSE;
		if ((pages[i].flags & IDENTITY) &&
		    !db_run(
			call->db, sql_opinion_read,
			DB(db_text(argument), db_int(call->session.account), db_time(call->now)),
			NULL, error))
			return FALSE;
	}
	return db_commit(call->db, error);
}

/* What $1 of page `i` is for this request, NULL when it is another page. */
static char *page_argument(guint i, const struct http_request *request)
{
	g_auto(GStrv) wanted = g_strsplit(pages[i].path, "/", -1);
	g_auto(GStrv) had = g_strsplit(request->path + 1, "/", -1);
	GString *argument = g_string_new(NULL);
	const char *name;

	for (guint k = 0; wanted[k] || had[k]; k++) {
		gboolean taken = wanted[k] && strcmp(wanted[k], "*") == 0;

		if (!wanted[k] || !had[k] || (!taken && strcmp(wanted[k], had[k]) != 0)) {
			g_string_free(argument, TRUE);
			return NULL;
		}
		if (taken)
			g_string_append_printf(argument, "%s%s", argument->len ? "/" : "", had[k]);
	}
	if (pages[i].flags & PAGED) {
		const char *part = asked_part(request, &name);

		g_string_append_printf(argument, "?%s", part ? part : "");
	}
	return g_string_free(argument, FALSE);
}

static void show_page(struct web_call *call)
{
	gboolean elsewhere = FALSE;

	for (guint i = 0; i < G_N_ELEMENTS(pages); i++) {
		g_autofree char *argument = page_argument(i, call->request);
		JsonNode *node = NULL;
		GError *error = NULL;

		if (!argument)
			continue;
		elsewhere = TRUE;
		if (strcmp(pages[i].kind, call->session.kind) != 0)
			continue;
		if (!query_page(call, i, argument, &node, &error)) {
			g_clear_pointer(&node, json_node_unref);
			web_fail(call, error);
		} else if (node) {
			web_show(call, 200, pages[i].template, node);
		} else {
			web_not_found(call);
		}
		return;
	}
	if (elsewhere)
		web_not_for(call);
	else
		web_not_found(call);
}

static void show_style(struct web_call *call)
{
	const struct asset *asset = asset_find("templates/css/pingyi.css");

	call->response->type = "text/css; charset=utf-8";
	call->response->cacheable = TRUE;
	g_string_append_len(call->response->body, asset->text, (gssize)asset->size);
}

/* ?lang=en is remembered; otherwise the cookie, then the office's own language. */
static void choose_language(struct web_call *call)
{
	const char *asked = g_hash_table_lookup(call->request->query, "lang");
	const char *kept = g_hash_table_lookup(call->request->cookies, "lang");
	const char *usual = office_setting(call->web->office, "office", "language", "zh");
	const char *wanted = asked ? asked : kept ? kept : usual;

	call->language = strcmp(wanted, "en") == 0 ? "en" : "zh";
	if (asked)
		call->response->cookie = g_strdup_printf(
		    "lang=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000", call->language);
}

static void route(struct web_call *call)
{
	const char *path = call->request->path;
	gboolean post = is_post(call);
	GError *error = NULL;

	if (g_str_has_prefix(path, "/l/")) {
		link_handle(call);
		return;
	}
	if (strcmp(path, "/login") == 0) {
		if (post)
			session_login(call);
		else
			session_login_page(call, NULL);
		return;
	}
	if (!session_read(call, &error)) {
		web_fail(call, error);
		return;
	}
	if (!call->session.account) {
		if (wants_json(call))
			show_error(call, 403, _("log in first"));
		else if (post && strcmp(path, "/logout") != 0)
			show_error(call, 403,
				   _("you are logged out, or were for too long without a step: log "
				     "in, and do it again"));
		else
			web_redirect(call, "/login");
	} else if (post && strcmp(path, "/logout") == 0) {
		session_logout(call);
	} else if (!post) {
		if (!download_handle(call))
			show_page(call);
	} else if (!action_handle(call)) {
		web_not_found(call);
	}
}

void web_handle(const struct http_request *request, struct http_response *response, void *user)
{
	struct web *web = user;
	struct web_call call = {.web = web, .request = request, .response = response};
	g_autoptr(GError) error = NULL;

	choose_language(&call);
	language_use(call.language);
	if (strcmp(request->path, "/style.css") == 0) {
		show_style(&call);
		return;
	}
	call.now = g_date_time_add(web->start, g_get_monotonic_time() - web->started);
	call.db = take_db(web, &error);
	if (call.db) {
		route(&call);
		give_db(web, call.db);
	} else {
		fprintf(stderr, "pingyi: %s\n", error->message);
		show_error(&call, 503, "");
	}
	session_clear(&call.session);
	g_date_time_unref(call.now);
}
