#include "collector/name.h"

#include <string.h>

gboolean name_ends_with(const char *name, const char *ending)
{
	gsize n = name ? strlen(name) : 0, m = strlen(ending);

	return n >= m && g_ascii_strcasecmp(name + n - m, ending) == 0;
}
