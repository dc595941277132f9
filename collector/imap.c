#include "collector/imap.h"

#include "base/error.h"
#include "base/refusal.h"
#include "base/wire.h"
#include "collector/imap_text.h"

#include <string.h>

#define OPEN_MS        30000
#define ANSWER_MS      60000
#define LOGOUT_MS      2000
#define IDLE_LINES     1000u      /* before the server says that it waits */
#define LITERALS_MAX   16u        /* of one response */
#define SMALL_LITERALS (1u << 20) /* bytes in all, where no message was asked for */

struct imap {
	struct wire *wire;
	char *host;
	char *mailbox;
	guint tag;
	gboolean examine; /* nothing may change */
	gboolean can_move, can_idle, can_expunge_some;
	guint64 messages; /* that the mailbox holds, as the server told last … */
	gboolean news;    /* … and whether that grew */
	char idle_tag[8];
	gboolean broken; /* nothing more can be said; a mere refusal does not break it */
};

/* What a command may get back, and who looks at it. */
struct exchange {
	gsize max_each, max_total; /* bytes of literals */
	gsize texts, literals;     /* bytes so far */
	/* Sees each untagged response, and the last one. */
	gboolean (*see)(void *user, const struct imap_text_response *response, GError **error);
	void *user;
};

static gboolean fail_bounds(GError **error)
{
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
			    _("the mail server sent more than was asked for"));
	return FALSE;
}

/* Reads the literal that a line announced. */
static gboolean read_literal(struct imap *imap, struct exchange *exchange, guint64 size,
			     struct imap_text_response *response, GError **error)
{
	GBytes *bytes = NULL;

	if (size > exchange->max_total - exchange->literals ||
	    response->literals->len >= LITERALS_MAX)
		return fail_bounds(error);
	exchange->literals += (gsize)size;
	if (size > exchange->max_each) {
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

static gboolean read_response(struct imap *imap, struct exchange *exchange,
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
			return fail_bounds(error);
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

/* Reads all that answers the command with `tag`. */
static gboolean read_until(struct imap *imap, const char *tag, struct exchange *exchange,
			   GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GPtrArray) literals = g_ptr_array_new_with_free_func(unref_bytes);
	struct imap_text_response response = {text, literals};

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

/* One command and all that answers it. */
static gboolean run(struct imap *imap, const char *command, struct exchange *exchange,
		    GError **error)
{
	g_autofree char *tag = g_strdup_printf("P%05u", ++imap->tag);
	g_autofree char *line = g_strdup_printf("%s %s\r\n", tag, command);
	struct exchange plain = {.max_each = SMALL_LITERALS, .max_total = SMALL_LITERALS};

	/* It is broken until the server has answered. */
	imap->broken = TRUE;
	return wire_write(imap->wire, line, strlen(line), NULL, error) &&
	       read_until(imap, tag, exchange ? exchange : &plain, error);
}

/* Whether a word stands in a response's text, whole and in any case. */
static gboolean has_word(const char *text, const char *word)
{
	g_auto(GStrv) words = g_strsplit_set(text, " []", 0);

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
	struct exchange exchange = {.see = see_capability, .user = &can};

	return run(imap, "CAPABILITY", &exchange, error) &&
	       (!can.id || run(imap, "ID (\"name\" \"pingyi\" \"version\" \"" PINGYI_VERSION "\")",
			       NULL, error));
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
		run(imap, "LOGOUT", NULL, NULL);
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

/* "* 12 EXISTS", "* 3 EXPUNGE": how many messages there are now. */
static void count_messages(struct imap *imap, const char *text)
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
	struct selected *selected = user;
	const char *text = response->text->str;

	(void)error;
	count_messages(selected->imap, text);
	if (g_ascii_strncasecmp(text, valid, strlen(valid)) == 0 &&
	    !imap_text_number(text + strlen(valid), G_MAXUINT32, &selected->uidvalidity, NULL))
		selected->uidvalidity = 0;
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
	struct exchange exchange = {.see = see_selected, .user = &selected};

	if (!run(imap, command, &exchange, error))
		return FALSE;
	if (selected.uidvalidity == 0) {
		g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
				    _("the mail server gives no lasting numbers (UIDVALIDITY)"));
		return FALSE;
	}
	imap->news = FALSE;
	*uidvalidity_out = (gint64)selected.uidvalidity;
	*read_only_out = selected.read_only || imap->examine;
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
			return fail_bounds(error);
		if (uid > 0) {
			guint32 one = (guint32)uid;

			g_array_append_val(uids, one);
		}
	}
	return TRUE;
}

static gint by_uid(gconstpointer a, gconstpointer b)
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
	struct exchange exchange = {.see = see_search, .user = uids};
	guint kept = 0;

	if (!run(imap, left ? "UID SEARCH UNDELETED" : "UID SEARCH ALL", &exchange, error)) {
		g_array_unref(uids);
		return NULL;
	}
	g_array_sort(uids, by_uid);
	for (guint i = 0; i < uids->len; i++)
		if (kept == 0 ||
		    g_array_index(uids, guint32, i) != g_array_index(uids, guint32, kept - 1))
			g_array_index(uids, guint32, kept++) = g_array_index(uids, guint32, i);
	g_array_set_size(uids, kept);
	return uids;
}

/* The messages of one FETCH. */
struct fetching {
	const guint32 *uids;
	guint count;
	guint64 *sizes; /* of a question for sizes … */
	gboolean *done; /* … or of one for messages */
	imap_taker *taker;
	void *user;
};

static gboolean take_fetched(struct fetching *fetching, guint at,
			     const struct imap_text_fetched *fetched, GError **error)
{
	if (fetching->sizes && fetched->has_size)
		fetching->sizes[at] = fetched->size;
	if (!fetching->done || !fetched->has_body || fetching->done[at])
		return TRUE;
	fetching->done[at] = TRUE;
	return fetching->taker(fetching->user, fetching->uids[at], fetched->body, error);
}

static gboolean see_fetched(void *user, const struct imap_text_response *response, GError **error)
{
	struct fetching *fetching = user;
	struct imap_text_fetched fetched;
	const guint32 *found;
	gboolean good = TRUE;

	if (!imap_text_fetch(response, &fetched)) {
		if (!imap_text_is_fetch(response))
			return TRUE;
		g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
				    _("the mail server's answer is damaged"));
		return FALSE;
	}
	found = fetched.has_uid ? bsearch(&fetched.uid, fetching->uids, fetching->count,
					  sizeof(guint32), by_uid)
				: NULL;
	if (found)
		good = take_fetched(fetching, (guint)(found - fetching->uids), &fetched, error);
	if (fetched.body)
		g_bytes_unref(fetched.body);
	return good;
}

gboolean imap_sizes(struct imap *imap, const guint32 *uids, guint count, guint64 *sizes_out,
		    GError **error)
{
	g_autofree char *set = imap_text_set(uids, count);
	g_autofree char *command = g_strdup_printf("UID FETCH %s (UID RFC822.SIZE)", set);
	struct fetching fetching = {.uids = uids, .count = count, .sizes = sizes_out};
	struct exchange exchange = {.max_each = SMALL_LITERALS,
				    .max_total = SMALL_LITERALS,
				    .see = see_fetched,
				    .user = &fetching};

	memset(sizes_out, 0, count * sizeof(*sizes_out));
	return run(imap, command, &exchange, error);
}

gboolean imap_fetch(struct imap *imap, const guint32 *uids, guint count, gsize max_each,
		    gsize max_total, imap_taker *taker, void *user, GError **error)
{
	g_autofree char *set = imap_text_set(uids, count);
	g_autofree char *command = g_strdup_printf("UID FETCH %s (UID BODY.PEEK[])", set);
	g_autofree gboolean *done = g_new0(gboolean, count);
	struct fetching fetching = {
	    .uids = uids, .count = count, .done = done, .taker = taker, .user = user};
	struct exchange exchange = {
	    .max_each = max_each, .max_total = max_total, .see = see_fetched, .user = &fetching};

	return run(imap, command, &exchange, error);
}

/* A command that the server may refuse without harm. */
static gboolean try(struct imap *imap, const char *command, gboolean *refused_out, GError **error)
{
	g_autoptr(GError) problem = NULL;

	*refused_out = FALSE;
	if (run(imap, command, NULL, &problem))
		return TRUE;
	*refused_out = !imap->broken;
	if (imap->broken)
		g_propagate_error(error, g_steal_pointer(&problem));
	return *refused_out;
}

gboolean imap_mark(struct imap *imap, const guint32 *uids, guint count, const char *flag,
		   gboolean *refused_out, GError **error)
{
	g_autofree char *set = imap_text_set(uids, count);
	g_autofree char *command = g_strdup_printf("UID STORE %s +FLAGS.SILENT (%s)", set, flag);

	return try(imap, command, refused_out, error);
}

/* Moves or copies; where that is refused, once more with the folder made. */
static gboolean move_or_copy(struct imap *imap, const char *set, const char *folder, GError **error)
{
	g_autofree char *name = imap_text_mailbox(folder);
	g_autofree char *create = g_strdup_printf("CREATE %s", name);
	g_autofree char *command =
	    g_strdup_printf("UID %s %s %s", imap->can_move ? "MOVE" : "COPY", set, name);
	gboolean refused = FALSE;

	return try(imap, command, &refused, error) &&
	       (!refused ||
		(try(imap, create, &refused, error) && run(imap, command, NULL, error)));
}

gboolean imap_move(struct imap *imap, const guint32 *uids, guint count, const char *folder,
		   GError **error)
{
	g_autofree char *set = imap_text_set(uids, count);
	g_autofree char *expunge = g_strdup_printf("UID EXPUNGE %s", set);
	gboolean refused = FALSE;

	if (!move_or_copy(imap, set, folder, error))
		return FALSE;
	if (imap->can_move)
		return TRUE;
	return imap_mark(imap, uids, count, "\\Deleted", &refused, error) &&
	       (refused || !imap->can_expunge_some || run(imap, expunge, NULL, error));
}

gboolean imap_idle(struct imap *imap, gboolean *idle_out, GError **error)
{
	g_autofree char *line = NULL;
	const char *answer;

	*idle_out = FALSE;
	if (!imap->can_idle)
		return TRUE;
	g_snprintf(imap->idle_tag, sizeof(imap->idle_tag), "P%05u", ++imap->tag % 100000);
	line = g_strdup_printf("%s IDLE\r\n", imap->idle_tag);
	imap->broken = TRUE;
	if (!wire_write(imap->wire, line, strlen(line), NULL, error))
		return FALSE;
	for (guint i = 0; i < IDLE_LINES; i++) {
		answer = wire_line(imap->wire, NULL, error);
		if (!answer)
			return FALSE;
		if (*answer == '+') {
			*idle_out = TRUE;
			return TRUE;
		}
		if (!g_str_has_prefix(answer, "* "))
			return refusal_set(error, PINGYI_ERROR_PERMANENT, answer);
		count_messages(imap, answer);
	}
	return fail_bounds(error);
}

gboolean imap_idle_news(struct imap *imap, gboolean *news_out, GError **error)
{
	GError *problem = NULL;
	const char *line;

	if (!wire_pull(imap->wire, error))
		return FALSE;
	while ((line = wire_line_now(imap->wire, NULL, &problem)) != NULL) {
		if (g_ascii_strncasecmp(line, "* BYE", 5) == 0)
			return refusal_set(error, PINGYI_ERROR_TEMPORARY, line + 2);
		count_messages(imap, line);
	}
	if (problem) {
		g_propagate_error(error, problem);
		return FALSE;
	}
	*news_out = imap->news;
	imap->news = FALSE;
	return TRUE;
}

static gboolean see_news(void *user, const struct imap_text_response *response, GError **error)
{
	(void)error;
	count_messages(user, response->text->str);
	return TRUE;
}

gboolean imap_idle_end(struct imap *imap, GError **error)
{
	struct exchange exchange = {
	    .max_each = SMALL_LITERALS, .max_total = SMALL_LITERALS, .see = see_news, .user = imap};

	return wire_write(imap->wire, "DONE\r\n", 6, NULL, error) &&
	       read_until(imap, imap->idle_tag, &exchange, error);
}
