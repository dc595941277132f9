#pragma once

/*
 * A mail server that follows a script, for one connection, in a thread of its own: what is heard is
 * kept, and a script that did not go as it should fails the test.
 */
#include <glib.h>

enum act {
	END,   /* reads on until the client goes */
	SAY,   /* the text */
	DRIP,  /* … byte by byte */
	HEAR,  /* a line that begins with the text */
	QUIET, /* nothing comes for a tenth of a second */
	BODY,  /* a letter with its end */
	SOME,  /* a part of it, 1000 bytes */
	LOGIN, /* AUTH in what way it comes, kept for the test */
	NUL,   /* a line with one in it */
	FLOOD, /* lines that continue, as many as are taken */
	LONG,  /* a line without an end */
	GONE,  /* hangs up */
	RESET, /* … so that what is on its way is lost */
	STUCK, /* neither reads nor says anything any more */
};

struct step {
	enum act act;
	const char *text;
};

struct peer {
	int listening;
	guint16 port;
	const struct step *steps;
	GThread *thread;
	GMutex lock;
	GString *heard; /* everything, as it came */
	gsize at;       /* what the script has looked at */
	GArray *reads;  /* of gsize: where each read ended */
	guint turns;    /* changes from hearing to saying, since the letters began */
	char *login;    /* the mechanism, then what was decoded of each line */
	char *wrong;    /* what did not go as the script has it */
	gboolean hears;
};

void peer_start(struct peer *peer, const struct step *steps);

/* Waits until the script has come to its end; it went as it should. */
void peer_stop(struct peer *peer);
void peer_clear(struct peer *peer);

/* Whether this has come; also while the script goes on. */
gboolean peer_has_heard(struct peer *peer, const char *text);

/* Whether the read in which `first` ended brought `second` too. */
gboolean peer_heard_together(const struct peer *peer, const char *first, const char *second);
