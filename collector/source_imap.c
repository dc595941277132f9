#include "collector/source_imap.h"

#include "base/error.h"
#include "collector/intake.h"
#include "collector/source_again.h"

#define FIRST_AT_ONCE  20u  /* messages that the first command fetches, so that it is soon over; */
#define FETCH_AT_ONCE  500u /* each one after it twice as many, up to these, … */
#define FETCH_BYTES    (16u << 20)              /* … unless they are larger than this together */
#define MOVES_AT_ONCE  500u                     /* messages that one command moves */
#define LITERALS_SLACK (SOURCE_MESSAGE_MAX * 2) /* sizes are what the server says: never exact */

struct imap_source {
	struct imap *imap;
	struct intake intake; /* of large ones */
	const struct source_sink *sink;
	char *account;
	gint64 uidvalidity;
	enum source_after after;
	const char *folder; /* of SOURCE_MOVE */
	gboolean read_only; /* no flag can be set */
	GError *unmoved;    /* why no message can be moved, once that is known */
	GArray *stored;     /* of guint32: what gets a flag or moves next */
	GArray *large;      /* of struct sized: what is fetched alone next */
	struct source_again *again;
};

struct sized {
	guint32 uid;
	guint64 size; /* as the server says */
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

/* Stores a small message that came. */
static gboolean take(void *user, guint32 uid, GBytes *raw, GError **error)
{
	struct imap_source *source = user;
	char text[16];
	struct message_place place = place_of(source, uid, text);

	source->again->progress = TRUE;
	if (!raw) {
		/* larger than the server said */
		struct sized large = {.uid = uid};

		g_array_append_val(source->large, large);
		return TRUE;
	}
	if (!source->sink->add(source->sink->user, &place, raw, error))
		return source_again_not(source->again);
	g_array_append_val(source->stored, uid);
	return TRUE;
}

/* Whether a failure is only that the server refuses this; else it is passed on. */
static gboolean is_refusal(struct imap_source *source, GError *problem, GError **error)
{
	if (!source->again->never && imap_has_refused(source->imap))
		return TRUE;
	g_propagate_error(error, g_error_copy(problem));
	return FALSE;
}

/* Moves them until the server does not let us: then none any more, and nothing else is kept from
 * its way by that. */
static gboolean move(struct imap_source *source, const guint32 *uids, guint count, GError **error)
{
	g_autoptr(GError) problem = NULL;

	if (source->unmoved || imap_move(source->imap, uids, count, source->folder, &problem))
		return TRUE;
	if (!is_refusal(source, problem, error))
		return FALSE;
	source->unmoved = g_steal_pointer(&problem);
	g_prefix_error(&source->unmoved, "%s", _("stored messages stay where they are: "));
	return TRUE;
}

/* What the server is asked to do with messages that are stored; `uids` rise. */
static gboolean settle(struct imap_source *source, const guint32 *uids, guint count, GError **error)
{
	if (count == 0 || source->after == SOURCE_KEEP)
		return TRUE;
	if (source->after == SOURCE_MOVE)
		return move(source, uids, count, error);
	return source->read_only || imap_mark(source->imap, uids, count,
					      source->after == SOURCE_FLAG ? "\\Flagged" : "\\Seen",
					      &source->read_only, error);
}

/* Commits what came, and only then tells the server. */
static gboolean commit(struct imap_source *source, GError **error)
{
	GArray *stored = source->stored;
	gboolean good;

	if (!source->sink->flush(source->sink->user, error))
		return source_again_not(source->again);
	g_array_sort(stored, imap_by_uid);
	good = settle(source, &g_array_index(stored, guint32, 0), stored->len, error);
	g_array_set_size(stored, 0);
	return good;
}

/* The UIDs of those that came, rising, whether they are stored or are fetched alone later. */
static GArray *uids_that_came(const struct imap_source *source)
{
	GArray *came = g_array_copy(source->stored);

	for (guint i = 0; i < source->large->len; i++)
		g_array_append_val(came, g_array_index(source->large, struct sized, i).uid);
	g_array_sort(came, imap_by_uid);
	return came;
}

/* One that the server does not give is no reason to leave the others. */
static gboolean fetch_each(struct imap_source *source, const guint32 *uids, guint count,
			   GError **error)
{
	g_autoptr(GArray) came = uids_that_came(source);

	for (guint i = 0; i < count; i++) {
		g_autoptr(GError) problem = NULL;

		if (g_array_binary_search(came, uids + i, imap_by_uid, NULL) ||
		    imap_fetch(source->imap, uids + i, 1, MESSAGE_PIECE_BYTES, LITERALS_SLACK, take,
			       source, &problem))
			continue;
		if (!is_refusal(source, problem, error))
			return FALSE;
		skip(source, uids[i], problem->message);
	}
	return TRUE;
}

static gboolean fetch_some(struct imap_source *source, const guint32 *uids, guint count,
			   GError **error)
{
	g_autoptr(GError) problem = NULL;

	return count == 0 ||
	       imap_fetch(source->imap, uids, count, MESSAGE_PIECE_BYTES, LITERALS_SLACK, take,
			  source, &problem) ||
	       (is_refusal(source, problem, error) && fetch_each(source, uids, count, error));
}

struct flowing {
	struct imap_source *source;
	const struct message_place *place;
};

static gboolean flow(void *user, const guint8 *bytes, gsize size, GError **error)
{
	struct flowing *flowing = user;

	return intake_add(&flowing->source->intake, flowing->place, bytes, size, error) ||
	       source_again_not(flowing->source->again);
}

/* One that is too large to be held, or to be fetched at all: then its head is. */
static gboolean fetch_large(struct imap_source *source, const struct sized *large, GError **error)
{
	gboolean over = large->size > SOURCE_MESSAGE_MAX;
	gboolean came = FALSE;
	char text[16];
	struct message_place place = place_of(source, large->uid, text);
	struct flowing flowing = {source, &place};
	g_autoptr(GError) problem = NULL;

	if (!imap_fetch_one(source->imap, large->uid, over ? MESSAGE_HEAD_MAX : 0, LITERALS_SLACK,
			    flow, &flowing, &came, &problem)) {
		intake_drop(&source->intake);
		if (!is_refusal(source, problem, error))
			return FALSE;
		skip(source, large->uid, problem->message);
		return TRUE;
	}
	if (!came) {
		intake_drop(&source->intake);
		return TRUE;
	}
	source->again->progress = TRUE;
	over |= source->intake.size > SOURCE_MESSAGE_MAX;
	if (!intake_end(&source->intake, &place, over ? large->size : 0, error))
		return source_again_not(source->again);
	/* of one whose head alone is here the server keeps the only copy, as it is */
	if (!over)
		g_array_append_val(source->stored, large->uid);
	return commit(source, error);
}

/* Fetches messages of known size: the small ones together, then each large one. */
static gboolean fetch_sized(struct imap_source *source, const guint32 *uids, const guint64 *sizes,
			    guint count, GError **error)
{
	guint32 batch[FETCH_AT_ONCE];
	guint64 bytes = 0;
	guint n = 0;

	g_array_set_size(source->large, 0);
	for (guint i = 0; i < count; i++) {
		struct sized sized = {uids[i], sizes[i]};

		if (sizes[i] > MESSAGE_PIECE_BYTES)
			g_array_append_val(source->large, sized);
		/* One without a size is gone, as far as the server tells. */
		if (sizes[i] == 0 || sizes[i] > MESSAGE_PIECE_BYTES)
			continue;
		if (n > 0 && bytes + sizes[i] > FETCH_BYTES) {
			if (!fetch_some(source, batch, n, error))
				return FALSE;
			n = 0;
			bytes = 0;
		}
		batch[n++] = uids[i];
		bytes += sizes[i];
	}
	if (!fetch_some(source, batch, n, error) || !commit(source, error))
		return FALSE;
	for (guint i = 0; i < source->large->len; i++)
		if (!fetch_large(source, &g_array_index(source->large, struct sized, i), error))
			return FALSE;
	return TRUE;
}

/* Parts `uids` into those that were stored whole and those that are new. */
static gboolean part(struct imap_source *source, const GArray *uids, GArray *whole, GArray *unknown,
		     GError **error)
{
	for (guint i = 0; i < uids->len; i++) {
		guint32 uid = g_array_index(uids, guint32, i);
		char text[16];
		struct message_place place = place_of(source, uid, text);
		enum message_known known = MESSAGE_NEW;

		if (!source->sink->known(source->sink->user, &place, &known, error))
			return source_again_not(source->again);
		if (known != MESSAGE_HEAD)
			g_array_append_val(known == MESSAGE_WHOLE ? whole : unknown, uid);
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
	g_autoptr(GArray) whole = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_autoptr(GArray) unknown = g_array_new(FALSE, FALSE, sizeof(guint32));
	guint64 sizes[FETCH_AT_ONCE];
	guint count = 0;

	if (!uids || !part(source, uids, whole, unknown, error) ||
	    !move_known(source, whole, error))
		return FALSE;
	for (guint at = 0; at < unknown->len; at += count) {
		const guint32 *some = &g_array_index(unknown, guint32, at);

		count = CLAMP(count * 2, FIRST_AT_ONCE, FETCH_AT_ONCE);
		count = MIN(count, unknown->len - at);
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
	intake_drop(&source->intake);
	/* what came whole before a failure need not come again */
	if (!good && !source->again->never && !source->sink->flush(source->sink->user, NULL))
		source_again_not(source->again);
	g_array_set_size(source->stored, 0);
	g_clear_pointer(&source->imap, imap_close);
	return good;
}

gboolean source_imap(const struct imap_options *options, enum source_after after,
		     const char *folder, const struct source_sink *sink, GError **error)
{
	struct imap_options all = *options;
	struct source_again again = {0};
	struct imap_source source = {
	    .sink = sink,
	    .intake = {.sink = sink},
	    .after = after,
	    .folder = folder,
	    .again = &again,
	};
	g_autoptr(GError) problem = NULL;
	gboolean good;

	all.read_only |= after == SOURCE_KEEP;
	source.stored = g_array_new(FALSE, FALSE, sizeof(guint32));
	source.large = g_array_new(FALSE, FALSE, sizeof(struct sized));
	do {
		g_clear_error(&problem);
		good = run_session(&source, &all, &problem);
	} while (!good && source_again(&again, problem));
	intake_clear(&source.intake);
	g_array_unref(source.stored);
	g_array_unref(source.large);
	g_free(source.account);
	if (good)
		problem = g_steal_pointer(&source.unmoved);
	g_clear_error(&source.unmoved);
	if (!problem)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&problem));
	return FALSE;
}
