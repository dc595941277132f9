#include "collector/imap_session.h"

#include "base/error.h"
#include "base/refusal.h"

#include <string.h>

#define OPEN_MS        30000
#define ANSWER_MS      60000
#define LOGOUT_MS      2000
#define COMMAND_MS     1800000 /* a server may index a large mailbox before it answers */
#define SLOWEST_PER_MS 10      /* bytes of literals: so slow they may be */
#define LITERALS_MAX   16u     /* of one response */

gboolean imap_fail_bounds(GError **error)
{
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
			    _("the mail server sent more than was asked for"));
	return FALSE;
}

gboolean imap_fail_late(GError **error)
{
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
			    _("the mail server did not answer in time"));
	return FALSE;
}

/* Reads the literal that a line announced. */
static gboolean read_literal(struct imap *imap, struct imap_exchange *exchange, guint64 size,
			     struct imap_text_response *response, GError **error)
{
	gboolean taken = FALSE;
	GBytes *bytes = NULL;

	if (size > exchange->max_total - exchange->literals ||
	    response->literals->len >= LITERALS_MAX)
		return imap_fail_bounds(error);
	exchange->literals += (gsize)size;
	exchange->until += (gint64)(size / SLOWEST_PER_MS) * 1000;
	if (exchange->take && !exchange->take(imap, exchange->user, size, response, &taken, error))
		return FALSE;
	if (taken) {
		bytes = NULL;
	} else if (size > exchange->max_each) {
		if (!wire_skip(imap->wire, size, error))
			return FALSE;
	} else {
		bytes = wire_read(imap->wire, (gsize)size, error);
		if (!bytes)
			return FALSE;
	}
	g_ptr_array_add(response->literals, bytes);
	return TRUE;
}

/* Whether a line is data, so that a literal may follow; states end with words of any kind. */
static gboolean is_data(const char *line)
{
	static const char *const states[] = {"* OK", "* NO", "* BAD", "* BYE", "* PREAUTH"};

	for (guint i = 0; i < G_N_ELEMENTS(states); i++)
		if (g_ascii_strncasecmp(line, states[i], strlen(states[i])) == 0)
			return FALSE;
	return g_str_has_prefix(line, "* ");
}

static gboolean read_response(struct imap *imap, struct imap_exchange *exchange,
			      struct imap_text_response *response, GError **error)
{
	gboolean more = TRUE;

	g_string_truncate(response->text, 0);
	g_ptr_array_set_size(response->literals, 0);
	while (more) {
		guint64 size = 0;
		gsize length = 0;
		const char *line = wire_line(imap->wire, &length, error);

		if (!line)
			return FALSE;
		exchange->texts += length + 2;
		if (exchange->texts > IMAP_TEXT_MAX)
			return imap_fail_bounds(error);
		/* One that sends drop by drop may not do so for ever. */
		if (g_get_monotonic_time() > exchange->until)
			return imap_fail_late(error);
		g_string_append_len(response->text, line, (gssize)length);
		more = is_data(response->text->str) && imap_text_literal(line, length, &size);
		if (more && !read_literal(imap, exchange, size, response, error))
			return FALSE;
	}
	return TRUE;
}

static void unref_bytes(gpointer bytes)
{
	if (bytes)
		g_bytes_unref(bytes);
}

gboolean imap_read_until(struct imap *imap, const char *tag, struct imap_exchange *exchange,
			 GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GPtrArray) literals = g_ptr_array_new_with_free_func(unref_bytes);
	struct imap_text_response response = {text, literals};

	exchange->until = g_get_monotonic_time() + (gint64)imap->command_ms * 1000;
	for (;;) {
		const char *state;

		if (!read_response(imap, exchange, &response, error))
			return FALSE;
		if (g_ascii_strncasecmp(text->str, "* BYE", 5) == 0)
			return refusal_set(error, PINGYI_ERROR_TEMPORARY, text->str + 2);
		if (exchange->see && !exchange->see(exchange->user, &response, error))
			return FALSE;
		if (g_str_has_prefix(text->str, "* "))
			continue;
		state = text->str + strlen(tag);
		if (!g_str_has_prefix(text->str, tag))
			return refusal_set(error, PINGYI_ERROR_PERMANENT, text->str);
		imap->broken = FALSE;
		if (g_ascii_strncasecmp(state, " OK", 3) == 0)
			return TRUE;
		return refusal_set(error,
				   strstr(state, "[UNAVAILABLE]") || strstr(state, "[INUSE]")
				       ? PINGYI_ERROR_TEMPORARY
				       : PINGYI_ERROR_PERMANENT,
				   *state ? state + 1 : state);
	}
}

gboolean imap_run(struct imap *imap, const char *command, struct imap_exchange *exchange,
		  GError **error)
{
	g_autofree char *tag = g_strdup_printf("P%05u", ++imap->tag);
	g_autofree char *line = g_strdup_printf("%s %s\r\n", tag, command);
	struct imap_exchange plain = {.max_each = IMAP_SMALL_LITERALS,
				      .max_total = IMAP_SMALL_LITERALS};

	/* It is broken until the server has answered. */
	imap->broken = TRUE;
	return wire_write(imap->wire, line, strlen(line), NULL, error) &&
	       imap_read_until(imap, tag, exchange ? exchange : &plain, error);
}

/* Whether a word stands in a response's text, whole and in any case. */
static gboolean has_word(const char *text, const char *word)
{
	g_auto(GStrv) words = g_strsplit_set(text, " []()", 0);

	for (char **one = words; *one; one++)
		if (g_ascii_strcasecmp(*one, word) == 0)
			return TRUE;
	return FALSE;
}

struct capabilities {
	struct imap *imap;
	gboolean id; /* it wants to know who we are */
};

static gboolean see_capability(void *user, const struct imap_text_response *response,
			       GError **error)
{
	struct capabilities *can = user;
	const char *text = response->text->str;

	(void)error;
	if (g_ascii_strncasecmp(text, "* CAPABILITY ", 13) != 0)
		return TRUE;
	can->id |= has_word(text, "ID");
	can->imap->can_move |= has_word(text, "MOVE");
	can->imap->can_idle |= has_word(text, "IDLE");
	can->imap->can_expunge_some |= has_word(text, "UIDPLUS");
	return TRUE;
}

static gboolean introduce(struct imap *imap, GError **error)
{
	struct capabilities can = {.imap = imap};
	struct imap_exchange exchange = {.see = see_capability, .user = &can};

	return imap_run(imap, "CAPABILITY", &exchange, error) &&
	       (!can.id ||
		imap_run(imap, "ID (\"name\" \"pingyi\" \"version\" \"" PINGYI_VERSION "\")", NULL,
			 error));
}

/* Takes the URL apart; `server_out` is what the connection needs of it. */
static gboolean read_url(struct imap *imap, const char *url, char **server_out, GError **error)
{
	g_autofree char *scheme = NULL;
	g_autofree char *person = NULL;
	g_autofree char *path = NULL;
	int port = -1;

	if (!g_uri_split(url, G_URI_FLAGS_NONE, &scheme, &person, &imap->host, &port, &path, NULL,
			 NULL, NULL) ||
	    !scheme || !imap->host || !*imap->host || person ||
	    (strcmp(scheme, "imap") != 0 && strcmp(scheme, "imaps") != 0)) {
		g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
				    _("the source's URL is not imap://host or imaps://host (the "
				      "user is a setting of its own)"));
		return FALSE;
	}
	imap->mailbox = g_strdup(path && strlen(path) > 1 ? path + 1 : "INBOX");
	*server_out = g_uri_join(G_URI_FLAGS_NONE, scheme, NULL, imap->host, port, "", NULL, NULL);
	return TRUE;
}

struct imap *imap_open(const struct imap_options *options, GError **error)
{
	struct imap *imap = g_new0(struct imap, 1);
	g_autofree char *server = NULL;
	struct wire_options wire = {
	    .user = options->user,
	    .password = options->password,
	    .starttls = options->starttls,
	    .ca_file = options->ca_file,
	    .open_ms = options->open_ms ? options->open_ms : OPEN_MS,
	    .answer_ms = options->answer_ms ? options->answer_ms : ANSWER_MS,
	    .line_max = IMAP_LINE_MAX,
	};

	imap->examine = options->read_only;
	imap->command_ms = options->command_ms ? options->command_ms : COMMAND_MS;
	if (!options->user || !*options->user) {
		g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
				    _("IMAP needs a user"));
	} else if (read_url(imap, options->url, &server, error)) {
		wire.url = server;
		imap->wire = wire_open(&wire, error);
		if (imap->wire && introduce(imap, error))
			return imap;
	}
	imap_close(imap);
	return NULL;
}

void imap_close(struct imap *imap)
{
	if (!imap)
		return;
	if (imap->wire && !imap->broken) {
		/* Politeness only: nothing depends on whether it is heard. */
		wire_set_answer_ms(imap->wire, LOGOUT_MS);
		imap_run(imap, "LOGOUT", NULL, NULL);
	}
	wire_close(imap->wire);
	g_free(imap->host);
	g_free(imap->mailbox);
	g_free(imap);
}

const char *imap_host(const struct imap *imap)
{
	return imap->host;
}

const char *imap_mailbox(const struct imap *imap)
{
	return imap->mailbox;
}

void imap_count(struct imap *imap, const char *text)
{
	const char *end = NULL;
	guint64 number = 0;

	if (!g_str_has_prefix(text, "* ") ||
	    !imap_text_number(text + 2, G_MAXUINT32, &number, &end))
		return;
	if (g_ascii_strcasecmp(end, " EXISTS") == 0) {
		imap->news |= number > imap->messages;
		imap->messages = number;
	} else if (g_ascii_strcasecmp(end, " EXPUNGE") == 0 && imap->messages > 0) {
		imap->messages--;
	}
}

struct selected {
	struct imap *imap;
	guint64 uidvalidity;
	gboolean read_only;
};

static gboolean see_selected(void *user, const struct imap_text_response *response, GError **error)
{
	static const char valid[] = "* OK [UIDVALIDITY ";
	static const char lasting[] = "* OK [PERMANENTFLAGS ";
	struct selected *selected = user;
	const char *text = response->text->str;

	(void)error;
	imap_count(selected->imap, text);
	if (g_ascii_strncasecmp(text, valid, strlen(valid)) == 0 &&
	    !imap_text_number(text + strlen(valid), G_MAXUINT32, &selected->uidvalidity, NULL))
		selected->uidvalidity = 0;
	if (g_ascii_strncasecmp(text, lasting, strlen(lasting)) == 0) {
		g_autofree char *flags = g_strndup(text, strcspn(text, "]"));

		selected->imap->can_delete = has_word(flags, "\\Deleted");
	}
	if (g_ascii_strncasecmp(text, "* FLAGS ", 8) == 0)
		selected->imap->has_copied = has_word(text, IMAP_COPIED);
	selected->read_only |= !g_str_has_prefix(text, "* ") && has_word(text, "READ-ONLY");
	return TRUE;
}

gboolean imap_select(struct imap *imap, gint64 *uidvalidity_out, gboolean *read_only_out,
		     GError **error)
{
	g_autofree char *name = imap_text_mailbox(imap->mailbox);
	g_autofree char *command =
	    g_strdup_printf("%s %s", imap->examine ? "EXAMINE" : "SELECT", name);
	struct selected selected = {.imap = imap};
	struct imap_exchange exchange = {.see = see_selected, .user = &selected};

	/* which flags last need not be said: then all do (RFC 3501, 7.1) */
	imap->can_delete = TRUE;
	imap->has_copied = FALSE;
	if (!imap_run(imap, command, &exchange, error))
		return FALSE;
	if (selected.uidvalidity == 0) {
		g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
				    _("the mail server gives no lasting numbers (UIDVALIDITY)"));
		return FALSE;
	}
	imap->news = FALSE;
	*uidvalidity_out = (gint64)selected.uidvalidity;
	imap->read_only = selected.read_only || imap->examine;
	*read_only_out = imap->read_only;
	return TRUE;
}

static gboolean see_search(void *user, const struct imap_text_response *response, GError **error)
{
	GArray *uids = user;
	const char *at = response->text->str;

	if (g_ascii_strncasecmp(at, "* SEARCH", 8) != 0)
		return TRUE;
	for (at += 8; *at == ' ';) {
		guint64 uid = 0;

		if (!imap_text_number(at + 1, G_MAXUINT32, &uid, &at))
			break;
		if (uids->len >= IMAP_UIDS_MAX)
			return imap_fail_bounds(error);
		if (uid > 0) {
			guint32 one = (guint32)uid;

			g_array_append_val(uids, one);
		}
	}
	return TRUE;
}

gint imap_by_uid(gconstpointer a, gconstpointer b)
{
	guint32 left = *(const guint32 *)a;
	guint32 right = *(const guint32 *)b;

	return (left > right) - (left < right);
}

gboolean imap_has_refused(const struct imap *imap)
{
	return !imap->broken;
}

GArray *imap_uids(struct imap *imap, gboolean left, GError **error)
{
	GArray *uids = g_array_new(FALSE, FALSE, sizeof(guint32));
	struct imap_exchange exchange = {.see = see_search, .user = uids};
	const char *undeleted = imap->has_copied ? "UID SEARCH UNDELETED UNKEYWORD " IMAP_COPIED
						 : "UID SEARCH UNDELETED";
	guint kept = 0;

	if (!imap_run(imap, left ? undeleted : "UID SEARCH ALL", &exchange, error)) {
		g_array_unref(uids);
		return NULL;
	}
	g_array_sort(uids, imap_by_uid);
	for (guint i = 0; i < uids->len; i++)
		if (kept == 0 ||
		    g_array_index(uids, guint32, i) != g_array_index(uids, guint32, kept - 1))
			g_array_index(uids, guint32, kept++) = g_array_index(uids, guint32, i);
	g_array_set_size(uids, kept);
	return uids;
}
