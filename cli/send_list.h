#pragma once

/*
 * What `pingyi send --status` prints of its documents: values in words, the list of the mails in a
 * state, one letter's history. The documents are those of db/schema/055_sending.sql and
 * db/sql/page_letter.sql.
 */
#include "templates/sheet.h"

#include <json-glib/json-glib.h>

/* A member of an object; 0 and NULL where it is null or not there. */
gint64 status_number(JsonObject *object, const char *name);
const char *status_text(JsonObject *object, const char *name);

/* In words of the run's language. Returns: (transfer full) */
char *status_say_number(gint64 number); /* 1,234 */
char *status_say_word(const char *word);
/* "2026-03-02T09:05:12+08:00" as 09:05 where it is of the day of `at`, else as 03-02 09:05; "" for
 * NULL. */
char *status_say_time(const char *time, const char *at);
/* What a server said, of an object with "code" and "words": "550 5.1.1 no such mailbox". */
char *status_say_answer(JsonObject *object);

/* Adds a row of cells (char *), which gets its end here. */
void status_add_row(struct grid *grid, GPtrArray *cells);

/* Prints the mails in a state: a table on a terminal, else tabs between number, address,
 * enterprise, state, tries, next try and the server's words; where the next ones begin on stderr.
 */
void status_print_list(JsonObject *list, const char *at);

/* Prints one letter: each of its mails with every try. */
void status_print_letter(JsonObject *letter);
