#pragma once

/*
 * Writing a zip file (.docx) in memory. libarchive's writer puts the CRC of a stored entry behind
 * its data, which some readers of .docx refuse and which cannot be patched in place; so these few
 * lines write sizes and CRC into the local header. Same input, same bytes: the date is fixed.
 */
#include <glib.h>

struct package;

struct package *package_new(void);
void package_free(struct package *package);
typedef struct package package_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(package_handle, package_free)

/* Adds an entry; `stored` leaves it uncompressed, so that package_patch() can change it. */
void package_add(struct package *package, const char *name, const char *data, gsize size,
		 gboolean stored);

/* Ends the file. Returns: (transfer full) its bytes; `package` is empty then. */
GBytes *package_finish(struct package *package);

/*
 * A copy of `zip` (made here) in which the stored entry `name` has `with` wherever it had `what`;
 * both have the same length. Its CRC is put right.
 * Returns: (transfer full) the copy; NULL when there is no such stored entry or `what` is not in
 * it.
 */
GBytes *package_patch(GBytes *zip, const char *name, const char *what, const char *with);
