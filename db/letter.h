#pragma once

/* A letter (征求意见书): an enterprise in a round; and its numbers, links and Message-IDs. */
#include "base/number.h"
#include "db/office.h"

/* The private link of a letter: public_url, "/l/", secret. `turn` counts links issued anew.
 * Returns: (transfer full) */
char *letter_link(struct office *office, const char *number, guint turn);

/* The domain of the office's sender address, for Message-IDs and References.
 * Returns: (transfer full) */
char *letter_domain(struct office *office);

/* The Message-ID "<…@domain>" of a mail: always the same for the same letter and `what` ("first",
 * "reply/12"), so that a second try carries the same. Returns: (transfer full) */
char *letter_message_id(struct office *office, const char *number, const char *what);
