#pragma once

/* The connections to a relay that are open at once: opens them as letters need them, carefully
 * where the relay refuses, and gives them letters. A Maildir counts as one that is always open. */
#include "mailer/ledger.h"
#include "mailer/relay.h"

#include <poll.h>

struct lanes;

/* `relay` is borrowed. Returns: (transfer full) */
struct lanes *lanes_new(const struct relay *relay);

/* Closes all connections at once; mails under way are appended to `ended`, as by lanes_work(). */
void lanes_stop(struct lanes *lanes, GPtrArray *ended);

/* Nothing is under way any more, and all that has ended is committed. NULL is fine. */
void lanes_free(struct lanes *lanes);

/*
 * Does what can be done without waiting, opening connections for up to `waiting` letters. Mails
 * that have ended are appended to `ended` (of struct mail: lane, in_window, outcome and answer set;
 * the outcome of one that was not tried is NULL). FALSE when there is no way through this relay
 * now: PINGYI_ERROR_TEMPORARY or _PERMANENT as smtp_work(), or connections were lost again and
 * again.
 */
gboolean lanes_work(struct lanes *lanes, guint waiting, GPtrArray *ended, GError **error);

/* Whether a letter can be given now, and giving it: `mail` is composed. It is borrowed until it is
 * among those that have ended. */
gboolean lanes_have_room(const struct lanes *lanes);
void lanes_give(struct lanes *lanes, struct mail *mail);

/* How many connections there may be, and how many letters are under way. */
guint lanes_size(const struct lanes *lanes);
guint lanes_under_way(const struct lanes *lanes);

/* What a commit recorded: the next letters may leave. Once for each mail that has ended, before it
 * is freed, also when it will be recorded no more. */
void lanes_commit(struct mail *mail);

/* No more letters are given: open connections say goodbye. TRUE once all are closed. */
gboolean lanes_quit(struct lanes *lanes);

/* Appends what to poll for to `fds` (of struct pollfd), in an order that lanes_polled() knows.
 * `until_out` gets when to look again at the latest (monotonic, µs), if that is earlier. */
void lanes_poll(struct lanes *lanes, GArray *fds, gint64 *until_out);
/* The answers of poll(), from `fds` on. */
void lanes_polled(struct lanes *lanes, const struct pollfd *fds);
