#pragma once

/*
 * Whether own words say anything, or only lead to what stands below them: who answers within a
 * letter that his client does not mark as quoted writes little more than a greeting above it. In
 * Chinese and English. Pure.
 */
#include <glib.h>

enum own_lead {
	LEAD_NONE,     /* they say something */
	LEAD_COURTESY, /* greetings, thanks, names of people and firms, a date */
	LEAD_POINTER,  /* these, and that what is said stands below, in red, in the letter */
};

enum own_lead own_lead(const char *words);
