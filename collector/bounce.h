#pragma once

/*
 * What a mail server says about a letter: delivery reports by RFC 3464 and the many shapes without
 * one (Aliyun, Coremail and 163, QQ, Exchange, Postfix, Exim, qmail, Sendmail, Gmail and others).
 * One record a recipient. Whether a message is a report at all is kind.h's business.
 */
#include "collector/mime.h"
#include "collector/reason.h"

#include <glib.h>

#define BOUNCES_MAX      200  /* recipients of one report */
#define BOUNCE_WORDS_MAX 2000 /* bytes of a server's words that are kept */

struct bounce {
	char *recipient; /* lower-case domain, NULL when unknown */
	char *status;    /* "5.1.1" as it stood in the report, or NULL */
	char *code;      /* "550", or NULL */
	char *action;    /* "failed", "delayed", "delivered", "relayed", "expanded"; NULL */
	char *words;     /* the server's, or NULL */
	enum reason reason;
};

void bounce_free(struct bounce *bounce);

/* A report's recipients: from its delivery-status parts, else from `text` (the report's own text
 * in UTF-8). (transfer full) a GPtrArray of struct bounce. */
GPtrArray *bounce_read(const struct mime_message *message, const char *text);

/* The letter that came back, or its headers, wherever the report carries it: (transfer full) its
 * raw bytes, or NULL. `text` is the report's own text. */
GBytes *bounce_original(const struct mime_message *message, const char *text);

/* The delivery-status part (RFC 3464), or NULL; borrowed. */
const struct mime_part *bounce_status_part(const struct mime_message *message);
