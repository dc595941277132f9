#pragma once

/* Delivering into a Maildir: written and synced in tmp/, then renamed into new/. The file's name is
 * made of the Message-ID, so that the same mail delivered twice is one file. Lines ending with CR
 * LF end with LF there. */
#include <glib.h>

/* Makes the Maildir's folders when they are not there. PINGYI_ERROR_TEMPORARY when it cannot be
 * written (a full disk passes). */
gboolean maildir_deliver(const char *path, const char *message_id, GBytes *message, GError **error);
