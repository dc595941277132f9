#pragma once

/*
 * What header values hold: addresses (RFC 5322 with what mailers really write), message ids,
 * parameters of Content-Type and Content-Disposition (RFC 2045, 2231 and encoded-words inside),
 * dates. Values are raw bytes as they stood in the message, folded; texts that come out are valid
 * UTF-8. Pure; nothing fails: what is not there is NULL or empty.
 */
#include <glib.h>

#define HEADER_ADDRESSES_MAX  1000 /* of one header; the rest is left out */
#define HEADER_IDS_MAX        200  /* message ids of one header, the last ones kept */
#define HEADER_PARAMETERS_MAX 60

struct address {
	char *name;    /* decoded display name, NULL when there is none */
	char *address; /* user@host as written, NULL for a name alone */
};

void address_free(struct address *address);

/* Addresses in `value`, those of groups among them; names of groups are dropped.
 * Returns: (transfer full) a GPtrArray of struct address. */
GPtrArray *header_addresses(const char *value, gsize length, const char *label);

/* Message ids without their angle brackets, in order, as they are written.
 * Returns: (transfer full) a GPtrArray of char *. */
GPtrArray *header_ids(const char *value, gsize length);

/*
 * `value` is "text/plain; charset=x; name=y". The first word in lower case goes to `main_out`
 * ("" when there is none).
 * Returns: (transfer full) a table of lower-case names and decoded UTF-8 values.
 */
GHashTable *header_parameters(const char *value, gsize length, const char *label, char **main_out);

/* The moment a Date header names, with its offset; NULL when it names none between 1970 and 2199.
 * Returns: (transfer full) */
GDateTime *header_date(const char *value);
