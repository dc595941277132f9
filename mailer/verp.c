#include "mailer/verp.h"

#include "base/error.h"

#include <string.h>

gboolean verp_parse(const char *text, enum verp *verp_out, GError **error)
{
	static const char *const names[] = {"off", "plus", "domain"};

	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		if (strcmp(text, names[i]) == 0) {
			*verp_out = (enum verp)i;
			return TRUE;
		}
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("[mail] verp is “%s”; it can be off, plus or domain"), text);
	return FALSE;
}

char *verp_address(enum verp verp, const char *from, const char *bounce_domain, const char *number)
{
	const char *at = strrchr(from, '@');

	if (verp == VERP_PLUS && at)
		return g_strdup_printf("%.*s+%s%s", (int)(at - from), from, number, at);
	if (verp == VERP_DOMAIN && bounce_domain && *bounce_domain)
		return g_strdup_printf("%s@%s", number, bounce_domain);
	return g_strdup(from);
}
