#pragma once

/*
 * A connection of lines to a mail server. libcurl finds the host, connects, secures and logs in;
 * then the caller speaks SMTP, IMAP or POP3 itself. The only file that includes curl.
 *
 * A connection blocks its caller, but never longer than its limits say. Opening does not block, so
 * that several can open at once; who serves many connections in one thread reads and writes with
 * wire_pull(), wire_line_now() and wire_push(), which do not either, and keeps the time. One thread
 * uses a connection at a time. Messages of errors never hold a password or an address; they may
 * hold the host, and what the server said when it refused to go on.
 *
 * PINGYI_ERROR_INPUT: the URL is wrong. PINGYI_ERROR_TEMPORARY: the server is away, too slow, or
 * says 4yz or that we come too fast. PINGYI_ERROR_PERMANENT: login refused, certificate not
 * trusted, no STARTTLS, or the server does not keep to the protocol. After any error a connection
 * can only be closed.
 */
#include <glib.h>

struct wire;

struct wire_options {
	const char *url;      /* smtp(s)://, imap(s):// or pop3(s)://, host, perhaps a port */
	const char *user;     /* NULL or "": no login */
	const char *password; /* may be NULL when there is no user; of "xoauth2" the token */
	const char *login; /* "plain", "login" or "xoauth2"; NULL or "": what the server offers */
	gboolean
	    starttls; /* of smtp://, imap:// and pop3://: nothing is said before TLS, or it fails */
	const char *ca_file; /* whom to trust, PEM; NULL or "": whom the system trusts */
	guint open_ms;       /* to connect, secure and log in */
	guint answer_ms;     /* to wait for one line, or for a write to be taken */
	gsize line_max;      /* bytes of a line, its end included; a longer one is an error */
};

/* Begins to open. The options are copied. Returns: (transfer full) */
struct wire *wire_start(const struct wire_options *options, GError **error);

/* Goes on opening, waiting at most `wait_ms` for the server; `open_out` tells whether it is done.
 * Nothing may be read or written before. */
gboolean wire_opened(struct wire *wire, guint wait_ms, gboolean *open_out, GError **error);

/* Both at once. Returns: (transfer full) */
struct wire *wire_open(const struct wire_options *options, GError **error);

/* Closes at once; NULL is fine. What must be said to the server was said before. */
void wire_close(struct wire *wire);

/* How the connection is secured, "TLSv1.3"; NULL when it is not. Owned by the connection. */
const char *wire_tls(const struct wire *wire);

/* Another limit for the answers to come. */
void wire_set_answer_ms(struct wire *wire, guint answer_ms);

/* The next line without its end (CR LF or LF); `length_out` may be NULL. A line with a NUL is an
 * error. Returns: (transfer none) valid until the next read, NULL with an error. */
const char *wire_line(struct wire *wire, gsize *length_out, GError **error);

/* Exactly `size` bytes; who calls has checked that so many may come. The limit of time grows with
 * the size, so that 10 KB/s suffice. Returns: (transfer full) NULL with an error. */
GBytes *wire_read(struct wire *wire, gsize size, GError **error);

/* What has come and was not read yet, waiting when there is nothing: for what ends with a mark.
 * `seen` bytes of it came since `started` (monotonic, µs); the limit of time grows with them.
 * wire_take() says how much was read. Returns: (transfer none) valid until the next read or peek.
 */
const guint8 *wire_peek(struct wire *wire, gint64 started, guint64 seen, gsize *size_out,
			GError **error);
void wire_take(struct wire *wire, gsize size);

/* Reads `size` bytes and forgets them. */
gboolean wire_skip(struct wire *wire, guint64 size, GError **error);

/* Writes all bytes. `sent_out` (may be NULL) tells, also with an error, how many were given to the
 * system: those may have reached the server, the others have not. */
gboolean wire_write(struct wire *wire, const void *bytes, gsize size, gsize *sent_out,
		    GError **error);

/* --- without waiting, once it is open --- */

/* The socket to poll for what comes, or for room to write. */
int wire_socket(const struct wire *wire);

/* Reads what has come. The end of the connection is an error only when all that came before it was
 * read by an earlier call. */
gboolean wire_pull(struct wire *wire, GError **error);

/* The next line among what was read, as wire_line(); NULL without an error when none is whole yet.
 */
const char *wire_line_now(struct wire *wire, gsize *length_out, GError **error);

/* Gives the system what it takes now, perhaps nothing; `taken_out` is set also with an error: those
 * bytes may reach the server. What was not taken comes first in the next call. */
gboolean wire_push(struct wire *wire, const void *bytes, gsize size, gsize *taken_out,
		   GError **error);

typedef struct wire wire_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(wire_handle, wire_close)
