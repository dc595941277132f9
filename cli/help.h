#pragma once

/* `pingyi COMMAND --help`. */
#include <glib.h>

/*
 * Prints it on stdout, in the terminal's width, 80 columns elsewhere. `parameters` names the ways
 * to call the command, with " | " between them; `summary` (translated) says what it does: each of
 * its lines is a paragraph, one with a tab in it a way to call the command and what that does.
 * `entries` may be NULL.
 */
void help_print(const char *command, const GOptionEntry *entries, const char *parameters,
		const char *summary);

/* A way of a command, or the argument of an option, with its places ("FILE", "ROUND") as people of
 * the reader's language call them. Returns: (transfer full) */
char *help_places(const char *text);
