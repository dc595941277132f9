#pragma once

/*
 * Which parts of a message are shown and which are attached (RFC 8621, section 4.1.4), and their
 * text. Of alternatives one is read: the plain one, unless it is empty or only says that there is
 * HTML. Pure.
 */
#include "collector/mime.h"

#include <glib.h>

#define BODY_TEXT_MAX  (1024u * 1024)     /* bytes of text of one part */
#define BODY_TEXTS_MAX (8u * 1024 * 1024) /* of a message's; parts beyond are kept without text */

struct body {
	const struct mime_part *part; /* borrowed */
	char *text;                   /* decoded, as it was sent (HTML stays HTML) */
	gboolean cut;                 /* `text` is not all of it */
};

struct message_bodies {
	GPtrArray *bodies;      /* of struct body, in order */
	GPtrArray *attachments; /* of const struct mime_part, in order, borrowed */
	char *marked;           /* the text that is shown, with the marks of html.h */
	char *html;             /* all HTML sources, or NULL */
	guint lost;             /* HTML_LOST_ (html.h) of what is shown */
	guint shown;            /* parts whose text `marked` is */
};

void message_bodies_read(const struct mime_message *message, struct message_bodies *out);
void message_bodies_clear(struct message_bodies *bodies);

/* A text part's bytes as UTF-8: by its charset, HTML without one by its meta element. Bounded.
 * (transfer full) */
char *body_text(const struct mime_part *part);

/* The same; says whether it was cut. (transfer full) */
char *body_text_cut(const struct mime_part *part, gboolean *cut_out);

/* format=flowed (RFC 3676) with its lines joined again. (transfer full) */
char *body_unflow(const char *text, gboolean delsp);
