#pragma once

/* `pingyi round attach` and `attachments`: the files that go with a round's letters. */
#include "cli/command.h"

struct attach_request {
	const char *enterprise; /* whose letter alone: name, short name or credit code; NULL: all */
	const char *each;       /* a folder with files for one enterprise each, or NULL */
	gboolean remove;
	gboolean skip;    /* with `each`: leave out files that are nobody's */
	gboolean dry_run; /* say what would be done */
};

/* Adds (or takes away) the files of a draft, all or none. */
gboolean round_attach(struct app *app, const char *code, char **files, guint n,
		      const struct attach_request *request, GError **error);

/* Prints what goes with its letters. */
gboolean round_attachments(struct app *app, const char *code, GError **error);
