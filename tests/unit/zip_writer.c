#include "tests/unit/zip_writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <check.h>
#include <string.h>

#define ROOM (32u << 20)

static gboolean begin(struct zip_writer *zip, const char *locked)
{
	zip->buffer = g_malloc(ROOM);
	zip->size = 0;
	zip->archive = archive_write_new();
	archive_write_set_format_zip(zip->archive);
	if (locked && (archive_write_set_format_option(zip->archive, "zip", "encryption", locked) !=
			   ARCHIVE_OK ||
		       archive_write_set_passphrase(zip->archive, "x") != ARCHIVE_OK)) {
		archive_write_free(zip->archive);
		g_free(zip->buffer);
		return FALSE;
	}
	ck_assert_int_eq(archive_write_open_memory(zip->archive, zip->buffer, ROOM, &zip->size),
			 ARCHIVE_OK);
	return TRUE;
}

void zip_writer_begin(struct zip_writer *zip)
{
	begin(zip, NULL);
}

void zip_writer_add(struct zip_writer *zip, const char *name, const char *piece, gsize length,
		    guint n)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_size(entry, (gint64)length * n);
	/* it warns of a name that is no text in the locale's charset, and writes it as it is */
	ck_assert_int_ge(archive_write_header(zip->archive, entry), ARCHIVE_WARN);
	for (guint i = 0; i < n; i++)
		ck_assert_int_eq(archive_write_data(zip->archive, piece, length), (gint64)length);
	archive_entry_free(entry);
}

GBytes *zip_writer_end(struct zip_writer *zip)
{
	archive_write_close(zip->archive);
	archive_write_free(zip->archive);
	return g_bytes_new_take(g_realloc(g_steal_pointer(&zip->buffer), zip->size), zip->size);
}

GBytes *zip_of(const char *name, const char *piece, gsize length, guint n)
{
	struct zip_writer zip;

	zip_writer_begin(&zip);
	zip_writer_add(&zip, name, piece, length, n);
	return zip_writer_end(&zip);
}

GBytes *zip_of_files(const struct zip_file *files, guint n, const char *locked)
{
	struct zip_writer zip;

	if (!begin(&zip, locked))
		return NULL;
	for (guint i = 0; i < n; i++)
		zip_writer_add(&zip, files[i].name, files[i].bytes,
			       files[i].size ? files[i].size : strlen(files[i].bytes), 1);
	return zip_writer_end(&zip);
}
