#include "base/zip.h"

#include "base/charset.h"
#include "base/error.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#define LOCAL_MAGIC     0x04034b50u /* APPNOTE 4.3.7 */
#define CENTRAL_MAGIC   0x02014b50u /* 4.3.12 */
#define END_MAGIC       0x06054b50u /* 4.3.16 */
#define WIDE_END_MAGIC  0x06064b50u /* 4.3.14 */
#define LOCATOR_MAGIC   0x07064b50u /* 4.3.15 */
#define LOCAL_BYTES     30u
#define CENTRAL_BYTES   46u
#define END_BYTES       22u
#define WIDE_END_BYTES  56u
#define LOCATOR_BYTES   20u
#define COMMENT_MAX     65535u
#define FLAG_LOCKED     0x0001u
#define FLAG_UTF8       0x0800u
#define EXTRA_64        0x0001u     /* 4.5.3 */
#define EXTRA_UTF8_NAME 0x7075u     /* 4.6.9 */
#define SAYS_EXTRA      0xffffffffu /* a size that stands in the 64-bit field */
#define NAME_MAX_BYTES  500u
#define BLOCK           16384u

struct zip {
	GBytes *file;
	struct zip_bounds bounds;
	GPtrArray *entries; /* of struct zip_entry */
	guint64 taken;      /* unpacked bytes */
};

struct zip_stream {
	struct zip *zip;
	const struct zip_entry *entry;
	struct archive *archive;
	guint8 head[LOCAL_BYTES + 1];
	guint blocks; /* that libarchive has had */
	guint64 max, taken;
};

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

static gboolean fail(GError **error, const char *why)
{
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, why);
	return FALSE;
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
	entry->head = (gsize)central.offset;
	entry->data = data;
	entry->packed = (gsize)central.packed;
	entry->size = central.size;
	entry->crc = get32(at + 16);
	entry->method = get16(at + 10);
	entry->locked = (central.flags & FLAG_LOCKED) != 0;
	return entry;
}

/* The directory of an archive. */
struct directory {
	const guint8 *at, *end;
	guint64 entries;
};

/* Where the directory is; an archive of more than 65,534 files says it in a record of its own. */
static gboolean find_directory(const guint8 *bytes, gsize size, struct directory *directory)
{
	const guint8 *end = find_end(bytes, size), *locator, *wide;
	guint64 start, at;

	if (!end)
		return FALSE;
	directory->entries = get16(end + 10);
	start = get32(end + 16);
	locator = end - MIN((gsize)(end - bytes), LOCATOR_BYTES);
	if ((directory->entries == G_MAXUINT16 || start == SAYS_EXTRA) &&
	    end - locator == LOCATOR_BYTES && get32(locator) == LOCATOR_MAGIC) {
		at = get64(locator + 8);
		if (at > (gsize)(locator - bytes) || (gsize)(locator - bytes) - at < WIDE_END_BYTES)
			return FALSE;
		wide = bytes + at;
		if (get32(wide) != WIDE_END_MAGIC)
			return FALSE;
		directory->entries = get64(wide + 32);
		start = get64(wide + 48);
		end = wide;
	}
	if (start > (gsize)(end - bytes))
		return FALSE;
	directory->at = bytes + start;
	directory->end = end;
	return TRUE;
}

static int by_head(gconstpointer a, gconstpointer b)
{
	const struct zip_entry *left = *(const struct zip_entry *const *)a;
	const struct zip_entry *right = *(const struct zip_entry *const *)b;

	return left->head < right->head ? -1 : left->head > right->head;
}

/* Whether two entries share bytes: then a small archive may unpack to anything. */
static gboolean overlaps(const GPtrArray *entries)
{
	g_autofree const struct zip_entry **sorted =
	    g_memdup2(entries->pdata, entries->len * sizeof *entries->pdata);

	if (!sorted)
		return FALSE;
	qsort(sorted, entries->len, sizeof(gpointer), by_head);
	for (guint i = 1; i < entries->len; i++)
		if (sorted[i]->head < sorted[i - 1]->data + sorted[i - 1]->packed)
			return TRUE;
	return FALSE;
}

static gboolean read_entries(struct zip *zip, const struct directory *directory)
{
	gsize size, length, left = (gsize)(directory->end - directory->at);
	const guint8 *bytes = g_bytes_get_data(zip->file, &size), *at = directory->at;

	for (guint i = 0; i < directory->entries; i++) {
		struct zip_entry *entry = read_entry(bytes, size, at, left, &length);

		if (!entry)
			return FALSE;
		entry->number = i + 1;
		g_ptr_array_add(zip->entries, entry);
		at += length;
		left -= length;
	}
	return TRUE;
}

struct zip *zip_open(GBytes *file, const struct zip_bounds *bounds, GError **error)
{
	g_autoptr(zip_archive) zip = g_new0(struct zip, 1);
	struct directory directory;
	gsize size;
	const guint8 *bytes = g_bytes_get_data(file, &size);

	zip->file = g_bytes_ref(file);
	zip->bounds = *bounds;
	zip->entries = g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);
	if (!find_directory(bytes, size, &directory)) {
		fail(error, _("the file is broken: not a whole zip archive"));
		return NULL;
	}
	if (directory.entries > bounds->entries) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("the archive has more than %u files"), bounds->entries);
		return NULL;
	}
	if (!read_entries(zip, &directory)) {
		fail(error, _("the file is broken: not a whole zip archive"));
		return NULL;
	}
	if (overlaps(zip->entries)) {
		fail(error, _("the file is broken: its parts lie within one another"));
		return NULL;
	}
	for (guint i = zip->entries->len; i-- > 0;)
		if (is_no_file(((struct zip_entry *)g_ptr_array_index(zip->entries, i))->name))
			g_ptr_array_remove_index(zip->entries, i);
	return g_steal_pointer(&zip);
}

void zip_free(struct zip *zip)
{
	if (!zip)
		return;
	g_bytes_unref(zip->file);
	g_ptr_array_unref(zip->entries);
	g_free(zip);
}

const GPtrArray *zip_entries(const struct zip *zip)
{
	return zip->entries;
}

guint64 zip_taken(const struct zip *zip)
{
	return zip->taken;
}

/* The header of an archive of this entry alone, as libarchive reads it from a stream: it says the
 * directory's sizes, for the entry's own may leave them out. */
static void write_head(guint8 *head, const struct zip_entry *entry)
{
	put32(head, LOCAL_MAGIC);
	put16(head + 4, 20); /* the version that is needed */
	put16(head + 8, entry->method);
	put32(head + 14, entry->crc);
	put32(head + 18, (guint32)entry->packed);
	put32(head + 22, (guint32)entry->size);
	put16(head + 26, 1);
	head[LOCAL_BYTES] = 'x';
}

static la_ssize_t next_block(struct archive *archive, void *user, const void **block_out)
{
	struct zip_stream *stream = user;

	(void)archive;
	switch (stream->blocks++) {
	case 0:
		*block_out = stream->head;
		return sizeof stream->head;
	case 1:
		*block_out =
		    (const guint8 *)g_bytes_get_data(stream->zip->file, NULL) + stream->entry->data;
		return (la_ssize_t)stream->entry->packed;
	default:
		return 0;
	}
}

static gboolean is_bomb(const struct zip_bounds *bounds, guint64 size, guint64 packed)
{
	return size > bounds->ratio_free && size / bounds->ratio > packed;
}

/* Whether `size` bytes of the entry, and `all` of the archive, are within the bounds. */
static gboolean fits(const struct zip_stream *stream, guint64 size, guint64 all, GError **error)
{
	const struct zip_bounds *bounds = &stream->zip->bounds;

	if (size > stream->max)
		return fail(error, _("the file is too large when unpacked"));
	if (is_bomb(bounds, size, stream->entry->packed) ||
	    is_bomb(bounds, all, g_bytes_get_size(stream->zip->file)))
		return fail(error, _("the file unpacks to far more than it holds"));
	return TRUE;
}

struct zip_stream *zip_stream_open(struct zip *zip, const struct zip_entry *entry,
				   guint64 max_bytes, GError **error)
{
	g_autoptr(zip_stream) stream = g_new0(struct zip_stream, 1);
	struct archive_entry *found;

	stream->zip = zip;
	stream->entry = entry;
	stream->max = MIN(max_bytes, G_MAXINT32);
	if (entry->locked) {
		fail(error, _("the file is locked by a password"));
		return NULL;
	}
	if (!fits(stream, entry->size, zip->taken + entry->size, error))
		return NULL;
	if (entry->packed > G_MAXINT32) { /* more than the header that is written here can say */
		fail(error, _("the file is too large when unpacked"));
		return NULL;
	}
	write_head(stream->head, entry);
	stream->archive = archive_read_new();
	archive_read_support_format_zip_streamable(stream->archive);
	if (archive_read_open(stream->archive, stream, NULL, next_block, NULL) == ARCHIVE_OK &&
	    archive_read_next_header(stream->archive, &found) >= ARCHIVE_WARN)
		return g_steal_pointer(&stream);
	fail(error, _("the file is broken: not a whole zip archive"));
	return NULL;
}

gssize zip_stream_read(struct zip_stream *stream, void *buffer, gsize n, GError **error)
{
	la_ssize_t got = archive_read_data(stream->archive, buffer, n);

	if (got > 0) {
		stream->taken += (guint64)got;
		stream->zip->taken += (guint64)got;
		return fits(stream, stream->taken, stream->zip->taken, error) ? got : -1;
	}
	if (got == 0 && stream->taken == stream->entry->size)
		return 0;
	fail(error, _("the file is broken: a part cannot be unpacked"));
	return -1;
}

void zip_stream_free(struct zip_stream *stream)
{
	if (!stream)
		return;
	archive_read_free(stream->archive);
	g_free(stream);
}

GBytes *zip_unpack(struct zip *zip, const struct zip_entry *entry, gsize max_bytes, GError **error)
{
	g_autoptr(zip_stream) stream = zip_stream_open(zip, entry, max_bytes, error);
	g_autoptr(GByteArray) out = NULL;
	guint8 buffer[BLOCK];
	gssize got;

	if (!stream)
		return NULL;
	out = g_byte_array_new();
	while ((got = zip_stream_read(stream, buffer, sizeof buffer, error)) > 0)
		g_byte_array_append(out, buffer, (guint)got);
	return got == 0 ? g_byte_array_free_to_bytes(g_steal_pointer(&out)) : NULL;
}
