#pragma once

/*
 * What is said without saying anything: greetings, thanks, names of people and firms, days and
 * telephone numbers. In Chinese and English; words are folded (words_fold()). Pure.
 */
#include <glib.h>

/*
 * The next clause, divided from the others by signs, the ends of lines, and spaces but for those
 * between Latin words. Returns: (transfer full) without space around it; NULL when none is left.
 * *at_inout moves to what divides it from the next.
 */
char *courtesy_clause(const char **at_inout);

/* Whether a clause is nothing but such words. */
gboolean courtesy_is(const char *clause);
