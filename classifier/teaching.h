#pragma once

/*
 * The classifier of an office: its lexicon in use, and the second layer that people's corrections
 * have taught it. What is taught anew is kept as a version (db/learnt_version.h), and decides only
 * where cross-validation says that both layers together are better than the lexicon alone.
 */
#include "classifier/classifier.h"
#include "db/db.h"

struct deciding {
	struct lexicon *lexicon;
	struct learnt *learnt; /* NULL: the lexicon alone */
	struct classifier *classifier;
	char *version; /* as opinions name it: "2026-2", with the second layer "2026-2/3" */
};

/* The one that decides now, for a stage connected as "worker". PINGYI_ERROR_INPUT where a version
 * cannot be read. */
gboolean deciding_open(struct db *db, GDateTime *now, struct deciding *deciding_out,
		       GError **error);
void deciding_close(struct deciding *deciding);

/* The second layer in use, to go with a lexicon; NULL without an error where there is none.
 * Returns: (transfer full) */
gboolean teaching_in_use(struct db *db, struct learnt **learnt_out, gint64 *version_out,
			 GError **error);

#define TEACHING_NEW   20u  /* corrections since the last time that are worth teaching … */
#define TEACHING_SHARE 0.05 /* … and this share of all of them */

struct taught {
	guint corrections; /* that could be learnt from */
	gint64 version;    /* what was kept; 0: nothing was taught */
	gboolean in_use;   /* it decides from now on */
	double lexicon;    /* accuracies, cross-validated */
	double learnt;
	double both;
};

/* Teaches the second layer with all corrections, the newest first, unless there are too few new
 * ones since the last time (`anyway`: also then). `account`: 0 for a stage. */
gboolean teach(struct db *db, gboolean anyway, gint64 account, GDateTime *now,
	       struct taught *taught_out, GError **error);
