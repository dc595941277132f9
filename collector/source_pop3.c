#include "collector/source_pop3.h"

#include "base/error.h"
#include "collector/source_again.h"

struct pop3_source {
	struct pop3 *pop3;
	const struct source_sink *sink;
	char *account;
	enum source_after after;
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

/* Fetches and stores one; `stored_out`: it may be deleted. */
static gboolean take(struct pop3_source *source, const struct pop3_message *message,
		     gboolean *stored_out, GError **error)
{
	const struct source_sink *sink = source->sink;
	struct message_place place = place_of(source, message);
	g_autoptr(GError) problem = NULL;
	g_autoptr(GBytes) raw = NULL;

	if (message->size <= SOURCE_MESSAGE_MAX &&
	    !pop3_fetch(source->pop3, message->number, SOURCE_MESSAGE_MAX, &raw, &problem)) {
		*stored_out = FALSE;
		if (!pop3_has_refused(source->pop3)) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return FALSE;
		}
		/* no reason to leave the others */
		sink->skipped(sink->user, &place, problem->message);
		return TRUE;
	}
	*stored_out = raw != NULL;
	if (!raw) {
		sink->skipped(sink->user, &place, _("larger than 100 MB"));
		return TRUE;
	}
	source->again->progress = TRUE;
	return sink->store(sink->user, &place, raw, error) || source_again_not(source->again);
}

static gboolean take_all(struct pop3_source *source, const GArray *messages, GError **error)
{
	const struct source_sink *sink = source->sink;

	for (guint i = 0; i < messages->len; i++) {
		const struct pop3_message *message =
		    &g_array_index(messages, struct pop3_message, i);
		struct message_place place = place_of(source, message);
		gboolean stored = FALSE;

		if (!sink->known(sink->user, &place, &stored, error))
			return source_again_not(source->again);
		if (!stored && !take(source, message, &stored, error))
			return FALSE;
		/* also what was known: it was stored before a connection was lost */
		if (stored && source->after == SOURCE_DELETE &&
		    !pop3_delete(source->pop3, message->number, error))
			return FALSE;
	}
	return TRUE;
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
	g_clear_pointer(&source->pop3, pop3_close);
	return good;
}

gboolean source_pop3(const struct pop3_options *options, enum source_after after,
		     const struct source_sink *sink, GError **error)
{
	struct source_again again = {0};
	struct pop3_source source = {.sink = sink, .after = after, .again = &again};
	g_autoptr(GError) problem = NULL;
	gboolean good;

	do {
		g_clear_error(&problem);
		good = run_session(&source, options, &problem);
	} while (!good && source_again(&again, problem));
	g_free(source.account);
	if (!good)
		g_propagate_error(error, g_steal_pointer(&problem));
	return good;
}
