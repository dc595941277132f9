#include "tests/unit/bounded_read.h"

#include <check.h>
#include <string.h>
#include <sys/resource.h>

static long used_mb(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss / 1024;
}

static double used_s(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / G_USEC_PER_SEC;
}

struct reading *bounded_read(const char *bytes, gsize size)
{
	g_autoptr(GBytes) raw = g_bytes_new_static(bytes, size);
	double began = used_s();
	struct reading *reading = read_message(raw, NULL, NULL);
	g_autofree char *line = reading_to_line(reading);
	long mb = used_mb();
	double took = used_s() - began;

	ck_assert_msg(took < LIMIT_S, "it took %.1f s", took);
	ck_assert_msg(mb < LIMIT_MB, "it took %ld MB", mb);
	ck_assert_uint_le(strlen(line), READING_JSON_MAX);
	ck_assert(g_utf8_validate(line, -1, NULL));
	ck_assert_ptr_null(strstr(line, "\\u0000"));
	return reading;
}

gboolean has_problem(const struct reading *reading, const char *what)
{
	for (guint i = 0; i < reading->problems->len; i++)
		if (g_str_has_prefix(g_ptr_array_index(reading->problems, i), what))
			return TRUE;
	return FALSE;
}

void add_times(GString *text, const char *piece, guint n)
{
	for (guint i = 0; i < n; i++)
		g_string_append(text, piece);
}

struct reading *bounded_read_times(const char *head, const char *piece, guint n, const char *tail)
{
	GString *text = g_string_new(head);
	struct reading *reading;

	add_times(text, piece, n);
	g_string_append(text, tail);
	reading = bounded_read(text->str, text->len);
	g_string_free(text, TRUE);
	return reading;
}

struct reading *bounded_read_attached(const char *name, GBytes *content)
{
	gsize size;
	const void *bytes = g_bytes_get_data(content, &size);
	g_autofree char *base64 = g_base64_encode(bytes, size);
	g_autofree char *text =
	    g_strdup_printf(HEAD "Content-Type: application/octet-stream; name=%s\n"
				 "Content-Disposition: attachment\n"
				 "Content-Transfer-Encoding: base64\n\n%s\n",
			    name, base64);
	struct reading *reading = bounded_read(text, strlen(text));

	ck_assert_uint_eq(reading->attachments->len, 1);
	return reading;
}

const struct reading_attachment *first_attachment(const GPtrArray *attachments)
{
	ck_assert_uint_gt(attachments->len, 0);
	return g_ptr_array_index(attachments, 0);
}
