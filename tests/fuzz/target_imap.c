/*
 * What an IMAP server says, from the first answer after the login to the last: the session of
 * collector/imap.c over a connection whose server is the input. Only the connection is ours here:
 * these functions stand in place of base/wire.c.
 */
#include "base/error.h"
#include "base/wire.h"
#include "collector/imap.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define EACH_MAX    (64u << 10)
#define TOTAL_MAX   (256u << 10)
#define CHUNK       1000u /* what comes at once, of a message that flows */
#define UIDS        50
#define LITERAL_MAX (1u << 20) /* the most that imap.c takes of any answer */

struct wire {
	GString *line;
};

static const char *input;
static gsize input_left;

static gboolean ended(GError **error)
{
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY, "the input ends");
	return FALSE;
}

struct wire *wire_open(const struct wire_options *options, GError **error)
{
	struct wire *wire = g_new0(struct wire, 1);

	(void)options;
	(void)error;
	wire->line = g_string_new(NULL);
	return wire;
}

void wire_close(struct wire *wire)
{
	if (!wire)
		return;
	g_string_free(wire->line, TRUE);
	g_free(wire);
}

void wire_set_answer_ms(struct wire *wire, guint answer_ms)
{
	(void)wire;
	(void)answer_ms;
}

const char *wire_line(struct wire *wire, gsize *length_out, GError **error)
{
	const char *end = input_left ? memchr(input, '\n', input_left) : NULL;
	gsize length = end ? (gsize)(end - input) : 0;

	if (!end || memchr(input, 0, length)) {
		ended(error);
		return NULL;
	}
	g_string_truncate(wire->line, 0);
	g_string_append_len(wire->line, input,
			    (gssize)(length && end[-1] == '\r' ? length - 1 : length));
	input += length + 1;
	input_left -= length + 1;
	if (length_out)
		*length_out = wire->line->len;
	return wire->line->str;
}

gboolean wire_pull(struct wire *wire, GError **error)
{
	(void)wire;
	return input_left > 0 || ended(error);
}

const char *wire_line_now(struct wire *wire, gsize *length_out, GError **error)
{
	gboolean whole = input_left && memchr(input, '\n', input_left);

	return whole ? wire_line(wire, length_out, error) : NULL;
}

int wire_socket(const struct wire *wire)
{
	(void)wire;
	return -1;
}

GBytes *wire_read(struct wire *wire, gsize size, GError **error)
{
	GBytes *bytes;

	(void)wire;
	fuzz_require(size <= LITERAL_MAX, "a literal has its bound");
	if (size > input_left) {
		ended(error);
		return NULL;
	}
	bytes = g_bytes_new(input, size);
	input += size;
	input_left -= size;
	return bytes;
}

const guint8 *wire_peek(struct wire *wire, gint64 started, guint64 seen, gsize *size_out,
			GError **error)
{
	(void)wire;
	(void)started;
	(void)seen;
	*size_out = MIN(input_left, CHUNK);
	if (input_left > 0)
		return (const guint8 *)input;
	ended(error);
	return NULL;
}

void wire_take(struct wire *wire, gsize size)
{
	(void)wire;
	fuzz_require(size <= input_left, "no more is taken than came");
	input += size;
	input_left -= size;
}

gboolean wire_skip(struct wire *wire, guint64 size, GError **error)
{
	(void)wire;
	if (size > input_left)
		return ended(error);
	input += size;
	input_left -= (gsize)size;
	return TRUE;
}

gboolean wire_write(struct wire *wire, const void *bytes, gsize size, gsize *sent_out,
		    GError **error)
{
	const char *text = bytes;

	(void)wire;
	(void)error;
	fuzz_require(size > 2 && memchr(text, '\n', size) == text + size - 1 &&
			 text[size - 2] == '\r',
		     "a command is one line");
	if (sent_out)
		*sent_out = size;
	return TRUE;
}

static gboolean take(void *user, guint32 uid, GBytes *raw, GError **error)
{
	guint *taken = user;

	(void)error;
	fuzz_require(uid > 0, "a message has a UID that was asked for");
	fuzz_require(!raw || g_bytes_get_size(raw) <= EACH_MAX, "a message has its bound");
	(*taken)++;
	return TRUE;
}

static gboolean flow(void *user, const guint8 *bytes, gsize size, GError **error)
{
	guint64 *flowed = user;

	(void)error;
	fuzz_require(bytes && size > 0, "what flows is something");
	*flowed += size;
	return TRUE;
}

/* What a collector asks, in its order; the first error ends it. */
static void ask(struct imap *imap)
{
	gint64 uidvalidity = 0;
	gboolean read_only = FALSE, refused = FALSE, idle = FALSE, news = FALSE;
	g_autoptr(GArray) uids = NULL;
	guint64 sizes[UIDS];
	const guint32 *some;
	guint taken = 0, count;
	guint64 flowed = 0;
	gboolean came = FALSE;

	if (!imap_select(imap, &uidvalidity, &read_only, NULL))
		return;
	fuzz_require(uidvalidity > 0, "a mailbox has lasting numbers");
	uids = imap_uids(imap, FALSE, NULL);
	if (!uids || uids->len == 0)
		return;
	for (guint i = 1; i < uids->len; i++)
		fuzz_require(g_array_index(uids, guint32, i) > g_array_index(uids, guint32, i - 1),
			     "UIDs rise");
	some = &g_array_index(uids, guint32, 0);
	count = MIN(uids->len, UIDS);
	if (!imap_sizes(imap, some, count, sizes, NULL) ||
	    !imap_fetch(imap, some, count, EACH_MAX, TOTAL_MAX, take, &taken, NULL))
		return;
	fuzz_require(taken <= count, "a message comes once");
	if (!imap_fetch_one(imap, some[0], 0, TOTAL_MAX, flow, &flowed, &came, NULL))
		return;
	fuzz_require(flowed <= TOTAL_MAX, "one that flows has its bound");
	imap_mark(imap, some, count, "\\Seen", &refused, NULL);
	imap_move(imap, some, count, "Done", NULL);
	if (imap_idle(imap, &idle, NULL) && idle && imap_idle_news(imap, &news, NULL))
		imap_idle_end(imap, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct imap_options options = {.url = "imaps://mail.example", .user = "u", .password = "p"};
	struct imap *imap;

	input = (const char *)data;
	input_left = size;
	imap = imap_open(&options, NULL);
	if (imap) {
		ask(imap);
		imap_close(imap);
	}
	return 0;
}
