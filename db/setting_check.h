#pragma once

/* Finds settings of a pingyi.conf that nothing reads, as misspelt ones are. The shipped one (asset
 * db/data/pingyi.conf) has every setting; besides it there may be more [source NAME], and [domain
 * NAME] with at_once and per_hour; [mail second] has those of [mail]. Pure. */
#include <glib.h>

/* A sentence for each section or setting that is not known, with the known one that it is most
 * like, in the order of the file. Returns: (transfer full) of char * */
GPtrArray *setting_check(GKeyFile *config);
