#include "collector/own.h"

#include "collector/html.h"
#include "collector/marker.h"

#include <string.h>

#define SIGNATURE_LINES_MAX 10  /* of a signature that no rule announces */
#define SIGNATURE_LINE_MAX  120 /* bytes of one of its lines */

#define NAME_LINES_MAX 5  /* of a name and firm below a rule */
#define NAME_LINE_MAX  60 /* bytes of one of them */

enum line_kind {
	LINE_EMPTY,
	LINE_TEXT,
	LINE_QUOTE,
	LINE_ATTRIBUTION, /* "On ... wrote:" */
	LINE_BELOW,       /* a divider: the letter answered follows */
	LINE_FORWARD,     /* a divider: a forwarded text follows */
	LINE_HEADER,      /* "发件人: ..." of the letter below */
	LINE_SIGNATURE,
};

enum line_fate { FATE_OWN, FATE_QUOTED, FATE_SIGNATURE };

struct lines {
	char **text; /* of the caller's vector, changed in place */
	enum line_kind *kind;
	enum line_fate *fate;
	guint n;
	guint first; /* no own words stand before this line; see text_before() */
};

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
	return marker_advertisement(*line) ? LINE_SIGNATURE : LINE_TEXT;
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

static gboolean is_own_text(const struct lines *lines, guint at)
{
	return lines->kind[at] == LINE_TEXT && lines->fate[at] == FATE_OWN;
}

/* A line that was own may become another's, never the other way round: what was passed once need
 * not be looked at again. */
static gboolean text_before(struct lines *lines, guint at)
{
	while (lines->first < at && !is_own_text(lines, lines->first))
		lines->first++;
	return lines->first < at;
}

static void doom(struct lines *lines, guint from, guint to, enum line_fate fate)
{
	for (guint i = from; i < to; i++)
		if (lines->fate[i] == FATE_OWN)
			lines->fate[i] = fate;
}

static guint next_solid(const struct lines *lines, guint at)
{
	while (at < lines->n && (lines->kind[at] == LINE_EMPTY))
		at++;
	return at;
}

/* A block of short lines that names a telephone, an address or the like. */
static gboolean looks_like_signature(const struct lines *lines, guint from, guint to)
{
	gboolean contact = FALSE;
	guint solid = 0;

	for (guint i = from; i < to; i++) {
		const char *text = lines->text[i];

		if (lines->kind[i] == LINE_EMPTY || lines->kind[i] == LINE_SIGNATURE)
			continue;
		if (lines->kind[i] != LINE_TEXT || strlen(text) > SIGNATURE_LINE_MAX ||
		    strstr(text, "。") || strstr(text, "！") || strstr(text, "？") ||
		    strstr(text, "；") || marker_item(text))
			return FALSE;
		if (++solid > SIGNATURE_LINES_MAX)
			return FALSE;
		contact = contact || marker_contact(text);
	}
	return contact;
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
		if (is_own_text(lines, around.text - 1))
			break;
	for (guint i = quote; i < lines->n; i++)
		if (is_own_text(lines, i)) {
			around.end = !looks_like_signature(lines, i, lines->n);
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
		above = text_before(lines, i);
		while (end < lines->n &&
		       (lines->kind[end] == kind || lines->kind[end] == LINE_EMPTY ||
			(kind != LINE_ATTRIBUTION && lines->kind[end] == LINE_HEADER)))
			end++;
		if (kind == LINE_ATTRIBUTION) {
			guint next = next_solid(lines, end);

			if ((above && !answers_below(lines, next, &around)) ||
			    (!above && is_reply && next < lines->n &&
			     lines->kind[next] != LINE_QUOTE)) {
				doom(lines, i, lines->n, FATE_QUOTED);
				return;
			}
		} else if (above || (is_reply && kind != LINE_FORWARD)) {
			doom(lines, i, lines->n, FATE_QUOTED);
			return;
		}
		doom(lines, i, end, FATE_QUOTED);
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
			doom(lines, i, i + 1, FATE_QUOTED);
}

/* A few short lines without a sentence, as stand below a rule that a client draws. */
static gboolean looks_like_name(const struct lines *lines, guint from, guint to)
{
	guint solid = 0;

	for (guint i = from; i < to; i++) {
		const char *text = lines->text[i];

		if (lines->kind[i] == LINE_EMPTY || lines->kind[i] == LINE_SIGNATURE)
			continue;
		if (lines->kind[i] != LINE_TEXT || strlen(text) > NAME_LINE_MAX ||
		    strstr(text, "。") || strstr(text, "，") || strstr(text, "意见") ||
		    strstr(text, "建议") || strstr(text, "希望") || marker_rule(text) ||
		    marker_item(text))
			return FALSE;
		if (++solid > NAME_LINES_MAX)
			return FALSE;
	}
	return solid > 0;
}

/* Where the own words that hold line `at` end: the next line that is not own. */
static guint own_end(const struct lines *lines, guint at)
{
	while (at < lines->n && lines->fate[at] == FATE_OWN &&
	       (lines->kind[at] == LINE_TEXT || lines->kind[at] == LINE_EMPTY ||
		lines->kind[at] == LINE_SIGNATURE))
		at++;
	return at;
}

/* 163's mail master draws the signature as a table of bars, then says who drew it. */
static void cut_master_signature(struct lines *lines, guint at)
{
	guint top = at;

	for (guint i = at; i-- > 0 && at - i <= 2 * SIGNATURE_LINES_MAX;) {
		if (lines->kind[i] == LINE_TEXT && strlen(lines->text[i]) > SIGNATURE_LINE_MAX)
			break;
		if (g_str_has_prefix(lines->text[i], "|"))
			top = i;
	}
	for (guint i = top; i < at; i++)
		if (lines->fate[i] == FATE_OWN)
			lines->fate[i] = FATE_SIGNATURE;
}

/* The last block of a stretch of own words, when it reads like a signature. */
static void cut_plain_signature(struct lines *lines, guint end)
{
	guint top = end;

	while (top > 0 && lines->kind[top - 1] == LINE_EMPTY)
		top--;
	end = top;
	while (top > 0 && lines->fate[top - 1] == FATE_OWN && lines->kind[top - 1] == LINE_TEXT)
		top--;
	if (top > 0 && text_before(lines, top) && looks_like_signature(lines, top, end))
		doom(lines, top, end, FATE_SIGNATURE);
}

static gboolean is_sentence(const char *text)
{
	return strstr(text, "。") || strstr(text, "；") || strstr(text, "！");
}

/* Sentences, which no signature has; a disclaimer below it may. */
static gboolean has_sentences(const struct lines *lines, guint from, guint to)
{
	for (guint i = from; i < MIN(to, from + 2 * SIGNATURE_LINES_MAX); i++) {
		if (lines->kind[i] != LINE_TEXT)
			continue;
		if (marker_disclaimer(lines->text[i]))
			return FALSE;
		if (is_sentence(lines->text[i]))
			return TRUE;
	}
	return FALSE;
}

/*
 * Where the signature or disclaimer that line `at` announces ends; `at` when it announces none.
 * Up to `end`, where these own words end, but what a gateway says in front of all words ends with
 * its paragraph, and a rule that people draw too divides their sentences from one another.
 */
static guint signature_end(struct lines *lines, guint at, guint end)
{
	const char *text = lines->text[at];
	gboolean above = text_before(lines, at);

	if (marker_disclaimer(text)) {
		for (guint i = at; !above && i < end; i++)
			if (lines->kind[i] == LINE_EMPTY)
				return i;
		return end;
	}
	if (marker_signature_rule(text))
		return (above && g_str_has_prefix(text, "--") && text[2] != '-') ||
			       !has_sentences(lines, at + 1, end)
			   ? end
			   : at;
	if (marker_rule(text) && above &&
	    (looks_like_signature(lines, at + 1, end) || looks_like_name(lines, at + 1, end)))
		return end;
	return at;
}

static void cut_signatures(struct lines *lines)
{
	guint end = 0; /* of the own words that hold line i, once it is known */

	for (guint i = 0; i < lines->n; i++) {
		if (lines->fate[i] != FATE_OWN)
			continue;
		if (lines->kind[i] == LINE_SIGNATURE) {
			lines->fate[i] = FATE_SIGNATURE;
			if (strstr(lines->text[i], "签名由"))
				cut_master_signature(lines, i);
		} else if (lines->kind[i] == LINE_TEXT) {
			end = end > i ? end : own_end(lines, i);
			doom(lines, i, signature_end(lines, i, end), FATE_SIGNATURE);
		}
	}
	for (guint i = 0; i < lines->n; i++) {
		end = own_end(lines, i);
		if (end > i && lines->fate[i] == FATE_OWN) {
			cut_plain_signature(lines, end);
			i = end;
		}
	}
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

/* See own.h. */
static gboolean is_doubtful(struct lines *lines)
{
	gboolean head = FALSE, quote = FALSE;

	if (text_before(lines, lines->n))
		return FALSE;
	for (guint i = 0; i < lines->n; i++) {
		if (lines->kind[i] == LINE_TEXT &&
		    (lines->fate[i] == FATE_QUOTED || is_sentence(lines->text[i])))
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
	find_headers(&lines);
	find_attributions(&lines);
	find_rules(&lines);
	/* Signatures first where a rule announces them, so that they count as no own words. */
	cut_signatures(&lines);
	cut_below(&lines, is_reply);
	cut_quotes(&lines, is_reply);
	cut_signatures(&lines);
	own_out->own = collect(&lines, FATE_OWN);
	own_out->quoted = collect(&lines, FATE_QUOTED);
	own_out->signature = collect(&lines, FATE_SIGNATURE);
	own_out->doubtful = is_doubtful(&lines);
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
