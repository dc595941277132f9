#pragma once

/*
 * The text of a PDF. poppler's pdftotext reads it, in a cage of its own (cage_exec()): started by a
 * process that is not caged, since a caged one starts nothing. Whoever reads attachments calls
 * pdf_read(), wherever it runs; how the text is got there is said once by pdf_use().
 */
#include <gio/gio.h>

#define PDF_PROGRAM    "/usr/bin/pdftotext"
#define PDF_BYTES_MAX  (64u * 1024 * 1024) /* of one document */
#define PDF_TEXT_MAX   (1024u * 1024)      /* bytes of its text; the rest is cut */
#define PDF_PAGES_MAX  "1000"              /* the rest is not read */
#define PDF_TIMEOUT_MS 20000u              /* for one document */

/* Whether it is one, by its first bytes; later ones count when type or name say so. */
gboolean pdf_is(GBytes *content, const char *type, const char *name);

enum pdf_want {
	PDF_TEXT,  /* in the order in which it is read */
	PDF_PLACES /* where each word stands, as `pdftotext -tsv` says it: never a part of them */
};

typedef char *(*pdf_converter)(void *user, GBytes *pdf, enum pdf_want want, GError **error);

/* How pdf_read() works in this process: once, before anything is read. */
void pdf_use(pdf_converter converter, void *user);

/*
 * Returns: (transfer full) valid UTF-8, at most PDF_TEXT_MAX bytes; NULL without an error when it
 * holds no text (a scanned page: for a person) or no converter was named; NULL with
 * PINGYI_ERROR_INPUT when it cannot be read, is locked, too large, or takes too long.
 */
char *pdf_read(GBytes *pdf, enum pdf_want want, GError **error);

/*
 * The same by running the second cage, for at most `timeout_ms`: `program` is our binary, NULL for
 * this one. PINGYI_ERROR_TEMPORARY besides when it cannot be started or PDF_PROGRAM is absent.
 */
char *pdf_caged_text(const char *program, GBytes *pdf, enum pdf_want want, guint timeout_ms,
		     GError **error);

/* pdf_caged_text() with this binary, as a pdf_converter. */
char *pdf_by_this_program(void *user, GBytes *pdf, enum pdf_want want, GError **error);

/* `pingyi reader pdf` and `pingyi reader pdf-places`: becomes PDF_PROGRAM in its cage. Returns only
 * with an error. */
gboolean pdf_exec(enum pdf_want want, GError **error);
