#include "cli/collect_pen.h"

#include "base/charset.h"
#include "base/error.h"
#include "collector/collect.h"
#include "collector/fetch.h"
#include "sql.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct collect_settle_options settling;
static struct collect_hand_options hand;
static char *after;

static const GOptionEntry entries[] = {
    {"letter", 0, 0, G_OPTION_ARG_STRING, &settling.number,
     N_("settle: the same as NUMBER, the letter it answers"), "NUMBER"},
    {"aside", 0, 0, G_OPTION_ARG_NONE, &settling.aside, N_("settle: it is none of ours"), NULL},
    {"text", 0, 0, G_OPTION_ARG_STRING, &hand.text,
     N_("settle: what it says, where only a person can read it; type: what was said"), "TEXT"},
    {"from", 0, 0, G_OPTION_ARG_STRING, &hand.from,
     N_("files, type, settle: the enterprise that it comes from (name, short name or credit code)"),
     "ENTERPRISE"},
    {"round", 0, 0, G_OPTION_ARG_STRING, &hand.round,
     N_("with --from: the round that it answers (default: the open one)"), "CODE"},
    {"anyway", 0, 0, G_OPTION_ARG_NONE, &hand.anyway,
     N_("files: although one bears the number of another enterprise's letter"), NULL},
    {"by", 0, 0, G_OPTION_ARG_STRING, &hand.by, N_("type: how it was said: phone, visit or post"),
     "WAY"},
    {"on", 0, 0, G_OPTION_ARG_STRING, &hand.on, N_("type: when it was said (default: today)"),
     "YYYY-MM-DD"},
    {"rate", 0, 0, G_OPTION_ARG_STRING_ARRAY, &hand.rates,
     N_("type: a grade from 0 (cannot say) to 5, once for each department"), "DEPARTMENT=GRADE"},
    {"after", 0, 0, G_OPTION_ARG_STRING, &after,
     N_("pen: the list behind this message, as the list before says it"), "YYYY-MM-DD/NUMBER"},
    G_OPTION_ENTRY_NULL};

static const char summary[] =
    N_("Fetches messages, keeps their bytes, reads them, and files each to its letter. "
       "Again changes nothing.\n"
       "\n"
       "collect\tfrom all [source …] of pingyi.conf\n"
       "collect SOURCE…\tfrom a message (.eml), a folder or .zip of these, a Maildir, "
       "an mbox; maildir:PATH and mbox:PATH say which it is\n"
       "collect FILE… --from ENTERPRISE\tfiles that an enterprise gave as its answer: "
       "a filled form, PDF, picture, .txt, .eml …\n"
       "collect type\ttakes down what an enterprise said on the phone, in a visit or "
       "in a letter by post (--from, --by; --text, else stdin)\n"
       "collect pen\tlists the messages that wait for a person, with the letters that "
       "they may belong to\n"
       "collect settle MESSAGE NUMBER\tfiles one to the letter with this number, or to "
       "that of --from ENTERPRISE; --aside: it is none of ours\n"
       "collect raw MESSAGE\tprints one as it came");

/* What was left where it is, by reason, with the place of the first. */
static void print_left(const struct fetch_count *fetched)
{
	guint others = fetched->left;

	for (guint i = 0; i < FETCH_REASONS_MAX && fetched->reasons[i].why; i++) {
		const struct fetch_left *left = &fetched->reasons[i];
		g_autofree char *place = left->place ? charset_line(left->place) : NULL;
		g_autofree char *why = charset_line(left->why);

		/* none where all came over another connection */
		if (left->count && place)
			fprintf(stderr, _("%u left where they are: %s (the first: %s)\n"),
				left->count, why, place);
		else if (left->count)
			fprintf(stderr, _("%u left where they are: %s\n"), left->count, why);
		others -= left->count;
	}
	if (others)
		fprintf(stderr, _("%u left where they are for other reasons\n"), others);
}

/* Files that were brought in by hand have been told already. */
static void print_count(const struct fetch_count *fetched, const struct collect_count *count)
{
	if (hand.from)
		fprintf(stderr, _("%u filed, %u wait for a person\n"), count->filed + count->noted,
			count->waiting + count->broken);
	else
		fprintf(
		    stderr,
		    _("%u new messages (%u known, %u too large); %u filed, %u noted, %u wait for a "
		      "person, %u broke their reader\n"),
		    fetched->stored, fetched->known, fetched->large, count->filed, count->noted,
		    count->waiting, count->broken);
	print_left(fetched);
	if (count->waiting + count->broken)
		fprintf(stderr, "%s\n", _("“pingyi collect pen” lists those that wait."));
}

/* --- one message, or what was said ------------------------------------------------------------ */

static gboolean pen(struct app *app, char **words, GError **error)
{
	(void)words;
	return collect_pen(app, after, error);
}

static gboolean settle(struct app *app, char **words, GError **error)
{
	gint64 message = 0;

	if (words[1])
		settling.number = words[1];
	settling.from = hand.from;
	settling.round = hand.round;
	settling.text = hand.text;
	if ((settling.number != NULL) + (settling.from != NULL) + settling.aside != 1)
		return app_usage(error, "collect settle MESSAGE NUMBER | --from ENTERPRISE | "
					"--aside [--text TEXT]");
	return app_number(words[0], _("message"), &message, error) &&
	       collect_pen_settle(app, message, &settling, error);
}

/* A terminal gets no controls of a stranger's, a file the bytes. */
static void print_bytes(GBytes *raw)
{
	gsize size = 0;
	const char *bytes = g_bytes_get_data(raw, &size);
	const char *end = bytes + size;

	if (!isatty(STDOUT_FILENO)) {
		fwrite(bytes, 1, size, stdout);
		return;
	}
	while (bytes < end) {
		const char *stop = memchr(bytes, '\n', (gsize)(end - bytes));
		gsize length = (gsize)((stop ? stop : end) - bytes);
		g_autofree char *text = charset_to_utf8(bytes, length, NULL, NULL);
		g_autofree char *line = charset_line(g_strchomp(text));

		puts(line);
		bytes += length + 1;
	}
}

/* The message as it came; that somebody read it is an event. */
static gboolean print_raw(struct app *app, char **words, GError **error)
{
	gint64 message = 0;
	gint64 account = 0;
	g_autoptr(GBytes) raw = NULL;

	if (!app_number(words[0], _("message"), &message, error))
		return FALSE;
	account = app_account(app, error);
	raw = account ? message_bytes(app->db, message, error) : NULL;
	if (!raw)
		return FALSE;
	if (g_bytes_get_size(raw) == 0) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("there is no message %lld"),
			    (long long)message);
		return FALSE;
	}
	if (!db_run(app->db, sql_message_read,
		    DB(db_int(message), db_int(account), db_time(app->now)), NULL, error))
		return FALSE;
	print_bytes(raw);
	return TRUE;
}

static gboolean type(struct app *app, char **words, GError **error)
{
	(void)words;
	return collect_hand_type(app, &hand, error);
}

/* --- sources -------------------------------------------------------------------------------- */

static guint seen(const struct fetch_count *fetched)
{
	return fetched->stored + fetched->known + fetched->large + fetched->left;
}

/* What a person names is meant to hold messages: that it holds none is told. */
static gboolean fetch_named(struct app *app, const char *named, struct fetch_count *fetched,
			    GError **error)
{
	g_autofree char *url = source_setting_guess(named, error);
	struct source_setting source = {.url = url};
	guint before = seen(fetched);

	if (!url || !fetch_source(app->db, &source, app->now, fetched, error))
		return FALSE;
	if (strcmp(url, named) != 0 || strchr(named, ':') || seen(fetched) > before)
		return TRUE;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("%s holds no mail message: neither .eml files nor a Maildir. A file that an "
		      "enterprise gave as its answer: pingyi collect FILE --from ENTERPRISE"),
		    named);
	return FALSE;
}

/* What is stored is read, whatever became of the sources. */
static gboolean collect(struct app *app, char **sources, GError **error)
{
	struct fetch_count fetched = {0};
	struct collect_count count = {0};
	GError *problem = NULL;
	gboolean good;

	if (!app_db(app, "worker", error))
		return FALSE;
	for (char **source = sources; *source && !problem && !hand.from; source++)
		fetch_named(app, *source, &fetched, &problem);
	if (!*sources)
		fetch_configured(app->office, app->db, app->now, &fetched, &problem);
	good = collect_read(app->db, app->now, &count, problem ? NULL : error);
	if (good && (!problem || fetched.stored + fetched.left + count.filed + count.waiting))
		print_count(&fetched, &count);
	fetch_count_clear(&fetched);
	if (problem)
		g_propagate_error(error, problem);
	return good && !problem;
}

static const struct verb {
	const char *name;
	guint min, max; /* words behind it */
	gboolean (*run)(struct app *app, char **words, GError **error);
	const char *usage;
} verbs[] = {
    {"pen", 0, 0, pen, "collect pen [--after YYYY-MM-DD/NUMBER]"},
    {"settle", 1, 2, settle,
     "collect settle MESSAGE NUMBER | --from ENTERPRISE | --aside [--text TEXT]"},
    {"raw", 1, 1, print_raw, "collect raw MESSAGE"},
    {"type", 0, 0, type,
     "collect type --from ENTERPRISE --by phone|visit|post [--on DATE] "
     "[--rate DEPARTMENT=GRADE …] [--text TEXT]"},
};

gboolean cmd_collect(struct app *app, int argc, char **argv, GError **error)
{
	guint words;

	if (!app_options(
		&argc, &argv, entries,
		"[SOURCE…] | FILE… --from ENTERPRISE | pen | settle MESSAGE NUMBER | raw MESSAGE | "
		"type",
		_(summary), error))
		return FALSE;
	words = (guint)argc - 1;
	for (guint i = 0; words && i < G_N_ELEMENTS(verbs); i++) {
		if (strcmp(argv[1], verbs[i].name) != 0)
			continue;
		if (words - 1 < verbs[i].min || words - 1 > verbs[i].max)
			return app_usage(error, verbs[i].usage);
		if (after && verbs[i].run != pen)
			return app_usage(error, verbs[0].usage);
		return verbs[i].run(app, argv + 2, error);
	}
	if (after)
		return app_usage(error, verbs[0].usage);
	if (hand.from && !words)
		return app_usage(error, "collect FILE… --from ENTERPRISE");
	if (hand.from && !collect_hand_files(app, &hand, argv + 1, words, error))
		return FALSE;
	return collect(app, argv + 1, error);
}
