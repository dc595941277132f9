#pragma once

/*
 * What sort of message it is: a person's reply, or one of the machines' kinds, none of which may be
 * taken for an opinion. By structure first (reports by RFC 3464, 5965, 8098), then by headers
 * (RFC 3834 and what QQ, Exchange and others write instead), then by what servers without any
 * standard say. Auto-Submitted alone proves nothing, its absence neither. What words alone tell is
 * a guess: people write of delays and holidays too. Pure.
 */
#include "collector/mime.h"

#include <glib.h>

enum kind {
	KIND_REPLY,
	KIND_BOUNCE,
	KIND_DELAY,
	KIND_DELIVERED,
	KIND_AUTO_REPLY,
	KIND_RECEIPT,
	KIND_COMPLAINT,
	KIND_UNSUBSCRIBE,
	KIND_OTHER,
};

/* Its name in JSON: "reply", "bounce", ... */
const char *kind_name(enum kind kind);

/*
 * `subject` and `text` (all the text) are UTF-8 and may be NULL; `own` are the writer's own words.
 * `guessed_out`: it is no reply by words of its subject or text only; there is no header and no
 * structure that only machines write. One that unsubscribes by what it says alone is no guess.
 */
enum kind kind_tell(const struct mime_message *message, const char *subject, const char *text,
		    const char *own, gboolean *guessed_out);
