#pragma once

/*
 * Messages of a mailbox on a POP3 server. Those of known places (login@host, UIDL) stay unfetched;
 * one over SOURCE_MESSAGE_MAX stays where it is. With SOURCE_DELETE, and only then, what is stored
 * is deleted, at the end of a session that went well.
 */
#include "collector/pop3.h"
#include "collector/source.h"

/* A connection that is lost is opened again while messages come. Errors as those of pop3.h, and
 * the sink's own. What was stored before an error stays stored. */
gboolean source_pop3(const struct pop3_options *options, enum source_after after,
		     const struct source_sink *sink, GError **error);
