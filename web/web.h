#pragma once

/*
 * The pages: a function of a request and the database to a document. One query, many faces: a page
 * is one statement that returns one JSON document, which a browser gets through a template and a
 * program (Accept: application/json) as it is. Each request runs in one transaction under the role
 * of who asks (SET LOCAL ROLE), so that row security decides what it can see.
 */
#include "db/office.h"
#include "web/http.h"

#include <json-glib/json-glib.h>

struct web;

/* `now` is where the pages' clock starts. PINGYI_ERROR_BUG when a template of ours is wrong.
 * Returns: (transfer full) */
struct web *web_new(struct office *office, GDateTime *now, GError **error);
void web_free(struct web *web);

/* An http_handler; `user` is the struct web. */
void web_handle(const struct http_request *request, struct http_response *response, void *user);

/* --- for the files of this folder --- */

/* Who asks. */
struct web_session {
	gint64 account; /* 0: nobody has logged in */
	char *kind;     /* staff, supervisor, department */
	char *role;     /* staff, supervisor, d12 */
	char *name;     /* of the person */
	char *place;    /* of the department, or NULL */
	char *csrf;
	GBytes *token_hash;
};

/* One request on its way. */
struct web_call {
	struct web *web;
	const struct http_request *request;
	struct http_response *response;
	struct db *db; /* as "web", no transaction open */
	GDateTime *now;
	const char *language; /* zh or en */
	struct web_session session;
};

struct office *web_office(const struct web *web);

/* Begins a transaction under a role of the office ("staff", "d12", "link"). */
gboolean web_begin(struct web_call *call, const char *role, GError **error);

/* A field of the form, "" when it is missing. */
const char *web_field(const struct web_call *call, const char *name);

/* Answers with a page: the template `name` filled from `data` (transfer full) and from what every
 * page needs (office, lang, me, csrf, path). */
void web_show(struct web_call *call, guint status, const char *name, JsonNode *data);

/* Answers with 303. */
void web_redirect(struct web_call *call, const char *location);

/* Answers with the page of an error and the status that belongs to its code; frees it. */
void web_fail(struct web_call *call, GError *error);
void web_not_found(struct web_call *call);
void web_not_for(struct web_call *call); /* 403: the page is for people of another kind */

/* web/session.c: reads the cookie into call->session; the login page and what it does. */
gboolean session_read(struct web_call *call, GError **error);
void session_clear(struct web_session *session);
void session_login_page(struct web_call *call, const char *problem);
void session_login(struct web_call *call);
void session_logout(struct web_call *call);

/* web/action.c: POST of staff and departments. FALSE when no action has this path. */
gboolean action_handle(struct web_call *call);

/* web/download.c: GET of /message/ID/raw (the message as it came) and /message/ID/file/SHA256 (one
 * of its attachments), for staff; that somebody read it is an event. FALSE when it is another path.
 */
gboolean download_handle(struct web_call *call);

/* web/link.c: everything below /l/. */
void link_handle(struct web_call *call);
