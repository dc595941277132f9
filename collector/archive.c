#include "collector/archive.h"

#include "base/charset.h"
#include "base/error.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#define LOCAL_MAGIC     0x04034b50u /* APPNOTE 4.3.7 */
#define CENTRAL_MAGIC   0x02014b50u /* 4.3.12 */
#define END_MAGIC       0x06054b50u /* 4.3.16 */
#define LOCAL_BYTES     30u
#define CENTRAL_BYTES   46u
#define END_BYTES       22u
#define COMMENT_MAX     65535u
#define FLAG_LOCKED     0x0001u
#define FLAG_UTF8       0x0800u
#define EXTRA_64        0x0001u     /* 4.5.3 */
#define EXTRA_UTF8_NAME 0x7075u     /* 4.6.9 */
#define SAYS_EXTRA      0xffffffffu /* a size that stands in the 64-bit field */
#define NAME_MAX_BYTES  500u
#define BLOCK           16384u

static guint16 get16(const guint8 *at)
{
	return (guint16)(at[0] | at[1] << 8);
}

static guint32 get32(const guint8 *at)
{
	return get16(at) | (guint32)get16(at + 2) << 16;
}

static guint64 get64(const guint8 *at)
{
	return get32(at) | (guint64)get32(at + 4) << 32;
}

static void put16(guint8 *at, guint16 value)
{
	at[0] = (guint8)value;
	at[1] = (guint8)(value >> 8);
}

static void put32(guint8 *at, guint32 value)
{
	put16(at, (guint16)value);
	put16(at + 2, (guint16)(value >> 16));
}

static void entry_free(struct zip_entry *entry)
{
	g_free(entry->name);
	g_free(entry);
}

static void set_broken(GError **error)
{
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("the file is broken: not a whole zip archive"));
}

gboolean zip_is(GBytes *file)
{
	gsize size;
	const guint8 *bytes = g_bytes_get_data(file, &size);

	return size >= END_BYTES && (get32(bytes) == LOCAL_MAGIC || get32(bytes) == END_MAGIC);
}

/* The record that ends the directory: the last one, for a comment may hold others' bytes. */
static const guint8 *find_end(const guint8 *bytes, gsize size)
{
	gsize first = size > END_BYTES + COMMENT_MAX ? size - END_BYTES - COMMENT_MAX : 0;

	if (size < END_BYTES)
		return NULL;
	for (gsize at = size - END_BYTES + 1; at-- > first;)
		if (get32(bytes + at) == END_MAGIC)
			return bytes + at;
	return NULL;
}

/* The extra field of that kind and its length; NULL when there is none. */
static const guint8 *find_extra(const guint8 *extra, gsize size, guint16 kind, gsize *length_out)
{
	while (size >= 4) {
		gsize length = get16(extra + 2);

		if (length > size - 4)
			return NULL;
		if (get16(extra) == kind) {
			*length_out = length;
			return extra + 4;
		}
		extra += 4 + length;
		size -= 4 + length;
	}
	return NULL;
}

/* What one record of the directory says. */
struct central {
	const guint8 *name, *extra;
	gsize name_length, extra_length;
	guint16 flags;
	guint64 size, packed, offset;
};

/* Sizes too large for 32 bits, or not known when the entry was begun, stand in a field of 64. */
static gboolean read_large(struct central *central)
{
	guint64 *const wide[] = {&central->size, &central->packed, &central->offset};
	gsize left = 0;
	const guint8 *at = find_extra(central->extra, central->extra_length, EXTRA_64, &left);

	for (guint i = 0; i < G_N_ELEMENTS(wide); i++) {
		if (*wide[i] != SAYS_EXTRA)
			continue;
		if (!at || left < 8)
			return FALSE;
		*wide[i] = get64(at);
		at += 8;
		left -= 8;
	}
	return TRUE;
}

static char *entry_name(const struct central *central)
{
	gsize length = 0;
	const guint8 *utf8 =
	    find_extra(central->extra, central->extra_length, EXTRA_UTF8_NAME, &length);
	const char *label = central->flags & FLAG_UTF8 ? "utf-8" : NULL;
	g_autofree char *name = NULL;
	const char *stop;

	/* a version and a checksum stand before it */
	if (utf8 && length > 5 && g_utf8_validate((const char *)utf8 + 5, (gssize)length - 5, NULL))
		name = charset_to_utf8((const char *)utf8 + 5, length - 5, "utf-8", NULL);
	else
		name =
		    charset_to_utf8((const char *)central->name, central->name_length, label, NULL);
	g_strdelimit(name, "\\", '/');
	g_utf8_validate_len(name, MIN(strlen(name), NAME_MAX_BYTES), &stop);
	return g_strndup(name, (gsize)(stop - name));
}

/* Folders, and what systems put in for themselves. */
static gboolean is_no_file(const char *name)
{
	static const char *const own[] = {".DS_Store", "Thumbs.db", "desktop.ini"};
	const char *slash = strrchr(name, '/');
	const char *last = slash ? slash + 1 : name;

	if (*last == '\0' || g_str_has_prefix(name, "__MACOSX/"))
		return TRUE;
	for (guint i = 0; i < G_N_ELEMENTS(own); i++)
		if (g_ascii_strcasecmp(last, own[i]) == 0)
			return TRUE;
	return FALSE;
}

/* Where the packed bytes are: behind the entry's own header, whose lengths may differ. */
static gboolean find_data(const guint8 *bytes, gsize size, const struct central *central,
			  gsize *data_out)
{
	gsize head;

	if (size < LOCAL_BYTES || central->offset > size - LOCAL_BYTES ||
	    get32(bytes + central->offset) != LOCAL_MAGIC)
		return FALSE;
	head = LOCAL_BYTES + (gsize)get16(bytes + central->offset + 26) +
	       get16(bytes + central->offset + 28);
	if (head > size - central->offset || central->packed > size - central->offset - head)
		return FALSE;
	*data_out = (gsize)central->offset + head;
	return TRUE;
}

/* Reads the record at `at`, of which `left` bytes are there; NULL when it is broken. */
static struct zip_entry *read_entry(const guint8 *bytes, gsize size, const guint8 *at, gsize left,
				    gsize *length_out)
{
	struct central central;
	struct zip_entry *entry;
	gsize data;

	if (left < CENTRAL_BYTES || get32(at) != CENTRAL_MAGIC)
		return NULL;
	central.flags = get16(at + 8);
	central.packed = get32(at + 20);
	central.size = get32(at + 24);
	central.offset = get32(at + 42);
	central.name = at + CENTRAL_BYTES;
	central.name_length = get16(at + 28);
	central.extra = central.name + central.name_length;
	central.extra_length = get16(at + 30);
	*length_out = CENTRAL_BYTES + central.name_length + central.extra_length + get16(at + 32);
	if (*length_out > left || !read_large(&central) || !find_data(bytes, size, &central, &data))
		return NULL;
	entry = g_new0(struct zip_entry, 1);
	entry->name = entry_name(&central);
	entry->data = data;
	entry->packed = (gsize)central.packed;
	entry->size = central.size;
	entry->crc = get32(at + 16);
	entry->method = get16(at + 10);
	entry->locked = (central.flags & FLAG_LOCKED) != 0;
	return entry;
}

GPtrArray *zip_list(GBytes *file, GError **error)
{
	g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);
	gsize size, left, length;
	const guint8 *bytes = g_bytes_get_data(file, &size);
	const guint8 *end = find_end(bytes, size), *at;
	guint n = end ? get16(end + 10) : 0;

	if (n > ZIP_ENTRIES_MAX) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("the archive has more than %u files"), ZIP_ENTRIES_MAX);
		return NULL;
	}
	if (!end || get32(end + 16) > (gsize)(end - bytes)) {
		set_broken(error);
		return NULL;
	}
	at = bytes + get32(end + 16);
	left = (gsize)(end - at);
	for (guint i = 0; i < n; i++) {
		struct zip_entry *entry = read_entry(bytes, size, at, left, &length);

		if (!entry) {
			set_broken(error);
			return NULL;
		}
		if (is_no_file(entry->name))
			entry_free(entry);
		else
			g_ptr_array_add(entries, entry);
		at += length;
		left -= length;
	}
	return g_steal_pointer(&entries);
}

/* An archive of this entry alone, as libarchive reads it from a stream: a header that says the
 * directory's sizes, for the entry's own may leave them out, and the packed bytes. */
static GByteArray *alone(GBytes *file, const struct zip_entry *entry)
{
	guint8 head[LOCAL_BYTES + 1] = {0};
	GByteArray *one = g_byte_array_sized_new((guint)(sizeof head + entry->packed));
	const guint8 *bytes = g_bytes_get_data(file, NULL);

	put32(head, LOCAL_MAGIC);
	put16(head + 4, 20); /* the version that is needed */
	put16(head + 8, entry->method);
	put32(head + 14, entry->crc);
	put32(head + 18, (guint32)entry->packed);
	put32(head + 22, (guint32)entry->size);
	put16(head + 26, 1);
	head[LOCAL_BYTES] = 'x';
	g_byte_array_append(one, head, sizeof head);
	g_byte_array_append(one, bytes + entry->data, (guint)entry->packed);
	return one;
}

static gboolean fits(guint64 size, gsize packed, gsize max_bytes, GError **error)
{
	const char *why = NULL;

	if (size > max_bytes)
		why = _("the file is too large when unpacked");
	else if (size > ZIP_RATIO_FREE && size / ZIP_RATIO_MAX > packed)
		why = _("the file unpacks to far more than it holds");
	if (why)
		g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, why);
	return why == NULL;
}

static GBytes *unpack(struct archive *archive, const struct zip_entry *entry, gsize max_bytes,
		      GError **error)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	guint8 buffer[BLOCK];
	la_ssize_t got = 0;

	while ((got = archive_read_data(archive, buffer, sizeof buffer)) > 0) {
		if (!fits((guint64)out->len + (guint64)got, entry->packed, max_bytes, error))
			return NULL;
		g_byte_array_append(out, buffer, (guint)got);
	}
	if (got == 0 && out->len == entry->size)
		return g_byte_array_free_to_bytes(g_steal_pointer(&out));
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("the file is broken: a part cannot be unpacked"));
	return NULL;
}

GBytes *zip_unpack(GBytes *file, const struct zip_entry *entry, gsize max_bytes, GError **error)
{
	g_autoptr(GByteArray) one = NULL;
	struct archive *archive;
	struct archive_entry *found;
	GBytes *out = NULL;

	if (entry->locked) {
		g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
				    _("the file is locked by a password"));
		return NULL;
	}
	if (!fits(entry->size, entry->packed, max_bytes, error))
		return NULL;
	one = alone(file, entry);
	archive = archive_read_new();
	archive_read_support_format_zip_streamable(archive);
	if (archive_read_open_memory(archive, one->data, one->len) == ARCHIVE_OK &&
	    archive_read_next_header(archive, &found) >= ARCHIVE_WARN)
		out = unpack(archive, entry, max_bytes, error);
	else
		set_broken(error);
	archive_read_free(archive);
	return out;
}
