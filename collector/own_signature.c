#include "collector/own_lines.h"

#include "collector/marker.h"

#include <string.h>

#define SIGNATURE_LINES_MAX 10  /* of a signature that no rule announces */
#define SIGNATURE_LINE_MAX  120 /* bytes of one of its lines */

#define SENTENCE_MIN 24 /* bytes of a line that says something: eight characters */

#define NAME_LINES_MAX 5  /* of a name and firm below a rule */
#define NAME_LINE_MAX  60 /* bytes of one of them */

gboolean own_lines_is_text(const struct lines *lines, guint at)
{
	return lines->kind[at] == LINE_TEXT && lines->fate[at] == FATE_OWN;
}

/* A line that was own may become another's, never the other way round: what was passed once need
 * not be looked at again. */
gboolean own_lines_before(struct lines *lines, guint at)
{
	while (lines->first < at && !own_lines_is_text(lines, lines->first))
		lines->first++;
	return lines->first < at;
}

void own_lines_give(struct lines *lines, guint from, guint to, enum line_fate fate)
{
	for (guint i = from; i < to; i++)
		if (lines->fate[i] == FATE_OWN)
			lines->fate[i] = fate;
}

gboolean own_lines_are_signature(const struct lines *lines, guint from, guint to)
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

/* A few short lines without a sentence, as stand below a rule that a client draws; what stands
 * between two rules is a list. */
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
	return solid > 0 &&
	       !(to < lines->n && lines->kind[to] == LINE_TEXT && marker_rule(lines->text[to]));
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
	if (top > 0 && own_lines_before(lines, top) && own_lines_are_signature(lines, top, end))
		own_lines_give(lines, top, end, FATE_SIGNATURE);
}

gboolean own_lines_is_sentence(const char *text)
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
		if (own_lines_is_sentence(lines->text[i]))
			return TRUE;
	}
	return FALSE;
}

/* A sentence of some length, and nothing by which to reach its writer: people draw such lines above
 * what they say, too. */
static gboolean is_opinion(const struct lines *lines, guint from, guint to)
{
	gboolean sentence = FALSE;

	for (guint i = from; i < MIN(to, from + 2 * SIGNATURE_LINES_MAX); i++) {
		const char *text = lines->text[i];

		if (lines->kind[i] != LINE_TEXT)
			continue;
		if (marker_disclaimer(text) || marker_contact(text))
			return FALSE;
		sentence |= strlen(text) >= SENTENCE_MIN &&
			    (strstr(text, "。") != NULL || strstr(text, "；") != NULL);
	}
	return sentence;
}

/*
 * Where the signature or disclaimer that line `at` announces ends; `at` when it announces none.
 * Up to `end`, where these own words end, but what a gateway says in front of all words ends with
 * its paragraph, and a rule that people draw too divides their sentences from one another.
 */
static guint signature_end(struct lines *lines, guint at, guint end)
{
	const char *text = lines->text[at];
	gboolean above = own_lines_before(lines, at);

	if (marker_disclaimer(text)) {
		for (guint i = at; !above && i < end; i++)
			if (lines->kind[i] == LINE_EMPTY)
				return i;
		return end;
	}
	if (marker_signature_rule(text))
		return (above && g_str_has_prefix(text, "--") && text[2] != '-' &&
			!is_opinion(lines, at + 1, end)) ||
			       !has_sentences(lines, at + 1, end)
			   ? end
			   : at;
	if (marker_rule(text) && above &&
	    (own_lines_are_signature(lines, at + 1, end) || looks_like_name(lines, at + 1, end)))
		return end;
	return at;
}

void own_lines_cut_signatures(struct lines *lines)
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
			own_lines_give(lines, i, signature_end(lines, i, end), FATE_SIGNATURE);
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
