#pragma once

/* Names of files, as people and programs give them. Pure. */
#include <glib.h>

/* Whether a name (NULL: none) ends so, ".eml", in whatever case: systems that do not tell capitals
 * apart write .EML as well. */
gboolean name_ends_with(const char *name, const char *ending);
