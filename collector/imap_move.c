#include "collector/imap_session.h"

#include "base/error.h"

/* A command that the server may refuse without harm. */
static gboolean try(struct imap *imap, const char *command, gboolean *refused_out, GError **error)
{
	g_autoptr(GError) problem = NULL;

	*refused_out = FALSE;
	if (imap_run(imap, command, NULL, &problem))
		return TRUE;
	*refused_out = !imap->broken;
	if (imap->broken)
		g_propagate_error(error, g_steal_pointer(&problem));
	return *refused_out;
}

gboolean imap_mark(struct imap *imap, const guint32 *uids, guint count, const char *flag,
		   gboolean *refused_out, GError **error)
{
	g_autofree char *set = imap_text_set(uids, count);
	g_autofree char *command = g_strdup_printf("UID STORE %s +FLAGS.SILENT (%s)", set, flag);

	return try(imap, command, refused_out, error);
}

/* MOVE or COPY; where that is refused, once more with the folder made. */
static gboolean transfer(struct imap *imap, const char *verb, const char *set, const char *folder,
			 GError **error)
{
	g_autofree char *name = imap_text_mailbox(folder);
	g_autofree char *create = g_strdup_printf("CREATE %s", name);
	g_autofree char *command = g_strdup_printf("UID %s %s %s", verb, set, name);
	gboolean refused = FALSE;

	return try(imap, command, &refused, error) &&
	       (!refused ||
		(try(imap, create, &refused, error) && imap_run(imap, command, NULL, error)));
}

/* Without MOVE. The copy comes before the mark: a server may take away at once what is marked, and
 * then nothing would be left to copy. So that no copy is made in vain, the server is asked first
 * whether marks may be changed, by taking off one that is not there: that needs the same right
 * (RFC 4314, 2.1). What was copied and could not be marked after all gets a keyword instead, and is
 * not found again. */
static gboolean copy_away(struct imap *imap, const char *set, const char *folder, GError **error)
{
	g_autofree char *ask = g_strdup_printf("UID STORE %s -FLAGS.SILENT (\\Deleted)", set);
	g_autofree char *mark = g_strdup_printf("UID STORE %s +FLAGS.SILENT (\\Deleted)", set);
	g_autofree char *note =
	    g_strdup_printf("UID STORE %s +FLAGS.SILENT (" IMAP_COPIED ")", set);
	g_autofree char *expunge = g_strdup_printf("UID EXPUNGE %s", set);
	gboolean refused = FALSE;
	GError *problem = NULL;

	if (!imap_run(imap, ask, NULL, error) || !transfer(imap, "COPY", set, folder, error))
		return FALSE;
	if (imap_run(imap, mark, NULL, error))
		return !imap->can_expunge_some || try(imap, expunge, &refused, error);
	/* the first failure is the one to tell, unless the session breaks over the note */
	if (!imap->broken && !try(imap, note, &refused, &problem)) {
		g_clear_error(error);
		g_propagate_error(error, problem);
	}
	return FALSE;
}

gboolean imap_move(struct imap *imap, const guint32 *uids, guint count, const char *folder,
		   GError **error)
{
	g_autofree char *set = imap_text_set(uids, count);

	if (imap->read_only) {
		g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
				    _("the mail server lets nothing be changed (READ-ONLY)"));
		return FALSE;
	}
	if (imap->can_move)
		return transfer(imap, "MOVE", set, folder, error);
	if (imap->can_delete)
		return copy_away(imap, set, folder, error);
	g_set_error_literal(
	    error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
	    _("the mail server lets no message be marked as deleted (PERMANENTFLAGS)"));
	return FALSE;
}
