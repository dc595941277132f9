#pragma once

/* Zip archives for the tests of what reads them, written by libarchive. */
#include <glib.h>

struct archive;

struct zip_writer {
	struct archive *archive;
	char *buffer;
	gsize size;
};

void zip_writer_begin(struct zip_writer *zip);

/* A file of `piece`, `n` times. */
void zip_writer_add(struct zip_writer *zip, const char *name, const char *piece, gsize length,
		    guint n);

/* (transfer full) the archive, at most 32 MB; its memory ends where it ends. */
GBytes *zip_writer_end(struct zip_writer *zip);

/* … of one file. */
GBytes *zip_of(const char *name, const char *piece, gsize length, guint n);

struct zip_file {
	const char *name;
	const char *bytes;
	gsize size; /* 0: strlen(bytes) */
};

/* … of these; `locked`: "zipcrypt" or "aes256", or NULL. NULL where this libarchive cannot lock. */
GBytes *zip_of_files(const struct zip_file *files, guint n, const char *locked);
