#include "base/error.h"
#include "collector/imap_text.h"
#include "collector/source_imap.h"

#include <arpa/inet.h>
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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

/* A peer of our own, for what no well-behaved server does. Answers what it is asked for; `%s` is
 * the tag, and a part of the answer "…" is sent for ever. */
struct peer {
	int listening;
	guint16 port;
	const char *search; /* what answers UID SEARCH, tag and all */
	const char *sizes;
	const char *fetch;
	const char *store; /* NULL: consent */
	GThread *thread;
	GString *commands;
	guint sessions;
};

static const char *answer_to(const struct peer *peer, const char *command)
{
	if (strstr(command, " LOGIN ") || strstr(command, " AUTHENTICATE "))
		return "%s OK in\r\n";
	if (strstr(command, " CAPABILITY"))
		return "* CAPABILITY IMAP4rev1 ID\r\n%s OK x\r\n";
	if (strstr(command, " SELECT "))
		return "* OK [UIDVALIDITY 7] x\r\n* 2 EXISTS\r\n%s OK [READ-WRITE] x\r\n";
	if (strstr(command, " UID SEARCH"))
		return peer->search;
	if (strstr(command, "RFC822.SIZE"))
		return peer->sizes;
	if (strstr(command, "BODY.PEEK[]"))
		return peer->fetch;
	if (strstr(command, " UID STORE") && peer->store)
		return peer->store;
	return "%s OK done {5}\r\n";
}

/* FALSE: hangs up, behind "✂". */
static gboolean say(FILE *out, const char *answer, const char *tag)
{
	g_auto(GStrv) cut = g_strsplit(answer, "✂", 2);
	g_auto(GStrv) parts = g_strsplit(cut[0], "%s", 2);
	g_auto(GStrv) first = g_strsplit(parts[0], "…", 2);

	if (first[0])
		fputs(first[0], out);
	while (first[0] && first[1] && fputs(first[1], out) >= 0)
		;
	if (parts[1])
		fprintf(out, "%s%s", tag, parts[1]);
	fflush(out);
	return !cut[1];
}

static void talk(struct peer *peer, int fd)
{
	FILE *in = fdopen(fd, "r");
	FILE *out = fdopen(dup(fd), "w");
	char line[4096];
	gboolean on = say(out, "* OK hello\r\n", "");

	while (on && fgets(line, sizeof(line), in)) {
		g_autofree char *tag = g_strndup(line, strcspn(line, " \r\n"));

		g_string_append(peer->commands, line);
		on = say(out, answer_to(peer, line), tag);
	}
	fclose(in);
	fclose(out);
}

static gpointer serve(gpointer data)
{
	struct peer *peer = data;
	int fd;

	while ((fd = accept(peer->listening, NULL, NULL)) >= 0) {
		peer->sessions++;
		talk(peer, fd);
	}
	return NULL;
}

static void peer_start(struct peer *peer)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t size = sizeof(at);

	signal(SIGPIPE, SIG_IGN);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	peer->commands = g_string_new(NULL);
	peer->listening = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(peer->listening, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(peer->listening, 4), 0);
	ck_assert_int_eq(getsockname(peer->listening, (struct sockaddr *)&at, &size), 0);
	peer->port = ntohs(at.sin_port);
	peer->thread = g_thread_new("peer", serve, peer);
}

struct stored {
	GString *text; /* "uid=body;" of each */
	guint skipped;
};

static void peer_stop(struct peer *peer)
{
	shutdown(peer->listening, SHUT_RDWR);
	g_thread_join(peer->thread);
	close(peer->listening);
}

static gboolean nothing_known(void *user, const struct message_place *place, gboolean *known_out,
			      GError **error)
{
	const struct stored *stored = user;
	g_autofree char *mark = g_strdup_printf("%s=", place->uid);

	(void)error;
	*known_out = strcmp(place->uid, "3") == 0 || strstr(stored->text->str, mark);
	return TRUE;
}

static gboolean keep(void *user, const struct message_place *place, GBytes *raw, GError **error)
{
	struct stored *stored = user;
	gsize size = 0;
	const char *bytes = g_bytes_get_data(raw, &size);

	(void)error;
	g_string_append_printf(stored->text, "%s=%.*s;", place->uid, (int)MIN(size, 20), bytes);
	return TRUE;
}

static void leave(void *user, const struct message_place *place, const char *why)
{
	struct stored *stored = user;

	(void)place;
	(void)why;
	stored->skipped++;
}

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
    {"* SEARCH 1 2\r\n%s OK x\r\n", "* 1 FETCH (UID 1 RFC822.SIZE 104857601)\r\n%s OK x\r\n", NULL,
     NO_ERROR, "", 1, NULL},
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

START_TEST(servers_of_all_kinds)
{
	struct peer peer = {
	    .search = talks[_i].search, .sizes = talks[_i].sizes, .fetch = talks[_i].fetch};
	struct stored stored = {.text = g_string_new(NULL)};
	struct source_sink sink = {
	    .known = nothing_known, .store = keep, .skipped = leave, .user = &stored};
	g_autofree char *url = NULL;
	struct imap_options options = {.user = "rhj", .password = "geheim", .answer_ms = 5000};
	g_autoptr(GError) error = NULL;
	gboolean good;

	peer_start(&peer);
	url = g_strdup_printf("imap://127.0.0.1:%u", peer.port);
	options.url = url;
	good = source_imap(&options, SOURCE_SEEN, NULL, &sink, &error);
	ck_assert_msg(good == (talks[_i].error == NO_ERROR), "%s", error ? error->message : "");
	if (error)
		ck_assert_msg(g_error_matches(error, PINGYI_ERROR, talks[_i].error), "%s",
			      error->message);
	peer_stop(&peer);
	ck_assert_str_eq(stored.text->str, talks[_i].stored);
	ck_assert_uint_eq(stored.skipped, talks[_i].skipped);
	ck_assert(strstr(peer.commands->str, "ID (\"name\" \"pingyi\"") != NULL);
	ck_assert_int_eq(strstr(peer.commands->str, "UID STORE") != NULL, talks[_i].marked != NULL);
	if (talks[_i].marked)
		ck_assert(strstr(peer.commands->str, talks[_i].marked) != NULL);
	g_string_free(stored.text, TRUE);
	g_string_free(peer.commands, TRUE);
}
END_TEST

/* A server that lets no flag be set: everything is fetched all the same. */
START_TEST(flags_are_refused)
{
	struct peer peer = {.search = "* SEARCH 1 2\r\n%s OK x\r\n",
			    .sizes = SIZES_GOOD,
			    .fetch = FETCH_GOOD,
			    .store = "%s NO not yours\r\n"};
	struct stored stored = {.text = g_string_new(NULL)};
	struct source_sink sink = {
	    .known = nothing_known, .store = keep, .skipped = leave, .user = &stored};
	g_autofree char *url = NULL;
	struct imap_options options = {.user = "rhj", .password = "geheim", .answer_ms = 5000};

	peer_start(&peer);
	url = g_strdup_printf("imap://127.0.0.1:%u", peer.port);
	options.url = url;
	ck_assert(source_imap(&options, SOURCE_SEEN, NULL, &sink, NULL));
	peer_stop(&peer);
	ck_assert_str_eq(stored.text->str, "1=abc;2=def;");
	ck_assert(strstr(peer.commands->str, " LOGOUT") != NULL);
	g_string_free(stored.text, TRUE);
	g_string_free(peer.commands, TRUE);
}
END_TEST

START_TEST(bad_options)
{
	static const char *const urls[] = {"imap://", "pop3://x", "imap://a:b@x", "imap:x", "x"};
	struct source_sink sink = {
	    .known = nothing_known, .store = keep, .skipped = leave, .user = NULL};
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
	tcase_add_test(tc, bad_options);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
