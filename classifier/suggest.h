#pragma once

/*
 * Words that corrections propose for the lexicon: runs of 2 to 6 Chinese characters that people's
 * decisions bind to one department (log-odds with 1/2 added to every count, as Monroe, Colaresi and
 * Quinn, "Fightin' Words", 2008), each with its evidence. Deterministic: the same corrections in
 * the same order give the same words. Pure; texts are copied, at most SUGGEST_TEXTS_MAX.
 *
 * Never proposed: what the lexicon has, what a word of the same department stands in, what fewer
 * than SUGGEST_ENTERPRISES enterprises said, a piece of a longer run, what names an enterprise
 * (struct suggest_names).
 */
#include "base/matcher.h"
#include "classifier/lexicon.h"

#define SUGGEST_TEXTS_MAX   100000
#define SUGGEST_ENTERPRISES 3  /* that said it, at least */
#define SUGGEST_NAMED_MAX   20 /* a word in the names of so many enterprises or fewer names them */
#define SUGGEST_SAMPLES     3

struct suggestion {
	char *word;
	const char *code;                /* of the target, which the lexicon owns */
	guint for_it;                    /* opinions of its department with it … */
	guint against;                   /* … and of others */
	double log_odds;                 /* above 0: speaks for it */
	double z;                        /* log_odds in standard errors */
	gint64 samples[SUGGEST_SAMPLES]; /* ids of opinions of its department; 0: fewer */
	guint named_by;                  /* enterprises whose names have it */
	gboolean is_named;               /* holds, or is, a short name of an enterprise */
};

struct suggest;

struct suggest *suggest_new(const struct lexicon *lexicon); /* borrows it */
void suggest_free(struct suggest *suggest);

/* An opinion that a person decided. A code that the lexicon has not is left out. `names`: of the
 * enterprise itself, which are not read (NULL-ended). */
void suggest_add(struct suggest *suggest, gint64 opinion, gint64 enterprise, const char *code,
		 const char *text, const char *const *names);

/* The words that speak for one department, the surest first. Returns: (transfer full) an array of
 * struct suggestion *. */
GPtrArray *suggest_words(const struct suggest *suggest);

/* Finds the words in a text, by their index. Returns: (transfer full) */
struct matcher *suggest_matcher(const GPtrArray *words);

/* What is needed to look for enterprises' names among words: made once, asked for every enterprise,
 * each with its names (NULL-ended). */
struct suggest_names;
struct suggest_names *suggest_names_new(GPtrArray *words);
void suggest_names_add(struct suggest_names *names, const char *const *enterprise);
void suggest_names_free(struct suggest_names *names);

/* Leaves out what names an enterprise, then what overlaps with a surer word of the same department,
 * and all but the first `limit`. */
void suggest_choose(GPtrArray *words, guint limit);

/* `text` with each of the `names` (of two characters at least) replaced by `stand_in`.
 * Returns: (transfer full) */
char *suggest_without_names(const char *text, const char *const *names, const char *stand_in);

typedef struct suggest suggest_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(suggest_handle, suggest_free)
typedef struct suggest_names suggest_names_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(suggest_names_handle, suggest_names_free)
