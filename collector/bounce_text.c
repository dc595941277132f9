#include "collector/bounce_text.h"

#include "collector/words.h"

#include <string.h>

#define COPY_LINE_MAX  100 /* bytes of a line that announces the copy */
#define RECIPIENTS_MAX 200

/* The line at `p` in lower case without white space around it; its end goes out. */
static char *line_at(const char *p, const char **next_out)
{
	const char *end = p + strcspn(p, "\n");
	char *line = g_ascii_strdown(p, end - p);

	*next_out = *end ? end + 1 : end;
	return g_strstrip(line);
}

/* A line that announces the letter's copy: "--- Original message follows", "Message headers:". */
static gboolean announces_copy(const char *line)
{
	static const char words[] =
	    "original message|original mail|copy of the message|copy of your message|"
	    "unsent message|message header|message text follows|returned message|"
	    "undelivered message|message follows|header of the|transmitted message|"
	    "original headers|message headers|text of your mail|header follows|"
	    "content of your message";
	gsize n = strlen(line);
	gboolean framed;

	if (g_str_has_prefix(line, "--") && (strstr(line, "原邮件") || strstr(line, "原始邮件")))
		return TRUE;
	if (n < 6 || n > COPY_LINE_MAX || !words_in(line, words))
		return FALSE;
	framed = strchr("-*|=+", *line) || strchr("-*|=:", line[n - 1]) ||
		 g_str_has_suffix(line, "follows") || g_str_has_suffix(line, "follow") ||
		 g_str_has_suffix(line, "follows.") || g_str_has_suffix(line, "following.") ||
		 g_str_has_suffix(line, "：");
	return framed && !strstr(line, "the original message was received");
}

const char *bounce_text_end(const char *text)
{
	const char *p = text;

	while (*p) {
		const char *next;
		g_autofree char *line = line_at(p, &next);

		if (announces_copy(line) || g_str_has_prefix(p, "Received: from ") ||
		    g_str_has_prefix(p, "Received:from ") ||
		    g_str_has_prefix(p, "Return-Path: <") ||
		    g_str_has_prefix(p, "Return-path: <") || g_str_has_prefix(p, "DKIM-Signature:"))
			return p;
		p = next;
	}
	return p;
}

/* --- addresses ------------------------------------------------------------------------------ */

static gboolean is_address_char(char c)
{
	return g_ascii_isalnum(c) || (c && strchr(".!#$%&'*+/=?^_`{|}~-", c));
}

/* The next address in `text`; its bounds go out. */
static gboolean address_next(const char *text, const char **start_out, const char **end_out)
{
	const char *p = text, *at;

	while ((at = strchr(p, '@'))) {
		const char *from = at, *to = at + 1;

		while (from > text && is_address_char(from[-1]))
			from--;
		while (g_ascii_isalnum(*to) || *to == '.' || *to == '-' || *to == '_')
			to++;
		while (to > at + 1 && (to[-1] == '.' || to[-1] == '-'))
			to--;
		if (from < at && memchr(at, '.', (gsize)(to - at))) {
			*start_out = from;
			*end_out = to;
			return TRUE;
		}
		p = at + 1;
	}
	return FALSE;
}

/* Lines whose addresses are not the failing ones. */
static gboolean is_aside(const char *line)
{
	static const char *const begins[] = {
	    "from:", "sender:",     "mail from",   "reply-to:",     "subject:",
	    "date:", "message-id:", "cc:",         "return-path:",  "in:  mail",
	    "x-",    "message-id",  "references:", "reporting-mta", "from "};
	static const char words[] =
	    "mail from:|please contact|assistance|contact <|send mail to|postmaster|"
	    "list-unsubscribe|envelope-from|sender address|return-path";

	for (gsize i = 0; i < G_N_ELEMENTS(begins); i++)
		if (g_str_has_prefix(line, begins[i]))
			return TRUE;
	return words_in(line, words);
}

static gboolean is_to_line(const char *line)
{
	return g_str_has_prefix(line, "to:") || g_str_has_prefix(line, "to ");
}

/* The report's own sender, its reader, robots. */
static gboolean is_own_side(const char *address, const struct mime_message *message)
{
	static const char *const robots[] = {"postmaster@",  "mailer-daemon@", "mailerdaemon@",
					     "mail-daemon@", "mdaemon@",       "noreply@",
					     "no-reply@",    "abuse@",         "mailmaster@"};
	static const char *const own[] = {"From", "To", "Return-Path", "Delivered-To",
					  "Message-ID"};

	for (gsize i = 0; i < G_N_ELEMENTS(robots); i++)
		if (g_str_has_prefix(address, robots[i]))
			return TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(own); i++) {
		const struct mime_header *header = mime_header_get(message, own[i]);
		g_autofree char *value = header ? g_ascii_strdown(header->value, -1) : NULL;

		if (value && strstr(value, address))
			return TRUE;
	}
	return FALSE;
}

static gboolean known(const GPtrArray *list, const char *address)
{
	for (guint i = 0; i < list->len; i++)
		if (g_ascii_strcasecmp(g_ptr_array_index(list, i), address) == 0)
			return TRUE;
	return FALSE;
}

static void collect(const struct mime_message *message, const char *own, gboolean to_lines,
		    GPtrArray *found)
{
	const char *p = own;

	while (*p && found->len < RECIPIENTS_MAX) {
		const char *next, *from, *to, *at;
		g_autofree char *line = line_at(p, &next);

		p = next;
		if (is_to_line(line) ? !to_lines : to_lines || is_aside(line))
			continue;
		for (at = line; address_next(at, &from, &to); at = to) {
			g_autofree char *address = g_strndup(from, (gsize)(to - from));

			if ((to_lines || !is_own_side(address, message)) && !known(found, address))
				g_ptr_array_add(found, g_steal_pointer(&address));
		}
	}
}

GPtrArray *bounce_text_recipients(const struct mime_message *message, const char *own)
{
	GPtrArray *found = g_ptr_array_new_with_free_func(g_free);

	collect(message, own, FALSE, found);
	if (found->len == 0)
		collect(message, own, TRUE, found);
	return found;
}

/* Whether the line names one of `all`: which, or NULL. */
static const char *named(const char *line, const GPtrArray *all)
{
	const char *from, *to;

	for (const char *at = line; address_next(at, &from, &to); at = to)
		for (guint i = 0; i < all->len; i++) {
			const char *one = g_ptr_array_index(all, i);

			if (strlen(one) == (gsize)(to - from) &&
			    g_ascii_strncasecmp(one, from, (gsize)(to - from)) == 0)
				return one;
		}
	return NULL;
}

char *bounce_text_about(const char *own, const char *recipient, const GPtrArray *all)
{
	GString *about = g_string_new(NULL);
	const char *p = own;
	gboolean mine = FALSE;

	while (*p) {
		const char *next;
		g_autofree char *line = line_at(p, &next);
		const char *who = named(line, all);

		if (who)
			mine = g_ascii_strcasecmp(who, recipient) == 0;
		if (mine)
			g_string_append_len(about, p, next - p);
		p = next;
	}
	return g_string_free(about, FALSE);
}

static gboolean has_reply(const char *line)
{
	g_autofree char *code = reason_find_code(line);
	g_autofree char *status = reason_find_status(line);

	return (code && *code != '2') || (status && *status != '2');
}

char *bounce_text_reply(const char *about)
{
	const char *p = about, *start = NULL;

	while (*p) {
		gsize length = strcspn(p, "\n");
		g_autofree char *line = g_strndup(p, length);

		g_strstrip(line);
		if (!start && has_reply(line))
			start = p;
		else if (start && !*line)
			break;
		p += length;
		if (*p)
			p++;
	}
	return start ? g_strstrip(g_strndup(start, (gsize)(p - start))) : NULL;
}

enum reason_step bounce_text_step(const char *about)
{
	static const char rcpt[] =
	    "rcpt to:<|rcpt to command|rcpt to: host|rcpt:|rcpt command|after rcpt|to command)|"
	    "smtp:rcpt|rcpt_to";
	static const char data[] =
	    ">>> data|end of data|data command|(data)|smtp command\ndata|after data|>>> bdat|"
	    "in:  data";
	g_autofree char *low = g_ascii_strdown(about, -1);

	if (words_in(low, rcpt))
		return STEP_RCPT;
	return words_in(low, data) ? STEP_DATA : STEP_UNKNOWN;
}
