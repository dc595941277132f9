#include "collector/source_again.h"

#include "base/error.h"

gboolean source_again(struct source_again *again, const GError *error)
{
	if (again->never || !again->was_open ||
	    !g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY))
		return FALSE;
	if (again->progress)
		again->turns = 0;
	again->progress = FALSE;
	if (again->turns == SOURCE_AGAIN_MAX || again->all++ == SOURCE_AGAIN_ALL)
		return FALSE;
	g_usleep((SOURCE_AGAIN_MS << again->turns++) * 1000ul);
	return TRUE;
}

gboolean source_again_not(struct source_again *again)
{
	again->never = TRUE;
	return FALSE;
}
