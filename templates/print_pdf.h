#pragma once

/*
 * Writing a PDF (ISO 32000-1, 1.5): objects, pages, and nothing of what stands on them. It is
 * written as it grows: besides an output buffer only eight bytes an object and four a page are
 * kept. Small objects go packed into object streams (7.5.7), places into a cross-reference stream
 * (7.5.8). Used by templates/print_*.c only.
 */
#include <glib.h>
#include <stdio.h>

struct pdf;

/* A PDF that goes to `file` (borrowed), or for NULL stays in memory. */
struct pdf *pdf_new(FILE *file);
void pdf_free(struct pdf *pdf);

/* The number of an object that is written later. */
guint pdf_reserve(struct pdf *pdf);

/* An object that is no stream: "<< … >>". Borrowed. */
void pdf_object(struct pdf *pdf, guint number, const char *text);

/* A stream; `entries` stand in its dictionary besides /Length and /Filter. It is deflated at
 * `level` (1 … 9; 0: as it is). */
void pdf_stream(struct pdf *pdf, guint number, const char *entries, const void *data, gsize size,
		int level);

/* A page of `width` × `height` pt; `resources` is an object or 0: those of pdf_resources(). */
void pdf_page(struct pdf *pdf, double width, double height, guint contents, guint resources);

/* What pages without resources of their own have. Before pdf_finish(). */
void pdf_resources(struct pdf *pdf, guint object);

guint pdf_pages(const struct pdf *pdf);

/* Writes page tree, catalog, `title` and places. FALSE with PINGYI_ERROR_TEMPORARY when the file
 * could not be written, now or before (a full disk passes). */
gboolean pdf_finish(struct pdf *pdf, const char *title, const char *language, GError **error);

/* Of a PDF in memory: what has been written so far is remembered; pdf_back() goes back to it after
 * pdf_finish(), as often as wanted. */
void pdf_mark(struct pdf *pdf);
void pdf_back(struct pdf *pdf);

/* Of a PDF in memory, after pdf_finish(). Borrowed until the next call. */
const char *pdf_bytes(const struct pdf *pdf, gsize *size_out);

/* Appends a number with at most two decimals, as short as it goes, and a space. */
void pdf_number(GString *out, double value);

/* Appends a string as PDF text "(…)" or, where it is not ASCII, UTF-16. */
void pdf_text(GString *out, const char *text);

typedef struct pdf pdf_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pdf_handle, pdf_free)
