#pragma once

/*
 * Zip archives that strangers send (APPNOTE.TXT 6.3), over memory, Office files among them: the
 * directory is read here, so that names keep the bytes they were written in, and libarchive
 * unpacks one entry at a time. Nothing is written to disk and nothing is believed: entries that
 * share bytes are refused, sizes are bounded before memory is taken and again while it fills, for
 * an entry and for all of the archive. Pure.
 *
 * PINGYI_ERROR_INPUT everywhere: the file is broken, locked, or beyond a bound.
 */
#include <glib.h>

struct zip_bounds {
	guint entries; /* of one archive, folders among them */
	guint ratio;   /* unpacked bytes for one packed byte, of an entry and of the archive … */
	guint64 ratio_free; /* … beyond this size */
};

struct zip_entry {
	char *name;   /* UTF-8, "/" between folders: the sender's word, never a path to use */
	guint number; /* its place in the directory, from 1 on */
	gsize head;   /* where its own header begins */
	gsize data;   /* where its packed bytes begin */
	gsize packed; /* bytes of them, all within the file */
	guint64 size; /* unpacked, as the archive says; another size is an error */
	guint32 crc;  /* of the unpacked bytes */
	guint16 method;
	gboolean locked; /* by a password */
};

struct zip;

/* Whether the bytes begin as a zip archive does. */
gboolean zip_is(GBytes *file);

/*
 * Reads the directory. Names are UTF-8 where the archive says so or the bytes are, else GB18030.
 * Returns: (transfer full) NULL with an error when it is broken, has more than bounds->entries, or
 * entries that overlap.
 */
struct zip *zip_open(GBytes *file, const struct zip_bounds *bounds, GError **error);
void zip_free(struct zip *zip);

/* The files (struct zip_entry) in the directory's order, folders and what systems put in for
 * themselves (__MACOSX, Thumbs.db) left out. Borrowed. */
const GPtrArray *zip_entries(const struct zip *zip);

/* Bytes unpacked so far, of all entries, also of those that turned out broken. */
guint64 zip_taken(const struct zip *zip);

/* An entry's bytes. Returns: (transfer full) NULL with an error; longer than `max_bytes` is one. */
GBytes *zip_unpack(struct zip *zip, const struct zip_entry *entry, gsize max_bytes, GError **error);

/* The same, bit by bit. `zip` outlives the stream. (transfer full) NULL with an error. */
struct zip_stream *zip_stream_open(struct zip *zip, const struct zip_entry *entry,
				   guint64 max_bytes, GError **error);

/* Up to `n` bytes; 0 at the end, -1 with an error. */
gssize zip_stream_read(struct zip_stream *stream, void *buffer, gsize n, GError **error);
void zip_stream_free(struct zip_stream *stream);

typedef struct zip zip_archive;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(zip_archive, zip_free)
typedef struct zip_stream zip_stream;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(zip_stream, zip_stream_free)
