#include "tests/unit/smtp_peer.h"
#include "tests/unit/loopback.h"

#include <check.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAR_MS  4000
#define STUCK_US 1000000

static gboolean say(int fd, const char *text, gsize size)
{
	return send(fd, text, size, MSG_NOSIGNAL) == (gssize)size;
}

static gboolean hear_more(struct peer *peer, int fd, int ms)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	char chunk[65536];
	gssize got;
	gsize end;

	if (poll(&poll_fd, 1, ms) <= 0 || (got = recv(fd, chunk, sizeof(chunk), 0)) <= 0)
		return FALSE;
	g_mutex_lock(&peer->lock);
	g_string_append_len(peer->heard, chunk, got);
	end = peer->heard->len;
	g_array_append_val(peer->reads, end);
	g_mutex_unlock(&peer->lock);
	return TRUE;
}

/* What comes before `end` and was not looked at, without it; NULL when that does not come. */
static char *hear_until(struct peer *peer, int fd, const char *end)
{
	const char *found;
	char *text;

	while (!(found = strstr(peer->heard->str + peer->at, end)))
		if (!hear_more(peer, fd, HEAR_MS))
			return NULL;
	text = g_strndup(peer->heard->str + peer->at, (gsize)(found - peer->heard->str) - peer->at);
	peer->at = (gsize)(found - peer->heard->str) + strlen(end);
	return text;
}

static void take_login(struct peer *peer, int fd)
{
	g_autofree char *first = hear_until(peer, fd, "\r\n");
	GString *all = g_string_new(first ? first : "nothing");

	/* every mechanism here has its say in at most two lines more */
	for (guint i = 0; first && i < (strstr(first, "LOGIN") ? 2u : 1u); i++) {
		g_autofree char *line = NULL;
		gsize size = 0;

		if (!say(fd, "334 \r\n", 6) || !(line = hear_until(peer, fd, "\r\n")))
			break;
		if (*line)
			g_base64_decode_inplace(line, &size);
		for (gsize j = 0; j < size; j++)
			if (line[j] == '\0' || line[j] == '\1')
				line[j] = '|';
		g_string_append_printf(all, " %.*s", (int)size, line);
	}
	peer->login = g_string_free(all, FALSE);
}

static void flood(int fd)
{
	while (say(fd, "250-and so on\r\n", 15))
		;
}

static void say_long(int fd)
{
	g_autofree char *line = g_strnfill(100000, 'x');

	say(fd, "250 ", 4);
	for (guint i = 0; i < 100 && say(fd, line, 100000); i++)
		;
}

/* Whether the step went as the script has it. */
static gboolean take_step(struct peer *peer, int fd, const struct step *step)
{
	g_autofree char *text = NULL;

	switch (step->act) {
	case SAY:
		return say(fd, step->text, strlen(step->text)) || TRUE;
	case DRIP:
		for (const char *byte = step->text; *byte; byte++) {
			say(fd, byte, 1);
			g_usleep(300);
		}
		return TRUE;
	case HEAR:
		text = hear_until(peer, fd, "\r\n");
		return text && g_str_has_prefix(text, step->text);
	case QUIET:
		return peer->at == peer->heard->len && !hear_more(peer, fd, 100);
	case BODY:
		text = hear_until(peer, fd, "\r\n.\r\n");
		return text != NULL;
	case SOME:
		while (peer->heard->len < peer->at + 1000)
			if (!hear_more(peer, fd, HEAR_MS))
				return FALSE;
		peer->at += 1000;
		return TRUE;
	case LOGIN:
		take_login(peer, fd);
		return TRUE;
	case NUL:
		return say(fd, "250 a\0b\r\n", 9);
	case FLOOD:
		flood(fd);
		return TRUE;
	case LONG:
		say_long(fd);
		return TRUE;
	case STUCK:
		g_usleep(STUCK_US);
		return TRUE;
	case END:
	case GONE:
	case RESET:
		break;
	}
	return TRUE;
}

static gboolean is_speech(enum act act)
{
	return act != HEAR && act != QUIET && act != BODY && act != SOME && act != LOGIN;
}

static gpointer serve(gpointer data)
{
	struct linger linger = {.l_onoff = 1};
	struct peer *peer = data;
	const struct step *step = peer->steps;
	int fd = accept(peer->listening, NULL, NULL);

	if (fd < 0)
		return NULL;
	for (; step->act != END && step->act != GONE && step->act != RESET; step++) {
		if (is_speech(step->act) && peer->hears)
			peer->turns++;
		peer->hears = !is_speech(step->act);
		if (!take_step(peer, fd, step)) {
			peer->wrong = g_strdup_printf(
			    "step %d (%d, “%s”) after: %s", (int)(step - peer->steps), step->act,
			    step->text ? step->text : "",
			    peer->heard->str + MIN(peer->at, peer->heard->len));
			break;
		}
	}
	if (step->act == RESET)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	while (step->act == END && hear_more(peer, fd, HEAR_MS))
		;
	close(fd);
	return NULL;
}

void peer_start(struct peer *peer, const struct step *steps)
{
	memset(peer, 0, sizeof(*peer));
	g_mutex_init(&peer->lock);
	peer->steps = steps;
	peer->heard = g_string_new(NULL);
	peer->reads = g_array_new(FALSE, FALSE, sizeof(gsize));
	peer->listening = loopback_listen(&peer->port);
	peer->thread = g_thread_new("peer", serve, peer);
}

void peer_stop(struct peer *peer)
{
	g_thread_join(peer->thread);
	close(peer->listening);
	ck_assert_msg(!peer->wrong, "%s", peer->wrong);
}

void peer_clear(struct peer *peer)
{
	g_mutex_clear(&peer->lock);
	g_string_free(peer->heard, TRUE);
	g_array_free(peer->reads, TRUE);
	g_free(peer->login);
}

gboolean peer_has_heard(struct peer *peer, const char *text)
{
	gboolean found;

	g_mutex_lock(&peer->lock);
	found = strstr(peer->heard->str, text) != NULL;
	g_mutex_unlock(&peer->lock);
	return found;
}

gboolean peer_heard_together(const struct peer *peer, const char *first, const char *second)
{
	const char *one = strstr(peer->heard->str, first);
	const char *two = one ? strstr(one, second) : NULL;
	gsize end_of_one = one ? (gsize)(one - peer->heard->str) + strlen(first) : 0;
	gsize end_of_two = two ? (gsize)(two - peer->heard->str) + strlen(second) : 0;

	for (guint i = 0; two && i < peer->reads->len; i++) {
		gsize end = g_array_index(peer->reads, gsize, i);

		if (end_of_one <= end)
			return end_of_two <= end;
	}
	return FALSE;
}
