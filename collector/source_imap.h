#pragma once

/*
 * Messages of a mailbox on an IMAP server. Those of known places (login@host, mailbox, UIDVALIDITY,
 * UID) stay unfetched; the others come without a flag being set. Once they are stored, and only
 * then, they get a flag (unless the server lets none be set: nothing depends on it) or move to
 * another folder: where that is refused all are fetched nevertheless, and then it is an error. One
 * over SOURCE_MESSAGE_MAX stays where it is.
 */
#include "collector/imap.h"
#include "collector/source.h"

/* `folder` is that of SOURCE_MOVE. A connection that is lost is opened again while messages come.
 * Errors as those of imap.h, and the sink's own. What was stored before an error stays stored. */
gboolean source_imap(const struct imap_options *options, enum source_after after,
		     const char *folder, const struct source_sink *sink, GError **error);
