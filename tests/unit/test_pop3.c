#include "base/error.h"
#include "collector/pop3_text.h"
#include "collector/source_pop3.h"
#include "tests/unit/kept_sink.h"
#include "tests/unit/line_peer.h"

#include <check.h>
#include <string.h>

/* What is sent, and the message that it is; NULL: it does not end. */
static const char *const bodies[][2] = {
    {"a\r\n.\r\n", "a\r\n"},
    {".\r\n", ""},
    {"..\r\n...\r\n.\r\n", ".\r\n..\r\n"},
    {"..a\r\n.b\r\n.\r\n", ".a\r\nb\r\n"},
    {"a\n.\n", "a\n"},
    {"a\r.\r\n.\r\n", "a\r.\r\n"},
    {".\rx\r\n.\r\n", "\rx\r\n"},
    {".\r\r\n", "\r"},
    {"a.\r\n.\r\n", "a.\r\n"},
    {"a\r\n", NULL},
    {"a\r\n.", NULL},
};

/* The same, however it is cut into pieces; what stands behind the end is not taken. */
START_TEST(messages_end)
{
	g_autofree char *sent = g_strconcat(bodies[_i][0], bodies[_i][1] ? "+OK" : "", NULL);
	gsize size = strlen(sent);

	for (gsize piece = 1; piece <= size; piece++) {
		g_autoptr(GByteArray) out = g_byte_array_new();
		struct pop3_text text = {0};
		gsize taken = 0;

		for (gsize at = 0; at < size && !text.ended; at += piece)
			taken += pop3_text_take(&text, (const guint8 *)sent + at,
						MIN(piece, size - at), out);
		ck_assert_int_eq(text.ended, bodies[_i][1] != NULL);
		ck_assert_uint_eq(taken, strlen(bodies[_i][0]));
		if (bodies[_i][1]) {
			ck_assert_uint_eq(out->len, strlen(bodies[_i][1]));
			if (out->len > 0)
				ck_assert_mem_eq(out->data, bodies[_i][1], out->len);
		}
	}
}
END_TEST

START_TEST(pairs)
{
	static const struct {
		const char *line;
		gint64 number; /* -1: none */
	} lines[] = {{"1 abc", 1},        {"12  x", 12}, {"0 x", -1}, {"1", -1},
		     {"1 ", -1},          {"", -1},      {"x 1", -1}, {"-1 x", -1},
		     {"+1 x", -1},        {" 1 x", -1},  {"1x", -1},  {"4294967295 x", 4294967295},
		     {"4294967296 x", -1}};

	for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
		guint64 number = 0;
		const char *word = NULL;
		gboolean is = pop3_text_pair(lines[i].line, &number, &word);

		ck_assert_msg(is == (lines[i].number >= 0), "%s", lines[i].line);
		if (is)
			ck_assert_int_eq((gint64)number, lines[i].number);
	}
	ck_assert(pop3_text_uidl_ok("UID1-2~!"));
	ck_assert(!pop3_text_uidl_ok(""));
	ck_assert(!pop3_text_uidl_ok("a b"));
	ck_assert(!pop3_text_uidl_ok("评"));
}
END_TEST

START_TEST(what_is_done_after)
{
	static const struct {
		const char *text;
		gboolean pop3;
		int after; /* -1: refused */
		const char *folder;
	} settings[] = {
	    {"seen", FALSE, SOURCE_SEEN, NULL},
	    {"flag", FALSE, SOURCE_FLAG, NULL},
	    {"keep", FALSE, SOURCE_KEEP, NULL},
	    {"move 已收 信", FALSE, SOURCE_MOVE, "已收 信"},
	    {"move", FALSE, -1, NULL},
	    {"seen x", FALSE, -1, NULL},
	    {"delete", FALSE, -1, NULL},
	    {"delete", TRUE, SOURCE_DELETE, NULL},
	    {"move x", TRUE, -1, NULL},
	    {"seen", TRUE, SOURCE_SEEN, NULL},
	    {"", FALSE, -1, NULL},
	    {"Seen", FALSE, -1, NULL},
	};

	for (guint i = 0; i < G_N_ELEMENTS(settings); i++) {
		enum source_after after = SOURCE_KEEP;
		const char *folder = NULL;
		g_autoptr(GError) error = NULL;
		gboolean good =
		    source_after_read(settings[i].text, settings[i].pop3, &after, &folder, &error);

		ck_assert_int_eq(good, settings[i].after >= 0);
		if (!good)
			ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
		else
			ck_assert_int_eq((int)after, settings[i].after);
		if (good)
			ck_assert_int_eq(g_strcmp0(folder, settings[i].folder), 0);
	}
}
END_TEST

#define UIDL_TWO "+OK\r\n1 a\r\n2 known\r\n.\r\n"
#define LIST_TWO "+OK\r\n1 3\r\n2 3\r\n.\r\n"
#define TOP_FIVE "+OK\r\nHead\r\n.\r\n"
#define NO_ERROR (-1)

static const struct {
	const char *uidl, *list, *retr;
	enum source_after after;
	int error; /* NO_ERROR, or the code */
	const char *stored;
	guint skipped;
	const char *ends; /* the last commands */
} talks[] = {
    {UIDL_TWO, LIST_TWO, "+OK\r\nabc\r\n.\r\n", SOURCE_KEEP, NO_ERROR, "a=abc\r\n;", 0,
     "RETR 1\r\nQUIT\r\n"},
    {UIDL_TWO, LIST_TWO, "+OK\r\nabc\r\n.\r\n", SOURCE_DELETE, NO_ERROR, "a=abc\r\n;", 0,
     "RETR 1\r\nDELE 1\r\nDELE 2\r\nQUIT\r\n"},
    {"+OK\r\n.\r\n", "+OK\r\n.\r\n", NULL, SOURCE_KEEP, NO_ERROR, "", 0, "LIST\r\nQUIT\r\n"},
    /* Too large, and said so: its head is kept, and it stays. */
    {"+OK\r\n1 a\r\n.\r\n", "+OK\r\n1 104857601\r\n.\r\n", NULL, SOURCE_DELETE, NO_ERROR,
     "a^104857601:Head\r\n;", 0, "LIST\r\nTOP 1 200\r\nQUIT\r\n"},
    /* Sizes that are missing or of others; a message that goes on for ever. */
    {"+OK\r\n1 a\r\n.\r\n", "+OK\r\n7 3\r\n.\r\n", "+OK\r\nabc\r\n.\r\n", SOURCE_KEEP, NO_ERROR,
     "a=abc\r\n;", 0, "RETR 1\r\nQUIT\r\n"},
    {"+OK\r\n1 a\r\n.\r\n", "+OK\r\n1 3\r\n.\r\n",
     "+OK\r\n…1234567890123456789012345678901234567890\r\n", SOURCE_DELETE, PINGYI_ERROR_PERMANENT,
     "", 0, "RETR 1\r\n"},
    /* Lists that are damaged, and lists and lines without end. */
    {"+OK\r\n2 a\r\n1 b\r\n.\r\n", NULL, NULL, SOURCE_KEEP, PINGYI_ERROR_PERMANENT, "", 0,
     "UIDL\r\n"},
    {"+OK\r\n1 a b\r\n.\r\n", NULL, NULL, SOURCE_KEEP, PINGYI_ERROR_PERMANENT, "", 0, "UIDL\r\n"},
    {"+OK\r\n…1 a\r\n", NULL, NULL, SOURCE_KEEP, PINGYI_ERROR_PERMANENT, "", 0, "UIDL\r\n"},
    {"+OK\r\n…1234567890", NULL, NULL, SOURCE_KEEP, PINGYI_ERROR_PERMANENT, "", 0, "UIDL\r\n"},
    {UIDL_TWO, "+OK\r\n…1 1\r\n", NULL, SOURCE_KEEP, PINGYI_ERROR_PERMANENT, "", 0, "LIST\r\n"},
    {"-ERR no UIDL here\r\n", NULL, NULL, SOURCE_KEEP, PINGYI_ERROR_PERMANENT, "", 0, "UIDL\r\n"},
    {"-ERR [IN-USE] later\r\n", NULL, NULL, SOURCE_KEEP, PINGYI_ERROR_TEMPORARY, "", 0, NULL},
    /* It hangs up inside a message: nothing of it is taken, nothing is deleted. */
    {UIDL_TWO, LIST_TWO, "+OK\r\nab✂", SOURCE_DELETE, PINGYI_ERROR_TEMPORARY, "", 0, NULL},
};

static gboolean run(struct line_peer *peer, struct kept *kept, enum source_after after,
		    GError **error)
{
	struct source_sink sink = kept_sink(kept);
	g_autofree char *url = NULL;
	struct pop3_options options = {.user = "rhj", .password = "geheim", .answer_ms = 5000};
	gboolean good;

	peer->answers[LINE_PEER_ANSWERS - 1] = (struct line_answer){"CAPA", "-ERR what\r\n"};
	peer->greeting = "+OK hello\r\n";
	peer->otherwise = "+OK\r\n";
	line_peer_start(peer);
	url = line_peer_url(peer, "pop3");
	options.url = url;
	good = source_pop3(&options, after, &sink, error);
	line_peer_stop(peer);
	ck_assert_uint_eq(kept->flowing, 0);
	return good;
}

START_TEST(servers_of_all_kinds)
{
	struct line_peer peer = {.answers = {{"UIDL", talks[_i].uidl},
					     {"LIST", talks[_i].list},
					     {"RETR", talks[_i].retr},
					     {"TOP", TOP_FIVE}}};
	struct kept kept = {.known = "known"};
	g_autoptr(GError) error = NULL;
	gboolean good = run(&peer, &kept, talks[_i].after, &error);

	ck_assert_msg(good == (talks[_i].error == NO_ERROR), "%s", error ? error->message : "");
	if (error)
		ck_assert_msg(g_error_matches(error, PINGYI_ERROR, talks[_i].error), "%s",
			      error->message);
	ck_assert_str_eq(kept.text->str, talks[_i].stored);
	ck_assert_uint_eq(kept.skipped, talks[_i].skipped);
	if (talks[_i].ends)
		ck_assert_msg(g_str_has_suffix(peer.lines->str, talks[_i].ends), "%s",
			      peer.lines->str);
	else
		ck_assert(!strstr(peer.lines->str, "DELE"));
	kept_clear(&kept);
	line_peer_clear(&peer);
}
END_TEST

/* Larger than the server said, and than what is held: it flows, and is deleted when it is whole. */
START_TEST(large_ones_flow)
{
	g_autofree char *lines = g_strnfill(3000000, 'x');
	g_autofree char *retr = g_strdup_printf("+OK\r\n%s\r\n.\r\n", lines);
	struct line_peer peer = {.answers = {{"UIDL", "+OK\r\n1 a\r\n.\r\n"},
					     {"LIST", "+OK\r\n1 5\r\n.\r\n"},
					     {"RETR", retr}}};
	struct kept kept = {0};

	ck_assert(run(&peer, &kept, SOURCE_DELETE, NULL));
	ck_assert_str_eq(kept.text->str, "a~3000002;");
	ck_assert(g_str_has_suffix(peer.lines->str, "RETR 1\r\nDELE 1\r\nQUIT\r\n"));
	kept_clear(&kept);
	line_peer_clear(&peer);
}
END_TEST

/* What cannot be committed is not deleted; nor is one of which only the head is here. */
START_TEST(nothing_is_lost)
{
	struct line_peer peer = {
	    .answers = {{"UIDL", UIDL_TWO}, {"LIST", LIST_TWO}, {"RETR", "+OK\r\nabc\r\n.\r\n"}}};
	struct line_peer again = peer;
	struct kept kept = {.full = TRUE};
	struct kept head = {.known = "a", .head = "known"};
	g_autoptr(GError) error = NULL;

	ck_assert(!run(&peer, &kept, SOURCE_DELETE, &error));
	ck_assert(!strstr(peer.lines->str, "DELE"));
	ck_assert_uint_eq(peer.sessions, 1);
	ck_assert(run(&again, &head, SOURCE_DELETE, NULL));
	ck_assert(g_str_has_suffix(again.lines->str, "LIST\r\nDELE 1\r\nQUIT\r\n"));
	kept_clear(&kept);
	kept_clear(&head);
	line_peer_clear(&peer);
	line_peer_clear(&again);
}
END_TEST

START_TEST(bad_options)
{
	static const char *const urls[] = {"pop3://", "imap://x", "pop3://a:b@x", "pop3:x",
					   "pop3://x/INBOX"};
	struct kept kept = {0};
	struct source_sink sink = kept_sink(&kept);
	struct pop3_options options = {.url = "pop3://127.0.0.1:1", .password = "geheim"};
	g_autoptr(GError) error = NULL;

	ck_assert(!source_pop3(&options, SOURCE_KEEP, &sink, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	options.user = "rhj";
	for (guint i = 0; i < G_N_ELEMENTS(urls); i++) {
		g_clear_error(&error);
		options.url = urls[i];
		ck_assert(!source_pop3(&options, SOURCE_KEEP, &sink, &error));
		ck_assert_msg(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT), "%s: %s",
			      urls[i], error->message);
	}
	kept_clear(&kept);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pop3");
	TCase *tc = tcase_create("pop3");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, messages_end, 0, G_N_ELEMENTS(bodies));
	tcase_add_test(tc, pairs);
	tcase_add_test(tc, what_is_done_after);
	tcase_add_loop_test(tc, servers_of_all_kinds, 0, G_N_ELEMENTS(talks));
	tcase_add_test(tc, large_ones_flow);
	tcase_add_test(tc, nothing_is_lost);
	tcase_add_test(tc, bad_options);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
