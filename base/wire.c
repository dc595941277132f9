#include "base/wire.h"

#include "base/error.h"
#include "base/heard.h"
#include "base/refusal.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

#define CHUNK_BYTES     16384
#define BLOCK_BYTES     16384 /* a record of TLS */
#define SLOWEST_PER_MS  10    /* bytes: a large read may take this long */
#define POLL_SLICE_MS   1000
#define FORGET_AT_BYTES (1u << 20)

struct wire {
	CURLM *multi; /* the handle stays in it: taken out, it could not send any more */
	CURL *easy;
	curl_socket_t socket;
	gboolean open;
	gboolean secure;   /* TLS may hold bytes back that poll() knows nothing of */
	gboolean ended;    /* the server has closed it */
	gint64 open_until; /* monotonic, µs */
	guint answer_ms;
	gsize line_max;
	guint8 *block;  /* of TLS: what a write is tried again from … */
	gsize stuck;    /* … and how much of it; 0: nothing */
	GByteArray *in; /* what came and was not read yet begins at `at` */
	gsize at;
	char problem[CURL_ERROR_SIZE];
	char tls[16];        /* "" without */
	struct heard *heard; /* while it opens */
};

static gint64 deadline_after(guint ms)
{
	return g_get_monotonic_time() + (gint64)ms * 1000;
}

/* Milliseconds until a deadline, for poll(); 0 when it has passed. */
static int left_ms(gint64 deadline)
{
	gint64 left = (deadline - g_get_monotonic_time() + 999) / 1000;

	return (int)CLAMP(left, 0, POLL_SLICE_MS);
}

static gboolean fail_timeout(GError **error)
{
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
			    _("the mail server did not answer in time"));
	return FALSE;
}

static gboolean fail_lost(GError **error)
{
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
			    _("the connection to the mail server was lost"));
	return FALSE;
}

/* What can be done about a failed opening. `code` is the server's last answer, 0 if none; `refusal`
 * its words. */
static enum pingyi_error kind_of(CURLcode result, long code, const char *refusal)
{
	gboolean later = code / 100 == 4 || (refusal && refusal_is_too_fast(refusal));

	switch (result) {
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_SSL_CACERT_BADFILE:
		return PINGYI_ERROR_INPUT;
	case CURLE_LOGIN_DENIED:
		/* QQ's words for a wrong password name whatever it may be, haste too */
		return code / 100 == 4 ? PINGYI_ERROR_TEMPORARY : PINGYI_ERROR_PERMANENT;
	case CURLE_PEER_FAILED_VERIFICATION:
		return PINGYI_ERROR_PERMANENT;
	case CURLE_USE_SSL_FAILED:
	case CURLE_REMOTE_ACCESS_DENIED:
		return later ? PINGYI_ERROR_TEMPORARY : PINGYI_ERROR_PERMANENT;
	default:
		return code / 100 == 5 && !later ? PINGYI_ERROR_PERMANENT : PINGYI_ERROR_TEMPORARY;
	}
}

/* What kept the connection from opening, in words of ours; NULL where libcurl's say it. */
static const char *reason_of(CURLcode result)
{
	switch (result) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return _("its name is not known");
	case CURLE_COULDNT_CONNECT:
		return _("nobody answers there");
	case CURLE_OPERATION_TIMEDOUT:
		return _("it did not answer in time");
	case CURLE_PEER_FAILED_VERIFICATION:
		return _("its certificate is not to be trusted");
	case CURLE_SSL_CACERT_BADFILE:
		return _("ca_file cannot be read");
	case CURLE_USE_SSL_FAILED:
		return _("it offers no encryption (STARTTLS)");
	case CURLE_SSL_CONNECT_ERROR:
		return _("the encryption failed");
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_GOT_NOTHING:
		return _("it closed the connection");
	default:
		return NULL;
	}
}

/* "" where they say no more than ours. Returns: (transfer full) */
static char *libcurls_words(const struct wire *wire, CURLcode result)
{
	const char *words = *wire->problem ? wire->problem : curl_easy_strerror(result);

	if (result == CURLE_RECV_ERROR || result == CURLE_SEND_ERROR || result == CURLE_GOT_NOTHING)
		words = "";
	return g_strstrip(g_utf8_make_valid(words, -1));
}

static gboolean fail_open(struct wire *wire, CURLcode result, GError **error)
{
	const char *refusal = heard_refusal(wire->heard);
	const char *reason = reason_of(result);
	g_autofree char *said = heard_quote(wire->heard);
	g_autofree char *why = said ? g_strdup(said) : libcurls_words(wire, result);
	enum pingyi_error kind;
	long code = 0;

	curl_easy_getinfo(wire->easy, CURLINFO_RESPONSE_CODE, &code);
	kind = kind_of(result, code, refusal);
	if (heard_is_strange(wire->heard))
		reason = _("it answers, but not as a mail server does");
	if (result == CURLE_LOGIN_DENIED && !said)
		g_set_error_literal(error, PINGYI_ERROR, kind,
				    _("the mail server refused the login"));
	else if (result == CURLE_LOGIN_DENIED)
		g_set_error(error, PINGYI_ERROR, kind, _("the mail server refused the login: %s"),
			    said);
	else if (refusal && result != CURLE_USE_SSL_FAILED)
		g_set_error(error, PINGYI_ERROR, kind,
			    _("the mail server refused the connection: %s"), said);
	else
		g_set_error(error, PINGYI_ERROR, kind,
			    _("the mail server could not be reached: %s%s%s%s"),
			    reason ? reason : "", reason && *why ? " (" : "", why,
			    reason && *why ? ")" : "");
	return FALSE;
}

/* NULL where libcurl may choose. */
static const char *login_options_of(const char *login)
{
	static const char *const known[][2] = {
	    {"plain", "AUTH=PLAIN"}, {"login", "AUTH=LOGIN"}, {"xoauth2", "AUTH=XOAUTH2"}};

	for (guint i = 0; login && i < G_N_ELEMENTS(known); i++)
		if (strcmp(login, known[i][0]) == 0)
			return known[i][1];
	return NULL;
}

/* Of what curl tells about its doings the version of TLS is kept, and what the server says. */
static int note_doings(CURL *easy, curl_infotype type, char *text, size_t size, void *user)
{
	static const char start[] = "SSL connection using ";
	struct wire *wire = user;
	gsize length = strlen(start);

	(void)easy;
	if (type == CURLINFO_TEXT && size > length && memcmp(text, start, length) == 0) {
		g_autofree char *version = g_strndup(text + length, size - length);

		version[strcspn(version, " /\n")] = '\0';
		g_strlcpy(wire->tls, version, sizeof(wire->tls));
	}
	if (type == CURLINFO_HEADER_IN)
		heard_add(wire->heard, text, size);
	return 0;
}

static gboolean set_up(struct wire *wire, const struct wire_options *options)
{
	CURL *easy = wire->easy;
	gboolean login = options->user && *options->user;
	long tls = options->starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE;
	const char *login_options = login_options_of(options->login);
	CURLcode result = CURLE_OK;

#define SET(option, value)                                                                         \
	do {                                                                                       \
		if (result == CURLE_OK)                                                            \
			result = curl_easy_setopt(easy, option, value);                            \
	} while (0)
	SET(CURLOPT_ERRORBUFFER, wire->problem);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_VERBOSE, 1L);
	SET(CURLOPT_DEBUGFUNCTION, note_doings);
	SET(CURLOPT_DEBUGDATA, wire);
	SET(CURLOPT_CONNECT_ONLY, 1L);
	SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps,imap,imaps,pop3,pop3s");
	SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	SET(CURLOPT_URL, options->url);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)options->open_ms);
	SET(CURLOPT_USE_SSL, tls);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (options->ca_file && *options->ca_file)
		SET(CURLOPT_CAINFO, options->ca_file);
	if (login) {
		SET(CURLOPT_USERNAME, options->user);
		if (login_options && strcmp(options->login, "xoauth2") == 0)
			SET(CURLOPT_XOAUTH2_BEARER, options->password ? options->password : "");
		else
			SET(CURLOPT_PASSWORD, options->password ? options->password : "");
		if (login_options)
			SET(CURLOPT_LOGIN_OPTIONS, login_options);
	}
#undef SET
	return result == CURLE_OK && curl_multi_add_handle(wire->multi, easy) == CURLM_OK;
}

struct wire *wire_start(const struct wire_options *options, GError **error)
{
	static gsize ready;
	struct wire *wire;

	if (g_once_init_enter(&ready))
		g_once_init_leave(&ready,
				  curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 1 : 2);
	wire = g_new0(struct wire, 1);
	wire->multi = curl_multi_init();
	wire->easy = curl_easy_init();
	wire->in = g_byte_array_sized_new(CHUNK_BYTES);
	wire->socket = CURL_SOCKET_BAD;
	wire->secure = options->starttls || strstr(options->url, "s://") != NULL;
	wire->open_until = deadline_after(options->open_ms);
	wire->answer_ms = options->answer_ms;
	wire->line_max = options->line_max;
	wire->heard = heard_new(options->user, options->password);
	if (ready == 1 && wire->multi && wire->easy && set_up(wire, options))
		return wire;
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
			    _("a connection could not be prepared"));
	wire_close(wire);
	return NULL;
}

/* How the opening ended, if it has: TRUE when there is a result. */
static gboolean opening_ended(struct wire *wire, CURLcode *result_out)
{
	const CURLMsg *message;
	int left = 0;

	while ((message = curl_multi_info_read(wire->multi, &left)) != NULL)
		if (message->msg == CURLMSG_DONE) {
			*result_out = message->data.result;
			return TRUE;
		}
	return FALSE;
}

gboolean wire_opened(struct wire *wire, guint wait_ms, gboolean *open_out, GError **error)
{
	CURLcode result = CURLE_OK;
	int running = 0;
	int wait = MIN((int)MIN(wait_ms, POLL_SLICE_MS), left_ms(wire->open_until));

	*open_out = wire->open;
	if (wire->open)
		return TRUE;
	if (curl_multi_perform(wire->multi, &running) != CURLM_OK)
		return fail_lost(error);
	if (running && wait > 0) {
		curl_multi_poll(wire->multi, NULL, 0, wait, NULL);
		if (curl_multi_perform(wire->multi, &running) != CURLM_OK)
			return fail_lost(error);
	}
	if (!opening_ended(wire, &result))
		return left_ms(wire->open_until) > 0 ||
		       fail_open(wire, CURLE_OPERATION_TIMEDOUT, error);
	if (result != CURLE_OK)
		return fail_open(wire, result, error);
	if (curl_easy_getinfo(wire->easy, CURLINFO_ACTIVESOCKET, &wire->socket) != CURLE_OK ||
	    wire->socket == CURL_SOCKET_BAD)
		return fail_lost(error);
	curl_easy_setopt(wire->easy, CURLOPT_VERBOSE, 0L);
	wire->open = *open_out = TRUE;
	return TRUE;
}

struct wire *wire_open(const struct wire_options *options, GError **error)
{
	struct wire *wire = wire_start(options, error);
	gboolean open = FALSE;

	while (wire && !open)
		if (!wire_opened(wire, POLL_SLICE_MS, &open, error))
			g_clear_pointer(&wire, wire_close);
	return wire;
}

void wire_close(struct wire *wire)
{
	if (!wire)
		return;
	if (wire->multi && wire->easy)
		curl_multi_remove_handle(wire->multi, wire->easy);
	curl_easy_cleanup(wire->easy);
	curl_multi_cleanup(wire->multi);
	g_byte_array_unref(wire->in);
	heard_free(wire->heard);
	g_free(wire->block);
	g_free(wire);
}

const char *wire_tls(const struct wire *wire)
{
	return *wire->tls ? wire->tls : NULL;
}

void wire_set_answer_ms(struct wire *wire, guint answer_ms)
{
	wire->answer_ms = answer_ms;
}

/* Waits until the socket can be read (or written), at most until `deadline`. */
static gboolean wait_for(struct wire *wire, short what, gint64 deadline, GError **error)
{
	struct pollfd fd = {.fd = wire->socket, .events = what};
	int left = left_ms(deadline);

	if (left == 0)
		return fail_timeout(error);
	if (poll(&fd, 1, left) < 0 && errno != EINTR)
		return fail_lost(error);
	return TRUE;
}

/* What was read need not be kept. */
static void forget(struct wire *wire)
{
	if (wire->at == wire->in->len)
		g_byte_array_set_size(wire->in, 0);
	else if (wire->at > FORGET_AT_BYTES)
		g_byte_array_remove_range(wire->in, 0, (guint)wire->at);
	else
		return;
	wire->at = 0;
}

/* Waits for more bytes and puts them behind those that are there. */
static gboolean fill(struct wire *wire, gint64 deadline, GError **error)
{
	guint8 chunk[CHUNK_BYTES];
	gsize got = 0;
	CURLcode result;

	forget(wire);
	for (;;) {
		result = curl_easy_recv(wire->easy, chunk, sizeof(chunk), &got);
		if (result != CURLE_AGAIN)
			break;
		if (!wait_for(wire, POLLIN, deadline, error))
			return FALSE;
	}
	if (result != CURLE_OK || got == 0)
		return fail_lost(error);
	g_byte_array_append(wire->in, chunk, (guint)got);
	/* One that sends drop by drop may not do so for ever. */
	return g_get_monotonic_time() < deadline || fail_timeout(error);
}

/* Takes the line that ends at `end` (NULL: no line of a length that is allowed). */
static const char *take_line(struct wire *wire, const guint8 *end, gsize *length_out,
			     GError **error)
{
	char *line = (char *)wire->in->data + wire->at;
	gsize length = end ? (gsize)((const char *)end - line) : 0;

	if (!end || length >= wire->line_max || memchr(line, '\0', length)) {
		g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
				    _("the mail server sent a line that is too long or damaged"));
		return NULL;
	}
	wire->at += length + 1;
	if (length > 0 && line[length - 1] == '\r')
		length--;
	line[length] = '\0';
	if (length_out)
		*length_out = length;
	return line;
}

/* Where the next line ends, among what was read, from `seen` bytes on. */
static const guint8 *line_end(const struct wire *wire, gsize seen)
{
	return memchr(wire->in->data + wire->at + seen, '\n', wire->in->len - wire->at - seen);
}

const char *wire_line(struct wire *wire, gsize *length_out, GError **error)
{
	gint64 start = g_get_monotonic_time();
	gsize seen = 0;
	const guint8 *end;

	while (!(end = line_end(wire, seen))) {
		seen = wire->in->len - wire->at;
		if (seen >= wire->line_max)
			break;
		if (!fill(wire,
			  start + ((gint64)wire->answer_ms + (gint64)seen / SLOWEST_PER_MS) * 1000,
			  error))
			return NULL;
	}
	return take_line(wire, end, length_out, error);
}

int wire_socket(const struct wire *wire)
{
	return wire->socket;
}

gboolean wire_pull(struct wire *wire, GError **error)
{
	guint8 chunk[CHUNK_BYTES];
	gsize got = 0;
	CURLcode result;

	if (wire->ended)
		return fail_lost(error);
	forget(wire);
	do {
		result = curl_easy_recv(wire->easy, chunk, sizeof(chunk), &got);
		if (result == CURLE_AGAIN)
			return TRUE;
		wire->ended = result != CURLE_OK || got == 0;
		if (!wire->ended)
			g_byte_array_append(wire->in, chunk, (guint)got);
	} while (!wire->ended && (wire->secure || got == sizeof(chunk)) &&
		 wire->in->len - wire->at < FORGET_AT_BYTES);
	return !wire->ended || wire->in->len > wire->at || fail_lost(error);
}

const char *wire_line_now(struct wire *wire, gsize *length_out, GError **error)
{
	const guint8 *end = wire->in->len > wire->at ? line_end(wire, 0) : NULL;

	if (!end && wire->in->len - wire->at < wire->line_max)
		return NULL;
	return take_line(wire, end, length_out, error);
}

/* Gives some bytes to libcurl. With TLS a write that could not be done must be tried again from the
 * same place with the same length, and the caller's buffer may have moved or grown: so they are
 * copied. */
static CURLcode push_some(struct wire *wire, const guint8 *bytes, gsize size, gsize *taken_out)
{
	CURLcode result;

	if (!wire->secure)
		return curl_easy_send(wire->easy, bytes, size, taken_out);
	if (!wire->block)
		wire->block = g_malloc(BLOCK_BYTES);
	if (wire->stuck == 0) {
		wire->stuck = MIN(size, BLOCK_BYTES);
		memcpy(wire->block, bytes, wire->stuck);
	}
	result = curl_easy_send(wire->easy, wire->block, wire->stuck, taken_out);
	if (result != CURLE_AGAIN)
		wire->stuck = 0;
	return result;
}

gboolean wire_push(struct wire *wire, const void *bytes, gsize size, gsize *taken_out,
		   GError **error)
{
	CURLcode result;

	*taken_out = 0;
	while (*taken_out < size) {
		gsize taken = 0;

		result =
		    push_some(wire, (const guint8 *)bytes + *taken_out, size - *taken_out, &taken);
		if (result == CURLE_AGAIN)
			return TRUE;
		if (result != CURLE_OK)
			return fail_lost(error);
		*taken_out += taken;
	}
	return TRUE;
}

/* Takes at most `size` bytes out of what is there, waiting when nothing is. */
static const guint8 *take(struct wire *wire, gsize size, gint64 deadline, gsize *got_out,
			  GError **error)
{
	const guint8 *bytes;

	if (wire->at == wire->in->len && !fill(wire, deadline, error))
		return NULL;
	bytes = wire->in->data + wire->at;
	*got_out = MIN(size, wire->in->len - wire->at);
	wire->at += *got_out;
	return bytes;
}

GBytes *wire_read(struct wire *wire, gsize size, GError **error)
{
	gint64 deadline = deadline_after(wire->answer_ms) + (gint64)size / SLOWEST_PER_MS * 1000;
	GByteArray *out = g_byte_array_new();
	gsize got = 0;

	while (out->len < size) {
		const guint8 *bytes = take(wire, size - out->len, deadline, &got, error);

		if (!bytes) {
			g_byte_array_unref(out);
			return NULL;
		}
		g_byte_array_append(out, bytes, (guint)got);
	}
	return g_byte_array_free_to_bytes(out);
}

const guint8 *wire_peek(struct wire *wire, gint64 started, guint64 seen, gsize *size_out,
			GError **error)
{
	gint64 limit_ms = (gint64)wire->answer_ms + (gint64)(seen / SLOWEST_PER_MS);

	if (wire->at == wire->in->len && !fill(wire, started + limit_ms * 1000, error))
		return NULL;
	*size_out = wire->in->len - wire->at;
	return wire->in->data + wire->at;
}

void wire_take(struct wire *wire, gsize size)
{
	wire->at += MIN(size, wire->in->len - wire->at);
}

gboolean wire_skip(struct wire *wire, guint64 size, GError **error)
{
	gint64 deadline = deadline_after(wire->answer_ms) + (gint64)(size / SLOWEST_PER_MS) * 1000;
	gsize got = 0;

	for (; size > 0; size -= got)
		if (!take(wire, (gsize)MIN(size, CHUNK_BYTES), deadline, &got, error))
			return FALSE;
	return TRUE;
}

gboolean wire_write(struct wire *wire, const void *bytes, gsize size, gsize *sent_out,
		    GError **error)
{
	gint64 deadline = deadline_after(wire->answer_ms) + (gint64)size / SLOWEST_PER_MS * 1000;
	gsize sent = 0;
	gboolean good = TRUE;

	while (good && sent < size) {
		gsize taken = 0;
		CURLcode result =
		    curl_easy_send(wire->easy, (const char *)bytes + sent, size - sent, &taken);

		if (result == CURLE_OK)
			sent += taken;
		else if (result == CURLE_AGAIN)
			good = wait_for(wire, POLLOUT, deadline, error);
		else
			good = fail_lost(error);
	}
	if (sent_out)
		*sent_out = sent;
	return good;
}
