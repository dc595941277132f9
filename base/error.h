#pragma once

/*
 * The one error domain. A code says what the caller can do about it; the message says what
 * happened and where, in one line, ready to be shown to a person (translated by the callee).
 * Callees fill, callers add where with g_prefix_error(), only main() and the request loop print.
 */
#include <glib.h>
#include <libintl.h>

#define _(text)  gettext(text)
#define N_(text) text /* marks a msgid that is translated where it is shown */

#define PINGYI_ERROR (pingyi_error_quark())

enum pingyi_error {
	PINGYI_ERROR_INPUT,     /* mend the input: what was given is wrong */
	PINGYI_ERROR_STATE,     /* not now: the thing is in another state */
	PINGYI_ERROR_DENIED,    /* not you */
	PINGYI_ERROR_TEMPORARY, /* try again later: SMTP 4yz, SQLSTATE 08, 40, 53, 57 */
	PINGYI_ERROR_PERMANENT, /* give up: trying again will not help */
	PINGYI_ERROR_BUG,       /* our own fault */
};

GQuark pingyi_error_quark(void);

/* The exit code (sysexits.h) that belongs to an error; any other domain counts as a bug. */
int pingyi_error_exit_code(const GError *error);
