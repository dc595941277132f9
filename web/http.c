#include "web/http.h"

#include "base/error.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define CONNECTIONS_MAX    512
#define CONNECTIONS_PER_IP 64
#define TIMEOUT_S          30

struct http {
	struct MHD_Daemon *daemon;
	http_handler *handler;
	void *user;
	guint port;
};

/* One request while its body comes in. */
struct incoming {
	GString *body;
	gboolean too_large;
};

static enum MHD_Result add_pair(void *user, enum MHD_ValueKind kind, const char *name,
				const char *value)
{
	(void)kind;
	if (g_utf8_validate(name, -1, NULL) && (!value || g_utf8_validate(value, -1, NULL)))
		g_hash_table_replace(user, g_strdup(name), g_strdup(value ? value : ""));
	return MHD_YES;
}

static GHashTable *pairs(struct MHD_Connection *connection, enum MHD_ValueKind kind)
{
	GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

	MHD_get_connection_values(connection, kind, add_pair, table);
	return table;
}

/* An urlencoded body; anything else gives an empty table. */
static GHashTable *parse_form(struct MHD_Connection *connection, const GString *body)
{
	static const char wanted[] = "application/x-www-form-urlencoded";
	const char *type =
	    MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_TYPE);
	GHashTable *table = NULL;

	if (type && g_ascii_strncasecmp(type, wanted, strlen(wanted)) == 0 &&
	    !memchr(body->str, '\0', body->len))
		table = g_uri_parse_params(body->str, (gssize)body->len, "&", G_URI_PARAMS_WWW_FORM,
					   NULL);
	return table ? table : g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static void add_headers(struct MHD_Response *out, const struct http_response *response)
{
	static const char page_policy[] =
	    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
	    "frame-ancestors 'none'; base-uri 'none'";
	static const char file_policy[] = "sandbox; default-src 'none'; frame-ancestors 'none'";
	static const char *const headers[][2] = {
	    {"X-Content-Type-Options", "nosniff"},
	    {"Referrer-Policy", "no-referrer"},
	    {"Cross-Origin-Opener-Policy", "same-origin"},
	    {"Cross-Origin-Resource-Policy", "same-origin"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(headers); i++)
		MHD_add_response_header(out, headers[i][0], headers[i][1]);
	MHD_add_response_header(out, "Content-Security-Policy",
				response->disposition ? file_policy : page_policy);
	MHD_add_response_header(out, "Cache-Control",
				response->cacheable ? "public, max-age=3600" : "no-store");
	MHD_add_response_header(out, "Vary", "Accept, Accept-Language, Cookie");
	MHD_add_response_header(out, MHD_HTTP_HEADER_CONTENT_TYPE,
				response->disposition ? "application/octet-stream"
						      : response->type);
	if (response->disposition)
		MHD_add_response_header(out, "Content-Disposition", response->disposition);
	if (response->location)
		MHD_add_response_header(out, MHD_HTTP_HEADER_LOCATION, response->location);
	if (response->cookie)
		MHD_add_response_header(out, MHD_HTTP_HEADER_SET_COOKIE, response->cookie);
}

/* What is sent: the file or the body. */
static struct MHD_Response *content_of(struct http_response *response)
{
	gsize size = response->body->len;
	void *bytes = g_string_free(response->body, FALSE);

	if (response->file) {
		g_free(bytes);
		bytes = g_bytes_unref_to_data(response->file, &size); /* not copied: it is ours */
	}
	/* g_free() is free() since GLib 2.46, so MHD may free what GLib made */
	return MHD_create_response_from_buffer(size, bytes, MHD_RESPMEM_MUST_FREE);
}

static enum MHD_Result reply(struct MHD_Connection *connection, struct http_response *response)
{
	struct MHD_Response *out = content_of(response);
	enum MHD_Result result;

	add_headers(out, response);
	result = MHD_queue_response(connection, response->status, out);
	MHD_destroy_response(out);
	g_free(response->location);
	g_free(response->cookie);
	g_free(response->disposition);
	return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, guint status, const char *words)
{
	struct http_response response = {
	    .status = status, .type = "text/plain; charset=utf-8", .body = g_string_new(words)};

	return reply(connection, &response);
}

static enum MHD_Result answer(struct http *http, struct MHD_Connection *connection,
			      const char *method, const char *path, const struct incoming *incoming)
{
	g_autoptr(GHashTable) query = pairs(connection, MHD_GET_ARGUMENT_KIND);
	g_autoptr(GHashTable) cookies = pairs(connection, MHD_COOKIE_KIND);
	g_autoptr(GHashTable) form = parse_form(connection, incoming->body);
	struct http_request request = {
	    .method = method,
	    .path = path,
	    .query = query,
	    .form = form,
	    .cookies = cookies,
	    .accept = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Accept"),
	    .site = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Sec-Fetch-Site"),
	    .language = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Accept-Language"),
	};
	struct http_response response = {
	    .status = 200, .type = "text/html; charset=utf-8", .body = g_string_new(NULL)};

	http->handler(&request, &response, http->user);
	return reply(connection, &response);
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *data,
				  size_t *data_size, void **state)
{
	struct incoming *incoming = *state;

	(void)version;
	if (!incoming) {
		incoming = g_new0(struct incoming, 1);
		incoming->body = g_string_new(NULL);
		*state = incoming;
		return MHD_YES;
	}
	if (*data_size) {
		incoming->too_large |= incoming->body->len + *data_size > HTTP_BODY_MAX;
		if (!incoming->too_large)
			g_string_append_len(incoming->body, data, (gssize)*data_size);
		*data_size = 0;
		return MHD_YES;
	}
	if (incoming->too_large)
		return refuse(connection, 413, "413\n");
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0 &&
	    strcmp(method, "POST") != 0)
		return refuse(connection, 405, "405\n");
	if (!g_utf8_validate(url, -1, NULL))
		return refuse(connection, 400, "400\n");
	return answer(user, connection, method, url, incoming);
}

static void on_end(void *user, struct MHD_Connection *connection, void **state,
		   enum MHD_RequestTerminationCode code)
{
	struct incoming *incoming = *state;

	(void)user;
	(void)connection;
	(void)code;
	if (!incoming)
		return;
	g_string_free(incoming->body, TRUE);
	g_free(incoming);
	*state = NULL;
}

static gboolean parse_listen(const char *listen, struct sockaddr_in *address_out, GError **error)
{
	const char *colon = strrchr(listen, ':');
	g_autofree char *host = colon ? g_strndup(listen, (gsize)(colon - listen)) : NULL;
	guint64 port = 0;

	*address_out = (struct sockaddr_in){.sin_family = AF_INET};
	if (host && inet_pton(AF_INET, host, &address_out->sin_addr) == 1 &&
	    g_ascii_string_to_unsigned(colon + 1, 10, 0, 65535, &port, NULL)) {
		address_out->sin_port = htons((guint16)port);
		return TRUE;
	}
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("“%s” is not an address like 127.0.0.1:8080"), listen);
	return FALSE;
}

struct http *http_start(const char *listen, http_handler *handler, void *user, guint threads,
			GError **error)
{
	struct http *http = g_new0(struct http, 1);
	struct sockaddr_in address;

	http->handler = handler;
	http->user = user;
	if (!parse_listen(listen, &address, error)) {
		g_free(http);
		return NULL;
	}
	http->daemon = MHD_start_daemon(
	    MHD_USE_AUTO_INTERNAL_THREAD, 0, NULL, NULL, on_request, http, MHD_OPTION_SOCK_ADDR,
	    &address, MHD_OPTION_THREAD_POOL_SIZE, threads, MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned)CONNECTIONS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
	    (unsigned)CONNECTIONS_PER_IP, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S,
	    MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u,
	    MHD_OPTION_END);
	if (!http->daemon) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
			    _("cannot listen on %s: %s"), listen, g_strerror(errno));
		g_free(http);
		return NULL;
	}
	http->port = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
	return http;
}

guint http_port(const struct http *http)
{
	return http->port;
}

void http_stop(struct http *http)
{
	if (!http)
		return;
	MHD_stop_daemon(http->daemon);
	g_free(http);
}
