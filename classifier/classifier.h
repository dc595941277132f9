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
#include "classifier/learnt.h"
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
	const char *word; /* of the second layer, which owns it; NULL: as the text has it */
	guint start;      /* bytes in the opinion's text */
	guint end;
	double weight;
	const char *what; /* "name", "short", "former", "word", "piece", "learnt" */
};

struct sorted {
	guint target; /* index into the lexicon's targets */
	gint no;
	const char *code; /* of the lexicon */
	const char *name;
	double score;    /* what its words say */
	double sum;      /* … and the pieces of words besides (piece.h): the best has most */
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
	const char *why;         /* then: why, a msgid; else NULL */
	GPtrArray *departments;  /* struct sorted *, best first; with needs_person: candidates */
	double sure;             /* 0 … 1: of the first of them */
	const char *second_code; /* what came second, or NULL; of the lexicon */
	const char *second_name;
	double second_sure;
};

struct classifier;

/* The lexicon alone. It is borrowed. */
struct classifier *classifier_new(const struct lexicon *lexicon);

/* Both layers; `learnt` may be NULL. Both are borrowed; what was learnt of targets that the lexicon
 * does not have is passed over. */
struct classifier *classifier_new_learnt(const struct lexicon *lexicon,
					 const struct learnt *learnt);
void classifier_free(struct classifier *classifier);

/* `own_names`: names of the enterprise itself, which say nothing about a department (NULL-ended, or
 * NULL). Returns: (transfer full) an array of struct classified *, at least one. */
GPtrArray *classifier_opinions(const struct classifier *classifier, const char *text,
			       const char *const *own_names);

/* The same of a text that was written on `day` (YYYY-MM-DD; NULL: nobody knows): a name means whom
 * it meant then, and comes to its successor. */
GPtrArray *classifier_opinions_on(const struct classifier *classifier, const char *text,
				  const char *const *own_names, const char *day);

/* The targets of a whole text as of one opinion, best first, however little speaks for them and
 * whatever kind it is: for measuring. Returns: (transfer full) an array of struct sorted *, perhaps
 * empty. */
GPtrArray *classifier_rank(const struct classifier *classifier, const char *text);

/*
 * What `texts` (an array of struct labelled, labelled.h; the newest first) teach to the second
 * layer, `classifier` being the lexicon alone. Returns: (transfer full) NULL when there are too few
 * texts, or they have one target only (learn.h).
 */
struct learnt *classifier_learn(const struct classifier *classifier, const GArray *texts);

/* {"opinions": [{"text", "kind", "needs_person", "why", "sure", "second": {"code", "name", "sure"},
 * "departments": [{"code", "name", "score", "sure", "lead", "reasons": [{"word", "start", "end",
 * "weight", "what"}]}]}]}. Returns: (transfer full) */
JsonNode *classified_to_json(const GPtrArray *opinions);

typedef struct classifier classifier_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(classifier_handle, classifier_free)
