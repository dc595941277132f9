#pragma once

/*
 * What a mail server (SMTP, IMAP, POP3) said last while a connection to it opened, for telling
 * people why it did not. Pure.
 */
#include <glib.h>

struct heard;

/* What is given to the server for a login (either may be NULL), and is never quoted. Returns:
 * (transfer full) */
struct heard *heard_new(const char *user, const char *password);
void heard_free(struct heard *heard);

/* One more line, with its end or without; an answer of SMTP may have several. */
void heard_add(struct heard *heard, const char *bytes, gsize size);

/* The last answer as it came, on one line, where it refuses something, without what stands before
 * the words (IMAP's tag). Returns: (transfer none) valid until more is added; NULL: it refuses
 * nothing. */
const char *heard_refusal(const struct heard *heard);

/* Whether it is something that no mail server says. */
gboolean heard_is_strange(const struct heard *heard);

/* The refusal or what is strange as people may see it: without addresses and the name of the login;
 * of a refusal that repeats the password only the first word. Returns: (transfer full) NULL when
 * there is neither. */
char *heard_quote(const struct heard *heard);
