#pragma once

/*
 * The writer's own words apart from the letter that is answered, the signature, the client's
 * advertisement and disclaimers: top-posted, bottom-posted or between the lines, by what QQ Mail,
 * Foxmail, 163, Outlook, Thunderbird, Gmail and phones write, in Chinese, English and a dozen other
 * languages. Works on lines; nothing is lost: each line goes to exactly one of three texts.
 *
 * Where somebody answers between the lines, the quoted lines that stand between own words stay in
 * `own`, as lines that begin with ">": without the question the answer says little. Such lines are
 * never the writer's words; own_strip_quotes() takes them away.
 */
#include "collector/own_lead.h"

#include <glib.h>

#define OWN_LINES_MAX 20000 /* lines that are looked at; the rest counts as quoted */

struct own {
	char *own;
	char *quoted;    /* the letter that is answered, with its markers */
	char *signature; /* signatures, advertisements, disclaimers */
	/*
	 * There are no own words, but lines that bear no mark of their own ("> ", a client's HTML)
	 * stand in `quoted`, only because something above them looks like the head of a letter, or
	 * sentences stand in `signature`: what the writer said may be among them.
	 * Or `lead`: there are own words, but they only greet, name or point (own_lead.h), and what
	 * they lead to stands there: in between the letter's lines, under a rule.
	 */
	gboolean doubtful;
	enum own_lead lead;
};

/*
 * `text` is UTF-8, perhaps with the marks of html.h. `is_reply` says that the message answers
 * another one (by its headers): then a body that begins with a reply marker and has nothing above
 * it is an empty answer; otherwise what follows the marker counts as own (a forwarded text, a
 * bare body).
 */
void own_split(const char *text, gboolean is_reply, struct own *own_out);
void own_clear(struct own *own);

/* `own` without its quoted lines. (transfer full) */
char *own_strip_quotes(const char *own);
