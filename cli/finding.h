#pragma once

/*
 * What a check found, one line a finding: a mark (never by colour alone), a word, what it is, and
 * what to do about it. Printed aligned in 80 columns, or as JSON.
 */
#include <glib.h>

enum finding_mark {
	FINDING_GOOD,   /* ✓ */
	FINDING_NOTE,   /* · nothing to judge */
	FINDING_WARN,   /* ! works, but should be mended */
	FINDING_FAILED, /* ✗ */
};

struct findings;

struct findings *findings_new(void);
void findings_free(struct findings *findings);

/* A heading for what follows, already translated. */
void finding_section(struct findings *findings, const char *title);

/*
 * One finding: `name` is for JSON ("relay.login"), `word` for people, `format` says what was found;
 * all but the name already translated.
 */
void finding_add(struct findings *findings, enum finding_mark mark, const char *name,
		 const char *word, const char *format, ...) G_GNUC_PRINTF(5, 6);

/* What to do about the last finding: a translated sentence. The first advice of the worst mark is
 * what the report ends with. */
void finding_advise(struct findings *findings, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* A record to publish for the last finding: printed as it is, on a line of its own. Takes it. */
void finding_record(struct findings *findings, char *record);

/* On stdout. `done` is said to do next where nothing has to be mended. */
void findings_print(const struct findings *findings, const char *done);
void findings_print_json(const struct findings *findings, const char *done);

typedef struct findings findings_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(findings_handle, findings_free)
