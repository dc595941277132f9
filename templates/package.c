#include "templates/package.h"

#include <gio/gio.h>
#include <string.h>

/* APPNOTE.TXT 4.3: signatures and lengths of the fixed parts. */
#define LOCAL_SIGNATURE     0x04034b50U
#define LOCAL_LENGTH        30U
#define CENTRAL_SIGNATURE   0x02014b50U
#define CENTRAL_LENGTH      46U
#define END_SIGNATURE       0x06054b50U
#define END_LENGTH          22U
#define VERSION_NEEDED      20U
#define FLAG_UTF8           0x0800U
#define METHOD_STORED       0U
#define METHOD_DEFLATED     8U
#define DOS_DATE_1980_01_01 0x0021U

struct package {
	GByteArray *body;
	GByteArray *directory;
	guint count;
};

struct package *package_new(void)
{
	struct package *package = g_new0(struct package, 1);

	package->body = g_byte_array_new();
	package->directory = g_byte_array_new();
	return package;
}

void package_free(struct package *package)
{
	if (package == NULL)
		return;
	g_byte_array_unref(package->body);
	g_byte_array_unref(package->directory);
	g_free(package);
}

static guint32 crc32_of(const guint8 *data, gsize size)
{
	static const guint32 nibbles[16] = {
	    0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
	    0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
	    0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	guint32 crc = 0xffffffffU;

	for (gsize i = 0; i < size; i++) {
		crc ^= data[i];
		crc = nibbles[crc & 15] ^ (crc >> 4);
		crc = nibbles[crc & 15] ^ (crc >> 4);
	}
	return ~crc;
}

static void put(GByteArray *out, guint32 value, guint bytes)
{
	for (guint i = 0; i < bytes; i++) {
		guint8 byte = (guint8)(value >> (8 * i));

		g_byte_array_append(out, &byte, 1);
	}
}

static guint32 get(const guint8 *p, guint bytes)
{
	guint32 value = 0;

	for (guint i = 0; i < bytes; i++)
		value |= (guint32)p[i] << (8 * i);
	return value;
}

static GByteArray *deflate_bytes(const char *data, gsize size)
{
	g_autoptr(GZlibCompressor) compressor =
	    g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_RAW, 9);
	GByteArray *out = g_byte_array_new();
	GConverterResult result;
	gsize done = 0;

	do {
		guint8 buffer[16384];
		gsize taken = 0;
		gsize made = 0;

		result = g_converter_convert(G_CONVERTER(compressor), data + done, size - done,
					     buffer, sizeof(buffer), G_CONVERTER_INPUT_AT_END,
					     &taken, &made, NULL);
		g_byte_array_append(out, buffer, (guint)made);
		done += taken;
	} while (result == G_CONVERTER_CONVERTED);
	g_assert(result == G_CONVERTER_FINISHED); /* deflating memory has no other way to end */
	return out;
}

/* The fields that local header and directory have in common: version needed … name length, no
 * extra field. */
static void put_common(GByteArray *out, gboolean stored, guint32 crc, gsize packed, gsize size,
		       gsize name_length)
{
	put(out, VERSION_NEEDED, 2);
	put(out, FLAG_UTF8, 2);
	put(out, stored ? METHOD_STORED : METHOD_DEFLATED, 2);
	put(out, 0, 2); /* time */
	put(out, DOS_DATE_1980_01_01, 2);
	put(out, crc, 4);
	put(out, (guint32)packed, 4);
	put(out, (guint32)size, 4);
	put(out, (guint32)name_length, 2);
	put(out, 0, 2);
}

void package_add(struct package *package, const char *name, const char *data, gsize size,
		 gboolean stored)
{
	g_autoptr(GByteArray) packed = NULL;
	gsize name_length = strlen(name);
	guint32 crc = crc32_of((const guint8 *)data, size);
	guint32 offset = package->body->len;

	g_return_if_fail(size < G_MAXUINT32 / 2 && offset < G_MAXUINT32 / 2);
	if (!stored)
		packed = deflate_bytes(data, size);
	put(package->body, LOCAL_SIGNATURE, 4);
	put_common(package->body, stored, crc, packed != NULL ? packed->len : size, size,
		   name_length);
	g_byte_array_append(package->body, (const guint8 *)name, (guint)name_length);
	if (packed != NULL)
		g_byte_array_append(package->body, packed->data, packed->len);
	else
		g_byte_array_append(package->body, (const guint8 *)data, (guint)size);

	put(package->directory, CENTRAL_SIGNATURE, 4);
	put(package->directory, VERSION_NEEDED, 2);
	put_common(package->directory, stored, crc, packed != NULL ? packed->len : size, size,
		   name_length);
	put(package->directory, 0, 2); /* comment */
	put(package->directory, 0, 2); /* disk */
	put(package->directory, 0, 2); /* internal attributes */
	put(package->directory, 0, 4); /* external attributes */
	put(package->directory, offset, 4);
	g_byte_array_append(package->directory, (const guint8 *)name, (guint)name_length);
	package->count++;
}

GBytes *package_finish(struct package *package)
{
	guint32 offset = package->body->len;
	GByteArray *body = package->body;

	g_byte_array_append(body, package->directory->data, package->directory->len);
	put(body, END_SIGNATURE, 4);
	put(body, 0, 4); /* disks */
	put(body, package->count, 2);
	put(body, package->count, 2);
	put(body, package->directory->len, 4);
	put(body, offset, 4);
	put(body, 0, 2); /* comment */
	package->body = g_byte_array_new();
	g_byte_array_set_size(package->directory, 0);
	package->count = 0;
	return g_byte_array_free_to_bytes(body);
}

/* The directory's record of `name`, and of its data where they begin; NULL when there is none or
 * it is compressed. Every offset is checked: the form comes back from the database. */
static guint8 *find_stored(guint8 *zip, gsize size, const char *name, guint8 **local_out)
{
	gsize name_length = strlen(name);
	gsize at, end;

	if (size < END_LENGTH || get(zip + size - END_LENGTH, 4) != END_SIGNATURE)
		return NULL;
	end = size - END_LENGTH;
	at = get(zip + size - 6, 4);
	while (at <= end && end - at >= CENTRAL_LENGTH && get(zip + at, 4) == CENTRAL_SIGNATURE) {
		guint8 *record = zip + at;
		gsize length = get(record + 28, 2);
		gsize offset = get(record + 42, 4);

		if (end - at - CENTRAL_LENGTH < length)
			return NULL;
		at += CENTRAL_LENGTH + length + get(record + 30, 2) + get(record + 32, 2);
		if (length != name_length || memcmp(record + CENTRAL_LENGTH, name, length) != 0)
			continue;
		if (get(record + 10, 2) != METHOD_STORED || offset > end ||
		    end - offset < LOCAL_LENGTH + length)
			return NULL;
		*local_out = zip + offset;
		return record;
	}
	return NULL;
}

GBytes *package_patch(GBytes *zip, const char *name, const char *what, const char *with)
{
	gsize size;
	const guint8 *original = g_bytes_get_data(zip, &size);
	g_autofree guint8 *copy = g_memdup2(original, size);
	gsize length = strlen(what);
	guint8 *local = NULL;
	guint8 *record = find_stored(copy, size, name, &local);
	guint8 *data, *found;
	gsize data_size;
	guint32 crc;

	g_return_val_if_fail(length == strlen(with) && length > 0, NULL);
	if (record == NULL)
		return NULL;
	data = local + LOCAL_LENGTH + get(local + 26, 2) + get(local + 28, 2);
	data_size = get(record + 20, 4);
	if (data > copy + size || (gsize)(copy + size - data) < data_size)
		return NULL;
	found = memmem(data, data_size, what, length);
	if (found == NULL)
		return NULL;
	for (; found != NULL;
	     found = memmem(found, data_size - (gsize)(found - data), what, length))
		memcpy(found, with, length);
	crc = crc32_of(data, data_size);
	for (guint i = 0; i < 4; i++) {
		local[14 + i] = (guint8)(crc >> (8 * i));
		record[16 + i] = (guint8)(crc >> (8 * i));
	}
	return g_bytes_new_take(g_steal_pointer(&copy), size);
}
