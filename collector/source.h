#pragma once

/*
 * Where messages come from: a Maildir, an mbox, single files; the mail servers stand in
 * source_imap.h and source_pop3.h. A source shows its items one after another, and marks one as
 * taken only once its bytes are committed; items whose place is known are not fetched.
 */
#include "db/message.h"

#define SOURCE_MESSAGE_MAX MESSAGE_MAX /* a larger one stays where it is; its head is kept */

/* Given to a source by whoever stores. What comes through add() is committed with others, by
 * flush() at the latest, which who runs the source calls in the end. Everything else is committed
 * when it returns TRUE. */
struct source_sink {
	/* What is here of the message at this place. */
	gboolean (*known)(void *user, const struct message_place *place,
			  enum message_known *known_out, GError **error);
	/* Stores a message of at most MESSAGE_PIECE_BYTES. */
	gboolean (*add)(void *user, const struct message_place *place, GBytes *raw, GError **error);
	gboolean (*flush)(void *user, GError **error);
	/* A larger one, as it comes: nothing else may be asked until end(), which commits it, or
	 * drop(), which forgets it. After an error it is dropped. */
	gboolean (*begin)(void *user, const struct message_place *place, GError **error);
	gboolean (*more)(void *user, const guint8 *bytes, gsize size, GError **error);
	gboolean (*end)(void *user, const struct message_place *place, GError **error);
	void (*drop)(void *user);
	/* Of one of `size` bytes, over SOURCE_MESSAGE_MAX, the first ones. */
	gboolean (*head)(void *user, const struct message_place *place, GBytes *head, guint64 size,
			 GError **error);
	/* A message that was left where it is, with the reason. */
	void (*skipped)(void *user, const struct message_place *place, const char *why);
	void *user;
};

/* What a mail server is asked to do with messages that are stored; until then nothing is done. Who
 * opens a mailbox for SOURCE_KEEP opens it so that nothing can change in it. */
enum source_after {
	SOURCE_SEEN,   /* they get \Seen (POP3 has no such thing: kept) */
	SOURCE_FLAG,   /* they get \Flagged (POP3: kept) */
	SOURCE_MOVE,   /* they move to another folder (IMAP) */
	SOURCE_KEEP,   /* nothing */
	SOURCE_DELETE, /* they are deleted (POP3) */
};

/* Reads "seen", "flag", "move FOLDER", "keep" or "delete"; `folder_out` points into `text`.
 * `pop3`: whose server it is. PINGYI_ERROR_INPUT for what it cannot do. */
gboolean source_after_read(const char *text, gboolean pop3, enum source_after *after_out,
			   const char **folder_out, GError **error);

/* Messages of a Maildir's new/ and cur/; taken ones move from new/ to cur/ in the end. */
gboolean source_maildir(const char *path, const struct source_sink *sink, GError **error);

/* Messages of an mbox file (RFC 4155, with ">From " and Content-Length as found). */
gboolean source_mbox(const char *path, const struct source_sink *sink, GError **error);

/* One file with one message, or a folder of .eml files. */
gboolean source_file(const char *path, const struct source_sink *sink, GError **error);

/* The .eml files of a zip archive. What it unpacks to, and the number of its files, are bounded;
 * PINGYI_ERROR_INPUT beyond that, and where a file in it is damaged: what came before is stored. Of
 * one without a whole directory nothing is. */
gboolean source_zip(const char *path, const struct source_sink *sink, GError **error);
