#pragma once

/*
 * Messages of a mailbox on an IMAP server. Those of known places (login@host, mailbox, UIDVALIDITY,
 * UID) stay unfetched; the others come without a flag being set, and get \Seen only once they are
 * stored (unless the server lets no flag be set: nothing depends on it). One over
 * SOURCE_MESSAGE_MAX stays where it is.
 */
#include "collector/imap.h"
#include "collector/source.h"

/* Errors as those of imap.h, and the sink's own. What was stored before an error stays stored. */
gboolean source_imap(const struct imap_options *options, const struct source_sink *sink,
		     GError **error);
