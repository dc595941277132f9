#include "base/error.h"
#include "base/wire.h"
#include "tests/unit/loopback.h"

#include <check.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A server that greets, consents to whatever comes first, and then says `text` and nothing more; or
 * one that is mute. */
struct peer {
	int listening;
	guint16 port;
	gboolean mute;
	const char *text;
	gsize size;
	gboolean hangs_up;
	gboolean deaf; /* reads nothing more until it is stopped */
	gint stopped;
	GThread *thread;
};

static gpointer serve(gpointer data)
{
	static const char greeting[] = "220 peer\r\n250 peer\r\n";
	struct peer *peer = data;
	char line[1000];
	int fd;

	while ((fd = accept(peer->listening, NULL, NULL)) >= 0) {
		if (!peer->mute) {
			send(fd, greeting, 10, MSG_NOSIGNAL);
			recv(fd, line, sizeof(line), 0);
			send(fd, greeting + 10, 10, MSG_NOSIGNAL);
			recv(fd, line, sizeof(line), 0);
			send(fd, peer->text, peer->size, MSG_NOSIGNAL);
		}
		while (peer->deaf && !g_atomic_int_get(&peer->stopped))
			g_usleep(10000);
		while (!peer->hangs_up && recv(fd, line, sizeof(line), 0) > 0)
			;
		close(fd);
	}
	return NULL;
}

static void peer_start(struct peer *peer)
{
	peer->listening = loopback_listen(&peer->port);
	peer->thread = g_thread_new("peer", serve, peer);
}

static void peer_stop(struct peer *peer)
{
	g_atomic_int_set(&peer->stopped, 1);
	shutdown(peer->listening, SHUT_RDWR);
	g_thread_join(peer->thread);
	close(peer->listening);
}

static struct wire *start(const struct peer *peer, guint open_ms)
{
	g_autofree char *url = g_strdup_printf("smtp://127.0.0.1:%u", peer->port);
	struct wire_options options = {
	    .url = url, .open_ms = open_ms, .answer_ms = 300, .line_max = 100};
	struct wire *wire = wire_start(&options, NULL);

	ck_assert_ptr_nonnull(wire);
	return wire;
}

static struct wire *start_open(const struct peer *peer)
{
	struct wire *wire = start(peer, 5000);
	gboolean open = FALSE;

	while (!open)
		ck_assert(wire_opened(wire, 100, &open, NULL));
	ck_assert(wire_write(wire, "go\r\n", 4, NULL, NULL));
	return wire;
}

/* A mute server holds up nobody but itself, and itself only until its time is over. */
START_TEST(several_open_at_once)
{
	struct peer mute = {.mute = TRUE};
	struct peer good = {.text = "x\r\n", .size = 3};
	GError *error = NULL;
	struct wire *wires[2];
	gboolean open[2] = {FALSE, FALSE};
	gint64 started = g_get_monotonic_time();

	peer_start(&mute);
	peer_start(&good);
	wires[0] = start(&mute, 700);
	wires[1] = start(&good, 5000);
	while (!open[1]) {
		ck_assert(wire_opened(wires[0], 0, &open[0], NULL));
		ck_assert(wire_opened(wires[1], 5, &open[1], NULL));
		ck_assert(!open[0]);
	}
	ck_assert_int_lt(g_get_monotonic_time() - started, 600000);
	while (wire_opened(wires[0], 100, &open[0], &error))
		ck_assert(!open[0]);
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY));
	ck_assert_int_lt(g_get_monotonic_time() - started, 2500000);
	g_clear_error(&error);
	wire_close(wires[0]);
	wire_close(wires[1]);
	peer_stop(&mute);
	peer_stop(&good);
}
END_TEST

START_TEST(lines_and_bytes)
{
	static const char text[] = "one\r\ntwo\n\r\nab\0\r\ncdef\r\n";
	struct peer peer = {.text = text, .size = sizeof(text) - 1};
	struct wire *wire;
	GError *error = NULL;
	GBytes *bytes;
	gsize length = 0;

	peer_start(&peer);
	wire = start_open(&peer);
	ck_assert_str_eq(wire_line(wire, &length, NULL), "one");
	ck_assert_uint_eq(length, 3);
	ck_assert_str_eq(wire_line(wire, NULL, NULL), "two");
	ck_assert_str_eq(wire_line(wire, NULL, NULL), "");
	bytes = wire_read(wire, 6, NULL);
	ck_assert_mem_eq(g_bytes_get_data(bytes, NULL), "ab\0\r\nc", 6);
	g_bytes_unref(bytes);
	ck_assert(wire_skip(wire, 2, NULL));
	ck_assert_str_eq(wire_line(wire, NULL, NULL), "f");
	ck_assert_ptr_null(wire_line(wire, NULL, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY));
	g_clear_error(&error);
	wire_close(wire);
	peer_stop(&peer);
}
END_TEST

static const struct {
	const char *text;
	gsize size;
	gboolean hangs_up;
	enum pingyi_error code;
} bad[] = {
    {"a\0b\r\n", 5, FALSE, PINGYI_ERROR_PERMANENT},
    {"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
     "1234567890\r\n",
     103, FALSE, PINGYI_ERROR_PERMANENT},
    {"half", 4, FALSE, PINGYI_ERROR_TEMPORARY},
    {"half", 4, TRUE, PINGYI_ERROR_TEMPORARY},
    {"", 0, TRUE, PINGYI_ERROR_TEMPORARY},
};

START_TEST(bad_lines)
{
	struct peer peer = {
	    .text = bad[_i].text, .size = bad[_i].size, .hangs_up = bad[_i].hangs_up};
	struct wire *wire;
	GError *error = NULL;

	peer_start(&peer);
	wire = start_open(&peer);
	ck_assert_ptr_null(wire_line(wire, NULL, &error));
	ck_assert_msg(g_error_matches(error, PINGYI_ERROR, (int)bad[_i].code), "%s",
		      error->message);
	g_clear_error(&error);
	wire_close(wire);
	peer_stop(&peer);
}
END_TEST

START_TEST(a_closed_peer_is_no_signal)
{
	static char much[1 << 20];
	struct peer peer = {.text = "x\r\n", .size = 3, .hangs_up = TRUE};
	struct wire *wire;
	GError *error = NULL;

	peer_start(&peer);
	wire = start_open(&peer);
	for (guint i = 0; i < 100 && !error; i++)
		wire_write(wire, much, sizeof(much), NULL, &error);
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY));
	g_clear_error(&error);
	wire_close(wire);
	peer_stop(&peer);
}
END_TEST

/* --- without waiting --- */

/* Pulls until what has come makes a line, the connection has ended, or two seconds are over. */
static const char *next_line(struct wire *wire, GError **error)
{
	gint64 until = g_get_monotonic_time() + 2000000;
	const char *line = wire_line_now(wire, NULL, error);

	while (!line && !*error && g_get_monotonic_time() < until) {
		struct pollfd fd = {.fd = wire_socket(wire), .events = POLLIN};

		if (poll(&fd, 1, 50) > 0 && !wire_pull(wire, error))
			return NULL;
		line = wire_line_now(wire, NULL, error);
	}
	return line;
}

START_TEST(lines_that_have_come)
{
	static const char text[] = "one\r\ntwo\n\r\nhalf";
	struct peer peer = {.text = text, .size = sizeof(text) - 1};
	struct wire *wire;
	GError *error = NULL;

	peer_start(&peer);
	wire = start_open(&peer);
	ck_assert_str_eq(next_line(wire, &error), "one");
	ck_assert_str_eq(next_line(wire, &error), "two");
	ck_assert_str_eq(next_line(wire, &error), "");
	/* what is not whole yet is no error, as often as it is asked for */
	for (guint i = 0; i < 3; i++) {
		ck_assert(wire_pull(wire, &error));
		ck_assert_ptr_null(wire_line_now(wire, NULL, &error));
		ck_assert_ptr_null(error);
	}
	wire_close(wire);
	peer_stop(&peer);
}
END_TEST

/* What came before the end is read; then the end is an error, each time. */
START_TEST(lines_before_the_end)
{
	static const char text[] = "one\r\ntwo\r\nhalf";
	struct peer peer = {.text = text, .size = sizeof(text) - 1, .hangs_up = TRUE};
	struct wire *wire;
	GError *error = NULL;

	peer_start(&peer);
	wire = start_open(&peer);
	g_usleep(100000); /* all of it and the end are there at the first look */
	ck_assert_str_eq(next_line(wire, &error), "one");
	ck_assert_str_eq(next_line(wire, &error), "two");
	for (guint i = 0; i < 2; i++) {
		ck_assert_ptr_null(next_line(wire, &error));
		ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY));
		g_clear_error(&error);
	}
	wire_close(wire);
	peer_stop(&peer);
}
END_TEST

START_TEST(bad_lines_that_have_come)
{
	struct peer peer = {
	    .text = bad[_i].text, .size = bad[_i].size, .hangs_up = bad[_i].hangs_up};
	gboolean incomplete = bad[_i].code == PINGYI_ERROR_TEMPORARY && !bad[_i].hangs_up;
	struct wire *wire;
	GError *error = NULL;

	peer_start(&peer);
	wire = start_open(&peer);
	ck_assert_ptr_null(next_line(wire, &error));
	if (incomplete)
		ck_assert_ptr_null(error); /* who calls keeps the time */
	else
		ck_assert(g_error_matches(error, PINGYI_ERROR, (int)bad[_i].code));
	g_clear_error(&error);
	wire_close(wire);
	peer_stop(&peer);
}
END_TEST

/* A line without an end is an error as soon as it is too long, not when memory is full. */
START_TEST(endless_lines_are_bounded)
{
	g_autofree char *text = g_strnfill(4 << 20, 'x');
	struct peer peer = {.text = text, .size = 4 << 20};
	struct wire *wire;
	GError *error = NULL;

	peer_start(&peer);
	wire = start_open(&peer);
	ck_assert_ptr_null(next_line(wire, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_PERMANENT));
	g_clear_error(&error);
	wire_close(wire);
	peer_stop(&peer);
}
END_TEST

/* A peer that reads nothing takes what the system holds, and nobody waits for it. */
START_TEST(a_push_waits_for_nobody)
{
	static char much[8 << 20];
	struct peer peer = {.text = "x\r\n", .size = 3, .deaf = TRUE};
	struct wire *wire;
	GError *error = NULL;
	gsize taken = 0;
	gsize more = 1;
	gint64 started;

	peer_start(&peer);
	wire = start_open(&peer);
	started = g_get_monotonic_time();
	ck_assert(wire_push(wire, much, sizeof(much), &taken, &error));
	ck_assert_uint_gt(taken, 0);
	ck_assert_uint_lt(taken, sizeof(much));
	for (guint i = 0; i < 20 && more > 0; i++) {
		ck_assert(wire_push(wire, much, sizeof(much), &more, &error));
		g_usleep(20000);
	}
	ck_assert_uint_eq(more, 0);
	ck_assert_int_lt(g_get_monotonic_time() - started, 1500000);
	wire_close(wire);
	peer_stop(&peer);
}
END_TEST

START_TEST(a_push_to_nobody)
{
	static char much[1 << 20];
	struct peer peer = {.text = "x\r\n", .size = 3, .hangs_up = TRUE};
	struct wire *wire;
	GError *error = NULL;
	gsize taken = 77;

	peer_start(&peer);
	wire = start_open(&peer);
	for (guint i = 0; i < 100 && !error; i++)
		if (wire_push(wire, much, sizeof(much), &taken, &error))
			g_usleep(10000);
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY));
	ck_assert_uint_lt(taken, sizeof(much));
	g_clear_error(&error);
	wire_close(wire);
	peer_stop(&peer);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wire");
	TCase *tc = tcase_create("wire");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, several_open_at_once);
	tcase_add_test(tc, lines_and_bytes);
	tcase_add_loop_test(tc, bad_lines, 0, G_N_ELEMENTS(bad));
	tcase_add_test(tc, a_closed_peer_is_no_signal);
	tcase_add_test(tc, lines_that_have_come);
	tcase_add_test(tc, lines_before_the_end);
	tcase_add_loop_test(tc, bad_lines_that_have_come, 0, G_N_ELEMENTS(bad));
	tcase_add_test(tc, endless_lines_are_bounded);
	tcase_add_test(tc, a_push_waits_for_nobody);
	tcase_add_test(tc, a_push_to_nobody);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
