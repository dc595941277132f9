#include "base/error.h"
#include "base/password.h"
#include "sql.h"
#include "web/web.h"

#include <sodium.h>
#include <string.h>

#define COOKIE       "pingyi"
#define TOKEN_BYTES  32
#define SESSION_S    (12 * 3600)
#define FAILURES_MAX 5 /* wrong passwords of one login within a quarter of an hour */

/* What is kept of a cookie's value. */
static GBytes *hash_of(const char *token)
{
	guint8 hash[32];

	crypto_generichash(hash, sizeof hash, (const guint8 *)token, strlen(token), NULL, 0);
	return g_bytes_new(hash, sizeof hash);
}

static char *random_token(void)
{
	guint8 bytes[TOKEN_BYTES];
	char *hex = g_malloc(TOKEN_BYTES * 2 + 1);

	randombytes_buf(bytes, sizeof bytes);
	return sodium_bin2hex(hex, TOKEN_BYTES * 2 + 1, bytes, sizeof bytes);
}

void session_clear(struct web_session *session)
{
	g_free(session->kind);
	g_free(session->role);
	g_free(session->name);
	g_free(session->place);
	g_free(session->csrf);
	g_clear_pointer(&session->token_hash, g_bytes_unref);
	*session = (struct web_session){0};
}

static char *member(JsonObject *object, const char *name)
{
	return g_strdup(json_object_get_string_member_with_default(object, name, NULL));
}

gboolean session_read(struct web_call *call, GError **error)
{
	const char *token = g_hash_table_lookup(call->request->cookies, COOKIE);
	g_autoptr(GBytes) hash = NULL;
	g_autoptr(db_rows) rows = NULL;
	g_autoptr(JsonNode) node = NULL;
	JsonObject *object;

	if (!token || strlen(token) != TOKEN_BYTES * 2)
		return TRUE;
	hash = hash_of(token);
	rows = db_query(call->db, sql_session_find, DB(db_bytes(hash), db_time(call->now)), error);
	if (!rows)
		return FALSE;
	if (db_is_null(rows, 0, 0))
		return TRUE;
	node = json_from_string(db_get_text(rows, 0, 0), error);
	if (!node)
		return FALSE;
	object = json_node_get_object(node);
	call->session.account = json_object_get_int_member(object, "account");
	call->session.kind = member(object, "kind");
	call->session.name = member(object, "name");
	call->session.place = member(object, "department_name");
	call->session.csrf = member(object, "csrf");
	call->session.token_hash = g_steal_pointer(&hash);
	call->session.role =
	    strcmp(call->session.kind, "department") == 0
		? g_strdup_printf("d%d", (int)json_object_get_int_member(object, "department"))
		: g_strdup(call->session.kind);
	return TRUE;
}

void session_login_page(struct web_call *call, const char *problem)
{
	JsonObject *data = json_object_new();
	JsonNode *node = json_node_new(JSON_NODE_OBJECT);

	json_object_set_string_member(data, "problem", problem ? problem : "");
	json_object_set_string_member(data, "login", web_field(call, "login"));
	json_node_take_object(node, data);
	web_show(call, problem ? 403 : 200, "login", node);
}

/* {"id", "kind", "department", "name", "hash", "failures"}, or NULL for no such account. */
static gboolean find_account(struct web_call *call, const char *login, JsonNode **node_out,
			     GError **error)
{
	g_autoptr(db_rows) rows = db_query(call->db, sql_account_for_login,
					   DB(db_text(login), db_time(call->now)), error);

	*node_out = NULL;
	if (!rows)
		return FALSE;
	if (db_is_null(rows, 0, 0))
		return TRUE;
	*node_out = json_from_string(db_get_text(rows, 0, 0), error);
	return *node_out != NULL;
}

static gboolean start(struct web_call *call, gint64 account, GError **error)
{
	g_autofree char *token = random_token();
	g_autofree char *csrf = random_token();
	g_autoptr(GBytes) hash = hash_of(token);
	g_autoptr(GDateTime) expires = g_date_time_add_seconds(call->now, SESSION_S);
	gboolean secure = g_str_has_prefix(
	    office_setting(web_office(call->web), "office", "public_url", ""), "https:");

	if (!db_run(call->db, sql_session_start,
		    DB(db_bytes(hash), db_int(account), db_text(csrf), db_time(call->now),
		       db_time(expires)),
		    NULL, error))
		return FALSE;
	call->response->cookie =
	    g_strdup_printf(COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%d%s", token,
			    SESSION_S, secure ? "; Secure" : "");
	return TRUE;
}

void session_login(struct web_call *call)
{
	g_autofree char *login = g_strstrip(g_strdup(web_field(call, "login")));
	const char *password = web_field(call, "password");
	g_autoptr(JsonNode) node = NULL;
	GError *error = NULL;
	JsonObject *account;
	gboolean right;

	if (!find_account(call, login, &node, &error)) {
		web_fail(call, error);
		return;
	}
	account = node ? json_node_get_object(node) : NULL;
	if (account && json_object_get_int_member(account, "failures") >= FAILURES_MAX) {
		session_login_page(call, "too many");
		return;
	}
	/* takes the same time for a login that nobody has */
	right =
	    password_is(account ? json_object_get_string_member(account, "hash") : NULL, password);
	if (!right) {
		if (!db_run(call->db, sql_login_failed, DB(db_text(login), db_time(call->now)),
			    NULL, &error)) {
			web_fail(call, error);
			return;
		}
		session_login_page(call, "wrong");
		return;
	}
	if (!start(call, json_object_get_int_member(account, "id"), &error))
		web_fail(call, error);
	else
		web_redirect(call, "/");
}

void session_logout(struct web_call *call)
{
	GError *error = NULL;

	if (!db_run(call->db, sql_session_end, DB(db_bytes(call->session.token_hash)), NULL,
		    &error)) {
		web_fail(call, error);
		return;
	}
	call->response->cookie = g_strdup(COOKIE "=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
	web_redirect(call, "/login");
}
