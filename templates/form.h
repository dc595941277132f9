#pragma once

/*
 * The questionnaire of a round and the answers to it: read from XML (questionnaire.rng), printed as
 * a fill-in form (.docx), shown on the enterprise's page, and recognised when it comes back. Pure:
 * bytes in, bytes or structs out.
 */
#include "base/number.h"

#include <json-glib/json-glib.h>

#define FORM_SIZE_MAX       (256u * 1024)      /* bytes of a questionnaire */
#define FORM_OPEN_MAX       20                 /* open questions of a questionnaire */
#define FORM_ANSWERS_MAX    (1024u * 1024)     /* bytes of answers as XML */
#define FORM_PART_MAX       (8u * 1024 * 1024) /* bytes of an unpacked part of a .docx */
#define FORM_RATINGS_MAX    500                /* ratings taken from one form */
#define FORM_OPEN_FOUND_MAX 50                 /* open answers taken from one form */
#define FORM_TEXT_MAX       (256u * 1024)      /* bytes of one open answer; the rest is cut */
#define FORM_LINES_MAX      20000              /* lines of a text that are looked at */
#define FORM_ROWS_MIN       3                  /* coded rows that make a text our form */
#define FORM_GRADES         6                  /* 5 … 1 and 0, do not know */
#define FORM_ANSWERS_NS     "urn:pingyi:answers"
#define FORM_WORD_XML       "progid=\"Word.Document\"" /* in the head of what Word saves as .xml */
#define FORM_PRINTED        "▼"    /* ends what is printed of an open question */
#define FORM_BEHIND         "more" /* stands for the question of what was written behind the form */
#define FORM_DOCX_TYPE      "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

/* An open question. */
struct form_question {
	char *id; /* "problems": [a-z][a-z0-9]* */
	char *question;
	char *hint; /* or NULL */
	int lines;  /* of room on paper */
};

struct form {
	char *title;
	char *number;              /* the word before the letter number */
	char **guidance;           /* on the page and in the file */
	char **paper_guidance;     /* on the return sheet */
	char *rating_question;     /* NULL: no ratings are asked for */
	char *rating_department;   /* title of the column of departments */
	char **rating_departments; /* their codes; NULL: all */
	char *grades[FORM_GRADES]; /* by grade: [0] do not know … [5] best */
	GPtrArray *open;           /* of struct form_question */
	char *disclosure_question; /* NULL: not asked, then nobody is named */
	char *disclosure_hidden;
	char *disclosure_named;
};

/* A department as the caller's list has it; borrowed. */
struct form_department {
	const char *code; /* "d01" */
	const char *name;
};

/* Reads a questionnaire; `name` is the file's name in errors.
 * Returns: (transfer full) NULL with PINGYI_ERROR_INPUT, "name:line: …". */
struct form *form_parse(const char *xml, gsize size, const char *name, GError **error);
void form_free(struct form *form);

/*
 * The fill-in form of a round (A4), without a letter number. Each row that takes an answer begins
 * with a small grey code ("d01", "q-problems", "c-named"), by which form_recognise() finds it
 * again, whatever Word, WPS or LibreOffice made of the file. `language` is "zh" or "en".
 * Returns: (transfer full)
 */
GBytes *form_docx(const struct form *form, const struct form_department *departments, gsize count,
		  const char *office, const char *round_title, const char *language);

/* A copy of form_docx()'s result with the letter's number in its header; microseconds.
 * Returns: (transfer full) NULL with PINGYI_ERROR_INPUT when `docx` is not from form_docx(). */
GBytes *form_docx_stamp(GBytes *docx, const char *number, GError **error);

/*
 * What a page needs to show the questionnaire:
 * { "title", "guidance": [string],
 *   "ratings": null | { "question", "department", "grades": [{ "value": "5", "label" }],
 *                       "rows": [{ "code": "d01", "name" }] },
 *   "open": [{ "id", "question", "hint": string | null, "lines": number }],
 *   "disclosure": null | { "question", "hidden", "named" } }
 * Grades stand best first, "0" (do not know) last. Returns: (transfer full)
 */
JsonNode *form_fields_json(const struct form *form, const struct form_department *departments,
			   gsize count);

/* What can be wrong with a form that was read: nothing, … */
enum form_doubt {
	FORM_SURE = 0,
	FORM_MARKS = 1, /* where its marks belong: one of them, or the columns of all */
	FORM_WORDS = 2, /* what of its words was answered, or whether all of them were kept */
};

struct form_rating {
	char department[8]; /* "d01" */
	int grade;          /* 5 … 1, 0 = 不了解 */
};

struct form_open {
	char *question; /* the question's id, or FORM_BEHIND */
	char *text;     /* may be empty */
};

struct form_answers {
	char number[NUMBER_LENGTH + 1]; /* "" when none was found */
	char *disclosure;               /* NULL, "named", "hidden" */
	GArray *ratings; /* of struct form_rating; one a department, the last counts */
	GPtrArray *open; /* of struct form_open */
	guint doubt;     /* of enum form_doubt, perhaps several */
};

struct form_answers *form_answers_new(void);
void form_answers_free(struct form_answers *answers);

/* Sets a department's grade; one that is not a code is left out. Beyond FORM_RATINGS_MAX that is
 * doubtful. */
void form_answers_rate(struct form_answers *answers, const char *department, int grade);

/* Adds an open answer (white space around it removed, made valid UTF-8). It is cut at
 * FORM_TEXT_MAX, and left out beyond FORM_OPEN_FOUND_MAX: then that is doubtful. */
void form_answers_say(struct form_answers *answers, const char *question, const char *text);

/*
 * Whether an attachment is our form: the .docx, what Word makes of it as .xml, or <answers>
 * (answers.rng). `name` and `type` (MIME) may be NULL; what counts is the content.
 * Returns: TRUE with *answers_out (transfer full), NULL when it is something else (also a .docx
 * that cannot be read); FALSE with PINGYI_ERROR_INPUT for <answers> that break their grammar.
 */
gboolean form_recognise(const char *name, const char *type, GBytes *content,
			struct form_answers **answers_out, GError **error);

/*
 * Our form in the lines of a text, UTF-8: what a .txt, a table of a .html, a sheet, a .pdf or the
 * body of a message gives. Its rows begin with their codes; cells are separated by tabs or "|", and
 * those that are empty are there too. At least FORM_ROWS_MIN rows, and among them an open question
 * or, in the text or in `name` (which may be NULL), a letter number make it ours. What stands
 * outside of the rows and is not printed by our own questionnaires goes to *rest_out (transfer
 * full; may be NULL). Where marks are doubtful, no rating is given and nobody named.
 *
 * Returns: (transfer full) NULL when it is something else; then nothing is put out.
 */
struct form_answers *form_text_read(const char *name, const char *text, char **rest_out);

/* How many of the text's lines begin as rows of our form do, up to FORM_ROWS_MIN. */
guint form_text_rows(const char *text);

/* Whether nothing is filled in: no rating, no open answer, no word on disclosure. */
gboolean form_answers_empty(const struct form_answers *answers);

/*
 * Two forms that came together, as one, in *into (which may be NULL); takes `other`. One that is
 * empty counts only when there is no other. A department's later rating counts, `hidden` wins, open
 * answers are added unless the same was said before, the first number stays, and what is doubtful
 * of one is doubtful of both, as is an answer that finds no more room. Returns: FALSE when both are
 * filled in and bear numbers that differ.
 */
gboolean form_answers_merge(struct form_answers **into, struct form_answers *other);

/* The answers as XML, the same that form_recognise() reads. Returns: (transfer full) */
char *form_answers_to_xml(const struct form_answers *answers);

/* What the enterprise said in its own words: the open answers, a paragraph a question; empty ones
 * are left out, 无 stays as it was said. Returns: (transfer full) perhaps "" */
char *form_answers_text(const struct form_answers *answers);

/* { "number": string|null, "disclosure": string|null, "ratings": [{"department", "grade"}],
 * "open": [{"question", "text"}] }. Returns: (transfer full) */
JsonNode *form_answers_json(const struct form_answers *answers);

typedef struct form form_handle;
typedef struct form_answers form_answers_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(form_handle, form_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(form_answers_handle, form_answers_free)
