#pragma once

/*
 * An office that composes mail: its folder and settings, a round, and one mail of each kind in both
 * languages, all invented; and what holds of every message.
 */
#include "collector/mime.h"
#include "mailer/compose.h"

#define COMPOSE_LINK "https://py.example.org/l/abcdefghijklmnopqrstuvwxyz"

extern char *compose_folder;
extern struct office *compose_office;
extern GDateTime *compose_now;

/* A checked fixture: each test has an office of its own. */
void compose_setup(void);
void compose_teardown(void);

/* Changes a setting; the office is opened again. */
void compose_set(const char *group, const char *name, const char *value);

/* A released round with a form; cleared by compose_round_clear(). */
struct round compose_round(const char *language);
void compose_round_clear(struct round *round);

struct compose_mail compose_mail_of(enum compose_kind kind, const char *language);

/* The items of a digest or notice. (transfer full) */
char *compose_items_of(enum compose_kind kind, const char *language);

/* Both fail the test on an error. (transfer full) */
struct composer *compose_composer(enum compose_kind kind, const char *language,
				  const struct compose_attachment *files, guint count);
GString *compose_whole(const struct composer *c, const struct compose_mail *mail);

/* The text is for the wire as it is, and nothing but that. */
void compose_check_wire(const char *text, gsize size);

/* The message read again, without a remark; its parts and headers. */
struct mime_message *compose_parse(const GString *out);
const struct mime_part *compose_child(const struct mime_part *part, guint i);
char *compose_header(const struct mime_message *message, const char *name);
void compose_header_is(const struct mime_message *message, const char *name, const char *expected);

/* Kept for people and other programs to look at: LETTERS=FOLDER. */
void compose_keep(const char *language, const char *kind, const GString *out);
