#pragma once

/*
 * The lexicon: which departments there are, what they are and were called, and which words speak of
 * their business. One XML file (classifier/lexicon.rng) that a person can edit.
 */
#include <glib.h>

enum term_kind {
	TERM_NAME,   /* the official name */
	TERM_SHORT,  /* a short name */
	TERM_FORMER, /* a name it had; `until` tells when it ended */
	TERM_WORD,   /* a matter of its own */
	TERM_NOT,    /* a longer word that counts for nobody: 环保袋 */
};

struct term {
	enum term_kind kind;
	char *text;
	double weight;
	guint target; /* index into the lexicon's targets */
	char *from;   /* of a former name: dates YYYY-MM-DD, or NULL */
	char *until;
};

struct target {
	gint no;
	char *code;
	char *name;
	char *category;
};

struct lexicon {
	char *version;
	GArray *targets; /* struct target */
	GArray *terms;   /* struct term */
};

/* Reads and checks a lexicon. PINGYI_ERROR_INPUT names `name` and the line.
 * Returns: (transfer full) */
struct lexicon *lexicon_parse(const char *name, const char *xml, gsize size, GError **error);

/* The one that the binary carries. */
struct lexicon *lexicon_default(GError **error);

void lexicon_free(struct lexicon *lexicon);

typedef struct lexicon lexicon_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(lexicon_handle, lexicon_free)
