#pragma once

/*
 * Whom a round asks, as the office keeps the list: rows of a table (CSV, XLSX) become enterprises
 * with their contacts. Headings are found by their names, in any order; every bad cell is a problem
 * with line, column and reason, and none is guessed at. Pure.
 */
#include "base/table.h"

#define AUDIENCE_CONTACTS_MAX 20 /* of one enterprise */

struct audience_contact {
	char *name; /* any of the three may be NULL */
	char *email;
	char *phone;
};

struct audience_row {
	guint line;
	char *name;
	char *short_name;    /* or NULL, as the next */
	char *credit_code;   /* checked: GB 32100-2015 */
	const char *stratum; /* "foreign", "industry", "trade" */
	char *address;       /* or NULL, as the next */
	char *postcode;
	GPtrArray *contacts; /* of struct audience_contact; the letter goes to the first with an
				address */
};

struct audience_problem {
	guint line;
	char *column; /* the heading as it stands in the file */
	char *reason;
};

struct audience {
	GPtrArray *rows;     /* of struct audience_row: the good ones */
	GPtrArray *problems; /* of struct audience_problem, by line */
};

/* Reads a table whose first row holds the headings. PINGYI_ERROR_INPUT when it has no column of
 * names or strata: the message says which headings were found. Returns: (transfer full) */
struct audience *audience_read(const char *file, const GPtrArray *table, GError **error);
void audience_free(struct audience *audience);

typedef struct audience audience_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(audience_handle, audience_free)
