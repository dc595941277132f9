#pragma once

/*
 * A command of `pingyi`: one file each, cmd_<name>.c, and one row in cli/main.c's table, which
 * stands in the order of the work. A command prints its data on stdout and chatter on stderr and
 * leaves printing of errors to main().
 */
#include <glib.h>

/* What all commands are given. */
struct app {
	const char *office_path; /* --office, else $PINGYI_OFFICE, else the current folder */
	GDateTime *now;		 /* the clock of this run: --now, else the real one */
	gboolean json;		 /* --json after the command's name */
};

typedef gboolean command_function(struct app *app, int argc, char **argv, GError **error);

struct command {
	const char *name;
	command_function *run; /* argv[0] is the command's name */
	const char *summary;   /* one line, a msgid */
};

extern const struct command command_table[]; /* ends with a NULL name */
