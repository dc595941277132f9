#include "collector/imap_session.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

static gboolean fail_damaged(GError **error)
{
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
			    _("the mail server's answer is damaged"));
	return FALSE;
}

/* The messages of one FETCH. */
struct fetching {
	const guint32 *uids;
	guint count;
	guint64 *sizes; /* of a question for sizes … */
	gboolean *done; /* … or of one for messages */
	imap_taker *taker;
	void *user;
};

static gboolean take_fetched(struct fetching *fetching, guint at,
			     const struct imap_text_fetched *fetched, GError **error)
{
	if (fetching->sizes && fetched->has_size)
		fetching->sizes[at] = fetched->size;
	if (!fetching->done || !fetched->has_body || fetching->done[at])
		return TRUE;
	fetching->done[at] = TRUE;
	return fetching->taker(fetching->user, fetching->uids[at], fetched->body, error);
}

static gboolean see_fetched(void *user, const struct imap_text_response *response, GError **error)
{
	struct fetching *fetching = user;
	struct imap_text_fetched fetched;
	const guint32 *found;
	gboolean good = TRUE;

	if (!imap_text_fetch(response, &fetched)) {
		if (!imap_text_is_fetch(response))
			return TRUE;
		return fail_damaged(error);
	}
	found = fetched.has_uid ? bsearch(&fetched.uid, fetching->uids, fetching->count,
					  sizeof(guint32), imap_by_uid)
				: NULL;
	if (found)
		good = take_fetched(fetching, (guint)(found - fetching->uids), &fetched, error);
	if (fetched.body)
		g_bytes_unref(fetched.body);
	return good;
}

gboolean imap_sizes(struct imap *imap, const guint32 *uids, guint count, guint64 *sizes_out,
		    GError **error)
{
	g_autofree char *set = imap_text_set(uids, count);
	g_autofree char *command = g_strdup_printf("UID FETCH %s (UID RFC822.SIZE)", set);
	struct fetching fetching = {.uids = uids, .count = count, .sizes = sizes_out};
	struct imap_exchange exchange = {.max_each = IMAP_SMALL_LITERALS,
					 .max_total = IMAP_SMALL_LITERALS,
					 .see = see_fetched,
					 .user = &fetching};

	memset(sizes_out, 0, count * sizeof(*sizes_out));
	return imap_run(imap, command, &exchange, error);
}

gboolean imap_fetch(struct imap *imap, const guint32 *uids, guint count, gsize max_each,
		    gsize max_total, imap_taker *taker, void *user, GError **error)
{
	g_autofree char *set = imap_text_set(uids, count);
	g_autofree char *command = g_strdup_printf("UID FETCH %s (UID BODY.PEEK[])", set);
	g_autofree gboolean *done = g_new0(gboolean, count);
	struct fetching fetching = {
	    .uids = uids, .count = count, .done = done, .taker = taker, .user = user};
	struct imap_exchange exchange = {
	    .max_each = max_each, .max_total = max_total, .see = see_fetched, .user = &fetching};

	return imap_run(imap, command, &exchange, error);
}

/* One message that is not held. */
struct flowing {
	guint32 uid;
	gboolean flowed; /* its bytes … */
	gboolean came;   /* … and they are those of the message that was asked for */
	imap_flow *flow;
	void *user;
};

static gboolean take_literal(struct imap *imap, void *user, guint64 size,
			     const struct imap_text_response *response, gboolean *taken_out,
			     GError **error)
{
	struct flowing *flowing = user;
	gint64 started = g_get_monotonic_time();
	guint64 seen = 0;

	*taken_out = !flowing->flowed && imap_text_is_body(response, flowing->uid);
	if (!*taken_out)
		return TRUE;
	flowing->flowed = TRUE;
	while (seen < size) {
		gsize some = 0;
		const guint8 *bytes = wire_peek(imap->wire, started, seen, &some, error);

		if (!bytes)
			return FALSE;
		some = (gsize)MIN(some, size - seen);
		if (!flowing->flow(flowing->user, bytes, some, error))
			return FALSE;
		wire_take(imap->wire, some);
		seen += some;
	}
	return TRUE;
}

/* What flowed is believed only now: the UID may stand behind it. */
static gboolean see_flowed(void *user, const struct imap_text_response *response, GError **error)
{
	struct flowing *flowing = user;
	struct imap_text_fetched fetched;
	gboolean good = TRUE;
	gboolean flowed = flowing->flowed && !flowing->came;

	if (!imap_text_fetch(response, &fetched)) {
		if (!imap_text_is_fetch(response))
			return TRUE;
		return fail_damaged(error);
	}
	if (fetched.has_uid && fetched.uid == flowing->uid && fetched.has_body && !flowing->came) {
		/* a short one may come as a quoted string */
		if (!flowing->flowed && fetched.body) {
			gsize size = 0;
			const guint8 *bytes = g_bytes_get_data(fetched.body, &size);

			flowing->flowed = TRUE;
			good = size == 0 || flowing->flow(flowing->user, bytes, size, error);
		}
		flowing->came = flowing->flowed;
	} else if (flowed) {
		good = fail_damaged(error);
	}
	if (fetched.body)
		g_bytes_unref(fetched.body);
	return good;
}

gboolean imap_fetch_one(struct imap *imap, guint32 uid, gsize first, guint64 max, imap_flow *flow,
			void *user, gboolean *came_out, GError **error)
{
	g_autofree char *part = first ? g_strdup_printf("<0.%" G_GSIZE_FORMAT ">", first) : NULL;
	g_autofree char *command =
	    g_strdup_printf("UID FETCH %u (UID BODY.PEEK[]%s)", uid, part ? part : "");
	struct flowing flowing = {.uid = uid, .flow = flow, .user = user};
	struct imap_exchange exchange = {.max_each = IMAP_SMALL_LITERALS,
					 .max_total = (gsize)max,
					 .see = see_flowed,
					 .take = take_literal,
					 .user = &flowing};
	gboolean good = imap_run(imap, command, &exchange, error);

	*came_out = good && flowing.came;
	return good;
}
