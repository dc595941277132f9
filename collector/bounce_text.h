#pragma once

/*
 * A delivery report's own text, read for what no structure tells: which addresses failed, what was
 * said about each, at which step of the SMTP dialogue, and where the copy of the letter begins.
 * Pure; used by bounce.c alone.
 */
#include "collector/mime.h"
#include "collector/reason.h"

#include <glib.h>

/* Where the copy of the letter begins in a report's text; its end when there is none. */
const char *bounce_text_end(const char *text);

/* Addresses that the report `own` (text without the copy) says failed, each once, in order; those
 * of the report's sender and reader left out. (transfer full) char * */
GPtrArray *bounce_text_recipients(const struct mime_message *message, const char *own);

/* Every stretch of `own` that speaks of `recipient`; `all` are the recipients, whose mention ends
 * a stretch. "" when it is never named. (transfer full) */
char *bounce_text_about(const char *own, const char *recipient, const GPtrArray *all);

/* The server's reply in a stretch: from the first line with a reply code or status to the next
 * empty line; NULL when there is none. (transfer full) */
char *bounce_text_reply(const char *about);

/* The step at which the letter was refused, as far as the text says. */
enum reason_step bounce_text_step(const char *about);
