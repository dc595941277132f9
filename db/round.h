#pragma once

/* A round (轮次): one questionnaire sent to many enterprises between two dates. */
#include "db/db.h"

struct round {
	gint64 id;
	char *code; /* what commands call it: 2026-1 */
	char *title;
	char *state; /* draft, released, closed, archived */
	char *opens; /* dates as YYYY-MM-DD */
	char *closes;
	char *keep_until;
	char *language;      /* zh or en */
	char *template_text; /* of the letter, XHTML */
	char *questionnaire; /* XML */
	gboolean with_form;  /* the fill-in form goes with the letter */
	GBytes *form;      /* .docx without a number; NULL before the release and where none goes */
	guint reminders;   /* that an enterprise gets at most */
	guint remind_days; /* working days from a letter to its reminder */
};

/* The round with this code, or the newest one for NULL.
 * Returns: (transfer full) NULL with PINGYI_ERROR_INPUT when there is none. */
struct round *round_get(struct db *db, const char *code, GError **error);

/* The same by its id. */
struct round *round_get_by_id(struct db *db, gint64 id, GError **error);

void round_free(struct round *round);

typedef struct round round_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(round_handle, round_free)
