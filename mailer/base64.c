#include "mailer/base64.h"

#include <string.h>

#define LINE_BYTES (BASE64_LINE / 4 * 3)

/* The two characters of each 12 bits. */
typedef char pair_table[4096][2];

static const pair_table *pairs(void)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	static pair_table table;
	static gsize once;

	if (g_once_init_enter(&once)) {
		for (guint i = 0; i < 4096; i++) {
			table[i][0] = alphabet[i >> 6];
			table[i][1] = alphabet[i & 63];
		}
		g_once_init_leave(&once, 1);
	}
	return (const pair_table *)&table;
}

static inline void three(const pair_table *table, const guchar *bytes, char *to)
{
	guint bits = (guint)bytes[0] << 16 | (guint)bytes[1] << 8 | bytes[2];

	memcpy(to, (*table)[bits >> 12], 2);
	memcpy(to + 2, (*table)[bits & 4095], 2);
}

/* 6 of the 8 bytes that are there: one load, four look-ups. */
static inline void six(const pair_table *table, const guchar *bytes, char *to)
{
	guint64 bits;

	memcpy(&bits, bytes, sizeof bits);
	bits = GUINT64_FROM_BE(bits);
	memcpy(to, (*table)[bits >> 52], 2);
	memcpy(to + 2, (*table)[bits >> 40 & 4095], 2);
	memcpy(to + 4, (*table)[bits >> 28 & 4095], 2);
	memcpy(to + 6, (*table)[bits >> 16 & 4095], 2);
}

static char *encode(const pair_table *table, const guchar *bytes, gsize size, char *to)
{
	guchar last[3] = {0};

	for (; size >= 8; bytes += 6, size -= 6, to += 8)
		six(table, bytes, to);
	for (; size >= 3; bytes += 3, size -= 3, to += 4)
		three(table, bytes, to);
	if (size == 0)
		return to;
	memcpy(last, bytes, size);
	three(table, last, to);
	to[3] = '=';
	if (size == 1)
		to[2] = '=';
	return to + 4;
}

/* Makes room for `size` more bytes. Returns: where they go */
static char *grow(GString *out, gsize size)
{
	gsize before = out->len;

	g_string_set_size(out, before + size);
	return out->str + before;
}

void base64_lines(GString *out, const void *bytes, gsize size)
{
	const pair_table *table = pairs();
	const guchar *from = bytes;
	gsize lines = (size + LINE_BYTES - 1) / LINE_BYTES;
	char *to = grow(out, (size + 2) / 3 * 4 + lines * 2);

	while (size > 0) {
		gsize length = MIN(size, LINE_BYTES);

		to = encode(table, from, length, to);
		*to++ = '\r';
		*to++ = '\n';
		from += length;
		size -= length;
	}
}

void base64_run(GString *out, const void *bytes, gsize size)
{
	encode(pairs(), bytes, size, grow(out, (size + 2) / 3 * 4));
}
