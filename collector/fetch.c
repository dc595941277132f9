#include "collector/fetch.h"

#include "base/error.h"
#include "collector/source_imap.h"
#include "collector/source_pop3.h"

#include <string.h>

struct storing {
	struct db *db;
	GDateTime *now;
	struct fetch_count *count;
	GHashTable *uids;   /* of the mailbox, with those stored since; NULL: not asked yet */
	GHashTable *told;   /* those of them that are counted as known */
	gint64 uidvalidity; /* theirs: a connection may be opened again */
	struct message_batch *batch; /* of those that can wait */
};

static void forget_uids(struct storing *storing)
{
	g_clear_pointer(&storing->uids, g_hash_table_unref);
	g_clear_pointer(&storing->told, g_hash_table_unref);
}

static gboolean learn_uids(struct storing *storing, const struct message_place *place,
			   GError **error)
{
	if (storing->uids && storing->uidvalidity == place->uidvalidity)
		return TRUE;
	forget_uids(storing);
	storing->uids = message_place_uids(storing->db, place, error);
	storing->told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	storing->uidvalidity = place->uidvalidity;
	return storing->uids != NULL;
}

/* A source with a mailbox asks for one mailbox only, and for all of it. */
static gboolean known(void *user, const struct message_place *place, gboolean *known_out,
		      GError **error)
{
	struct storing *storing = user;

	if (strcmp(place->channel, "file") == 0) {
		if (!message_place_known(storing->db, place, known_out, error))
			return FALSE;
		storing->count->known += *known_out ? 1 : 0;
		return TRUE;
	}
	if (!learn_uids(storing, place, error))
		return FALSE;
	*known_out = g_hash_table_contains(storing->uids, place->uid);
	if (*known_out && g_hash_table_add(storing->told, g_strdup(place->uid)))
		storing->count->known++;
	return TRUE;
}

static gboolean store_batch(struct storing *storing, GError **error)
{
	guint count = message_batch_count(storing->batch);
	guint new_ones = 0;

	if (!message_batch_store(storing->db, storing->batch, storing->now, &new_ones, error))
		return FALSE;
	storing->count->stored += new_ones;
	storing->count->known += count - new_ones;
	return TRUE;
}

static gboolean store_one(struct storing *storing, const struct message_place *place, GBytes *raw,
			  GError **error)
{
	gboolean is_new = FALSE;
	gint64 id = 0;

	if (!message_store(storing->db, place, raw, storing->now, &id, &is_new, error))
		return FALSE;
	if (is_new)
		storing->count->stored++;
	else
		storing->count->known++;
	/* A connection that is opened again shows it again. */
	if (storing->uids && storing->uidvalidity == place->uidvalidity) {
		g_hash_table_add(storing->uids, g_strdup(place->uid));
		g_hash_table_add(storing->told, g_strdup(place->uid));
	}
	return TRUE;
}

static gboolean store(void *user, const struct message_place *place, GBytes *raw, GError **error)
{
	return store_one(user, place, raw, error);
}

static gboolean flush(void *user, GError **error)
{
	return store_batch(user, error);
}

static gboolean add(void *user, const struct message_place *place, GBytes *raw, GError **error)
{
	struct storing *storing = user;

	if (!message_batch_fits(storing->batch, place, raw) && !store_batch(storing, error))
		return FALSE;
	if (!message_batch_fits(storing->batch, place, raw))
		return store_one(storing, place, raw, error);
	message_batch_add(storing->batch, place, raw);
	return TRUE;
}

static void skipped(void *user, const struct message_place *place, const char *why)
{
	struct storing *storing = user;

	(void)place;
	(void)why;
	storing->count->skipped++;
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
	g_autofree char *low = g_ascii_strdown(path, -1);

	return g_str_has_suffix(low, ".zip") && g_file_test(path, G_FILE_TEST_IS_REGULAR);
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
	struct source_sink sink = {known, store, add, flush, skipped, &storing};
	gboolean good = fetch(source, &sink, error);

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
