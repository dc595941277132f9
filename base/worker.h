#pragma once

/* Who holds a lease: "host:pid". */
#include <glib.h>

/* The name of this process. Returns: (transfer full) */
char *worker_name(void);

/* Whether the process `worker` ran on this host and is no more; of another host nothing is known.
 */
gboolean worker_is_gone(const char *worker);
