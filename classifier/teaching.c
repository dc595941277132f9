#include "classifier/teaching.h"

#include "base/error.h"
#include "classifier/labelled.h"
#include "classifier/learn.h"
#include "classifier/lexicon_version.h"
#include "classifier/suggest.h"
#include "db/correction.h"
#include "db/learnt_version.h"
#include "sql.h"

#include <string.h>

gboolean teaching_in_use(struct db *db, struct learnt **learnt_out, gint64 *version_out,
			 GError **error)
{
	g_autoptr(learnt_version_handle) kept = NULL;
	g_autofree char *name = NULL;
	gsize size = 0;
	const char *bytes;

	*learnt_out = NULL;
	*version_out = 0;
	if (!learnt_version_in_use(db, &kept, error))
		return FALSE;
	if (!kept)
		return TRUE;
	name = g_strdup_printf(_("what was learnt, version %lld"), (long long)kept->version);
	bytes = g_bytes_get_data(kept->bytes, &size);
	*learnt_out = learnt_parse(name, bytes, size, error);
	*version_out = kept->version;
	return *learnt_out != NULL;
}

gboolean deciding_open(struct db *db, GDateTime *now, struct deciding *deciding_out, GError **error)
{
	gint64 version = 0;

	*deciding_out = (struct deciding){.lexicon = lexicon_to_decide(db, now, error)};
	if (!deciding_out->lexicon ||
	    !teaching_in_use(db, &deciding_out->learnt, &version, error)) {
		deciding_close(deciding_out);
		return FALSE;
	}
	deciding_out->classifier =
	    classifier_new_learnt(deciding_out->lexicon, deciding_out->learnt);
	deciding_out->version =
	    version ? g_strdup_printf("%s/%lld", deciding_out->lexicon->version, (long long)version)
		    : g_strdup(deciding_out->lexicon->version);
	return TRUE;
}

void deciding_close(struct deciding *deciding)
{
	g_clear_pointer(&deciding->classifier, classifier_free);
	g_clear_pointer(&deciding->learnt, learnt_free);
	g_clear_pointer(&deciding->lexicon, lexicon_free);
	g_clear_pointer(&deciding->version, g_free);
}

/* Corrections on their way to lessons: the last ones, which are the newest. */
struct gathering {
	const struct lexicon *lexicon;
	GArray *texts; /* struct labelled */
};

static void gather(void *user, const struct correction *correction)
{
	struct gathering *gathering = user;
	const struct target *target =
	    correction->code ? lexicon_target(gathering->lexicon, correction->code) : NULL;
	struct labelled one;

	if (!target)
		return;
	one.target =
	    (guint)(target - &g_array_index(gathering->lexicon->targets, struct target, 0));
	/* who said it tells nothing about whose business it is */
	one.text = suggest_without_names(correction->text, correction->names, "\n");
	g_array_append_val(gathering->texts, one);
	if (gathering->texts->len == 2 * LEARN_TEXTS_MAX)
		g_array_remove_range(gathering->texts, 0, LEARN_TEXTS_MAX);
}

static void turn_round(GArray *texts)
{
	for (guint i = 0; i < texts->len / 2; i++) {
		struct labelled *one = &g_array_index(texts, struct labelled, i);
		struct labelled *other = &g_array_index(texts, struct labelled, texts->len - 1 - i);
		struct labelled kept = *one;

		*one = *other;
		*other = kept;
	}
}

/* Whether so much is new since the last time, in use or not, that it is worth teaching. */
static gboolean is_worth_it(struct db *db, gboolean *worth_out, GError **error)
{
	g_autoptr(db_rows) rows = db_query(db, sql_learnt_last, DB_NONE, error);
	gint64 before = rows ? db_get_int(rows, 0, 0) : 0;
	gint64 fresh = rows ? db_get_int(rows, 0, 1) : 0;
	gint64 departments = rows ? db_get_int(rows, 0, 2) : 0;

	*worth_out = fresh >= TEACHING_NEW && (before > 0 || departments > 1) &&
		     (double)fresh >= TEACHING_SHARE * (double)(before + fresh);
	return rows != NULL;
}

/* Commits what was learnt, and uses it where it is better than the lexicon alone. */
static gboolean keep(struct db *db, const struct learnt *learnt, gint64 account, GDateTime *now,
		     struct taught *taught, GError **error)
{
	g_autofree char *json = learnt_to_json(learnt);
	g_autofree char *figures = learnt_figures(learnt);
	g_autoptr(GBytes) bytes = g_bytes_new_static(json, strlen(json));

	taught->lexicon = learnt->lexicon_accuracy;
	taught->learnt = learnt->accuracy;
	taught->both = learnt->fused_accuracy;
	taught->in_use = learnt->fused_accuracy > learnt->lexicon_accuracy;
	if (!db_begin(db, error))
		return FALSE;
	if (learnt_version_put(db, bytes, figures, account, now, &taught->version, error) &&
	    learnt_version_use(db, taught->in_use ? taught->version : 0, account, now, error))
		return db_commit(db, error);
	db_rollback(db);
	return FALSE;
}

static gboolean teach_all(struct db *db, gint64 account, GDateTime *now, struct taught *taught,
			  GError **error)
{
	g_autoptr(lexicon_handle) lexicon = lexicon_in_use(db, NULL, error);
	g_autoptr(classifier_handle) classifier = lexicon ? classifier_new(lexicon) : NULL;
	g_autoptr(GArray) texts = labelled_new();
	g_autoptr(learnt_handle) learnt = NULL;
	struct gathering gathering = {lexicon, texts};

	if (!classifier || !correction_each(db, gather, &gathering, error))
		return FALSE;
	taught->corrections = texts->len;
	turn_round(texts);
	learnt = classifier_learn(classifier, texts);
	return !learnt || keep(db, learnt, account, now, taught, error);
}

gboolean teach(struct db *db, gboolean anyway, gint64 account, GDateTime *now,
	       struct taught *taught_out, GError **error)
{
	gboolean worth = TRUE;

	*taught_out = (struct taught){0};
	return (anyway || is_worth_it(db, &worth, error)) &&
	       (!worth || teach_all(db, account, now, taught_out, error));
}
