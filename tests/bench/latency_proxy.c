/*
 * Latency and nothing else: joins each TCP connection to it with one to a server on this machine.
 * What a read brought from the server reaches the client `delay` after that read; what the client
 * says is passed on at once. So is the end of either: a half-closed connection stays half-closed.
 *
 *	latency_proxy PORT DELAY_MS
 *
 * PORT is the server's on 127.0.0.1. Prints the port on which it listens itself, and runs until a
 * signal ends it. One thread; all delays are the same, so one queue in the order of the reads keeps
 * the order of each connection too.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES 65536
#define HELD_BYTES 1048576 /* a connection's, in a direction; above it nothing more is read */
#define EVENTS     64
#define BACKLOG    256

struct joint;

/* One of the two sockets of a connection. */
struct side {
	struct joint *joint;
	struct side *other;
	int fd;
	uint32_t watched; /* epoll's events */
	GByteArray *out;  /* what its socket did not take yet */
	gsize held;       /* bytes from here that wait for their time */
	gboolean ended;   /* nothing more comes from it */
	gboolean last;    /* nothing more goes to it after `out` */
	gboolean shut;    /* … and it was told so */
};

struct joint {
	struct side client;
	struct side server;
	guint chunks; /* that wait for their time */
	gboolean closed;
};

/* What one read brought; no bytes: the end. */
struct chunk {
	struct joint *joint;
	gint64 due_us; /* monotonic */
	gsize size;
	guint8 bytes[];
};

struct proxy {
	int epoll;
	int listener;
	in_port_t target; /* network order */
	gint64 delay_us;
	GQueue chunks; /* of struct chunk, by due_us */
	GQueue closed; /* of struct joint, that an event of this turn may still name */
};

static void watch(struct proxy *proxy, struct side *side)
{
	gsize waiting = side->held + side->other->out->len;
	uint32_t wanted = (!side->ended && waiting < HELD_BYTES ? (uint32_t)EPOLLIN : 0) |
			  (side->out->len ? (uint32_t)EPOLLOUT : 0);
	struct epoll_event event = {.events = wanted, .data.ptr = side};

	if (wanted == side->watched)
		return;
	side->watched = wanted;
	epoll_ctl(proxy->epoll, EPOLL_CTL_MOD, side->fd, &event);
}

static void joint_close(struct proxy *proxy, struct joint *joint)
{
	if (joint->closed)
		return;
	joint->closed = TRUE;
	close(joint->client.fd);
	close(joint->server.fd);
	g_queue_push_tail(&proxy->closed, joint);
}

static void joint_free(struct joint *joint)
{
	g_byte_array_unref(joint->client.out);
	g_byte_array_unref(joint->server.out);
	g_free(joint);
}

/* Frees what was closed, unless chunks of it still wait. */
static void bury(struct proxy *proxy)
{
	guint count = g_queue_get_length(&proxy->closed);

	for (guint i = 0; i < count; i++) {
		struct joint *joint = g_queue_pop_head(&proxy->closed);

		if (joint->chunks == 0)
			joint_free(joint);
		else
			g_queue_push_tail(&proxy->closed, joint);
	}
}

/* Writes what the socket takes, passes an end on, and closes when both have ended. */
static void flush(struct proxy *proxy, struct side *side)
{
	struct joint *joint = side->joint;
	ssize_t sent = 0;

	if (joint->closed)
		return;
	if (side->out->len)
		sent = send(side->fd, side->out->data, side->out->len, MSG_NOSIGNAL);
	if (sent < 0 && errno != EAGAIN && errno != EINTR) {
		joint_close(proxy, joint);
		return;
	}
	if (sent > 0)
		g_byte_array_remove_range(side->out, 0, (guint)sent);
	if (side->last && !side->out->len && !side->shut) {
		side->shut = TRUE;
		shutdown(side->fd, SHUT_WR);
	}
	if (joint->client.shut && joint->server.shut) {
		joint_close(proxy, joint);
		return;
	}
	watch(proxy, side);
	watch(proxy, side->other);
}

static void deliver(struct proxy *proxy, struct side *to, const guint8 *bytes, gsize size)
{
	if (size)
		g_byte_array_append(to->out, bytes, (guint)size);
	else
		to->last = TRUE;
	flush(proxy, to);
}

static void hold(struct proxy *proxy, struct side *from, const guint8 *bytes, gsize size)
{
	struct chunk *chunk = g_malloc(sizeof(*chunk) + size);

	chunk->joint = from->joint;
	chunk->due_us = g_get_monotonic_time() + proxy->delay_us;
	chunk->size = size;
	memcpy(chunk->bytes, bytes, size);
	g_queue_push_tail(&proxy->chunks, chunk);
	from->joint->chunks++;
	from->held += size;
	watch(proxy, from);
}

/* Passes on what is due. Returns: how long until the next is, in µs; -1 when none waits. */
static gint64 release(struct proxy *proxy)
{
	struct chunk *chunk;
	gint64 left;

	while ((chunk = g_queue_peek_head(&proxy->chunks))) {
		left = chunk->due_us - g_get_monotonic_time();
		if (left > 0)
			return left;
		g_queue_pop_head(&proxy->chunks);
		chunk->joint->chunks--;
		chunk->joint->server.held -= chunk->size;
		if (!chunk->joint->closed)
			deliver(proxy, &chunk->joint->client, chunk->bytes, chunk->size);
		g_free(chunk);
	}
	return -1;
}

static void take(struct proxy *proxy, struct side *side)
{
	static guint8 bytes[READ_BYTES];
	ssize_t size = recv(side->fd, bytes, sizeof(bytes), 0);

	if (size < 0) {
		if (errno != EAGAIN && errno != EINTR)
			joint_close(proxy, side->joint);
		return;
	}
	side->ended = size == 0;
	if (side == &side->joint->server)
		hold(proxy, side, bytes, (gsize)size);
	else
		deliver(proxy, side->other, bytes, (gsize)size);
}

static gboolean side_start(struct proxy *proxy, struct joint *joint, struct side *side,
			   struct side *other, int fd)
{
	const int on = 1;
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = side};

	*side = (struct side){.joint = joint, .other = other, .fd = fd, .watched = EPOLLIN};
	side->out = g_byte_array_new();
	return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0 &&
	       epoll_ctl(proxy->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static int connect_to(in_port_t port)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = port};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Sockets stay blocking for connect() only: on loopback it takes no time. */
static void join(struct proxy *proxy)
{
	int client = accept4(proxy->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	int server = client >= 0 ? connect_to(proxy->target) : -1;
	struct joint *joint;

	if (server < 0) {
		if (client >= 0)
			close(client);
		return;
	}
	joint = g_new0(struct joint, 1);
	if (!side_start(proxy, joint, &joint->client, &joint->server, client) ||
	    !side_start(proxy, joint, &joint->server, &joint->client, server)) {
		perror("latency_proxy");
		exit(EXIT_FAILURE);
	}
}

static void on_event(struct proxy *proxy, const struct epoll_event *event)
{
	struct side *side = event->data.ptr;

	if (!side) {
		join(proxy);
		return;
	}
	if (!side->joint->closed && (event->events & EPOLLOUT))
		flush(proxy, side);
	if (!side->joint->closed && !side->ended &&
	    (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		take(proxy, side);
	else if (!side->joint->closed && (event->events & EPOLLERR))
		joint_close(proxy, side->joint);
}

static void run(struct proxy *proxy)
{
	struct epoll_event events[EVENTS];

	for (;;) {
		gint64 left = release(proxy);
		struct timespec wait = {.tv_sec = left / G_USEC_PER_SEC,
					.tv_nsec = left % G_USEC_PER_SEC * 1000};
		int count;

		bury(proxy);
		count = epoll_pwait2(proxy->epoll, events, EVENTS, left < 0 ? NULL : &wait, NULL);
		for (int i = 0; i < count; i++)
			on_event(proxy, &events[i]);
	}
}

static gboolean listen_on(struct proxy *proxy)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	struct epoll_event event = {.events = EPOLLIN};

	proxy->epoll = epoll_create1(EPOLL_CLOEXEC);
	proxy->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (proxy->epoll < 0 || proxy->listener < 0 ||
	    bind(proxy->listener, (const struct sockaddr *)&address, size) != 0 ||
	    listen(proxy->listener, BACKLOG) != 0 ||
	    getsockname(proxy->listener, (struct sockaddr *)&address, &size) != 0 ||
	    epoll_ctl(proxy->epoll, EPOLL_CTL_ADD, proxy->listener, &event) != 0)
		return FALSE;
	printf("%u\n", (unsigned)ntohs(address.sin_port));
	return fflush(stdout) == 0;
}

int main(int argc, char **argv)
{
	struct proxy proxy = {.chunks = G_QUEUE_INIT, .closed = G_QUEUE_INIT};
	guint64 port = 0;
	guint64 delay_ms = 0;

	if (argc != 3 || !g_ascii_string_to_unsigned(argv[1], 10, 1, 65535, &port, NULL) ||
	    !g_ascii_string_to_unsigned(argv[2], 10, 0, 60000, &delay_ms, NULL)) {
		fputs("usage: latency_proxy PORT DELAY_MS\n", stderr);
		return EXIT_FAILURE;
	}
	proxy.target = htons((in_port_t)port);
	proxy.delay_us = (gint64)delay_ms * 1000;
	prctl(PR_SET_TIMERSLACK, 1); /* ns: the usual 50 µs would be one percent */
	if (!listen_on(&proxy)) {
		perror("latency_proxy");
		return EXIT_FAILURE;
	}
	run(&proxy);
}
