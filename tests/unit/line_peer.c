#include "tests/unit/line_peer.h"
#include "tests/unit/loopback.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *answer_to(const struct line_peer *peer, const char *line)
{
	for (guint i = 0; i < LINE_PEER_ANSWERS; i++)
		if (peer->answers[i].text && strstr(line, peer->answers[i].line))
			return peer->answers[i].text;
	return peer->otherwise;
}

/* FALSE: hangs up. */
static gboolean say(const struct line_peer *peer, FILE *out, const char *text, const char *word)
{
	g_auto(GStrv) ever = g_strsplit(text, "…", 2);
	g_auto(GStrv) cut = g_strsplit(ever[0], "✂", 2);
	g_auto(GStrv) parts = g_strsplit(cut[0] ? cut[0] : "", "%s", 2);

	if (peer->pause_ms)
		g_usleep(peer->pause_ms * 1000ul);
	fputs(parts[0] ? parts[0] : "", out);
	if (parts[0] && parts[1])
		fprintf(out, "%s%s", word, parts[1]);
	while (ever[1] && fputs(ever[1], out) >= 0)
		;
	fflush(out);
	return !cut[0] || !cut[1];
}

static gboolean take_letter(struct line_peer *peer, FILE *in)
{
	char line[4096];

	g_string_truncate(peer->letter, 0);
	while (fgets(line, sizeof(line), in)) {
		if (strcmp(line, ".\r\n") == 0)
			return TRUE;
		g_string_append(peer->letter, line);
		if (peer->letter_max && peer->letter->len >= peer->letter_max)
			return FALSE;
	}
	return FALSE;
}

static void talk(struct line_peer *peer, int fd)
{
	FILE *in = fdopen(fd, "r");
	FILE *out = fdopen(dup(fd), "w");
	gboolean on = say(peer, out, peer->greeting, "");
	char line[4096];

	while (on && fgets(line, sizeof(line), in)) {
		g_autofree char *word = g_strndup(line, strcspn(line, " \r\n"));
		const char *text = answer_to(peer, line);

		g_string_append(peer->lines, line);
		on = say(peer, out, text, word);
		if (on && g_str_has_prefix(text, "354"))
			on = take_letter(peer, in) && say(peer, out, answer_to(peer, ".\r\n"), ".");
	}
	fclose(in);
	fclose(out);
}

static gpointer serve(gpointer data)
{
	struct line_peer *peer = data;
	int fd;

	while ((fd = accept(peer->listening, NULL, NULL)) >= 0) {
		peer->sessions++;
		talk(peer, fd);
	}
	return NULL;
}

void line_peer_start(struct line_peer *peer)
{
	signal(SIGPIPE, SIG_IGN);
	peer->lines = g_string_new(NULL);
	peer->letter = g_string_new(NULL);
	peer->listening = loopback_listen(&peer->port);
	peer->thread = g_thread_new("peer", serve, peer);
}

void line_peer_stop(struct line_peer *peer)
{
	shutdown(peer->listening, SHUT_RDWR);
	g_thread_join(peer->thread);
	close(peer->listening);
}

void line_peer_clear(struct line_peer *peer)
{
	g_string_free(peer->lines, TRUE);
	g_string_free(peer->letter, TRUE);
}

char *line_peer_url(const struct line_peer *peer, const char *scheme)
{
	return g_strdup_printf("%s://127.0.0.1:%u", scheme, peer->port);
}
