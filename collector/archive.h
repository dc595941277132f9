#pragma once

/*
 * Zip archives that strangers send (APPNOTE.TXT 6.3), over memory: the directory is read here, so
 * that names keep the bytes they were written in, and libarchive unpacks one entry at a time.
 * Nothing is written to disk and nothing is believed: sizes are bounded before memory is taken and
 * again while it fills. Pure.
 */
#include <glib.h>

#define ZIP_ENTRIES_MAX 1000u      /* entries of one archive */
#define ZIP_RATIO_MAX   250u       /* unpacked bytes for one packed byte … */
#define ZIP_RATIO_FREE  (1u << 20) /* … of an entry beyond this size */

struct zip_entry {
	char *name;   /* UTF-8, "/" between folders: the sender's word, never a path to use */
	gsize data;   /* where its packed bytes begin */
	gsize packed; /* bytes of them, all within the file */
	guint64 size; /* unpacked, as the archive says */
	guint32 crc;  /* of the unpacked bytes */
	guint16 method;
	gboolean locked; /* by a password */
};

/* Whether the bytes begin as a zip archive does. */
gboolean zip_is(GBytes *file);

/*
 * The archive's files in its own order, folders and what systems put in for themselves (__MACOSX,
 * Thumbs.db) left out. Names are UTF-8 where the archive says so or the bytes are, else GB18030.
 * Returns: (transfer full) of struct zip_entry; NULL with PINGYI_ERROR_INPUT when the directory is
 * broken or has more than ZIP_ENTRIES_MAX entries.
 */
GPtrArray *zip_list(GBytes *file, GError **error);

/*
 * An entry's bytes. Returns: (transfer full) NULL with PINGYI_ERROR_INPUT when it is locked,
 * broken, longer than `max_bytes`, or unpacks to far more than it holds.
 */
GBytes *zip_unpack(GBytes *file, const struct zip_entry *entry, gsize max_bytes, GError **error);
