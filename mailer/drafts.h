#pragma once

/* Composes mails in hand: keeps a composer for each round and kind, and what each needs. */
#include "mailer/compose.h"
#include "mailer/ledger.h"

struct drafts;

/* Returns: (transfer full) */
struct drafts *drafts_new(struct office *office);
void drafts_free(struct drafts *drafts);

/* Makes what composing `mail` needs and is not there yet, asking `db`. Errors as those of
 * composer_new(): no mail of its round and kind can be composed then. */
gboolean drafts_prepare(struct drafts *drafts, struct db *db, const struct mail *mail,
			GError **error);

/* Fills mail->text, as it goes on the wire; asks nobody. PINGYI_ERROR_INPUT when this one cannot be
 * composed. */
gboolean drafts_compose(struct drafts *drafts, struct mail *mail, GDateTime *now, GError **error);

/* mail->text is wanted no longer. */
void drafts_take_back(struct drafts *drafts, struct mail *mail);
