#pragma once

/* How a file that strangers named is offered for saving. */

/*
 * A Content-Disposition (RFC 6266): "attachment" with the name twice, in ASCII and as RFC 8187 has
 * it. `name` is anybody's word: of a path the last part counts, what is not shown (controls, what
 * turns text around) is left out, as are dots at its ends; what file systems do not take becomes
 * "_"; at most 200 characters, the ending kept. `fallback` is taken when nothing is left. (transfer
 * full)
 */
char *download_disposition(const char *name, const char *fallback);
