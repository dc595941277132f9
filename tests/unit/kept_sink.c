#include "tests/unit/kept_sink.h"

#include "base/error.h"

#include <check.h>
#include <string.h>

static gboolean known(void *user, const struct message_place *place, enum message_known *known_out,
		      GError **error)
{
	const struct kept *kept = user;
	g_autofree char *mark = g_strdup_printf("%s=", place->uid);

	(void)error;
	*known_out = g_strcmp0(place->uid, kept->head) == 0 ? MESSAGE_HEAD
		     : g_strcmp0(place->uid, kept->known) == 0 || strstr(kept->text->str, mark)
			 ? MESSAGE_WHOLE
			 : MESSAGE_NEW;
	return TRUE;
}

static gboolean add(void *user, const struct message_place *place, GBytes *raw, GError **error)
{
	struct kept *kept = user;
	gsize size = 0;
	const char *bytes = g_bytes_get_data(raw, &size);

	(void)error;
	ck_assert_uint_le(size, MESSAGE_PIECE_BYTES);
	g_string_append_printf(kept->text, "%s=%.*s;", place->uid, (int)MIN(size, 20), bytes);
	return TRUE;
}

static gboolean flush(void *user, GError **error)
{
	const struct kept *kept = user;

	if (kept->full)
		g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY, "full");
	return !kept->full;
}

static gboolean begin(void *user, const struct message_place *place, GError **error)
{
	struct kept *kept = user;

	(void)place;
	kept->flowing = 0;
	return flush(user, error);
}

static gboolean more(void *user, const guint8 *bytes, gsize size, GError **error)
{
	struct kept *kept = user;

	(void)bytes;
	(void)error;
	kept->flowing += size;
	return TRUE;
}

static gboolean end(void *user, const struct message_place *place, GError **error)
{
	struct kept *kept = user;

	(void)error;
	g_string_append_printf(kept->text, "%s~%" G_GUINT64_FORMAT ";", place->uid, kept->flowing);
	kept->flowing = 0;
	return TRUE;
}

static void drop(void *user)
{
	struct kept *kept = user;

	kept->flowing = 0;
}

static gboolean head(void *user, const struct message_place *place, GBytes *first, guint64 size,
		     GError **error)
{
	struct kept *kept = user;
	gsize held = 0;
	const char *bytes = g_bytes_get_data(first, &held);

	(void)error;
	ck_assert_uint_le(held, MESSAGE_HEAD_MAX);
	g_string_append_printf(kept->text, "%s^%" G_GUINT64_FORMAT ":%.*s;", place->uid, size,
			       (int)MIN(held, 20), bytes);
	return TRUE;
}

static void skipped(void *user, const struct message_place *place, const char *why)
{
	struct kept *kept = user;

	(void)place;
	(void)why;
	kept->skipped++;
}

struct source_sink kept_sink(struct kept *kept)
{
	kept->text = g_string_new(NULL);
	return (struct source_sink){known, add, flush, begin, more, end, drop, head, skipped, kept};
}

void kept_clear(struct kept *kept)
{
	g_string_free(kept->text, TRUE);
}
