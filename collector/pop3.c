#include "collector/pop3.h"

#include "base/error.h"
#include "base/refusal.h"
#include "base/wire.h"
#include "collector/pop3_text.h"

#include <string.h>

#define OPEN_MS    30000
#define ANSWER_MS  60000
#define LIST_MS    600000 /* for a list of all messages */
#define HEAD_LINES 200u   /* behind the header, of what is too large */

struct pop3 {
	struct wire *wire;
	char *host;
	gint64 list_until; /* monotonic, µs: of the list that is read */
	gboolean refused;  /* the last command: the session goes on */
};

static gboolean fail(GError **error, const char *words)
{
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT, words);
	return FALSE;
}

static gboolean fail_bounds(GError **error)
{
	return fail(error, _("the mail server sent more than was asked for"));
}

/* What the server refused, in its words. RFC 2449 and 3206 say which refusals pass. */
static gboolean fail_words(struct pop3 *pop3, GError **error, const char *words)
{
	static const char *const passing[] = {"[IN-USE]", "[SYS/TEMP]", "[LOGIN-DELAY]"};
	enum pingyi_error code = PINGYI_ERROR_PERMANENT;

	for (guint i = 0; i < G_N_ELEMENTS(passing); i++)
		if (strstr(words, passing[i]))
			code = PINGYI_ERROR_TEMPORARY;
	pop3->refused = TRUE;
	return refusal_set(error, code, words);
}

/* One command and the first line that answers it. */
static gboolean ask(struct pop3 *pop3, const char *command, GError **error)
{
	g_autofree char *line = g_strdup_printf("%s\r\n", command);
	const char *answer;

	pop3->refused = FALSE;
	if (!wire_write(pop3->wire, line, strlen(line), NULL, error))
		return FALSE;
	answer = wire_line(pop3->wire, NULL, error);
	if (!answer)
		return FALSE;
	return g_str_has_prefix(answer, "+OK") || fail_words(pop3, error, answer);
}

static gboolean read_url(struct pop3 *pop3, const char *url, GError **error)
{
	g_autofree char *scheme = NULL;
	g_autofree char *person = NULL;
	g_autofree char *path = NULL;

	if (g_uri_split(url, G_URI_FLAGS_NONE, &scheme, &person, &pop3->host, NULL, &path, NULL,
			NULL, NULL) &&
	    scheme && pop3->host && *pop3->host && !person &&
	    (!path || !*path || strcmp(path, "/") == 0) &&
	    (strcmp(scheme, "pop3") == 0 || strcmp(scheme, "pop3s") == 0))
		return TRUE;
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("the source's URL is not pop3://host or pop3s://host (the user is a "
			      "setting of its own)"));
	return FALSE;
}

struct pop3 *pop3_open(const struct pop3_options *options, GError **error)
{
	struct pop3 *pop3 = g_new0(struct pop3, 1);
	struct wire_options wire = {
	    .url = options->url,
	    .user = options->user,
	    .password = options->password,
	    .starttls = options->starttls,
	    .ca_file = options->ca_file,
	    .open_ms = OPEN_MS,
	    .answer_ms = options->answer_ms ? options->answer_ms : ANSWER_MS,
	    .line_max = POP3_LINE_MAX,
	};

	if (!options->user || !*options->user)
		g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
				    _("POP3 needs a user"));
	else if (read_url(pop3, options->url, error))
		pop3->wire = wire_open(&wire, error);
	if (pop3->wire)
		return pop3;
	pop3_close(pop3);
	return NULL;
}

void pop3_close(struct pop3 *pop3)
{
	if (!pop3)
		return;
	wire_close(pop3->wire);
	g_free(pop3->host);
	g_free(pop3);
}

const char *pop3_host(const struct pop3 *pop3)
{
	return pop3->host;
}

gboolean pop3_has_refused(const struct pop3 *pop3)
{
	return pop3->refused;
}

/* The next line of a list, after its dot; NULL without an error at its end. */
static const char *list_line(struct pop3 *pop3, GError **error)
{
	const char *line = wire_line(pop3->wire, NULL, error);

	if (line && g_get_monotonic_time() > pop3->list_until) {
		g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
				    _("the mail server did not answer in time"));
		return NULL;
	}
	return line && strcmp(line, ".") != 0 ? line : NULL;
}

static void clear_message(gpointer data)
{
	struct pop3_message *message = data;

	g_free(message->uidl);
}

/* Each message once, by rising numbers, as RFC 1939 has it: then no list is searched. */
static gboolean read_ids(struct pop3 *pop3, GArray *messages, GError **error)
{
	GError *problem = NULL;
	const char *line;

	while ((line = list_line(pop3, &problem)) != NULL) {
		guint32 last =
		    messages->len
			? g_array_index(messages, struct pop3_message, messages->len - 1).number
			: 0;
		struct pop3_message message = {0};
		guint64 number = 0;
		const char *id = NULL;

		if (messages->len >= POP3_MESSAGES_MAX)
			return fail_bounds(error);
		if (!pop3_text_pair(line, &number, &id) || number <= last || !pop3_text_uidl_ok(id))
			return fail(error, _("the mail server's list of messages is damaged"));
		message.number = (guint32)number;
		message.uidl = g_strdup(id);
		g_array_append_val(messages, message);
	}
	if (problem)
		g_propagate_error(error, problem);
	return !problem;
}

/* Sizes, in the same order; one that UIDL did not name is passed over. */
static gboolean read_sizes(struct pop3 *pop3, GArray *messages, GError **error)
{
	GError *problem = NULL;
	const char *line;
	guint lines = 0;
	guint at = 0;

	while ((line = list_line(pop3, &problem)) != NULL) {
		guint64 number = 0;
		const char *size = NULL;

		if (lines++ >= POP3_MESSAGES_MAX)
			return fail_bounds(error);
		if (!pop3_text_pair(line, &number, &size))
			return fail(error, _("the mail server's list of messages is damaged"));
		while (at < messages->len &&
		       g_array_index(messages, struct pop3_message, at).number < number)
			at++;
		if (at < messages->len &&
		    g_array_index(messages, struct pop3_message, at).number == number)
			g_array_index(messages, struct pop3_message, at).size =
			    g_ascii_strtoull(size, NULL, 10);
	}
	if (problem)
		g_propagate_error(error, problem);
	return !problem;
}

GArray *pop3_list(struct pop3 *pop3, GError **error)
{
	GArray *messages = g_array_new(FALSE, FALSE, sizeof(struct pop3_message));

	g_array_set_clear_func(messages, clear_message);
	pop3->list_until = g_get_monotonic_time() + (gint64)LIST_MS * 1000;
	if (ask(pop3, "UIDL", error) && read_ids(pop3, messages, error) &&
	    ask(pop3, "LIST", error) && read_sizes(pop3, messages, error))
		return messages;
	g_array_unref(messages);
	return NULL;
}

/* What answers RETR and TOP. */
static gboolean receive(struct pop3 *pop3, guint64 max, pop3_flow *flow, void *user, GError **error)
{
	gint64 started = g_get_monotonic_time();
	g_autoptr(GByteArray) out = g_byte_array_new();
	struct pop3_text text = {0};
	guint64 seen = 0;

	while (!text.ended) {
		gsize size = 0;
		const guint8 *bytes = wire_peek(pop3->wire, started, seen, &size, error);

		if (!bytes)
			return FALSE;
		g_byte_array_set_size(out, 0);
		size = pop3_text_take(&text, bytes, size, out);
		wire_take(pop3->wire, size);
		seen += size;
		if (seen / 2 > max)
			return fail_bounds(error);
		if (out->len > 0 && !flow(user, out->data, out->len, error))
			return FALSE;
	}
	return TRUE;
}

gboolean pop3_fetch(struct pop3 *pop3, guint32 number, gboolean head, guint64 max, pop3_flow *flow,
		    void *user, GError **error)
{
	g_autofree char *command = head ? g_strdup_printf("TOP %u %u", number, HEAD_LINES)
					: g_strdup_printf("RETR %u", number);

	return ask(pop3, command, error) && receive(pop3, max, flow, user, error);
}

gboolean pop3_delete(struct pop3 *pop3, guint32 number, GError **error)
{
	g_autofree char *command = g_strdup_printf("DELE %u", number);

	return ask(pop3, command, error);
}

gboolean pop3_quit(struct pop3 *pop3, GError **error)
{
	return ask(pop3, "QUIT", error);
}
