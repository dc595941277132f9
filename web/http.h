#pragma once

/*
 * HTTP/1.1 over libmicrohttpd: this is the only file that knows it. A request is read whole (its
 * body at most HTTP_BODY_MAX), handed to one function, and answered with what that put into the
 * response. Every response carries the headers that keep a page from being framed, sniffed, cached,
 * or from telling its address to others.
 */
#include <glib.h>

#define HTTP_BODY_MAX (1u << 20)

struct http_request {
	const char *method; /* GET, HEAD, POST */
	const char *path;   /* decoded, valid UTF-8 */
	GHashTable *query;  /* char * -> char *: the last of a name counts */
	GHashTable *form;   /* of an urlencoded body; empty otherwise */
	GHashTable *cookies;
	const char *accept;   /* or NULL */
	const char *language; /* Accept-Language, or NULL */
	const char *site;     /* Sec-Fetch-Site: whose page the request comes from; or NULL */
};

/* Filled by the handler; cleared by the server. */
struct http_response {
	guint status;     /* 200 by default */
	const char *type; /* static; text/html; charset=utf-8 by default */
	GString *body;
	char *location; /* of a 303 */
	char *cookie;   /* Set-Cookie */
	gboolean cacheable;
	GBytes *file;      /* sent in the place of `body`: to be saved, never shown */
	char *disposition; /* its Content-Disposition */
};

/* Called by several threads at once. */
typedef void http_handler(const struct http_request *request, struct http_response *response,
			  void *user);

struct http;

/* Listens on "ADDRESS:PORT" (port 0: any free one). PINGYI_ERROR_INPUT for an address that is none,
 * PINGYI_ERROR_TEMPORARY when it cannot be had. Returns: (transfer full) */
struct http *http_start(const char *listen, http_handler *handler, void *user, guint threads,
			GError **error);
guint http_port(const struct http *http);
void http_stop(struct http *http);
