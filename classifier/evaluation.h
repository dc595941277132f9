#pragma once

/*
 * How well a classifier did: what it said of texts beside what a person says. Pure.
 *
 * Nothing said counts as wrong. Precision, recall and F1 are those of one target against the rest;
 * 0 where nothing of it was said or is so. macro_f1 is their mean over the targets that the texts
 * have. Coverage: the share of texts that are answered when the surest come first.
 */
#include "classifier/lexicon.h"

#include <json-glib/json-glib.h>

#define EVALUATION_COVERAGES 6 /* 50, 60 … 100 % */

struct verdict {
	guint truth; /* index into the lexicon's targets */
	gint said;   /* likewise, or -1 */
	double sure; /* 0 … 1 */
};

struct evaluation_target {
	guint texts; /* of it in truth */
	double precision;
	double recall;
	double f1;
};

struct evaluation {
	guint texts;
	guint targets;
	double accuracy;
	double macro_f1;
	double accuracy_at[EVALUATION_COVERAGES];
	struct evaluation_target *of; /* `targets` of them */
	guint *confusion;             /* truth × (targets + 1): the last column is nothing said */
};

/* `verdicts`: an array of struct verdict, at least one. Returns: (transfer full) */
struct evaluation *evaluation_new(const GArray *verdicts, guint targets);
void evaluation_free(struct evaluation *evaluation);

/*
 * {"texts", "accuracy", "macro_f1", "accuracy_at": {"50" …}, "targets": {NAME: {"texts",
 * "precision", "recall", "f1"}}, "confusion": {TRUTH: {SAID: n}}}: targets without a text or a
 * word said of them are left out, as are zeros; what was left to a person stands under "-".
 * Opened in `builder` as members of the present object.
 */
void evaluation_to_json(const struct evaluation *evaluation, const struct lexicon *lexicon,
			JsonBuilder *builder);

/* The same, a line each: NAME TAB VALUE, as accuracy_at_80, f1[…], confusion[…][…]. */
void evaluation_to_text(const struct evaluation *evaluation, const struct lexicon *lexicon,
			GString *out);

typedef struct evaluation evaluation_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(evaluation_handle, evaluation_free)
