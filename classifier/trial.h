#pragma once

/*
 * What a changed lexicon would do: every text is sorted by both, and what comes out differently is
 * counted. Changes nothing; holds counts and a few examples, however many texts there are.
 */
#include "classifier/classifier.h"

#define TRIAL_EXAMPLES 3

/* Texts that move from one outcome to another. An outcome is the code of the leading department,
 * "person" (a person is asked whose it is), or a kind that no department gets: "praise", "blank",
 * "dispute", "court", "discipline". */
struct trial_move {
	const char *from; /* interned */
	const char *to;
	guint64 count;
	gint64 ids[TRIAL_EXAMPLES]; /* of the first ones; 0 where there are fewer */
	char *texts[TRIAL_EXAMPLES];
};

struct trial {
	guint64 texts;
	guint64 moved;
	guint64 others;     /* the same leading department, other co-handlers */
	guint64 asks;       /* a person is asked, and was not */
	guint64 asks_not;   /* a person was asked, and is not */
	guint64 decided;    /* a person had decided whose it is … */
	guint64 right;      /* … so does the lexicon in use */
	guint64 right_then; /* … so does the other */
	const struct classifier *now;
	const struct classifier *then;
	GHashTable *moves; /* "from\tto" → struct trial_move */
};

/* Both classifiers are borrowed. */
struct trial *trial_new(const struct classifier *now, const struct classifier *then);
void trial_free(struct trial *trial);

/* `own_names`, `day`: as for classifier_opinions_on(). `decided`: the code that a person said, or
 * NULL. */
void trial_add(struct trial *trial, gint64 id, const char *text, const char *const *own_names,
	       const char *day, const char *decided);

/* The moves, the most frequent first, then by name. Returns: (transfer container) */
GPtrArray *trial_moves(const struct trial *trial);

typedef struct trial trial_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(trial_handle, trial_free)
