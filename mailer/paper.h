#pragma once

/*
 * Letters of a round on paper: which, with what values, in batches, so that a round of any size
 * needs the memory of one batch. What has been printed is an event.
 */
#include "db/office.h"
#include "db/round.h"
#include "templates/print.h"

struct paper_options {
	gboolean only_without_mail; /* else all */
	gboolean only_lost;         /* refused or come back, and not answered */
	const char *const *numbers; /* NULL-terminated; only these; or NULL */
	const char *path;           /* the file, or the folder */
	gboolean each;
	gboolean no_window;
	gboolean no_sheet;
	guint label_columns, label_rows; /* 0: letters */
};

/* Called after each batch: how many of how many. */
typedef void paper_progress(void *user, guint64 done, guint64 total);

/* The fonts of [print] as a style has them; borrowed from the office. */
void paper_fonts(struct office *office, struct print_style *style);

#define PAPER_NAMED_MAX 5 /* numbers of letters that are told */

/* What was printed; borrowed. */
struct paper_report {
	const struct print_report *print;
	guint without_address; /* letters to an enterprise without a postal address … */
	const char *numbers;   /* … and the first of them, as people read it */
};

/*
 * Prints letters or labels of a released round, over a connection as staff, and records it for
 * `account`. `done` is told what was printed before the session ends.
 * PINGYI_ERROR_STATE when the round is a draft, PINGYI_ERROR_INPUT when there is nothing to print,
 * a number is not of the round, or as print_new().
 */
typedef void paper_reporter(void *user, const struct paper_report *report);
gboolean paper_print(struct office *office, struct db *db, const struct round *round,
		     const struct paper_options *options, gint64 account, GDateTime *now,
		     paper_progress *progress, paper_reporter *reporter, void *user,
		     GError **error);
