#pragma once

/*
 * A mail server that answers each line as a table says, one connection after another, in a thread
 * of its own: for what no well-behaved server does. smtp_peer.h has one that follows a script.
 */
#include <glib.h>

#define LINE_PEER_ANSWERS 16

/*
 * In a text "%s" is the first word of the line that is answered (IMAP's tag); what stands behind
 * "…" is said for ever; "✂" hangs up. Behind a text that begins with 354 comes a letter, and its
 * end is the line "." to be answered.
 */
struct line_answer {
	const char *line; /* a part of it; the first row that fits and has a text */
	const char *text;
};

struct line_peer {
	/* set before it starts */
	const char *greeting;
	struct line_answer answers[LINE_PEER_ANSWERS];
	const char *otherwise;
	guint letter_max; /* hangs up after so many bytes of a letter; 0: never */
	guint pause_ms;   /* before each answer */

	/* to be looked at once it has stopped */
	GString *lines;  /* that came, but for letters' */
	GString *letter; /* the last one, as it came, without its closing dot */
	guint sessions;

	int listening;
	guint16 port;
	GThread *thread;
};

void line_peer_start(struct line_peer *peer);
void line_peer_stop(struct line_peer *peer);
void line_peer_clear(struct line_peer *peer);

/* "imap://127.0.0.1:4711". Returns: (transfer full) */
char *line_peer_url(const struct line_peer *peer, const char *scheme);
