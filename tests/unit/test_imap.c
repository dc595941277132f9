#include "base/error.h"
#include "collector/imap_text.h"
#include "collector/source_imap.h"
#include "tests/unit/kept_sink.h"
#include "tests/unit/line_peer.h"

#include <check.h>
#include <string.h>

START_TEST(mailbox_names)
{
	static const char *const names[][2] = {
	    {"INBOX", "\"INBOX\""},
	    {"意见箱", "\"&YQ+JwXux-\""},
	    {"a&b", "\"a&-b\""},
	    {"q\"u\\o", "\"q\\\"u\\\\o\""},
	    {"x\r\nA1 DELETE y", "\"x&AA0ACg-A1 DELETE y\""},
	};

	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *quoted = imap_text_mailbox(names[i][0]);

		ck_assert_str_eq(quoted, names[i][1]);
	}
}
END_TEST

START_TEST(sets)
{
	static const guint32 uids[] = {1, 2, 3, 7, 9, 10, G_MAXUINT32};
	g_autofree char *set = imap_text_set(uids, G_N_ELEMENTS(uids));

	ck_assert_str_eq(set, "1:3,7,9:10,4294967295");
}
END_TEST

START_TEST(literals_are_announced)
{
	static const struct {
		const char *line;
		gint64 size; /* -1: none */
	} lines[] = {{"* 1 FETCH (BODY[] {12}", 12},
		     {"{0}", 0},
		     {"{}", -1},
		     {"}", -1},
		     {"{12", -1},
		     {"{1x}", -1},
		     {"{-1}", -1},
		     {"{99999999999999999999}", -1},
		     {"{9223372036854775807}", G_MAXINT64}};

	for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
		guint64 size = 0;
		gboolean is = imap_text_literal(lines[i].line, strlen(lines[i].line), &size);

		ck_assert_int_eq(is, lines[i].size >= 0);
		if (is)
			ck_assert_int_eq((gint64)size, lines[i].size);
	}
}
END_TEST

/* With one literal "abc" at hand. */
static const struct {
	const char *text;
	gboolean good;
	guint32 uid;
	const char *body; /* NULL: none */
} responses[] = {
    {"* 1 FETCH (UID 5 BODY[] {3})", TRUE, 5, "abc"},
    {"* 1 FETCH (BODY[] {3} UID 5)", TRUE, 5, "abc"},
    {"* 1 fetch (FLAGS (\\Seen (x \"y)\")) uid 5 body[] \"q\\\"\")", TRUE, 5, "q\""},
    {"* 1 FETCH (BODY[HEADER.FIELDS (A B)] {3} UID 5)", TRUE, 5, NULL},
    {"* 1 FETCH (UID 5 BODY[] NIL)", TRUE, 5, NULL},
    {"* 1 FETCH (UID 5 RFC822.SIZE 10)", TRUE, 5, NULL},
    {"* 1 FETCH (UID 5 BODY[] {3} BODY[] {3})", FALSE, 0, NULL},
    {"* 1 FETCH (UID 4294967296)", FALSE, 0, NULL},
    {"* 1 FETCH (UID 5 BODY[] {3}", FALSE, 0, NULL},
    {"* 1 FETCH (UID 5 BODY[] {3}) x", FALSE, 0, NULL},
    {"* 1 FETCH (UID", FALSE, 0, NULL},
    {"* 1 FETCH (X (((", FALSE, 0, NULL},
    {"* 1 FETCH (X \"", FALSE, 0, NULL},
    {"* 1 FETCH (X \"\\", FALSE, 0, NULL},
    {"* 1 FETCH (BODY[", FALSE, 0, NULL},
    {"* 1 FETCH ()", TRUE, 0, NULL},
    {"* FETCH (UID 5)", FALSE, 0, NULL},
    {"* 5 EXISTS", FALSE, 0, NULL},
    {"", FALSE, 0, NULL},
};

START_TEST(fetch_responses)
{
	g_autoptr(GString) text = g_string_new(responses[_i].text);
	g_autoptr(GPtrArray) literals =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	struct imap_text_response response = {text, literals};
	struct imap_text_fetched fetched;

	g_ptr_array_add(literals, g_bytes_new_static("abc", 3));
	ck_assert_int_eq(imap_text_fetch(&response, &fetched), responses[_i].good);
	if (!responses[_i].good) {
		ck_assert_ptr_null(fetched.body);
		return;
	}
	ck_assert_uint_eq(fetched.uid, responses[_i].uid);
	ck_assert_int_eq(fetched.body != NULL, responses[_i].body != NULL);
	if (fetched.body) {
		g_autoptr(GBytes) wanted =
		    g_bytes_new_static(responses[_i].body, strlen(responses[_i].body));

		ck_assert(g_bytes_equal(fetched.body, wanted));
		g_bytes_unref(fetched.body);
	}
}
END_TEST

#define SIZES_GOOD                                                                                 \
	"* 1 FETCH (UID 1 RFC822.SIZE 3)\r\n* 2 FETCH (UID 2 RFC822.SIZE 3)\r\n%s OK x\r\n"
#define FETCH_GOOD                                                                                 \
	"* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\n* 2 FETCH (UID 2 BODY[] {3}\r\ndef)\r\n%s OK "     \
	"x\r\n"
#define NO_ERROR (-1)

static const struct {
	const char *search, *sizes, *fetch;
	int error; /* NO_ERROR, or the code */
	const char *stored;
	guint skipped;
	const char *marked; /* the command that sets \Seen, NULL: none */
} talks[] = {
    {"* SEARCH 1 2\r\n%s OK x\r\n", SIZES_GOOD, FETCH_GOOD, NO_ERROR, "1=abc;2=def;", 0,
     "UID STORE 1:2 +FLAGS.SILENT (\\Seen)"},
    /* Twice the same, a known one, none at all, rubbish between the numbers. */
    {"* SEARCH 2 1\r\n* SEARCH 1 3 0\r\n%s OK x\r\n", SIZES_GOOD, FETCH_GOOD, NO_ERROR,
     "1=abc;2=def;", 0, "UID STORE 1:2 "},
    {"%s OK x\r\n", NULL, NULL, NO_ERROR, "", 0, NULL},
    {"* SEARCH 1 x 2\r\n%s OK x\r\n", "* 1 FETCH (UID 1 RFC822.SIZE 3)\r\n%s OK x\r\n", FETCH_GOOD,
     NO_ERROR, "1=abc;", 0, "UID STORE 1 "},
    /* What was not asked for, the same message twice, words that look like a literal. */
    {"* SEARCH 1\r\n* OK see {5}\r\n%s OK {7}\r\n",
     "* 1 FETCH (UID 1 RFC822.SIZE 3)\r\n%s OK x\r\n",
     "* 9 FETCH (UID 9 BODY[] {3}\r\nxyz)\r\n* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\n"
     "* 1 FETCH (UID 1 BODY[] {3}\r\nxxx)\r\n* 3 FETCH (FLAGS (\\Seen))\r\n%s OK x\r\n",
     NO_ERROR, "1=abc;", 0, "UID STORE 1 "},
    /* Gone meanwhile; too large, said so and not. */
    {"* SEARCH 1 2\r\n%s OK x\r\n", "%s OK x\r\n", NULL, NO_ERROR, "", 0, NULL},
    {"* SEARCH 1 2\r\n%s OK x\r\n", "* 1 FETCH (UID 1 RFC822.SIZE 104857601)\r\n%s OK x\r\n",
     "%s NO no parts\r\n", NO_ERROR, "", 1, NULL},
    /* A body that announces far more than its size. */
    {"* SEARCH 1\r\n%s OK x\r\n", "* 1 FETCH (UID 1 RFC822.SIZE 3)\r\n%s OK x\r\n",
     "* 1 FETCH (UID 1 BODY[] {9000000000}\r\nabc", PINGYI_ERROR_PERMANENT, "", 0, NULL},
    {"* SEARCH 1\r\n%s OK x\r\n", "* 1 FETCH (X {9000000}\r\n", NULL, PINGYI_ERROR_PERMANENT, "", 0,
     NULL},
    /* It hangs up inside a message, or after one: what came whole is stored, nothing else. */
    {"* SEARCH 1 2\r\n%s OK x\r\n", SIZES_GOOD,
     "* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\n* 2 FETCH (UID 2 BODY[] {3}\r\nd✂",
     PINGYI_ERROR_TEMPORARY, "1=abc;", 0, NULL},
    /* A body that says to be smaller than it is: what follows makes no sense. */
    {"* SEARCH 1\r\n%s OK x\r\n", "* 1 FETCH (UID 1 RFC822.SIZE 3)\r\n%s OK x\r\n",
     "* 1 FETCH (UID 1 BODY[] {2}\r\nabc)\r\n%s OK x\r\n", PINGYI_ERROR_PERMANENT, "", 0, NULL},
    /* Lines without end, and lines without number. */
    {"* SEARCH…1234567890", NULL, NULL, PINGYI_ERROR_PERMANENT, "", 0, NULL},
    {"* x\r\n…* 1 FETCH (FLAGS ())\r\n", NULL, NULL, PINGYI_ERROR_PERMANENT, "", 0, NULL},
    {"%s NO [UNAVAILABLE] later\r\n", NULL, NULL, PINGYI_ERROR_TEMPORARY, "", 0, NULL},
    {"%s BAD what\r\n", NULL, NULL, PINGYI_ERROR_PERMANENT, "", 0, NULL},
    {"* BYE\r\n", NULL, NULL, PINGYI_ERROR_TEMPORARY, "", 0, NULL},
    {"rubbish\r\n", NULL, NULL, PINGYI_ERROR_PERMANENT, "", 0, NULL},
};

/* With the usual answers besides those that the test has set; `folder`: where stored ones move. */
static gboolean run_to(struct line_peer *peer, struct kept *kept, const char *folder,
		       guint command_ms, GError **error)
{
	static const struct line_answer usual[] = {
	    {" LOGIN ", "%s OK in\r\n"},
	    {" AUTHENTICATE ", "%s OK in\r\n"},
	    {" CAPABILITY", "* CAPABILITY IMAP4rev1 ID\r\n%s OK x\r\n"},
	    {" SELECT ", "* OK [UIDVALIDITY 7] x\r\n* 2 EXISTS\r\n%s OK [READ-WRITE] x\r\n"},
	};
	struct source_sink sink = kept_sink(kept);
	g_autofree char *url = NULL;
	struct imap_options options = {
	    .user = "rhj", .password = "geheim", .answer_ms = 5000, .command_ms = command_ms};
	gboolean good;

	memcpy(peer->answers + LINE_PEER_ANSWERS - G_N_ELEMENTS(usual), usual, sizeof(usual));
	peer->greeting = "* OK hello\r\n";
	peer->otherwise = "%s OK done {5}\r\n";
	line_peer_start(peer);
	url = line_peer_url(peer, "imap");
	options.url = url;
	good = source_imap(&options, folder ? SOURCE_MOVE : SOURCE_SEEN, folder, &sink, error);
	line_peer_stop(peer);
	ck_assert_uint_eq(kept->flowing, 0);
	return good;
}

static gboolean run(struct line_peer *peer, struct kept *kept, guint command_ms, GError **error)
{
	return run_to(peer, kept, NULL, command_ms, error);
}

START_TEST(servers_of_all_kinds)
{
	struct line_peer peer = {.answers = {{" UID SEARCH", talks[_i].search},
					     {"RFC822.SIZE", talks[_i].sizes},
					     {"BODY.PEEK[]", talks[_i].fetch}}};
	struct kept kept = {.known = "3"};
	g_autoptr(GError) error = NULL;
	gboolean good = run(&peer, &kept, 0, &error);

	ck_assert_msg(good == (talks[_i].error == NO_ERROR), "%s", error ? error->message : "");
	if (error)
		ck_assert_msg(g_error_matches(error, PINGYI_ERROR, talks[_i].error), "%s",
			      error->message);
	ck_assert_str_eq(kept.text->str, talks[_i].stored);
	ck_assert_uint_eq(kept.skipped, talks[_i].skipped);
	ck_assert(strstr(peer.lines->str, "ID (\"name\" \"pingyi\"") != NULL);
	ck_assert_int_eq(strstr(peer.lines->str, "UID STORE") != NULL, talks[_i].marked != NULL);
	if (talks[_i].marked)
		ck_assert(strstr(peer.lines->str, talks[_i].marked) != NULL);
	kept_clear(&kept);
	line_peer_clear(&peer);
}
END_TEST

/* A server that lets no flag be set: everything is fetched all the same. */
START_TEST(flags_are_refused)
{
	struct line_peer peer = {.answers = {{" UID SEARCH", "* SEARCH 1 2\r\n%s OK x\r\n"},
					     {"RFC822.SIZE", SIZES_GOOD},
					     {"BODY.PEEK[]", FETCH_GOOD},
					     {" UID STORE", "%s NO not yours\r\n"}}};
	struct kept kept = {0};

	ck_assert(run(&peer, &kept, 0, NULL));
	ck_assert_str_eq(kept.text->str, "1=abc;2=def;");
	ck_assert(strstr(peer.lines->str, " LOGOUT") != NULL);
	kept_clear(&kept);
	line_peer_clear(&peer);
}
END_TEST

#define CAN_NOTHING "* CAPABILITY IMAP4rev1\r\n%s OK x\r\n"
#define CAN_EXPUNGE "* CAPABILITY IMAP4rev1 UIDPLUS\r\n%s OK x\r\n"
#define CAN_MOVE    "* CAPABILITY IMAP4rev1 MOVE\r\n%s OK x\r\n"
#define ASK(set)    "UID STORE " set " -FLAGS.SILENT (\\Deleted)|"
#define COPY(set)   "UID COPY " set " \"Done\"|"
#define MARK(set)   "UID STORE " set " +FLAGS.SILENT (\\Deleted)|"
#define NOTE(set)   "UID STORE " set " +FLAGS.SILENT (pingyi-copied)|"
#define CREATE      "CREATE \"Done\"|"
#define NO          "%s NO not yours\r\n"
#define SELECTED(flags, state)                                                                     \
	flags "* OK [UIDVALIDITY 7] x\r\n* 3 EXISTS\r\n%s OK [" state "] x\r\n"

/* Moving to "Done" where 3 is stored from before and 1 and 2 are new. */
static const struct {
	const char *can, *select;             /* NULL: the usual */
	const char *move, *ask, *copy, *mark; /* NULL: yes */
	const char *asked;                    /* of the server, tags left out */
	const char *words;                    /* of the error; NULL: none */
} moves[] = {
    {CAN_MOVE, NULL, NULL, NULL, NULL, NULL, "UID MOVE 3 \"Done\"|UID MOVE 1:2 \"Done\"|", NULL},
    {CAN_EXPUNGE, NULL, NULL, NULL, NULL, NULL,
     ASK("3") COPY("3") MARK("3") "UID EXPUNGE 3|" ASK("1:2") COPY("1:2")
	 MARK("1:2") "UID EXPUNGE 1:2|",
     NULL},
    {CAN_NOTHING, SELECTED("* OK [PERMANENTFLAGS (\\Seen \\deleted)] x\r\n", "READ-WRITE"), NULL,
     NULL, NULL, NULL, ASK("3") COPY("3") MARK("3") ASK("1:2") COPY("1:2") MARK("1:2"), NULL},
    /* What is refused is asked once; no copy is made when it would be one too many. */
    {CAN_MOVE, NULL, NO, NULL, NULL, NULL, "UID MOVE 3 \"Done\"|" CREATE "UID MOVE 3 \"Done\"|",
     "not yours"},
    {CAN_NOTHING, SELECTED("* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n", "READ-WRITE"), NULL, NULL,
     NULL, NULL, "", "PERMANENTFLAGS"},
    {CAN_NOTHING, SELECTED("* OK [PERMANENTFLAGS ()] x\r\n", "READ-WRITE"), NULL, NULL, NULL, NULL,
     "", "PERMANENTFLAGS"},
    {CAN_EXPUNGE, SELECTED("", "READ-ONLY"), NULL, NULL, NULL, NULL, "", "READ-ONLY"},
    {CAN_MOVE, SELECTED("", "READ-ONLY"), NULL, NULL, NULL, NULL, "", "READ-ONLY"},
    {CAN_EXPUNGE, NULL, NULL, NO, NULL, NULL, ASK("3"), "not yours"},
    {CAN_EXPUNGE, NULL, NULL, NULL, NO, NULL, ASK("3") COPY("3") CREATE COPY("3"), "not yours"},
    /* A server that says yes before, and no behind the copy. */
    {CAN_EXPUNGE, NULL, NULL, NULL, NULL, NO, ASK("3") COPY("3") MARK("3") NOTE("3"), "not yours"},
};

/* What changes something, without tags, "|" behind each. (transfer full) */
static char *asked_to_change(const struct line_peer *peer)
{
	static const char *const verbs[] = {"UID STORE ", "UID COPY ", "UID MOVE ", "UID EXPUNGE ",
					    "CREATE "};
	g_auto(GStrv) lines = g_strsplit(peer->lines->str, "\r\n", 0);
	GString *asked = g_string_new(NULL);

	for (char **line = lines; *line; line++) {
		const char *command = strchr(*line, ' ');

		for (guint i = 0; command && i < G_N_ELEMENTS(verbs); i++)
			if (g_str_has_prefix(command + 1, verbs[i]))
				g_string_append_printf(asked, "%s|", command + 1);
	}
	return g_string_free(asked, FALSE);
}

START_TEST(stored_ones_move)
{
	struct line_peer peer = {
	    .answers = {{" CAPABILITY", moves[_i].can},
			{" SELECT ", moves[_i].select},
			{" UID SEARCH", "* SEARCH 1 2 3\r\n%s OK x\r\n"},
			{" UID MOVE ", moves[_i].move},
			{" -FLAGS", moves[_i].ask ? moves[_i].ask : "%s OK x\r\n"},
			{" UID COPY ", moves[_i].copy},
			{"(\\Deleted)", moves[_i].mark},
			{"RFC822.SIZE", SIZES_GOOD},
			{"BODY.PEEK[]", FETCH_GOOD}}};
	struct kept kept = {.known = "3"};
	g_autoptr(GError) error = NULL;
	g_autofree char *asked = NULL;
	gboolean good;

	good = run_to(&peer, &kept, "Done", 0, &error);
	asked = asked_to_change(&peer);
	ck_assert_str_eq(asked, moves[_i].asked);
	ck_assert_int_eq(good, moves[_i].words == NULL);
	if (error)
		ck_assert_msg(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT) &&
				  strstr(error->message, moves[_i].words),
			      "%s", error->message);
	/* the others come all the same */
	ck_assert_str_eq(kept.text->str, "1=abc;2=def;");
	ck_assert_uint_eq(peer.sessions, 1);
	ck_assert(strstr(peer.lines->str, " LOGOUT") != NULL);
	kept_clear(&kept);
	line_peer_clear(&peer);
}
END_TEST

/* One whose copy could not be marked is not copied another time. */
START_TEST(copies_are_remembered)
{
	struct line_peer peer = {
	    .answers = {{" SELECT ", SELECTED("* FLAGS (\\Seen pingyi-copied)\r\n", "READ-WRITE")},
			{" UNKEYWORD pingyi-copied", "* SEARCH\r\n%s OK x\r\n"},
			{" UID SEARCH", "* SEARCH 3\r\n%s OK x\r\n"}}};
	struct kept kept = {.known = "3"};
	g_autofree char *asked = NULL;

	ck_assert(run_to(&peer, &kept, "Done", 0, NULL));
	asked = asked_to_change(&peer);
	ck_assert_str_eq(asked, "");
	ck_assert(strstr(peer.lines->str, "UID SEARCH UNDELETED UNKEYWORD pingyi-copied\r\n") !=
		  NULL);
	kept_clear(&kept);
	line_peer_clear(&peer);
}
END_TEST

/* What cannot be committed gets no flag, and is no reason to ask the server again. */
START_TEST(flags_wait_for_the_commit)
{
	struct line_peer peer = {.answers = {{" UID SEARCH", "* SEARCH 1 2\r\n%s OK x\r\n"},
					     {"RFC822.SIZE", SIZES_GOOD},
					     {"BODY.PEEK[]", FETCH_GOOD}}};
	struct kept kept = {.full = TRUE};
	g_autoptr(GError) error = NULL;

	ck_assert(!run(&peer, &kept, 0, &error));
	ck_assert(!strstr(peer.lines->str, "UID STORE"));
	ck_assert_uint_eq(peer.sessions, 1);
	kept_clear(&kept);
	line_peer_clear(&peer);
}
END_TEST

/* How a large body comes, its UID before or behind it, and what is made of it. */
static const struct {
	const char *before, *behind;
	guint64 said; /* RFC822.SIZE */
	int error;
	const char *stored;
} large[] = {
    {"UID 1 BODY[]", "", 3000000, NO_ERROR, "1~3000000;"},
    {"BODY[]", " UID 1", 3000000, NO_ERROR, "1~3000000;"},
    {"body[] ", " uid 1", 1500000, NO_ERROR, "1~3000000;"},
    /* The size said too little, so that it was asked for with others at first. */
    {"UID 1 BODY[]", "", 3, NO_ERROR, "1~3000000;"},
    /* That of another message, or of none. */
    {"BODY[]", " UID 2", 3000000, PINGYI_ERROR_PERMANENT, ""},
    {"BODY[]", "", 3000000, PINGYI_ERROR_PERMANENT, ""},
    {"UID 2 BODY[]", "", 3000000, NO_ERROR, ""},
    {"UID 1 BODY[]", " (", 3000000, PINGYI_ERROR_PERMANENT, ""},
};

START_TEST(large_ones_flow)
{
	g_autofree char *bytes = g_strnfill(3000000, 'x');
	g_autofree char *fetch = g_strdup_printf("* 1 FETCH (%s {3000000}\r\n%s%s)\r\n%%s OK x\r\n",
						 large[_i].before, bytes, large[_i].behind);
	g_autofree char *sizes = g_strdup_printf(
	    "* 1 FETCH (UID 1 RFC822.SIZE %" G_GUINT64_FORMAT ")\r\n%%s OK x\r\n", large[_i].said);
	struct line_peer peer = {.answers = {{" UID SEARCH", "* SEARCH 1\r\n%s OK x\r\n"},
					     {"RFC822.SIZE", sizes},
					     {"BODY.PEEK[]", fetch}}};
	struct kept kept = {0};
	g_autoptr(GError) error = NULL;
	gboolean good = run(&peer, &kept, 0, &error);

	ck_assert_msg(good == (large[_i].error == NO_ERROR), "%s", error ? error->message : "");
	if (error)
		ck_assert(g_error_matches(error, PINGYI_ERROR, large[_i].error));
	ck_assert_str_eq(kept.text->str, large[_i].stored);
	ck_assert_int_eq(strstr(peer.lines->str, "UID STORE 1 ") != NULL, *large[_i].stored != 0);
	kept_clear(&kept);
	line_peer_clear(&peer);
}
END_TEST

/* One that turned out to be large is not asked for again with the small ones. */
START_TEST(large_ones_come_once)
{
	g_autofree char *bytes = g_strnfill(1500000, 'x');
	g_autofree char *large_one =
	    g_strdup_printf("* 1 FETCH (UID 1 BODY[] {1500000}\r\n%s)\r\n%%s OK x\r\n", bytes);
	g_autofree char *both =
	    g_strdup_printf("* 1 FETCH (UID 1 BODY[] {1500000}\r\n%s)\r\n%%s NO x\r\n", bytes);
	struct line_peer peer = {
	    .answers = {{" UID SEARCH", "* SEARCH 1 2\r\n%s OK x\r\n"},
			{"RFC822.SIZE", SIZES_GOOD},
			{"UID FETCH 1:2 ", both},
			{"UID FETCH 1 ", large_one},
			{"UID FETCH 2 ", "* 2 FETCH (UID 2 BODY[] {3}\r\ndef)\r\n%s OK x\r\n"}}};
	struct kept kept = {0};
	const char *first;

	ck_assert(run(&peer, &kept, 0, NULL));
	ck_assert_str_eq(kept.text->str, "2=def;1~1500000;");
	first = strstr(peer.lines->str, "UID FETCH 1 ");
	ck_assert(first != NULL && !strstr(first + 1, "UID FETCH 1 "));
	kept_clear(&kept);
	line_peer_clear(&peer);
}
END_TEST

/* One over the limit: its head is fetched, it gets no flag; once that is here it is left alone. */
START_TEST(heads_of_what_is_too_large)
{
	struct line_peer peer = {
	    .answers = {{" UID SEARCH", "* SEARCH 1\r\n%s OK x\r\n"},
			{"RFC822.SIZE", "* 1 FETCH (UID 1 RFC822.SIZE 104857601)\r\n%s OK x\r\n"},
			{"BODY.PEEK[]<0.65536>",
			 "* 1 FETCH (UID 1 BODY[]<0> {4}\r\nHead)\r\n%s OK x\r\n"}}};
	struct line_peer again = peer;
	struct kept kept = {0};
	struct kept known = {.head = "1"};

	ck_assert(run(&peer, &kept, 0, NULL));
	ck_assert_str_eq(kept.text->str, "1^104857601:Head;");
	ck_assert(!strstr(peer.lines->str, "UID STORE"));
	ck_assert(run(&again, &known, 0, NULL));
	ck_assert_str_eq(known.text->str, "");
	ck_assert(!strstr(again.lines->str, "FETCH"));
	kept_clear(&kept);
	kept_clear(&known);
	line_peer_clear(&peer);
	line_peer_clear(&again);
}
END_TEST

/* Each line in time, and yet no end: the command has a limit of its own. */
START_TEST(one_that_drips)
{
	struct line_peer peer = {.answers = {{" UID SEARCH", "* OK Still here\r\n…* 1 x\r\n"}}};
	struct kept kept = {0};
	g_autoptr(GError) error = NULL;
	gint64 started = g_get_monotonic_time();

	ck_assert(!run(&peer, &kept, 200, &error));
	ck_assert_msg(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY), "%s",
		      error->message);
	/* it is asked again a few times, with a pause */
	ck_assert_int_lt(g_get_monotonic_time() - started, 20 * G_USEC_PER_SEC);
	kept_clear(&kept);
	line_peer_clear(&peer);
}
END_TEST

START_TEST(bad_options)
{
	static const char *const urls[] = {"imap://", "pop3://x", "imap://a:b@x", "imap:x", "x"};
	struct kept kept = {0};
	struct source_sink sink = kept_sink(&kept);
	struct imap_options options = {.url = "imap://127.0.0.1:1", .password = "geheim"};
	g_autoptr(GError) error = NULL;

	ck_assert(!source_imap(&options, SOURCE_SEEN, NULL, &sink, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	options.user = "rhj";
	for (guint i = 0; i < G_N_ELEMENTS(urls); i++) {
		g_clear_error(&error);
		options.url = urls[i];
		ck_assert(!source_imap(&options, SOURCE_SEEN, NULL, &sink, &error));
		ck_assert_msg(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT), "%s: %s",
			      urls[i], error->message);
	}
	kept_clear(&kept);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("imap");
	TCase *tc = tcase_create("imap");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, mailbox_names);
	tcase_add_test(tc, sets);
	tcase_add_test(tc, literals_are_announced);
	tcase_add_loop_test(tc, fetch_responses, 0, G_N_ELEMENTS(responses));
	tcase_add_loop_test(tc, servers_of_all_kinds, 0, G_N_ELEMENTS(talks));
	tcase_add_test(tc, flags_are_refused);
	tcase_add_loop_test(tc, stored_ones_move, 0, G_N_ELEMENTS(moves));
	tcase_add_test(tc, copies_are_remembered);
	tcase_add_test(tc, flags_wait_for_the_commit);
	tcase_add_loop_test(tc, large_ones_flow, 0, G_N_ELEMENTS(large));
	tcase_add_test(tc, large_ones_come_once);
	tcase_add_test(tc, heads_of_what_is_too_large);
	tcase_add_test(tc, one_that_drips);
	tcase_add_test(tc, bad_options);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
