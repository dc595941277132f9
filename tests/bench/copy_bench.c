/*
 * The peer of store_bench.c: the same rows into the same tables with the same keys by COPY BINARY,
 * 1,000 a transaction, by libpq alone: copy_bench CONNINFO COUNT BYTES FIRST. It cannot leave out
 * what is there already, and writes no event.
 */
#include <endian.h>
#include <glib.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH   1000
#define AT_USEC (826592400LL * 1000000) /* a moment of March 2026, from 2000 on */

static void add_16(GByteArray *row, guint16 value)
{
	guint16 wire = htobe16(value);

	g_byte_array_append(row, (const guint8 *)&wire, sizeof wire);
}

static void add_field(GByteArray *row, const void *bytes, gsize size)
{
	guint32 wire = htobe32((guint32)size);

	g_byte_array_append(row, (const guint8 *)&wire, sizeof wire);
	g_byte_array_append(row, bytes, (guint)size);
}

static void add_text(GByteArray *row, const char *text)
{
	add_field(row, text, strlen(text));
}

static void add_64(GByteArray *row, guint64 value)
{
	guint64 wire = htobe64(value);

	add_field(row, &wire, sizeof wire);
}

/* The same as store_bench.c's. */
static void make_answer(guint64 number, char *text, gsize bytes)
{
	int head = snprintf(text, bytes + 1, "Subject: %" G_GUINT64_FORMAT "\n\n", number);

	memset(text + head, 'x', bytes - (gsize)head);
}

static void message_row(GByteArray *row, guint64 number, const char *text, gsize bytes)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	guint8 digest[32];
	gsize length = sizeof digest;

	g_checksum_update(sum, (const guint8 *)text, (gssize)bytes);
	g_checksum_get_digest(sum, digest, &length);
	add_16(row, 6);
	add_64(row, number);
	add_field(row, digest, length);
	add_64(row, bytes);
	add_text(row, "maildir");
	add_64(row, AT_USEC);
	add_text(row, "stored");
}

static void piece_row(GByteArray *row, guint64 number, const char *text, gsize bytes)
{
	guint32 seq = 0;

	add_16(row, 3);
	add_64(row, number);
	add_field(row, &seq, sizeof seq);
	add_field(row, text, bytes);
}

static void place_row(GByteArray *row, guint64 number)
{
	char uid[32];

	g_snprintf(uid, sizeof uid, "%" G_GUINT64_FORMAT, number);
	add_16(row, 6);
	add_text(row, "maildir");
	add_text(row, "bench");
	add_64(row, 0);
	add_text(row, uid);
	add_64(row, number);
	add_64(row, AT_USEC);
}

static gboolean run(PGconn *db, const char *sql, ExecStatusType wanted)
{
	PGresult *result = PQexec(db, sql);
	gboolean good = PQresultStatus(result) == wanted;

	PQclear(result);
	return good;
}

static gboolean copy(PGconn *db, const char *sql, const GByteArray *rows)
{
	static const char head[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0"; /* 19 bytes with its end */
	PGresult *result;
	gboolean good;

	if (!run(db, sql, PGRES_COPY_IN) || PQputCopyData(db, head, sizeof head) != 1 ||
	    PQputCopyData(db, (const char *)rows->data, (int)rows->len) != 1 ||
	    PQputCopyData(db, "\377\377", 2) != 1 || PQputCopyEnd(db, NULL) != 1)
		return FALSE;
	result = PQgetResult(db);
	good = PQresultStatus(result) == PGRES_COMMAND_OK;
	PQclear(result);
	while ((result = PQgetResult(db)) != NULL)
		PQclear(result);
	return good;
}

static gboolean copy_batch(PGconn *db, guint64 first, guint64 count, char *text, gsize bytes)
{
	g_autoptr(GByteArray) messages = g_byte_array_new();
	g_autoptr(GByteArray) pieces = g_byte_array_new();
	g_autoptr(GByteArray) places = g_byte_array_new();

	for (guint64 i = first; i < first + count; i++) {
		make_answer(i, text, bytes);
		message_row(messages, i, text, bytes);
		piece_row(pieces, i, text, bytes);
		place_row(places, i);
	}
	return run(db, "BEGIN", PGRES_COMMAND_OK) &&
	       copy(db,
		    "COPY pingyi.message (id, sha256, size, channel, received_at, state) "
		    "FROM STDIN BINARY",
		    messages) &&
	       copy(db, "COPY pingyi.message_piece FROM STDIN BINARY", pieces) &&
	       copy(db, "COPY pingyi.message_place FROM STDIN BINARY", places) &&
	       run(db, "COMMIT", PGRES_COMMAND_OK);
}

int main(int argc, char **argv)
{
	guint64 count, first;
	gsize bytes;
	g_autofree char *text = NULL;
	gboolean good = TRUE;
	gint64 start;
	PGconn *db;

	if (argc != 5)
		return 64;
	count = strtoull(argv[2], NULL, 10);
	bytes = MAX(strtoull(argv[3], NULL, 10), 64);
	first = strtoull(argv[4], NULL, 10);
	text = g_malloc(bytes + 1);
	db = PQconnectdb(argv[1]);
	start = g_get_monotonic_time();
	for (guint64 i = 0; good && i < count; i += BATCH)
		good = copy_batch(db, first + i, MIN(BATCH, count - i), text, bytes);
	if (good)
		printf("%.1f\n", (double)count * 1e6 / (double)(g_get_monotonic_time() - start));
	else
		fprintf(stderr, "copy_bench: %s\n", PQerrorMessage(db));
	PQfinish(db);
	return good ? 0 : 1;
}
