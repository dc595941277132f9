#pragma once

/*
 * winmail.dat: what Outlook and Exchange send instead of MIME (TNEF, MS-OXTNEF; properties by
 * MS-OXPROPS). Its body and what is attached in it. Pure; lengths are checked against the bytes
 * that are there, attachments are slices of them, so that memory grows with the file only.
 */
#include <glib.h>

#define TNEF_ATTRIBUTES_MAX  5000u /* attributes of one file */
#define TNEF_PROPERTIES_MAX  5000u /* properties of one list */
#define TNEF_VALUES_MAX      1000u /* values of one property */
#define TNEF_ATTACHMENTS_MAX 200u
#define TNEF_TEXT_MAX        (1u << 20) /* bytes of a text that are read */

struct tnef_attachment {
	char *name;      /* the sender's word, never a path to use; may be NULL */
	char *type;      /* its MIME type as written; may be NULL */
	GBytes *content; /* NULL when it has none */
};

struct tnef {
	char *body;             /* UTF-8 lines divided by \n; NULL when there is none */
	GPtrArray *attachments; /* of struct tnef_attachment, in order */
};

/* Whether the bytes begin as TNEF does. */
gboolean tnef_is(GBytes *file);

/*
 * The body is the plain one, else the HTML one, else the one of RTF. A file that breaks off gives
 * what stands before, with *whole_out FALSE.
 * Returns: (transfer full) NULL with PINGYI_ERROR_INPUT when it is not TNEF at all.
 */
struct tnef *tnef_read(GBytes *file, gboolean *whole_out, GError **error);
void tnef_free(struct tnef *tnef);
