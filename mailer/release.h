#pragma once

/* Releasing a round: a named person lets it go. Everything that a letter needs is checked and made
 * now and frozen: the template compiles, the questionnaire is valid, the fill-in form is made once,
 * every enterprise gets its letter with number, link and Message-ID. */
#include "db/office.h"
#include "db/round.h"
#include "mailer/compose.h"

/* Releases `round` in the name of `account`; `letters_out` gets the number of letters. In one
 * transaction of `db` (a staff connection). PINGYI_ERROR_INPUT with file and line where the
 * template or the questionnaire is wrong, or naming the enterprise whose letter cannot carry what
 * is attached; PINGYI_ERROR_STATE when it is no draft or nobody is to be asked. */
gboolean release_round(struct office *office, struct db *db, const struct round *round,
		       gint64 account, GDateTime *now, guint *letters_out, GError **error);

/* The fill-in form that the release makes, the same for all letters but for the number.
 * Returns: (transfer full) NULL with PINGYI_ERROR_INPUT, file and line. */
GBytes *release_form(struct office *office, struct db *db, const struct round *round,
		     GError **error);

/* The composer of a round's letters, with the files that go with all of them: what the release
 * checks. Returns: (transfer full) NULL with PINGYI_ERROR_INPUT, file and line. */
struct composer *release_composer(struct office *office, struct db *db, const struct round *round,
				  GError **error);
