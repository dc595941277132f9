#include "cli/command.h"

#include "base/charset.h"
#include "base/error.h"
#include "base/language.h"

#include <libxml/parser.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

/* In the order of the work, so that `pingyi --help` tells the story. */
const struct command command_table[] = {
    {"init", cmd_init, "FOLDER", N_("make an office: settings, database, accounts")},
    {"account", cmd_account, "add | list | password | email", N_("who may work here")},
    {"department", cmd_department, "list | email", N_("the departments, and where digests go")},
    {"enterprise", cmd_enterprise, "import | list | show", N_("whom the office may ask")},
    {"round", cmd_round, "new | attach | release | remind | close | list",
     N_("whom to ask, what, and until when")},
    {"send", cmd_send, "[--yes]", N_("send the letters and replies that are due")},
    {"print", cmd_print, "[labels] [ROUND]", N_("letters on paper, return sheets, labels")},
    {"mail", cmd_mail, "check", N_("try the relay: log in, send, wait, look up the domain")},
    {"collect", cmd_collect, "[SOURCE…] | FILE… --from | type | pen | raw | settle",
     N_("fetch answers, read and file them")},
    {"read", cmd_read, "FILE…", N_("show how messages are understood, one JSON object a line")},
    {"classify", cmd_classify, "[--explain | --evaluate FILE]",
     N_("sort opinions to departments, and say why")},
    {"lexicon", cmd_lexicon, "check | import | use | list | export | diff | learnt",
     N_("which words speak for which department, in versions")},
    {"follow", cmd_follow, "VERB …", N_("hand over, sign, answer, approve, close")},
    {"report", cmd_report, "[ROUND] | ledger", N_("rates, departments, the ledger")},
    {"serve", cmd_serve, "[--listen ADDRESS:PORT]", N_("the pages, and the stages beside")},
    {"run", cmd_run, "[--stay]", N_("do everything that is due")},
    {"db", cmd_db, "verify | shell | hold", N_("prove the seals, look inside")},
    {"-reader", cmd_reader, "", ""},

    {NULL, NULL, NULL, NULL},
};

/* Chinese unless the environment asks for English. */
static void set_language(void)
{
	const char *wanted = g_getenv("PINGYI_LANG");
	g_autofree char *folder = NULL;
	g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);

	for (const char *const *name = (const char *const[]){"LC_ALL", "LC_MESSAGES", "LANG", NULL};
	     !wanted && *name; name++) {
		const char *value = g_getenv(*name);

		if (value && *value)
			wanted = value;
	}
	language_begin(wanted && g_str_has_prefix(wanted, "en"));
	if (program) {
		g_autofree char *beside = g_path_get_dirname(program);

		/* beside the program where it was built, in share/ where it is installed */
		folder = g_build_filename(beside, "locale", NULL);
		if (!g_file_test(folder, G_FILE_TEST_IS_DIR)) {
			g_free(folder);
			folder = g_build_filename(beside, "..", "share", "locale", NULL);
		}
	}
	bindtextdomain("pingyi", folder ? folder : "/usr/share/locale");
	bind_textdomain_codeset("pingyi", "UTF-8");
	textdomain("pingyi");
}

static void print_help(FILE *out)
{
	fprintf(out, "%s\n\n",
		_("pingyi (评议): consult enterprises about departments, and see it through"));
	fprintf(out, "%s\n\n",
		_("usage: pingyi [--office FOLDER] [--as LOGIN] [--now TIME] COMMAND … [--json]"));
	for (const struct command *command = command_table; command->name; command++) {
		if (command->name[0] != '-')
			fprintf(out, "  %-11s %s\n", command->name, _(command->summary));
	}
	fprintf(out, "\n%s\n", _("pingyi COMMAND --help tells more of each."));
}

/* "2026-03-02T09:00" in local time, or with an offset. */
static gboolean parse_now(struct app *app, const char *text, GError **error)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Asia/Shanghai");
	g_autofree char *whole =
	    strlen(text) == 16 ? g_strconcat(text, ":00", NULL) : g_strdup(text);

	g_date_time_unref(app->now);
	app->now = g_date_time_new_from_iso8601(whole, zone);
	if (app->now)
		return TRUE;
	app->now = g_date_time_new_now_utc();
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("--now: “%s” is not a time like 2026-03-02T09:00"), text);
	return FALSE;
}

/* The options before the command's name; *at stops there. */
static gboolean parse_globals(struct app *app, int argc, char **argv, int *at, GError **error)
{
	for (*at = 1; *at < argc && argv[*at][0] == '-'; (*at)++) {
		const char *option = argv[*at];

		if (strcmp(option, "--help") == 0 || strcmp(option, "-h") == 0)
			return TRUE;
		if (strcmp(option, "--version") == 0)
			return TRUE;
		if (*at + 1 >= argc)
			return app_usage(
			    error, _("[--office FOLDER] [--as LOGIN] [--now TIME] COMMAND …"));
		if (strcmp(option, "--office") == 0)
			app->office_path = argv[++*at];
		else if (strcmp(option, "--as") == 0)
			app->as = argv[++*at];
		else if (strcmp(option, "--now") == 0 && parse_now(app, argv[*at + 1], error))
			(*at)++;
		else
			return error && *error
				   ? FALSE
				   : app_usage(error, _("[--office FOLDER] [--as LOGIN] "
							"[--now TIME] COMMAND …"));
	}
	return TRUE;
}

/* --json may stand anywhere behind the command's name: what shows data heeds it. */
static int take_json(struct app *app, int argc, char **argv)
{
	int kept = 1;

	for (int i = 1; i < argc; i++) {
		if (i > 1 && strcmp(argv[i], "--json") == 0)
			app->json = TRUE;
		else
			argv[kept++] = argv[i];
	}
	argv[kept] = NULL;
	return kept;
}

static int run(struct app *app, int argc, char **argv, GError **error)
{
	int at = 1;

	argc = take_json(app, argc, argv);
	if (!parse_globals(app, argc, argv, &at, error))
		return EX_USAGE;
	if (at >= argc || argv[at][0] == '-') {
		gboolean asked = at < argc;

		if (asked && strcmp(argv[at], "--version") == 0)
			puts("pingyi " PINGYI_VERSION);
		else
			print_help(asked ? stdout : stderr);
		return asked ? EX_OK : EX_USAGE;
	}
	for (const struct command *command = command_table; command->name; command++) {
		const char *name = command->name[0] == '-' ? command->name + 1 : command->name;

		if (strcmp(name, argv[at]) == 0)
			return command->run(app, argc - at, argv + at, error)
				   ? EX_OK
				   : pingyi_error_exit_code(*error);
	}
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("no command “%s”; pingyi --help lists them"), argv[at]);
	return EX_USAGE;
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	struct app app = {
	    .office_path = g_getenv("PINGYI_OFFICE") ? g_getenv("PINGYI_OFFICE") : ".",
	    .as = g_getenv("PINGYI_AS"),
	    .now = g_date_time_new_now_utc(),
	    .started = g_get_monotonic_time(),
	};
	int code;

	signal(SIGPIPE, SIG_IGN);
	set_language();
	xmlInitParser();
	code = run(&app, argc, argv, &error);
	if (error) {
		g_autofree char *words = language_kept(error->message);
		g_auto(GStrv) lines = g_strsplit(words, "\n", -1);

		for (guint i = 0; lines[i]; i++) {
			g_autofree char *line = charset_line(lines[i]);

			fprintf(stderr, "%s%s\n", i ? "" : "pingyi: ", line);
		}
	}
	db_free(app.db);
	g_free(app.db_role);
	office_free(app.office);
	g_date_time_unref(app.now);
	g_clear_pointer(&app.start, g_date_time_unref);
	xmlCleanupParser();
	if (fflush(stdout) != 0 && code == EX_OK)
		code = EX_IOERR;
	return code;
}
