#include "collector/fetch.h"

#include "base/error.h"
#include "collector/name.h"
#include "collector/source_imap.h"
#include "collector/source_pop3.h"

#include <string.h>

struct storing {
	struct db *db;
	GDateTime *now;
	struct fetch_count *count;
	GHashTable *uids;   /* of the mailbox, with those stored since; NULL: not asked yet */
	GHashTable *told;   /* those of them that are counted */
	GHashTable *left;   /* those that were left there, each with its reason or NULL */
	gint64 uidvalidity; /* theirs: a connection may be opened again */
	struct message_batch *batch;   /* of those that can wait */
	struct message_stream *stream; /* the one that flows */
};

static void forget_uids(struct storing *storing)
{
	g_clear_pointer(&storing->uids, g_hash_table_unref);
	g_clear_pointer(&storing->told, g_hash_table_unref);
	g_clear_pointer(&storing->left, g_hash_table_unref);
}

static gboolean learn_uids(struct storing *storing, const struct message_place *place,
			   GError **error)
{
	if (storing->uids && storing->uidvalidity == place->uidvalidity)
		return TRUE;
	forget_uids(storing);
	storing->uids = message_place_uids(storing->db, place, error);
	storing->told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	storing->left = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	storing->uidvalidity = place->uidvalidity;
	return storing->uids != NULL;
}

/* A source with a mailbox asks for one mailbox only, and for all of it. */
static gboolean known(void *user, const struct message_place *place, enum message_known *known_out,
		      GError **error)
{
	struct storing *storing = user;

	if (strcmp(place->channel, "file") == 0) {
		if (!message_place_known(storing->db, place, known_out, error))
			return FALSE;
		storing->count->known += *known_out == MESSAGE_NEW ? 0 : 1;
		return TRUE;
	}
	if (!learn_uids(storing, place, error))
		return FALSE;
	/* what is not in the table is NULL, and new */
	*known_out = GPOINTER_TO_UINT(g_hash_table_lookup(storing->uids, place->uid));
	if (*known_out != MESSAGE_NEW && g_hash_table_add(storing->told, g_strdup(place->uid)))
		storing->count->known++;
	return TRUE;
}

/* As people are told it. Returns: (transfer full) */
static char *place_words(const struct message_place *place)
{
	return g_strdup_printf("%s%s%s", place->mailbox, *place->mailbox ? " " : "", place->uid);
}

static void uncount(struct storing *storing, struct fetch_left *reason,
		    const struct message_place *place)
{
	g_autofree char *words = place_words(place);

	storing->count->left--;
	if (!reason)
		return;
	reason->count--;
	if (g_strcmp0(reason->place, words) == 0)
		g_clear_pointer(&reason->place, g_free);
}

/* A connection that is opened again shows it again. What is added is committed before that. */
static void learn(struct storing *storing, const struct message_place *place,
		  enum message_known what)
{
	gpointer reason = NULL;

	if (!storing->uids || storing->uidvalidity != place->uidvalidity)
		return;
	/* over another connection the server did give it */
	if (g_hash_table_steal_extended(storing->left, place->uid, NULL, &reason))
		uncount(storing, reason, place);
	g_hash_table_insert(storing->uids, g_strdup(place->uid), GUINT_TO_POINTER(what));
	g_hash_table_add(storing->told, g_strdup(place->uid));
}

static gboolean flush(void *user, GError **error)
{
	struct storing *storing = user;
	guint count = message_batch_count(storing->batch);
	guint new_ones = 0;

	if (!message_batch_store(storing->db, storing->batch, storing->now, &new_ones, error))
		return FALSE;
	storing->count->stored += new_ones;
	storing->count->known += count - new_ones;
	return TRUE;
}

static gboolean add(void *user, const struct message_place *place, GBytes *raw, GError **error)
{
	struct storing *storing = user;

	if (!message_batch_fits(storing->batch, place, raw) && !flush(storing, error))
		return FALSE;
	message_batch_add(storing->batch, place, raw);
	learn(storing, place, MESSAGE_WHOLE);
	return TRUE;
}

static void drop(void *user)
{
	struct storing *storing = user;

	g_clear_pointer(&storing->stream, message_stream_drop);
}

static gboolean begin(void *user, const struct message_place *place, GError **error)
{
	struct storing *storing = user;

	drop(storing);
	if (flush(storing, error))
		storing->stream =
		    message_stream_begin(storing->db, place->channel, storing->now, error);
	return storing->stream != NULL;
}

static gboolean more(void *user, const guint8 *bytes, gsize size, GError **error)
{
	struct storing *storing = user;

	return message_stream_add(storing->stream, bytes, size, error);
}

static gboolean end(void *user, const struct message_place *place, GError **error)
{
	struct storing *storing = user;
	gboolean is_new = FALSE;

	if (!message_stream_end(g_steal_pointer(&storing->stream), place, storing->now, &is_new,
				error))
		return FALSE;
	if (is_new)
		storing->count->stored++;
	else
		storing->count->known++;
	learn(storing, place, MESSAGE_WHOLE);
	return TRUE;
}

static gboolean head(void *user, const struct message_place *place, GBytes *first, guint64 size,
		     GError **error)
{
	struct storing *storing = user;
	g_autofree char *why =
	    g_strdup_printf(N_("larger than 100 MB (%u MB): only its beginning is here, the whole "
			       "is where it was found"),
			    (guint)MIN(size >> 20, G_MAXUINT));
	gboolean is_new = FALSE;

	if (!flush(storing, error) ||
	    !message_head_store(storing->db, place, first, size, why, storing->now, &is_new, error))
		return FALSE;
	if (is_new)
		storing->count->large++;
	else
		storing->count->known++;
	learn(storing, place, MESSAGE_HEAD);
	return TRUE;
}

static void skipped(void *user, const struct message_place *place, const char *why)
{
	struct storing *storing = user;
	struct fetch_left *left = storing->count->reasons;
	struct fetch_left *end = left + FETCH_REASONS_MAX;

	/* a connection that is opened again asks for it again */
	if (storing->left && g_hash_table_contains(storing->left, place->uid))
		return;
	storing->count->left++;
	while (left < end && left->why && strcmp(left->why, why) != 0)
		left++;
	left = left == end ? NULL : left;
	if (storing->left)
		g_hash_table_insert(storing->left, g_strdup(place->uid), left);
	if (!left)
		return;
	if (!left->why) {
		left->why = g_strdup(why);
		left->place = place_words(place);
	}
	left->count++;
}

void fetch_count_clear(struct fetch_count *count)
{
	for (guint i = 0; i < FETCH_REASONS_MAX; i++) {
		g_free(count->reasons[i].why);
		g_free(count->reasons[i].place);
	}
	*count = (struct fetch_count){0};
}

static gboolean fetch_imap(const struct source_setting *source, const struct source_sink *sink,
			   GError **error)
{
	struct imap_options options = source_setting_imap(source);
	enum source_after after = SOURCE_SEEN;
	const char *folder = NULL;

	return source_after_read(source->after ? source->after : "seen", FALSE, &after, &folder,
				 error) &&
	       source_imap(&options, after, folder, sink, error);
}

static gboolean fetch_pop3(const struct source_setting *source, const struct source_sink *sink,
			   GError **error)
{
	struct pop3_options options = source_setting_pop3(source);
	enum source_after after = SOURCE_KEEP;
	const char *folder = NULL;

	return source_after_read(source->after ? source->after : "seen", TRUE, &after, &folder,
				 error) &&
	       source_pop3(&options, after, sink, error);
}

static gboolean is_zip(const char *path)
{
	return name_ends_with(path, ".zip") && g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

static gboolean fetch(const struct source_setting *source, const struct source_sink *sink,
		      GError **error)
{
	const char *url = source->url;

	if (g_str_has_prefix(url, "maildir:"))
		return source_maildir(url + strlen("maildir:"), sink, error);
	if (g_str_has_prefix(url, "mbox:"))
		return source_mbox(url + strlen("mbox:"), sink, error);
	if (source_setting_is_imap(url))
		return fetch_imap(source, sink, error);
	if (source_setting_is_pop3(url))
		return fetch_pop3(source, sink, error);
	return is_zip(url) ? source_zip(url, sink, error) : source_file(url, sink, error);
}

gboolean fetch_source(struct db *db, const struct source_setting *source, GDateTime *now,
		      struct fetch_count *count, GError **error)
{
	struct storing storing = {
	    .db = db, .now = now, .count = count, .batch = message_batch_new()};
	struct source_sink sink = {known, add,  flush, begin,   more,
				   end,   drop, head,  skipped, &storing};
	gboolean good = fetch(source, &sink, error);

	drop(&storing);
	/* what was added before an error is worth keeping too */
	if (!flush(&storing, good ? error : NULL))
		good = FALSE;
	forget_uids(&storing);
	message_batch_free(storing.batch);
	return good;
}

static gboolean fetch_group(struct office *office, struct db *db, const char *group, GDateTime *now,
			    struct fetch_count *count, GError **error)
{
	struct source_setting source;
	gboolean good = source_setting_read(office, group, &source, error) &&
			(!*source.url || fetch_source(db, &source, now, count, error));

	source_setting_clear(&source);
	return good;
}

gboolean fetch_configured(struct office *office, struct db *db, GDateTime *now,
			  struct fetch_count *count, GError **error)
{
	g_auto(GStrv) groups = office_groups(office, "source ");
	GError *first = NULL;

	for (char **group = groups; *group; group++) {
		GError *problem = NULL;

		if (fetch_group(office, db, *group, now, count, &problem))
			continue;
		g_prefix_error(&problem, "[%s] ", *group);
		if (first)
			g_error_free(problem);
		else
			first = problem;
	}
	if (first)
		g_propagate_error(error, first);
	return !first;
}
