#include "collector/own.h"

#include "collector/html.h"
#include "collector/marker.h"
#include "collector/own_lead.h"
#include "collector/own_lines.h"

#include <string.h>

#define WIDE_QUOTES_MIN     2    /* lines that bear a full-width mark */
#define OWN_WORDS_LOOKED_AT 1000 /* bytes; more words than that say something */

static gboolean is_blank(const char *line)
{
	for (; *line; line++) {
		if (g_ascii_isspace(*line))
			continue;
		if (g_str_has_prefix(line, "\xc2\xa0")) {
			line++;
			continue;
		}
		if (g_str_has_prefix(line, "\xe3\x80\x80") ||
		    g_str_has_prefix(line, "\xe2\x80\x8b") ||
		    g_str_has_prefix(line, "\xef\xbb\xbf")) {
			line += 2;
			continue;
		}
		return FALSE;
	}
	return TRUE;
}

static gboolean is_quote(const char *line)
{
	while (*line == ' ' || *line == '\t')
		line++;
	if (*line == '>')
		return TRUE;
	/* Gmail of old drew a bar; a Markdown table has two or more. */
	return *line == '|' && (line[1] == ' ' || line[1] == '\0') && !strchr(line + 1, '|');
}

static enum line_kind kind_of(char **line)
{
	if (**line == HTML_MARK_QUOTE) {
		**line = '>';
		return LINE_QUOTE;
	}
	if (**line == HTML_MARK_SIGNATURE) {
		(*line)++;
		return LINE_SIGNATURE;
	}
	if (**line == HTML_MARK_BELOW)
		return LINE_BELOW;
	if (is_blank(*line))
		return LINE_EMPTY;
	if (is_quote(*line))
		return LINE_QUOTE;
	switch (marker_divider(*line)) {
	case DIVIDER_REPLY:
		return LINE_BELOW;
	case DIVIDER_FORWARD:
		return LINE_FORWARD;
	case DIVIDER_NONE:
		break;
	}
	return marker_advertisement(*line) || marker_banner(*line) ? LINE_SIGNATURE : LINE_TEXT;
}

/*
 * Header lines of the letter below: at least three in a row (folded ones and one empty line
 * between them allowed), one of which only mail has, or two with the sender's. Returns how many
 * lines they take.
 */
static guint header_run(const struct lines *lines, guint at)
{
	guint headers = 0, other = 0, last = at;
	enum marker_header best = HEADER_NONE;

	for (guint i = at; i < lines->n && i < at + 30; i++) {
		enum marker_header header;

		if (lines->kind[i] == LINE_EMPTY) {
			if (++other > 2)
				break;
			continue;
		}
		if (lines->kind[i] != LINE_TEXT)
			break;
		header = marker_header(lines->text[i]);
		if (header != HEADER_NONE) {
			best = MAX(best, header);
			headers++;
			other = 0;
			last = i;
		} else if (i == at || ++other > 2) {
			break;
		}
	}
	if ((headers >= 3 && best >= HEADER_MAIL) || (headers >= 2 && best == HEADER_FROM))
		return last - at + 1;
	return 0;
}

static void find_headers(struct lines *lines)
{
	for (guint i = 0; i < lines->n; i++) {
		guint run;

		if (lines->kind[i] != LINE_TEXT || marker_header(lines->text[i]) == HEADER_NONE)
			continue;
		run = header_run(lines, i);
		for (guint j = i; j < i + run; j++)
			if (lines->kind[j] == LINE_TEXT)
				lines->kind[j] = LINE_HEADER;
		if (run > 0)
			i += run - 1;
	}
}

static void find_attributions(struct lines *lines)
{
	for (guint i = 0; i < lines->n; i++) {
		guint run;

		if (lines->kind[i] != LINE_TEXT)
			continue;
		run = marker_attribution(lines->text + i, lines->n - i);
		for (guint j = i; j < i + run; j++)
			lines->kind[j] = LINE_ATTRIBUTION;
		if (run > 0)
			i += run - 1;
	}
}

/* A rule right above the letter's headers or divider belongs to it. */
static void find_rules(struct lines *lines)
{
	guint next = lines->n; /* the next line that is not empty */

	for (guint i = lines->n; i-- > 0;) {
		if (lines->kind[i] == LINE_EMPTY)
			continue;
		if (lines->kind[i] == LINE_TEXT && next < lines->n &&
		    (lines->kind[next] == LINE_HEADER || lines->kind[next] == LINE_ATTRIBUTION) &&
		    marker_rule(lines->text[i]))
			lines->kind[i] = lines->kind[next];
		next = i;
	}
}

static guint next_solid(const struct lines *lines, guint at)
{
	while (at < lines->n && (lines->kind[at] == LINE_EMPTY))
		at++;
	return at;
}

/* What stands around the last quoted line of all. */
struct around {
	guint text;   /* the last own words before it, plus one; 0 when there are none */
	gboolean end; /* behind it comes an answer, and no signature */
};

static struct around look_around(const struct lines *lines)
{
	struct around around = {0, FALSE};
	guint quote = lines->n;

	while (quote > 0 && lines->kind[quote - 1] != LINE_QUOTE)
		quote--;
	if (quote == 0)
		return around;
	for (around.text = quote - 1; around.text > 0; around.text--)
		if (own_lines_is_text(lines, around.text - 1))
			break;
	for (guint i = quote; i < lines->n; i++)
		if (own_lines_is_text(lines, i)) {
			around.end = !own_lines_are_signature(lines, i, lines->n);
			break;
		}
	return around;
}

/*
 * What is behind an attribution that has own words above it: TRUE when there are own words below
 * quoted lines too (so the answer stands between or below), FALSE when all of it is the letter.
 */
static gboolean answers_below(const struct lines *lines, guint at, const struct around *around)
{
	if (at >= lines->n || lines->kind[at] != LINE_QUOTE)
		return FALSE; /* the letter is not marked line by line */
	return around->text > at || around->end;
}

/* Where the letter below begins: everything from there on is quoted. */
static void cut_below(struct lines *lines, gboolean is_reply)
{
	const struct around around = look_around(lines);

	for (guint i = 0; i < lines->n; i++) {
		enum line_kind kind = lines->kind[i];
		gboolean above;
		guint end = i + 1;

		if (kind != LINE_BELOW && kind != LINE_FORWARD && kind != LINE_HEADER &&
		    kind != LINE_ATTRIBUTION)
			continue;
		above = own_lines_before(lines, i);
		while (end < lines->n &&
		       (lines->kind[end] == kind || lines->kind[end] == LINE_EMPTY ||
			(kind != LINE_ATTRIBUTION && lines->kind[end] == LINE_HEADER)))
			end++;
		if (kind == LINE_ATTRIBUTION) {
			guint next = next_solid(lines, end);

			if ((above && !answers_below(lines, next, &around)) ||
			    (!above && is_reply && next < lines->n &&
			     lines->kind[next] != LINE_QUOTE)) {
				own_lines_give(lines, i, lines->n, FATE_QUOTED);
				return;
			}
		} else if (above || (is_reply && kind != LINE_FORWARD)) {
			own_lines_give(lines, i, lines->n, FATE_QUOTED);
			return;
		}
		own_lines_give(lines, i, end, FATE_QUOTED);
		i = end - 1;
	}
}

/*
 * Quoted lines stay only where own words stand on both sides, and the line right above the first
 * of several answers, for it is the question; alone they stay unless it is a reply.
 */
static void cut_quotes(struct lines *lines, gboolean is_reply)
{
	guint first = lines->n, last = 0;
	gboolean between = FALSE;

	for (guint i = 0; i < lines->n; i++)
		if (lines->kind[i] == LINE_TEXT && lines->fate[i] == FATE_OWN) {
			first = MIN(first, i);
			last = i;
		}
	if (first == lines->n && !is_reply)
		return;
	for (guint i = first; i < last; i++)
		between |= lines->kind[i] == LINE_QUOTE && lines->fate[i] == FATE_OWN;
	if (between && first > 0 && lines->kind[first - 1] == LINE_QUOTE)
		first--;
	for (guint i = 0; i < lines->n; i++)
		if (lines->kind[i] == LINE_QUOTE && (i < first || i > last))
			own_lines_give(lines, i, i + 1, FATE_QUOTED);
}

/* Lines of one fate, empty ones at most one at a time and none at the ends. */
static char *collect(const struct lines *lines, enum line_fate fate)
{
	GString *out = g_string_new(NULL);
	gboolean gap = FALSE;

	for (guint i = 0; i < lines->n; i++) {
		gsize length;

		if (lines->fate[i] != fate || lines->kind[i] == LINE_EMPTY ||
		    *lines->text[i] == HTML_MARK_BELOW) {
			gap = TRUE;
			continue;
		}
		if (gap && out->len > 0)
			g_string_append_c(out, '\n');
		gap = FALSE;
		length = strlen(lines->text[i]);
		while (length > 0 && g_ascii_isspace(lines->text[i][length - 1]))
			length--;
		g_string_append_len(out, lines->text[i], (gssize)length);
		g_string_append_c(out, '\n');
	}
	if (out->len > 0)
		g_string_truncate(out, out->len - 1);
	return g_string_free(out, FALSE);
}

/* The full-width "＞" with which a line of text begins, or NULL. */
static char *wide_mark(const struct lines *lines, guint at)
{
	char *text = lines->text[at] + strspn(lines->text[at], " \t");

	return lines->kind[at] == LINE_TEXT && g_str_has_prefix(text, "＞") ? text : NULL;
}

/* "＞ ...", as Chinese input methods write it: where several lines bear it, they are quoted. */
static void find_wide_quotes(struct lines *lines)
{
	guint found = 0;

	for (guint i = 0; i < lines->n; i++)
		found += wide_mark(lines, i) ? 1 : 0;
	for (guint i = 0; found >= WIDE_QUOTES_MIN && i < lines->n; i++) {
		char *mark = wide_mark(lines, i);

		if (!mark)
			continue;
		lines->kind[i] = LINE_QUOTE;
		lines->text[i] = mark + strlen("＞") - 1;
		*lines->text[i] = '>';
	}
}

/* What a line by itself is. Lines beyond those that are looked at stand in the last one. */
static void tell_kinds(struct lines *lines)
{
	for (guint i = 0; i < lines->n; i++) {
		gsize length = strlen(lines->text[i]);

		if (length > 0 && lines->text[i][length - 1] == '\r')
			lines->text[i][length - 1] = '\0';
		lines->kind[i] = kind_of(&lines->text[i]);
	}
	if (lines->n == OWN_LINES_MAX && strchr(lines->text[lines->n - 1], '\n')) {
		lines->kind[lines->n - 1] = LINE_TEXT;
		lines->fate[lines->n - 1] = FATE_QUOTED;
	}
}

/* Own lines of text alone, without those that are quoted between them. (transfer full) */
static char *own_words(const struct lines *lines)
{
	GString *words = g_string_new(NULL);

	for (guint i = 0; i < lines->n && words->len <= OWN_WORDS_LOOKED_AT; i++)
		if (own_lines_is_text(lines, i))
			g_string_append_printf(words, "%s\n", lines->text[i]);
	return g_string_free(words, FALSE);
}

/* Whether a line stands in `quoted` that bears no mark of its own; or, with `marked`, any. */
static gboolean quotes(const struct lines *lines, gboolean marked)
{
	for (guint i = 0; i < lines->n; i++)
		if (lines->fate[i] == FATE_QUOTED &&
		    (lines->kind[i] == LINE_TEXT || (marked && lines->kind[i] == LINE_QUOTE)))
			return TRUE;
	return FALSE;
}

/* Whether the signature holds what is no name, address or disclaimer. */
static gboolean signature_speaks(const struct lines *lines)
{
	for (guint i = 0; i < lines->n; i++) {
		const char *text = lines->text[i];

		if (lines->fate[i] != FATE_SIGNATURE || lines->kind[i] != LINE_TEXT)
			continue;
		if (marker_disclaimer(text))
			return FALSE;
		if (!g_str_is_ascii(text) && !marker_contact(text) && !marker_rule(text) &&
		    !marker_signature_rule(text) && own_lead(text) == LEAD_NONE)
			return TRUE;
	}
	return FALSE;
}

/* Whether the own words only lead to something that counts as quoted or signature; see own.h. */
static enum own_lead lead_of(const struct lines *lines)
{
	g_autofree char *words = own_words(lines);
	enum own_lead lead = own_lead(words);

	if (!*words || lead == LEAD_NONE)
		return LEAD_NONE;
	return quotes(lines, lead == LEAD_POINTER) || signature_speaks(lines) ? lead : LEAD_NONE;
}

/* Without own words; see own.h. */
static gboolean is_doubtful(struct lines *lines)
{
	gboolean head = FALSE, quote = FALSE;

	if (own_lines_before(lines, lines->n))
		return FALSE;
	for (guint i = 0; i < lines->n; i++) {
		if (lines->kind[i] == LINE_TEXT &&
		    (lines->fate[i] == FATE_QUOTED || own_lines_is_sentence(lines->text[i])))
			return TRUE;
		head |= lines->kind[i] == LINE_ATTRIBUTION || lines->kind[i] == LINE_HEADER;
		quote |= lines->kind[i] == LINE_QUOTE;
	}
	return head && !quote;
}

void own_split(const char *text, gboolean is_reply, struct own *own_out)
{
	g_auto(GStrv) vector = g_strsplit(text, "\n", OWN_LINES_MAX);
	guint n = g_strv_length(vector);
	g_autofree char **shown = g_memdup2(vector, (n + 1) * sizeof *vector);
	g_autofree enum line_kind *kind = g_new0(enum line_kind, n + 1);
	g_autofree enum line_fate *fate = g_new0(enum line_fate, n + 1);
	struct lines lines = {shown, kind, fate, n, 0};

	tell_kinds(&lines);
	find_wide_quotes(&lines);
	find_headers(&lines);
	find_attributions(&lines);
	find_rules(&lines);
	/* Signatures first where a rule announces them, so that they count as no own words. */
	own_lines_cut_signatures(&lines);
	cut_below(&lines, is_reply);
	cut_quotes(&lines, is_reply);
	own_lines_cut_signatures(&lines);
	own_out->own = collect(&lines, FATE_OWN);
	own_out->quoted = collect(&lines, FATE_QUOTED);
	own_out->signature = collect(&lines, FATE_SIGNATURE);
	own_out->lead = lead_of(&lines);
	own_out->doubtful = own_out->lead != LEAD_NONE || is_doubtful(&lines);
}

void own_clear(struct own *own)
{
	g_clear_pointer(&own->own, g_free);
	g_clear_pointer(&own->quoted, g_free);
	g_clear_pointer(&own->signature, g_free);
}

char *own_strip_quotes(const char *own)
{
	g_auto(GStrv) lines = g_strsplit(own, "\n", -1);
	GString *out = g_string_new(NULL);

	for (guint i = 0; lines[i]; i++)
		if (*lines[i] != '>')
			g_string_append_printf(out, "%s\n", lines[i]);
	g_strstrip(out->str);
	out->len = strlen(out->str);
	return g_string_free(out, FALSE);
}
