#pragma once

/* The versions of the lexicon that an office has (table lexicon), and which of them decides. */
#include "classifier/lexicon.h"
#include "db/db.h"

/* The one that decides now: the version in use, else the program's own. `text_out` (transfer full,
 * may be NULL) gets its text. Returns: (transfer full) */
struct lexicon *lexicon_in_use(struct db *db, char **text_out, GError **error);

/* The same for a stage that is about to decide, connected as "worker": the program's own is kept as
 * a version first, and `version` is what opinions call it. Returns: (transfer full) */
struct lexicon *lexicon_to_decide(struct db *db, GDateTime *now, GError **error);

/* A version that the office has, or the program's own by its version or as LEXICON_BUILT_IN.
 * PINGYI_ERROR_INPUT where there is none. Returns: (transfer full) */
struct lexicon *lexicon_of_version(struct db *db, const char *version, char **text_out,
				   GError **error);

/* Whether every target is a department of the office: PINGYI_ERROR_INPUT names `name` and the line
 * of the first that is none. */
gboolean lexicon_fits(struct db *db, const struct lexicon *lexicon, const char *name,
		      GError **error);

/* Keeps a lexicon that was read from the file `name` as a new version. PINGYI_ERROR_INPUT where the
 * office or the program has other words under this version. `account`: 0 for the administrator.
 * `is_new_out`: FALSE: it was there. */
gboolean lexicon_import(struct db *db, const struct lexicon *lexicon, const char *name,
			const char *text, gint64 account, GDateTime *now, gboolean *is_new_out,
			GError **error);
