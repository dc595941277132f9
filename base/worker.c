#include "base/worker.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

char *worker_name(void)
{
	return g_strdup_printf("%s:%d", g_get_host_name(), (int)getpid());
}

gboolean worker_is_gone(const char *worker)
{
	const char *colon = worker ? strrchr(worker, ':') : NULL;
	gint64 pid = 0;

	if (!colon || strlen(g_get_host_name()) != (gsize)(colon - worker) ||
	    strncmp(worker, g_get_host_name(), (gsize)(colon - worker)) != 0 ||
	    !g_ascii_string_to_signed(colon + 1, 10, 1, G_MAXINT, &pid, NULL))
		return FALSE;
	return kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}
