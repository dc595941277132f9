#pragma once

/*
 * The keyword classifier: a response's text → opinions, each with its kind, the departments it
 * concerns, and the reason. Pure: no database, no clock. A classifier is built once from a lexicon
 * and shared among threads.
 *
 * Splitting: by paragraph, list item and sentence, and at a turn ("但"); a sentence without a word
 * of its own joins its neighbour. Sorting: every word of the lexicon, longest match first, company
 * names masked, a bank's name read as 银行, negated names left out. When nothing or too little is
 * found, or two are too close, a person decides.
 */
#include "classifier/lexicon.h"

#include <json-glib/json-glib.h>

#define CLASSIFIER_TEXT_MAX     (1u << 20) /* bytes; the rest is not looked at */
#define CLASSIFIER_OPINIONS_MAX 200        /* of one response; the rest joins the last */

enum opinion_kind {
	OPINION_OPINION,
	OPINION_PRAISE,
	OPINION_SUGGESTION,
	OPINION_BLANK,
	OPINION_DISPUTE,    /* between firms: not accepted (民商事) */
	OPINION_COURT,      /* before a court or in arbitration: not accepted */
	OPINION_DISCIPLINE, /* a lead for discipline inspection: never to the one it names */
};

/* "opinion", "praise" … as the database has it. */
const char *opinion_kind_name(enum opinion_kind kind);

/* A word that counted. */
struct reason {
	char *word;
	guint start; /* bytes in the opinion's text */
	guint end;
	double weight;
	const char *what; /* "name", "short", "former", "word" */
};

struct sorted {
	gint no;
	const char *code; /* of the lexicon */
	const char *name;
	double score;
	double sure;     /* 0 … 1: how sure it is this one and no other */
	gboolean lead;   /* 主办, else 协办 */
	gboolean named;  /* by a name, not only by its business */
	GArray *reasons; /* struct reason */
};

struct classified {
	char *text;
	guint start; /* bytes in the response's text */
	enum opinion_kind kind;
	gboolean needs_person;
	const char *why;        /* then: why, a msgid; else NULL */
	GPtrArray *departments; /* struct sorted *, best first; with needs_person: candidates */
};

struct classifier;

struct classifier *classifier_new(const struct lexicon *lexicon); /* keeps a reference to it */
void classifier_free(struct classifier *classifier);

/* `own_names`: names of the enterprise itself, which say nothing about a department (NULL-ended, or
 * NULL). Returns: (transfer full) an array of struct classified *, at least one. */
GPtrArray *classifier_opinions(const struct classifier *classifier, const char *text,
			       const char *const *own_names);

/* The targets of a whole text as of one opinion, best first, however little speaks for them and
 * whatever kind it is: for measuring. Returns: (transfer full) an array of struct sorted *, perhaps
 * empty. */
GPtrArray *classifier_rank(const struct classifier *classifier, const char *text);

/* {"opinions": [{"text", "kind", "needs_person", "why", "departments": [{"code", "name", "score",
 * "lead", "reasons": [{"word", "start", "end", "weight", "what"}]}]}]}. Returns: (transfer full) */
JsonNode *classified_to_json(const GPtrArray *opinions);

typedef struct classifier classifier_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(classifier_handle, classifier_free)
