#include "collector/watch.h"

#include "base/error.h"
#include "collector/source_setting.h"

#include <string.h>

/* One mailbox. */
struct mailbox {
	char *group;
	struct imap *imap; /* NULL: not open */
	gint64 next;       /* monotonic, µs: when it is opened or renewed */
};

struct watch {
	struct office *office;
	GArray *mailboxes; /* of struct mailbox */
};

static gint64 after_s(guint seconds)
{
	return g_get_monotonic_time() + (gint64)seconds * G_USEC_PER_SEC;
}

static void clear_mailbox(gpointer data)
{
	struct mailbox *mailbox = data;

	imap_close(mailbox->imap);
	g_free(mailbox->group);
}

struct watch *watch_new(struct office *office)
{
	struct watch *watch = g_new0(struct watch, 1);
	g_auto(GStrv) groups = office_groups(office, "source ");

	watch->office = office;
	watch->mailboxes = g_array_new(FALSE, TRUE, sizeof(struct mailbox));
	g_array_set_clear_func(watch->mailboxes, clear_mailbox);
	for (char **group = groups; *group; group++) {
		const char *url = office_setting(office, *group, "url", "");
		struct mailbox mailbox = {0};

		if (watch->mailboxes->len == WATCH_SOURCES_MAX || !source_setting_is_imap(url))
			continue;
		mailbox.group = g_strdup(*group);
		g_array_append_val(watch->mailboxes, mailbox);
	}
	return watch;
}

void watch_free(struct watch *watch)
{
	if (!watch)
		return;
	g_array_unref(watch->mailboxes);
	g_free(watch);
}

static struct imap *open_source(struct office *office, const char *group, GError **error)
{
	struct source_setting setting;
	struct imap *imap = NULL;

	if (source_setting_read(office, group, &setting, error)) {
		struct imap_options options = source_setting_imap(&setting);

		options.read_only = TRUE;
		options.open_ms = options.answer_ms = options.command_ms = WATCH_OPEN_MS;
		imap = imap_open(&options, error);
	}
	source_setting_clear(&setting);
	return imap;
}

/* Closes it, until it is tried again. */
static void give_up(struct mailbox *mailbox, const GError *error)
{
	gboolean passes = !error || g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY);

	g_clear_pointer(&mailbox->imap, imap_close);
	mailbox->next = after_s(passes ? WATCH_AGAIN_S : WATCH_REFUSED_S);
}

static void open_mailbox(struct watch *watch, struct mailbox *mailbox)
{
	g_autoptr(GError) problem = NULL;
	gboolean read_only = FALSE;
	gboolean idle = FALSE;
	gint64 validity = 0;

	mailbox->imap = open_source(watch->office, mailbox->group, &problem);
	if (mailbox->imap && imap_select(mailbox->imap, &validity, &read_only, &problem) &&
	    imap_idle(mailbox->imap, &idle, &problem) && idle) {
		mailbox->next = after_s(WATCH_RENEW_S);
		return;
	}
	give_up(mailbox, problem);
	if (!problem)
		mailbox->next = after_s(WATCH_REFUSED_S);
}

void watch_open(struct watch *watch)
{
	for (guint i = 0; i < watch->mailboxes->len; i++) {
		struct mailbox *mailbox = &g_array_index(watch->mailboxes, struct mailbox, i);

		if (!mailbox->imap && g_get_monotonic_time() >= mailbox->next)
			open_mailbox(watch, mailbox);
	}
}

/* Ends the IDLE and begins it anew, before the server gets tired of it. */
static gboolean renew(struct mailbox *mailbox, GError **error)
{
	gboolean idle = FALSE;

	mailbox->next = after_s(WATCH_RENEW_S);
	return imap_idle_end(mailbox->imap, error) && imap_idle(mailbox->imap, &idle, error);
}

gboolean watch_news(struct watch *watch)
{
	gboolean any = FALSE;

	for (guint i = 0; i < watch->mailboxes->len; i++) {
		struct mailbox *mailbox = &g_array_index(watch->mailboxes, struct mailbox, i);
		g_autoptr(GError) problem = NULL;
		gboolean news = FALSE;

		if (!mailbox->imap)
			continue;
		if (!imap_idle_news(mailbox->imap, &news, &problem) ||
		    (g_get_monotonic_time() >= mailbox->next && !renew(mailbox, &problem)))
			give_up(mailbox, problem);
		any |= news;
	}
	return any;
}
