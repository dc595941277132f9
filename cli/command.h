#pragma once

/*
 * A command of `pingyi`: one file each, cli/cmd_<name>.c, and one row in cli/main.c's table, which
 * stands in the order of the work. A command prints its data on stdout and chatter on stderr, and
 * leaves printing of errors to main().
 */
#include "db/office.h"
#include "templates/sheet.h"

/* What all commands are given. */
struct app {
	const char *office_path; /* --office, else $PINGYI_OFFICE, else the current folder */
	const char *as;          /* --as or $PINGYI_AS: the login of the person who acts, or NULL */
	GDateTime *now;          /* the clock of this run: --now, else the real one */
	GDateTime *start;        /* what it was at the begin … */
	gint64 started;          /* … and then: monotonic, µs */
	gboolean json;           /* --json: lists are printed as JSON */
	struct office *office;   /* opened on first use */
	struct db *db;           /* likewise, with db_role */
	char *db_role;
	gint64 account; /* of the person who acts, once staff is connected */
};

typedef gboolean command_function(struct app *app, int argc, char **argv, GError **error);

struct command {
	const char *name;      /* a name with a leading '-' is not listed */
	command_function *run; /* argv[0] is the command's name */
	const char *arguments; /* for the list: "new | release | close" */
	const char *summary;   /* one line, a msgid */
};

extern const struct command command_table[]; /* ends with a NULL name */

/* The office, opened once. Owned by the app. */
struct office *app_office(struct app *app, GError **error);

/* A connection as one of the office's roles ("worker", "staff"), kept until another role is asked
 * for. As staff only who has an active account of staff: --as, or the one there is; else
 * PINGYI_ERROR_INPUT. Owned by the app. */
struct db *app_db(struct app *app, const char *role, GError **error);

/* The clock goes on: before what follows a wait. */
void app_tick(struct app *app);

/* The account of the person who acts, and a connection as staff; 0 with an error. */
gint64 app_account(struct app *app, GError **error);

/* Says on stderr what letters would lack, before they are made or leave: links that others can
 * open, the office's phone and address. The office is open. */
void app_warn_office(struct app *app);

/*
 * Reads a command's options (GLib's entries, ending with G_OPTION_ENTRY_NULL); --help prints and
 * exits. `parameters` names the rest: "ROUND". Afterwards argv[1 …] are the rest, *argc counts.
 */
gboolean app_options(int *argc, char ***argv, const GOptionEntry *entries, const char *parameters,
		     const char *summary, GError **error);

/* PINGYI_ERROR_INPUT "usage: …"; always returns FALSE. */
gboolean app_usage(GError **error, const char *usage);

/* A whole number of the command line; FALSE with PINGYI_ERROR_INPUT naming `what`. */
gboolean app_number(const char *text, const char *what, gint64 *number_out, GError **error);

/* Where the office's clocks are. Returns: (transfer full) */
GTimeZone *app_zone(struct app *app);

/* The calendar date YYYY-MM-DD; FALSE with PINGYI_ERROR_INPUT naming `what`. */
gboolean app_date(const char *text, const char *what, GError **error);

/* An address of the command line that mail could go to; FALSE with PINGYI_ERROR_INPUT. */
gboolean app_address(const char *text, GError **error);

/* What the cells of a column are on a terminal. */
enum app_cell {
	APP_TEXT,    /* what people wrote: as it is, whatever it is */
	APP_WORD,    /* a state or kind: as people say it (templates/words.tsv) */
	APP_MESSAGE, /* a message of ours, a msgid */
};

/* A column of a list that a command prints. */
struct app_column {
	const char *name;    /* in JSON */
	const char *heading; /* on a terminal, a msgid */
	enum grid_kind kind;
	enum app_cell cell;
};

/* Prints rows on stdout: on a terminal an aligned table in its width, elsewhere tabs between the
 * cells, with --json an array of objects. `n` columns, as many as the rows have at least. */
void app_print(const struct app *app, const struct db_rows *rows, const struct app_column *columns,
	       guint n);

/* The same of what comes from elsewhere: each of `rows` is an array of `n` texts, some NULL. */
void app_print_cells(const struct app *app, const GPtrArray *rows, const struct app_column *columns,
		     guint n);

/* A grid on stdout, as wide as the terminal. */
void app_print_grid(const struct grid *grid);

/* What `pingyi send --status` may be asked besides; set by its options. */
struct send_status_options {
	char *list;   /* --list STATE: the mails in a state */
	char *after;  /* --after PLACE: where the page before ended */
	char *letter; /* --letter NUMBER: the whole history of one letter */
};
extern struct send_status_options send_status_options;

/* How the sending goes (cli/send_status.c): of the round with this code; for NULL of the newest
 * that is no draft (else of the newest), with mails of no round. Tables on stdout, one JSON
 * document with --json. PINGYI_ERROR_INPUT for a round, state or letter that does not exist. */
gboolean send_status(struct app *app, const char *round_code, GError **error);

/* What `pingyi collect` is told of what staff bring in by hand; set by its options. */
struct collect_hand_options {
	char *from;      /* --from ENTERPRISE */
	char *round;     /* --round CODE: not the open one */
	char *by;        /* --by phone | visit | post */
	char *on;        /* --on DATE: when it was said */
	char *text;      /* --text TEXT: what was said; NULL: it stands on stdin */
	char **rates;    /* --rate DEPARTMENT=GRADE */
	gboolean anyway; /* --anyway: although a file bears another letter's number */
};

/* Stores files that an enterprise gave (cli/collect_hand.c); the next collect_read() files them. */
gboolean collect_hand_files(struct app *app, const struct collect_hand_options *options,
			    char **paths, guint n, GError **error);

/* Stores and files what staff typed: `pingyi collect type`. */
gboolean collect_hand_type(struct app *app, const struct collect_hand_options *options,
			   GError **error);

/* Of `pingyi classify`, for staff. What a changed lexicon would move (cli/classify_trial.c); what
 * people decided, "code TAB text" a line, and the words it proposes (cli/classify_corrections.c).
 */
gboolean classify_trial(struct app *app, const char *path, GError **error);
gboolean classify_corrections(struct app *app, GError **error);
gboolean classify_suggest_words(struct app *app, GError **error);
/* Teaches the second layer with what people decided, now. */
gboolean classify_learn(struct app *app, GError **error);

/* What `pingyi classify` works with where there is no database; set by its options. */
struct classify_files {
	char *evaluate;    /* lines LABEL TAB TEXT to measure on */
	char *train;       /* likewise: the second layer is taught with them; NULL: none */
	char *lexicon;     /* NULL: the one that the binary carries */
	char *predictions; /* NULL, or the file to write */
};

/* Measures the classifier (cli/classify_evaluate.c): NAME TAB VALUE on stdout, or JSON. */
gboolean classify_evaluate(const struct app *app, const struct classify_files *files,
			   GError **error);

/* How the text (NULL: standard input) is split and sorted, and why: on a terminal as people read
 * it, elsewhere one JSON document. */
gboolean classify_explain(const struct app *app, const struct classify_files *files,
			  const char *text, GError **error);

/* The command functions, one per file. */
command_function cmd_init;
command_function cmd_account;
command_function cmd_classify;
command_function cmd_collect;
command_function cmd_db;
command_function cmd_department;
command_function cmd_enterprise;
command_function cmd_follow;
command_function cmd_lexicon;
command_function cmd_mail;
command_function cmd_print;
command_function cmd_round;
command_function cmd_report;
command_function cmd_run;
command_function cmd_send;
command_function cmd_serve;
command_function cmd_read;
command_function cmd_reader;
