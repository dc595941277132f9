#pragma once

/*
 * Rich Text Format 1.9 as plain text: what Outlook puts into winmail.dat, and .rtf files. Styles,
 * pictures and fields' codes are left out; where HTML is wrapped in it (MS-OXRTFEX), the HTML is
 * read. Pure; time and memory grow with the length only.
 */
#include <glib.h>

#define RTF_SOURCE_MAX (16u << 20) /* bytes that are read; the rest is cut */
#define RTF_TEXT_MAX   (1u << 20)  /* bytes of text that one document gives */
#define RTF_DEPTH_MAX  200u        /* groups within groups; deeper ones give no text */

/* Returns: (transfer full) UTF-8 lines divided by \n, "" where there is no text. */
char *rtf_to_text(const char *bytes, gsize size);

/*
 * Unpacks what PR_RTF_COMPRESSED holds (MS-OXRTFCP). Returns: (transfer full) NULL with
 * PINGYI_ERROR_INPUT when it is broken or gives more than RTF_SOURCE_MAX bytes.
 */
GBytes *rtf_unpack(const guint8 *bytes, gsize size, GError **error);
