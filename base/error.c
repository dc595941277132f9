#include "base/error.h"

#include <sysexits.h>

G_DEFINE_QUARK(pingyi - error - quark, pingyi_error)

int pingyi_error_exit_code(const GError *error)
{
	if (!g_error_matches(error, PINGYI_ERROR, error->code))
		return error->domain == G_OPTION_ERROR ? EX_USAGE : EX_SOFTWARE;
	switch ((enum pingyi_error)error->code) {
	case PINGYI_ERROR_INPUT:
		return EX_DATAERR;
	case PINGYI_ERROR_STATE:
		return EX_UNAVAILABLE;
	case PINGYI_ERROR_DENIED:
		return EX_NOPERM;
	case PINGYI_ERROR_TEMPORARY:
		return EX_TEMPFAIL;
	case PINGYI_ERROR_PERMANENT:
		return EX_CANTCREAT;
	case PINGYI_ERROR_BUG:
		break;
	}
	return EX_SOFTWARE;
}
