#include "collector/source_imap.h"

#include "base/error.h"
#include "collector/source_again.h"

#define SIZES_AT_ONCE  500u                     /* messages whose size one command asks for */
#define FETCH_AT_ONCE  20u                      /* messages that one command fetches … */
#define FETCH_BYTES    (64u << 20)              /* … unless they are larger than this together */
#define MOVES_AT_ONCE  500u                     /* messages that one command moves */
#define LITERALS_SLACK (SOURCE_MESSAGE_MAX * 2) /* sizes are what the server says: never exact */

struct imap_source {
	struct imap *imap;
	const struct source_sink *sink;
	char *account;
	gint64 uidvalidity;
	enum source_after after;
	const char *folder; /* of SOURCE_MOVE */
	gboolean read_only; /* no flag can be set */
	GArray *stored;     /* of guint32: what gets a flag or moves next */
	struct source_again *again;
};

/* The place of a message; `uid_text` holds its number. */
static struct message_place place_of(const struct imap_source *source, guint32 uid,
				     char uid_text[16])
{
	struct message_place place = {
	    .channel = "imap",
	    .account = source->account,
	    .mailbox = imap_mailbox(source->imap),
	    .uidvalidity = source->uidvalidity,
	    .uid = uid_text,
	};

	g_snprintf(uid_text, 16, "%u", uid);
	return place;
}

static void skip(struct imap_source *source, guint32 uid, const char *why)
{
	char text[16];
	struct message_place place = place_of(source, uid, text);

	source->sink->skipped(source->sink->user, &place, why);
}

/* Stores a message that came. */
static gboolean take(void *user, guint32 uid, GBytes *raw, GError **error)
{
	struct imap_source *source = user;
	char text[16];
	struct message_place place = place_of(source, uid, text);

	if (!raw) {
		skip(source, uid, _("larger than 100 MB"));
		return TRUE;
	}
	source->again->progress = TRUE;
	if (!source->sink->store(source->sink->user, &place, raw, error))
		return source_again_not(source->again);
	g_array_append_val(source->stored, uid);
	return TRUE;
}

static gint by_uid(gconstpointer a, gconstpointer b)
{
	guint32 left = *(const guint32 *)a;
	guint32 right = *(const guint32 *)b;

	return (left > right) - (left < right);
}

/* What the server is asked to do with messages that are stored; `uids` rise. */
static gboolean settle(struct imap_source *source, const guint32 *uids, guint count, GError **error)
{
	if (count == 0 || source->read_only || source->after == SOURCE_KEEP)
		return TRUE;
	if (source->after == SOURCE_MOVE)
		return imap_move(source->imap, uids, count, source->folder, error);
	return imap_mark(source->imap, uids, count,
			 source->after == SOURCE_FLAG ? "\\Flagged" : "\\Seen", &source->read_only,
			 error);
}

/* One that the server does not give is no reason to leave the others. */
static gboolean fetch_each(struct imap_source *source, const guint32 *uids, guint count,
			   GError **error)
{
	for (guint i = 0; i < count; i++) {
		g_autoptr(GError) problem = NULL;

		if (imap_fetch(source->imap, uids + i, 1, SOURCE_MESSAGE_MAX, LITERALS_SLACK, take,
			       source, &problem))
			continue;
		if (source->again->never || !imap_has_refused(source->imap)) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return FALSE;
		}
		skip(source, uids[i], problem->message);
	}
	return TRUE;
}

static gboolean fetch_some(struct imap_source *source, const guint32 *uids, guint count,
			   GError **error)
{
	g_autoptr(GError) problem = NULL;

	g_array_set_size(source->stored, 0);
	if (!imap_fetch(source->imap, uids, count, SOURCE_MESSAGE_MAX, LITERALS_SLACK, take, source,
			&problem)) {
		if (source->again->never || !imap_has_refused(source->imap)) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return FALSE;
		}
		g_array_set_size(source->stored, 0);
		if (!fetch_each(source, uids, count, error))
			return FALSE;
	}
	g_array_sort(source->stored, by_uid);
	return settle(source, &g_array_index(source->stored, guint32, 0), source->stored->len,
		      error);
}

/* Fetches messages of known size, a few at a time. */
static gboolean fetch_sized(struct imap_source *source, const guint32 *uids, const guint64 *sizes,
			    guint count, GError **error)
{
	guint32 batch[FETCH_AT_ONCE];
	guint64 bytes = 0;
	guint n = 0;

	for (guint i = 0; i < count; i++) {
		if (sizes[i] > SOURCE_MESSAGE_MAX) {
			skip(source, uids[i], _("larger than 100 MB"));
			continue;
		}
		if (n > 0 && (n == FETCH_AT_ONCE || bytes + sizes[i] > FETCH_BYTES)) {
			if (!fetch_some(source, batch, n, error))
				return FALSE;
			n = 0;
			bytes = 0;
		}
		/* One without a size is gone, as far as the server tells. */
		if (sizes[i] > 0) {
			batch[n++] = uids[i];
			bytes += sizes[i];
		}
	}
	return n == 0 || fetch_some(source, batch, n, error);
}

/* Parts `uids` into those that something was stored from, and the others. */
static gboolean part(struct imap_source *source, const GArray *uids, GArray *known_uids,
		     GArray *unknown, GError **error)
{
	for (guint i = 0; i < uids->len; i++) {
		guint32 uid = g_array_index(uids, guint32, i);
		char text[16];
		struct message_place place = place_of(source, uid, text);
		gboolean known = FALSE;

		if (!source->sink->known(source->sink->user, &place, &known, error))
			return source_again_not(source->again);
		g_array_append_val(known ? known_uids : unknown, uid);
	}
	return TRUE;
}

/* Moves what was stored before a connection was lost. */
static gboolean move_known(struct imap_source *source, const GArray *uids, GError **error)
{
	if (source->after != SOURCE_MOVE)
		return TRUE;
	for (guint i = 0; i < uids->len; i += MOVES_AT_ONCE)
		if (!settle(source, &g_array_index(uids, guint32, i),
			    MIN(MOVES_AT_ONCE, uids->len - i), error))
			return FALSE;
	return TRUE;
}

static gboolean fetch_all(struct imap_source *source, GError **error)
{
	g_autoptr(GArray) uids = imap_uids(source->imap, source->after == SOURCE_MOVE, error);
	g_autoptr(GArray) known = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_autoptr(GArray) unknown = g_array_new(FALSE, FALSE, sizeof(guint32));
	guint64 sizes[SIZES_AT_ONCE];

	if (!uids || !part(source, uids, known, unknown, error) ||
	    !move_known(source, known, error))
		return FALSE;
	for (guint i = 0; i < unknown->len; i += SIZES_AT_ONCE) {
		const guint32 *some = &g_array_index(unknown, guint32, i);
		guint count = MIN(SIZES_AT_ONCE, unknown->len - i);

		if (!imap_sizes(source->imap, some, count, sizes, error) ||
		    !fetch_sized(source, some, sizes, count, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean run_session(struct imap_source *source, const struct imap_options *options,
			    GError **error)
{
	gboolean good;

	source->imap = imap_open(options, error);
	if (!source->imap)
		return FALSE;
	source->again->was_open = TRUE;
	/* Two servers may give the same numbers to the same login. */
	if (!source->account)
		source->account = g_strdup_printf("%s@%s", options->user, imap_host(source->imap));
	good = imap_select(source->imap, &source->uidvalidity, &source->read_only, error) &&
	       fetch_all(source, error);
	g_clear_pointer(&source->imap, imap_close);
	return good;
}

gboolean source_imap(const struct imap_options *options, enum source_after after,
		     const char *folder, const struct source_sink *sink, GError **error)
{
	struct imap_options all = *options;
	struct source_again again = {0};
	struct imap_source source = {
	    .sink = sink, .after = after, .folder = folder, .again = &again};
	g_autoptr(GError) problem = NULL;
	gboolean good;

	all.read_only |= after == SOURCE_KEEP;
	source.stored = g_array_new(FALSE, FALSE, sizeof(guint32));
	do {
		g_clear_error(&problem);
		good = run_session(&source, &all, &problem);
	} while (!good && source_again(&again, problem));
	g_array_unref(source.stored);
	g_free(source.account);
	if (!good)
		g_propagate_error(error, g_steal_pointer(&problem));
	return good;
}
