/*
 * Stores invented answers as those of a Maildir are stored (db/message.h), and prints how many a
 * second: store_bench CONNINFO COUNT BYTES FIRST. FIRST makes them differ from those of other runs.
 */
#include "db/message.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The same as copy_bench.c's. (transfer full) */
static GBytes *answer(guint64 number, gsize bytes)
{
	char *text = g_malloc(bytes + 1);
	int head = snprintf(text, bytes + 1, "Subject: %" G_GUINT64_FORMAT "\n\n", number);

	memset(text + head, 'x', bytes - (gsize)head);
	return g_bytes_new_take(text, bytes);
}

static gboolean store_all(struct db *db, guint64 first, guint64 count, gsize bytes, GError **error)
{
	g_autoptr(GDateTime) now = g_date_time_new_utc(2026, 3, 12, 1, 0, 0);
	struct message_batch *batch = message_batch_new();
	char uid[32];
	struct message_place place = {
	    .channel = "maildir", .account = "maildir", .mailbox = "bench", .uid = uid};
	gboolean good = TRUE;
	guint is_new = 0;

	for (guint64 i = first; good && i < first + count; i++) {
		g_autoptr(GBytes) raw = answer(i, bytes);

		g_snprintf(uid, sizeof uid, "%" G_GUINT64_FORMAT, i);
		if (!message_batch_fits(batch, &place, raw))
			good = message_batch_store(db, batch, now, &is_new, error);
		if (good)
			message_batch_add(batch, &place, raw);
	}
	good = good && message_batch_store(db, batch, now, &is_new, error);
	message_batch_free(batch);
	return good;
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	guint64 count, first;
	gsize bytes;
	struct db *db;
	gint64 start;
	gboolean good;

	setlocale(LC_ALL, "");
	if (argc != 5)
		return 64;
	count = strtoull(argv[2], NULL, 10);
	bytes = MAX(strtoull(argv[3], NULL, 10), 64);
	first = strtoull(argv[4], NULL, 10);
	db = db_connect(argv[1], "pingyi", &error);
	start = g_get_monotonic_time();
	good = db && store_all(db, first, count, bytes, &error);
	if (good)
		printf("%.1f\n", (double)count * 1e6 / (double)(g_get_monotonic_time() - start));
	else
		fprintf(stderr, "store_bench: %s\n", error->message);
	db_free(db);
	return good ? 0 : 1;
}
