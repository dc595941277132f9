#pragma once

/* Variable envelope return paths: the letter's number in the envelope sender, so that a bounce
 * names its letter whatever it says. Off by default: many relays accept only the login's address.
 */
#include <glib.h>

enum verp {
	VERP_OFF,    /* the sender itself */
	VERP_PLUS,   /* local+PY-XXXXXXXX@domain */
	VERP_DOMAIN, /* PY-XXXXXXXX@bounce_domain */
};

/* Reads the setting: off, plus, domain. FALSE with PINGYI_ERROR_INPUT for anything else. */
gboolean verp_parse(const char *text, enum verp *verp_out, GError **error);

/* The envelope sender of the letter `number` from `from` ("local@domain"). `bounce_domain` is for
 * VERP_DOMAIN alone; where it is missing, the sender itself is used.
 * Returns: (transfer full) */
char *verp_address(enum verp verp, const char *from, const char *bounce_domain, const char *number);
