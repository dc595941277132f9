#pragma once

/*
 * Why a letter came back, told from a server's words, its status (RFC 3463) and its reply code.
 * The words count first: a 550 that says "frequency limited" is temporary whatever its code. Hard
 * is a reason for which the address itself can never work. Pure.
 */
#include <glib.h>

enum reason {
	REASON_UNKNOWN,   /* nothing says why */
	REASON_USER,      /* no such user: hard */
	REASON_HOST,      /* no such domain or host: hard */
	REASON_NO_MAIL,   /* the host takes no mail: hard */
	REASON_MOVED,     /* the address has moved: hard */
	REASON_FULL,      /* mailbox full */
	REASON_SUSPENDED, /* account disabled, inactive, locked */
	REASON_FILTERED,  /* refused for this recipient, by a rule of theirs */
	REASON_BLOCKED,   /* our host or address is refused */
	REASON_SPAM,      /* taken for spam or a virus */
	REASON_POLICY,    /* against a policy of theirs */
	REASON_AUTH,      /* SPF, DKIM, DMARC, reverse DNS */
	REASON_RELAYING,  /* relaying denied */
	REASON_SIZE,      /* too big */
	REASON_CONTENT,   /* not to their liking in form */
	REASON_RATE,      /* too many, too fast */
	REASON_EXPIRED,   /* could not be delivered in time */
	REASON_NETWORK,   /* no connection, DNS trouble, loops */
	REASON_SYSTEM,    /* their system has trouble */
	REASON_DELIVERED, /* it arrived */
};

/* Its name in JSON: "user-unknown", "mailbox-full" and so on; NULL of REASON_UNKNOWN. */
const char *reason_name(enum reason reason);

/* 1 hard, 0 soft, -1 unknown. */
int reason_is_hard(enum reason reason);

/* Whether the same letter may get through to the same address later: what is said is that something
 * is full, too much or broken, or the reply is a 4yz one. Another refusal of an address that may be
 * right (spam, a policy) does not pass by waiting: repeating it harms our name. `status` and `code`
 * may be NULL. */
gboolean reason_passes(enum reason reason, const char *status, const char *code);

/* The step of the SMTP dialogue at which the letter was refused. */
enum reason_step { STEP_UNKNOWN, STEP_RCPT, STEP_DATA };

/*
 * `words` may be NULL, `status` and `code` as well. "User unknown" is believed when the status
 * agrees (x.1.x) or the refusal answered RCPT TO; otherwise it may be a filter speaking, as some
 * carriers do after DATA, and counts as REASON_FILTERED.
 */
enum reason reason_classify(const char *words, const char *status, const char *code,
			    enum reason_step step);

/* The enhanced status ("5.1.1") in `words`, the one right behind a reply code before others,
 * and the first reply code ("550"); those of success only where there is no other. NULL where
 * there is none. (transfer full) */
char *reason_find_status(const char *words);
char *reason_find_code(const char *words);
