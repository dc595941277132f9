#include "collector/source_pop3.h"

#include "base/error.h"
#include "collector/intake.h"
#include "collector/source_again.h"

#define FIRST_AT_ONCE  20u  /* messages that are committed together at first, … */
#define COMMIT_AT_ONCE 500u /* … then twice as many each time, up to these */

struct pop3_source {
	struct pop3 *pop3;
	struct intake intake;
	const struct source_sink *sink;
	char *account;
	enum source_after after;
	GArray
	    *here;   /* of guint32: numbers of messages that may be deleted once all is committed */
	guint added; /* not committed yet */
	guint at_once;
	struct source_again *again;
};

static struct message_place place_of(const struct pop3_source *source,
				     const struct pop3_message *message)
{
	struct message_place place = {
	    .channel = "pop3",
	    .account = source->account,
	    .mailbox = "INBOX",
	    .uid = message->uidl,
	};

	return place;
}

struct flowing {
	struct pop3_source *source;
	const struct message_place *place;
};

static gboolean flow(void *user, const guint8 *bytes, gsize size, GError **error)
{
	struct flowing *flowing = user;

	return intake_add(&flowing->source->intake, flowing->place, bytes, size, error) ||
	       source_again_not(flowing->source->again);
}

/* Fetches and stores one; of one that is too large its head, and then it is never deleted. */
static gboolean take(struct pop3_source *source, const struct pop3_message *message, GError **error)
{
	const struct source_sink *sink = source->sink;
	struct message_place place = place_of(source, message);
	struct flowing flowing = {source, &place};
	gboolean over = message->size > SOURCE_MESSAGE_MAX;
	g_autoptr(GError) problem = NULL;

	if (!pop3_fetch(source->pop3, message->number, over, SOURCE_MESSAGE_MAX, flow, &flowing,
			&problem)) {
		intake_drop(&source->intake);
		if (source->again->never || !pop3_has_refused(source->pop3)) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return FALSE;
		}
		/* no reason to leave the others */
		sink->skipped(sink->user, &place, problem->message);
		return TRUE;
	}
	source->again->progress = TRUE;
	source->added++;
	if (!over && source->intake.size <= SOURCE_MESSAGE_MAX)
		g_array_append_val(source->here, message->number);
	return intake_end(&source->intake, &place, over ? message->size : 0, error) ||
	       source_again_not(source->again);
}

/* Commits what came, and only then deletes. */
static gboolean commit(struct pop3_source *source, GError **error)
{
	if (!source->sink->flush(source->sink->user, error))
		return source_again_not(source->again);
	for (guint i = 0; source->after == SOURCE_DELETE && i < source->here->len; i++)
		if (!pop3_delete(source->pop3, g_array_index(source->here, guint32, i), error))
			return FALSE;
	g_array_set_size(source->here, 0);
	source->added = 0;
	source->at_once = CLAMP(source->at_once * 2, FIRST_AT_ONCE, COMMIT_AT_ONCE);
	return TRUE;
}

static gboolean take_all(struct pop3_source *source, const GArray *messages, GError **error)
{
	const struct source_sink *sink = source->sink;

	for (guint i = 0; i < messages->len; i++) {
		const struct pop3_message *message =
		    &g_array_index(messages, struct pop3_message, i);
		struct message_place place = place_of(source, message);
		enum message_known known = MESSAGE_NEW;

		if (!sink->known(sink->user, &place, &known, error))
			return source_again_not(source->again);
		if (known == MESSAGE_NEW && !take(source, message, error))
			return FALSE;
		/* it was stored before a connection was lost */
		if (known == MESSAGE_WHOLE)
			g_array_append_val(source->here, message->number);
		if (source->added >= MAX(source->at_once, FIRST_AT_ONCE) && !commit(source, error))
			return FALSE;
	}
	return commit(source, error);
}

static gboolean run_session(struct pop3_source *source, const struct pop3_options *options,
			    GError **error)
{
	g_autoptr(GArray) messages = NULL;
	gboolean good;

	source->pop3 = pop3_open(options, error);
	if (!source->pop3)
		return FALSE;
	source->again->was_open = TRUE;
	/* Two servers may give the same ids to the same login. */
	if (!source->account)
		source->account = g_strdup_printf("%s@%s", options->user, pop3_host(source->pop3));
	messages = pop3_list(source->pop3, error);
	good = messages && take_all(source, messages, error) && pop3_quit(source->pop3, error);
	intake_drop(&source->intake);
	/* what came whole before a failure need not come again */
	if (!good && !source->again->never && !source->sink->flush(source->sink->user, NULL))
		source_again_not(source->again);
	g_array_set_size(source->here, 0);
	source->added = 0;
	g_clear_pointer(&source->pop3, pop3_close);
	return good;
}

gboolean source_pop3(const struct pop3_options *options, enum source_after after,
		     const struct source_sink *sink, GError **error)
{
	struct source_again again = {0};
	struct pop3_source source = {
	    .sink = sink,
	    .intake = {.sink = sink},
	    .after = after,
	    .here = g_array_new(FALSE, FALSE, sizeof(guint32)),
	    .again = &again,
	};
	g_autoptr(GError) problem = NULL;
	gboolean good;

	do {
		g_clear_error(&problem);
		good = run_session(&source, options, &problem);
	} while (!good && source_again(&again, problem));
	intake_clear(&source.intake);
	g_array_unref(source.here);
	g_free(source.account);
	if (!good)
		g_propagate_error(error, g_steal_pointer(&problem));
	return good;
}
