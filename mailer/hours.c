#include "mailer/hours.h"

#include "base/error.h"

#include <stdio.h>
#include <string.h>

#define DAY 1440

gboolean hours_parse(const char *text, struct hours *hours_out, GError **error)
{
	guint h1;
	guint m1;
	guint h2;
	guint m2;
	char rest;

	*hours_out = (struct hours){0, 0};
	if (!*text)
		return TRUE;
	/* sscanf() would take signs and spaces too */
	if (strspn(text, "0123456789:-") == strlen(text) &&
	    sscanf(text, "%2u:%2u-%2u:%2u%c", &h1, &m1, &h2, &m2, &rest) == 4 && m1 < 60 &&
	    m2 < 60 && h1 * 60 + m1 < h2 * 60 + m2 && h2 * 60 + m2 <= DAY) {
		hours_out->from = h1 * 60 + m1;
		hours_out->until = h2 * 60 + m2;
		return TRUE;
	}
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("[mail] hours is “%s”; it can be empty or like 09:00-17:30"), text);
	return FALSE;
}

gboolean hours_contain(const struct hours *hours, GDateTime *local)
{
	guint minute = (guint)(g_date_time_get_hour(local) * 60 + g_date_time_get_minute(local));

	return hours->until == 0 || (minute >= hours->from && minute < hours->until);
}
