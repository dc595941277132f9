#include "collector/mime_bound.h"

#include "collector/mime.h"

#include <string.h>

#define LINE_END_PROBE 65536 /* bytes looked at to learn which line ends a message has */
#define NAMES_MAX      (200ull * 1000 * 1000) /* steps that GMime takes for addresses */
#define GROUPS_MAX     2000 /* colons of one header: each may begin a group within the last one */

GBytes *mime_bound_lines(GBytes *raw)
{
	gsize size, probe;
	const char *bytes = g_bytes_get_data(raw, &size);
	char *copy;

	probe = MIN(size, LINE_END_PROBE);
	if (size == 0 || memchr(bytes, '\n', probe) || !memchr(bytes, '\r', probe))
		return g_bytes_ref(raw);
	copy = g_memdup2(bytes, size);
	for (gsize i = 0; i < size; i++)
		if (copy[i] == '\r' && (i + 1 == size || copy[i + 1] != '\n'))
			copy[i] = '\n';
	return g_bytes_new_take(copy, size);
}

/* Where the message begins: behind an mbox line and empty lines in front. */
static gsize beginning(const char *bytes, gsize size)
{
	gsize at = 0;

	while (at < size && (bytes[at] == '\n' || bytes[at] == '\r'))
		at++;
	if (size - at > 6 &&
	    (memcmp(bytes + at, "From ", 5) == 0 || memcmp(bytes + at, ">From ", 6) == 0)) {
		const char *end = memchr(bytes + at, '\n', size - at);

		if (end)
			at = (gsize)(end + 1 - bytes);
	}
	return at;
}

gboolean mime_begins_header(const char *line, const char *end)
{
	const char *p = line;

	while (p < end && (guchar)*p > ' ' && *p != ':')
		p++;
	return p > line && p < end && *p == ':';
}

/*
 * How many of the bytes are read for their headers: GMime keeps some 500 bytes for each header of
 * each part, however short. Headers may stand at the beginning, behind a delimiter, and behind an
 * empty line (of a message within the message); a line that is none ends them.
 */
static gsize headers_size(const char *bytes, gsize size)
{
	const char *line = bytes, *end = bytes + size, *stop;
	gboolean head = TRUE;
	guint n = 0;

	for (; line < end; line = stop + 1) {
		stop = memchr(line, '\n', (gsize)(end - line));
		if (!stop)
			stop = end;
		if (stop == line || (stop == line + 1 && *line == '\r') ||
		    (stop > line + 1 && line[0] == '-' && line[1] == '-'))
			head = TRUE;
		else if (head && mime_begins_header(line, stop))
			n++;
		else if (*line != ' ' && *line != '\t')
			head = FALSE;
		if (n > MIME_HEADERS_ALL_MAX)
			return (gsize)(line - bytes);
	}
	return size;
}

/* How many of the bytes are read: up to where there are too many boundaries or delimiters. */
static gsize bounded_size(const char *bytes, gsize size)
{
	const char *p = bytes, *end = bytes + size;
	guint n = 0;

	while ((p = memmem(p, (gsize)(end - p), "oundary=", 8))) {
		p += 8;
		if (++n > MIME_BOUNDARY_MAX)
			return (gsize)(p - bytes);
	}
	if (n == 0)
		return size; /* no multipart at all */
	n = 0;
	p = bytes;
	while ((p = memmem(p, (gsize)(end - p), "\n--", 3))) {
		p += 3;
		if (++n > MIME_DELIMITER_MAX)
			return (gsize)(p - bytes);
	}
	return size;
}

/* Whether the header block ends within its limit. */
static gboolean head_fits(const char *bytes, gsize size)
{
	if (size <= MIME_HEAD_MAX)
		return TRUE;
	return memmem(bytes, MIME_HEAD_MAX, "\n\n", 2) || memmem(bytes, MIME_HEAD_MAX, "\n\r\n", 3);
}

/* Whether the line begins a header that GMime reads for its addresses. */
static gboolean begins_addresses(const char *line, const char *end)
{
	static const char *const names[] = {"from", "sender", "reply-to", "to", "cc", "bcc"};

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		gsize length = strlen(names[i]);
		const char *p = line + length;

		if ((gsize)(end - line) <= length ||
		    g_ascii_strncasecmp(line, names[i], length) != 0)
			continue;
		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		if (p < end && *p == ':')
			return TRUE;
	}
	return FALSE;
}

/*
 * How many of the bytes are read for their addresses: GMime takes a comma for a part of a name and
 * looks ahead for what ends the address, then begins anew behind the comma. Names without end,
 * divided by commas, take it the square of their length. Groups within groups take its stack.
 */
static gsize addresses_size(const char *bytes, gsize size)
{
	const char *line = bytes, *end = bytes + size, *stop;
	guint64 steps = 0, commas = 0; /* since the last sign of an address */
	guint colons = 0;
	gboolean inside = FALSE;

	for (; line < end; line = stop + 1) {
		stop = memchr(line, '\n', (gsize)(end - line));
		if (!stop)
			stop = end;
		if (*line != ' ' && *line != '\t') {
			commas = colons = 0;
			inside = begins_addresses(line, stop);
		}
		for (const char *p = line; inside && p < stop; p++) {
			if (*p == ',')
				commas++;
			else if (strchr("@<>:;[]\\)", *p))
				commas = 0;
			colons += *p == ':';
			steps += commas;
			if (steps > NAMES_MAX || colons > GROUPS_MAX)
				return (gsize)(line - bytes);
		}
	}
	return size;
}

void mime_remark(GPtrArray *problems, const char *what)
{
	for (guint i = 0; i < problems->len; i++)
		if (strcmp(g_ptr_array_index(problems, i), what) == 0)
			return;
	g_ptr_array_add(problems, g_strdup(what));
}

const char *mime_bound(GBytes *raw, gsize *size_out, GPtrArray *problems)
{
	static const struct {
		gsize (*bound)(const char *bytes, gsize size);
		const char *problem;
	} bounds[] = {{headers_size, "too-many-headers"},
		      {addresses_size, "too-many-headers"},
		      {bounded_size, "too-many-parts"}};
	gsize size, start;
	const char *bytes = g_bytes_get_data(raw, &size);

	start = size ? beginning(bytes, size) : 0;
	bytes = size ? bytes + start : "";
	size -= start;
	if (size > MIME_MESSAGE_MAX) {
		mime_remark(problems, "message-cut");
		size = MIME_MESSAGE_MAX;
	}
	if (!head_fits(bytes, size)) {
		mime_remark(problems, "head-cut");
		size = MIME_HEAD_MAX;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(bounds); i++) {
		gsize bounded = bounds[i].bound(bytes, size);

		if (bounded < size)
			mime_remark(problems, bounds[i].problem);
		size = bounded;
	}
	*size_out = size;
	return bytes;
}
