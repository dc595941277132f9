#include "collector/tnef.h"

#include "base/charset.h"
#include "base/error.h"
#include "collector/html.h"
#include "collector/rtf.h"

#include <string.h>

#define HEAD_BYTES      6u /* the magic and a key */
#define ATTRIBUTE_BYTES 9u /* level, id, length */
#define NAME_MAX_BYTES  500u

#define LEVEL_ATTACHMENT 2

/* Attributes, by the low half of their id. */
enum {
	ATTRIBUTE_BODY = 0x800c,
	ATTRIBUTE_DATA = 0x800f,
	ATTRIBUTE_TITLE = 0x8010,
	ATTRIBUTE_BEGIN = 0x9002, /* of an attachment */
	ATTRIBUTE_PROPERTIES = 0x9003,
	ATTRIBUTE_OF_ATTACHMENT = 0x9005,
	ATTRIBUTE_CODE_PAGE = 0x9007,
};

/* Properties (MS-OXPROPS). */
enum {
	PROPERTY_BODY = 0x1000,
	PROPERTY_RTF = 0x1009,
	PROPERTY_HTML = 0x1013,
	PROPERTY_DATA = 0x3701,
	PROPERTY_SHORT_NAME = 0x3704,
	PROPERTY_NAME = 0x3707,
	PROPERTY_MIME = 0x370e,
};

/* Types of their values (MS-OXCDATA 2.11.1). */
enum {
	TYPE_OBJECT = 0x000d,
	TYPE_BYTE_TEXT = 0x001e,
	TYPE_TEXT = 0x001f,
	TYPE_BINARY = 0x0102,
	TYPE_MANY = 0x1000,
};

#define NAMED      0x8000u /* properties from here on bring a name */
#define GUID_BYTES 16u

/* What is left to read. */
struct cursor {
	const guint8 *at, *end;
	gboolean broken;
};

struct tnef_reading {
	GBytes *file;
	struct tnef *tnef;
	char *plain, *html, *rtf; /* bodies */
	int code_page;
	struct tnef_attachment *now; /* the attachment under way, or NULL */
	gboolean whole;
};

static const guint8 *take(struct cursor *cursor, gsize n)
{
	const guint8 *taken = cursor->at;

	if (cursor->broken || n > (gsize)(cursor->end - cursor->at)) {
		cursor->broken = TRUE;
		return NULL;
	}
	cursor->at += n;
	return taken;
}

static guint32 take32(struct cursor *cursor)
{
	const guint8 *at = take(cursor, 4);

	return at ? at[0] | (guint32)at[1] << 8 | (guint32)at[2] << 16 | (guint32)at[3] << 24 : 0;
}

static guint32 take16(struct cursor *cursor)
{
	const guint8 *at = take(cursor, 2);

	return at ? at[0] | (guint32)at[1] << 8 : 0;
}

static guint32 take8(struct cursor *cursor)
{
	const guint8 *at = take(cursor, 1);

	return at ? at[0] : 0;
}

/* A length and so many bytes, filled up to four. */
static struct cursor take_padded(struct cursor *cursor)
{
	guint32 length = take32(cursor);
	const guint8 *at = take(cursor, length);
	struct cursor value = {at, at ? at + length : NULL, at == NULL};

	if (at && length % 4 != 0)
		take(cursor, 4 - length % 4);
	return value;
}

static gsize left(const struct cursor *cursor)
{
	return cursor->broken ? 0 : (gsize)(cursor->end - cursor->at);
}

static void attachment_free(struct tnef_attachment *attachment)
{
	g_free(attachment->name);
	g_free(attachment->type);
	g_clear_pointer(&attachment->content, g_bytes_unref);
	g_free(attachment);
}

void tnef_free(struct tnef *tnef)
{
	if (!tnef)
		return;
	g_free(tnef->body);
	g_ptr_array_unref(tnef->attachments);
	g_free(tnef);
}

gboolean tnef_is(GBytes *file)
{
	static const guint8 magic[] = {0x78, 0x9f, 0x3e, 0x22};
	gsize size;
	const void *bytes = g_bytes_get_data(file, &size);

	return size > HEAD_BYTES && memcmp(bytes, magic, sizeof magic) == 0;
}

static const char *page_label(int page)
{
	return page == 950     ? "big5"
	       : page == 65001 ? "utf-8"
	       : page == 1252  ? "windows-1252"
			       : NULL;
}

/* Text up to its zero. (transfer full) */
static char *text_of(const struct tnef_reading *reading, const struct cursor *value, guint type)
{
	gsize n = MIN(left(value), TNEF_TEXT_MAX);
	const char *bytes = (const char *)value->at;

	if (type == TYPE_TEXT) {
		gsize stop = 0;

		while (stop + 1 < n && (bytes[stop] || bytes[stop + 1]))
			stop += 2;
		return charset_to_utf8(stop ? bytes : "", stop, "utf-16le", NULL);
	}
	n = n ? strnlen(bytes, n) : 0;
	return charset_to_utf8(n ? bytes : "", n, page_label(reading->code_page), NULL);
}

static void set_text(char **to, char *text)
{
	if (*text == '\0') {
		g_free(text);
		return;
	}
	g_free(*to);
	*to = text;
}

static char *name_of(const struct tnef_reading *reading, const struct cursor *value, guint type)
{
	g_autofree char *whole = text_of(reading, value, type);
	const char *stop;

	g_utf8_validate_len(whole, MIN(strlen(whole), NAME_MAX_BYTES), &stop);
	return g_strndup(whole, (gsize)(stop - whole));
}

static GBytes *slice(const struct tnef_reading *reading, const struct cursor *value)
{
	const guint8 *start = g_bytes_get_data(reading->file, NULL);

	return g_bytes_new_from_bytes(reading->file, (gsize)(value->at - start), left(value));
}

static void set_content(const struct tnef_reading *reading, struct tnef_attachment *attachment,
			struct cursor value, guint type)
{
	if (type == TYPE_OBJECT) /* an interface's id stands before */
		take(&value, GUID_BYTES);
	if (value.broken)
		return;
	g_clear_pointer(&attachment->content, g_bytes_unref);
	attachment->content = slice(reading, &value);
}

static void read_body(struct tnef_reading *reading, guint id, guint type,
		      const struct cursor *value)
{
	if (id == PROPERTY_BODY && (type == TYPE_TEXT || type == TYPE_BYTE_TEXT))
		set_text(&reading->plain, text_of(reading, value, type));
	else if (id == PROPERTY_HTML)
		set_text(&reading->html,
			 text_of(reading, value, type == TYPE_TEXT ? TYPE_TEXT : TYPE_BYTE_TEXT));
	else if (id == PROPERTY_RTF && type == TYPE_BINARY) {
		g_autoptr(GBytes) rtf = rtf_unpack(value->at, left(value), NULL);
		gsize size = 0;
		const char *bytes = rtf ? g_bytes_get_data(rtf, &size) : NULL;

		if (bytes)
			set_text(&reading->rtf, rtf_to_text(bytes, size));
	}
}

static void read_of_attachment(struct tnef_reading *reading, struct tnef_attachment *attachment,
			       guint id, guint type, const struct cursor *value)
{
	gboolean is_text = type == TYPE_TEXT || type == TYPE_BYTE_TEXT;

	if (id == PROPERTY_DATA)
		set_content(reading, attachment, *value, type);
	else if (is_text &&
		 (id == PROPERTY_NAME || (id == PROPERTY_SHORT_NAME && !attachment->name)))
		set_text(&attachment->name, name_of(reading, value, type));
	else if (is_text && id == PROPERTY_MIME)
		set_text(&attachment->type, name_of(reading, value, type));
}

/* Bytes of a value whose type has always the same; 0: its length stands before it. */
static gsize fixed_bytes(guint type)
{
	switch (type) {
	case TYPE_OBJECT:
	case TYPE_BYTE_TEXT:
	case TYPE_TEXT:
	case TYPE_BINARY:
		return 0;
	case 0x0005: /* a double, money, times, a long number */
	case 0x0006:
	case 0x0007:
	case 0x0014:
	case 0x0040:
		return 8;
	case 0x0048:
		return GUID_BYTES;
	default:
		return 4;
	}
}

static void skip_name(struct cursor *cursor)
{
	take(cursor, GUID_BYTES);
	if (take32(cursor) == 0)
		take32(cursor);
	else
		take_padded(cursor);
}

/* One property: of several values the first counts. */
static void read_property(struct tnef_reading *reading, struct cursor *cursor,
			  struct tnef_attachment *attachment)
{
	guint type = take16(cursor), id = take16(cursor), single = type & ~(guint)TYPE_MANY;
	gsize fixed = fixed_bytes(single);
	guint32 n = 1;

	if (id >= NAMED)
		skip_name(cursor);
	if (fixed == 0 || type != single)
		n = take32(cursor);
	if (n > TNEF_VALUES_MAX)
		cursor->broken = TRUE;
	for (guint32 i = 0; i < n && !cursor->broken; i++) {
		struct cursor value = {NULL, NULL, TRUE};

		if (fixed > 0)
			take(cursor, fixed);
		else
			value = take_padded(cursor);
		if (i > 0 || value.broken)
			continue;
		if (attachment)
			read_of_attachment(reading, attachment, id, single, &value);
		else
			read_body(reading, id, single, &value);
	}
}

static void read_properties(struct tnef_reading *reading, struct cursor value,
			    struct tnef_attachment *attachment)
{
	guint32 n = take32(&value);

	for (guint32 i = 0; i < MIN(n, TNEF_PROPERTIES_MAX) && !value.broken; i++)
		read_property(reading, &value, attachment);
	reading->whole &= !value.broken && n <= TNEF_PROPERTIES_MAX;
}

static void begin_attachment(struct tnef_reading *reading)
{
	GPtrArray *all = reading->tnef->attachments;

	reading->now = NULL;
	if (all->len >= TNEF_ATTACHMENTS_MAX) {
		reading->whole = FALSE;
		return;
	}
	reading->now = g_new0(struct tnef_attachment, 1);
	g_ptr_array_add(all, reading->now);
}

static void read_attribute(struct tnef_reading *reading, guint level, guint id, struct cursor value)
{
	struct tnef_attachment *attachment = level == LEVEL_ATTACHMENT ? reading->now : NULL;

	if (id == ATTRIBUTE_CODE_PAGE)
		reading->code_page = (int)take32(&value);
	else if (id == ATTRIBUTE_BODY)
		set_text(&reading->plain, text_of(reading, &value, TYPE_BYTE_TEXT));
	else if (id == ATTRIBUTE_PROPERTIES)
		read_properties(reading, value, NULL);
	else if (id == ATTRIBUTE_BEGIN)
		begin_attachment(reading);
	else if (attachment && id == ATTRIBUTE_TITLE && !attachment->name)
		set_text(&attachment->name, name_of(reading, &value, TYPE_BYTE_TEXT));
	else if (attachment && id == ATTRIBUTE_DATA && !attachment->content)
		set_content(reading, attachment, value, TYPE_BINARY);
	else if (attachment && id == ATTRIBUTE_OF_ATTACHMENT)
		read_properties(reading, value, attachment);
}

static void read_attributes(struct tnef_reading *reading, struct cursor cursor)
{
	for (guint i = 0; left(&cursor) >= ATTRIBUTE_BYTES; i++) {
		guint level = take8(&cursor);
		guint id = take32(&cursor) & 0xffff;
		guint32 length = take32(&cursor);
		const guint8 *at = take(&cursor, length);
		struct cursor value = {at, at ? at + length : NULL, at == NULL};

		take(&cursor, 2); /* a checksum */
		if (!at || i >= TNEF_ATTRIBUTES_MAX) {
			reading->whole = FALSE;
			return;
		}
		read_attribute(reading, level, id, value);
	}
}

/* Lines divided by \n. */
static char *plain_lines(const char *text)
{
	char *copy = g_strdup(text), *to = copy;

	for (const char *from = text; *from; from++)
		if (*from != '\r' || from[1] != '\n')
			*to++ = *from;
	*to = '\0';
	return copy;
}

static char *best_body(const struct tnef_reading *reading)
{
	g_autofree char *marked = NULL;

	if (reading->plain)
		return plain_lines(reading->plain);
	if (reading->html) {
		marked = html_to_text(reading->html, strlen(reading->html));
		return html_unmark(marked);
	}
	return g_strdup(reading->rtf);
}

struct tnef *tnef_read(GBytes *file, gboolean *whole_out, GError **error)
{
	struct tnef_reading reading = {.file = file, .whole = TRUE};
	struct cursor cursor = {0};
	gsize size;

	if (!tnef_is(file)) {
		g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
				    _("the file is broken: not a winmail.dat"));
		return NULL;
	}
	reading.tnef = g_new0(struct tnef, 1);
	reading.tnef->attachments = g_ptr_array_new_with_free_func((GDestroyNotify)attachment_free);
	cursor.at = g_bytes_get_data(file, &size);
	cursor.end = cursor.at + size;
	take(&cursor, HEAD_BYTES);
	read_attributes(&reading, cursor);
	reading.tnef->body = best_body(&reading);
	g_free(reading.plain);
	g_free(reading.html);
	g_free(reading.rtf);
	*whole_out = reading.whole;
	return reading.tnef;
}
